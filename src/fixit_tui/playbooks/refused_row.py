"""What row level security asks of a row that it refused, where no policy is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fixit_tui.facts.base import FactBase
from fixit_tui.playbooks.match import Reported

_LONGEST = 120
_MOST = 4
# A new row is held against WITH CHECK, and against USING where a policy has no check of its own.
_CHECKS = """
SELECT DISTINCT p.name, p.permissive, coalesce(p.check_expr, p.using_expr) AS rule
FROM symptom s JOIN policy p ON p.relation = s.relation_oid
WHERE coalesce(p.check_expr, p.using_expr) IS NOT NULL
  AND p.command IN ('all', CASE s.operation WHEN 'update' THEN 'update' ELSE 'insert' END)
  AND (CASE WHEN s.role IS NOT NULL THEN s.role WHEN s.http_status = 401 THEN 'anon'
            WHEN s.http_status = 403 THEN 'authenticated' END IS NULL
       OR EXISTS (SELECT 1 FROM json_each(p.roles) x WHERE x.value IN ('public', CASE
            WHEN s.role IS NOT NULL THEN s.role WHEN s.http_status = 401 THEN 'anon'
            ELSE 'authenticated' END)))
ORDER BY p.permissive DESC, p.name
"""


def refused_row(facts: FactBase, error: Reported) -> Iterator[str]:
    """The rules that the row had to satisfy, or that there are none in this database."""
    row = error.row
    refused = "permission denied" not in str(row["message"] or "").lower()
    if row["sqlstate"] != "42501" or row["relation_oid"] is None or not refused:
        return
    tables = facts.query(
        "SELECT r.qualified, r.rls FROM symptom s JOIN relation r ON r.oid = s.relation_oid"
        " AND r.kind IN ('table', 'partitioned')"
    )
    if not tables:
        return
    table = str(tables[0]["qualified"])
    if not tables[0]["rls"]:
        yield (
            f"the right database: row level security of {table} is off in this one,"
            " so nothing here refuses a row"
        )
        return
    checks = facts.query(_CHECKS)
    enough = [c for c in checks if c["permissive"]]
    if enough:
        yield f"{table} takes a new row that satisfies one of: {_listed(enough)}"
    else:
        yield (
            f"{table} has row level security and no policy that lets the request's role write a row"
            + (": an upload needs one for INSERT" if table == "storage.objects" else "")
        )
    if limits := [c for c in checks if not c["permissive"]]:
        yield f"{table} takes no row that misses any of: {_listed(limits)}"
    if any("auth.uid" in str(c["rule"]) for c in checks):
        yield (
            "compare auth.uid() of the session with what is written there: without a session it is"
            " NULL, and satisfies nothing"
        )


def _listed(checks: Sequence[Mapping[str, object]]) -> str:
    shown = [f"{' '.join(str(c['rule']).split())[:_LONGEST]} ({c['name']})" for c in checks]
    more = f" and {len(shown) - _MOST} more" if len(shown) > _MOST else ""
    return "; ".join(shown[:_MOST]) + more
