"""What a rollback does not take back is named before it runs, and nothing else is."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from fixit_tui.engine.survivors import survivors
from fixit_tui.facts.base import FactBase
from fixit_tui.model.events import ignore_event
from fixit_tui.wiring import open_session

SHAPE = """
CREATE TABLE plain (a int PRIMARY KEY, b text);
CREATE TABLE counted (id serial PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, b text);
CREATE TABLE parent (a int PRIMARY KEY);
CREATE TABLE child (a int REFERENCES parent ON DELETE CASCADE ON UPDATE SET NULL, b text);
CREATE TABLE fed (a int, b text);
CREATE VIEW shown AS SELECT a, b FROM fed;
CREATE TABLE quiet (a int);
CREATE TABLE hooked (a int);
CREATE FUNCTION dial(text) RETURNS void LANGUAGE plpgsql AS
  $$BEGIN PERFORM dblink_exec('other', $1); END$$;
CREATE FUNCTION on_gone() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN PERFORM http_post('https://example.org', 'x', 'y'); RETURN OLD; END$$;
CREATE FUNCTION on_fed() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN INSERT INTO counted (b) VALUES (NEW.b); PERFORM dial(NEW.b); RETURN NEW; END$$;
CREATE FUNCTION on_hooked() RETURNS trigger LANGUAGE plpgsql AS
  $$BEGIN PERFORM net.http_post('https://example.org'); RETURN NEW; END$$;
CREATE TRIGGER gone AFTER DELETE ON child FOR EACH ROW EXECUTE FUNCTION on_gone();
CREATE TRIGGER fed AFTER INSERT ON fed FOR EACH ROW EXECUTE FUNCTION on_fed();
CREATE TRIGGER hooked AFTER INSERT ON hooked FOR EACH ROW EXECUTE FUNCTION on_hooked();
CREATE TRIGGER off AFTER INSERT ON quiet FOR EACH ROW EXECUTE FUNCTION on_gone();
ALTER TABLE quiet DISABLE TRIGGER off;
"""
COUNTED = [
    "sequence numbers of public.counted_id_seq drawn for id of public.counted are used up",
    "sequence numbers of public.counted_n_seq drawn for n of public.counted are used up",
]
DIALS = "! what dblink does on another server stays done, in trigger fed on public.fed"
GONE = "! HTTP requests that it sends stay sent, in trigger gone on public.child"
CASES = {
    "INSERT INTO plain VALUES (1)": [],
    "UPDATE counted SET b = 'x'": [],
    "INSERT INTO public.counted (b) VALUES ('x')": COUNTED,
    "WITH put AS (INSERT INTO counted (b) VALUES ('x') RETURNING id) SELECT * FROM put": COUNTED,
    "DELETE FROM parent": [GONE],
    "UPDATE parent SET a = 2": [],
    "DELETE FROM child": [GONE],
    "INSERT INTO child VALUES (1)": [],
    "INSERT INTO fed VALUES (1)": [*COUNTED, DIALS],
    "INSERT INTO shown VALUES (1)": [*COUNTED, DIALS],
    "INSERT INTO quiet VALUES (1)": [],
    "SELECT dial('x')": ["! what dblink does on another server stays done, in public.dial"],
    "INSERT INTO hooked VALUES (1)": [
        "numbers of pg_net's queue are used up (its requests go out after a COMMIT only),"
        " in trigger hooked on public.hooked"
    ],
    "SELECT setval('counted_id_seq', 3)": [
        "sequence numbers of counted_id_seq that it draws or sets stay, in the statement"
    ],
    "SELECT setval(pg_get_serial_sequence('counted', 'id'), 3)": [
        "sequence numbers that it draws or sets stay, in the statement"
    ],
    "COPY plain TO PROGRAM 'cat'": ["! a program that it starts has run, in the statement"],
    "CREATE UNIQUE INDEX ON plain (b)": [],
    "no SQL at all": [],
}


@pytest.fixture
def facts(database: str) -> Iterator[FactBase]:
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(SHAPE.encode())
    session = open_session(database)
    found = session.gather(ignore_event, lambda: False)
    yield found
    found.close()
    session.close()


def test_each_statement_is_followed_to_what_it_sets_off(facts: FactBase) -> None:
    told = {
        text: sorted(("! " if s.outside else "") + s.text for s in survivors([text], facts))
        for text in CASES
    }
    assert told == {text: sorted(wanted) for text, wanted in CASES.items()}


def test_without_facts_only_the_text_speaks() -> None:
    assert survivors(["INSERT INTO fed VALUES (1)"], None) == ()
    (told,) = survivors(["SELECT dblink('x', 'y')", "SELECT dblink('z', 'y')"], None)
    assert told.outside
