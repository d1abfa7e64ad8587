"""Which finding explains the symptom, which causes it excludes, and what would settle the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from fixit_tui.facts.base import FactBase, Value
from fixit_tui.model.finding import Confidence, Finding, RuledOut, Severity
from fixit_tui.playbooks.causes import RAISES
from fixit_tui.playbooks.manifest import Playbook
from fixit_tui.symptoms.http import expected_status

_SEVERITY = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
_CONFIDENCE = {Confidence.PROVEN: 0, Confidence.CERTAIN: 1, Confidence.LIKELY: 2}
_MAX_RULED_OUT = 8
Row = Mapping[str, Value]


def _symptom(facts: FactBase) -> Row | None:
    rows = facts.query("SELECT * FROM symptom")
    return rows[0] if rows else None


def _reachable(facts: FactBase, symptom: Row) -> frozenset[str]:
    """Relations that the reported request may write: its own, and its triggers' transitively."""
    rows = facts.query(
        """
        SELECT r.qualified FROM relation r WHERE r.oid = :oid OR (:oid IS NULL AND r.name = :name)
        UNION
        SELECT x.qualified FROM effect e JOIN write w ON w.id = e.write
          JOIN relation x ON x.oid = w.relation JOIN relation o ON o.oid = e.relation
        WHERE e.relation = :oid OR (:oid IS NULL AND o.name = :name)
        """.replace(":oid", "?1").replace(":name", "?2"),
        (symptom["relation_oid"], symptom["relation"]),
    )
    return frozenset(str(row["qualified"]) for row in rows)


def _state_score(finding: Finding, symptom: Row) -> int | None:
    """Points for the SQLSTATE or status; None when they contradict."""
    state = symptom["sqlstate"] or symptom["postgrest_code"]
    if state is not None:
        return 40 if state in finding.sqlstates else None
    status = symptom["http_status"]
    if status is not None:
        statuses = {_status(s) for s in finding.sqlstates}
        return 15 if status in statuses else None
    return 0


def _status(sqlstate: str) -> int:
    return 406 if sqlstate == "PGRST116" else expected_status(sqlstate)


def _constraint_score(finding: Finding, symptom: Row) -> int | None:
    name = symptom["constraint_name"]
    if name is None:
        return 0
    if finding.constraint is None:
        return 0 if finding.object is None or finding.object != name else 30
    return 40 if finding.constraint == name else None


def _relation_score(finding: Finding, symptom: Row, reachable: frozenset[str]) -> int | None:
    if symptom["relation"] is None or not reachable:
        return 0
    return 25 if finding.relation in reachable else None


def _place_score(facts: FactBase, finding: Finding) -> int:
    score = 0
    places = facts.query("SELECT file, line FROM symptom_place")
    for place in places:
        file, line = str(place["file"]), int(place["line"] or 0)
        for site in finding.sites:
            if site.file and (site.file.endswith(file) or file.endswith(site.file)):
                near = (site.line or 0) - 3 <= line <= (site.end_line or site.line or 0) + 3
                score = max(score, 20 if near else 5)
    routines = facts.query(
        "SELECT q.qualified FROM symptom_frame f JOIN routine q ON q.oid = f.routine"
    )
    names = {str(r["qualified"]) for r in routines}
    if names and any(site.function in names for site in finding.sites):
        score += 30
    return score


def _statement_score(facts: FactBase, finding: Finding) -> int:
    """The pasted statement writes the finding's relation."""
    rows = facts.query(
        "SELECT r.qualified FROM write w JOIN relation r ON r.oid = w.relation"
        " WHERE w.origin = 'pasted'"
    )
    return 20 if finding.relation in {str(r["qualified"]) for r in rows} else 0


def score(facts: FactBase, finding: Finding, symptom: Row, reachable: frozenset[str]) -> int:
    """How well a finding explains the symptom; 0 when something contradicts or nothing agrees."""
    parts = (
        _state_score(finding, symptom),
        _constraint_score(finding, symptom),
        _relation_score(finding, symptom, reachable),
    )
    if any(part is None for part in parts):
        return 0
    points = sum(part or 0 for part in parts)
    if points == 0 or finding.severity is Severity.INFO:
        return 0
    has_state = symptom["sqlstate"] or symptom["postgrest_code"]
    # A status alone fits too much: it needs a place, a key or a table that agrees as well.
    if not has_state and points <= 15 and not _place_score(facts, finding):
        return 0
    return points + _place_score(facts, finding) + _statement_score(facts, finding)


