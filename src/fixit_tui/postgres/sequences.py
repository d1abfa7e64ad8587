"""Sequences against the columns they feed: what the next value is, and whether it is taken.

Only tables that may hold rows are asked, and only integer columns that an index leads with, so
that the greatest value is one look-up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from psycopg import sql

from fixit_tui.model.events import OnEvent
from fixit_tui.postgres.asking import FirstRow, Question, Topic, ask_all, gap, with_rows
from fixit_tui.postgres.bulk import Record, Rows
from fixit_tui.postgres.connect import Connection

TOPIC = Topic(
    stage="comparing sequences with their columns",
    budget=15.0,
    costs="whether a sequence is behind is not known",
    plural="sequences",
)
_EXTRA = ("readable", "selectable", "present")
_NUMBERS = ("smallint", "integer", "bigint", "numeric")
_FEW_ROWS = 200_000
_MOST_SCANS = 50
"""Columns that no index leads with: asked one by one, of small tables only."""


def compare_sequences(
    connection: Connection, rows: Rows, on_event: OnEvent, cancelled: Callable[[], bool]
) -> None:
    """Fill in the captured sequences' values and their columns'; what is not asked is a gap."""
    asked = _worth_asking(connection, rows)
    ask_all(connection, rows, TOPIC, asked, on_event, cancelled)
    for sequence in rows["sequence"]:
        for name in _EXTRA:
            del sequence[name]


def _worth_asking(connection: Connection, rows: Rows) -> list[Question]:
    relations = {r["oid"]: r for r in rows["relation"]}
    sequences = {s["oid"]: s for s in rows["sequence"]}
    fed = {f["attribute"] for f in rows["sequence_feed"]}
    types = {(a["relation"], a["name"]): a["type"] for a in rows["attribute"] if a["name"] in fed}
    asked = [
        feed
        for feed in _indexed(rows, relations)
        if types[feed["relation"], feed["attribute"]].startswith(_NUMBERS)
        and sequences[feed["sequence"]]["present"]
        and not relations[feed["relation"]]["managed"]
    ]
    visible = with_rows(connection, sorted({feed["relation"] for feed in asked}))
    questions, hidden = [], 0
    for feed in asked:
        relation, sequence = relations[feed["relation"]], sequences[feed["sequence"]]
        if relation["oid"] not in visible:
            continue
        # A name that is no text (a database without an encoding) cannot be asked about.
        known = "\ufffd" not in "".join((relation["schema"], relation["name"], feed["attribute"]))
        if sequence["readable"] and visible[relation["oid"]] and known:
            questions.append(_question(feed, sequence, relation))
        else:
            hidden += 1
    if hidden:
        gap(rows, TOPIC, f"{hidden} sequences that this role may not read")
    return questions


def _indexed(rows: Rows, relations: Mapping[int, Record]) -> list[Record]:
    """The feeds of columns that an index leads with, then those deeper in a small table's key.

    Only a key makes a late sequence an error; an index that leads with the column makes the
    question cheap.
    """
    leading: set[tuple[int, str]] = set()
    inside: set[tuple[int, str]] = set()
    for index in rows["rel_index"]:
        if index["is_valid"] and index["predicate"] is None:
            first, *others = json.loads(index["columns"])
            leading.add((index["relation"], first))
            if index["is_unique"]:
                inside.update((index["relation"], other) for other in others)
    cheap, scans = [], []
    for feed in rows["sequence_feed"]:
        relation = relations.get(feed["relation"])
        column = (feed["relation"], feed["attribute"])
        if relation is None or relation["kind"] not in ("table", "partitioned"):
            continue
        if column in leading:
            cheap.append(feed)
        elif column in inside and (relation["row_estimate"] or 0) < _FEW_ROWS:
            scans.append(feed)
    return cheap + scans[:_MOST_SCANS]


def _question(feed: Record, sequence: Record, relation: Record) -> Question:
    def answer(found: list[FirstRow]) -> None:
        farthest, last, position, ahead = (_whole(row) for row in found)
        feed["farthest"] = farthest
        sequence["last_value"] = last
        sequence["next_value"] = _bounded(position, sequence["increment"])
        feed["next_taken"] = ahead if position is not None else None

    word = "greatest" if sequence["increment"] > 0 else "least"
    return Question(
        label=f"the {word} {feed['attribute']} of {relation['qualified']}",
        relation=relation["oid"],
        queries=_queries(feed, sequence, relation),
        answer=answer,
        sequence=sequence["oid"],
    )


def _queries(feed: Record, sequence: Record, relation: Record) -> tuple[sql.Composed, ...]:
    """The column's farthest value in the direction of counting, the last value, where the sequence

    stands, and the first value from there on.
    """
    up = sequence["increment"] > 0
    words = {
        "farthest": sql.SQL("max" if up else "min"),
        "nearest": sql.SQL("min" if up else "max"),
        "beyond": sql.SQL(">=" if up else "<="),
        "c": sql.Identifier(feed["attribute"]),
        # Rows of a table that inherits from this one are under no key of this one.
        "only": sql.SQL("ONLY " if relation["kind"] == "table" else ""),
        "t": sql.Identifier(relation["schema"], relation["name"]),
        "i": sql.Literal(sequence["increment"]),
    }
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
        sql.SQL("SELECT {farthest}({c})::numeric::text FROM {only}{t}").format(**words),
        last,
        position,
        sql.SQL(
            "SELECT {nearest}({c})::numeric::text FROM {only}{t} WHERE {c} {beyond} ({p}) + {i}"
        ).format(p=position, **words),
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
