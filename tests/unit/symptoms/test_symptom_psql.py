"""Transcripts of psql: the statement at the prompt is the one that the server refused."""

from __future__ import annotations

import pytest

from fixit_tui.model.symptom import Service
from fixit_tui.symptoms.describe import missing
from fixit_tui.symptoms.parse import parse

DUPLICATE = (
    'ERROR:  duplicate key value violates unique constraint "members_pkey"\n'
    "DETAIL:  Key (org_id, user_id)=(1, 2) already exists.\n"
)


@pytest.mark.parametrize(
    "typed",
    [
        "shop=> INSERT INTO app.members (org_id, user_id) VALUES (1, 2);\n",
        "postgres=# insert into app.members (org_id, user_id) values (1, 2);\n",
        "shop=*> INSERT INTO app.members (org_id,\nshop(*>   user_id)\nshop-*>  VALUES (1, 2);\n",
        "shop=> INSERT INTO app.members\n  (org_id, user_id)\nVALUES (1, 2);\n",
        "=> INSERT INTO app.members (org_id, user_id) VALUES (1, 2);\n",
    ],
)
def test_the_statement_above_the_error_is_read(typed: str) -> None:
    (symptom,) = parse(typed + DUPLICATE)
    assert (symptom.schema, symptom.relation) == ("app", "members")
    assert (symptom.operation, symptom.columns) == ("insert", ("org_id", "user_id"))


def test_each_error_has_its_own_statement() -> None:
    (symptom,) = parse(
        "shop=> BEGIN;\nBEGIN\n"
        "shop=*> SELECT 1 FROM app.orgs;\n ?column? \n----------\n(0 rows)\n\n"
        "shop=*> INSERT INTO app.members (org_id, user_id) VALUES (1, 2);\n"
        + DUPLICATE
        + "shop=!> UPDATE app.orgs SET name = 'x';\n"
        "ERROR:  current transaction is aborted, commands ignored until end of transaction block\n"
    )
    assert symptom.sqlstate == "25P02"
    assert symptom.first_error is not None
    assert symptom.first_error.statement is not None
    assert symptom.first_error.statement.startswith("INSERT INTO app.members")


@pytest.mark.parametrize(
    "typed",
    [
        "shop=> INSERT INTO app.members VALUES (1);\nINSERT 0 1\n\n",
        "shop=> \\i members.sql\n",
        "const insert = (row)=> client.query(row);\n",
    ],
)
def test_what_stands_elsewhere_is_not_the_failed_statement(typed: str) -> None:
    (symptom,) = parse(typed + DUPLICATE)
    assert symptom.statement is None


def test_fields_of_verbose_errors() -> None:
    (symptom,) = parse(
        'ERROR:  23505: duplicate key value violates unique constraint "t_pkey"\n'
        "DETAIL:  Key (id)=(1) already exists.\nSCHEMA NAME:  app\nTABLE NAME:  t\n"
        "CONSTRAINT NAME:  t_pkey\nLOCATION:  _bt_check_unique, nbtinsert.c:664\n"
    )
    assert (symptom.schema, symptom.relation) == ("app", "t")


@pytest.mark.parametrize(
    "text",
    [
        "AuthApiError: Database error saving new user",
        "Uncaught (in promise) AuthRetryableFetchError: Database error creating new user at signUp",
        "500: Database error querying schema",
    ],
)
def test_auth_hides_the_servers_message(text: str) -> None:
    (symptom,) = parse(text)
    assert (symptom.service, symptom.sqlstate) == (Service.AUTH, None)
    assert "server log" in " ".join(missing(symptom))


def test_auth_and_the_log_of_the_same_moment_are_one_error() -> None:
    symptom, *others = parse("AuthApiError: Database error saving new user\n" + DUPLICATE)
    assert (symptom.sqlstate, others) == ("23505", [])
