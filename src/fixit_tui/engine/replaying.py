"""Replay a failing statement or request and say what the server says; nothing is kept."""

from __future__ import annotations

import dataclasses
import json

from fixit_tui.engine.attempt import stop_if_asked
from fixit_tui.engine.plan import replayable
from fixit_tui.engine.ports import Cancelled, Database, OpenShadow, Transaction
from fixit_tui.engine.rest_statement import rest_statement
from fixit_tui.engine.shadow_rehearsal import search_path
from fixit_tui.engine.survivors import survivors
from fixit_tui.engine.waiting import BlockerWatch, held_by
from fixit_tui.errors import CancelledError, Effect, FixitError, UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.facts.rebuild import rebuild
from fixit_tui.model.events import OnEvent, StageStarted
from fixit_tui.model.outcome import Replayed, ReplayResult
from fixit_tui.model.proof import Reported, proof_of
from fixit_tui.model.replay import Replay
from fixit_tui.model.rest import RestRequest
from fixit_tui.model.symptom import Symptom
from fixit_tui.model.target import Target
from fixit_tui.symptoms.http import expected_status


def prepare_replay(symptom: Symptom | None, request: RestRequest | None, facts: FactBase) -> Replay:
    """What is to be replayed for a symptom: its request, else its statement.

    Raises UsageError where there is neither, or the role cannot be taken.
    """
    root = symptom.root if symptom is not None else None
    if request is not None:
        made = rest_statement(request, facts)
        role, notes = _role_of(request, facts)
        settings = _settings(request, role, made.schema)
        sql, relation, notes = made.sql, made.relation, (*made.notes, *notes)
    elif root is not None and root.statement and replayable(root.statement):
        sql, settings, notes = root.statement, (), ()
        role = _settable(root.role, facts) if root.role else ""
        found = facts.query("SELECT relation_oid FROM symptom")
        relation = int(found[0]["relation_oid"] or 0) if found else 0
    else:
        raise UsageError(
            "there is nothing that could be replayed: neither a whole request nor a statement",
            hint="paste the request with its body (curl, fetch, HAR), or the SQL with its values",
        )
    unlimited = _unlimited(role, relation, facts)
    reported = Reported((root and root.sqlstate) or "", (root and root.constraint) or "")
    survives = survivors((sql,), facts)
    return Replay(sql, role, settings, unlimited, survives, notes, reported)


def request_replay(request: RestRequest | None, facts: FactBase | None) -> Replay | None:
    """The replay of a pasted request; None where there is none, or it cannot be replayed here."""
    if request is None or facts is None:
        return None
    try:
        return prepare_replay(None, request, facts)
    except UsageError:
        return None


def replay_twice(
    database: Database, replay: Replay, where: str, on_event: OnEvent, stopped: Cancelled
) -> Replayed:
    """Run it as its role, and as one that sees past row level security; roll both back.

    Raises LockWaitError, with who holds the lock, and CancelledError: both leave nothing behind.
    """
    on_event(StageStarted("running it, to be rolled back"))
    watch = BlockerWatch(database, on_event)
    stop_if_asked(stopped)
    transaction = database.transaction()
    try:
        with watch:
            result, unlimited = _both_runs(transaction, replay)
    except FixitError as error:
        if stopped() and error.sqlstate == "57014":
            raise CancelledError(
                "stopped the replay", effect=Effect.ROLLED_BACK, sqlstate="57014"
            ) from error
        raise held_by(error, watch.blockers) from error
    finally:
        transaction.close()
    same, verdict = _verdict(replay.reported, result)
    status = expected_status(result.sqlstate, replay.role == "anon") if result.sqlstate else None
    return Replayed(
        where=where,
        role=replay.role,
        result=result,
        unlimited_role=replay.unlimited_role,
        unlimited=unlimited,
        difference=_difference(result, unlimited),
        verdict=verdict,
        same_error=same,
        http_status=status if replay.settings else None,
        notes=replay.notes,
    )


def _both_runs(
    transaction: Transaction, replay: Replay
) -> tuple[ReplayResult, ReplayResult | None]:
    result = transaction.replay(replay.statement, replay.role, replay.settings)
    if replay.unlimited_role is None:
        return result, None
    return result, transaction.replay(replay.statement, replay.unlimited_role, replay.settings)


