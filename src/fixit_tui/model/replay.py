"""A statement that is to be replayed, and as whom."""

from __future__ import annotations

from dataclasses import dataclass, field

from fixit_tui.model.proof import Reported


@dataclass(frozen=True, slots=True)
class Survivor:
    """What a rollback does not take back, in a sentence; `outside`: it left the database."""

    text: str
    outside: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """What is replayed, and as whom. `settings` are local to it; they hold claims.

    `role` is "" for the session's own role. `unlimited_role` sees past row level security; None
    where there is no such role. `survives` is what a rollback does not take back. `reported` is
    the error that it is compared with.
    """

    statement: str = field(repr=False)
    role: str
    settings: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    unlimited_role: str | None = None
    survives: tuple[Survivor, ...] = ()
    notes: tuple[str, ...] = ()
    reported: Reported = field(default_factory=Reported)
