"""What really happened: rehearsal, apply and verification results."""

from __future__ import annotations

from dataclasses import dataclass

from fixit_tui.model.finding import Check, FileEdit, Lock
from fixit_tui.model.plan import ObjectState, PlanState, Step
from fixit_tui.model.proof import Proof


@dataclass(frozen=True, slots=True)
class StatementResult:
    """One executed statement: its text, command tag, duration (ms) and locks it added."""

    statement: str
    tag: str
    ms: int
    rows: int | None = None
    notices: tuple[str, ...] = ()
    locks: tuple[Lock, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replayed statement did before or after the change; always rolled back.

    `sqlstate` is None on success, which `rows` tells more of. `detail` is without values.
    """

    statement: str
    sqlstate: str | None
    message: str = ""
    constraint: str | None = None
    context: str = ""
    detail: str = ""
    rows: int | None = None

    @property
    def succeeded(self) -> bool:
        return self.sqlstate is None


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


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The plan run in a transaction that was rolled back, or on a shadow of the target.

    `failure` is a sentence when a statement or check failed; `warnings` name side effects
    that a rollback does not undo (sequence numbers, remote calls). Only a shadow can try the undo,
    too (`undone`), and says how far it is like the target (`fidelity`).
    """

    plan_hash: str
    where: str
    at: str
    ms: int
    statements: tuple[StatementResult, ...]
    prechecks: tuple[Check, ...]
    verifications: tuple[Check, ...]
    replay_before: ReplayResult | None = None
    replay_after: ReplayResult | None = None
    proof: Proof | None = None
    failure: str = ""
    failure_sqlstate: str | None = None
    warnings: tuple[str, ...] = ()
    shadow: bool = False
    undone: tuple[Check, ...] = ()
    fidelity: tuple[str, ...] = ()

    @property
    def succeeded(self) -> bool:
        return not self.failure

    @property
    def locks(self) -> tuple[Lock, ...]:
        """Distinct measured locks, in the order they were first taken."""
        return tuple(dict.fromkeys(lock for s in self.statements for lock in s.locks))


@dataclass(frozen=True, slots=True)
class Receipt:
    """The durable record of one apply or undo: enough to prove, explain and undo it.

    `xid` is the server's transaction id noted before COMMIT, and means something to the server
    and timeline of `server_id` alone; `server_run` is which run of it (`ServerIdentity`).
    `xid_kept`: no crash of that server gives the number to another transaction.
    `verification` comes from the re-diagnosis on a fresh read-only connection; empty until it ran.
    `before` and `after` are the touched objects around the change: an undo needs them. `edits` are
    the texts written (or about to be, in an intent) under `code_root`. `pending_code` are findings
    that stay until the patch is deployed. `proof` says what the rehearsal of this very plan proved
    before it; empty where this session did not rehearse it, or nothing was proven. `recorded` says
    that the same transaction wrote the change down in its own database.
    """

    id: str
    plan_hash: str
    title: str
    target_name: str
    database: str
    host: str
    port: int
    role: str
    actor: str
    state: PlanState
    started_at: str
    finished_at: str
    xid: str
    statements: tuple[StatementResult, ...]
    undo: tuple[str, ...]
    findings: tuple[str, ...] = ()
    playbooks: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    verification: tuple[Check, ...] = ()
    replay_after: ReplayResult | None = None
    written_files: tuple[str, ...] = ()
    undo_of: str = ""
    note: str = ""
    database_oid: int = 0
    steps: tuple[Step, ...] = ()
    before: tuple[ObjectState, ...] = ()
    after: tuple[ObjectState, ...] = ()
    edits: tuple[FileEdit, ...] = ()
    code_root: str = ""
    pending_code: tuple[str, ...] = ()
    server_id: str = ""
    server_run: str = ""
    xid_kept: bool = False
    proof: str = ""
    recorded: bool = False

    @property
    def leaves_undo(self) -> bool:
        """Whether there is something to take back: undo statements, or files that were written."""
        return bool(self.undo or self.written_files)
