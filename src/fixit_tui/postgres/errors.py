"""From a driver's exception to an error that a person may see."""

from __future__ import annotations

import psycopg

from fixit_tui.errors import ConnectError, Effect, FixitError, LockWaitError, RefusedError

LOCK_NOT_AVAILABLE = "55P03"
QUERY_CANCELED = "57014"

_REFUSALS = {
    "25006": "the server is a replica, or keeps this role read-only",
    "42501": "another role owns the object, or the role lacks the privilege",
}
_RESOURCES = {
    "53100": "the server's disk is full: make room there first, then try again",
    "53200": "the lock table or the memory is full: raise max_locks_per_transaction, or change"
    " fewer partitions at once",
}
_ENDED = {
    "57P01": "an administrator ended the session, or the server is shutting down; its open"
    " transaction is rolled back",
    "57P02": "the server is restarting after a crash, and rolls an open transaction back",
    "57P03": "the server is shutting down or starting up; try again when it is back",
    "53300": "every connection is taken; end some sessions, then try again",
}
_LINK_CLASSES = ("08",)
_LINK_STATES = frozenset({"57P01", "57P02", "57P03", "57P05", "25P03", "25P04"})


def link_lost(error: psycopg.Error, connection: psycopg.Connection[object] | None) -> bool:
    """Whether the connection is gone, so that no later statement can reach the server."""
    if connection is not None and connection.closed:
        return True
    # A session does not outlive its FATAL or PANIC, whatever the code; libpq may not have seen
    # the end of the stream yet. A PANIC can follow a COMMIT that is already on disk.
    if error.diag.severity_nonlocalized in ("FATAL", "PANIC"):
        return True
    state = error.sqlstate or ""
    return state[:2] in _LINK_CLASSES or state in _LINK_STATES


def sentence(error: psycopg.Error) -> str:
    """The server's primary message, or the first line of the driver's own."""
    primary = error.diag.message_primary
    if primary:
        return primary
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__


def translate(
    error: psycopg.Error,
    *,
    doing: str,
    effect: Effect,
    connection: psycopg.Connection[object] | None = None,
) -> FixitError:
    """The error to raise for a driver's exception.

    `doing` completes 'could not …'; `effect` is what the database was left with. 55P03 and 57014
    become LockWaitError, missing rights and read-only servers RefusedError.
    """
    state = error.sqlstate
    said = sentence(error)
    if state == LOCK_NOT_AVAILABLE:
        return LockWaitError(
            f"could not {doing}: another session holds the lock ({said})",
            hint="wait for that session to end its transaction, or end it, then try again",
            effect=effect,
            sqlstate=state,
        )
    if state == QUERY_CANCELED:
        return LockWaitError(
            f"could not {doing}: it was stopped ({said})",
            hint="the time limit of one statement is 30 s; export the script for longer work",
            effect=effect,
            sqlstate=state,
        )
    if link_lost(error, connection):
        return ConnectError(
            f"could not {doing}: the connection was lost ({said})",
            hint=_ENDED.get(state or "")
            or "the server rolls an open transaction back when its connection ends",
            effect=effect,
            sqlstate=state,
        )
    if state in _REFUSALS:
        return RefusedError(
            f"could not {doing}: {said}", hint=_REFUSALS[state], effect=effect, sqlstate=state
        )
    detail = error.diag.message_detail or ""
    hint = _RESOURCES.get(state or "") or error.diag.message_hint or ""
    return FixitError(
        f"could not {doing}: {said}" + (f" ({detail})" if detail else ""),
        hint=hint,
        effect=effect,
        sqlstate=state,
    )
