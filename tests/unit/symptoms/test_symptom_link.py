"""Errors of the connection are understood as such, and stand behind those of statements."""

from __future__ import annotations

import pytest

from fixit_tui.playbooks.other_errors import other_error
from fixit_tui.symptoms.parse import parse

SAID = [
    ("FATAL:  sorry, too many clients already", "53300"),
    (
        "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute",
        "53300",
    ),
    (
        'psql: error: connection to server at "db" (10.0.0.1), port 5432 failed:'
        ' FATAL:  password authentication failed for user "app"',
        "28P01",
    ),
    ("FATAL:  Passwort-Authentifizierung für Benutzer »app« fehlgeschlagen", "28P01"),
    ('FATAL:  role "app" does not exist', "28000"),
    ('FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "a", database "b", SSL off', "28000"),
    ('FATAL:  database "shop" does not exist', "3D000"),
    (
        "2026-01-02 10:00:00.123 UTC [7] app@shop FATAL:  the database system is starting up",
        "57P03",
    ),
    ("asyncpg.exceptions.CannotConnectNowError: try later", "57P03"),
    ("terminating connection due to administrator command", "57P01"),
]


@pytest.mark.parametrize(("text", "state"), SAID, ids=[f"{n}-{s}" for n, (_, s) in enumerate(SAID)])
def test_an_error_of_the_connection_is_known(text: str, state: str) -> None:
    (symptom,) = parse(text)
    assert symptom.sqlstate == state
    fits = other_error(state, symptom.message or "")
    assert fits is not None
    assert not fits.conflict


def test_a_role_that_is_not_there_is_a_login_only_where_it_ends_the_session() -> None:
    assert [s.sqlstate for s in parse('ERROR:  role "app" does not exist')] == ["22023"]


@pytest.mark.parametrize(
    "error",
    [
        'ERROR:  duplicate key value violates unique constraint "goals_key"',
        "ERROR:  current transaction is aborted, commands ignored until end of transaction block",
        "ERROR:  division by zero",
        '{"code": "PGRST116", "message": "no rows"}',
    ],
)
def test_the_error_of_a_statement_comes_first(error: str) -> None:
    noise = "\n\n\nFATAL:  terminating connection due to administrator command\n\n\n"
    first = parse(noise + error + noise)[0]
    assert first.sqlstate != "57P01"
