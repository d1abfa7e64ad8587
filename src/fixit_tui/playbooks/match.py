"""One finding against the reported error: what agrees, and what contradicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fixit_tui.facts.base import FactBase, Value
from fixit_tui.model.finding import Finding, Severity
from fixit_tui.symptoms.http import postgrest_status, status_fits

WARNING = "01000"
HIDES = frozenset({"swallowed-trigger-error"})

Row = Mapping[str, Value]

# A view, a partition and the partitioned table stand for each other: the server names the one that
# it met, a finding the one that the statement is about.
_LINKS = """
  SELECT oid AS a, parent AS b FROM relation WHERE parent IS NOT NULL
  UNION ALL SELECT parent, oid FROM relation WHERE parent IS NOT NULL
  UNION ALL SELECT view, relation FROM view_source
"""
_REACHABLE = f"""
WITH RECURSIVE
  link(a, b) AS MATERIALIZED ({_LINKS}),
  named(oid) AS (
    SELECT oid FROM relation
    WHERE oid = ?1 OR (?1 IS NULL AND ?2 IN (name, qualified))
       OR (?3 IS NOT NULL AND ?3 IN (name, qualified))
    UNION SELECT link.b FROM named JOIN link ON link.a = named.oid
  ),
  written(oid) AS (
    SELECT oid FROM named
    UNION SELECT w.relation FROM effect e JOIN named ON named.oid = e.relation
      JOIN write w ON w.id = e.write WHERE e.fires <> 'never' AND w.relation IS NOT NULL
    UNION SELECT link.b FROM written JOIN link ON link.a = written.oid
  )
SELECT r.qualified FROM written JOIN relation r ON r.oid = written.oid
"""
_REFERENCING = """
SELECT c.qualified FROM rel_constraint k JOIN relation c ON c.oid = k.relation
WHERE k.kind = 'foreign' AND k.ref_relation = ?
"""
_KEYS = """
WITH RECURSIVE key(oid, name, parent) AS (
  SELECT oid, name, parent_index FROM rel_index WHERE name = ?1
  UNION
  SELECT i.oid, i.name, i.parent_index FROM rel_index i
    JOIN key ON i.oid = key.parent OR i.parent_index = key.oid
)
SELECT name FROM key
"""


@dataclass(frozen=True, slots=True)
class Reported:
    """The symptom's row with its names followed through the catalog.

    `relations` are those that the reported request may write, its triggers' included; `keys` the
    names under which the reported key goes on the partitions; `functions` the qualified routines
    of the error's CONTEXT; `referencing` the tables whose foreign keys a DELETE can break.
    """

    row: Row
    relations: frozenset[str]
    referencing: frozenset[str]
    keys: frozenset[str]
    functions: frozenset[str]
    pasted: frozenset[str]
    places: tuple[tuple[str, int], ...]

    @property
    def state(self) -> str | None:
        """The SQLSTATE, or PostgREST's own code; None when the text shows neither."""
        value = self.row["sqlstate"] or self.row["postgrest_code"]
        return None if value is None else str(value)

    @property
    def constraint(self) -> str | None:
        """The constraint or index that the error names."""
        value = self.row["constraint_name"]
        return None if value is None else str(value)

    @property
    def called(self) -> str | None:
        """The function that a REST request called by rpc."""
        _, mark, name = str(self.row["url_path"] or "").rpartition("/rpc/")
        return name if mark and name else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """How well a finding explains the error; `against` says what contradicts ('' if nothing)."""

    score: int
    against: str = ""


def reported(facts: FactBase) -> Reported | None:
    """The symptom of these facts; None when nothing was pasted."""
    rows = facts.query("SELECT * FROM symptom")
    if not rows:
        return None
    row = rows[0]
    # A foreign key violation names both tables, and which one first depends on the direction.
    other = row["referenced_relation"] if row["sqlstate"] in ("23503", "23001") else None
    named = facts.query(_REACHABLE, (row["relation_oid"], row["relation"], other))
    deletes = row["operation"] == "delete"
    referencing = facts.query(_REFERENCING, (row["relation_oid"],)) if deletes else []
    keys = facts.query(_KEYS, (row["constraint_name"],))
    frames = facts.query(
        "SELECT q.qualified FROM symptom_frame f JOIN routine q ON q.oid = f.routine"
    )
    pasted = facts.query(
        "SELECT r.qualified FROM write w JOIN relation r ON r.oid = w.relation"
        " WHERE w.origin = 'pasted'"
    )
    places = facts.query("SELECT file, line FROM symptom_place")
    return Reported(
        row=row,
        relations=frozenset(str(r["qualified"]) for r in named),
        referencing=frozenset(str(r["qualified"]) for r in referencing),
        keys=frozenset({str(row["constraint_name"]), *(str(k["name"]) for k in keys)}),
        functions=frozenset(str(r["qualified"]) for r in frames),
        pasted=frozenset(str(r["qualified"]) for r in pasted),
        places=tuple((str(p["file"]), int(p["line"] or 0)) for p in places),
    )


