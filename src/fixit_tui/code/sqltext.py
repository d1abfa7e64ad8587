"""SQL text in source code: literals, concatenation and templates as one statement with $n."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from fixit_tui.code.module import Module, arguments, callee, method_name, operands, span
from fixit_tui.code.orm.drizzle_tables import declared_name
from fixit_tui.code.rows import PayloadReader
from fixit_tui.code.values import Ref, Values, unescape

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

SQL_START = re.compile(
    r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*|\(\s*)*"
    r"(INSERT\s+INTO|UPDATE\s+\S|DELETE\s+FROM|MERGE\s+INTO|WITH\s+\S|SELECT\b|BEGIN\b|START\s+TRANSACTION"
    r"|COMMIT\b|END\s*;?\s*$|ROLLBACK\b|ABORT\b|SAVEPOINT\s|RELEASE\s|CALL\s|SET\s+(LOCAL|TRANSACTION)\b"
    r"|TRUNCATE\s|LOCK\s+TABLE|COPY\s|DO\s+\$|VALUES\s*\()",
    re.IGNORECASE | re.DOTALL,
)
_NAME_COMES = re.compile(
    r"\b(?:INTO|UPDATE|JOIN|TABLE|ONLY|CONSTRAINT|SCHEMA|COLUMN|BY|SAVEPOINT|TO|AS|SELECT|RETURNING"
    r"|(?<!DISTINCT )FROM)\s*$",
    re.IGNORECASE,
)
_NAME_LIST = re.compile(r"(?:\bINTO\s+[\w.\"]+\s*|\bCONFLICT\s*)\([^()]*$", re.IGNORECASE)
_VALUE_COMES = re.compile(
    r"(?:[(,=<>+\-*/|~%\[]|\b(?:LIKE|ILIKE|IN|LIMIT|OFFSET|AND|OR|NOT|BETWEEN|WHEN|THEN|ELSE|ANY|ALL"
    r"|WHERE|ON|HAVING|INTERVAL|DISTINCT FROM|VALUES|SELECT|IS|CASE))\s*$",
    re.IGNORECASE,
)
_COMPARED = re.compile(r"\s*(?:=|<|>|!=|\bIS\b|\bIN\b|\bLIKE\b|\bILIKE\b)", re.IGNORECASE)
_COLUMN_COMES = re.compile(r"(?:\b(?:SET|WHERE|AND|OR|HAVING)|,)\s*$", re.IGNORECASE)
_PLACEHOLDER = re.compile(r"\$(\d+)")
_ROWS_COME = re.compile(
    r"\bINSERT\s+INTO\s+[\w.\"]+(?:\s+AS\s+\w+)?\s*\(([^()]*)\)\s*VALUES\s*$", re.IGNORECASE
)
_BEHIND_ROWS = re.compile(r"\s*(?:$|;|ON\s+CONFLICT\b|RETURNING\b)", re.IGNORECASE)
_LISTS = re.compile(r"\.(?:join|map)\s*\(")


class Hole(Protocol):
    """An expression whose value is filled in at run time."""

    @property
    def text(self) -> str:
        """Its source text."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """Literal text (with the character where it stands), or a hole to be filled at run time."""

    text: str = ""
    module: Module | None = None
    start: int = -1
    verbatim: bool = False
    hole: Hole | None = None


@dataclass(slots=True)
class SqlText:
    """One statement. `problem` is set when a hole stands where only SQL itself can stand.

    With `many`, rows of placeholders are made at run time, and one such row stands for them.
    """

    statement: str = ""
    params: list[str] = field(default_factory=list)
    module: Module | None = None
    start: int | None = None
    verbatim: bool = False
    problem: str = ""
    many: bool = False


def pieces_of(values: Values, ref: Ref, tagged: bool = False, depth: int = 0) -> list[Piece]:
    """The parts of a string expression in order; a tagged template's holes stay holes."""
    here = ref if tagged else values.resolve(ref)
    kind = here.node.kind()
    if depth > 12:
        return [Piece(hole=here)]
    if kind in ("string", "template_string"):
        return _template(values, here, tagged, depth)
    if kind == "binary_expression" and not tagged:
        left, right = here.node.field("left"), here.node.field("right")
        operator = here.node.field("operator")
        if (
            left is not None
            and right is not None
            and operator is not None
            and operator.text() == "+"
        ):
            one = pieces_of(values, here.at(left), False, depth + 1)
            return one + pieces_of(values, here.at(right), False, depth + 1)
    text = values.string(here)
    return [Piece(hole=here)] if text is None else [Piece(text)]


def _template(values: Values, ref: Ref, tagged: bool, depth: int) -> list[Piece]:
    found: list[Piece] = []
    for child in ref.node.named_children():
        start, end = span(child)
        if child.kind() == "string_fragment":
            text = ref.module.text[start:end]
            found.append(Piece(text, ref.module, start, True))
        elif child.kind() == "escape_sequence":
            found.append(Piece(unescape(child.text()), ref.module, start))
        elif child.kind() == "template_substitution":
            hole = ref.at(operands(child)[0])
            found += (
                _fragment(values, hole, depth)
                if tagged
                else pieces_of(values, hole, False, depth + 1)
            )
    return found


