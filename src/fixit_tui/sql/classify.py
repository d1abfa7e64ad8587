"""What a statement is: its locks, whether it may run in a transaction, whether it destroys.

For display and for ordering only: the server has the last word. What cannot be classified is
dangerous.
Locks: PostgreSQL manual, Explicit Locking, and each command's own page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fixit_tui.model.finding import Lock

ROW_EXCLUSIVE = "ROW EXCLUSIVE"
SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
SHARE = "SHARE"
SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"


@dataclass(frozen=True, slots=True)
class StatementClass:
    """`kind` is the command in lower case; `reason` says why it is destructive or unknown."""

    kind: str
    transactional: bool = True
    locks: tuple[Lock, ...] = ()
    destructive: bool = False
    reason: str = ""
    parsed: bool = True


def _unknown(kind: str, reason: str, parsed: bool = True) -> StatementClass:
    return StatementClass(
        kind,
        locks=(Lock("unknown", ACCESS_EXCLUSIVE),),
        destructive=True,
        reason=reason,
        parsed=parsed,
    )


def _name(relation: Any) -> str:
    return (
        f"{relation.schemaname}.{relation.relname}"
        if relation.schemaname
        else str(relation.relname)
    )


def _list_name(node: Any) -> str:
    return ".".join(n.string.sval for n in node.list.items)


def _index(node: Any) -> StatementClass:
    lock = SHARE_UPDATE_EXCLUSIVE if node.concurrent else SHARE
    return StatementClass("create index", not node.concurrent, (Lock(_name(node.relation), lock),))


def _drop(node: Any) -> StatementClass:
    import postgast

    kind = postgast.pg_query_pb2.ObjectType.Name(node.remove_type).removeprefix("OBJECT_").lower()
    names = [_list_name(o) for o in node.objects if o.WhichOneof("node") == "list"]
    if kind in ("trigger", "policy", "rule"):
        relations = [n.rpartition(".")[0] for n in names]
        locks = tuple(Lock(r, ACCESS_EXCLUSIVE) for r in relations)
        return StatementClass(f"drop {kind}", True, locks, False, "")
    locks = tuple(Lock(n, ACCESS_EXCLUSIVE) for n in names if kind in ("table", "index", "view"))
    destroys = kind not in ("index", "function", "view")
    return StatementClass(
        f"drop {kind}", not node.concurrent, locks, destroys, f"drops a {kind}" if destroys else ""
    )


_ALTER_LOCKS = {
    "AT_ValidateConstraint": SHARE_UPDATE_EXCLUSIVE,
    "AT_SetStatistics": SHARE_UPDATE_EXCLUSIVE,
    "AT_SetOptions": SHARE_UPDATE_EXCLUSIVE,
    "AT_EnableTrig": SHARE_ROW_EXCLUSIVE,
    "AT_EnableAlwaysTrig": SHARE_ROW_EXCLUSIVE,
    "AT_EnableReplicaTrig": SHARE_ROW_EXCLUSIVE,
    "AT_EnableTrigAll": SHARE_ROW_EXCLUSIVE,
    "AT_EnableTrigUser": SHARE_ROW_EXCLUSIVE,
    "AT_DisableTrig": SHARE_ROW_EXCLUSIVE,
    "AT_DisableTrigAll": SHARE_ROW_EXCLUSIVE,
    "AT_DisableTrigUser": SHARE_ROW_EXCLUSIVE,
}
_STRENGTH = (ROW_EXCLUSIVE, SHARE_UPDATE_EXCLUSIVE, SHARE, SHARE_ROW_EXCLUSIVE, ACCESS_EXCLUSIVE)


def _alter(node: Any) -> StatementClass:
    import postgast

    relation = _name(node.relation)
    locks: list[Lock] = []
    strongest, destructive, reason = ROW_EXCLUSIVE, False, ""
    for command in node.cmds:
        cmd = command.alter_table_cmd
        kind = postgast.pg_query_pb2.AlterTableType.Name(cmd.subtype)
        mode = _ALTER_LOCKS.get(kind, ACCESS_EXCLUSIVE)
        constraint = getattr(cmd, "def").constraint if cmd.HasField("def") else None
        if kind == "AT_AddConstraint" and constraint is not None and constraint.HasField("pktable"):
            mode = SHARE_ROW_EXCLUSIVE
            locks.append(Lock(_name(constraint.pktable), SHARE_ROW_EXCLUSIVE))
        if kind == "AT_DropColumn":
            destructive, reason = True, "drops a column with its values"
        strongest = max(strongest, mode, key=_STRENGTH.index)
    return StatementClass(
        "alter table", True, (Lock(relation, strongest), *locks), destructive, reason
    )


def _dml(kind: str) -> Callable[[Any], StatementClass]:
    def build(node: Any) -> StatementClass:
        return StatementClass(
            kind, True, (Lock(_name(node.relation), ROW_EXCLUSIVE),), kind == "delete",
            "deletes rows" if kind == "delete" else "",
        )  # fmt: skip

    return build


def _lock(node: Any) -> StatementClass:
    modes = {1: "ACCESS SHARE", 2: "ROW SHARE", 3: ROW_EXCLUSIVE, 4: SHARE_UPDATE_EXCLUSIVE,
             5: SHARE, 6: SHARE_ROW_EXCLUSIVE, 7: "EXCLUSIVE", 8: ACCESS_EXCLUSIVE}  # fmt: skip
    locks = tuple(
        Lock(_name(r.range_var), modes.get(node.mode, ACCESS_EXCLUSIVE)) for r in node.relations
    )
    return StatementClass("lock table", True, locks)


def _trigger(node: Any) -> StatementClass:
    return StatementClass(
        "create trigger", True, (Lock(_name(node.relation), SHARE_ROW_EXCLUSIVE),)
    )


def _policy(node: Any) -> StatementClass:
    return StatementClass("create policy", True, (Lock(_name(node.table), ACCESS_EXCLUSIVE),))


def _alter_policy(node: Any) -> StatementClass:
    return StatementClass("alter policy", True, (Lock(_name(node.table), ACCESS_EXCLUSIVE),))


def _truncate(node: Any) -> StatementClass:
    locks = tuple(Lock(_name(r.range_var), ACCESS_EXCLUSIVE) for r in node.relations)
    return StatementClass("truncate", True, locks, True, "empties a table")


def _reindex(node: Any) -> StatementClass:
    concurrent = any(p.def_elem.defname == "concurrently" for p in node.params)
    name = _name(node.relation) if node.HasField("relation") else "unknown"
    mode = SHARE_UPDATE_EXCLUSIVE if concurrent else ACCESS_EXCLUSIVE
    return StatementClass("reindex", not concurrent, (Lock(name, mode),))


def _created(node: Any) -> StatementClass:
    relation = node.into.rel if node.DESCRIPTOR.name == "CreateTableAsStmt" else node.relation
    return StatementClass("create table", True, (Lock(_name(relation), ACCESS_EXCLUSIVE),))


def _alter_sequence(node: Any) -> StatementClass:
    return StatementClass(
        "alter sequence", True, (Lock(_name(node.sequence), SHARE_ROW_EXCLUSIVE),)
    )


def _plain(kind: str) -> Callable[[Any], StatementClass]:
    return lambda _: StatementClass(kind)


_BUILDERS: dict[str, Callable[[Any], StatementClass]] = {
    "index_stmt": _index,
    "drop_stmt": _drop,
    "alter_table_stmt": _alter,
    "insert_stmt": _dml("insert"),
    "update_stmt": _dml("update"),
    "delete_stmt": _dml("delete"),
    "merge_stmt": _dml("merge"),
    "lock_stmt": _lock,
    "create_trig_stmt": _trigger,
    "create_policy_stmt": _policy,
    "alter_policy_stmt": _alter_policy,
    "truncate_stmt": _truncate,
    "reindex_stmt": _reindex,
    "create_stmt": _created,
    "create_table_as_stmt": _created,
    "alter_seq_stmt": _alter_sequence,
    "create_function_stmt": _plain("create function"),
    "create_schema_stmt": _plain("create schema"),
    "grant_stmt": _plain("grant"),
    "comment_stmt": _plain("comment"),
    "variable_set_stmt": _plain("set"),
    "notify_stmt": _plain("notify"),
    "explain_stmt": _plain("explain"),
}


def _select(node: Any) -> StatementClass:
    inner = (
        [c.common_table_expr.ctequery for c in node.with_clause.ctes]
        if node.HasField("with_clause")
        else []
    )
    parts = [_of_node(q) for q in inner if q.WhichOneof("node") != "select_stmt"]
    if not parts:
        return StatementClass("select")
    return StatementClass(
        "select with writes",
        all(p.transactional for p in parts),
        tuple(lock for p in parts for lock in p.locks),
        any(p.destructive for p in parts),
        next((p.reason for p in parts if p.reason), ""),
    )


def _of_node(node: Any) -> StatementClass:
    kind = node.WhichOneof("node")
    if kind == "select_stmt":
        return _select(node.select_stmt)
    if kind == "vacuum_stmt":
        return StatementClass("vacuum", not node.vacuum_stmt.is_vacuumcmd)
    if kind == "transaction_stmt":
        return _unknown("transaction", "begins or ends a transaction by itself")
    builder = _BUILDERS.get(kind or "")
    if builder is None:
        words = (kind or "nothing").removesuffix("_stmt").replace("_", " ")
        return _unknown(words, "this command is not classified")
    result = builder(getattr(node, kind))
    inner = getattr(node, kind)
    if kind in ("insert_stmt", "update_stmt", "delete_stmt", "merge_stmt") and inner.HasField(
        "with_clause"
    ):
        nested = _select(inner)
        return StatementClass(
            result.kind, True, (*nested.locks, *result.locks),
            result.destructive or nested.destructive, result.reason or nested.reason,
        )  # fmt: skip
    return result


def classify(statement: str) -> StatementClass:
    """The class of one statement; never raises."""
    import postgast

    try:
        tree = postgast.parse(statement)
    except (postgast.PgQueryError, ValueError) as error:
        return _unknown("unreadable", f"the grammar does not read it: {error}", parsed=False)
    if len(tree.stmts) != 1:
        return _unknown("several statements", "more than one statement at once")
    return _of_node(tree.stmts[0].stmt)
