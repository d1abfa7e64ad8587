"""Change the ON CONFLICT clause of SQL text in its place in the source."""

from __future__ import annotations

import re

from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.edits.sql_literal import Literal, TextSite, literal_of
from fixit_tui.code.edits.sql_scan import InsertShape, insert_shape
from fixit_tui.code.module import words

_INSERTED = re.compile(
    r'\s*INSERT\s+INTO\s+(?:(?:\w+|"[^"]+")\s*\.\s*)?(?P<name>\w+|"[^"]+")'
    r'(?:\s+AS\s+(?P<alias>\w+|"[^"]+"))?\s*\(',
    re.IGNORECASE,
)
_NOT_ONE = "the statement is not one INSERT in one literal"
_NO_TARGET = "the statement has no ON CONFLICT (…) in one literal"
_PLACEHOLDER = re.compile(r"\$\d+|(?<![:\w]):\w+|%\(\w+\)s")
_POSITIONAL = re.compile(r"%s|\?")
_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_RESERVED = words(
    "all analyse analyze and any array as asc asymmetric both case cast check collate column "
    "constraint create current_date current_role current_time current_timestamp current_user "
    "default deferrable desc distinct do else end except false fetch for foreign from grant "
    "group having in initially intersect into lateral leading limit localtime localtimestamp "
    "not null offset on only or order placing primary references returning select "
    "session_user some symmetric system_user table then to trailing true union unique user "
    "using variadic when where window with"
)


def quoted(column: str) -> str:
    """A column name as SQL writes it."""
    if _PLAIN.fullmatch(column) and column not in _RESERVED:
        return column
    return '"' + column.replace('"', '""') + '"'


def _unquoted(name: str) -> str:
    name = name.replace('\\"', '"')
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def add_conflict_clause(
    site: Site | TextSite,
    columns: tuple[str, ...],
    ignore: bool,
    kept: tuple[str, ...] = (),
    added: tuple[str, ...] = (),
) -> EditResult:
    """Append ON CONFLICT to an INSERT: DO NOTHING, or DO UPDATE of every other given column.

    Columns in `kept` are not set: the row that is there has its own values of them. Those in
    `added` are added to what is there.
    """
    target = ", ".join(quoted(c) for c in columns)
    idiom = f"ON CONFLICT ({target}) DO " + ("NOTHING" if ignore else "UPDATE SET … = EXCLUDED.…")
    literal = literal_of(site)
    statement = site.now.statement or site.scanned.statement
    if literal is None or statement is None:
        return Refused(_NOT_ONE, idiom)
    shape = literal.shape
    given = _given_columns(shape, statement)
    if not ignore and not given:
        return Refused("the INSERT does not name its columns", idiom)
    row = _row_name(statement)
    if added and row is None:
        return Refused(_NOT_ONE, idiom)
    others = [] if ignore else [c for c in given if c not in (*columns, *kept)]
    if not others and shape.returning is not None:
        # Only a row that is written is returned: its key is written over itself.
        others, ignore = [columns[0]], False
    before = {c: f"{row}.{quoted(c)} + " for c in added}
    sets = ", ".join(f"{quoted(c)} = {before.get(c, '')}EXCLUDED.{quoted(c)}" for c in others)
    action = "NOTHING" if ignore or not others else f"UPDATE SET {sets}"
    return _put_clause(site, literal, literal.styled(f"ON CONFLICT ({target}) DO {action}"))


def _row_name(statement: str) -> str | None:
    """What the row that is there goes by in DO UPDATE: the alias, else the table's name."""
    found = _INSERTED.match(statement)
    return None if found is None else found["alias"] or found["name"]


def _given_columns(shape: InsertShape, statement: str) -> list[str]:
    """The columns in the text, else those that a helper of postgres.js puts there."""
    if shape.columns:
        return [_unquoted(c) for c in shape.columns]
    sent = insert_shape(statement)
    return [] if sent is None else [_unquoted(c) for c in sent.columns]


def _put_clause(site: Site | TextSite, literal: Literal, clause: str) -> EditResult:
    """The clause in the place of the present one, else behind the rows."""
    shape = literal.shape
    if shape.conflict is not None:
        return _changed(site, literal.replace(shape.conflict, shape.tail, clause), clause)
    glue = _break(site, literal)
    return _changed(site, literal.replace(shape.tail, shape.tail, glue + clause), clause)


def _changed(site: Site | TextSite, change: Change | None, idiom: str) -> EditResult:
    return Refused(_NOT_ONE, idiom) if change is None else Edited(site.changed([change]))


def _break(site: Site | TextSite, literal: Literal) -> str:
    """A new line in a statement that has several, else a blank."""
    body = literal.text[: literal.shape.tail]
    last = body.rstrip().rpartition("\n")[2]
    if not literal.lines:
        return " "
    return site.eol + last[: len(last) - len(last.lstrip())]


