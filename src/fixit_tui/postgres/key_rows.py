"""Rows that a unique key does not keep apart because a column of it is NULL: counted, not read."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Sequence

from psycopg import sql

from fixit_tui.model.events import OnEvent
from fixit_tui.postgres.asking import FirstRow, Question, Topic, ask_all, gap, with_rows
from fixit_tui.postgres.bulk import Record, Rows
from fixit_tui.postgres.connect import Connection

TOPIC = Topic(
    stage="counting rows whose key holds a NULL",
    budget=5.0,
    costs="whether rows pile up there, because NULLs do not conflict, is not known",
    plural="unique keys with NULLs",
)
# Beyond this the answers would cost more than what they tell.
_MANY_KEYS = 1_000
# How the server prints a function call. Other people's functions are not run.
_CALL = re.compile(r'[\w"]\(')
_Key = tuple[Record, Sequence[str], Sequence[str]]
"""An index, its key columns, and those of them that may be NULL."""


def count_null_keys(
    connection: Connection, rows: Rows, on_event: OnEvent, cancelled: Callable[[], bool]
) -> None:
    """Fill `key_rows` for the unique keys that leave rows with a NULL in them alone."""
    rows["key_rows"] = []
    relations = {r["oid"]: r for r in rows["relation"]}
    keys = _nullable_keys(rows, relations)
    if len(keys) > _MANY_KEYS:
        gap(rows, TOPIC, f"{len(keys) - _MANY_KEYS} {TOPIC.plural} (too many to ask)")
    asked = _questions(connection, rows, relations, keys[:_MANY_KEYS])
    ask_all(connection, rows, TOPIC, asked, on_event, cancelled)


def _nullable_keys(rows: Rows, relations: dict[int, Record]) -> list[_Key]:
    nullable: dict[int, set[str]] = defaultdict(set)
    for column in rows["attribute"]:
        if not column["not_null"]:
            nullable[column["relation"]].add(column["name"])
    found: list[_Key] = []
    for index in rows["rel_index"]:
        relation = relations.get(index["relation"])
        if relation is None or relation["managed"] or relation["kind"] == "foreign":
            continue
        if not (index["is_unique"] and index["is_valid"]) or index["nulls_not_distinct"]:
            continue
        columns = json.loads(index["columns"])
        predicate = index["predicate"]
        if None in columns or predicate == "" or (predicate and _CALL.search(predicate)):
            continue
        may_be_null = [c for c in columns if c in nullable[index["relation"]]]
        if may_be_null and index["parent_index"] is None:
            found.append((index, columns, may_be_null))
    return found


def _questions(
    connection: Connection,
    rows: Rows,
    relations: dict[int, Record],
    keys: list[_Key],
) -> list[Question]:
    wanted = sorted({index["relation"] for index, _, _ in keys})
    if not wanted:
        return []
    readable = with_rows(connection, wanted)
    asked = []
    hidden = 0
    for index, columns, nullable in keys:
        relation = relations[index["relation"]]
        if relation["oid"] not in readable:
            continue
        # A name that is no text (a database without an encoding) cannot be asked about.
        known = "\ufffd" not in "".join((relation["schema"], relation["name"], *columns))
        if not (readable[relation["oid"]] and known):
            hidden += 1
            continue
        asked.append(_question(rows, index, relation, columns, nullable))
    if hidden:
        gap(rows, TOPIC, f"{hidden} {TOPIC.plural} whose rows this role may not read")
    return asked


def _question(
    rows: Rows, index: Record, relation: Record, columns: Sequence[str], nullable: Sequence[str]
) -> Question:
    def answer(found: list[FirstRow]) -> None:
        assert found[0] is not None
        sets, extra = found[0]
        rows["key_rows"].append({"index_oid": index["oid"], "null_sets": sets, "null_extra": extra})

    missing = sql.SQL(" OR ").join(
        sql.SQL("{} IS NULL").format(sql.Identifier(c)) for c in nullable
    )
    query = sql.SQL(
        "SELECT count(*)::int8, coalesce(sum(s.n - 1), 0)::int8 FROM (SELECT count(*) AS n FROM {t}"
        " WHERE ({missing}) AND ({predicate}) GROUP BY {columns} HAVING count(*) > 1) AS s"
    ).format(
        t=sql.Identifier(relation["schema"], relation["name"]),
        missing=missing,
        predicate=sql.SQL(index["predicate"] or "true"),
        columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
    )
    return Question(
        label=f"rows of {relation['qualified']} with a NULL in {index['name']}",
        relation=relation["oid"],
        queries=(query,),
        answer=answer,
    )