def verdict(finding: Finding, error: Reported) -> Verdict:
    """Points for everything that agrees; none when something contradicts or nothing agrees."""
    parts = (
        _state(finding, error),
        _constraint(finding, error),
        _relation(finding, error),
        _context(finding, error),
    )
    against = next((p for p in parts if isinstance(p, str)), "")
    if against or finding.severity is Severity.INFO:
        return Verdict(0, against)
    points = sum(p for p in parts if isinstance(p, int))
    place = _place(finding, error)
    # A status alone fits too much: it needs a place, a key or a table that agrees as well.
    if points == 0 or (error.state is None and points <= 15 and not place):
        return Verdict(0)
    return Verdict(points + place + 20 * (finding.relation in error.pasted))


def _state(finding: Finding, error: Reported) -> int | str:
    said = " or ".join(finding.sqlstates) or "no error"
    if error.state == WARNING:
        if finding.cause in HIDES:
            return 0
        return f"it raises {said}, but the report is a warning: no statement failed"
    if error.state is not None:
        if error.state in finding.sqlstates:
            return 40
        if error.row["reported_sqlstate"] in finding.sqlstates:
            return _echo(error.state)
        return f"it raises {said}, but the server said {error.state}"
    status = error.row["http_status"]
    if status is None:
        return 0
    # The application's own backend chooses its statuses itself.
    if error.row["service"] == "own-backend":
        return 0
    if any(_answers(int(status), s) for s in finding.sqlstates):
        return 15
    return f"it raises {said}, which is not answered with status {status}"


def _echo(first: str) -> int:
    """Points for what goes wrong after the first error of a transaction.

    A conflict in the data (class 23) that the code meant to survive is then no more than the
    occasion; any other first error fails every time and is itself the cause.
    """
    return 85 if first.startswith("23") else 35


def _answers(status: int, code: str) -> bool:
    own = postgrest_status(code)
    return status_fits(status, code) if own is None else own == status


def _constraint(finding: Finding, error: Reported) -> int | str:
    if error.constraint is None:
        return 0
    if finding.constraint is None:
        return 30 if finding.object in error.keys else 0
    if finding.constraint in error.keys:
        return 40
    return f"it breaks {finding.constraint}, but the error names {error.constraint}"


def _relation(finding: Finding, error: Reported) -> int | str:
    name = error.row["relation"]
    if name is None:
        return 25 if finding.relation in error.relations else 0
    if finding.relation in error.relations:
        return 25
    if finding.relation in error.referencing and {"23503", "23001"} & set(finding.sqlstates):
        return 25
    if not error.relations and finding.constraint in error.keys:
        return 0
    return f"it is on {finding.relation}, but the error is about {name}"


def _context(finding: Finding, error: Reported) -> int | str:
    """The functions in which the failing statement ran, where the error tells."""
    functions = {site.function for site in finding.sites if site.function}
    # What a function hid earlier is no part of the statement that misses its row now.
    if finding.cause in HIDES and not functions & error.functions:
        return 0
    if error.functions:
        if functions & error.functions:
            return 30
        if finding.sites:
            return f"the error's CONTEXT shows that {_list(error.functions)}() ran the statement"
        return 0
    if error.called is not None and any(f.rpartition(".")[2] == error.called for f in functions):
        return 30
    row = error.row
    # The server's log prints DETAIL and CONTEXT together or not at all.
    whole = row["source"] == "server-log" and row["statement"] and row["detail"]
    if whole and functions and not any(site.file for site in finding.sites):
        return "the server's log shows no function around the statement"
    return 0


def _list(names: frozenset[str]) -> str:
    return "(), ".join(sorted(names))


def _place(finding: Finding, error: Reported) -> int:
    best = 0
    for file, line in error.places:
        for site in finding.sites:
            if site.file and _same_file(site.file, file):
                first, last = site.line or 0, site.end_line or site.line or 0
                best = max(best, 20 if first - 3 <= line <= last + 3 else 5)
    return best


def _same_file(one: str, other: str) -> bool:
    """Do two paths, each from a root of its own, end in the same file?"""
    a, b = one.replace("\\", "/").strip("/"), other.replace("\\", "/").strip("/")
    return a == b or a.endswith(f"/{b}") or b.endswith(f"/{a}")
