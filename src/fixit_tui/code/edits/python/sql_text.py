"""The SQL text of a Python call where it stands in the file: literals side by side or added up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from fixit_tui.code.edits.python.site import PySite
from fixit_tui.code.edits.sql_literal import Literal, Part, TextSite
from fixit_tui.code.edits.sql_scan import insert_shape
from fixit_tui.code.module import decode
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.source import Source
from fixit_tui.code.python.sqltext import origin

_BETWEEN = re.compile(r"(?:\s|#[^\n]*|\\\r?\n)*")
_OPENED = re.compile(r"(?P<prefix>[a-zA-Z]{0,2})(?P<quote>\"\"\"|'''|\"|')")
_HOLE = re.compile(r"\{[^{}]*\}")


def text_site(site: PySite) -> TextSite:
    """The text that the call sends, as far as it stands in the call's own file."""
    source = site.source
    alone = Project([source.path], lambda _: source)
    held = origin(alone, Ref(source, site.outer.args[0])) if site.outer.args else None
    literal = None if held is None else _literal(source, held.node)
    return TextSite(source.text, site.scanned, literal)


def literal_beginning(source: Source, byte: int) -> Literal | None:
    """The INSERT in the literals of which the first one's text begins at a byte of the file."""
    for node in source.nodes:
        if isinstance(node, (ast.Constant, ast.JoinedStr)) and hasattr(node, "lineno"):
            start = source.start(node)
            opened = _OPENED.match(decode(source.raw[start : start + 8]))
            if opened is not None and start + opened.end() == byte:
                return _literal(source, node)
    return None


def _literal(source: Source, node: ast.AST) -> Literal | None:
    parts: list[Part] = []
    text = ""
    for leaf in _leaves(node):
        read = _strings(source, leaf)
        if read is None:
            return None
        for start, inner, quote, masked in read:
            parts.append(Part(len(text), start, inner, quote, escapes=False))
            text += masked
    shape = insert_shape(text)
    return None if shape is None else Literal(tuple(parts), text, shape)


def _leaves(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _leaves(node.left)
        yield from _leaves(node.right)
    else:
        yield node


def _strings(source: Source, node: ast.AST) -> list[tuple[int, str, str, str]] | None:
    """Each literal of one node: character of its text, that text, its quote, no holes in it.

    None where the text is read otherwise by Python, and so where a change would land is unclear.
    """
    formatted = isinstance(node, ast.JoinedStr)
    plain = isinstance(node, ast.Constant) and isinstance(node.value, str)
    if not (formatted or plain) or not isinstance(node, ast.expr):
        return None
    first = source.start(node)
    base, text = len(decode(source.raw[:first])), decode(source.raw[first : source.end(node)])
    found: list[tuple[int, str, str, str]] = []
    values: list[str] = []
    place = 0
    while place < len(text):
        opened = _OPENED.match(text, place)
        quote = "" if opened is None else opened["quote"]
        close = re.compile(rf"((?:\\.|(?!{quote}).)*){quote}", re.DOTALL)
        body = None if opened is None else close.match(text, opened.end())
        if opened is None or body is None:
            return None
        masked = body[1]
        if "f" in opened["prefix"].lower():
            masked = _HOLE.sub(lambda hole: "_" * len(hole[0]), masked)
            if "{" in masked or "}" in masked:
                return None
        elif plain:
            values.append(str(ast.literal_eval(text[place : body.end()])))
        found.append((base + opened.end(), body[1], quote, masked))
        between = _BETWEEN.match(text, body.end())
        place = len(text) if between is None else between.end()
    if isinstance(node, ast.Constant) and "".join(values) != node.value:
        return None
    return found
