"""What a replay before and after a change proves, and what it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fixit_tui.model.outcome import ReplayResult


@dataclass(frozen=True, slots=True)
class Reported:
    """The error that a replay must bring about again; "" is what the report does not say.

    `findings` are the ids of what is proven then: empty where a plan holds several changes, since
    a replay does not tell which of them was the cure.
    """

    sqlstate: str = ""
    constraint: str = ""
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proof:
    """A verdict in one sentence. `findings` are the ids that count as proven, if it holds."""

    holds: bool
    sentence: str
    findings: tuple[str, ...] = ()


def proof_of(
    reported: Reported, before: ReplayResult | None, after: ReplayResult | None
) -> Proof | None:
    """Whether the reported error was seen before the change and not after it.

    None where nothing was replayed before the change.
    """
    if before is None:
        return None
    unlike = _unlike(reported, before)
    if unlike:
        return Proof(False, f"not proven: {unlike}")
    named = f"{before.sqlstate} on {before.constraint}" if before.constraint else before.sqlstate
    if after is None:
        return Proof(False, f"not proven: it fails with {named} as reported, but was not run again")
    if not after.succeeded:
        return Proof(False, f"not proven: it fails with {after.sqlstate} after the change, too")
    seen = f"it failed with {named} as reported, and succeeds after the change"
    if not reported.findings:
        return Proof(False, f"{seen}; which of the changes cured it was not told apart")
    return Proof(True, f"proven: {seen}", reported.findings)


def _unlike(reported: Reported, before: ReplayResult) -> str:
    """Why what failed before is not the reported error; "" if it is."""
    if before.succeeded:
        return "the statement succeeds before the change already"
    if not reported.sqlstate:
        return f"it failed with {before.sqlstate}, but no error was reported to compare it with"
    if before.sqlstate != reported.sqlstate:
        return (
            f"what was replayed is another error: it fails with {before.sqlstate},"
            f" reported was {reported.sqlstate}"
        )
    if reported.constraint and before.constraint != reported.constraint:
        on = before.constraint or "no constraint"
        return (
            f"what was replayed is another error: it fails on {on},"
            f" reported was {reported.constraint}"
        )
    return ""
