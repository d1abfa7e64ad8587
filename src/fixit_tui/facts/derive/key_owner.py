"""Who has the reported key value: a row that is there, or one that was soft-deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from fixit_tui.facts.base import FactBase, Row, Value
from fixit_tui.facts.derive.conflict_targets import index_keys
from fixit_tui.model.finding import Check
from fixit_tui.sql.quote import literal, qualified

Ask = Callable[[str], Sequence[Check]]
"""Runs one SELECT of (label, holds, detail) on a read-only connection."""


def find_key_owner(facts: FactBase, value: str, ask: Ask) -> None:
    """Fill `key_owner` for the symptom's key, whose value the error shows as `value`."""
    rows = facts.query(
        "SELECT i.*, r.schema AS table_schema, r.name AS table_name FROM symptom s"
        " JOIN rel_index i ON i.oid = s.index_oid JOIN relation r ON r.oid = i.relation"
        " WHERE s.sqlstate = '23505'"
    )
    marks = facts.query(
        "SELECT d.* FROM soft_delete d JOIN symptom s ON s.relation_oid = d.relation"
        " WHERE d.live <> ''"
    )
    condition = _condition(rows[0], value) if rows else None
    if condition is None:
        return
    table = qualified(str(rows[0]["table_schema"]), str(rows[0]["table_name"]))
    questions = [
        (literal(str(mark["attribute"])), f"bool_or(NOT ({mark['live']}))") for mark in marks
    ]
    # Whoever is under row level security cannot tell that nobody has it.
    seen = f"NOT pg_catalog.row_security_active({literal(table)}::regclass)"
    answers = ask(
        "\nUNION ALL\n".join(
            f"SELECT {label}, {holds}, count(*)::text FROM {table} WHERE {condition}"
            for label, holds in [("''", seen), *questions]
        )
    )
    facts.insert("key_owner", _owners(rows[0], answers))


def _condition(index: Row, value: str) -> str | None:
    """Key equals value, as the server printed both; None where the value cannot be taken apart."""
    keys = index_keys(index)
    values = [value] if len(keys) == 1 else value.split(", ")
    if len(values) != len(keys) or "" in keys or index["predicate"] == "":
        return None
    parts = [f"({key}) = {literal(text)}" for key, text in zip(keys, values, strict=True)]
    if index["predicate"]:
        parts.append(f"({index['predicate']})")
    return " AND ".join(parts)


def _owners(index: Row, answers: Sequence[Check]) -> Iterator[dict[str, Value]]:
    for check in answers:
        if not check.label:
            if check.detail.isdigit() and (check.holds or check.detail != "0"):
                yield {
                    "index_oid": index["oid"],
                    "relation": index["relation"],
                    "owners": int(check.detail),
                }
        # Nobody has it now, or this role does not see who: both leave the question open.
        elif check.holds is not None and check.detail.isdigit() and check.detail != "0":
            yield {
                "index_oid": index["oid"],
                "relation": index["relation"],
                "attribute": check.label,
                "owners": int(check.detail),
                "dead": int(check.holds) * int(check.detail),
            }
