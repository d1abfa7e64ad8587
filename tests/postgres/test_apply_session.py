"""A session from connect to undo, on the incidents that the playbooks carry."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fixit_tui.engine.session import Session
from fixit_tui.errors import CancelledError, FixitError, RefusedError, UsageError
from fixit_tui.model.diagnosis import RunStatus
from fixit_tui.model.events import Event, PlaybookFinished, PlaybookStarted
from fixit_tui.model.plan import Choice, Consent, PlanState
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.wiring import Wiring

CASE = builtin_root() / "on-conflict-without-index" / "cases" / "purchases"


def ignore(_: Event) -> None:
    return None


def go_on() -> bool:
    return False


@pytest.fixture
def incident(database: str, tmp_path: Path) -> Path:
    """The purchases incident in the database; returns its code folder."""
    with psycopg.connect(database, autocommit=True) as connection:
        for path in (builtin_root() / "platforms" / "supabase.sql", CASE / "setup.sql"):
            connection.execute(path.read_bytes())
    shutil.copytree(CASE / "code", tmp_path / "code")
    return tmp_path / "code"


class Tidy(Wiring):
    """Closes its sessions at the end, also where a test failed."""

    def __init__(self, state_dir: Path) -> None:
        super().__init__(state_dir=state_dir, environ={})
        self.sessions: list[Session] = []

    def open_session(self, target: str | None, **options: Any) -> Session:
        self.sessions.append(super().open_session(target, **options))
        return self.sessions[-1]


@pytest.fixture
def wiring(tmp_path: Path) -> Iterator[Wiring]:
    tidy = Tidy(tmp_path / "state")
    yield tidy
    for session in tidy.sessions:
        session.close()


def opened(wiring: Wiring, database: str, code: Path) -> Session:
    return wiring.open_session(database, code=code, symptom_text=(CASE / "symptom.txt").read_text())


def test_from_the_error_to_the_proof_and_back(
    wiring: Wiring, database: str, incident: Path
) -> None:
    session = opened(wiring, database, incident)
    events: list[Event] = []
    diagnosis = session.diagnose(events.append, go_on)
    best = diagnosis.findings[0]
    assert best.explains
    assert best.recommended is not None
    started = [e.id for e in events if isinstance(e, PlaybookStarted)]
    assert started == [e.run.id for e in events if isinstance(e, PlaybookFinished)]
    assert started == [r.id for r in diagnosis.runs]
    assert not [r for r in diagnosis.runs if r.status is RunStatus.FAILED]

    plan = session.plan([Choice(best.id, best.recommended.id)])
    assert plan.fingerprint
    assert plan.notify_postgrest
    assert session.rehearse(plan, ignore, go_on).succeeded
    receipt = session.apply(plan, Consent(plan.hash, plan.target.name), ignore, go_on)
    receipt, after = session.recheck(receipt, ignore, go_on)
    assert receipt.state is PlanState.VERIFIED
    assert best.id not in {f.id for f in after.findings}
    assert session.receipts() == (receipt,)
    assert session.unsettled() == ()

    undo = session.plan_undo(receipt.id[:6])
    undone = session.apply(undo, Consent(undo.hash, undo.target.name), ignore, go_on)
    undone, again = session.recheck(undone, ignore, go_on)
    assert undone.state is PlanState.VERIFIED
    assert best.id in {f.id for f in again.findings}
    assert [r.state for r in session.receipts()] == [PlanState.UNDONE, PlanState.VERIFIED]
    assert session.recover() == ()


def test_the_same_choices_make_the_same_plan(wiring: Wiring, database: str, incident: Path) -> None:
    hashes = []
    for _ in range(2):
        session = opened(wiring, database, incident)
        best = session.diagnose(ignore, go_on).findings[0]
        assert best.recommended is not None
        hashes.append(session.plan([Choice(best.id, best.recommended.id)]).hash)
    assert hashes[0] == hashes[1]


def test_a_saved_capture_gives_the_same_findings_and_refuses_to_write(
    wiring: Wiring, database: str, incident: Path, tmp_path: Path
) -> None:
    live = opened(wiring, database, incident)
    there = live.diagnose(ignore, go_on)
    live.close()
    path = wiring.capture_to_file(database, tmp_path / "saved", incident)
    assert path.name == "saved.fixit"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("DROP SCHEMA public CASCADE")
    offline = opened(wiring, str(path), incident)
    assert offline.connect().database == there.target.database
    diagnosis = offline.diagnose(ignore, go_on)
    assert [(f.id, f.cause) for f in diagnosis.findings] == [
        (f.id, f.cause) for f in there.findings
    ]
    assert offline.offline
    best = diagnosis.findings[0]
    plan = offline.plan([Choice(best.id, best.fixes[0].id)])
    with pytest.raises(RefusedError, match="saved capture"):
        offline.rehearse(plan, ignore, go_on)
    with pytest.raises(RefusedError, match="saved capture"):
        offline.apply(plan, Consent(plan.hash, plan.target.name), ignore, go_on)
    with pytest.raises(RefusedError):
        offline.recover()
    paths = offline.export(plan, tmp_path / "out")
    assert plan.steps[0].up in paths[0].read_text()
    offline.close()


def test_a_broken_playbook_stops_no_other(
    wiring: Wiring, database: str, incident: Path, tmp_path: Path
) -> None:
    extra = tmp_path / "extra"
    source = builtin_root() / "sequence-behind"
    for name in ("aa-broken", "ab-malformed"):
        shutil.copytree(source, extra / name)
    manifest = extra / "aa-broken" / "playbook.toml"
    manifest.write_text(manifest.read_text().replace("sequence-behind", "aa-broken", 1))
    (extra / "aa-broken" / "findings.sql").write_text("SELECT nope FROM relation")
    (extra / "ab-malformed" / "playbook.toml").write_text("id = 'ab-malformed'\nwhat = 1\n")
    session = wiring.open_session(database, code=incident, playbook_dirs=[extra])
    diagnosis = session.diagnose(ignore, go_on)
    runs = {r.id: r for r in diagnosis.runs}
    assert runs["aa-broken"].status is RunStatus.FAILED
    assert "nope" in runs["aa-broken"].reason
    assert runs["on-conflict-without-index"].status is RunStatus.FOUND
    assert any("ab-malformed" in gap.what for gap in diagnosis.gaps)


def test_what_a_playbook_needs_and_lacks_is_said(
    wiring: Wiring, database: str, incident: Path
) -> None:
    session = wiring.open_session(database)
    diagnosis = session.diagnose(ignore, go_on)
    skipped = {r.id: r.reason for r in diagnosis.runs if r.status is RunStatus.SKIPPED}
    assert skipped["insert-should-be-upsert"] == "needs code"
    assert all(reason.startswith("needs ") for reason in skipped.values())


def test_a_held_table_costs_a_gap_or_nothing_but_never_a_hang(
    wiring: Wiring, database: str, incident: Path
) -> None:
    session = opened(wiring, database, incident)
    with psycopg.connect(database) as holder:
        holder.execute("LOCK TABLE student_course_purchases IN ACCESS EXCLUSIVE MODE")
        started = time.monotonic()
        diagnosis = session.diagnose(ignore, go_on)
        assert time.monotonic() - started < 20
    assert diagnosis.runs


def test_another_thread_can_stop_an_apply(wiring: Wiring, database: str, incident: Path) -> None:
    session = opened(wiring, database, incident)
    best = session.diagnose(ignore, go_on).findings[0]
    assert best.recommended is not None
    plan = session.plan([Choice(best.id, best.recommended.id)])
    with psycopg.connect(database) as holder:
        holder.execute("LOCK TABLE student_course_purchases IN SHARE UPDATE EXCLUSIVE MODE")
        timer = threading.Timer(0.5, session.cancel)
        timer.start()
        with pytest.raises(CancelledError):
            session.apply(plan, Consent(plan.hash, plan.target.name), ignore, go_on)
        timer.join()
    assert session.receipts() == ()
    assert session.apply(
        plan, Consent(plan.hash, plan.target.name), ignore, go_on
    ).state is PlanState.APPLIED  # fmt: skip


def test_a_reader_that_was_cut_off_is_opened_again(
    wiring: Wiring, database: str, incident: Path
) -> None:
    session = opened(wiring, database, incident)
    best = session.diagnose(ignore, go_on).findings[0]
    assert best.recommended is not None
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert session.plan([Choice(best.id, best.recommended.id)]).fingerprint


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("nobody-knows-me", "named target"),
        ("missing.fixit", "no saved capture"),
        ("mysql://u:hunter2@h/d", "PostgreSQL"),
        (None, "no target"),
        ("x" * 5000, "named target"),
    ],
)
def test_a_target_that_names_nothing_is_explained(
    wiring: Wiring, target: str | None, words: str
) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        wiring.open_session(target)
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_no_secret_is_in_what_a_session_says(wiring: Wiring, tmp_path: Path) -> None:
    session = wiring.open_session("postgresql://me:hunter2@127.0.0.1:1/db")
    assert "hunter2" not in session.label
    with pytest.raises(FixitError) as caught:
        session.connect()
    assert "hunter2" not in caught.value.message + caught.value.hint


def test_a_stored_target_brings_its_code_and_never_its_password(
    wiring: Wiring, database: str, incident: Path
) -> None:
    wiring.save_target("live", database, incident)
    assert wiring.targets() == {"live": database}
    session = wiring.open_session("live")
    assert session.code_root == incident
    session.connect()
    wiring.forget_target("live")
    assert wiring.targets() == {}


def test_facts_can_be_asked(wiring: Wiring, database: str, incident: Path) -> None:
    rows = wiring.query_facts(
        database, incident, "SELECT DISTINCT relation FROM code_call WHERE relation IS NOT NULL"
    )
    calls = wiring.query_facts(database, incident, "SELECT count(*) AS n FROM code_call")
    assert calls[0]["n"] or rows == []
    with pytest.raises(UsageError):
        wiring.query_facts(database, None, "DELETE FROM relation")
