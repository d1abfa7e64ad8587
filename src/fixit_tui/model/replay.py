"""A statement that was only replayed: what the server said, as whom, and what the roles changed."""

from __future__ import annotations

from dataclasses import dataclass, field

from fixit_tui.model.outcome import ReplayResult


@dataclass(frozen=True, slots=True)
class Replay:
    """What is replayed, and as whom. `settings` are local to it; they hold claims.

    `role` is "" for the session's own role. `unlimited_role` sees past row level security; None
    where there is no such role. `warnings` name what a rollback does not take back.
    """

    statement: str = field(repr=False)
    role: str
    settings: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    unlimited_role: str | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """Both runs, rolled back. `difference` says what privileges and policies made of it."""

    where: str
    role: str
    result: ReplayResult
    unlimited_role: str | None
    unlimited: ReplayResult | None
    difference: str
    verdict: str
    same_error: bool
    http_status: int | None = None
    notes: tuple[str, ...] = ()
