"""A session with a script instead of a server: for layout, snapshots and guards only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from scripted_replay import REPLAY, REPLAYED

from fixit_tui.errors import CancelledError, FixitError
from fixit_tui.model.diagnosis import Diagnosis, Gap, PlaybookRun, RunStatus
from fixit_tui.model.events import (
    OnEvent,
    PlaybookFinished,
    PlaybookStarted,
    StageStarted,
    StatementStarted,
)
from fixit_tui.model.finding import (
    Check,
    Confidence,
    Evidence,
    FileEdit,
    Finding,
    Fix,
    FixKind,
    Lock,
    RuledOut,
    Severity,
    Site,
    SqlChange,
    WriteUpFix,
)
from fixit_tui.model.outcome import Receipt, Rehearsal, Replayed, ReplayResult, StatementResult
from fixit_tui.model.plan import Choice, Consent, Plan, PlanState, Step
from fixit_tui.model.replay import Replay, Survivor
from fixit_tui.model.symptom import Source, Symptom
from fixit_tui.model.target import Environment, Platform, Target

TARGET = Target(
    host="db.example.net",
    port=5432,
    database="academy",
    role="postgres",
    server_version=180006,
    platform=Platform.SUPABASE,
    environment=Environment.LOCAL,
    read_only=False,
    database_oid=16384,
)

UP = """CREATE UNIQUE INDEX purchases_one_active_key
    ON public.purchases (user_id, course_id)
    WHERE is_active = true;"""
UNDO = "DROP INDEX public.purchases_one_active_key;"
VERIFY = """SELECT 'the index is there and valid' AS label,
       coalesce(bool_and(i.indisvalid), false) AS holds,
       count(*)::text AS detail
  FROM pg_index AS i
  JOIN pg_class AS c ON c.oid = i.indexrelid
 WHERE c.relname = 'purchases_one_active_key';"""
BEFORE = """export async function finish(lessonId: string, userId: string) {
  const { data, error } = await supabase
    .from('lesson_progress')
    .insert({ lesson_id: lessonId, user_id: userId, done: true })
    .select()
    .single()
  return data
}
"""
AFTER = BEFORE.replace(
    ".insert({ lesson_id: lessonId, user_id: userId, done: true })",
    ".upsert({ lesson_id: lessonId, user_id: userId, done: true }, "
    "{ onConflict: 'user_id,lesson_id' })",
)
PATCH = """diff --git a/src/progress.ts b/src/progress.ts
--- a/src/progress.ts
+++ b/src/progress.ts
@@ -2,5 +2,5 @@
   const { data, error } = await supabase
     .from('lesson_progress')
-    .insert({ lesson_id: lessonId, user_id: userId, done: true })
+    .upsert({ lesson_id: lessonId, user_id: userId, done: true }, { onConflict: 'user_id,lesson_id' })
     .select()
     .single()
