"""rehearse, apply, undo, recover, history and export, judged by the database afterwards."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from command_line import CommandLine, Incident
from listening import until
from tests.client_tools import client_tool

from fixit_tui.model.plan import PlanState
from fixit_tui.model.target import Environment
from fixit_tui.store.ledger import FileLedger
from fixit_tui.store.paths import config_dir
from fixit_tui.store.profiles import Profile, ProfileStore

Make = Callable[[str], Incident]
SQL_CASES = ["customers", "purchases"]
CODE_CASES = ["goals", "lesson-progress", "module-unlocks"]


def hash_in(text: str) -> str:
    found = re.search(r"^plan ([0-9a-f]{12}) ", text, re.M)
    assert found, text
    return found[1]


def applied(fixit: CommandLine, incident: Incident, *words: str) -> str:
    """Apply the recommended fix by the hash that rehearse printed; the receipt."""
    plan = hash_in(fixit("rehearse", *incident.given).out)
    said = fixit("apply", *incident.given, "--plan", plan, "--yes", *words)
    assert said.code == 0, said.err
    return said.out


@pytest.mark.parametrize("name", SQL_CASES)
def test_rehearse_proves_and_changes_nothing(fixit: CommandLine, incident: Make, name: str) -> None:
    given = incident(name)
    before = given.dump()
    said = fixit("rehearse", *given.given)
    assert (said.code, said.err) == (0, "")
    assert "it would succeed" in said.out
    assert "does not hold" not in said.out
    assert given.dump() == before
    assert given.sqlstate_of("failing.sql") is not None


def test_a_shadow_tells_the_same_and_locks_nothing(
    fixit: CommandLine, incident: Make, tmp_path: Path
) -> None:
    given = incident("purchases")
    before = given.dump()
    said = fixit("rehearse", *given.given, "--shadow")
    assert (said.code, said.err) == (0, "")
    assert "rehearsed on a shadow of" in said.out
    assert "are as on the target" in said.out
    assert hash_in(said.out) == hash_in(fixit("rehearse", *given.given).out)
    assert given.dump() == before
    wrong = fixit("rehearse", *given.given, "--rows", tmp_path / "nothing.sql")
    assert wrong.code == 2
    assert "cannot read the rows" in wrong.err


def test_a_rehearsal_on_production_wants_a_yes_of_its_own(
    fixit: CommandLine, incident: Make
) -> None:
    given = incident("purchases")
    profile = Profile("shop", given.dsn, Environment.PRODUCTION)
    ProfileStore(config_dir()).save(profile)
    words = ("rehearse", "shop", *given.given[1:])
    before = given.dump()
    refused = fixit(*words)
    assert refused.code == 5
    assert hash_in(refused.out)
    assert "PRODUCTION" in refused.err
    assert "it would succeed" not in refused.out
    for more in ("--yes", "--shadow"):
        assert fixit(*words, more).code == 0
    assert given.dump() == before


def test_what_a_rehearsal_would_send_out_is_named_and_asked_about(
    fixit: CommandLine, incident: Make
) -> None:
    given = incident("purchases")
    with psycopg.connect(given.dsn, autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION public.call_out() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN PERFORM dblink_exec('x', 'y'); RETURN NEW; END$$"
        )
        connection.execute(
            "CREATE TRIGGER call_out AFTER INSERT ON public.student_course_purchases FOR EACH ROW"
            " EXECUTE FUNCTION public.call_out()"
        )
    given.symptom.write_text(re.sub(r"\$\d", "1", given.symptom.read_text()))
    refused = fixit("rehearse", *given.given)
    assert refused.code == 5
    for said in (refused.out, refused.err):
        assert "what dblink does on another server stays done, in trigger call_out" in said
    assert "rehearsed on" not in refused.out


@pytest.mark.parametrize("name", SQL_CASES)
def test_from_plan_to_proof_and_back(fixit: CommandLine, incident: Make, name: str) -> None:
    given = incident(name)
    before = given.dump()
    shown = fixit("apply", *given.given)
    assert shown.code == 2
    assert "nothing changed" in shown.err
    plan = hash_in(shown.out)
    for half in (("--yes",), ("--plan", plan)):
        assert fixit("apply", *given.given, *half).code == 2
    for wrong in ("0" * 12, plan[:7]):
        said = fixit("apply", *given.given, "--plan", wrong, "--yes")
        assert (said.code, said.out) == (5, "")
        assert "effect: nothing changed" in said.err
    assert given.dump() == before

    assert given.sqlstate_of("failing.sql") == given.case.failing.sqlstate  # type: ignore[union-attr]
    done = fixit("apply", *given.given, "--plan", plan, "--yes")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# ")
    assert "**verified** on " in done.out
    assert given.sqlstate_of("failing.sql") is None
    after = given.dump()
    assert after != before

    again = fixit("apply", *given.given, "--plan", plan, "--yes")
    assert again.code in (2, 5)
    assert given.dump() == after

    (entry,) = fixit("history").out.splitlines()
    receipt = entry.split()[0]
    assert "verified" in entry
    assert fixit("history", receipt).out == done.out
    assert f"fixit-tui undo --receipt {receipt}" in done.out

    back = fixit("undo", given.dsn, "--receipt", receipt)
    assert back.code == 2
    assert given.dump() == after
    tried = fixit("undo", given.dsn, "--receipt", receipt, "--rehearse")
    assert tried.code == 0, tried.err
    assert "rehearsed on" in tried.out
    assert given.dump() == after
    undo = hash_in(back.out)
    assert hash_in(tried.out) == undo
    assert fixit("undo", given.dsn, "--plan", "0" * 12, "--yes").code == 5
    undone = fixit("undo", given.dsn, "--receipt", receipt, "--plan", undo, "--yes")
    assert (undone.code, undone.err) == (0, "")
    assert given.dump() == before
    assert fixit("undo", given.dsn).code == 2
    states = [r["state"] for r in json.loads(fixit("history", "--format", "json").out)]
    assert states == ["undone", "applied"]


@pytest.mark.parametrize("name", SQL_CASES)
def test_psql_runs_what_apply_runs(
    fixit: CommandLine, incident: Make, name: str, tmp_path: Path
) -> None:
    given, other = incident(name), incident(name)
    before = other.dump()
    out = tmp_path / "out"
    said = fixit("export", *given.given, "--out", out)
    assert said.code == 0
    written = [Path(line) for line in said.out.splitlines()]
    assert sorted(written) == sorted(out.iterdir())
    ups = [p for p in sorted(written) if p.suffix == ".sql" and not p.stem.endswith(".undo")]
    assert all(re.match(r"\d+_[a-z0-9_]+\.sql$", p.name) for p in ups)
    assert given.dump() == before
    applied(fixit, given)
    for up in ups:
        psql(other, up)
    assert other.dump() == given.dump()
    assert other.sqlstate_of("failing.sql") is None
    for up in reversed(ups):
        psql(other, up.with_suffix(".undo.sql"))
    assert other.dump() == before


def psql(incident: Incident, script: Path) -> None:
    program = client_tool(incident.server, "psql")
    done = subprocess.run(
        [str(program), "-X", "-v", "ON_ERROR_STOP=1", "-d", incident.dsn, "-f", str(script)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", CODE_CASES)
def test_the_patch_is_what_apply_writes(
    fixit: CommandLine, incident: Make, name: str, tmp_path: Path
) -> None:
    given, other = incident(name), incident(name)
    before = given.sources()
    assert fixit("export", *given.given, "--out", tmp_path / "out").code == 0
    patch = tmp_path / "out" / "code.patch"
    subprocess.run(["git", "apply", str(patch)], cwd=other.code, check=True)
    assert given.sources() == before

    schema = given.dump()
    plan = hash_in(fixit("rehearse", *given.given).out)
    refused = fixit("apply", *given.given, "--plan", plan, "--yes")
    assert refused.code == 2
    assert "only edits code" in refused.err
    assert given.sources() == before
    done = fixit("apply", *given.given, "--plan", plan, "--yes", "--write-code")
    assert done.code == 0, done.err
    assert "## Files written" in done.out
    assert given.sources() == other.sources() != before
    assert given.dump() == schema
    clean = fixit("diagnose", given.dsn, "--code", given.code, "--playbook", given.case.playbook)
    assert clean.code == 0, clean.out

    undo = hash_in(fixit("undo", given.dsn).out)
    back = fixit("undo", given.dsn, "--plan", undo, "--yes", "--write-code")
    assert back.code == 0, back.err
    assert given.sources() == before


def test_code_that_changed_meanwhile_is_left_alone(fixit: CommandLine, incident: Make) -> None:
    given = incident("goals")
    plan = hash_in(fixit("rehearse", *given.given).out)
    fixit("apply", *given.given, "--plan", plan, "--yes", "--write-code")
    (file,) = (p for p in given.code.rglob("storageService.ts"))
    file.write_text(file.read_text() + "// edited since\n")
    kept = given.sources()
    said = fixit("undo", given.dsn)
    assert said.code in (2, 5)
    assert len(said.err.splitlines()) <= 5
    assert given.sources() == kept


def test_a_change_since_the_plan_is_refused(
    fixit: CommandLine, incident: Make, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    given = incident("purchases")
    plan = hash_in(fixit("apply", *given.given).out)
    connect(given.dsn).execute("ALTER TABLE student_course_purchases ADD COLUMN since integer")
    before = given.dump()
    said = fixit("apply", *given.given, "--plan", plan, "--yes")
    assert (said.code, said.out) == (5, "")
    assert given.dump() == before


def test_another_fix_can_be_named(fixit: CommandLine, incident: Make) -> None:
    given = incident("customers")
    first = json.loads(fixit("diagnose", *given.given, "--format", "json").out)["findings"][0]
    said = fixit("apply", *given.given, "--fix", f"{first['id']}:disable-trigger")
    assert "DISABLE TRIGGER trigger_update_contact_methods" in said.out


@pytest.mark.parametrize(
    ("words", "telling"),
    [
        (("--fix", "0000000000"), "no single finding is called 0000000000"),
        (("--fix", ":"), "no single finding is called"),
        (("--fix", "FIRST:no-such-fix"), "has no fix no-such-fix"),
    ],
)
@pytest.mark.parametrize("verb", ["rehearse", "apply", "export"])
def test_unknown_names_are_told_with_what_there_is(
    fixit: CommandLine,
    readable: Make,
    tmp_path: Path,
    verb: str,
    words: tuple[str, ...],
    telling: str,
) -> None:
    given = readable("purchases")
    found = json.loads(fixit("diagnose", *given.given, "--format", "json").out)["findings"]
    named = [w.replace("FIRST", found[0]["id"]) for w in words]
    out = ("--out", tmp_path / "out") if verb == "export" else ()
    before = given.dump()
    said = fixit(verb, *given.given, *named, *out)
    assert (said.code, said.out) == (2, "")
    assert telling in said.err
    assert len(said.err.splitlines()) <= 5
    assert given.dump() == before
    assert not (tmp_path / "out").exists()


def test_an_error_that_nothing_explains_chooses_nothing(
    fixit: CommandLine, readable: Make, tmp_path: Path
) -> None:
    given = readable("purchases")
    other = tmp_path / "other.txt"
    other.write_text('ERROR:  duplicate key value violates unique constraint "elsewhere_key"\n')
    said = fixit("apply", given.dsn, "--code", given.code, "--symptom", other)
    assert (said.code, said.out) == (2, "")
    assert "no finding explains the given error" in said.err


def test_history_and_recover_have_nothing_to_tell_at_first(
    fixit: CommandLine, database: str
) -> None:
    assert fixit("history").err == "nothing was applied yet\n"
    assert fixit("history", "abc").code == 2
    said = fixit("recover", database)
    assert (said.code, said.out) == (0, "")
    assert fixit("undo", database).code == 2


def test_recover_settles_an_intent_whose_end_was_lost(fixit: CommandLine, incident: Make) -> None:
    given = incident("purchases")
    applied(fixit, given)
    path = next(p for p in fixit.state.rglob("*") if p.is_file() and p.suffix == ".jsonl")
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text(lines[0], encoding="utf-8")
    (intent,) = FileLedger(fixit.state).receipts()
    assert intent.state is PlanState.APPLYING
    said = fixit("recover", given.dsn)
    assert said.code == 0, said.err
    assert said.out.split()[:2] == [intent.id, "applied"]
    (settled,) = FileLedger(fixit.state).receipts()
    assert settled.state is PlanState.APPLIED
    undo = hash_in(fixit("undo", given.dsn).out)
    assert fixit("undo", given.dsn, "--plan", undo, "--yes").code == 0


def test_who_holds_the_lock_is_said_and_nothing_changes(
    fixit: CommandLine, incident: Make, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    given = incident("purchases")
    plan = hash_in(fixit("apply", *given.given).out)
    before = given.dump()
    holder = connect(given.dsn, application_name="nightly-export")
    holder.execute("BEGIN")
    holder.execute("LOCK TABLE student_course_purchases IN ROW EXCLUSIVE MODE")
    watch = connect(given.dsn)
    waiting = (
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND datname = current_database() AND query LIKE 'CREATE UNIQUE INDEX%'"
    )

    def let_go_after_the_first_try() -> None:
        until(lambda: watch.execute(waiting).fetchone() is not None, 60)
        until(lambda: watch.execute(waiting).fetchone() is None, 60)
        holder.execute("ROLLBACK")

    release = threading.Thread(target=let_go_after_the_first_try)
    release.start()
    said = fixit("apply", *given.given, "--plan", plan, "--yes")
    release.join()
    assert "waiting for a lock, try 1 of 5" in said.err
    assert "nightly-export" in said.err
    assert said.code == 0, said.err
    assert given.dump() != before
