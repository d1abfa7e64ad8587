"""Run one playbook over the facts: rows of findings.sql become findings with their fixes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase, Value
from fixit_tui.model.finding import Check, Confidence, Evidence, Finding, RuledOut, Severity, Site
from fixit_tui.playbooks.defined_in import defined_in
from fixit_tui.playbooks.fixes import FixBuilder
from fixit_tui.playbooks.manifest import Playbook
from fixit_tui.playbooks.query import rows_of
from fixit_tui.playbooks.shared_text import one_for_each_text, text_place

RunChecks = Callable[[str], tuple[Check, ...]]
ReadSource = Callable[[str], bytes | None]

_REQUIRED = ("cause", "relation", "object", "severity", "confidence", "title", "why", "fixes")
_OPTIONAL = (
    "write", "sites", "sqlstates", "constraint_name", "key", "chain", "evidence", "ruled_out",
    "params", "edits", "replay",
)  # fmt: skip
_SEVERITIES = tuple(s.value for s in Severity)
_CONFIDENCES = (Confidence.CERTAIN.value, Confidence.LIKELY.value)
Row = Mapping[str, Value]
_SAYS = {list: "array", dict: "object"}
_PLACES = """
SELECT path, line, end_line, routine_name, routine_line FROM write WHERE id = ?1
UNION ALL
SELECT c.path, c.line, c.end_line, NULL, NULL FROM write w JOIN code_call c ON c.id = w.call
WHERE w.id = ?1 AND c.statement_path IS NOT NULL
UNION ALL
SELECT c.path, c.statement_line, c.statement_end_line, NULL, NULL
FROM write w JOIN code_call c ON c.id = w.call
WHERE w.id = ?1 AND c.statement_path IS NULL AND c.statement_line IS NOT NULL
"""
"""Where the statement stands; where its text is not the call's own, then also who sends it, or
where in the same file the text is."""
_Json = TypeVar("_Json", list[Any], dict[str, Any])


def _json(row: Row, column: str, shape: type[_Json], inner: type | None = None) -> _Json:
    """The JSON of a column, empty where it is NULL. Raises UsageError for another shape."""
    raw = row.get(column)
    if raw is None:
        return shape()
    try:
        value = json.loads(str(raw))
    except ValueError as error:
        raise UsageError(f"findings.sql: column {column} is not JSON: {error}") from error
    if value is None:
        return shape()
    if not isinstance(value, shape):
        raise UsageError(f"findings.sql: column {column} is not a JSON {_SAYS[shape]}")
    items = value if isinstance(value, list) else value.values()
    if inner is not None and not all(isinstance(item, inner) for item in items):
        raise UsageError(f"findings.sql: column {column} holds something else than it should")
    return value


def _records(row: Row, column: str, *keys: str) -> list[tuple[str, ...]]:
    """The texts under `keys` of a JSON array of objects; an entry with a null says nothing."""
    found = []
    for entry in _json(row, column, list, dict):
        if missing := [key for key in keys if key not in entry]:
            raise UsageError(f"findings.sql: an entry of {column} has no {missing[0]}")
        if all(entry[key] is not None for key in keys):
            found.append(tuple(str(entry[key]) for key in keys))
    return found


def _sites(facts: FactBase, row: Row) -> tuple[Site, ...]:
    if row.get("sites") is not None:
        return tuple(
            Site(s.get("file"), s.get("function"), s.get("line"), s.get("end_line"))
            for s in _json(row, "sites", list, dict)
        )
    if row.get("write") is None:
        return ()
    places = facts.query(_PLACES, (row["write"],))
    # What was pasted stands nowhere.
    return tuple(_site_of_write(p) for p in places if p["path"] or p["routine_name"])


def _site_of_write(place: Row) -> Site:
    if place["path"] is not None:
        return Site(
            file=str(place["path"]), line=_int(place["line"]), end_line=_int(place["end_line"])
        )
    return Site(function=str(place["routine_name"]), line=_int(place["routine_line"]))


def _int(value: Value) -> int | None:
    return None if value is None else int(value)


def _chain(row: Row, sites: tuple[Site, ...]) -> tuple[str, ...]:
    if row.get("chain") is not None:
        return tuple(str(label) for label in _json(row, "chain", list) if label is not None)
    labels = [sites[0].text] if sites else []
    labels += [str(row[c]) for c in ("relation", "object") if row.get(c)]
    return tuple(labels)


def _finding_id(playbook: Playbook, row: Row, sites: tuple[Site, ...]) -> str:
    places = [s.file or s.function or "" for s in sites]
    parts = [playbook.id, row["cause"], row["relation"], row["object"], row.get("key"), *places]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:10]


def check_columns(playbook: Playbook, row: Row) -> None:
    """Raise UsageError when a row of findings.sql lacks a column or has one too many."""
    for column in _REQUIRED:
        if column not in row:
            raise UsageError(f"{playbook.id}/findings.sql: column {column} is missing")
    for column in row:
        if column not in _REQUIRED and column not in _OPTIONAL:
            raise UsageError(f"{playbook.id}/findings.sql: column {column} is not known")


def _check_values(playbook: Playbook, row: Row) -> None:
    if row["cause"] not in playbook.causes:
        raise UsageError(f"{playbook.id}/findings.sql: cause {row['cause']} is not declared")
    for column, allowed in (("severity", _SEVERITIES), ("confidence", _CONFIDENCES)):
        if row[column] not in allowed:
            raise UsageError(
                f"{playbook.id}/findings.sql: {column} {row[column]!r} is not one of"
                f" {', '.join(allowed)}"
            )
    if not row["title"]:
        raise UsageError(f"{playbook.id}/findings.sql: a finding has no title")


def _finding(playbook: Playbook, facts: FactBase, row: Row, build: FixBuilder) -> Finding:
    check_columns(playbook, row)
    _check_values(playbook, row)
    sites = _sites(facts, row)
    fixes = build.fixes(
        _json(row, "fixes", list, str), _json(row, "params", dict), _json(row, "edits", dict)
    )
    return Finding(
        id=_finding_id(playbook, row, sites),
        playbook=playbook.id,
        cause=str(row["cause"]),
        severity=Severity(str(row["severity"])),
        confidence=Confidence(str(row["confidence"])),
        title=str(row["title"]),
        relation=None if row["relation"] is None else str(row["relation"]),
        object=None if row["object"] is None else str(row["object"]),
        document=playbook.document,
        why=tuple(str(w) for w in _json(row, "why", list) if w),
        chain=_chain(row, sites),
        evidence=(
            *(Evidence(*e) for e in _records(row, "evidence", "label", "value")),
            *(Evidence("defined in", place) for place in defined_in(facts, sites)),
        ),
        sites=sites,
        ruled_out=tuple(RuledOut(*r) for r in _records(row, "ruled_out", "cause", "because")),
        fixes=fixes,
        do_nothing=playbook.do_nothing_about.get(str(row["cause"]), playbook.do_nothing),
        writeup=playbook.writeup,
        sqlstates=tuple(_json(row, "sqlstates", list, str)),
        constraint=None if row.get("constraint_name") is None else str(row["constraint_name"]),
        replay=str(row.get("replay") or ""),
    )


def _merged(findings: list[Finding]) -> tuple[Finding, ...]:
    """Two rows of the same identity differ only in where they are: number them."""
    seen: dict[str, int] = {}
    result = []
    for finding in findings:
        count = seen.get(finding.id, 0)
        seen[finding.id] = count + 1
        result.append(replace(finding, id=f"{finding.id}-{count + 1}") if count else finding)
    return tuple(result)


def run_playbook(
    playbook: Playbook,
    facts: FactBase,
    checks: RunChecks | None,
    read_source: ReadSource,
) -> tuple[Finding, ...]:
    """The playbook's findings, each with its fixes filled in.

    `checks` asks a read-only connection (None offline: prechecks stay unknown); `read_source`
    gives the bytes of a file of the code folder. Raises UsageError for a playbook that breaks
    its contract.
    """
    rows = rows_of(facts, playbook.query)
    build = FixBuilder(playbook, facts, checks, read_source)
    found = (
        (_finding(playbook, facts, row, build), text_place(facts, row.get("write"))) for row in rows
    )
    return _merged(one_for_each_text(found))
