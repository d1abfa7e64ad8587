"""Errors that another service than the database answered: whom to ask, and what is in sight."""

from __future__ import annotations

from collections.abc import Iterator

from fixit_tui.facts.base import FactBase
from fixit_tui.model.finding import Finding, Severity
from fixit_tui.playbooks.match import HIDES, Reported

_USERS = "auth.users"
_MOST = 6
_SERVICES = {
    "storage": "the storage service answered, not the database: an upload of an object that"
    " is there needs upsert: true, and policies on storage.objects",
    "functions": "an edge function answered: its own code chose this status; look at its logs",
    "auth": "the auth service answered: a trigger on auth.users may have failed; the server"
    " log has the real error",
    "realtime": "the realtime service answered, not the database: it looks at policies for SELECT,"
    " and at the publication supabase_realtime",
    "own-backend": "your own backend answered: it chose this status; its log has the error",
}
_TRIGGERS = """
SELECT t.name, q.qualified AS routine FROM rel_trigger t
JOIN relation r ON r.oid = t.relation AND r.qualified = 'auth.users'
JOIN routine q ON q.oid = t.routine
WHERE t.enabled <> 'disabled'
  AND EXISTS (SELECT 1 FROM json_each(t.events) e WHERE e.value = 'insert')
ORDER BY t.name
"""
_KEEPING = """
SELECT r.qualified, k.name FROM rel_constraint k JOIN relation r ON r.oid = k.relation
JOIN relation u ON u.oid = k.ref_relation AND u.qualified = 'auth.users'
WHERE k.kind = 'foreign' AND k.on_delete IN ('no action', 'restrict') ORDER BY r.qualified, k.name
"""


def answered_elsewhere(facts: FactBase, error: Reported) -> tuple[str, ...]:
    """Who answered, and what in this database may be behind it; nothing for its own errors."""
    service = error.row["service"]
    if service in (None, "database", "application"):
        return ()
    # The database's own error, handed through or pasted from its log, tells enough to go on.
    if service in ("own-backend", "auth") and (error.state or error.constraint):
        return ()
    if service == "auth" and _deletes(error):
        return tuple(_deletion(facts))
    told = _SERVICES.get(str(service), "another service answered, not the database")
    return (told, *(_sign_up(facts) if service == "auth" else ()))


def fails_sign_up(finding: Finding, error: Reported) -> bool:
    """Whether a finding is the end of every sign-up, and Auth says that one failed."""
    return (
        error.row["service"] == "auth"
        and "saving new user" in str(error.row["message"] or "")
        and finding.severity is Severity.ERROR
        and finding.cause not in HIDES
        and _USERS in finding.chain
    )


def _deletes(error: Reported) -> bool:
    return "deleting" in str(error.row["message"] or "")


def _sign_up(facts: FactBase) -> Iterator[str]:
    triggers = facts.query(_TRIGGERS)
    if triggers:
        listed = ", ".join(f"{t['name']} ({t['routine']})" for t in triggers[:_MOST])
        yield f"a new user fires {listed}: what that writes has to succeed as well"


def _deletion(facts: FactBase) -> Iterator[str]:
    keys = facts.query(_KEEPING)
    if not keys:
        yield _SERVICES["auth"]
        return
    more = f" and {len(keys) - _MOST} more" if len(keys) > _MOST else ""
    listed = ", ".join(f"{k['qualified']} ({k['name']})" for k in keys[:_MOST])
    yield (
        "the auth service answered: a user cannot be deleted while rows refer to it by"
        f" {listed}{more}; say what becomes of those rows first"
    )