def add_conflict_predicate(site: Site | TextSite, params: Params) -> EditResult:
    """State the predicate of a partial index behind the conflict target. Parameter: predicate."""
    predicate = bare(params.text("predicate") or "")
    idiom = f"ON CONFLICT (…) WHERE {predicate or '…'} DO …"
    literal = literal_of(site)
    if not predicate:
        return Refused("no predicate is given", idiom)
    if literal is None or literal.shape.target is None:
        return Refused(_NO_TARGET, idiom)
    held = literal.shape.predicate
    if held is not None:
        if _leaves_value(literal, *held):
            return Refused("the value of its parameter would be sent without a place", idiom)
        return _changed(site, literal.replace(*held, " " + predicate), idiom)
    place = literal.shape.target[1] + 1
    return _changed(
        site, literal.replace(place, place, literal.styled(" WHERE ") + predicate), idiom
    )


def set_sql_conflict_target(site: Site | TextSite, params: Params) -> EditResult:
    """Replace the clause (`clause`), what its parentheses hold (`target`), or what names the key.

    The last is all that stands between ON CONFLICT and DO, see `arbiter_of`.
    """
    clause, target = params.text("clause"), params.text("target")
    arbiter = arbiter_of(params)
    if arbiter is not None:
        return _replace_arbiter(site, arbiter)
    if clause is None:
        if target is None:
            return Refused("neither a clause nor a target is given", "ON CONFLICT (…) DO …")
        return replace_target(site, target)
    literal = literal_of(site)
    if literal is None:
        return Refused(_NOT_ONE, clause)
    return _put_clause(site, literal, literal.styled(clause.strip()))


def arbiter_of(params: Params) -> str | None:
    """What is to stand between ON CONFLICT and DO; None where no parameter says so.

    Parameters: arbiter (the text), or arbiter_constraint (a name), or arbiter_columns and
    arbiter_predicate.
    """
    if text := params.text("arbiter"):
        return text
    if name := params.text("arbiter_constraint"):
        return f"ON CONSTRAINT {quoted(name)}"
    columns = params.columns("arbiter_columns", required=False)
    if not columns:
        return None
    predicate = bare(params.text("arbiter_predicate") or "")
    return f"({', '.join(map(quoted, columns))})" + (f" WHERE {predicate}" if predicate else "")


def _replace_arbiter(site: Site | TextSite, arbiter: str) -> EditResult:
    literal = literal_of(site)
    idiom = f"ON CONFLICT {arbiter} DO …"
    if literal is None or literal.shape.arbiter is None:
        return Refused(_NO_TARGET, idiom)
    start, end = literal.shape.arbiter
    if _leaves_value(literal, start, end):
        return Refused("the value of its parameter would be sent without a place", idiom)
    return _changed(site, literal.replace(start, end, arbiter), idiom)


def _leaves_value(literal: Literal, start: int, end: int) -> bool:
    """Whether a value would be sent that has its only place in a stretch of the text."""
    gone, rest = literal.text[start:end], literal.text[:start] + literal.text[end:]
    named = set(_PLACEHOLDER.findall(gone)) - set(_PLACEHOLDER.findall(rest))
    return bool(named) or _POSITIONAL.search(gone) is not None


def replace_target(site: Site | TextSite, target: str, unset: tuple[str, ...] = ()) -> EditResult:
    """Another column or expression list between the parentheses behind ON CONFLICT.

    Columns in `unset` lose their assignment `c = EXCLUDED.c` in DO UPDATE SET.
    """
    literal = literal_of(site)
    without = f", without {', '.join(unset)} in SET" if unset else ""
    idiom = f"ON CONFLICT ({target}) DO …{without}"
    if literal is None or literal.shape.target is None:
        return Refused(_NO_TARGET, idiom)
    changes = [literal.replace(*literal.shape.target, target)]
    for column in unset:
        found = _assignment(literal, column)
        if isinstance(found, str):
            return Refused(found, idiom)
        if found is not None:
            changes.append(literal.replace(*found, ""))
    made = [change for change in changes if change is not None]
    return Refused(_NOT_ONE, idiom) if len(made) < len(changes) else Edited(site.changed(made))


def _assignment(literal: Literal, column: str) -> tuple[int, int] | str | None:
    """Where `c = EXCLUDED.c` stands, with its comma; None if nowhere, or why it has to stay."""
    after = (literal.shape.target or (0, 0))[1]
    clause = literal.text[after : literal.shape.tail]
    name = rf'"?{re.escape(column)}\b"?'
    left = rf"(?<![\w.\"]){name}\s*="
    one = rf"(?:(,)\s*)?{left}\s*excluded\s*\.\s*{name}(?:\s*(,)\s*)?"
    matches = list(re.finditer(one, clause, re.IGNORECASE))
    if len(matches) != 1:
        written = re.search(left, clause, re.IGNORECASE)
        return f"{column} is set to something else" if written else None
    match = matches[0]
    if not (match[1] or match[2]):
        return f"DO UPDATE sets nothing but {column}"
    # One of two commas stays between the neighbours.
    end = match.start(2) if match[1] and match[2] else match.end()
    return after + match.start(), after + end


def bare(predicate: str) -> str:
    """The predicate without the parentheses that the server prints around it."""
    text = predicate.strip()
    if not text.startswith("(") or not text.endswith(")"):
        return text
    depth, quote = 0, ""
    for index, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "()":
            depth += 1 if char == "(" else -1
            if depth == 0 and index < len(text) - 1:
                return text
    return text[1:-1].strip()
