"""Writes and reads of SQL text, with the original text of every expression.

The structure comes from PostgreSQL's own grammar (libpg_query), the texts from the source itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fixit_tui.sql.clauses import InsertClauses, insert_clauses, set_expressions
from fixit_tui.sql.grammar import UnreadableSql as UnreadableSql
from fixit_tui.sql.lexer import tokens
from fixit_tui.sql.repeats import distinct_columns
from fixit_tui.sql.statements import Statement, parsed_statements

# Functions of the server that return sets: a SELECT list with one of them gives many rows.
_SETS = frozenset(
    {"unnest", "generate_series", "generate_subscripts", "regexp_matches", "regexp_split_to_table",
     "string_to_table", "json_array_elements", "jsonb_array_elements", "json_array_elements_text",
     "jsonb_array_elements_text", "json_each", "jsonb_each", "json_each_text", "jsonb_each_text",
     "json_object_keys", "jsonb_object_keys", "json_populate_recordset", "jsonb_path_query",
     "jsonb_populate_recordset", "json_to_recordset", "jsonb_to_recordset"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParsedWrite:
    """One INSERT, UPDATE, DELETE or MERGE. None means "not said"; texts are the source's own.

    In `values` and `update_values` a placeholder of any style stands as $n, so that equal texts
    mean the same parameter. Of several rows only columns that are alike in all have a value;
    `row_list` has the rows of a VALUES list one by one. `distinct`: see `distinct_columns`.
    """

    schema: str | None
    relation: str
    operation: str
    columns: tuple[str, ...] | None
    values: Mapping[str, str] = field(default_factory=dict)
    positional: tuple[str, ...] = ()
    rows: str = "unknown"
    row_list: tuple[Mapping[str, str], ...] | None = None
    distinct: tuple[str, ...] | None = None
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


def _rows(node: Any) -> str:
    if not node.HasField("select_stmt"):
        return "one"
    select = node.select_stmt.select_stmt
    if select.values_lists:
        return "one" if len(select.values_lists) == 1 else "many"
    limit = select.limit_count.a_const
    if limit.HasField("ival") and limit.ival.ival == 1:
        return "one"
    if select.HasField("larg"):
        return "many" if select.op == 2 else "unknown"
    return "many" if select.from_clause or _makes_sets(select) else "one"


def _makes_sets(select: Any) -> bool:
    calls = (t.res_target.val.func_call for t in select.target_list)
    return any(c.funcname and c.funcname[-1].string.sval in _SETS for c in calls)


def _values(node: Any, columns: tuple[str, ...], clauses: InsertClauses) -> dict[str, str]:
    if clauses.rows:
        if any(len(row) != len(columns) for row in clauses.rows):
            return {}
        by_column = zip(columns, zip(*clauses.rows, strict=True), strict=True)
        return {column: texts[0] for column, texts in by_column if len(set(texts)) == 1}
    select = node.select_stmt.select_stmt
    if select.HasField("larg") or len(clauses.outputs) != len(columns):
        return {}
    if len(select.target_list) != len(columns):
        return {}
    aliases = [t.res_target.name for t in select.target_list]
    return {
        column: _without_alias(text, alias)
        for column, text, alias in zip(columns, clauses.outputs, aliases, strict=True)
    }


def _row_list(
    columns: tuple[str, ...] | None, clauses: InsertClauses
) -> tuple[Mapping[str, str], ...] | None:
    if columns is None or len(clauses.rows) < 2:
        return None
    if any(len(row) != len(columns) for row in clauses.rows):
        return None
    return tuple(dict(zip(columns, row, strict=True)) for row in clauses.rows)


def _positional(node: Any, clauses: InsertClauses) -> tuple[str, ...]:
    """Texts of the one row that is inserted, in the table's own order of columns."""
    if clauses.rows:
        return clauses.rows[0] if len(clauses.rows) == 1 else ()
    select = node.select_stmt.select_stmt
    if select.HasField("larg") or len(select.target_list) != len(clauses.outputs):
        return ()
    names = [t.res_target.name for t in select.target_list]
    return tuple(_without_alias(t, n) for t, n in zip(clauses.outputs, names, strict=True))


def _without_alias(text: str, alias: str) -> str:
    if not alias:
        return text
    items = tokens(text)
    last = len(items) - 1
    if last and items[last - 1].word == "as":
        last -= 1
    return text[: items[last - 1].end] if last else text


def _elements(infer: Any, clauses: InsertClauses) -> tuple[str, tuple[str, ...]]:
    # A written collation or operator class narrows the choice: such an element is kept as text.
    elements = [e.index_elem for e in infer.index_elems]
    names = ["" if e.collation or e.opclass else e.name for e in elements]
    if all(names):
        return "columns", tuple(names)
    texts = clauses.target_elements
    return "expressions", tuple(n or t for n, t in zip(names, texts, strict=False))


def _runtime(node: Any, relation: Any, variables: frozenset[str]) -> bool:
    """Whether a condition holds a parameter, a variable, or a field of NEW, OLD or a record."""
    import postgast

    own = {"excluded", relation.relname, relation.alias.aliasname}
    for _, message in postgast.walk(node):
        if message.DESCRIPTOR.name == "ParamRef":
            return True
        if message.DESCRIPTOR.name != "ColumnRef":
            continue
        names = [part.string.sval for part in message.fields if part.HasField("string")]
        if len(names) == 1 and names[0] in variables:
            return True
        outside = len(names) > 1 and names[0] not in own
        if outside and (names[0] in ("new", "old") or variables & {names[0], names[1]}):
            return True
    return False


