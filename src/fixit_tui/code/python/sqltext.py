"""SQL text in Python: literals, joined and formatted strings, psycopg's composed SQL."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.sqltext import Piece, SqlText, assemble

_LITERAL = re.compile(r"(?P<prefix>[a-zA-Z]*)(?P<quote>\"\"\"|'''|\"|')")
_UNCHANGED = frozenset({"strip", "dedent", "cleandoc", "text", "SQL", "lstrip", "rstrip"})
_FIELD = re.compile(r"\{(\w*)\}")
_DEPTH = 12


@dataclass(frozen=True, slots=True)
class _Hole:
    text: str


def sql_of(project: Project, ref: Ref) -> tuple[SqlText | None, int | None]:
    """The statement of an expression, and the byte where its first literal's text begins.

    No statement where the text is no SQL; a `problem` where a part of it is computed.
    """
    parts = _pieces(project, ref)
    sql = assemble(parts)
    if sql is None:
        return None, None
    here = literal(project, ref)
    start = _text_start(here) if here is not None else None
    raw = sql.statement.encode("utf-8", "surrogateescape")
    sql.verbatim = (
        here is not None and start is not None and here.source.raw[start : start + len(raw)] == raw
    )
    return sql, start


def literal(project: Project, ref: Ref) -> Ref | None:
    """The one constant that an expression's text stands in."""
    here = origin(project, ref)
    node = None if here is None else here.node
    return here if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def origin(project: Project, ref: Ref) -> Ref | None:
    """The expression that a text is written as, behind names and what hands it on as it is."""
    here = project.resolve(ref)
    node = here.node
    if isinstance(node, ast.Call) and _name(node) in _UNCHANGED:
        inner = node.args[0] if node.args else _target(node)
        return None if inner is None else origin(project, here.at(inner))
    if isinstance(node, ast.Attribute):
        held = project.member(here)
        return None if held is None else origin(project, held)
    return here


def _text_start(ref: Ref) -> int | None:
    start = ref.source.start(ref.node)
    shown = ref.source.raw[start : start + 8].decode("utf-8", "replace")
    match = _LITERAL.match(shown)
    return None if match is None else start + match.end()


def _pieces(project: Project, ref: Ref, depth: int = 0) -> list[Piece]:
    here = project.resolve(ref)
    node = here.node
    if depth > _DEPTH:
        return [Piece(hole=_Hole(here.text))]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [Piece(node.value)]
    if isinstance(node, ast.JoinedStr):
        return [p for v in node.values for p in _pieces(project, here.at(v), depth + 1)]
    if isinstance(node, ast.FormattedValue):
        return _pieces(project, here.at(node.value), depth + 1)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left = _pieces(project, here.at(node.left), depth + 1)
        return left + _pieces(project, here.at(node.right), depth + 1)
    if isinstance(node, ast.Call):
        made = _call(project, here, node, depth)
        if made is not None:
            return made
    text = project.string(here)
    return [Piece(hole=_Hole(here.text))] if text is None else [Piece(text)]


def _call(project: Project, here: Ref, node: ast.Call, depth: int) -> list[Piece] | None:
    name = _name(node)
    target = _target(node)
    if name == "Identifier" and node.args:
        parts = [project.string(here.at(a)) for a in node.args]
        return None if None in parts else [Piece(".".join(_quoted(str(p)) for p in parts))]
    if name == "Placeholder":
        named = project.string(here.at(node.args[0])) if node.args else None
        return [Piece("%s" if named is None else f"%({named})s")]
    if name == "Literal" and node.args:
        return [Piece(hole=_Hole(here.at(node.args[0]).text))]
    if name == "format" and target is not None:
        return _formatted(project, here, node, target, depth)
    if name == "join" and target is not None and len(node.args) == 1:
        return _joined(project, here, node.args[0], target, depth)
    if name in _UNCHANGED:
        inner = node.args[0] if node.args else target
        return None if inner is None else _pieces(project, here.at(inner), depth + 1)
    return None


def _formatted(
    project: Project, here: Ref, node: ast.Call, target: ast.expr, depth: int
) -> list[Piece] | None:
    """`SQL("INSERT INTO {} …").format(Identifier("t"))`, and the same of a plain string."""
    lead = _pieces(project, here.at(target), depth + 1)
    if len(lead) != 1 or lead[0].hole is not None:
        return None
    named = {k.arg: k.value for k in node.keywords if k.arg is not None}
    made: list[Piece] = []
    number = 0
    for index, text in enumerate(_FIELD.split(lead[0].text)):
        if index % 2 == 0:
            made.append(Piece(text.replace("{{", "{").replace("}}", "}")))
            continue
        if text and not text.isdigit():
            value = named.get(text)
        else:
            at = int(text) if text else number
            value = node.args[at] if at < len(node.args) else None
            number += 1
        if value is None:
            return None
        made += _pieces(project, here.at(value), depth + 1)
    return made


def _joined(
    project: Project, here: Ref, given: ast.expr, target: ast.expr, depth: int
) -> list[Piece] | None:
    """`SQL(", ").join(map(Identifier, columns))` and `", ".join(columns)` of constants."""
    glue = project.string(here.at(target))
    if glue is None:
        inner = _pieces(project, here.at(target), depth + 1)
        glue = inner[0].text if len(inner) == 1 and inner[0].hole is None else None
    items = _items(project, here, given)
    if glue is None or items is None:
        return None
    made: list[Piece] = []
    for index, item in enumerate(items):
        made += [Piece(glue)] if index else []
        made += (
            [Piece(item)] if isinstance(item, str) else _pieces(project, here.at(item), depth + 1)
        )
    return made


def _items(project: Project, here: Ref, given: ast.expr) -> list[str | ast.expr] | None:
    node = project.resolve(here.at(given)).node
    if isinstance(node, (ast.List, ast.Tuple)):
        return list(node.elts)
    if isinstance(node, ast.Call) and _name(node) == "map" and len(node.args) == 2:
        maker, listed = node.args
        names = _items(project, here, listed)
        texts = None if names is None else [_text(project, here, n) for n in names]
        if texts is None or None in texts:
            return None
        is_name = isinstance(maker, (ast.Name, ast.Attribute)) and ast.unparse(maker).endswith(
            "Identifier"
        )
        return [_quoted(str(t)) for t in texts] if is_name else None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _repeated(project, here, node)
    return None


def _repeated(project: Project, here: Ref, node: ast.BinOp) -> list[str | ast.expr] | None:
    """`Placeholder() * len(columns)` and `["%s"] * 3`."""
    count = node.right
    number: int | None = None
    if isinstance(count, ast.Constant) and isinstance(count.value, int):
        number = count.value
    elif isinstance(count, ast.Call) and _name(count) == "len" and count.args:
        counted = _items(project, here, count.args[0])
        number = None if counted is None else len(counted)
    one: ast.expr = node.left
    if isinstance(one, ast.List) and len(one.elts) == 1:
        one = one.elts[0]
    return None if number is None or number > 200 else [one] * number


def _text(project: Project, here: Ref, item: str | ast.expr) -> str | None:
    return item if isinstance(item, str) else project.string(here.at(item))


def _name(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2] if _is_named(node) else ""


def _is_named(node: ast.Call) -> bool:
    return isinstance(node.func, (ast.Name, ast.Attribute))


def _target(node: ast.Call) -> ast.expr | None:
    return node.func.value if isinstance(node.func, ast.Attribute) else None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
