"""How many rows stand in the way of the key that a failed statement was to make."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from fixit_tui.facts.base import FactBase, Row
from fixit_tui.model.finding import Check
from fixit_tui.sql.quote import ident, literal, qualified

Ask = Callable[[str], Sequence[Check]]
"""Runs one SELECT of (label, holds, detail) on a read-only connection."""

# A pasted predicate is counted with only where it compares and nothing else: a name in front of a
# parenthesis may be a function, and without these signs there is no comment to hide one behind.
_COMPARES = re.compile(r"""[\w\s"'.=<>!()]*""")
_CALL = re.compile(r'[\w"]\s*\(')


def count_wanted_rows(facts: FactBase, ask: Ask) -> None:
    """Fill `doubled_groups` and `extra_rows`; NULL stays where it cannot be counted."""
    wanted = facts.query(
        "SELECT k.rowid AS number, k.*, r.schema AS table_schema, r.name AS table_name"
        " FROM wanted_key k JOIN relation r ON r.oid = k.relation WHERE k.columns IS NOT NULL"
    )
    for key in wanted:
        predicate = str(key["predicate"] or "")
        if _CALL.search(predicate) or not _COMPARES.fullmatch(predicate):
            continue
        for check in ask(_question(key)):
            groups, _, extra = check.detail.partition(" ")
            if check.holds is not None and groups.isdigit() and extra.isdigit():
                facts.execute(
                    "UPDATE wanted_key SET doubled_groups = ?, extra_rows = ? WHERE rowid = ?",
                    (int(groups), int(extra), key["number"]),
                )


def _question(key: Row) -> str:
    columns = ", ".join(ident(name) for name in json.loads(str(key["columns"])))
    conditions = [f"({key['predicate']})"] if key["predicate"] else []
    if not key["nulls_not_distinct"]:
        conditions.append(f"({columns}) IS NOT NULL")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    table = qualified(str(key["table_schema"]), str(key["table_name"]))
    label = f"no rows of {key['table_schema']}.{key['table_name']} share {key['key_text']}"
    return (
        f"SELECT {literal(label)}, count(*) = 0, count(*) || ' ' || coalesce(sum(n - 1), 0)"
        f" FROM (SELECT count(*) AS n FROM {table}{where} GROUP BY {columns}"
        " HAVING count(*) > 1) AS doubled"
    )
