"""One target, one code folder, one symptom, and the verbs that a front end may ask for.

The app, the guided mode and the command line all speak to this class and to nothing below it.
Every verb is synchronous, may be called from a worker thread, reports to `on_event`, asks
`cancelled` between units of work, and raises only errors of `fixit_tui.errors`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fixit_tui.engine import recover as recovery
from fixit_tui.engine.apply import Applier
from fixit_tui.engine.ports import Cancelled, Clock, Database, Ledger, OpenShadow, Reader
from fixit_tui.engine.running import Running, WatchedDatabase
from fixit_tui.errors import CancelledError, ConnectError, FixitError, RefusedError, UsageError
from fixit_tui.model.diagnosis import Diagnosis
from fixit_tui.model.events import OnEvent, StageStarted
from fixit_tui.model.outcome import Receipt, Rehearsal, Replayed
from fixit_tui.model.plan import Choice, Consent, ObjectState, Plan
from fixit_tui.model.replay import Replay
from fixit_tui.model.rest import RestRequest
from fixit_tui.model.symptom import Symptom
from fixit_tui.model.target import Environment, Platform, Target

if TYPE_CHECKING:
    from fixit_tui.engine.diagnose import Loaded
    from fixit_tui.facts.base import FactBase
    from fixit_tui.facts.snapshot import Capture


@dataclass(frozen=True, slots=True)
class World:
    """What a session works on; `wiring` builds it.

    Exactly one of `database` and `capture` is given; `capture` opens a saved capture. `shadow`
    starts a server of our own, given the search_path of its sessions and the target's version.
    """

    label: str
    ledger: Ledger
    clock: Clock
    playbooks: Callable[[], Loaded]
    database: Database | None = None
    capture: Callable[[], Capture] | None = None
    code_root: Path | None = None
    environment: Environment = Environment.UNKNOWN
    shadow: OpenShadow | None = None


class Session:
    """The engine behind one front end."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._running = Running()
        self._database: Database | None = (
            WatchedDatabase(world.database, self._running) if world.database is not None else None
        )
        self._reader: Reader | None = None
        self._target: Target | None = None
        self._symptom: Symptom | None = None
        self._key_value: str | None = None
        self._request: RestRequest | None = None
        self._diagnosis: Diagnosis | None = None
        self._facts: FactBase | None = None
        self._saved: Capture | None = None
        self._rehearsal: Rehearsal | None = None

    def connect(self) -> Target:
        """Open the read-only connection (or the saved capture) and say what is there."""
        if self._target is None or (self._database is not None and self._reader is None):
            self._target = self._open()
        return self._target

    def _open(self) -> Target:
        from fixit_tui.engine.capture import target_of

        if self._database is not None:
            self._reader = self._database.reader()
            target = self._reader.target()
        else:
            target = target_of(self._capture().rows["server"])
        return replace(target, environment=self._environment(target))

    def _capture(self) -> Capture:
        if self._saved is None:
            assert self._world.capture is not None
            self._saved = self._world.capture()
        return self._saved

    def _environment(self, target: Target) -> Environment:
        known = self._world.environment
        return known if known is not Environment.UNKNOWN else target.environment

    @property
    def label(self) -> str:
        """The target's name before and after connecting, without secrets."""
        return self._target.name if self._target is not None else self._world.label

    @property
    def offline(self) -> bool:
        """True for a saved capture: nothing can be rehearsed or applied."""
        return self._database is None

    @property
    def code_root(self) -> Path | None:
        """The code folder, if one was given."""
        return self._world.code_root

    @property
    def symptom(self) -> Symptom | None:
        """The understood symptom, if one was given."""
        return self._symptom

    def understand(self, text: str) -> tuple[Symptom, ...]:
        """Parse pasted text and keep the first error as this session's symptom."""
        from fixit_tui.symptoms.key_value import key_value
        from fixit_tui.symptoms.parse import parse
        from fixit_tui.symptoms.rest_request import read_request

        symptoms = tuple(parse(text))
        self._symptom = symptoms[0] if symptoms else None
        self._key_value = key_value(text) if self._symptom is not None else None
        self._request = read_request(text)
        return symptoms

    def diagnose(self, on_event: OnEvent, cancelled: Cancelled) -> Diagnosis:
        """Capture, scan, derive and run every playbook; findings stream through `on_event`."""
        from fixit_tui.engine.diagnose import run_playbooks

        stopped = self._running.start(cancelled)
        facts = self._gather(on_event, stopped)
        try:
            diagnosis = run_playbooks(
                self.connect(),
                self._symptom,
                facts,
                self._world.playbooks(),
                self._reader,
                self._world.code_root,
                on_event,
                stopped,
            )
        except BaseException:
            facts.close()
            raise
        self._keep(diagnosis, facts)
        return diagnosis

    def gather(self, on_event: OnEvent, cancelled: Cancelled) -> FactBase:
        """Every fact, without running playbooks; the caller closes it."""
        return self._gather(on_event, self._running.start(cancelled))

    def _gather(self, on_event: OnEvent, stopped: Cancelled) -> FactBase:
        from fixit_tui.engine.capture import gather

        self.connect()
        source = self._reader if self._reader is not None else self._capture()
        try:
            return gather(
                source, self._world.code_root, self._symptom, on_event, stopped, self._key_value
            )
        except ConnectError:
            self._close_reader()
            raise
        except FixitError as error:
            if stopped() and not isinstance(error, CancelledError):
                raise CancelledError("the diagnosis was stopped") from error
            raise

    def _keep(self, diagnosis: Diagnosis, facts: FactBase) -> None:
        if self._facts is not None:
            self._facts.close()
        self._diagnosis, self._facts = diagnosis, facts

    @property
    def facts(self) -> FactBase | None:
        """The fact tables of the last diagnosis."""
        return self._facts

    def plan(self, choices: Sequence[Choice]) -> Plan:
        """Ordered, merged, conflict-checked steps of the last diagnosis, with a fingerprint."""
        from fixit_tui.engine.foresight import foresee
        from fixit_tui.engine.plan import make_plan
        from fixit_tui.engine.replaying import request_replay

        if self._diagnosis is None:
            raise UsageError("there is no diagnosis to choose from", hint="diagnose first")
        plan = make_plan(
            self._diagnosis,
            choices,
            self._fingerprint,
            reloads_api=self._has_api(),
            settable_roles=self._settable_roles(),
            request=request_replay(self._request, self._facts),
        )
        return foresee(plan, self._reader)

    def _fingerprint(self, identities: Sequence[str]) -> tuple[ObjectState, ...]:
        if self._database is None:
            # A capture tells what there was, not how a server prints it.
            return tuple(ObjectState(identity, "") for identity in identities)
        self.connect()
        assert self._reader is not None
        try:
            return self._reader.fingerprint(identities)
        except ConnectError:
            # The connection may have been idle for long; a new one tells the same truth.
            self._close_reader()
            self.connect()
            return self._reader.fingerprint(identities)

    def _has_api(self) -> bool:
        if self._target is not None and self._target.platform is Platform.SUPABASE:
            return True
        rows = self._facts.query("SELECT has_postgrest FROM server") if self._facts else []
        return any(row["has_postgrest"] for row in rows)

    def _settable_roles(self) -> frozenset[str]:
        rows = self._facts.query("SELECT name FROM role WHERE settable = 1") if self._facts else []
        return frozenset(str(row["name"]) for row in rows)

    def prepare_replay(self, on_event: OnEvent, cancelled: Cancelled) -> Replay:
        """What of the pasted text can be replayed, as whom, and what a rollback would leave."""
        from fixit_tui.engine.replaying import prepare_replay

        self._facts = self._facts or self.gather(on_event, cancelled)
        return prepare_replay(self._symptom, self._request, self._facts)

    def replay(self, replay: Replay, *, in_shadow: bool = False) -> Replayed:
        """Run it, roll it back, and say what the server said; a saved capture has a shadow only."""
        from fixit_tui.engine import replaying

        target, opening = self.connect(), self._world.shadow
        if not in_shadow and self._database is not None:
            return replaying.replay_twice(self._database, replay, target.name, self._symptom)
        return replaying.replay_in_shadow(opening, replay, self._facts, target, self._symptom)

    def rehearse(self, plan: Plan, on_event: OnEvent, cancelled: Cancelled) -> Rehearsal:
        """Run the plan's transaction on the target and roll it back, always."""
        from fixit_tui.engine.rehearse import rehearse

        stopped = self._running.start(cancelled)
        self._insist_on_target(plan)
        receipts = self._world.ledger.receipts() if plan.reverts else ()
        clock = self._world.clock
        self._rehearsal = rehearse(self._database, plan, clock, on_event, stopped, receipts)
        return self._rehearsal

    def rehearse_in_shadow(
        self, plan: Plan, on_event: OnEvent, cancelled: Cancelled, rows: str = ""
    ) -> Rehearsal:
        """Run the plan and its undo on a server of our own with the captured schema.

        `rows` are INSERTs to rehearse with. Nothing is asked of the target. Raises UsageError
        where no server can be started, or nothing was diagnosed.
        """
        from fixit_tui.engine import shadow_rehearsal as shadows

        stopped = self._running.start(cancelled)
        if self._world.shadow is None or self._facts is None:
            raise UsageError("there is no diagnosis to rehearse", hint="diagnose first")
        wanted = shadows.Rows(rows, self._symptom.root.sqlstate if self._symptom else None)
        on_event(StageStarted("starting the shadow"))
        path = shadows.search_path(self._facts)
        with self._world.shadow(path, plan.target.server_version) as shadow:
            self._rehearsal = shadows.rehearse_in_shadow(
                shadow, plan, self._facts, wanted, self._world.clock, on_event, stopped
            )
        return self._rehearsal

    def apply(
        self, plan: Plan, consent: Consent, on_event: OnEvent, cancelled: Cancelled
    ) -> Receipt:
        """Apply in one transaction, verify inside it, COMMIT, and settle the ledger."""
        stopped = self._running.start(cancelled)
        self._insist_on_target(plan)
        applier = Applier(
            database=self._database,
            ledger=self._world.ledger,
            clock=self._world.clock,
            code_root=self._root_for(plan),
            on_event=on_event,
            cancelled=stopped,
            rehearsal=self._rehearsal,
        )
        return applier.apply(plan, consent)

    def _root_for(self, plan: Plan) -> Path | None:
        """Where the plan's edits belong: an undo goes where the files were written."""
        if not plan.reverts:
            return self._world.code_root
        from fixit_tui.engine.undo import find_receipt

        recorded = find_receipt(self._world.ledger.receipts(), plan.reverts).code_root
        return Path(recorded) if recorded else self._world.code_root

    def _insist_on_target(self, plan: Plan) -> None:
        here, there = self.connect(), plan.target
        if here.identity != there.identity:
            raise UsageError(
                f"the plan is for {there.name}, this session is on {here.name}",
                hint="make the plan again here, or open the target that it was made for",
            )

    def recheck(
        self, receipt: Receipt, on_event: OnEvent, cancelled: Cancelled
    ) -> tuple[Receipt, Diagnosis]:
        """Diagnose again on a fresh read-only connection and write the verdict to the receipt."""
        from fixit_tui.engine.verify import verdict

        self._close_reader()
        diagnosis = self.diagnose(on_event, cancelled)
        identities = [state.identity for state in receipt.after]
        now = self._fingerprint(identities) if identities else ()
        checked = verdict(receipt, diagnosis, now, self._world.clock)
        self._world.ledger.append(checked)
        return checked, diagnosis

    def plan_undo(self, receipt_id: str) -> Plan:
        """The undo of an applied plan, as a plan like any other."""
        from fixit_tui.engine.foresight import foresee
        from fixit_tui.engine.undo import plan_undo

        if self._database is None:
            raise RefusedError(
                "this is a saved capture: nothing was applied to it",
                hint="open the database on which it was applied",
            )
        recorded, here = self._world.ledger.receipts(), self.connect()
        plan = plan_undo(recorded, receipt_id, here, self._fingerprint, reloads_api=self._has_api())
        return foresee(plan, self._reader)

    def receipts(self) -> tuple[Receipt, ...]:
        """What was applied to this target, oldest first; to any target before connecting."""
        found = self._world.ledger.receipts()
        if self._target is None:
            return found
        here = self._target
        place = (here.host, here.port, here.database)
        return tuple(r for r in found if (r.host, r.port, r.database) == place)

    def unsettled(self) -> tuple[Receipt, ...]:
        """Receipts whose outcome is not known: an intent without an end, or in doubt."""
        return recovery.unsettled(self.receipts())

    def recover(self) -> tuple[Receipt, ...]:
        """Ask the server what became of the unsettled ones, and settle them."""
        if self._database is None:
            raise RefusedError(
                "a saved capture cannot say what became of a transaction",
                hint="open the database itself",
            )
        self.connect()
        return recovery.recover(
            self._database, self._world.ledger, self._world.clock, self.receipts()
        )

    def export(self, plan: Plan, out: Path) -> tuple[Path, ...]:
        """Write numbered SQL, its undo and the code patch to a folder; nothing is connected."""
        from fixit_tui.export.sql_script import scripts

        written = []
        try:
            out.mkdir(parents=True, exist_ok=True)
            for name, text in scripts(plan).items():
                path = out / name
                path.write_bytes(text.encode("utf-8", "surrogateescape"))
                written.append(path)
        except OSError as error:
            raise UsageError(
                f"cannot write to {out}: {error.strerror}", hint="give another folder"
            ) from error
        return tuple(written)

    def cancel(self) -> None:
        """Stop the running verb from another thread."""
        self._running.cancel()

    def close(self) -> None:
        """Let go of every connection."""
        self._close_reader()
        if self._facts is not None:
            self._facts.close()
            self._facts = None

    def _close_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            with suppress(FixitError):
                reader.close()
