"""The link to a target: one read-only connection that is opened again when it is lost."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from fixit_tui.engine.ports import Cancelled, Reader
from fixit_tui.engine.running import Running, WatchedDatabase
from fixit_tui.engine.world import World
from fixit_tui.errors import CancelledError, ConnectError, FixitError, RefusedError
from fixit_tui.model.events import OnEvent
from fixit_tui.model.plan import ObjectState
from fixit_tui.model.symptom import Symptom
from fixit_tui.model.target import Environment, Target

if TYPE_CHECKING:
    from fixit_tui.engine.ports import Database
    from fixit_tui.facts.base import FactBase
    from fixit_tui.facts.snapshot import Capture


class TargetLink:
    """Connects to a database, or opens a saved capture, and reads from it."""

    def __init__(self, world: World, running: Running) -> None:
        self._world = world
        self.database: Database | None = (
            WatchedDatabase(world.database, running) if world.database is not None else None
        )
        self._reader: Reader | None = None
        self._saved: Capture | None = None
        self.target: Target | None = None

    @property
    def label(self) -> str:
        """The target's name before and after connecting, without secrets."""
        return self.target.name if self.target is not None else self._world.label

    @property
    def reader(self) -> Reader | None:
        """The open read-only connection; None for a capture and before connecting."""
        return self._reader

    def connect(self) -> Target:
        """Open what is not open yet, and say what is there."""
        if self.target is None or (self.database is not None and self._reader is None):
            self.target = self._open()
        return self.target

    def require_database(self, why: str, hint: str) -> Database:
        """The database; raises RefusedError for a saved capture."""
        if self.database is None:
            raise RefusedError(why, hint=hint)
        return self.database

    def gather(
        self,
        symptom: Symptom | None,
        key_value: str | None,
        on_event: OnEvent,
        stopped: Cancelled,
    ) -> FactBase:
        """Every fact of the target, the code and the symptom; the caller closes it."""
        from fixit_tui.engine.capture import gather

        self.connect()
        source = self._reader if self._reader is not None else self._capture()
        try:
            return gather(source, self._world.code_root, symptom, on_event, stopped, key_value)
        except ConnectError:
            self.close()
            raise
        except FixitError as error:
            if stopped() and not isinstance(error, CancelledError):
                raise CancelledError("the diagnosis was stopped") from error
            raise

    def fingerprint(self, identities: Sequence[str]) -> tuple[ObjectState, ...]:
        """Definition hashes of these objects; a capture has names only."""
        if self.database is None:
            # A capture tells what there was, not how a server prints it.
            return tuple(ObjectState(identity, "") for identity in identities)
        self.connect()
        assert self._reader is not None
        try:
            return self._reader.fingerprint(identities)
        except ConnectError:
            # The connection may have been idle for long; a new one tells the same truth.
            self.close()
            self.connect()
            return self._reader.fingerprint(identities)

    def close(self) -> None:
        """Let go of the connection; the next question opens another."""
        reader, self._reader = self._reader, None
        if reader is not None:
            with suppress(FixitError):
                reader.close()

    def _open(self) -> Target:
        from fixit_tui.engine.capture import target_of

        if self.database is not None:
            self._reader = self.database.reader()
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
