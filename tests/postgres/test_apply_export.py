"""Exported scripts, run by psql, make what apply makes."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from apply_tools import INDEX, Bench
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


def psql(bench: Bench, path: Path) -> subprocess.CompletedProcess[str]:
    program = client_tool(bench.server, "psql")
    return subprocess.run(
        [program, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", bench.dsn, "-f", str(path)],
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
