"""Writes and reads of SQL text, with the original text of every expression.

The structure comes from PostgreSQL's own grammar (libpg_query), the texts from the source itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fixit_tui.sql.clauses import (
    InsertClauses,
    expression_uses,
    insert_clauses,
    set_expressions,
)
from fixit_tui.sql.placeholders import normalise


class UnreadableSql(ValueError):
    """The text is no SQL that PostgreSQL's grammar reads."""


@dataclass(frozen=True, slots=True)
class ParsedWrite:
    """One INSERT, UPDATE, DELETE or MERGE. None means "not said"; texts are the source's own."""

    schema: str | None
    relation: str
    operation: str
    columns: tuple[str, ...] | None
    values: Mapping[str, str] = field(default_factory=dict)
    rows: str = "unknown"
    has_conflict: bool = False
    action: str | None = None
    target_kind: str | None = None
    target: tuple[str, ...] = ()
    target_constraint: str | None = None
    target_predicate: str | None = None
    predicate_has_param: bool = False
    update_columns: tuple[str, ...] = ()
    update_values: Mapping[str, str] = field(default_factory=dict)
    returns_rows: bool = False
    statement: str = ""


@dataclass(frozen=True, slots=True)
class ParsedRead:
    """One SELECT's first relation, and the columns that its WHERE compares for equality."""

    schema: str | None
    relation: str
    equal_columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """The parsed text and its bytes; the grammar counts locations in bytes."""

    text: str
    data: bytes

    def char(self, location: int) -> int:
        return len(self.data[:location].decode("utf-8", "replace"))


def _parse(sql: str) -> tuple[Any, _Text]:
    import postgast

    last: Exception | None = None
    for text in dict.fromkeys((sql, normalise(sql).text)):
        try:
            return postgast.parse(text), _Text(text, text.encode())
        except (postgast.PgQueryError, ValueError) as error:
            last = error
    raise UnreadableSql(str(last))


def _statements(tree: Any, source: _Text) -> Iterator[tuple[Any, str]]:
    for raw in tree.stmts:
        end = raw.stmt_location + raw.stmt_len if raw.stmt_len else len(source.data)
        text = source.data[raw.stmt_location : end].decode("utf-8", "replace").strip()
        yield raw.stmt, text


def _with(node: Any) -> Iterator[Any]:
    if node.HasField("with_clause"):
        for cte in node.with_clause.ctes:
            yield cte.common_table_expr.ctequery


def _writes_in(node: Any) -> Iterator[tuple[str, Any]]:
    kind = node.WhichOneof("node")
    if kind in ("insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"):
        inner = getattr(node, kind)
        for query in _with(inner):
            yield from _writes_in(query)
        yield kind, inner
    elif kind == "select_stmt":
        for query in _with(node.select_stmt):
            yield from _writes_in(query)
    elif kind == "explain_stmt":
        yield from _writes_in(node.explain_stmt.query)
    elif kind == "prepare_stmt":
        yield from _writes_in(node.prepare_stmt.query)


def _returns(node: Any) -> bool:
    names = {f.name for f, _ in node.ListFields()}
    return bool(names & {"returning_clause", "returning_list"})


def _rows(node: Any, clauses: InsertClauses) -> str:
    if not node.HasField("select_stmt"):
        return "one"
    select = node.select_stmt.select_stmt
    if select.values_lists:
        return "one" if len(select.values_lists) == 1 else "many"
    return "many" if select.from_clause or not clauses.values else "one"


def _elements(infer: Any, clauses: InsertClauses) -> tuple[str, tuple[str, ...]]:
    # A written collation or operator class narrows the choice: such an element is kept as text.
    elements = [e.index_elem for e in infer.index_elems]
    names = ["" if e.collation or e.opclass else e.name for e in elements]
    if all(names):
        return "columns", tuple(names)
    texts = clauses.target_elements
    return "expressions", tuple(n or t for n, t in zip(names, texts, strict=False))


