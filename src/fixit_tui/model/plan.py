"""Chosen fixes as ordered steps, bound to a target by content hash and fingerprint."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from enum import StrEnum

from fixit_tui.model.finding import FileEdit, Lock
from fixit_tui.model.proof import Reported
from fixit_tui.model.replay import Replay, Survivor
from fixit_tui.model.target import Target


class PlanState(StrEnum):
    """Where a plan stands; legal moves are in `TRANSITIONS`.

    PARTIAL is an index that a concurrent build, rebuild or drop left unfinished.
    """

    DRAFT = "draft"
    REHEARSED = "rehearsed"
    CONFIRMED = "confirmed"
    APPLYING = "applying"
    APPLIED = "applied"
    VERIFIED = "verified"
    NOT_FIXED = "not fixed"
    STALE = "stale"
    ROLLED_BACK = "rolled back"
    PARTIAL = "partial"
    IN_DOUBT = "in doubt"
    UNDONE = "undone"


_S = PlanState
TRANSITIONS: dict[PlanState, frozenset[PlanState]] = {
    _S.DRAFT: frozenset({_S.REHEARSED, _S.CONFIRMED, _S.STALE}),
    _S.REHEARSED: frozenset({_S.REHEARSED, _S.CONFIRMED, _S.STALE}),
    _S.CONFIRMED: frozenset({_S.APPLYING, _S.STALE}),
    _S.APPLYING: frozenset({_S.APPLIED, _S.ROLLED_BACK, _S.STALE, _S.PARTIAL, _S.IN_DOUBT}),
    _S.APPLIED: frozenset({_S.VERIFIED, _S.NOT_FIXED, _S.UNDONE, _S.PARTIAL}),
    _S.VERIFIED: frozenset({_S.UNDONE, _S.PARTIAL}),
    _S.NOT_FIXED: frozenset({_S.UNDONE, _S.VERIFIED, _S.PARTIAL}),
    _S.STALE: frozenset(),
    _S.ROLLED_BACK: frozenset({_S.REHEARSED, _S.CONFIRMED, _S.STALE}),
    _S.PARTIAL: frozenset({_S.UNDONE}),
    _S.IN_DOUBT: frozenset({_S.APPLIED, _S.ROLLED_BACK, _S.PARTIAL}),
    _S.UNDONE: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A person's pick: which fix of which finding."""

    finding_id: str
    fix_id: str


@dataclass(frozen=True, slots=True)
class Step:
    """One fix's SQL within the plan; texts are executed byte for byte."""

    number: int
    finding_id: str
    fix_id: str
    slug: str
    title: str
    relation: str | None
    up: str
    undo: str
    verify: str
    precheck: str
    locks: tuple[Lock, ...]
    transactional: bool = True
    irreversible: str = ""


HASH_SLOT = "0" * 64
"""Stands for the plan's own hash in the text of its record, which the hash covers, too."""


@dataclass(frozen=True, slots=True)
class ObjectState:
    """A touched object's identity (such as 'table public.goals') and definition hash."""

    identity: str
    digest: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered steps and code edits for one target.

    `fingerprint` is what the touched objects looked like when the plan was made; apply refuses
    when they differ. `replay` is a statement that failed before and must succeed after the
    steps, run inside a savepoint that is rolled back; `replay_role` is the role to run it as,
    `reported` the error that it must fail with for the cause to count as proven.
    `request` is a pasted request for a rehearsal to replay where there is no such statement: it
    proves, but an apply does not depend on it.
    `findings` are the ids that the plan answers; those also in `code_findings` stay until its
    edits are deployed. `reverts` is the receipt id that an undo plan takes back.
    `survives` is what a rehearsal on the target would leave behind, outside of its hash, too.
    `record` writes the change down in its own database, in the same transaction, as its last step;
    the first `HASH_SLOT` in its texts is where the plan's hash goes.
    `cautions` and `obstacles` are sentences about the moment at which the plan was made, outside
    of its hash: what else will happen, and why it cannot be applied.
    """

    target: Target
    steps: tuple[Step, ...]
    edits: tuple[FileEdit, ...] = ()
    patch: str = ""
    fingerprint: tuple[ObjectState, ...] = ()
    replay: str = ""
    replay_role: str = ""
    reported: Reported = field(default_factory=Reported)
    request: Replay | None = None
    reverts: str = ""
    notify_postgrest: bool = False
    title: str = ""
    findings: tuple[str, ...] = ()
    code_findings: tuple[str, ...] = ()
    playbooks: tuple[str, ...] = ()
    cautions: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()
    record: Step | None = None
    survives: tuple[Survivor, ...] = ()

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Everything that runs, each text as it is executed: the change, then its record."""
        if self.record is None:
            return self.steps
        up, verify = (
            text.replace(HASH_SLOT, self.hash, 1) for text in (self.record.up, self.record.verify)
        )
        return (*self.steps, replace(self.record, up=up, verify=verify))

    @property
    def hash(self) -> str:
        """SHA-256 over target identity, exact statement texts, edits and fingerprint."""
        digest = hashlib.sha256()
        t = self.target
        parts = ["fixit-tui/plan/1", t.host, str(t.port), t.database, str(t.database_oid)]
        for step in self.steps:
            parts += [step.slug, step.up, step.undo, step.verify, step.precheck]
        for edit in self.edits:
            parts += [edit.path, edit.before_sha256, edit.after]
        parts += [f"{o.identity}={o.digest}" for o in self.fingerprint]
        parts += [self.replay, self.replay_role, self.reverts, str(self.notify_postgrest)]
        if self.record is not None:
            parts += ["record", self.record.up, self.record.verify]
        for part in parts:
            raw = part.encode()
            digest.update(len(raw).to_bytes(8, "big") + raw)
        return digest.hexdigest()

    @property
    def alone(self) -> bool:
        """Whether it is one concurrent index build, rebuild or drop, in no transaction."""
        return any(not step.transactional for step in self.steps)

    @property
    def short_hash(self) -> str:
        """First twelve hex digits, for people."""
        return self.hash[:12]


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's yes, bound to one plan and one target."""

    plan_hash: str
    target_name: str
    write_code: bool = False