def _fragment(values: Values, hole: Ref, depth: int) -> list[Piece]:
    """A hole of a tagged template: a value, unless it is itself a fragment or an identifier."""
    declared = declared_name(values, hole) if "drizzle-orm" in hole.module.text else None
    if declared is not None:
        return [Piece(declared)]
    here = values.resolve(hole)
    node = here.node
    if node.kind() != "call_expression":
        return [Piece(hole=hole)]
    holder = node.field("arguments")
    if holder is not None and holder.kind() == "template_string":
        return pieces_of(values, here.at(holder), True, depth + 1)
    function, given = callee(node), arguments(node)
    if function is None or not given:
        return [Piece(hole=hole)]
    if method_name(node) in ("unsafe", "raw"):
        return pieces_of(values, here.at(given[0]), False, depth + 1)
    if function.kind() != "identifier" or values.binding(here.at(function)) is None:
        return [Piece(hole=hole)]
    name = values.string(here.at(given[0]))
    if name is not None and len(given) == 1:
        return [Piece('"' + name.replace('"', '""') + '"')]
    if function.text() in ("sql", "tx", "sqlx"):
        return _helper(values, here, given)
    return [Piece(hole=hole)]


def _helper(values: Values, here: Ref, given: list[Node]) -> list[Piece]:
    """`sql(row, 'a', 'b')` of an INSERT: a column list and one row of values."""
    named = [values.string(here.at(g)) for g in given[1:]]
    row = PayloadReader(values).read(here.at(given[0]))
    if len(given) == 2 and named == [None]:
        listed = values.strings(here.at(given[1]))
        named = list(listed) if listed is not None else named
    if named and None not in named:
        columns = [str(n) for n in named]
        text = given[0].text()
        known = row.values or {c: f"{text}.{c}" for c in columns}
        sources = [known.get(c, f"{text}.{c}") for c in columns]
    elif row.values is not None:
        columns, sources = list(row.values), list(row.values.values())
    else:
        return [Piece(hole=here)]
    quoted = ", ".join('"' + c.replace('"', '""') + '"' for c in columns)
    parts = [Piece(f"({quoted}) VALUES (")]
    for index, source in enumerate(sources):
        parts += [Piece(", ")] if index else []
        parts.append(Piece(text=source, hole=here))
    return [*parts, Piece(")")]


def assemble(pieces: list[Piece]) -> SqlText | None:
    """The statement of the pieces, or None when it does not look like SQL."""
    lead = ""
    for piece in pieces:
        if piece.hole is not None:
            break
        lead += piece.text
    if not SQL_START.match(lead + " x"):
        return None
    literal = [p for p in pieces if p.hole is None]
    result = SqlText(module=literal[0].module)
    placed = next((p for p in literal if p.start >= 0), None)
    if placed is not None:
        result.module, result.start = placed.module, placed.start
    result.verbatim = len(pieces) == 1 and pieces[0].verbatim
    _fill(pieces, result)
    return result


def _fill(pieces: list[Piece], result: SqlText) -> None:
    highest = [int(n) for p in pieces if p.hole is None for n in _PLACEHOLDER.findall(p.text)]
    number = max(highest, default=0)
    out, quote, opened = "", "", 0
    inside: list[str] = []
    for index, piece in enumerate(pieces):
        if piece.hole is None:
            for char in piece.text:
                if quote == "'" and char == "'" and inside:
                    number += 1
                    body = "".join(inside) + out[opened + 1 :]
                    out = f"{out[:opened]}${number}"
                    result.params.append(f"`{body}`")
                    inside, quote = [], ""
                    continue
                if quote:
                    quote = "" if char == quote else quote
                elif char in "'\"":
                    quote, opened = char, len(out)
                elif char == "-" and out[-1:] == "-":
                    quote = "\n"  # a comment: what looks like a quote there is none
                out += char
            continue
        source = piece.text or piece.hole.text
        if quote == "'":
            inside += [out[opened + 1 :], "${" + source + "}"]
            out = out[: opened + 1]
            continue
        after = pieces[index + 1].text if index + 1 < len(pieces) else ""
        listed = _ROWS_COME.search(out)
        if listed and not quote and _BEHIND_ROWS.match(after):
            row = range(number + 1, number + 2 + listed.group(1).count(","))
            number, result.many = row[-1], True
            out += f"({', '.join(f'${n}' for n in row)})"
            continue
        if quote or not _value_place(out, after, source):
            result.problem = " ".join(source.split())[:60]
            return
        number += 1
        out += f"${number}"
        result.params.append(source)
    result.statement = out


def _value_place(before: str, after: str, source: str) -> bool:
    """Whether a value (not a name, not a clause) belongs between the two texts."""
    if _LISTS.search(source) or before[-1:] == "." or re.search(r"\w$", before):
        return False
    if re.match(r"[\w.(]", after):
        return False
    if re.search(r"\bDISTINCT\s+FROM\s*$", before, re.IGNORECASE):
        return True
    if _NAME_COMES.search(before) or _NAME_LIST.search(before):
        return False
    if _COLUMN_COMES.search(before) and _COMPARED.match(after):
        in_list = before.count("(") > before.count(")")
        return in_list and before.rstrip().endswith(",")
    return bool(_VALUE_COMES.search(before))
