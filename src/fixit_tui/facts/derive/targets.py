"""Elements of a conflict target, compared as the planner compares them: as parse trees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Any

# Types that the server casts to by itself when it prints an index expression.
_IMPLICIT = frozenset({"text", "varchar", "bpchar", "numeric", "float8", "int4", "int8"})

Tree = tuple[Any, ...]


class Match(IntEnum):
    """How two expressions compare; larger is better."""

    NO = 0
    MAYBE = 1
    YES = 2


@dataclass(frozen=True, slots=True)
class Element:
    """A target element or index key: a plain column, or an expression's parse tree.

    `tree` is None when the text does not parse; such an element can only be compared by the
    server. `mentions` are the columns that an expression reads.
    """

    column: str | None
    tree: Tree | None = None
    mentions: frozenset[str] = frozenset()
    collation: str | None = None
    operator_class: str | None = None


def element(text: str, kind: str | None, types: Mapping[str, str]) -> Element:
    """Read one element; with kind 'columns', or when it is one of `types`, it is a plain name."""
    if kind == "columns" or text in types:
        return Element(column=text)
    return _parsed(text)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Element:
    # The parser is a native library: loaded only where an expression has to be read.
    import postgast

    # An expression as the catalog prints it may need the parentheses that a target demands.
    for written in (text, f"({text})"):
        statement = f"INSERT INTO t DEFAULT VALUES ON CONFLICT ({written}) DO NOTHING"
        try:
            result = postgast.parse(statement)
        except postgast.PgQueryError:
            continue
        clause = result.stmts[0].stmt.insert_stmt.on_conflict_clause
        elements = clause.infer.index_elems
        if len(result.stmts) != 1 or len(elements) != 1 or clause.infer.HasField("where_clause"):
            continue
        return _element(elements[0].index_elem)
    return Element(column=None)


def _element(parsed: Any) -> Element:
    collation = _last(parsed.collation)
    operator_class = _last(parsed.opclass)
    if parsed.name:
        return Element(parsed.name, None, frozenset(), collation, operator_class)
    tree = _tree(parsed.expr)
    # A column in parentheses is that column.
    if tree[0] == "column":
        return Element(tree[1], None, frozenset(), collation, operator_class)
    return Element(None, tree, frozenset(_columns(tree)), collation, operator_class)


def _last(names: Any) -> str | None:
    return names[-1].string.sval if len(names) else None


def compare_expressions(one: Element, other: Element) -> Match:
    """Are two expressions the same to the planner?

    YES when the trees are equal, apart from casts that the server adds by itself when it prints
    an expression; MAYBE when other casts differ, or when a text cannot be parsed.
    """
    if one.tree is None or other.tree is None:
        return Match.MAYBE
    if one.tree == other.tree or _uncast(one.tree, _IMPLICIT) == _uncast(other.tree, _IMPLICIT):
        return Match.YES
    return Match.MAYBE if _uncast(one.tree, None) == _uncast(other.tree, None) else Match.NO


def _tree(node: Any) -> Tree:
    """A parse tree as nested tuples, without positions and schema prefixes."""
    kind = node.WhichOneof("node") if "node" in node.DESCRIPTOR.oneofs_by_name else None
    if kind is not None:
        node = getattr(node, kind)
    name = node.DESCRIPTOR.name
    if name == "ColumnRef":
        return ("column", _last(node.fields) or "*")
    if name == "A_Const":
        return ("constant", _constant(node))
    if name == "TypeCast":
        return _cast(_tree(node.arg), node.type_name)
    if name == "FuncCall":
        arguments = tuple(_tree(a) for a in node.args)
        return ("call", _last(node.funcname), arguments)
    fields = [(f.name, _value(v)) for f, v in node.ListFields() if f.name != "location"]
    return (name, *fields)


def _value(value: Any) -> Any:
    if hasattr(value, "DESCRIPTOR"):
        return _tree(value)
    if isinstance(value, (str, bytes, int, float, bool)):
        return value
    return tuple(_value(item) for item in value)


def _constant(node: Any) -> str:
    if node.isnull:
        return "null"
    kind = node.WhichOneof("val")
    if kind == "boolval":
        return "true" if node.boolval.boolval else "false"
    value = getattr(node, kind)
    field = next(iter(value.DESCRIPTOR.fields)).name
    return str(getattr(value, field))


def _cast(argument: Tree, type_name: Any) -> Tree:
    # A literal's cast says nothing that its context would not say: 'x'::text is 'x'.
    if argument[0] == "constant":
        return argument
    return ("cast", argument, _last(type_name.names), len(type_name.array_bounds))


def _uncast(tree: Any, types: frozenset[str] | None) -> Any:
    """The tree without casts to `types`, or without any cast (None)."""
    if not isinstance(tree, tuple):
        return tree
    if tree[:1] == ("cast",) and (types is None or (tree[2] in types and not tree[3])):
        return _uncast(tree[1], types)
    return tuple(_uncast(part, types) for part in tree)


def _columns(tree: Any) -> Iterator[str]:
    if isinstance(tree, tuple):
        if len(tree) == 2 and tree[0] == "column":
            yield tree[1]
            return
        for part in tree:
            yield from _columns(part)
