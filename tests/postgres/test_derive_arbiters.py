"""The verdicts about conflict clauses, against what a real server does with the statement."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from arbiter_shapes import SHAPES, setup_for

from fixit_tui.engine.ports import CatalogRows, Reader
from fixit_tui.facts.base import FactBase, Value
from fixit_tui.facts.derive import derive
from fixit_tui.facts.derive.confirm import Answer
from fixit_tui.facts.load import load_catalog
from fixit_tui.facts.snapshot import Recorder, load, save
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.postgres.local_server import LocalServer

CLAUSE_ERRORS = {"42P10", "55000", "42704", "42809", "0A000"}


@pytest.fixture(scope="module")
def dsn(server: LocalServer) -> Iterator[str]:
    """A database with every shape of index."""
    server.create_database("arbiters")
    with psycopg.connect(server.dsn("arbiters"), autocommit=True) as db:
        db.execute(setup_for(db.info.server_version))
        with pytest.raises(psycopg.errors.UniqueViolation):
            db.execute("CREATE UNIQUE INDEX CONCURRENTLY broken_key ON broken (a)")
    yield server.dsn("arbiters")
    server.drop_database("arbiters")


@pytest.fixture(scope="module")
def reader(dsn: str) -> Iterator[Reader]:
    with closing(PgDatabase(dsn).reader()) as opened:
        yield opened


@pytest.fixture(scope="module")
def rows(reader: Reader) -> CatalogRows:
    return reader.capture(frozenset(), lambda _event: None, lambda: False)


@pytest.fixture(scope="module")
def truth(dsn: str) -> dict[str, str]:
    """What really happens: each statement is executed and rolled back."""
    found: dict[str, str] = {}
    with psycopg.connect(dsn, autocommit=True) as db:
        for statement in SHAPES:
            found[statement] = "ok"
            try:
                with db.transaction(force_rollback=True):
                    db.execute(statement)
            except psycopg.Error as error:
                found[statement] = error.sqlstate or "?"
    assert set(found.values()) == {"ok", *CLAUSE_ERRORS}
    return found


def _facts(rows: CatalogRows, statements: list[str]) -> FactBase:
    facts = FactBase()
    load_catalog(facts, rows)
    facts.insert(
        "code_call",
        [
            {"id": n, "path": "a.js", "line": n, "verb": "sql", "library": "pg", "statement": text}
            for n, text in enumerate(statements, start=1)
        ],
    )
    return facts


def _verdicts(facts: FactBase) -> dict[str, tuple[Value, Value]]:
    found = facts.query("SELECT statement, verdict, verdict_by FROM write WHERE origin = 'code'")
    return {str(row["statement"]): (row["verdict"], row["verdict_by"]) for row in found}


def test_the_rules_never_contradict_the_server(rows: CatalogRows, truth: dict[str, str]) -> None:
    facts = _facts(rows, SHAPES)
    derive(facts)
    verdicts = _verdicts(facts)
    assert set(verdicts) == set(SHAPES)
    wrong = {
        text: (verdict, truth[text])
        for text, (verdict, _by) in verdicts.items()
        if verdict not in (truth[text], "unknown")
    }
    assert wrong == {}
    # Open is only what the catalog cannot show: renamed columns, a written operator class, or a
    # predicate that is not implied in any way that the rules know.
    open_ones = {text for text, (verdict, _by) in verdicts.items() if verdict == "unknown"}
    assert {text for text in SHAPES if "renamed_view" in text} <= open_ones
    shown_by_the_server = ("renamed_view", ") WHERE ", "_ops)")
    assert all(any(sign in text for sign in shown_by_the_server) for text in open_ones)


def test_with_the_server_asked_nothing_stays_open(
    reader: Reader, rows: CatalogRows, truth: dict[str, str], tmp_path: Path
) -> None:
    asked = Recorder(reader.explain_conflicts)
    facts = _facts(rows, SHAPES)
    derive(facts, asked)
    verdicts = _verdicts(facts)
    assert {text: verdict for text, (verdict, _by) in verdicts.items()} == truth
    by_rule = [text for text, (_verdict, by) in verdicts.items() if by == "rule"]
    # EXPLAIN of DO NOTHING cannot show that an exclusion constraint refuses DO UPDATE.
    assert by_rule == [text for text in SHAPES if "booking_apart DO UPDATE" in text]

    save(tmp_path / "a.fixit", facts, {}, asked.verdicts)
    capture = load(tmp_path / "a.fixit")
    offline = _facts(capture.rows, SHAPES)
    derive(offline, capture.confirm)
    for table in facts.tables():
        assert offline.query(f"SELECT * FROM {table}") == facts.query(f"SELECT * FROM {table}")


def test_arbiters_that_the_server_names_are_the_usable_ones(
    dsn: str, reader: Reader, rows: CatalogRows, truth: dict[str, str]
) -> None:
    facts = _facts(rows, SHAPES)
    derive(facts)
    for text in SHAPES:
        if truth[text] != "ok" or "renamed_view" in text or "_ops)" in text:
            continue
        ((_sqlstate, names),) = reader.explain_conflicts([text])
        usable = facts.query(
            "SELECT i.name FROM arbiter a JOIN write w ON w.id = a.write "
            "JOIN rel_index i ON i.oid = a.index_oid WHERE a.usable = 1 AND w.statement = ?",
            (text,),
        )
        if names:
            assert {str(row["name"]) for row in usable} == set(names), text


@pytest.mark.parametrize(
    ("statement", "index", "reason"),
    [
        ("plain DEFAULT VALUES ON CONFLICT (a) DO NOTHING", "plain_a_b_key", "superset"),
        ("plain DEFAULT VALUES ON CONFLICT (a, b, c) DO NOTHING", "plain_a_b_key", "subset"),
        ("plain DEFAULT VALUES ON CONFLICT (note) DO NOTHING", "plain_note", "not unique"),
        ("plain DEFAULT VALUES ON CONFLICT (note) DO NOTHING", "plain_c", "other columns"),
        (
            "part DEFAULT VALUES ON CONFLICT (a) DO NOTHING",
            "part_active",
            "partial without predicate",
        ),
        (
            "part DEFAULT VALUES ON CONFLICT (n) WHERE n > 5 DO NOTHING",
            "part_n",
            "predicate not implied",
        ),
        ("people DEFAULT VALUES ON CONFLICT (email) DO NOTHING", "people_email", "expression"),
        (
            'collated DEFAULT VALUES ON CONFLICT (a COLLATE "POSIX") DO NOTHING',
            "collated_a",
            "collation",
        ),
        ("broken DEFAULT VALUES ON CONFLICT (a) DO NOTHING", "broken_key", "not ready"),
        ("late DEFAULT VALUES ON CONFLICT (a) DO NOTHING", "late_a_key", "deferrable"),
        ("booking DEFAULT VALUES ON CONFLICT (room) DO NOTHING", "booking_apart", "exclusion"),
        ("events DEFAULT VALUES ON CONFLICT (k) DO NOTHING", "events_1_k", "partition leaf"),
        ("handled DEFAULT VALUES ON CONFLICT (a, b) DO NOTHING", "plain_a_b_key", "view"),
    ],
)
def test_the_reason_why_an_index_does_not_serve(
    rows: CatalogRows, statement: str, index: str, reason: str
) -> None:
    facts = _facts(rows, ["INSERT INTO " + statement])
    derive(facts)
    found = facts.query(
        "SELECT a.usable, a.reason FROM arbiter a JOIN rel_index i ON i.oid = a.index_oid "
        "JOIN write w ON w.id = a.write WHERE i.name = ? AND w.origin = 'code'",
        (index,),
    )
    assert [row["reason"] for row in found] == [reason]
    # Only that a predicate is not implied may be left to the server.
    assert found[0]["usable"] == 0 or reason == "predicate not implied"


def test_a_parameter_in_the_predicate_serves_custom_plans(rows: CatalogRows) -> None:
    text = "INSERT INTO part (a) VALUES ($1) ON CONFLICT (b) WHERE state = $2 DO NOTHING"
    facts = _facts(rows, [text])
    asked: list[str] = []

    def confirm(texts: Sequence[str]) -> Sequence[Answer]:
        asked.extend(texts)
        return [("42P10", ()) for _ in texts]

    derive(facts, confirm)
    write = facts.query("SELECT verdict, verdict_by, predicate_has_param FROM write")[0]
    assert (write["verdict_by"], write["predicate_has_param"]) == ("rule", 1)
    assert write["verdict"] in ("ok", "unknown")
    assert asked == []


def test_text_that_would_end_the_clause_is_never_sent(rows: CatalogRows) -> None:
    hostile = "a) DO NOTHING; DROP TABLE plain; --"
    facts = _facts(rows, [])
    facts.insert(
        "code_call",
        [
            {
                "id": 1, "path": "a.js", "line": 1, "verb": "upsert", "library": "supabase-js",
                "relation": "plain", "on_conflict": json.dumps([hostile]), "options_known": 1,
            }
        ],
    )  # fmt: skip
    sent: list[str] = []

    def confirm(texts: Sequence[str]) -> Sequence[Answer]:
        sent.extend(texts)
        return [("42703", ()) for _ in texts]

    derive(facts, confirm)
    assert all(text.count(";") == 0 or '"a) DO NOTHING; DROP' in text for text in sent)