def _insert(node: Any, source: _Text, statement: str, variables: frozenset[str]) -> ParsedWrite:
    relation = node.relation
    clauses = insert_clauses(source.text, source.char(relation.location))
    columns = tuple(c.res_target.name for c in node.cols) or None
    values: dict[str, str] = {}
    if columns and len(clauses.values) == len(columns):
        values = dict(zip(columns, clauses.values, strict=True))
    base: dict[str, Any] = {
        "schema": relation.schemaname or None,
        "relation": relation.relname,
        "operation": "insert",
        "columns": columns,
        "values": values,
        "rows": _rows(node, clauses),
        "returns_rows": _returns(node),
        "statement": statement,
    }
    if not node.HasField("on_conflict_clause"):
        return ParsedWrite(**base)
    conflict = node.on_conflict_clause
    base |= {
        "has_conflict": True,
        "action": "update" if conflict.target_list else "nothing",
        "target_kind": "none",
        "update_columns": tuple(t.res_target.name for t in conflict.target_list),
        "update_values": clauses.update_values,
    }
    if conflict.HasField("infer"):
        infer = conflict.infer
        if infer.conname:
            base |= {"target_kind": "constraint", "target_constraint": infer.conname}
        else:
            kind, target = _elements(infer, clauses)
            predicate = clauses.predicate or None
            base |= {
                "target_kind": kind,
                "target": target,
                "target_predicate": predicate,
                "predicate_has_param": predicate is not None
                and expression_uses(predicate, variables),
            }
    return ParsedWrite(**base)


def _other(kind: str, node: Any, source: _Text, statement: str) -> ParsedWrite:
    relation = node.relation
    columns: tuple[str, ...] | None = None
    values: Mapping[str, str] = {}
    if kind == "update_stmt":
        columns = tuple(t.res_target.name for t in node.target_list)
        values = set_expressions(source.text, source.char(relation.location))
    return ParsedWrite(
        schema=relation.schemaname or None,
        relation=relation.relname,
        operation=kind.removesuffix("_stmt"),
        columns=columns,
        values=values,
        returns_rows=_returns(node),
        statement=statement,
    )


def parse_writes(sql: str, *, variables: frozenset[str] = frozenset()) -> tuple[ParsedWrite, ...]:
    """Every write of one or more statements, also those inside WITH, in execution order.

    `variables` are names that stand for values known only at run time (PL/pgSQL). Raises
    UnreadableSql.
    """
    tree, source = _parse(sql)
    found: list[ParsedWrite] = []
    for stmt, statement in _statements(tree, source):
        for kind, node in _writes_in(stmt):
            if kind == "insert_stmt":
                found.append(_insert(node, source, statement, variables))
            else:
                found.append(_other(kind, node, source, statement))
    return tuple(found)


def _equal_columns(node: Any) -> Iterator[str]:
    kind = node.WhichOneof("node")
    if kind == "bool_expr" and node.bool_expr.boolop == 1:
        for argument in node.bool_expr.args:
            yield from _equal_columns(argument)
    elif kind == "a_expr" and [n.string.sval for n in node.a_expr.name] == ["="]:
        for side in (node.a_expr.lexpr, node.a_expr.rexpr):
            if side.WhichOneof("node") == "column_ref":
                names = [f.string.sval for f in side.column_ref.fields if f.HasField("string")]
                if names:
                    yield names[-1]
                    break


def parse_reads(sql: str) -> tuple[ParsedRead, ...]:
    """The SELECTs of the text that read a relation first. Raises UnreadableSql."""
    tree, source = _parse(sql)
    found: list[ParsedRead] = []
    for stmt, _ in _statements(tree, source):
        if stmt.WhichOneof("node") != "select_stmt":
            continue
        select = stmt.select_stmt
        if not select.from_clause or select.from_clause[0].WhichOneof("node") != "range_var":
            continue
        table = select.from_clause[0].range_var
        columns = (
            tuple(_equal_columns(select.where_clause)) if select.HasField("where_clause") else ()
        )
        found.append(ParsedRead(table.schemaname or None, table.relname, columns))
    return tuple(found)
