"""Marks of soft-deleted rows on tables with a unique key that does not know them; rows counted."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable

from psycopg import sql

from fixit_tui.model.events import OnEvent
from fixit_tui.postgres.asking import FirstRow, Question, Topic, ask_all, gap, with_rows
from fixit_tui.postgres.bulk import Record, Rows
from fixit_tui.postgres.connect import Connection
from fixit_tui.sql.soft_delete import STATE_VALUES, Mark, live_states, mark_of

TOPIC = Topic(
    stage="counting soft-deleted rows",
    budget=5.0,
    costs="whether a deleted row still owns a unique value there is not known",
    plural="tables with soft-deleted rows",
)
_MANY_MARKS = 1_000


def count_soft_deleted(
    connection: Connection, rows: Rows, on_event: OnEvent, cancelled: Callable[[], bool]
) -> None:
    """Fill `soft_delete`: a row for each mark, with the number of rows that bear it."""
    rows["soft_delete"] = []
    found = _marks(rows)
    if len(found) > _MANY_MARKS:
        gap(rows, TOPIC, f"{len(found) - _MANY_MARKS} {TOPIC.plural} (too many to ask)")
        found = found[:_MANY_MARKS]
    readable = with_rows(connection, sorted({r["oid"] for r, _, _ in found}))
    asked, hidden = [], 0
    for relation, mark, not_null in found:
        record: Record = {
            "relation": relation["oid"],
            "attribute": mark.column,
            "strength": mark.strength,
            "live": mark.live,
            "dead_rows": None if relation["oid"] in readable else 0,
        }
        if mark.live:
            rows["soft_delete"].append(record)
        if relation["oid"] not in readable:
            continue
        if not readable[relation["oid"]] or "\ufffd" in relation["qualified"] + mark.column:
            hidden += 1
            continue
        asked.append(_question(rows, relation, record, not_null=not_null))
    if hidden:
        gap(rows, TOPIC, f"{hidden} {TOPIC.plural} that this role may not read")
    ask_all(connection, rows, TOPIC, asked, on_event, cancelled)


def _marks(rows: Rows) -> list[tuple[Record, Mark, bool]]:
    """Marks outside some unique key of their table, with whether the column is NOT NULL."""
    keys: dict[int, list[list[str | None]]] = defaultdict(list)
    for index in rows["rel_index"]:
        if index["is_unique"] and index["is_valid"]:
            keys[index["relation"]].append(json.loads(index["columns"]))
    relations = {
        r["oid"]: r
        for r in rows["relation"]
        if r["kind"] in ("table", "partitioned") and not r["managed"] and r["parent"] is None
    }
    found = []
    for column in rows["attribute"]:
        relation = relations.get(column["relation"])
        if relation is None or column["relation"] not in keys or column["generated"]:
            continue
        not_null = bool(column["not_null"])
        mark = mark_of(column["name"], column["type"], not_null=not_null)
        if mark and any(mark.column not in key for key in keys[column["relation"]]):
            found.append((relation, mark, not_null))
    return found


def _question(rows: Rows, relation: Record, record: Record, *, not_null: bool) -> Question:
    table = sql.Identifier(relation["schema"], relation["name"])
    column = sql.Identifier(record["attribute"])
    if record["live"]:

        def counted(found: list[FirstRow]) -> None:
            assert found[0] is not None
            record["dead_rows"] = found[0][0]

        query = sql.SQL("SELECT count(*)::int8 FROM {} WHERE NOT ({})").format(
            table, sql.SQL(record["live"])
        )
        answer = counted
    else:

        def of_values(found: list[FirstRow]) -> None:
            assert found[0] is not None
            count, values = found[0]
            if count:
                live = live_states(record["attribute"], values, not_null=not_null)
                rows["soft_delete"].append({**record, "live": live, "dead_rows": count})

        query = sql.SQL(
            "SELECT count(*)::int8, array_agg(DISTINCT {c}::text) FROM {t}"
            " WHERE lower({c}::text) = ANY ({v}::text[])"
        ).format(c=column, t=table, v=sql.Literal(list(STATE_VALUES)))
        answer = of_values
    return Question(
        label=f"rows of {relation['qualified']} with {record['attribute']}",
        relation=relation["oid"],
        queries=(query,),
        answer=answer,
    )
