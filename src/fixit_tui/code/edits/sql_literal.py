"""The SQL text of a call where it stands in the file: one literal, or several put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixit_tui.code.edits.site import Change, Site, changed
from fixit_tui.code.edits.sql_scan import InsertShape, insert_shape, tokens
from fixit_tui.code.facts import CodeCall
from fixit_tui.code.module import arguments, callee, method_name, operands, span, unwrap
from fixit_tui.code.sqlcalls import tag_of

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_OWN_WORDS = frozenset(
    {"ON", "CONFLICT", "DO", "NOTHING", "UPDATE", "SET", "EXCLUDED", "WHERE", "CONSTRAINT"}
)
_OVER_LINES = ("", "`", '"""', "'''")


@dataclass(frozen=True, slots=True)
class Part:
    """A literal: where it begins in the statement and in the file, its inside and its quote."""

    at: int
    start: int
    text: str
    quote: str
    escapes: bool = True  # False: what would need an escape there is not written

    @property
    def end(self) -> int:
        """Behind its last character in the statement."""
        return self.at + len(self.text)


@dataclass(frozen=True, slots=True)
class Literal:
    """One INSERT. `text` is the source inside the quotes, with every hole as a word."""

    parts: tuple[Part, ...]
    text: str
    shape: InsertShape

    @property
    def lines(self) -> bool:
        """Whether the statement is written over several lines of one template."""
        only = self.parts[0] if len(self.parts) == 1 else None
        whole = only is not None and only.quote in _OVER_LINES
        return whole and "\n" in self.text.strip()

    def replace(self, start: int, end: int, text: str) -> Change | None:
        """Put SQL in the place of a stretch; None where that is not inside of one literal."""
        for part in self.parts:
            if part.at <= start and end <= part.end and (start < part.end or start == end):
                place = part.start - part.at
                if not part.escapes and _needs_escape(part.quote, text):
                    return None
                return Change(start + place, end + place, _escaped(part.quote, text))
        return None

    def styled(self, sql: str) -> str:
        """A clause with its keywords in small letters where the statement has them so."""
        first = tokens(self.text)[0].text
        if not first.islower():
            return sql
        for token in reversed(tokens(sql)):
            if token.text in _OWN_WORDS:
                sql = sql[: token.start] + token.text.lower() + sql[token.end :]
        return sql


@dataclass(frozen=True, slots=True)
class TextSite:
    """A file that holds the SQL text of a call, where the call itself is of no interest."""

    text: str
    now: CodeCall
    literal: Literal | None

    @property
    def scanned(self) -> CodeCall:
        return self.now

    @property
    def eol(self) -> str:
        """The file's line ending."""
        return "\r\n" if "\r\n" in self.text else "\n"

    def changed(self, changes: Sequence[Change]) -> str:
        """The whole text with the changes made."""
        return changed(self.text, changes)


def literal_at(text: str, start: int, quote: str) -> Literal | None:
    """One literal without holes, or a statement of an SQL file, which has no quote."""
    shape = insert_shape(text)
    return None if shape is None else Literal((Part(0, start, text, quote),), text, shape)


def literal_of(site: Site | TextSite) -> Literal | None:
    """The literals with the whole INSERT, None when other parts are joined to them."""
    if isinstance(site, TextSite):
        return site.literal
    node = _text_node(site)
    glue, leaves = ("", []) if node is None else _leaves(node)
    if not leaves or any(leaf.kind() not in ("string", "template_string") for leaf in leaves):
        return None
    parts: list[Part] = []
    text = ""
    for leaf in leaves:
        start, end = span(leaf)
        text += glue if parts else ""
        inner = site.text[start + 1 : end - 1]
        parts.append(Part(len(text), start + 1, inner, site.text[start]))
        text += _masked(leaf, inner)
    shape = insert_shape(text)
    return None if shape is None else Literal(tuple(parts), text, shape)


def _leaves(node: Node) -> tuple[str, list[Node]]:
    """What stands between the parts of a text, and the parts: of a sum, or of `[…].join(' ')`."""
    node = unwrap(node)
    given = arguments(node) if method_name(node) == "join" else []
    function = callee(node) if given else None
    listed = None if function is None else function.field("object")
    if listed is not None and listed.kind() == "array" and given[0].kind() == "string":
        glue = given[0].text()[1:-1]
        return ("", []) if glue.strip(" ").replace("\\n", "") else (glue, operands(listed))
    return "", list(_summands(node))


def _summands(node: Node) -> Iterator[Node]:
    node = unwrap(node)
    sign = node.field("operator") if node.kind() == "binary_expression" else None
    if sign is None or sign.text() != "+":
        yield node
    else:
        for side in operands(node):
            yield from _summands(side)


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


def _needs_escape(quote: str, text: str) -> bool:
    """Whether a sign would end a literal, or mean something to Python, its formats or a driver."""
    return any(sign in text for sign in (quote, "\\", "%", "{", "}"))


def _escaped(quote: str, text: str) -> str:
    if not quote or len(quote) > 1:
        return text
    text = text.replace("\\", "\\\\").replace(quote, "\\" + quote)
    if quote == "`":
        return text.replace("${", "\\${")
    return " ".join(text.splitlines())
