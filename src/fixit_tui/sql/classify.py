"""What a statement is: its locks, whether it may run in a transaction, whether it destroys.

For display and for ordering only: the server has the last word. What cannot be classified is
dangerous. Locks are those that the text shows; ACCESS SHARE and ROW SHARE, which hinder no write,
are left out.
Locks: PostgreSQL manual, Explicit Locking, and each command's own page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from fixit_tui.model.finding import Lock
from fixit_tui.sql import locks
from fixit_tui.sql.grammar import UnreadableSql, parse
from fixit_tui.sql.locks import (
    ACCESS_EXCLUSIVE,
    ROW_EXCLUSIVE,
    SHARE,
    SHARE_ROW_EXCLUSIVE,
    SHARE_UPDATE_EXCLUSIVE,
    name_of,
)


@dataclass(frozen=True, slots=True)
class StatementClass:
    """`kind` is the command in lower case; `reason` says why it is destructive or unknown.

    `made` is the table that it makes for certain, which nobody else sees before COMMIT.
    """

    kind: str
    transactional: bool = True
    locks: tuple[Lock, ...] = ()
    destructive: bool = False
    reason: str = ""
    parsed: bool = True
    made: str = ""


def _unknown(kind: str, reason: str, *, parsed: bool = True) -> StatementClass:
    lock = (Lock("unknown", ACCESS_EXCLUSIVE),)
    return StatementClass(kind, True, lock, True, reason, parsed)


def _index(node: Any) -> StatementClass:
    mode = SHARE_UPDATE_EXCLUSIVE if node.concurrent else SHARE
    return StatementClass(
        "create index", not node.concurrent, (Lock(name_of(node.relation), mode),)
    )


def _object_type(number: int) -> str:
    import postgast

    name = str(postgast.pg_query_pb2.ObjectType.Name(number)).removeprefix("OBJECT_").lower()
    return {"matview": "materialized view"}.get(name, name.replace("_", " "))


_LOCKED_WHEN_DROPPED = ("table", "index", "view", "materialized view", "foreign table", "sequence")


def _drop(node: Any) -> StatementClass:
    kind = _object_type(node.remove_type)
    names = [locks.list_name(o) for o in node.objects if o.WhichOneof("node") == "list"]
    if kind in ("trigger", "policy", "rule"):
        names = [name.rpartition(".")[0] for name in names]
        held = tuple(Lock(name, ACCESS_EXCLUSIVE) for name in names)
    else:
        mode = SHARE_UPDATE_EXCLUSIVE if node.concurrent else ACCESS_EXCLUSIVE
        held = tuple(Lock(name, mode) for name in names if kind in _LOCKED_WHEN_DROPPED)
    if kind in ("schema", "extension", "type", "domain") or node.behavior == _CASCADE:
        held = (*held, Lock("unknown", ACCESS_EXCLUSIVE))
    reason = f"drops {'an' if kind[0] in 'aeiou' else 'a'} {kind}"
    if node.behavior == _CASCADE:
        reason += " and all that depends on it"
    return StatementClass(f"drop {kind}", not node.concurrent, held, True, reason)


_CASCADE = 2


def _alter(node: Any) -> StatementClass:
    kind = f"alter {_object_type(node.objtype)}"
    held, destroys, alone = locks.of_alter_table(node)
    return StatementClass(kind, not alone, held, bool(destroys), destroys)


def _dml(kind: str) -> Callable[[Any], StatementClass]:
    def build(node: Any) -> StatementClass:
        deletes = kind == "delete" or (kind == "merge" and _merge_deletes(node))
        held = (Lock(name_of(node.relation), ROW_EXCLUSIVE),)
        return StatementClass(kind, True, held, deletes, "deletes rows" if deletes else "")

    return build


def _merge_deletes(node: Any) -> bool:
    return any(
        w.merge_when_clause.command_type == locks.CMD_DELETE for w in node.merge_when_clauses
    )


def _lock(node: Any) -> StatementClass:
    mode = locks.LOCK_MODES.get(node.mode, ACCESS_EXCLUSIVE)
    held = tuple(Lock(name_of(r.range_var), mode) for r in node.relations)
    return StatementClass("lock table", True, held)


def _on(kind: str, mode: str, field: str = "relation") -> Callable[[Any], StatementClass]:
    """A command that takes one lock on the relation in a field of its node."""
    return lambda node: StatementClass(kind, True, (Lock(name_of(getattr(node, field)), mode),))


def _trigger(node: Any) -> StatementClass:
    held = [Lock(name_of(node.relation), SHARE_ROW_EXCLUSIVE)]
    if node.HasField("constrrel"):
        held.append(Lock(name_of(node.constrrel), SHARE_ROW_EXCLUSIVE))
    return StatementClass("create trigger", True, tuple(held))


def _truncate(node: Any) -> StatementClass:
    held = [Lock(name_of(r.range_var), ACCESS_EXCLUSIVE) for r in node.relations]
    if node.behavior == _CASCADE:
        held.append(Lock("unknown", ACCESS_EXCLUSIVE))
    return StatementClass("truncate", True, tuple(held), True, "empties a table")


def _reindex(node: Any) -> StatementClass:
    concurrent = any(p.def_elem.defname == "concurrently" for p in node.params)
    if not node.HasField("relation"):
        return replace(_unknown("reindex", "rebuilds every index there"), transactional=False)
    # REINDEX INDEX also takes SHARE on the index's table, which the text does not name.
    mode = ACCESS_EXCLUSIVE if node.kind == 1 else SHARE
    mode = SHARE_UPDATE_EXCLUSIVE if concurrent else mode
    return StatementClass("reindex", not concurrent, (Lock(name_of(node.relation), mode),))


def _vacuum(node: Any) -> StatementClass:
    full = any(option.def_elem.defname == "full" for option in node.options)
    mode = ACCESS_EXCLUSIVE if full else SHARE_UPDATE_EXCLUSIVE
    names = [name_of(r.vacuum_relation.relation) for r in node.rels] or ["unknown"]
    kind = "vacuum" if node.is_vacuumcmd else "analyze"
    held = tuple(Lock(name, mode) for name in names)
    return StatementClass(kind, not node.is_vacuumcmd, held)


def _create_table(node: Any) -> StatementClass:
    own = Lock(name_of(node.relation), ACCESS_EXCLUSIVE)
    parents = [Lock(name_of(r.range_var), locks.PARENT) for r in node.inh_relations]
    return StatementClass(
        "create table",
        True,
        (own, *parents, *locks.of_references(node.table_elts)),
        made="" if node.if_not_exists else own.relation,
    )


def _create_table_as(node: Any) -> StatementClass:
    inner = _of_node(node.query)
    own = Lock(name_of(node.into.rel), ACCESS_EXCLUSIVE)
    kind = f"create {_object_type(node.objtype)}"
    made = "" if node.if_not_exists else own.relation
    return replace(inner, kind=kind, locks=(own, *inner.locks), made=made)


def _set(node: Any) -> StatementClass:
    word = "reset" if node.kind in (5, 6) else "set"
    return StatementClass("set local" if node.is_local else word)


def _explain(node: Any) -> StatementClass:
    """EXPLAIN plans only; with ANALYZE it runs the statement, with all that it does."""
    for option in node.options:
        element = option.def_elem
        if element.defname != "analyze":
            continue
        argument = element.arg
        off = argument.string.sval.lower() in ("false", "off", "0") or (
            argument.HasField("integer") and argument.integer.ival == 0
        )
        if not off:
            return replace(_of_node(node.query), kind="explain analyze")
    return StatementClass("explain")


def _copy(node: Any) -> StatementClass:
    if node.is_program or (node.filename and not node.is_from):
        return _unknown("copy", "runs a program or writes a file on the server")
    if node.is_from:
        return StatementClass("copy", True, (Lock(name_of(node.relation), ROW_EXCLUSIVE),))
    return replace(_of_node(node.query), kind="copy") if node.HasField("query") else (
        StatementClass("copy")
    )  # fmt: skip


def _rename(node: Any) -> StatementClass:
    kind = _object_type(node.relation_type if node.relation_type > 1 else node.rename_type)
    held: tuple[Lock, ...] = ()
    if node.HasField("relation"):
        mode = SHARE_UPDATE_EXCLUSIVE if kind == "index" else ACCESS_EXCLUSIVE
        held = (Lock(name_of(node.relation), mode),)
    return StatementClass(f"alter {kind}", True, held)


def _created(kind: str) -> Callable[[Any], StatementClass]:
    return lambda _: StatementClass(kind)


def _alone(kind: str) -> Callable[[Any], StatementClass]:
    """A command that is not classified, save that no transaction block may hold it."""
    return lambda _: replace(_unknown(kind, "works beyond this database"), transactional=False)


def _grant(node: Any) -> StatementClass:
    return StatementClass("grant" if node.is_grant else "revoke")


def _sequence(node: Any) -> StatementClass:
    return StatementClass("create sequence", True, ())


def _refresh(node: Any) -> StatementClass:
    mode = "EXCLUSIVE" if node.concurrent else ACCESS_EXCLUSIVE
    return StatementClass("refresh materialized view", True, (Lock(name_of(node.relation), mode),))


_BUILDERS: dict[str, Callable[[Any], StatementClass]] = {
    "index_stmt": _index,
    "drop_stmt": _drop,
    "alter_table_stmt": _alter,
    "rename_stmt": _rename,
    "insert_stmt": _dml("insert"),
    "update_stmt": _dml("update"),
    "delete_stmt": _dml("delete"),
    "merge_stmt": _dml("merge"),
    "lock_stmt": _lock,
    "create_trig_stmt": _trigger,
    "create_policy_stmt": _on("create policy", ACCESS_EXCLUSIVE, "table"),
    "alter_policy_stmt": _on("alter policy", ACCESS_EXCLUSIVE, "table"),
    "rule_stmt": _on("create rule", ACCESS_EXCLUSIVE),
    "truncate_stmt": _truncate,
    "reindex_stmt": _reindex,
    "vacuum_stmt": _vacuum,
    "create_stmt": _create_table,
    "create_table_as_stmt": _create_table_as,
    "refresh_mat_view_stmt": _refresh,
    "view_stmt": _on("create view", ACCESS_EXCLUSIVE, "view"),
    "create_seq_stmt": _sequence,
    "alter_seq_stmt": _on("alter sequence", SHARE_ROW_EXCLUSIVE, "sequence"),
    "copy_stmt": _copy,
    "grant_stmt": _grant,
    "create_function_stmt": _created("create function"),
    "create_schema_stmt": _created("create schema"),
    "create_enum_stmt": _created("create type"),
    "composite_type_stmt": _created("create type"),
    "create_domain_stmt": _created("create domain"),
    "comment_stmt": _created("comment"),
    "notify_stmt": _created("notify"),
    "variable_set_stmt": _set,
    "constraints_set_stmt": _created("set constraints"),
    "variable_show_stmt": _created("show"),
    "explain_stmt": _explain,
    "createdb_stmt": _alone("create database"),
    "dropdb_stmt": _alone("drop database"),
    "alter_system_stmt": _alone("alter system"),
    "create_table_space_stmt": _alone("create tablespace"),
    "drop_table_space_stmt": _alone("drop tablespace"),
    "create_subscription_stmt": _alone("create subscription"),
    "drop_subscription_stmt": _alone("drop subscription"),
}


def _inner_statements(node: Any) -> Iterator[Any]:
    """Data-modifying statements in the WITH of a node, at any depth."""
    import postgast

    for _, message in postgast.walk(node):
        is_cte = message.DESCRIPTOR.name == "CommonTableExpr"
        if is_cte and message.ctequery.WhichOneof("node") != "select_stmt":
            yield message.ctequery


def _merged(own: StatementClass, others: list[StatementClass]) -> StatementClass:
    """A statement together with those inside of it; each relation with its locks once."""
    every = [*others, own]
    held = dict.fromkeys(lock for one in every for lock in one.locks)
    return replace(
        own,
        transactional=all(one.transactional for one in every),
        locks=tuple(held),
        destructive=any(one.destructive for one in every),
        reason=next((one.reason for one in (own, *others) if one.reason), ""),
    )


_OWN_SCHEMAS = ("pg_catalog", "information_schema")


def _select(node: Any) -> StatementClass:
    held = tuple(locks.of_sequence_calls(node))
    if node.HasField("into_clause"):
        own = Lock(name_of(node.into_clause.rel), ACCESS_EXCLUSIVE)
        return StatementClass("create table", True, (own, *held), made=own.relation)
    for target in node.target_list:
        names = [part.string.sval for part in target.res_target.val.func_call.funcname]
        if len(names) > 1 and names[0] not in _OWN_SCHEMAS and not node.from_clause:
            return _unknown("select", f"calls {'.'.join(names)}(), which may do anything")
    return StatementClass("select", True, held)


def _of_node(node: Any) -> StatementClass:
    kind = node.WhichOneof("node") or "nothing"
    if kind == "transaction_stmt":
        return _unknown("transaction", "begins or ends a transaction by itself")
    inner = getattr(node, kind, None)
    if kind == "select_stmt":
        found = _select(inner)
        nested = [_of_node(query) for query in _inner_statements(inner)]
        return _merged(replace(found, kind="select with writes") if nested else found, nested)
    builder = _BUILDERS.get(kind)
    if builder is None:
        words = kind.removesuffix("_stmt").replace("_", " ")
        return _unknown(words, "this command is not classified")
    found = builder(inner)
    if kind not in ("insert_stmt", "update_stmt", "delete_stmt", "merge_stmt"):
        return found
    sequences = StatementClass("", True, tuple(locks.of_sequence_calls(inner)))
    return _merged(found, [*(_of_node(query) for query in _inner_statements(inner)), sequences])


def classify(statement: str) -> StatementClass:
    """The class of one statement; never raises."""
    try:
        tree = parse(statement)
    except UnreadableSql as error:
        return _unknown("unreadable", f"the grammar does not read it: {error}", parsed=False)
    if len(tree.stmts) != 1:
        return _unknown("several statements", "not exactly one statement")
    return _of_node(tree.stmts[0].stmt)
