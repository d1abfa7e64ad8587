"""What cannot be applied here is said with the plan, before anything is agreed to."""

from __future__ import annotations

import uuid
from collections.abc import Callable

import psycopg
from command_line import CommandLine, Incident, Said
from psycopg.conninfo import make_conninfo
from test_cli_change import hash_in

Make = Callable[[str], Incident]


def asked_and_applied(fixit: CommandLine, given: Incident, dsn: str) -> tuple[Said, Said]:
    """The plan alone, and the plan with a yes."""
    words = (dsn, *given.given[1:])
    asked = fixit("apply", *words)
    return asked, fixit("apply", *words, "--plan", hash_in(asked.out), "--yes")


def insist_on_refusal(asked: Said, applied: Said, words: str) -> None:
    for said in (asked, applied):
        assert said.code == 5, said.err
        assert words in said.err
        assert "effect: nothing changed" in said.err
        assert "try:" in said.err
        assert "Traceback" not in said.err


def test_a_role_that_does_not_own_the_table(fixit: CommandLine, incident: Make) -> None:
    given = incident("purchases")
    role = f"guest_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(given.dsn, autocommit=True) as admin:
        admin.execute(f"CREATE ROLE {role} LOGIN")  # type: ignore[call-overload]
        try:
            admin.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")  # type: ignore[call-overload]
            said = fixit("apply", make_conninfo(given.dsn, user=role), *given.given[1:])
            insist_on_refusal(said, said, "is not possible here")
            assert "own" in said.err
            assert "fixit-tui export" in said.err
        finally:
            admin.execute(f"DROP OWNED BY {role}")  # type: ignore[call-overload]
            admin.execute(f"DROP ROLE {role}")  # type: ignore[call-overload]


def test_a_database_that_is_read_only_by_default(fixit: CommandLine, incident: Make) -> None:
    given = incident("purchases")
    name = given.dsn.rpartition("/")[2]
    with psycopg.connect(given.dsn, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")  # type: ignore[call-overload]
    insist_on_refusal(*asked_and_applied(fixit, given, given.dsn), "read-only")
