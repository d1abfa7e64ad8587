"""Exit codes, in one place."""

from __future__ import annotations

from enum import IntEnum

from fixit_tui.errors import (
    CancelledError,
    ConnectError,
    Effect,
    FixitError,
    InDoubtError,
    LockWaitError,
    RefusedError,
    StalePlanError,
    UsageError,
    VerificationError,
)


class ExitCode(IntEnum):
    """What the process answers to its caller."""

    DONE = 0
    FINDINGS = 1
    USAGE = 2
    CONNECT = 3
    TIMEOUT = 4
    NOT_APPLIED = 5
    IN_DOUBT = 6
    UNPROVEN = 7
    BUG = 70
    INTERRUPTED = 130


_BY_ERROR: tuple[tuple[type[FixitError], ExitCode], ...] = (
    (UsageError, ExitCode.USAGE),
    (ConnectError, ExitCode.CONNECT),
    (LockWaitError, ExitCode.TIMEOUT),
    (StalePlanError, ExitCode.NOT_APPLIED),
    (VerificationError, ExitCode.NOT_APPLIED),
    (RefusedError, ExitCode.NOT_APPLIED),
    (InDoubtError, ExitCode.IN_DOUBT),
    (CancelledError, ExitCode.INTERRUPTED),
)


def exit_code_of(error: FixitError) -> ExitCode:
    """The code for an error; an unlisted database error counts as 'not applied'."""
    if error.effect is Effect.IN_DOUBT:
        return ExitCode.IN_DOUBT
    if error.effect in (Effect.COMMITTED, Effect.PARTIAL):
        # Whoever reads a 5 may try again; here something was changed.
        return ExitCode.UNPROVEN
    for kind, code in _BY_ERROR:
        if isinstance(error, kind):
            return code
    return ExitCode.NOT_APPLIED
