"""From chosen fixes to a receipt: plan, rehearse, apply and undo."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fixit_tui.engine.apply import Applier
from fixit_tui.engine.known import Known
from fixit_tui.engine.link import TargetLink
from fixit_tui.engine.pasted import Pasted
from fixit_tui.engine.ports import Cancelled
from fixit_tui.engine.world import World
from fixit_tui.errors import UsageError
from fixit_tui.model.events import OnEvent, StageStarted
from fixit_tui.model.outcome import Receipt, Rehearsal
from fixit_tui.model.plan import Choice, Consent, Plan


class Changes:
    """The verbs that may change a target, and the record of what they changed."""

    def __init__(self, world: World, link: TargetLink, known: Known) -> None:
        self._world = world
        self._link = link
        self._known = known
        self._rehearsal: Rehearsal | None = None

    def plan(self, choices: Sequence[Choice], pasted: Pasted) -> Plan:
        """The plan of these choices, with what is foreseen of it."""
        from fixit_tui.engine.foresight import foresee
        from fixit_tui.engine.plan import make_plan
        from fixit_tui.engine.replaying import request_replay
        from fixit_tui.engine.survivors import surviving

        known, link = self._known, self._link
        plan = make_plan(
            known.diagnosis(),
            choices,
            link.fingerprint,
            reloads_api=known.has_api(link.target),
            settable_roles=known.settable_roles(),
            request=request_replay(pasted.request, known.facts),
        )
        plan = self._recorded(surviving(plan, known.facts))
        return foresee(plan, link.reader, link.database)

    def _recorded(self, plan: Plan, undo_of: str = "") -> Plan:
        """The plan with its row in the target's own ledger, where that is wanted."""
        if not self._world.ledger_in_database:
            return plan
        from fixit_tui.engine.record import with_record

        return with_record(plan, self._link.reader, undo_of)

    def plan_undo(self, receipt_id: str) -> Plan:
        """The plan that takes a receipt back, with what is foreseen of it."""
        from fixit_tui.engine.foresight import foresee
        from fixit_tui.engine.survivors import surviving
        from fixit_tui.engine.undo import find_receipt, plan_undo

        link = self._link
        link.require_database(
            "this is a saved capture: nothing was applied to it",
            "open the database on which it was applied",
        )
        recorded, here = self._world.ledger.receipts(), link.connect()
        reloads_api = self._known.has_api(here)
        plan = plan_undo(recorded, receipt_id, here, link.fingerprint, reloads_api=reloads_api)
        undo_of = find_receipt(recorded, receipt_id).plan_hash
        return foresee(
            self._recorded(surviving(plan, self._known.facts), undo_of), link.reader, link.database
        )

    def rehearse(self, plan: Plan, on_event: OnEvent, stopped: Cancelled) -> Rehearsal:
        """Run the plan's transaction on the target and roll it back."""
        from fixit_tui.engine.rehearse import rehearse

        self._insist_on_target(plan)
        receipts = self._world.ledger.receipts() if plan.reverts else ()
        database, clock = self._link.database, self._world.clock
        self._rehearsal = rehearse(database, plan, clock, on_event, stopped, receipts)
        return self._rehearsal

    def rehearse_in_shadow(
        self, plan: Plan, pasted: Pasted, rows: str, on_event: OnEvent, stopped: Cancelled
    ) -> Rehearsal:
        """Run the plan and its undo on a server of our own; `rows` are INSERTs to do it with."""
        from fixit_tui.engine import shadow_rehearsal as shadows

        opening, facts, symptom = self._world.shadow, self._known.facts, pasted.symptom
        if opening is None or facts is None:
            raise UsageError("there is no diagnosis to rehearse", hint="diagnose first")
        wanted = shadows.Rows(rows, symptom.root.sqlstate if symptom else None)
        on_event(StageStarted("starting the shadow"))
        with opening(shadows.search_path(facts), plan.target.server_version) as shadow:
            self._rehearsal = shadows.rehearse_in_shadow(
                shadow, plan, facts, wanted, self._world.clock, on_event, stopped
            )
        return self._rehearsal

    def apply(self, plan: Plan, consent: Consent, on_event: OnEvent, stopped: Cancelled) -> Receipt:
        """Apply what a person agreed to."""
        self._insist_on_target(plan)
        applier = Applier(
            database=self._link.database,
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
        here, there = self._link.connect(), plan.target
        if here.identity != there.identity:
            raise UsageError(
                f"the plan is for {there.name}, this session is on {here.name}",
                hint="make the plan again here, or open the target that it was made for",
            )
