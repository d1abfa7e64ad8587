"""The table locks that a parsed command takes.

Source: PostgreSQL manual, Explicit Locking and ALTER TABLE; the server's AlterTableGetLockLevel.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fixit_tui.model.finding import Lock

ROW_EXCLUSIVE = "ROW EXCLUSIVE"
SHARE_UPDATE_EXCLUSIVE = "SHARE UPDATE EXCLUSIVE"
SHARE = "SHARE"
SHARE_ROW_EXCLUSIVE = "SHARE ROW EXCLUSIVE"
EXCLUSIVE = "EXCLUSIVE"
ACCESS_EXCLUSIVE = "ACCESS EXCLUSIVE"
# What a partitioned or inherited table is held with while a child is made.
PARENT = SHARE_UPDATE_EXCLUSIVE
CMD_DELETE = 5
LOCK_MODES = {
    1: "ACCESS SHARE", 2: "ROW SHARE", 3: ROW_EXCLUSIVE, 4: SHARE_UPDATE_EXCLUSIVE, 5: SHARE,
    6: SHARE_ROW_EXCLUSIVE, 7: EXCLUSIVE, 8: ACCESS_EXCLUSIVE,
}  # fmt: skip
_STRENGTH = {mode: number for number, mode in LOCK_MODES.items()}
_ALTER_MODES = {
    **dict.fromkeys(
        ("ValidateConstraint", "SetStatistics", "SetOptions", "ResetOptions", "ClusterOn",
         "DropCluster", "AttachPartition", "DetachPartitionFinalize"),
        SHARE_UPDATE_EXCLUSIVE,
    ),
    **dict.fromkeys(
        ("EnableTrig", "EnableAlwaysTrig", "EnableReplicaTrig", "EnableTrigAll", "EnableTrigUser",
         "DisableTrig", "DisableTrigAll", "DisableTrigUser"),
        SHARE_ROW_EXCLUSIVE,
    ),
}  # fmt: skip
# Storage parameters that need no more than SHARE UPDATE EXCLUSIVE.
_LIGHT_OPTIONS = ("fillfactor", "autovacuum_", "toast.autovacuum_", "parallel_workers",
                  "n_distinct", "vacuum_", "log_autovacuum", "toast_tuple_target")  # fmt: skip
_FOREIGN_KEY = "CONSTR_FOREIGN"
_SEQUENCE_CALLS = ("setval", "nextval")


def name_of(relation: Any) -> str:
    """schema.name, or the name alone where no schema is written."""
    name = str(relation.relname)
    return f"{relation.schemaname}.{name}" if relation.schemaname else name


def list_name(node: Any) -> str:
    """A qualified name that the grammar gives as a list."""
    return ".".join(part.string.sval for part in node.list.items)


def _constraints(element: Any) -> Iterator[Any]:
    """Constraints in a column definition, or the one that it is."""
    if element.HasField("constraint"):
        yield element.constraint
    elif element.HasField("column_def"):
        for one in element.column_def.constraints:
            yield one.constraint


def of_references(elements: Iterable[Any]) -> tuple[Lock, ...]:
    """Locks on the tables that foreign keys among table elements refer to."""
    return tuple(
        Lock(name_of(constraint.pktable), SHARE_ROW_EXCLUSIVE)
        for element in elements
        for constraint in _constraints(element)
        if constraint.HasField("pktable")
    )


def _mode(kind: str, command: Any) -> str:
    definition = getattr(command, "def")
    if kind == "AddConstraint" and definition.constraint.HasField("pktable"):
        return SHARE_ROW_EXCLUSIVE
    if kind in ("SetRelOptions", "ResetRelOptions"):
        names = [item.def_elem.defname for item in definition.list.items]
        light = all(name.startswith(_LIGHT_OPTIONS) for name in names)
        return SHARE_UPDATE_EXCLUSIVE if light else ACCESS_EXCLUSIVE
    if kind == "DetachPartition":
        concurrent = definition.partition_cmd.concurrent
        return SHARE_UPDATE_EXCLUSIVE if concurrent else ACCESS_EXCLUSIVE
    return _ALTER_MODES.get(kind, ACCESS_EXCLUSIVE)


def of_alter_table(node: Any) -> tuple[tuple[Lock, ...], str, bool]:
    """Locks of an ALTER TABLE, why it destroys ('' if not), and whether it must run alone."""
    import postgast

    strongest, destroys, alone = ROW_EXCLUSIVE, "", False
    others: dict[Lock, None] = {}
    for item in node.cmds:
        command = item.alter_table_cmd
        kind = postgast.pg_query_pb2.AlterTableType.Name(command.subtype).removeprefix("AT_")
        strongest = max(strongest, _mode(kind, command), key=_STRENGTH.__getitem__)
        definition = getattr(command, "def")
        if kind in ("AddConstraint", "AddColumn"):
            others.update(dict.fromkeys(of_references([definition])))
        if kind in ("AttachPartition", "DetachPartition"):
            others[Lock(name_of(definition.partition_cmd.name), ACCESS_EXCLUSIVE)] = None
            alone = alone or definition.partition_cmd.concurrent
        if kind == "DropColumn":
            destroys = "drops a column with its values"
        elif kind == "AlterColumnType" and not destroys:
            destroys = "rewrites a column's values as another type"
    return (Lock(name_of(node.relation), strongest), *others), destroys, alone


def of_sequence_calls(node: Any) -> Iterator[Lock]:
    """Locks on sequences that setval or nextval name as a literal below a node."""
    import postgast

    for _, message in postgast.walk(node):
        if message.DESCRIPTOR.name != "FuncCall" or not message.args:
            continue
        if message.funcname[-1].string.sval not in _SEQUENCE_CALLS:
            continue
        first = message.args[0]
        while first.WhichOneof("node") == "type_cast":
            first = first.type_cast.arg
        name = first.a_const.sval.sval if first.WhichOneof("node") == "a_const" else ""
        yield Lock(_folded(name) if name else "unknown", ROW_EXCLUSIVE)


def _folded(name: str) -> str:
    """A name as regclass reads it: schema.name, quotes taken off, the rest in lower case."""
    from fixit_tui.sql.lexer import tokens

    return ".".join(t.name for t in tokens(name) if t.kind in ("word", "quoted")) or "unknown"