def _conflict(
    node: Any, statement: Statement, clauses: InsertClauses, variables: frozenset[str]
) -> dict[str, Any]:
    conflict = node.on_conflict_clause
    found: dict[str, Any] = {
        "has_conflict": True,
        "action": "update" if conflict.target_list else "nothing",
        "target_kind": "none",
        "update_columns": tuple(dict.fromkeys(t.res_target.name for t in conflict.target_list)),
        "update_values": clauses.update_values,
    }
    if not conflict.HasField("infer"):
        return found
    infer = conflict.infer
    if infer.conname:
        return found | {"target_kind": "constraint", "target_constraint": infer.conname}
    kind, target = _elements(infer, clauses)
    span = clauses.predicate_span
    return found | {
        "target_kind": kind,
        "target": target,
        "target_predicate": statement.original(span.start, span.end) if span else None,
        "predicate_has_param": infer.HasField("where_clause")
        and _runtime(infer.where_clause, node.relation, variables),
    }


def _insert(node: Any, statement: Statement, variables: frozenset[str]) -> ParsedWrite:
    relation = node.relation
    clauses = insert_clauses(statement.text, statement.offset(relation.location))
    columns = tuple(c.res_target.name for c in node.cols) or None
    base: dict[str, Any] = {
        "schema": relation.schemaname or None,
        "relation": relation.relname,
        "operation": "insert",
        "columns": columns,
        "values": _values(node, columns, clauses) if columns else {},
        "positional": () if columns else _positional(node, clauses),
        "rows": _rows(node),
        "row_list": _row_list(columns, clauses),
        "distinct": distinct_columns(
            node.select_stmt.select_stmt,
            columns,
            statement.text[statement.offset(relation.location) :],
        )
        if columns
        else None,
        "returns_rows": _returns(node),
        "statement": statement.source,
    }
    if node.HasField("on_conflict_clause"):
        base |= _conflict(node, statement, clauses, variables)
    return ParsedWrite(**base)


def _other(kind: str, node: Any, statement: Statement) -> ParsedWrite:
    relation = node.relation
    columns: tuple[str, ...] | None = None
    values: Mapping[str, str] = {}
    if kind == "update_stmt":
        columns = tuple(dict.fromkeys(t.res_target.name for t in node.target_list))
        values = set_expressions(statement.text, statement.offset(relation.location))
    return ParsedWrite(
        schema=relation.schemaname or None,
        relation=relation.relname,
        operation=kind.removesuffix("_stmt"),
        columns=columns,
        values=values,
        returns_rows=_returns(node),
        statement=statement.source,
    )


def parse_writes(sql: str, *, variables: frozenset[str] = frozenset()) -> tuple[ParsedWrite, ...]:
    """Every write of one or more statements, also those inside WITH, in execution order.

    `variables` are names that stand for values known only at run time (PL/pgSQL). Raises
    UnreadableSql.
    """
    found: list[ParsedWrite] = []
    for statement in parsed_statements(sql):
        for kind, node in _writes_in(statement.node):
            if kind == "insert_stmt":
                found.append(_insert(node, statement, variables))
            else:
                found.append(_other(kind, node, statement))
    return tuple(found)


def _compared(side: Any) -> Iterator[tuple[str, str]]:
    """(qualifier or '', column) of a column reference, or of each in a row of them."""
    kind = side.WhichOneof("node")
    if kind == "column_ref":
        names = [f.string.sval for f in side.column_ref.fields if f.HasField("string")]
        if names:
            yield (names[-2] if len(names) > 1 else ""), names[-1]
    elif kind == "row_expr":
        for argument in side.row_expr.args:
            yield from _compared(argument)


# IN and IS DISTINCT FROM bear the operator's name as well.
_OPERATOR = 1


def _is_equality(expression: Any) -> bool:
    return [part.string.sval for part in expression.name] == ["="]


def _equal_columns(node: Any) -> Iterator[tuple[str, str]]:
    kind = node.WhichOneof("node")
    if kind == "bool_expr" and node.bool_expr.boolop == 1:
        for argument in node.bool_expr.args:
            yield from _equal_columns(argument)
    elif kind == "a_expr" and node.a_expr.kind == _OPERATOR and _is_equality(node.a_expr):
        for side in (node.a_expr.lexpr, node.a_expr.rexpr):
            found = list(_compared(side))
            if found:
                yield from found
                break


def _first_table(node: Any) -> Any | None:
    """The leftmost table of a FROM item."""
    while node.WhichOneof("node") == "join_expr":
        node = node.join_expr.larg
    return node.range_var if node.WhichOneof("node") == "range_var" else None


def _read_of(select: Any) -> Iterator[ParsedRead]:
    if not select.from_clause:
        # SELECT EXISTS (SELECT …)
        for target in select.target_list:
            inner = target.res_target.val.sub_link.subselect
            if inner.WhichOneof("node") == "select_stmt":
                yield from _read_of(inner.select_stmt)
        return
    table = _first_table(select.from_clause[0])
    if table is None:
        return
    own = {"", table.relname, table.alias.aliasname}
    compared = _equal_columns(select.where_clause) if select.HasField("where_clause") else ()
    columns = dict.fromkeys(name for qualifier, name in compared if qualifier in own)
    yield ParsedRead(table.schemaname or None, table.relname, tuple(columns))


def parse_reads(sql: str) -> tuple[ParsedRead, ...]:
    """The SELECTs of the text, each by the table that it reads first. Raises UnreadableSql."""
    found: list[ParsedRead] = []
    for statement in parsed_statements(sql):
        if statement.node.WhichOneof("node") == "select_stmt":
            found.extend(_read_of(statement.node.select_stmt))
    return tuple(found)