"""

INDEX_FIX = Fix(
    id="create-partial-index",
    title="Create the partial unique index that ON CONFLICT names",
    kind=FixKind.SQL,
    tradeoff="Builds under a lock that stops writes to purchases for a moment.",
    recommended=True,
    sql=SqlChange(
        up=UP,
        undo=UNDO,
        verify=VERIFY,
        locks=(Lock("public.purchases", "SHARE"),),
        touches=("table public.purchases",),
    ),
    preconditions=(Check("no two active rows share a key", True, "0 groups"),),
)
BLOCKED_FIX = Fix(
    id="constraint",
    title="Add a UNIQUE constraint on (user_id, course_id)",
    kind=FixKind.SQL,
    tradeoff="Also refuses a second inactive purchase.",
    sql=SqlChange(up="SELECT 1;", undo="SELECT 1;", verify="SELECT 'x', true, ''"),
    preconditions=(Check("no duplicates over all rows", False, "12 groups have more than one"),),
)
CODE_FIX = Fix(
    id="upsert",
    title="Turn the insert into an upsert on (user_id, lesson_id)",
    kind=FixKind.CODE,
    tradeoff="A second submission overwrites the first one's values.",
    recommended=True,
    patch=PATCH,
    edits=(FileEdit("src/progress.ts", "0" * 64, BEFORE, AFTER),),
)

EXPLAINS = Finding(
    id="f1a2",
    playbook="on-conflict-without-index",
    cause="arbiter-partial-index-missing",
    severity=Severity.ERROR,
    confidence=Confidence.PROVEN,
    title="ON CONFLICT (user_id, course_id) has no unique index to rely on",
    relation="public.purchases",
    object="grant_course()",
    document="004",
    why=(
        "PostgreSQL looks for a unique index on exactly these columns before it inserts anything. "
        "There is none, so every call fails with 42P10, also when no row is in the way.",
        "The statement's own WHERE is right: it asks for a partial index, and keeps it usable.",
    ),
    chain=(
        "app  src/checkout.ts:41",
        "function  public.grant_course() line 7",
        "INSERT INTO public.purchases ON CONFLICT (user_id, course_id)",
        "no unique index on (user_id, course_id)",
    ),
    evidence=(
        Evidence("replayed", "42P10: there is no unique or exclusion constraint matching"),
        Evidence("unique indexes", "purchases_pkey (id)"),
    ),
    sites=(Site(function="public.grant_course", line=7),),
    ruled_out=(
        RuledOut("invalid-index", "no index of the table is marked invalid"),
        RuledOut("predicate-not-implied", "there is no partial index at all"),
    ),
    fixes=(BLOCKED_FIX, INDEX_FIX),
    do_nothing="Every purchase through this function keeps failing.",
    writeup=WriteUpFix(
        "Drop the WHERE from ON CONFLICT",
        "PostgreSQL needs it to match a partial index; without it the error stays.",
    ),
    explains=True,
    score=90,
    replay="SELECT public.grant_course('…')",
)
INSERT = Finding(
    id="f3c4",
    playbook="insert-should-be-upsert",
    cause="plain-insert-on-natural-key",
    severity=Severity.ERROR,
    confidence=Confidence.CERTAIN,
    title="A second visit inserts the same lesson_progress row again",
    relation="public.lesson_progress",
    object="lesson_progress_user_lesson_key",
    document="000",
    why=("The code inserts without asking whether the row is there.",),
    sites=(Site(file="src/progress.ts", line=2, end_line=6),),
    fixes=(CODE_FIX,),
    do_nothing="Each repeated submission is refused with 23505 (HTTP 409).",
)
SEQUENCE = Finding(
    id="f5e6",
    playbook="sequence-behind",
    cause="sequence-behind-max",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    title="The sequence of goals.id may be behind the largest id",
    relation="public.goals",
    object="goals_id_seq",
    why=("Rows were copied in with their ids.",),
    fixes=(),
)
RUNS = (
    PlaybookRun("on-conflict-without-index", RunStatus.FOUND, ms=12),
    PlaybookRun("insert-should-be-upsert", RunStatus.FOUND, ms=9),
    PlaybookRun("sequence-behind", RunStatus.FOUND, ms=4),
    PlaybookRun("upsert-conflict-target", RunStatus.CLEAR, ms=5),
    PlaybookRun("trigger-side-effects", RunStatus.SKIPPED, "function bodies could not be read", 1),
)
SYMPTOM = Symptom(
    source=Source.CONSOLE_LINE,
    headline="42P10: ON CONFLICT matches no unique index",
    sqlstate="42P10",
    http_status=400,
    relation="purchases",
)


def diagnosis_of(*findings: Finding, target: Target = TARGET) -> Diagnosis:
    """A diagnosis with these findings."""
    gaps = (Gap("sequence public.goals_id_seq", "its last value is not known"),)
    return Diagnosis(target, None, RUNS, findings, gaps)


CROWDED = replace(
    EXPLAINS,
    fixes=(
        INDEX_FIX,
        *(
            replace(BLOCKED_FIX, id=f"blocked-{n}", title=f"Way out number {n}")
            for n in range(1, 8)
        ),
    ),
)
DIAGNOSIS = diagnosis_of(EXPLAINS, INSERT, SEQUENCE)


def _off_the_event_loop() -> None:
    assert threading.current_thread() is not threading.main_thread(), "this would block the screen"


@dataclass
class ScriptedSession:
    """Plays back a diagnosis; notes what it was asked to change."""

    diagnosis: Diagnosis = DIAGNOSIS
    code_root: Path | None = Path("/srv/academy")
    offline: bool = False
    symptom: Symptom | None = None
    label: str = "academy"
    hold: threading.Event | None = None
    connect_hold: threading.Event | None = None
    apply_hold: threading.Event | None = None
    error: FixitError | None = None
    open_receipts: tuple[Receipt, ...] = ()
    open_elsewhere: tuple[Receipt, ...] = ()
    consents: list[Consent] = field(default_factory=list)
    rehearsed: list[Plan] = field(default_factory=list)
    exported: list[Path] = field(default_factory=list)
    cancelled: int = 0
    done: list[Receipt] = field(default_factory=list)
    irreversible: str = ""
    rehearsal_failure: str = ""
    survives: tuple[Survivor, ...] = ()
    record: Step | None = None

    def connect(self) -> Target:
        _off_the_event_loop()
        while self.connect_hold is not None and not self.connect_hold.wait(0.02):
            if self.cancelled:
                raise CancelledError("stopped")
        return self.diagnosis.target

    def understand(self, text: str) -> tuple[Symptom, ...]:
        return (SYMPTOM,) if "42P10" in text else ()

    def diagnose(self, on_event: OnEvent, cancelled: Callable[[], bool]) -> Diagnosis:
        _off_the_event_loop()
        on_event(StageStarted("reading the catalog"))
        if self.error is not None:
            raise self.error
        total = len(self.diagnosis.runs)
        for number, run in enumerate(self.diagnosis.runs, 1):
            on_event(PlaybookStarted(run.id, run.id, number, total))
            found = tuple(f for f in self.diagnosis.findings if f.playbook == run.id)
            on_event(PlaybookFinished(run, found))
            if number == 1 and self.hold is not None:
                while not self.hold.wait(0.02):
                    if cancelled():
                        raise CancelledError("stopped")
        return self.diagnosis

    def plan(self, choices: Sequence[Choice]) -> Plan:
        steps: list[Step] = []
        edits: tuple[FileEdit, ...] = ()
        patch = ""
        for choice in choices:
            finding = self.diagnosis.finding(choice.finding_id)
            assert finding is not None
            fix = next(f for f in finding.fixes if f.id == choice.fix_id)
            edits, patch = edits + fix.edits, patch + (fix.patch or "")
            if fix.sql is not None:
                steps.append(
                    Step(len(steps) + 1, finding.id, fix.id, fix.id, fix.title, finding.relation,
                         fix.sql.up, "" if self.irreversible else fix.sql.undo, fix.sql.verify, "",
                         fix.sql.locks, irreversible=self.irreversible)
                )  # fmt: skip
        ids = tuple(c.finding_id for c in choices)
        return Plan(self.diagnosis.target, tuple(steps), edits, patch, title="fixes of " + ", ".join(
            f.title for f in self.diagnosis.findings if f.id in ids), findings=ids,
            code_findings=tuple(i for i in ids if edits), survives=self.survives,
            record=self.record)  # fmt: skip

    def rehearse(self, plan: Plan, on_event: OnEvent, _: Callable[[], bool]) -> Rehearsal:
        self.rehearsed.append(plan)
        for number, step in enumerate(plan.steps, 1):
            on_event(StatementStarted(step.up, number, len(plan.steps)))
        locks = tuple(lock for step in plan.steps for lock in step.locks)
        return Rehearsal(
            plan.hash, "the target", datetime.now(UTC).isoformat(), 59,
            tuple(StatementResult(s.up, "CREATE INDEX", 41, locks=locks) for s in plan.steps),
            (Check("no two active rows share a key", True, "0 groups"),),
            (Check("the index is there and valid", True, "1"),),
            ReplayResult("SELECT 1", "42P10", "there is no unique or exclusion constraint"),
            ReplayResult("SELECT 1", None),
            failure=self.rehearsal_failure,
        )  # fmt: skip

    def apply(
        self, plan: Plan, consent: Consent, on_event: OnEvent, cancelled: Callable[[], bool]
    ) -> Receipt:
        self.consents.append(consent)
        on_event(StatementStarted(plan.steps[0].up if plan.steps else "", 1, len(plan.steps) or 1))
        if self.apply_hold is not None:
            while not self.apply_hold.wait(0.02):
                if cancelled():
                    raise CancelledError("stopped before COMMIT")
        t = plan.target
        receipt = Receipt(
            "r-0001", plan.hash, plan.title, t.name, t.database, t.host, t.port, t.role, "ada",
            PlanState.APPLIED, "2026-01-02T03:04:05.000Z", "2026-01-02T03:04:05.210Z", "7512",
            tuple(StatementResult(s.up, "CREATE INDEX", 38) for s in plan.steps),
            tuple(s.undo for s in plan.steps if s.undo), findings=plan.findings,
            checks=(Check("the index is there and valid", True, "1"),),
            written_files=tuple(e.path for e in plan.edits) if consent.write_code else (),
            undo_of=plan.reverts,
        )  # fmt: skip
        self.done.append(receipt)
        return receipt

    def recheck(
        self, receipt: Receipt, on_event: OnEvent, _: Callable[[], bool]
    ) -> tuple[Receipt, Diagnosis]:
        left = tuple(f for f in self.diagnosis.findings if f.id not in receipt.findings)
        checked = replace(receipt, state=PlanState.VERIFIED,
                          replay_after=ReplayResult("SELECT 1", None))  # fmt: skip
        return checked, replace(self.diagnosis, findings=left)

    def prepare_replay(
        self, on_event: OnEvent, cancelled: Callable[[], bool], text: str = ""
    ) -> Replay:
        _off_the_event_loop()
        return REPLAY

    def replay(
        self,
        replay: Replay,
        on_event: OnEvent,
        cancelled: Callable[[], bool],
        *,
        in_shadow: bool = False,
    ) -> Replayed:
        _off_the_event_loop()
        return REPLAYED

    def plan_undo(self, receipt_id: str) -> Plan:
        _off_the_event_loop()
        step = Step(1, "f1a2", "undo", "undo", "Drop the index", "public.purchases", UNDO, UP, VERIFY,
                    "", (Lock("public.purchases", "ACCESS EXCLUSIVE"),))  # fmt: skip
        return Plan(self.diagnosis.target, (step,), title="the index", reverts=receipt_id)

    def receipts(self) -> tuple[Receipt, ...]:
        return (*self.open_receipts, *self.done)

    def unsettled(self) -> tuple[Receipt, ...]:
        return self.open_receipts

    def unsettled_elsewhere(self) -> tuple[Receipt, ...]:
        return self.open_elsewhere

    def recover(self) -> tuple[Receipt, ...]:
        self.open_receipts = tuple(replace(r, state=PlanState.APPLIED) for r in self.open_receipts)
        return self.open_receipts

    def export(self, plan: Plan, out: Path) -> tuple[Path, ...]:
        _off_the_event_loop()
        out.mkdir(parents=True, exist_ok=True)
        path = out / "0001.sql"
        path.write_text("\n".join(s.up for s in plan.steps))
        self.exported.append(path)
        return (path,)

    def cancel(self) -> None:
        self.cancelled += 1

    def close(self) -> None:
        pass
