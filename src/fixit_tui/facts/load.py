"""Loaders: captured catalog rows, scanned code and the understood symptom become fact rows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from fixit_tui.facts.base import FactBase, Row, Value
from fixit_tui.facts.resolve import resolve_symptom
from fixit_tui.model.symptom import Symptom

CATALOG_TABLES = (
    "server",
    "relation",
    "attribute",
    "rel_constraint",
    "rel_index",
    "rel_trigger",
    "routine",
    "policy",
    "privilege",
    "sequence",
    "sequence_feed",
    "data_type",
    "key_rows",
    "soft_delete",
    "role",
    "role_member",
    "extension",
    "setting",
    "event_trigger",
    "publication_table",
    "view_source",
    "gap",
)
"""The tables that a capture fills, in the order of the schema."""


class HasRow(Protocol):
    """A value with a form for one fact table."""

    def row(self) -> Mapping[str, Value]: ...


class CodeFacts(Protocol):
    """What a scan of the code folder found; `fixit_tui.code` has the real thing."""

    @property
    def files(self) -> Sequence[HasRow]: ...
    @property
    def calls(self) -> Sequence[HasRow]: ...
    @property
    def unknowns(self) -> Sequence[HasRow]: ...
    @property
    def definitions(self) -> Sequence[HasRow]: ...
    @property
    def statements(self) -> Sequence[HasRow]: ...
    @property
    def keys(self) -> Sequence[HasRow]: ...


def load_catalog(facts: FactBase, rows: Mapping[str, Iterable[Row]]) -> None:
    """Insert captured rows; a table that is no catalog table is a programming error."""
    strangers = set(rows) - set(CATALOG_TABLES)
    if strangers:
        raise ValueError(f"not catalog tables: {', '.join(sorted(strangers))}")
    for table in CATALOG_TABLES:
        facts.insert(table, rows.get(table, ()))


def load_code(facts: FactBase, code: CodeFacts) -> None:
    """Insert the files, calls, unknowns, what its SQL files hold."""
    facts.insert("code_file", [item.row() for item in code.files])
    facts.insert("code_call", [item.row() for item in code.calls])
    facts.insert("unknown", [item.row() for item in code.unknowns])
    facts.insert("sql_definition", [item.row() for item in code.definitions])
    facts.insert("sql_statement", [item.row() for item in code.statements])
    facts.insert("key_definition", [item.row() for item in code.keys])


def load_symptom(facts: FactBase, symptom: Symptom) -> None:
    """Insert the error to explain and look its names up in the catalog.

    The catalog has to be loaded before. `reported_sqlstate` is set when what was pasted is only
    a consequence (25P02) of the explained error.
    """
    root = symptom.root
    reported = symptom.sqlstate if symptom.sqlstate != root.sqlstate else None
    facts.insert("symptom", [{**_named(root), "reported_sqlstate": reported}])
    facts.insert(
        "symptom_frame",
        [
            {
                "depth": depth,
                "function": frame.function,
                "line": frame.line,
                "kind": frame.kind,
                "statement": frame.statement,
            }
            for depth, frame in enumerate(root.frames)
        ],
    )
    facts.insert(
        "symptom_place",
        [{"file": place.file, "line": place.line} for place in root.places],
    )
    resolve_symptom(facts)


def _named(symptom: Symptom) -> dict[str, str | int | None]:
    return {
        "source": symptom.source.value,
        "service": symptom.service.value,
        "sqlstate": symptom.sqlstate,
        "postgrest_code": symptom.postgrest_code,
        "http_status": symptom.http_status,
        "method": symptom.method,
        "url_path": symptom.url_path,
        "schema": symptom.schema,
        "relation": symptom.relation,
        "referenced_relation": symptom.referenced_relation,
        "constraint_name": symptom.constraint,
        "operation": symptom.operation,
        "on_conflict": _json(symptom.on_conflict),
        "columns": _json(symptom.columns),
        "key_columns": _json(symptom.key_columns),
        "filter_columns": _json(symptom.filter_columns),
        "identifiers": _json(symptom.identifiers),
        "resolution": symptom.resolution,
        "statement": symptom.statement,
        "role": symptom.role,
        "message": symptom.message,
        "detail": symptom.detail,
    }


def _json(names: tuple[str, ...] | None) -> str | None:
    return None if names is None else json.dumps(list(names), ensure_ascii=False)
