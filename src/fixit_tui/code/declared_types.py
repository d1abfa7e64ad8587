"""Declared types, as far as they say whether a value is one row or an array of rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fixit_tui.code.module import Module, operands, words
from fixit_tui.code.project import Project

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_ARRAYS = frozenset({"Array", "ReadonlyArray"})
# The last three are what the Supabase type generator exports for one row.
_OBJECTS = words("Partial Required Readonly Pick Omit Record Tables TablesInsert TablesUpdate")
_ROW_KEYS = ("'Row'", "'Insert'", "'Update'", '"Row"', '"Insert"', '"Update"')
_SAME_PROPERTIES = frozenset({"Readonly", "Required", "PropsWithChildren"})
_DECLARED = ("interface_declaration", "type_alias_declaration", "class_declaration")


Place = tuple[Module, "Node"]


def rows_of_type(
    project: Project, module: Module, annotation: Node, path: Sequence[str] = ()
) -> str:
    """'one', 'many' or 'unknown'. Types never bound the columns of what is really sent.

    `path` are the properties on the way from the annotated value to the one that is meant.
    """
    found = _at(project, module, annotation, path)
    return "unknown" if found is None else _rows(project, *found, 0)


def _at(project: Project, module: Module, annotation: Node, path: Sequence[str]) -> Place | None:
    """The type of a property some steps inside of an annotated value."""
    inner = operands(annotation)
    place: Place | None = (module, inner[0]) if inner else None
    for name in path:
        place = None if place is None else _property(project, *place, name, 0)
    return place


def _property(project: Project, module: Module, node: Node, name: str, depth: int) -> Place | None:
    kind = node.kind()
    if depth > 6:
        return None
    if kind in ("parenthesized_type", "readonly_type"):
        return _property(project, module, operands(node)[0], name, depth + 1)
    if kind == "generic_type":
        label, given = node.field("name"), node.field("type_arguments")
        parts = [] if given is None else operands(given)
        if label is not None and label.text() in _SAME_PROPERTIES and parts:
            return _property(project, module, parts[0], name, depth + 1)
        return None
    if kind == "type_identifier":
        found = _named(project, module, node.text())
        body = None if found is None else found[1].field("value") or found[1].field("body")
        return (
            None
            if found is None or body is None
            else _property(project, found[0], body, name, depth + 1)
        )
    if kind == "intersection_type":
        hits = [_property(project, module, part, name, depth + 1) for part in operands(node)]
        return next((hit for hit in hits if hit is not None), None)
    if kind not in ("object_type", "interface_body", "class_body"):
        return None
    for member in operands(node):
        label, written = member.field("name"), member.field("type")
        inner = [] if written is None else operands(written)
        if label is not None and inner and label.text().strip("'\"") == name:
            return module, inner[0]
    return None


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
    found = _named(project, module, name)
    if found is None:
        return "unknown"
    module, declared = found
    if declared.kind() != "type_alias_declaration":
        return "one"
    value = declared.field("value")
    return "unknown" if value is None else _rows(project, module, value, depth + 1)


def _named(project: Project, module: Module, name: str) -> tuple[Module, Node] | None:
    """The declaration of a type, in the module or one import away."""
    found = _declaration(module, name)
    if found is not None:
        return module, found
    imported = project.scopes(module).declared(module.root).get(name)
    if imported is None or imported.kind != "import":
        return None
    path = project.locate(module.path, imported.origin)
    target = None if path is None else project.load(path)
    found = None if target is None else _declaration(target, imported.path[0])
    return None if target is None or found is None else (target, found)


def lacks_property(
    project: Project, module: Module, annotation: Node, name: str, path: Sequence[str] = ()
) -> bool:
    """Whether a row, or an array's element, need not have such a property.

    So it is when its type declares none, and when the type stands in a file that was not found.
    """
    found = _at(project, module, annotation, path)
    return found is not None and _lacks(project, *found, name, 0)


def _lacks(project: Project, module: Module, node: Node, name: str, depth: int) -> bool:
    kind, parts = node.kind(), operands(node)
    if depth > 6:
        return False
    if kind in ("parenthesized_type", "readonly_type", "array_type"):
        return _lacks(project, module, parts[0], name, depth + 1)
    if kind == "intersection_type":
        return all(_lacks(project, module, part, name, depth + 1) for part in parts)
    if kind in ("object_type", "interface_body"):
        if not all(part.kind() in ("property_signature", "method_signature") for part in parts):
            return False
        names = [part.field("name") for part in parts]
        return all(n is not None and n.text().strip("'\"") != name for n in names)
    if kind == "generic_type":
        return _generic_lacks(project, module, node, name, depth)
    if kind != "type_identifier":
        return False
    found = _named(project, module, node.text())
    if found is None:
        known = project.scopes(module).declared(module.root).get(node.text())
        return known is not None and known.kind == "import"
    target, declared = found
    if declared.kind() == "type_alias_declaration":
        value = declared.field("value")
        return value is not None and _lacks(project, target, value, name, depth + 1)
    body = declared.field("body")
    if declared.kind() != "interface_declaration" or body is None:
        return False
    bases = [
        base
        for clause in declared.named_children()
        if clause.kind() == "extends_type_clause"
        for base in operands(clause)
    ]
    return all(_lacks(project, target, part, name, depth + 1) for part in (body, *bases))


def _generic_lacks(project: Project, module: Module, node: Node, name: str, depth: int) -> bool:
    label, given = node.field("name"), node.field("type_arguments")
    parts = [] if given is None else operands(given)
    text = "" if label is None else label.text()
    if not parts:
        return False
    if text in ("Omit", "Pick") and len(parts) == 2:
        literals = parts[1].find_all(kind="string_fragment")
        listed = name in {literal.text() for literal in literals}
        if text == "Omit":
            return listed or _lacks(project, module, parts[0], name, depth + 1)
        return not listed and parts[1].kind() in ("literal_type", "union_type")
    if text in _ARRAYS | {"Partial", "Required", "Readonly", "NonNullable"}:
        return _lacks(project, module, parts[0], name, depth + 1)
    return False


def _declaration(module: Module, name: str) -> Node | None:
    for kind in _DECLARED:
        for node in module.root.find_all(kind=kind):
            label = node.field("name")
            if label is not None and label.text() == name:
                return node
    return None
