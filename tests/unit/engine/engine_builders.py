"""Short ways to build the values that engine tests need."""

from __future__ import annotations

import hashlib

from fixit_tui.model.diagnosis import Diagnosis
from fixit_tui.model.finding import (
    Confidence,
    FileEdit,
    Finding,
    Fix,
    FixKind,
    Severity,
    SqlChange,
)
from fixit_tui.model.plan import ObjectState
from fixit_tui.model.symptom import Source, Symptom
from fixit_tui.model.target import Target

TARGET = Target("db", 5432, "app", "owner", 180006, database_oid=5)


def edit(path: str, before: str, after: str) -> FileEdit:
    digest = hashlib.sha256(before.encode("utf-8", "surrogateescape")).hexdigest()
    return FileEdit(path, digest, before, after)


def sql_fix(
    up: str, *, fix_id: str = "fix", undo: str = "SELECT 1", touches: tuple[str, ...] = ()
) -> Fix:
    change = SqlChange(up, undo, "SELECT 'done', true, ''", touches=touches)
    return Fix(fix_id, f"Run {fix_id}", FixKind.SQL, "none", True, change)


def code_fix(*edits: FileEdit, fix_id: str = "code") -> Fix:
    return Fix(fix_id, f"Edit {fix_id}", FixKind.CODE, "none", True, None, "", edits)


def finding(
    finding_id: str, *fixes: Fix, explains: bool = False, replay: str = "", playbook: str = "book"
) -> Finding:
    return Finding(
        finding_id, playbook, "missing-unique-index", Severity.ERROR, Confidence.CERTAIN,
        f"Finding {finding_id}", "public.t", None, fixes=fixes, explains=explains, replay=replay,
    )  # fmt: skip


def diagnosis(
    *findings: Finding, statement: str | None = None, role: str | None = None
) -> Diagnosis:
    symptom = (
        Symptom(Source.SERVER_LOG, "error", statement=statement, role=role) if statement else None
    )
    return Diagnosis(TARGET, symptom, (), findings)


def fingerprint(identities: object) -> tuple[ObjectState, ...]:
    assert isinstance(identities, (tuple, list))
    return tuple(ObjectState(i, f"digest of {i}") for i in identities)
