"""Declared types, as far as they say whether a value is one row or an array of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixit_tui.code.module import Module, operands, words
from fixit_tui.code.project import Project

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_ARRAYS = frozenset({"Array", "ReadonlyArray"})
# The last three are what the Supabase type generator exports for one row.
_OBJECTS = words("Partial Required Readonly Pick Omit Record Tables TablesInsert TablesUpdate")
_ROW_KEYS = ("'Row'", "'Insert'", "'Update'", '"Row"', '"Insert"', '"Update"')
_DECLARED = ("interface_declaration", "type_alias_declaration", "class_declaration")


def rows_of_type(project: Project, module: Module, annotation: Node) -> str:
    """'one', 'many' or 'unknown'. Types never bound the columns of what is really sent."""
    inner = operands(annotation)
    return _rows(project, module, inner[0], 0) if inner else "unknown"


def _rows(project: Project, module: Module, node: Node, depth: int) -> str:
    kind = node.kind()
    if kind in ("parenthesized_type", "readonly_type"):
        return _rows(project, module, operands(node)[0], depth)
    if kind in ("array_type", "tuple_type"):
        return "many"
    if kind in ("object_type", "interface_body", "class_body"):
        return "one"
    if kind == "generic_type":
        name = node.field("name")
        text = "" if name is None else name.text()
        if text in _ARRAYS:
            return "many"
        return "one" if text in _OBJECTS else "unknown"
    if kind == "lookup_type":
        return "one" if operands(node)[-1].text() in _ROW_KEYS else "unknown"
    if kind == "intersection_type":
        parts = {_rows(project, module, part, depth + 1) for part in operands(node)}
        return "one" if "one" in parts and "many" not in parts else "unknown"
    if kind == "type_identifier" and depth < 4:
        return _rows_of_name(project, module, node.text(), depth)
    return "unknown"


def _rows_of_name(project: Project, module: Module, name: str, depth: int) -> str:
    found = _declaration(module, name)
    if found is None:
        imported = project.scopes(module).declared(module.root).get(name)
        if imported is None or imported.kind != "import":
            return "unknown"
        path = project.locate(module.path, imported.origin)
        target = None if path is None else project.load(path)
        if target is None:
            return "unknown"
        module, found = target, _declaration(target, imported.path[0])
    if found is None:
        return "unknown"
    if found.kind() != "type_alias_declaration":
        return "one"
    value = found.field("value")
    return "unknown" if value is None else _rows(project, module, value, depth + 1)


def _declaration(module: Module, name: str) -> Node | None:
    for kind in _DECLARED:
        for node in module.root.find_all(kind=kind):
            label = node.field("name")
            if label is not None and label.text() == name:
                return node
    return None
