"""Sequences against the columns they feed: what the next value is, and whether it is taken.

Only tables that may hold rows are asked, and only integer columns that an index leads with, so
that the greatest value is one look-up.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from psycopg import sql

from fixit_tui.model.events import OnEvent
from fixit_tui.postgres.asking import FirstRow, Question, Topic, ask_all, gap
from fixit_tui.postgres.bulk import Record, Rows
from fixit_tui.postgres.connect import Connection

TOPIC = Topic(
    stage="comparing sequences with their columns",
    budget=15.0,
    costs="whether a sequence is behind is not known",
    plural="sequences",
)
_EXTRA = ("countable", "may_hold_rows", "readable", "selectable", "present")


def compare_sequences(
    connection: Connection, rows: Rows, on_event: OnEvent, cancelled: Callable[[], bool]
) -> None:
    """Fill in the captured sequences' values and their columns'; what is not asked is a gap."""
    relations = {r["oid"]: r for r in rows["relation"]}
    asked = _worth_asking(rows, relations)
    ask_all(connection, rows, TOPIC, asked, on_event, cancelled)
    for sequence in rows["sequence"]:
        for name in _EXTRA:
            del sequence[name]


def _worth_asking(rows: Rows, relations: dict[int, Record]) -> list[Question]:
    # Only a key makes a late sequence an error; an index that leads with the column makes the
    # question cheap.
    leading = {
        (i["relation"], json.loads(i["columns"])[0])
        for i in rows["rel_index"]
        if i["is_valid"] and i["predicate"] is None
    }
    asked, hidden = [], 0
    for sequence in rows["sequence"]:
        relation = relations.get(sequence["relation"])
        if relation is None or relation["managed"] or relation["kind"] == "foreign":
            continue
        if not (sequence["countable"] and sequence["may_hold_rows"] and sequence["present"]):
            continue
        if (relation["oid"], sequence["attribute"]) not in leading:
            continue
        # A name that is no text (a database without an encoding) cannot be asked about.
        known = "\ufffd" not in "".join(
            (relation["schema"], relation["name"], sequence["attribute"])
        )
        if not (sequence["readable"] and known):
            hidden += 1
            continue
        asked.append(_question(sequence, relation))
    if hidden:
        gap(rows, TOPIC, f"{hidden} sequences that this role may not read")
    return asked


def _question(sequence: Record, relation: Record) -> Question:
    def answer(found: list[FirstRow]) -> None:
        greatest, last, position, ahead = (_whole(row) for row in found)
        sequence["column_max"] = greatest
        sequence["last_value"] = last
        sequence["next_value"] = _bounded(position, sequence["increment"])
        sequence["next_taken"] = ahead if position is not None else None

    return Question(
        label=f"the greatest {sequence['attribute']} of {relation['qualified']}",
        relation=relation["oid"],
        queries=_queries(sequence, relation),
        answer=answer,
        sequence=sequence["oid"],
    )


def _queries(sequence: Record, relation: Record) -> tuple[sql.Composed, ...]:
    """The column's maximum, the last value, where the sequence stands, the first value beyond."""
    column = sql.Identifier(sequence["attribute"])
    table = sql.Identifier(relation["schema"], relation["name"])
    last = sql.SQL("SELECT pg_sequence_last_value({}::int8::oid::regclass)").format(
        sql.Literal(sequence["oid"])
    )
    # The function is silent on a sequence that was set but not called since; its row is not.
    position = last
    if sequence["selectable"]:
        position = sql.SQL(
            "SELECT last_value - CASE WHEN is_called THEN 0 ELSE {} END FROM {}"
        ).format(
            sql.Literal(sequence["increment"]), sql.Identifier(sequence["schema"], sequence["name"])
        )
    return (
        sql.SQL("SELECT max({})::numeric::text FROM {}").format(column, table),
        last,
        position,
        sql.SQL("SELECT min({c})::numeric::text FROM {t} WHERE {c} > ({p}) + {i}").format(
            c=column, t=table, p=position, i=sql.Literal(max(sequence["increment"] - 1, 0))
        ),
    )


def _bounded(position: int | None, increment: int) -> int | None:
    """What the next call gives, as far as a bigint can hold it."""
    following = None if position is None else position + increment
    return following if following is not None and abs(following) < 2**63 else None


def _whole(row: FirstRow) -> int | None:
    """A number that SQLite can hold, rounded towards the greater one; None if there is none."""
    if row is None or row[0] is None or str(row[0]) in ("NaN", "Infinity"):
        return None
    number = int(str(row[0]).partition(".")[0])
    return number if abs(number) < 2**63 else None
