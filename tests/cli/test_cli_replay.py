"""replay: what the server says, exit codes, and a yes for production."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from command_line import CommandLine

from fixit_tui.cli.consent import insist_on_consent
from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.errors import RefusedError
from fixit_tui.model.target import Environment

TABLE = "CREATE TABLE public.goals (id int PRIMARY KEY, slug text UNIQUE)"
ROW = "INSERT INTO public.goals VALUES (1, 'a')"
LOG = (
    '2026-01-01 10:00:00.000 UTC [1] ERROR:  duplicate key value violates unique constraint "{}"\n'
    "2026-01-01 10:00:00.000 UTC [1] STATEMENT:  INSERT INTO public.goals VALUES ({})\n"
)


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "state")


@pytest.fixture
def goals(database: str) -> str:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute(ROW)
    return database


@pytest.mark.parametrize(
    ("constraint", "values", "code", "says"),
    [
        ("goals_slug_key", "2, 'a'", ExitCode.FINDINGS, "fails with 23505, as reported"),
        ("goals_slug_key", "1, 'b'", ExitCode.FINDINGS, "another error"),
        ("goals_slug_key", "2, 'b'", ExitCode.DONE, "succeeds now"),
    ],
    ids=["same", "other-constraint", "succeeds"],
)
def test_a_logged_statement_is_run_again(
    cli: CommandLine, goals: str, constraint: str, values: str, code: ExitCode, says: str
) -> None:
    said = cli("replay", goals, "--symptom", "-", stdin=LOG.format(constraint, values).encode())
    assert (said.code, said.err) == (code, "")
    assert says in said.out
    with psycopg.connect(goals) as connection:
        assert connection.execute("SELECT count(*) FROM public.goals").fetchone() == (1,)


def test_json_says_the_same(cli: CommandLine, goals: str) -> None:
    text = LOG.format("goals_slug_key", "2, 'a'").encode()
    said = cli("replay", goals, "--symptom", "-", "--format", "json", stdin=text)
    answer = json.loads(said.out)
    assert answer["schema"] == "fixit-tui/replay/1"
    assert answer["result"]["sqlstate"] == "23505"
    assert answer["result"]["constraint"] == "goals_slug_key"
    assert answer["result"]["detail"] == "Key (slug)=(…) already exists."
    assert answer["same_error"] is True


def test_an_error_without_its_statement_cannot_be_replayed(cli: CommandLine, goals: str) -> None:
    said = cli("replay", goals, "--symptom", "-", stdin=LOG.splitlines()[0].encode())
    assert said.code == ExitCode.USAGE
    assert "nothing that could be replayed" in said.err


def test_production_and_what_leaves_the_database_need_a_yes() -> None:
    production, local = Environment.PRODUCTION, Environment.LOCAL
    insist_on_consent(production, "replay", yes=True, outside=["a call"])
    insist_on_consent(local, "replay", yes=False)
    with pytest.raises(RefusedError, match="PRODUCTION"):
        insist_on_consent(production, "replay", yes=False)
    with pytest.raises(RefusedError, match="a call"):
        insist_on_consent(local, "replay", yes=False, outside=["a call"])
