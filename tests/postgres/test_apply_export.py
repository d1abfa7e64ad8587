"""Exported scripts, run by psql, make what apply makes."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from apply_tools import INDEX, Bench
from test_index_build import BUILD
from tests.client_tools import client_tool

from fixit_tui.export.sql_script import scripts
from fixit_tui.model.finding import SqlChange
from fixit_tui.model.plan import Plan

ODD = SqlChange(
    up="""CREATE TABLE IF NOT EXISTS public."O'Brien; --" ("a%s" int, b text DEFAULT '\\n :x $1'); -- end;
CREATE OR REPLACE FUNCTION public.f() RETURNS text LANGUAGE plpgsql AS $fixit$
BEGIN
  RETURN 'a;b';  -- comment; 'quote
END $fixit$ -- the last line is a comment""",
    undo="""DROP FUNCTION IF EXISTS public.f(); DROP TABLE IF EXISTS public."O'Brien; --" """,
    verify="SELECT 'f', public.f() = 'a;b', '$fixit$' ; -- trailing\n-- comments;\n",
)


def psql(
    bench: Bench, path: Path, *, stop: tuple[str, ...] = ("-v", "ON_ERROR_STOP=1")
) -> subprocess.CompletedProcess[str]:
    program = client_tool(bench.server, "psql")
    return subprocess.run(
        [program, "-X", "-q", *stop, "-d", bench.dsn, "-f", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )


def written(plan: Plan, folder: Path) -> dict[str, Path]:
    paths = {}
    for name, text in scripts(plan).items():
        paths[name] = folder / name
        paths[name].write_bytes(text.encode())
    return paths


def test_psql_makes_what_apply_makes_and_takes_it_back(bench: Bench, tmp_path: Path) -> None:
    before = bench.state()
    plan = bench.plan(ODD, INDEX)
    paths = written(plan, tmp_path)
    receipt = bench.apply(plan)
    applied = bench.state()
    bench.apply(bench.undo_plan(receipt))
    assert bench.state() == before
    ups = sorted(n for n in paths if not n.endswith(".undo.sql"))
    for name in ups:
        done = psql(bench, paths[name])
        assert (done.returncode, done.stderr) == (0, "")
    assert bench.state() == applied
    for name in reversed(ups):
        done = psql(bench, paths[name.replace(".sql", ".undo.sql")])
        assert done.returncode == 0, done.stderr
    assert bench.state() == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (replace(INDEX, verify="SELECT 'never', false, 'why'"), "verification failed: never: why"),
        (replace(INDEX, verify="SELECT 'unsure', null, ''"), "verification failed: unsure"),
        (replace(INDEX, verify="SELECT 'x', true, '' WHERE false"), "it returned no row"),
        (replace(INDEX, precheck="SELECT 'mine', false, ''"), "precondition failed: mine"),
    ],
)
def test_a_script_whose_check_fails_changes_nothing(
    bench: Bench, tmp_path: Path, change: SqlChange, words: str
) -> None:
    before = bench.state()
    (path,) = (p for n, p in written(bench.plan(change), tmp_path).items() if "undo" not in n)
    done = psql(bench, path)
    assert done.returncode == 3
    assert words in done.stderr
    assert bench.state() == before
    told = psql(bench, path, stop=())
    assert words in told.stderr
    assert bench.state() == before, "without ON_ERROR_STOP its COMMIT rolls back"


def test_any_client_may_send_the_whole_file_at_once(bench: Bench) -> None:
    plan = bench.plan(ODD, INDEX)
    for name, text in scripts(plan).items():
        if not name.endswith(".undo.sql"):
            with psycopg.connect(bench.dsn, autocommit=True) as connection:
                connection.execute(text.encode())
    exported = bench.state()
    undos = [text for name, text in scripts(plan).items() if name.endswith(".undo.sql")]
    for text in reversed(undos):
        with psycopg.connect(bench.dsn, autocommit=True) as connection:
            connection.execute(text.encode())
    bench.apply(plan)
    assert bench.state() == exported


def test_a_concurrent_build_is_a_file_of_its_own_between_its_checks(
    bench: Bench, tmp_path: Path
) -> None:
    before = bench.state()
    plan = bench.plan(BUILD)
    up, undo = sorted(written(plan, tmp_path).values(), key=lambda p: "undo" in p.name)
    done = psql(bench, up)
    assert (done.returncode, done.stderr) == (0, "")
    built = bench.state()
    assert psql(bench, undo).returncode == 0
    assert bench.state() == before
    bench.apply(plan)
    assert bench.state() == built
    refused = bench.plan(replace(BUILD, precheck="SELECT 'mine', false, ''"))
    (script,) = (text for name, text in scripts(refused).items() if "undo" not in name)
    up.write_text(script.replace("goals_", "more_"))
    done = psql(bench, up)
    assert (done.returncode, "precondition failed: mine" in done.stderr) == (3, True)
    assert bench.state() == built
