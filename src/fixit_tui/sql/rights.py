"""What the role that runs a statement must own, or be allowed, as far as the statement says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from fixit_tui.sql.grammar import UnreadableSql, parse
from fixit_tui.sql.quote import ident, qualified


@dataclass(frozen=True, slots=True)
class Right:
    """`on` is a relation, SQL-quoted as the statement names it.

    OWN stands for membership in the role that owns it, for DROP that of its schema is enough;
    CREATE is a right on its schema.
    """

    kind: Literal["OWN", "DROP", "CREATE", "INSERT", "UPDATE", "DELETE"]
    on: str


_OWNING = {
    "alter_table_stmt": "relation",
    "index_stmt": "relation",
    "create_policy_stmt": "table",
    "alter_policy_stmt": "table",
    "rule_stmt": "relation",
    "rename_stmt": "relation",
}
_WRITING: dict[str, Literal["INSERT", "UPDATE", "DELETE"]] = {
    "insert_stmt": "INSERT",
    "update_stmt": "UPDATE",
    "delete_stmt": "DELETE",
}
_PARTS = ("OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE")
_RELATIONS = ("OBJECT_TABLE", "OBJECT_INDEX", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE")


def rights_of(statement: str) -> tuple[Right, ...]:
    """The rights that a statement's own relations want; nothing for what is not read here."""
    try:
        statements = parse(statement).stmts
    except UnreadableSql:
        return ()
    return tuple(right for raw in statements for right in _rights(raw.stmt))


def _rights(node: Any) -> tuple[Right, ...]:
    kind = node.WhichOneof("node")
    inner: Any = getattr(node, kind) if kind else None
    if kind in _OWNING:
        name = _name(getattr(inner, _OWNING[kind]))
        if not name:
            return ()
        own = Right("OWN", name)
        # An index lies in the schema of its table.
        return (own, Right("CREATE", name)) if kind == "index_stmt" else (own,)
    if kind in _WRITING:
        name = _name(inner.relation)
        return (Right(_WRITING[kind], name),) if name else ()
    return _dropped(inner) if kind == "drop_stmt" else ()


def _name(relation: Any) -> str:
    if not relation.relname or relation.catalogname:
        return ""
    schema = relation.schemaname
    return qualified(schema, relation.relname) if schema else ident(relation.relname)


def _dropped(node: Any) -> tuple[Right, ...]:
    kind = (
        node.DESCRIPTOR.fields_by_name["remove_type"]
        .enum_type.values_by_number[node.remove_type]
        .name
    )
    if kind not in (*_PARTS, *_RELATIONS):
        return ()
    rights = []
    for item in node.objects:
        names = [part.string.sval for part in item.list.items]
        if kind in _PARTS:
            names = names[:-1]
        if 1 <= len(names) <= 2:
            name = ".".join(map(ident, names))
            rights.append(Right("OWN" if kind in _PARTS else "DROP", name))
    return tuple(rights)
