"""--ledger-in-database from the plan to the undo, and the setting that stands for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import psycopg
from command_line import CommandLine, Incident
from test_cli_change import hash_in

from fixit_tui.store.paths import config_dir

Make = Callable[[str], Incident]


def rows(incident: Incident) -> list[tuple[object, ...]]:
    with psycopg.connect(incident.dsn) as connection:
        return connection.execute(
            "SELECT plan_hash, undo_of FROM fixit_tui.ledger ORDER BY written_at"
        ).fetchall()


def test_a_change_and_its_undo_are_in_the_database(fixit: CommandLine, incident: Make) -> None:
    given = incident("purchases")
    before = given.dump()
    clean = fixit("diagnose", given.dsn, "--format", "json")
    wanted = (*given.given, "--ledger-in-database")
    shown = fixit("apply", *wanted)
    assert "INSERT INTO fixit_tui.ledger" in shown.out
    plan = hash_in(shown.out)
    assert hash_in(fixit("apply", *given.given).out) != plan
    assert hash_in(fixit("rehearse", *wanted).out) == plan
    shadow = fixit("rehearse", *wanted, "--shadow")
    assert (shadow.code, hash_in(shadow.out)) == (0, plan)
    assert "not tried there: the row in fixit_tui.ledger" in shadow.out
    assert given.dump() == before
    done = fixit("apply", *wanted, "--plan", plan, "--yes")
    assert (done.code, done.err) == (0, "")
    ((kept, _),) = rows(given)
    assert str(kept).startswith(plan)
    assert str(kept) in done.out
    # The ledger is nothing that a diagnosis has a word about.
    for said in (fixit("diagnose", given.dsn, "--format", "json"), clean):
        assert not [f for f in json.loads(said.out)["findings"] if "fixit_tui" in json.dumps(f)]
    config = config_dir() / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text("ledger_in_database = true\n")
    undo = hash_in(fixit("undo", given.dsn).out)
    assert fixit("undo", given.dsn, "--plan", undo, "--yes").code == 0
    assert [of for _, of in rows(given)] == ["", kept]
    assert given.sqlstate_of("failing.sql") is not None


def test_the_setting_holds_for_exports_and_a_flag_overrides_it(
    fixit: CommandLine, incident: Make, tmp_path: Path
) -> None:
    given = incident("customers")
    config = config_dir() / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    plain = hash_in(fixit("apply", *given.given).out)
    config.write_text("ledger_in_database = true\n")
    assert hash_in(fixit("apply", *given.given, "--no-ledger-in-database").out) == plain
    assert hash_in(fixit("apply", *given.given).out) != plain
    fixit("export", *given.given, "--out", tmp_path / "out")
    texts = [p.read_text() for p in sorted((tmp_path / "out").glob("*.sql"))]
    assert sum("INSERT INTO fixit_tui.ledger" in text for text in texts) == 1
    said = fixit("--ledger-in-database", "history")
    assert said.code == 2
    assert "goes behind the command" in said.err
