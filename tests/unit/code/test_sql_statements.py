"""Statements in SQL files: where each begins and ends, whatever quotes and bodies are around."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.code.sql_statements import read_statements

TEXT = """-- it's a comment; with a semicolon
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $x$ INSERT INTO a VALUES (1); $x$;
COPY a (n) FROM stdin;
it's; INSERT INTO a VALUES (2);
\\.
/* not ; yet */ insert into "odd;name" values (E'\\';', 'a;''b') ;
SELECT 1; UPDATE a SET n = 2
  WHERE n = 1;
WITH q AS (SELECT 1) INSERT INTO a SELECT * FROM q
"""


def test_writes_with_their_lines() -> None:
    found = list(read_statements("seed.sql", TEXT))
    assert [(s.line, s.end_line, s.statement[:8]) for s in found] == [
        (6, 6, "insert i"),
        (7, 8, "UPDATE a"),
        (9, 9, "WITH q A"),
    ]
    raw = TEXT.encode()
    assert [raw[s.start_byte : s.end_byte].decode() for s in found] == [s.statement for s in found]


_PIECES = st.sampled_from(
    ["'", '"', "$$", "--", "/*", "*/", ";", "\n", "é", "INSERT", " ", "\\", "\udcff"]
)


@given(st.lists(_PIECES).map("".join), st.text(max_size=20))
def test_a_statement_is_found_behind_any_quoted_text(pieces: str, more: str) -> None:
    literal = (pieces + more).replace("'", "''")
    text = f"SELECT '{literal}';\nINSERT INTO t (a) VALUES ('{literal}');\nDELETE FROM t;"
    found = list(read_statements("s.sql", text))
    assert [s.statement for s in found] == [
        f"INSERT INTO t (a) VALUES ('{literal}')",
        "DELETE FROM t",
    ]
    raw = text.encode("utf-8", "surrogateescape")
    for one in found:
        assert raw[: one.start_byte].count(b"\n") + 1 == one.line
        assert raw[one.start_byte : one.end_byte] == one.statement.encode(
            "utf-8", "surrogateescape"
        )


@given(st.lists(_PIECES).map("".join))
def test_any_text_is_read(text: str) -> None:
    for one in read_statements("s.sql", text):
        assert one.statement in text


def test_commands_of_psql_are_no_part_of_a_statement() -> None:
    text = "\\set on 1\n\\copy s from 'a.csv' csv\n  insert into t select * from s;\n\\q\n"
    (found,) = read_statements("load.sql", text)
    assert (found.line, found.statement) == (3, "insert into t select * from s")
