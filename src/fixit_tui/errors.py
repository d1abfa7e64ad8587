"""The errors a person may see, as values.

FixitError
├── UsageError            the request cannot be understood            exit 2
├── ConnectError          the server cannot be reached or refuses us  exit 3
├── LockWaitError         a lock or a time limit was hit              exit 4
├── StalePlanError        the target is not what the plan was made for exit 5
├── VerificationError     the change ran but did not cure; rolled back exit 5
├── RefusedError          the target cannot take this change          exit 5
├── InDoubtError          the link died during COMMIT                 exit 6
└── CancelledError        the person stopped it                       exit 130

Every error says what failed, what that did to the database, and what to try.
Exit codes belong to the command line (`cli/exit_codes.py`), never to the error.
"""

from __future__ import annotations

from enum import StrEnum


class Effect(StrEnum):
    """What an error left behind in the database."""

    NOTHING_CHANGED = "nothing changed"
    ROLLED_BACK = "rolled back"
    PARTIAL = "partly done"
    IN_DOUBT = "in doubt"
    COMMITTED = "committed"


class FixitError(Exception):
    """Root of every error that is shown to a person instead of a traceback."""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        effect: Effect = Effect.NOTHING_CHANGED,
        sqlstate: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.effect = effect
        self.sqlstate = sqlstate


class UsageError(FixitError):
    """The request, a file or a setting is wrong."""


class ConnectError(FixitError):
    """The server cannot be reached, is not PostgreSQL, or refuses the role."""


class LockWaitError(FixitError):
    """A lock timeout or a statement timeout ended the work."""


class StalePlanError(FixitError):
    """The objects that the plan touches are not the ones it was made for."""


class VerificationError(FixitError):
    """A check inside the transaction failed, so everything was rolled back."""


class RefusedError(FixitError):
    """The target cannot take this change: replica, not owner, managed schema, pooler."""


class InDoubtError(FixitError):
    """The link was lost while COMMIT was under way."""


class CancelledError(FixitError):
    """The person asked to stop."""
