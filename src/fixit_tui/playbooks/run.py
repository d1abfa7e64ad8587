"""Run one playbook over the facts: rows of findings.sql become findings with their fixes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase, Value
from fixit_tui.model.finding import Check, Confidence, Evidence, Finding, RuledOut, Severity, Site
from fixit_tui.playbooks.causes import CAUSES
from fixit_tui.playbooks.fixes import FixBuilder
from fixit_tui.playbooks.manifest import Playbook

RunChecks = Callable[[str], tuple[Check, ...]]
ReadSource = Callable[[str], bytes | None]

_REQUIRED = ("cause", "relation", "object", "severity", "confidence", "title", "why", "fixes")
_OPTIONAL = (
    "write", "sites", "sqlstates", "constraint_name", "key", "chain", "evidence", "ruled_out",
    "params", "edits", "replay",
)  # fmt: skip
Row = Mapping[str, Value]


def _json(row: Row, column: str, default: Any) -> Any:
    raw = row.get(column)
    if raw is None:
        return default
    try:
        value = json.loads(str(raw))
    except json.JSONDecodeError as error:
        raise UsageError(f"findings.sql: column {column} is not JSON: {error}") from error
    return default if value is None else value


def _sites(facts: FactBase, row: Row) -> tuple[Site, ...]:
    given = _json(row, "sites", None)
    if given is not None:
        return tuple(
            Site(s.get("file"), s.get("function"), s.get("line"), s.get("end_line")) for s in given
        )
    if row.get("write") is None:
        return ()
    places = facts.query(
        "SELECT path, line, end_line, routine_name, routine_line FROM write WHERE id = ?",
        (row["write"],),
    )
    return tuple(_site_of_write(place) for place in places)


def _site_of_write(place: Row) -> Site:
    if place["path"] is not None:
        return Site(
            file=str(place["path"]), line=_int(place["line"]), end_line=_int(place["end_line"])
        )
    return Site(function=str(place["routine_name"]), line=_int(place["routine_line"]))


def _int(value: Value) -> int | None:
    return None if value is None else int(value)


def _chain(row: Row, sites: tuple[Site, ...]) -> tuple[str, ...]:
    given = _json(row, "chain", None)
    if given is not None:
        return tuple(str(label) for label in given)
    labels = [sites[0].text] if sites else []
    labels += [str(row[c]) for c in ("relation", "object") if row.get(c)]
    return tuple(labels)


def _finding_id(playbook: Playbook, row: Row, sites: tuple[Site, ...]) -> str:
    places = [s.file or s.function or "" for s in sites]
    parts = [playbook.id, row["cause"], row["relation"], row["object"], row.get("key"), *places]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:10]


def _check_columns(playbook: Playbook, row: Row) -> None:
    for column in _REQUIRED:
        if column not in row:
            raise UsageError(f"{playbook.id}/findings.sql: column {column} is missing")
    for column in row:
        if column not in _REQUIRED and column not in _OPTIONAL:
            raise UsageError(f"{playbook.id}/findings.sql: column {column} is not known")
    if row["cause"] not in playbook.causes or row["cause"] not in CAUSES:
        raise UsageError(f"{playbook.id}/findings.sql: cause {row['cause']} is not declared")


def _finding(playbook: Playbook, facts: FactBase, row: Row, build: FixBuilder) -> Finding:
    _check_columns(playbook, row)
    sites = _sites(facts, row)
    try:
        severity = Severity(str(row["severity"]))
        confidence = Confidence(str(row["confidence"]))
    except ValueError as error:
        raise UsageError(f"{playbook.id}/findings.sql: {error}") from error
    fixes = build.fixes(_json(row, "fixes", []), _json(row, "params", {}), _json(row, "edits", {}))
    return Finding(
        id=_finding_id(playbook, row, sites),
        playbook=playbook.id,
        cause=str(row["cause"]),
        severity=severity,
        confidence=confidence,
        title=str(row["title"]),
        relation=None if row["relation"] is None else str(row["relation"]),
        object=None if row["object"] is None else str(row["object"]),
        document=playbook.document,
        why=tuple(str(w) for w in _json(row, "why", []) if w),
        chain=_chain(row, sites),
        evidence=tuple(
            Evidence(str(e["label"]), str(e["value"])) for e in _json(row, "evidence", [])
        ),
        sites=sites,
        ruled_out=tuple(RuledOut(r["cause"], r["because"]) for r in _json(row, "ruled_out", [])),
        fixes=fixes,
        do_nothing=playbook.do_nothing,
        writeup=playbook.writeup,
        sqlstates=tuple(_json(row, "sqlstates", [])),
        constraint=None if row.get("constraint_name") is None else str(row["constraint_name"]),
        replay=str(row.get("replay") or ""),
    )


def _merged(findings: list[Finding]) -> tuple[Finding, ...]:
    """Two rows of the same identity differ only in where they are: number them."""
    from dataclasses import replace

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
    rows = facts.select(playbook.query)
    build = FixBuilder(playbook, facts, checks, read_source)
    return _merged([_finding(playbook, facts, row, build) for row in rows])
