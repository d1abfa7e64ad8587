"""What jobs tell the app, as typed values. Results always arrive here, never as callbacks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from textual.message import Message

from fixit_tui.errors import FixitError
from fixit_tui.model.diagnosis import Diagnosis
from fixit_tui.model.events import Event
from fixit_tui.model.outcome import Receipt, Rehearsal, Replayed
from fixit_tui.model.plan import Choice, Plan
from fixit_tui.model.replay import Replay
from fixit_tui.model.symptom import Symptom
from fixit_tui.model.target import Target


class Report(Message):
    """Anything that a job says."""


class JobName(StrEnum):
    """The verbs a job can run; each reads as what the app is doing."""

    DIAGNOSE = "diagnosing"
    UNDERSTAND = "reading the text"
    REHEARSE = "rehearsing"
    PLAN = "planning"
    APPLY = "applying"
    RECHECK = "checking again"
    HISTORY = "reading the history"
    RECOVER = "asking the server"
    EXPORT = "exporting"
    PREPARE_REPLAY = "reading what to replay"
    REPLAY = "replaying"


@dataclass
class JobStarted(Report):
    """A job began."""

    job: JobName


@dataclass
class JobRefused(Report):
    """A job could not start because another one runs."""

    reason: str


@dataclass
class JobEvent(Report):
    """A running job reports."""

    job: JobName
    event: Event


@dataclass
class JobEnded(Report):
    """A job is over; `error` says why it failed, if it did. Its result came before this."""

    job: JobName
    error: FixitError | None = None


@dataclass
class Connected(Report):
    """The read-only connection stands."""

    target: Target


@dataclass
class Unsettled(Report):
    """Changes whose outcome is not known were found at the start, here or on other targets.

    `untold` is why it cannot be told whether there are any.
    """

    receipts: tuple[Receipt, ...]
    elsewhere: tuple[Receipt, ...] = ()
    untold: str = ""


@dataclass
class Understood(Report):
    """Pasted text was read."""

    symptoms: tuple[Symptom, ...]


@dataclass
class Diagnosed(Report):
    """A diagnosis is complete."""

    diagnosis: Diagnosis


@dataclass
class Planned(Report):
    """A plan is ready to be reviewed."""

    plan: Plan
    choices: tuple[Choice, ...]


@dataclass
class WouldReachOut(Report):
    """A rehearsal waits for a yes: it does something that no rollback takes back."""

    plan: Plan
    choices: tuple[Choice, ...]


@dataclass
class Rehearsed(Report):
    """A plan was rehearsed; `choices` is empty for an undo."""

    plan: Plan
    rehearsal: Rehearsal
    choices: tuple[Choice, ...]


@dataclass
class Applied(Report):
    """An apply or undo ended, whatever its state."""

    plan: Plan
    receipt: Receipt


@dataclass
class Rechecked(Report):
    """The verdict of the diagnosis after a change."""

    receipt: Receipt
    diagnosis: Diagnosis


@dataclass
class HistoryRead(Report):
    """Receipts of this target, oldest first; `settled` are those that were just settled."""

    receipts: tuple[Receipt, ...]
    settled: tuple[Receipt, ...] = ()


@dataclass
class ReplayPrepared(Report):
    """What was pasted can be replayed; nothing ran yet."""

    replay: Replay
    in_shadow: bool


@dataclass
class ReplayEnded(Report):
    """A replay ran and was rolled back."""

    replayed: Replayed


@dataclass
class Exported(Report):
    """Files were written."""

    paths: tuple[Path, ...]