def _ruled_out(
    finding: Finding, symptom: Row, playbooks: Sequence[Playbook], found: Iterable[Finding]
) -> tuple[RuledOut, ...]:
    """The finding's own list, and the causes of clear playbooks that the error's code suggests."""
    state = symptom["sqlstate"] or symptom["postgrest_code"]
    listed = {r.cause for r in finding.ruled_out} | {finding.cause}
    extra: list[RuledOut] = []
    others = {f.cause: f for f in found}
    for playbook in playbooks:
        for cause in playbook.causes:
            if cause in listed or state not in RAISES.get(cause, ()):
                continue
            listed.add(cause)
            if cause in others:
                where = others[cause].relation or "elsewhere"
                extra.append(RuledOut(cause, f"found on {where}, which this error does not name"))
            else:
                extra.append(RuledOut(cause, "looked for, and nothing of the kind was found"))
    return (*finding.ruled_out, *extra)[:_MAX_RULED_OUT]


def explain(
    findings: Sequence[Finding], facts: FactBase, playbooks: Sequence[Playbook]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Findings in order of explanatory power, and what would settle an unexplained symptom."""
    symptom = _symptom(facts)
    if symptom is None:
        return tuple(sorted(findings, key=_order)), ()
    if symptom["service"] not in (None, "database"):
        return tuple(sorted(findings, key=_order)), (_foreign(symptom),)
    reachable = _reachable(facts, symptom)
    scored = [replace(f, score=score(facts, f, symptom, reachable)) for f in findings]
    best = max((f.score for f in scored), default=0)
    ranked = [
        replace(
            f,
            explains=f.score > 0 and f.score >= best - 10,
            ruled_out=_ruled_out(f, symptom, playbooks, findings) if f.score else f.ruled_out,
        )
        for f in scored
    ]
    wishes = () if best else unexplained(facts, symptom)
    return tuple(sorted(ranked, key=_order)), wishes


def _order(finding: Finding) -> tuple[object, ...]:
    return (
        not finding.explains,
        -finding.score,
        _SEVERITY[finding.severity],
        _CONFIDENCE[finding.confidence],
        finding.playbook,
        finding.relation or "",
        finding.id,
    )


def _foreign(symptom: Row) -> str:
    names = {
        "storage": "the storage service answered, not the database: an upload of an object that"
        " is there needs upsert: true, and policies on storage.objects",
        "functions": "an edge function answered: its own code chose this status; look at its logs",
        "auth": "the auth service answered: a trigger on auth.users may have failed; the server"
        " log has the real error",
        "own-backend": "your own backend answered: it chose this status; its log has the error",
    }
    return names.get(str(symptom["service"]), "another service answered, not the database")


def unexplained(facts: FactBase, symptom: Row) -> tuple[str, ...]:
    """What to bring so that a symptom that nothing explains can be settled."""
    wishes: list[str] = []
    if symptom["sqlstate"] is None and symptom["postgrest_code"] is None:
        wishes.append("the response body or the server log line: a status alone fits many causes")
    if symptom["reported_sqlstate"] == "25P02":
        wishes.append("the first error of that transaction: 25P02 is only its echo")
    if (
        symptom["constraint_name"]
        and symptom["index_oid"] is None
        and not symptom["constraint_oid"]
    ):
        wishes.append(
            f"the right database: there is no key called {symptom['constraint_name']} in this one"
        )
    if not facts.query("SELECT 1 FROM code_file LIMIT 1"):
        wishes.append("the application's code folder (--code): the statement may stand there")
    if symptom["statement"] is None:
        wishes.append("the statement that failed (STATEMENT in the server log)")
    wishes.append("a replay of the statement as the request's role, with its row level security")
    return tuple(wishes)
