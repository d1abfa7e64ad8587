"""Names made to break things, all the way: diagnosed, rehearsed, applied, exported, undone."""

from __future__ import annotations

import subprocess
import tempfile
import uuid
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from psycopg import sql
from tests.client_tools import client_tool

from fixit_tui.engine.session import Session
from fixit_tui.export.receipt_markdown import receipt_markdown
from fixit_tui.model.events import ignore_event
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import Choice, Consent, Plan, PlanState
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.wiring import Wiring

SETUP = """
CREATE SCHEMA {schema};
CREATE TABLE {schema}.{table} (id serial PRIMARY KEY, {first} integer, {second} text);
INSERT INTO {schema}.{table} ({first}, {second}) VALUES (1, 'a'), (1, 'a'), (2, 'b');
CREATE TABLE {schema}.{child} (id serial PRIMARY KEY,
  {first} integer CONSTRAINT {second} REFERENCES {schema}.{table} ON DELETE CASCADE);
INSERT INTO {schema}.{child} ({first}) VALUES (1), (2), (NULL);
CREATE FUNCTION {schema}.{routine}(a integer, b text) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
  INSERT INTO {schema}.{table} ({first}, {second}) VALUES (a, b)
  ON CONFLICT ({first}, {second}) DO UPDATE SET {second} = EXCLUDED.{second};
END $body$;
"""
KEYS = ("schema", "table", "child", "first", "second", "routine")
FRAGMENTS = (
    '"', "'", ";", "\n", "\\", "[red]", "[/]", "\x1b[31m", "$$", "$body$", "--", "/*", "*/", "{{ x }}",
    "{% if %}", "%s", "%(x)s", ":x", "$1", " ", ".", "select", "User", "table", "é", "\u0430bc", "\u202e",
    "id", "x" * 62, "`", "|", "#", "\t", "\u00ad",
)  # fmt: skip


def _cut(text: str) -> str:
    """As much of it as the server keeps of a name."""
    return text.encode()[:63].decode(errors="ignore")


NAMES = st.lists(
    st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=4).map("".join).map(_cut)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20).map(
        _cut
    ),
    min_size=len(KEYS),
    max_size=len(KEYS),
    # Names of one kind must differ; `$body$` would end the function that holds it.
    unique_by=lambda name: name[:40],
).filter(
    lambda names: (
        not names[0].startswith("pg_")
        and "id" not in names
        and not any("$body$" in name for name in names)
    )
)


def _content(dsn: str, schema: str) -> list[str]:
    """Relations, indexes, constraints and rows of a schema, and what is in quarantine."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        listed = connection.execute(
            "SELECT c.oid::regclass::text, c.relkind, CASE WHEN c.relkind = 'i'"
            " THEN pg_get_indexdef(c.oid) END FROM pg_class AS c JOIN pg_namespace AS n"
            " ON n.oid = c.relnamespace WHERE n.nspname IN (%s, 'fixit_quarantine') ORDER BY 1",
            (schema,),
        ).fetchall()
        found = [repr(row) for row in listed]
        for name, kind, _ in listed:
            if kind == "r":
                rows = connection.execute(
                    f"SELECT (to_jsonb(t) - 'fixit_moved_at' - 'fixit_ctid' - 'fixit_tableoid')::text"
                    f" FROM {name} AS t ORDER BY 1".encode()
                )
                found += [f"{name}: {row[0]}" for row in rows]
    return found


def _apply(session: Session, plan: Plan) -> Receipt:
    consent = Consent(plan.hash, plan.target.name)
    return session.apply(plan, consent, ignore_event, lambda: False)


def _psql(server: LocalServer, dsn: str, script: Path) -> None:
    program = str(client_tool(server, "psql"))
    done = subprocess.run(
        [program, "-X", "-v", "ON_ERROR_STOP=1", "-d", dsn, "-f", str(script)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def _walk(server: LocalServer, dsn: str, names: Sequence[str]) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        quoted = {k: sql.Identifier(n) for k, n in zip(KEYS, names, strict=True)}
        connection.execute(sql.SQL(SETUP).format(**quoted))
    before = _content(dsn, names[0])
    with tempfile.TemporaryDirectory() as folder:
        session = Wiring(state_dir=Path(folder), environ={}).open_session(
            dsn, playbook_ids=("on-conflict-without-index",)
        )
        try:
            diagnosis = session.diagnose(ignore_event, lambda: False)
            (finding,) = [f for f in diagnosis.findings if f.relation == f"{names[0]}.{names[1]}"]
            plan = session.plan([Choice(finding.id, "quarantine-keep-highest")])
            rehearsal = session.rehearse(plan, ignore_event, lambda: False)
            assert rehearsal.succeeded, rehearsal.failure
            assert _content(dsn, names[0]) == before
            receipt = _apply(session, plan)
            after = _content(dsn, names[0])
            assert after != before
            assert receipt_markdown(receipt)
            assert _apply(session, session.plan_undo(receipt.id)).state is PlanState.APPLIED
            assert _content(dsn, names[0]) == before
            written = session.export(plan, Path(folder) / "out")
        finally:
            session.close()
        scripts = sorted(p for p in written if p.suffix == ".sql")
        (up,) = [p for p in scripts if not p.stem.endswith(".undo")]
        _psql(server, dsn, up)
        assert _content(dsn, names[0]) == after
        _psql(server, dsn, up.with_suffix(".undo.sql"))
        assert _content(dsn, names[0]) == before


def _fresh(server: LocalServer, names: Sequence[str]) -> None:
    name = f"n_{uuid.uuid4().hex[:12]}"
    server.create_database(name)
    try:
        _walk(server, server.dsn(name), names)
    finally:
        server.drop_database(name)


HOSTILE = ["a';\nDROP", '"[red]"', "\x1b[31m{{ x }}", "User", "x" * 63, "--/*$1%s"]


def test_hostile_names_come_through(server: LocalServer) -> None:
    _fresh(server, HOSTILE)


@pytest.mark.slow
@pytest.mark.faults
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(names=["\u202eevil", "table", "a\\", "\u0430bc", "abc", "."])
@given(names=NAMES)
def test_any_names_come_through(server: LocalServer, names: list[str]) -> None:
    _fresh(server, names)