def replay_in_shadow(
    opening: OpenShadow | None,
    replay: Replay,
    facts: FactBase | None,
    target: Target,
    on_event: OnEvent,
    stopped: Cancelled,
) -> Replayed:
    """`replay_twice` on a copy of the captured schema, with made-up rows; the target is left alone.

    Raises UsageError where no shadow can be started.
    """
    if opening is None or facts is None:
        raise UsageError("there is no schema to replay on", hint="diagnose first")
    sqlstate = replay.reported.sqlstate or None
    made: tuple[str, ...] = ()
    where = f"a shadow of {target.name} with the captured schema"
    on_event(StageStarted("starting the shadow"))
    with opening(search_path(facts), target.server_version) as shadow:
        shadow.build(rebuild(facts))
        # A missing parent is what such an error is about, so none is made up.
        if sqlstate != "23503":
            made = shadow.prepare(replay.statement, "", repeat=sqlstate in ("23505", None))
        done = replay_twice(shadow.database(target.role), replay, where, on_event, stopped)
    return dataclasses.replace(done, notes=(*done.notes, *made))


def _role_of(request: RestRequest, facts: FactBase) -> tuple[str, tuple[str, ...]]:
    if request.role is not None:
        return _settable(request.role, facts), ()
    note = "the request shows no token that can be read: it is replayed as anon"
    return _settable("anon", facts), (note,)


def _settable(role: str, facts: FactBase) -> str:
    rows = facts.query("SELECT settable FROM role WHERE name = ?", (role,))
    if rows and rows[0]["settable"]:
        return role
    why = "the session may not take it" if rows else "there is no such role"
    raise UsageError(
        f"it cannot be replayed as role {role}: {why}",
        hint="connect as a role that may SET ROLE to it, on Supabase as postgres",
    )


def _settings(request: RestRequest, role: str, schema: str) -> tuple[tuple[str, str], ...]:
    """What PostgREST sets for the transaction; older functions read the single claims."""
    claims = json.loads(request.claims) if request.claims else {}
    claims = {**claims, "role": role}
    names = dict.fromkeys((schema, "public", "extensions"))
    path = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    single = ((f"request.jwt.claim.{n}", claims.get(n)) for n in ("sub", "role", "email"))
    return (
        ("search_path", path),
        ("request.jwt.claims", json.dumps(claims)),
        *((name, value) for name, value in single if isinstance(value, str)),
        ("request.method", request.method),
        ("request.path", request.path),
    )


def _unlimited(role: str, relation: int, facts: FactBase) -> str | None:
    """The session itself, the table's owner, or another role that is not under its policies."""
    session = facts.query(
        "SELECT 1 FROM server s LEFT JOIN role r ON r.name = s.role"
        " WHERE s.superuser = 1 OR r.bypass_rls = 1"
    )
    if session:
        return "" if role else None
    rows = facts.query(
        "SELECT o.name FROM relation t JOIN role o ON o.name = t.owner"
        " WHERE t.oid = ?1 AND t.rls_forced = 0 AND o.settable = 1"
        " UNION ALL SELECT name FROM role WHERE (bypass_rls = 1 OR superuser = 1) AND settable = 1",
        (relation,),
    )
    return next((str(r["name"]) for r in rows if r["name"] != role), None)


def _verdict(reported: Reported, result: ReplayResult) -> tuple[bool, str]:
    if result.succeeded:
        return False, (
            "it succeeds now: a race, rows that have changed since, another role, or a schema"
            " cache that was stale"
        )
    if not reported.sqlstate:
        return False, f"it fails with {result.sqlstate}; no error was reported to compare it with"
    proof = proof_of(reported, result, None)
    if proof is not None and "another error" in proof.sentence:
        return False, proof.sentence.removeprefix("not proven: ")
    return True, f"it fails with {result.sqlstate}, as reported"


def _difference(result: ReplayResult, unlimited: ReplayResult | None) -> str:
    """What privileges and policies of the role make of the statement."""
    if unlimited is None:
        return ""
    if result.sqlstate == unlimited.sqlstate and result.constraint == unlimited.constraint:
        if result.succeeded and result.rows != unlimited.rows:
            return (
                f"its role reaches {result.rows} of the {unlimited.rows} rows that are there:"
                " policies hide the others"
            )
        if unlimited.detail and not result.detail:
            return "row level security hides the detail from its role"
        return "the role makes no difference"
    if unlimited.succeeded:
        return "it fails only as its role: privileges or policies refuse it"
    behind = f"{unlimited.sqlstate} {unlimited.message}"
    if result.succeeded:
        return f"as its role it succeeds, since policies hide the rows; without them: {behind}"
    return f"privileges or policies of its role hide another error: {behind}"
