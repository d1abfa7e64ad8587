"""Change the ON CONFLICT clause of SQL text in its place in the source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.edits.sql_scan import InsertShape, insert_shape
from fixit_tui.code.module import arguments, span, words
from fixit_tui.code.sqlcalls import tag_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

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


@dataclass(frozen=True, slots=True)
class _Literal:
    """The one literal that holds the statement: its inside in the file, and its quote."""

    start: int
    end: int
    quote: str
    shape: InsertShape
    text: str


def _literal(site: Site) -> _Literal | None:
    """The string or template with the whole INSERT, None when it is put together from parts."""
    node = _text_node(site)
    if node is None or node.kind() not in ("string", "template_string"):
        return None
    start, end = span(node)
    inner = site.text[start + 1 : end - 1]
    shape = insert_shape(_masked(node, inner))
    return None if shape is None else _Literal(start + 1, end - 1, site.text[start], shape, inner)


def _masked(template: Node, inner: str) -> str:
    """The text with every `${…}` as a word of the same length."""
    offset = span(template)[0] + 1
    for hole in template.named_children():
        if hole.kind() == "template_substitution":
            start, end = (place - offset for place in span(hole))
            inner = inner[:start] + "_" * (end - start) + inner[end:]
    return inner


def _text_node(site: Site) -> Node | None:
    call = site.chain.first
    template = tag_of(call.node)
    if template is not None:
        return template
    given = arguments(call.node)
    if not given:
        return None
    found = site.values.resolve(call.at(given[0]))
    if found.node.kind() == "object":
        held = site.values.member(found, "text")
        if held is None:
            return None
        found = site.values.resolve(held)
    if found.node.kind() == "call_expression" and tag_of(found.node) is not None:
        return tag_of(found.node) if found.module is site.module else None
    return found.node if found.module is site.module else None


def _escaped(literal: _Literal, text: str) -> str:
    text = text.replace("\\", "\\\\").replace(literal.quote, "\\" + literal.quote)
    if literal.quote == "`":
        return text.replace("${", "\\${")
    return " ".join(text.splitlines())


def quoted(column: str) -> str:
    """A column name as SQL writes it."""
    if _PLAIN.fullmatch(column) and column not in _RESERVED:
        return column
    return '"' + column.replace('"', '""') + '"'


def _unquoted(name: str) -> str:
    name = name.replace('\\"', '"')
    return name[1:-1].replace('""', '"') if name.startswith('"') else name.lower()


def add_conflict_clause(site: Site, columns: tuple[str, ...], ignore: bool) -> EditResult:
    """Append ON CONFLICT to an INSERT: DO NOTHING, or DO UPDATE of every other given column."""
    target = ", ".join(quoted(c) for c in columns)
    idiom = f"ON CONFLICT ({target}) DO " + ("NOTHING" if ignore else "UPDATE SET … = EXCLUDED.…")
    literal = _literal(site)
    if literal is None or site.now.statement is None:
        return Refused("the statement is not one INSERT in one literal", idiom)
    shape = literal.shape
    if ignore and shape.returning is not None:
        return Refused("for a row that is there already, RETURNING would give no row back", idiom)
    given = [_unquoted(c) for c in shape.columns]
    if not ignore and not given:
        return Refused("the INSERT does not name its columns", idiom)
    others = [c for c in given if c not in columns]
    sets = ", ".join(f"{quoted(c)} = EXCLUDED.{quoted(c)}" for c in others)
    action = "NOTHING" if ignore or not others else f"UPDATE SET {sets}"
    clause = _escaped(literal, f"ON CONFLICT ({target}) DO {action}")
    if shape.conflict is not None:
        return _replace_clause(site, literal, clause)
    place = literal.start + shape.tail
    return Edited(site.changed([Change(place, place, _break(site, literal) + clause)]))


def _break(site: Site, literal: _Literal) -> str:
    """A new line in a statement that has several, else a blank."""
    body = literal.text[: literal.shape.tail]
    last = body.rstrip().rpartition("\n")[2]
    if literal.quote != "`" or "\n" not in body.strip():
        return " "
    return site.eol + last[: len(last) - len(last.lstrip())]


def _replace_clause(site: Site, literal: _Literal, clause: str) -> EditResult:
    shape = literal.shape
    assert shape.conflict is not None
    change = Change(literal.start + shape.conflict, literal.start + shape.tail, clause)
    return Edited(site.changed([change]))


def add_conflict_predicate(site: Site, params: Params) -> EditResult:
    """State the predicate of a partial index behind the conflict target. Parameter: predicate."""
    predicate = bare(params.text("predicate") or "")
    idiom = f"ON CONFLICT (…) WHERE {predicate or '…'} DO …"
    literal = _literal(site)
    if not predicate:
        return Refused("no predicate is given", idiom)
    if literal is None or literal.shape.target is None:
        return Refused("the statement has no ON CONFLICT (…) in one literal", idiom)
    text = _escaped(literal, predicate)
    held = literal.shape.predicate
    if held is not None:
        start, end = literal.start + held[0], literal.start + held[1]
        return Edited(site.changed([Change(start, end, " " + text)]))
    place = literal.start + literal.shape.target[1] + 1
    return Edited(site.changed([Change(place, place, f" WHERE {text}")]))


def set_sql_conflict_target(site: Site, params: Params) -> EditResult:
    """Replace the whole ON CONFLICT clause (`clause`) or what its parentheses hold (`target`)."""
    clause, target = params.text("clause"), params.text("target")
    if clause is None:
        if target is None:
            return Refused("neither a clause nor a target is given", "ON CONFLICT (…) DO …")
        return replace_target(site, target)
    literal = _literal(site)
    if literal is None:
        return Refused("the statement is not one INSERT in one literal", clause)
    clause = _escaped(literal, clause.strip())
    if literal.shape.conflict is not None:
        return _replace_clause(site, literal, clause)
    place = literal.start + literal.shape.tail
    return Edited(site.changed([Change(place, place, _break(site, literal) + clause)]))


def replace_target(site: Site, target: str) -> EditResult:
    """Another column or expression list between the parentheses behind ON CONFLICT."""
    literal = _literal(site)
    if literal is None or literal.shape.target is None:
        return Refused(
            "the statement has no ON CONFLICT (…) in one literal", f"ON CONFLICT ({target}) DO …"
        )
    start, end = literal.shape.target
    change = Change(literal.start + start, literal.start + end, _escaped(literal, target))
    return Edited(site.changed([change]))


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
