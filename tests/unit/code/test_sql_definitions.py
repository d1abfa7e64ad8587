"""Where SQL files define functions, and how that place is told with a finding."""

from __future__ import annotations

from pathlib import Path

from tests.unit.code.scanning import scan_files

from fixit_tui.code.sql_definitions import read_definitions
from fixit_tui.facts.base import FactBase
from fixit_tui.facts.load import load_code
from fixit_tui.model.finding import Site
from fixit_tui.playbooks.defined_in import defined_in

BODY = "\nBEGIN\n  INSERT INTO log VALUES (NEW.id);\n  RETURN NEW;\nEND "
TEXT = f"""-- first
CREATE TABLE t (id int);
create or replace function public.keep()
RETURNS trigger LANGUAGE plpgsql
AS $body${BODY}$body$;
CREATE FUNCTION "Odd Name"(a int DEFAULT 1) RETURNS int LANGUAGE sql RETURN a;
CREATE PROCEDURE app . run() LANGUAGE sql AS $$ SELECT 1 $$;
"""


def test_functions_with_their_lines_and_bodies() -> None:
    found = list(read_definitions("m.sql", TEXT))
    assert [(d.line, d.schema, d.name, d.body_line) for d in found] == [
        (3, "public", "keep", 5),
        (10, None, "Odd Name", None),
        (11, "app", "run", 11),
    ]
    assert found[0].body == BODY
    assert list(read_definitions("m.sql", TEXT.replace("\n", "\r\n"))) == found


def told(tmp_path: Path, files: dict[str, str], line: int | None) -> list[str]:
    facts = FactBase()
    facts.insert(
        "routine",
        [{"oid": 1, "schema": "public", "name": "keep", "qualified": "public.keep", "body": BODY}],
    )
    load_code(facts, scan_files(tmp_path, files))
    return list(defined_in(facts, [Site(function="public.keep", line=line), Site("a.ts")]))


def test_the_last_definition_with_the_servers_text_is_the_place(tmp_path: Path) -> None:
    old = TEXT.replace("RETURN NEW", "RETURN OLD")
    files = {"migrations/1.sql": TEXT, "migrations/2.sql": "\n" + TEXT, "migrations/3.sql": old}
    assert told(tmp_path, files, 3) == ["migrations/2.sql:8"]
    assert told(tmp_path, files, None) == ["migrations/2.sql:4"]


def test_another_text_is_said_to_be_one(tmp_path: Path) -> None:
    old = TEXT.replace("RETURN NEW", "RETURN OLD")
    (place,) = told(tmp_path, {"1.sql": old, "2.sql": old}, 3)
    assert place == "2.sql:3 (the database holds another text)"


def test_a_function_of_another_schema_is_another_function(tmp_path: Path) -> None:
    assert told(tmp_path, {"1.sql": TEXT.replace("public.keep", "other.keep")}, 3) == []


def test_migrations_hold_no_calls(tmp_path: Path) -> None:
    text = "INSERT INTO t VALUES (1) ON CONFLICT (x) DO NOTHING;"
    assert scan_files(tmp_path, {"supabase/migrations/1.sql": text}).calls == ()
