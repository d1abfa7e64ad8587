"""A sequence at its end: is the bound its own, or that of the column that it numbers?"""

from __future__ import annotations

from collections.abc import Iterator

from fixit_tui.facts.base import FactBase, Row
from fixit_tui.sql.quote import ident, qualified

_GREATEST = {"smallint": 32767, "integer": 2147483647, "bigint": 9223372036854775807}
_WIDER = {"smallint": "integer", "integer": "bigint"}
_SEQUENCES = """
SELECT s.schema, s.name, s.increment, s.max_value, s.min_value, s.cycles,
       r.schema AS table_schema, r.name AS table_name, a.name AS attribute, a.type,
       (SELECT count(*) FROM rel_constraint k, json_each(k.ref_columns) c
        WHERE k.kind = 'foreign' AND k.ref_relation = r.oid AND c.value = a.name) AS referenced
FROM symptom y, json_each(y.identifiers) n
JOIN sequence s ON s.name = n.value
LEFT JOIN sequence_feed f ON f.sequence = s.oid
LEFT JOIN relation r ON r.oid = coalesce(f.relation, s.relation)
LEFT JOIN attribute a ON a.relation = r.oid AND a.name = coalesce(f.attribute, s.attribute)
WHERE y.sqlstate = '2200H' ORDER BY s.schema, s.name, r.qualified LIMIT 3
"""


def exhausted(facts: FactBase) -> Iterator[str]:
    """For each sequence that the error may name, what gives it more room, as SQL to run."""
    for row in facts.query(_SEQUENCES):
        yield _advice(row)


def _advice(row: Row) -> str:
    sequence = qualified(str(row["schema"]), str(row["name"]))
    down = int(row["increment"] or 1) < 0
    end = int((row["min_value"] if down else row["max_value"]) or 0)
    greatest = _GREATEST.get(str(row["type"]))
    if greatest is None:
        return f"{sequence} ends at {end}; no column of a whole-number type was seen to use it"
    limit = -greatest - 1 if down else greatest
    table = qualified(str(row["table_schema"]), str(row["table_name"]))
    column = f"{table}.{ident(str(row['attribute']))} ({row['type']})"
    if abs(end) < abs(limit):
        kind = "MINVALUE" if down else "MAXVALUE"
        return (
            f"{sequence} ends at {end}, and {column} takes more:"
            f" ALTER SEQUENCE {sequence} AS {row['type']} {kind} {limit} lets it count on;"
            " no row changes, and the table is not locked"
        )
    wider = _WIDER.get(str(row["type"]))
    if wider is None:
        return f"{sequence} and {column} have both come to the end of bigint"
    more = (
        f"; {row['referenced']} foreign keys refer to it, and their columns need {wider}, too"
        if row["referenced"]
        else ""
    )
    return (
        f"{column} takes no greater number than {sequence} has given:"
        f" ALTER TABLE {table} ALTER COLUMN {ident(str(row['attribute']))} TYPE {wider} and"
        f" ALTER SEQUENCE {sequence} AS {wider} make room. The first writes the whole table anew"
        f" under a lock that stops reads, too{more}"
    )
