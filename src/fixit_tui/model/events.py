"""Progress as values: what a running verb tells whoever watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fixit_tui.model.diagnosis import PlaybookRun
from fixit_tui.model.finding import Finding


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage began; `verb` reads as 'reading the catalog'."""

    verb: str
    total: int | None = None


@dataclass(frozen=True, slots=True)
class StageAdvanced:
    """`done` of `total` units of the current stage."""

    done: int
    total: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class PlaybookStarted:
    """A playbook began; `number` of `total`, 1-based."""

    id: str
    title: str
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class PlaybookFinished:
    """A playbook ended, with what it found."""

    run: PlaybookRun
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class StatementStarted:
    """A statement is about to run on the target (or its rehearsal)."""

    statement: str
    number: int
    total: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lock was not free, so this try was given up: who held it; another try follows."""

    attempt: int
    attempts: int
    blockers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HeldUp:
    """What runs right now waits for these sessions, one line each; none: it goes on."""

    blockers: tuple[str, ...]


Event = (
    StageStarted
    | StageAdvanced
    | PlaybookStarted
    | PlaybookFinished
    | StatementStarted
    | Waiting
    | HeldUp
)
OnEvent = Callable[[Event], None]


def ignore_event(_: Event) -> None:
    """Watch nothing."""
