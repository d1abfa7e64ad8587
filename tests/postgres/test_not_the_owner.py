"""Who does not own a table is told who does, in the place of a step that is not theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg

from fixit_tui.model.events import ignore_event
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.wiring import open_session

SCHEMA = """
CREATE TABLE wanted (a integer, b integer);
INSERT INTO wanted VALUES (1, 1), (1, 2);
CREATE TABLE put_off (a integer UNIQUE DEFERRABLE, b integer);
CREATE FUNCTION put(x integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO wanted VALUES (x, 1) ON CONFLICT (a) DO NOTHING;
  INSERT INTO put_off VALUES (x, 1) ON CONFLICT (a) DO NOTHING;
END $$;
"""


def _recommended(dsn: str) -> dict[str | None, tuple[str, str, str]]:
    session = open_session(dsn)
    try:
        found = session.diagnose(ignore_event, lambda: False).findings
    finally:
        session.close()
    return {
        f.relation: (f.cause, f.recommended.id, f.recommended.title)
        for f in found
        if f.recommended is not None
    }


def test_the_owner_is_named_to_everybody_else(
    server: LocalServer, database: str, connect: Callable[..., psycopg.Connection[Any]]
) -> None:
    own = connect(database)
    own.execute(SCHEMA.encode())
    role = "guest_" + database[-8:]
    own.execute(f"CREATE ROLE {role} LOGIN".encode())
    try:
        found = _recommended(server.dsn(database.rpartition("/")[2], role))
    finally:
        own.execute(f"DROP ROLE {role}".encode())
    title = "Have the owner of public.{}, postgres, make the key"
    assert found == {
        "public.wanted": ("missing-unique-index", "ask-the-owner", title.format("wanted")),
        "public.put_off": ("deferrable-arbiter", "ask-the-owner", title.format("put_off")),
    }
    assert "ask-the-owner" not in {fix for _, fix, _ in _recommended(database).values()}
