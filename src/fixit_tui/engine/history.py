"""The ledger as one target sees it, and what became of changes whose end was not seen."""

from __future__ import annotations

from fixit_tui.engine import recover as recovery
from fixit_tui.engine.link import TargetLink
from fixit_tui.engine.ports import Database
from fixit_tui.engine.undo import find_receipt
from fixit_tui.engine.world import World
from fixit_tui.model.aftermath import ServerIdentity
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import PlanState


class History:
    """Receipts of one target, and of the others where a person must know of them."""

    def __init__(self, world: World, link: TargetLink) -> None:
        self._world = world
        self._link = link

    def receipts(self) -> tuple[Receipt, ...]:
        """What was applied to this target, oldest first; to any target before connecting."""
        found, here = self._world.ledger.receipts(), self._link.target
        return found if here is None else recovery.of_target(found, here, self._identity)

    def unsettled(self) -> tuple[Receipt, ...]:
        """Those without a known end, each with a note on what the server says of it now."""
        database = self._link.database if self._link.target is not None else None
        return recovery.foretold(database, self.receipts())

    def unsettled_elsewhere(self) -> tuple[Receipt, ...]:
        """Those without a known end that are of other targets than this one."""
        here = {r.id for r in self.receipts()} if self._link.target is not None else set()
        found = recovery.unsettled(self._world.ledger.receipts())
        return tuple(r for r in found if r.id not in here)

    def unreadable(self) -> int:
        """How many lines of the ledger cannot be read; each may be a change."""
        return self._world.ledger.unreadable()

    def recover(self) -> tuple[Receipt, ...]:
        """Ask the server what became of the unsettled ones, and settle them."""
        database = self._answering()
        return recovery.recover(database, self._world.ledger, self._world.clock, self.receipts())

    def settle_by_hand(self, receipt_id: str, state: PlanState) -> Receipt:
        """Settle what stays in doubt as a person found it."""
        database, receipts = self._answering(), self.receipts()
        receipt = find_receipt(receipts, receipt_id)
        judged = recovery.Hand(receipt, state)
        return recovery.settle_by_hand(
            database, self._world.ledger, self._world.clock, receipts, judged
        )

    def _answering(self) -> Database:
        database = self._link.require_database(
            "a saved capture cannot say what became of a transaction", "open the database itself"
        )
        self._link.connect()
        return database

    def _identity(self) -> ServerIdentity:
        reader = self._link.reader
        return reader.identity() if reader is not None else ServerIdentity()
