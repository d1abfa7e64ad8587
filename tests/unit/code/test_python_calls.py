"""Database calls in Python: supabase-py, and SQL text that drivers send."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scanning import scan_text
from tests.unit.code.scanning import scan_files, text_of

from fixit_tui.code.facts import CodeCall


def calls(text: str, path: str = "app/a.py") -> tuple[CodeCall, ...]:
    return scan_text(path, dedent(text), "python").calls


SUPABASE = """
from supabase import create_client

sb = create_client(URL, KEY)
TABLE = "goals"


async def save(user_id, day, rows):
    res = await sb.table(TABLE).select("id").eq("user_id", user_id).execute()
    if res.data:
        return res.data[0]
    return await (
        sb.schema("app")
        .from_("goals")
        .upsert({"user_id": user_id, "day": day}, on_conflict="user_id, day", ignore_duplicates=True)
        .execute()
    )
"""


def test_a_request_has_its_table_columns_and_target() -> None:
    look, write = calls(SUPABASE)
    assert (look.verb, look.relation, look.library) == ("select", "goals", "supabase-py")
    assert [(f.column, f.op) for f in look.filters] == [("user_id", "eq")]
    assert (write.verb, write.schema, write.relation) == ("upsert", "app", "goals")
    assert write.columns == ("user_id", "day")
    assert write.on_conflict == ("user_id", "day")
    assert write.ignore_duplicates is True
    assert write.condition_on == look.id
    assert write.refuses_found is False


def test_places_are_exact_in_a_file_with_mark_and_other_bytes(tmp_path: Path) -> None:
    text = "\ufeff# é \udcff\r\n" + dedent(SUPABASE).replace("\n", "\r\n")
    found = scan_files(tmp_path, {"app/a.py": text}).calls
    assert text_of(tmp_path, found[0]).startswith("sb.table(TABLE)")
    assert text_of(tmp_path, found[1]).endswith(".execute()")


@pytest.mark.parametrize(
    "text",
    [
        "import boto3\nboto3.resource('dynamodb').Table('x').insert({'a': 1})",
        "import rethinkdb as r\nr.table('x').insert({'a': 1}).run(conn)",
        "from pypika import Query\nQuery.from_('x').select('a')",
        "import sqlite3\nsqlite3.connect('x').execute('INSERT INTO t (a) VALUES (?)', (1,))",
        "runner.execute('make a cake')",
        "rows.insert(0, {'a': 1})",
    ],
)
def test_other_libraries_are_left_alone(text: str) -> None:
    assert calls(text) == ()


def test_rows_are_followed_through_names_and_loops() -> None:
    text = """
    from supabase import create_client
    rows = [{"a": x, "b": 1} for x in names]
    client.table("t").insert(rows).execute()
    for row in [{"c": 1}, {"c": 2}]:
        client.table("u").insert(row).execute()
    base = {"a": 1}
    client.table("v").insert({**base, "b": 2}).execute()
    late = {"a": 1}
    late["z"] = 2
    client.table("w").insert(late).execute()
    client.table("x").insert([{"a": 1}, {"a": 2}]).execute()
    """
    t, u, v, w, x = calls(text)
    assert (t.rows, t.columns) == ("many", ("a", "b"))
    assert (u.rows, u.columns, u.in_loop) == ("one", ("c",), True)
    assert v.columns == ("a", "b")
    assert w.columns is None
    assert x.row_list == ({"a": "1"}, {"a": "2"})


def test_a_computed_table_is_listed_and_not_guessed() -> None:
    facts = scan_text(
        "a.py", "import supabase\ndb.table(name).insert({'a': 1}).execute()", "python"
    )
    assert [c.relation for c in facts.calls] == [None]
    assert facts.unknowns[0].what == "table name"


@pytest.mark.parametrize(
    ("query", "statement"),
    [
        ('"INSERT INTO t (a) " "VALUES (%s)"', "INSERT INTO t (a) VALUES (%s)"),
        ('f"INSERT INTO {TABLE} (a) VALUES (%s)"', "INSERT INTO goals (a) VALUES (%s)"),
        ('f"INSERT INTO t (a) VALUES ({a})"', "INSERT INTO t (a) VALUES ($1)"),
        ('"INSERT INTO " + TABLE + " (a) VALUES (%s)"', "INSERT INTO goals (a) VALUES (%s)"),
        (
            'sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(sql.Identifier("s", "t"), '
            'sql.SQL(", ").join(map(sql.Identifier, COLUMNS)), '
            'sql.SQL(", ").join(sql.Placeholder() * len(COLUMNS)))',
            'INSERT INTO "s"."t" ("a", "b") VALUES (%s, %s)',
        ),
        ('text("INSERT INTO t (a) VALUES (:a)")', "INSERT INTO t (a) VALUES (:a)"),
    ],
)
def test_sql_text_is_put_together(query: str, statement: str) -> None:
    text = f"import psycopg\nTABLE = 'goals'\nCOLUMNS = ['a', 'b']\ncur.execute({query}, (1,))"
    assert [c.statement for c in calls(text)] == [statement]


def test_a_computed_name_in_sql_is_unknown() -> None:
    facts = scan_text(
        "a.py", 'import psycopg\ncur.execute(f"INSERT INTO {t} (a) VALUES (1)")', "python"
    )
    assert facts.calls[0].statement is None
    assert facts.unknowns[0].what == "SQL text"


def test_parameters_follow_the_placeholders() -> None:
    text = """
    import psycopg
    cur.execute("INSERT INTO t (a, b) VALUES (%(x)s, %(y)s)", {"y": two, "x": one})
    cur.execute("INSERT INTO t (a) VALUES (%s)", (one,))
    execute_values(cur, "INSERT INTO t (a, b) VALUES %s ON CONFLICT (a) DO NOTHING", rows)
    """
    named, plain, many = calls(text)
    assert named.params == ("one", "two")
    assert plain.params == ("one",)
    assert many.rows == "many"
    assert many.statement == "INSERT INTO t (a, b) VALUES (%s, %s) ON CONFLICT (a) DO NOTHING"


TRANSACTION = """
import psycopg

def enrol(student):
    conn = psycopg.connect()
    cur = conn.cursor()
    try:
        cur.execute("INSERT INTO a (x) VALUES (%s)", (student,))
    except psycopg.errors.UniqueViolation:
        {answer}
    cur.execute("INSERT INTO b (x) VALUES (%s)", (student,))
    conn.commit()
"""


def test_statements_of_a_connection_are_one_transaction() -> None:
    begin, first, second, commit = calls(TRANSACTION.format(answer="pass"))
    assert [c.statement for c in (begin, commit)] == ["BEGIN", "COMMIT"]
    assert {c.tx for c in (begin, first, second, commit)} == {1}
    assert first.caught_until == 10
    assert first.handles_sqlstate == ("23505",)
    assert begin.start_byte < first.start_byte


@pytest.mark.parametrize("answer", ["conn.rollback()", "raise"])
def test_an_error_that_is_answered_is_not_kept_quiet(answer: str) -> None:
    found = [c for c in calls(TRANSACTION.format(answer=answer)) if "INTO a" in (c.statement or "")]
    assert found[0].caught_until is None


def test_autocommit_has_no_transaction() -> None:
    text = TRANSACTION.format(answer="pass").replace("connect()", "connect(autocommit=True)")
    assert {c.tx for c in calls(text)} == {None}


def test_a_context_opens_a_transaction_and_an_inner_one_a_savepoint() -> None:
    text = """
    import asyncpg

    async def save(pool):
        async with pool.acquire() as conn:
            await conn.execute("INSERT INTO z (a) VALUES (1)")
            async with conn.transaction():
                await conn.execute("INSERT INTO a (x) VALUES ($1)", 1)
                try:
                    async with conn.transaction():
                        await conn.execute("INSERT INTO b (x) VALUES ($1)", 1)
                except asyncpg.UniqueViolationError:
                    pass
    """
    alone, begin, outer, inner = calls(text)
    assert (alone.tx, begin.statement) == (None, "BEGIN")
    assert (outer.tx, outer.savepoint) == (1, False)
    assert (inner.tx, inner.savepoint) == (1, True)


def test_a_look_through_a_cursor_decides() -> None:
    text = """
    def tag(cur, name):
        cur.execute("SELECT id FROM tags WHERE name = %s", (name,))
        row = cur.fetchone()
        if row:
            return Response(status=status.HTTP_400_BAD_REQUEST)
        cur.execute("INSERT INTO tags (name) VALUES (%s)", (name,))
    """
    look, write = calls(text)
    assert (write.condition_on, write.refuses_found) == (look.id, True)


def test_a_damaged_file_is_listed() -> None:
    facts = scan_text("a.py", "cur.execute('INSERT INTO t (a) VALUES (1)'", "python")
    assert (facts.calls, facts.unknowns[0].what) == ((), "syntax")


@settings(max_examples=150)
@given(st.text(alphabet="sb.table(\"t')[{:1,}].insert execute\n\\\udc80é=%$`", max_size=60))
def test_no_text_breaks_the_scan(tail: str) -> None:
    scan_text(
        "a.py", "import supabase\nsb.table('t').insert({'a': 1}).execute()\n" + tail, "python"
    )


@pytest.mark.parametrize(
    ("field", "table"),
    [
        ('table = "goals"', "goals"),
        ('table: str = "goals"', "goals"),
        ('def __init__(self):\n        self.table = "goals"', "goals"),
        ("table: str", None),
        ('table = "goals"\n    def move(self, name):\n        self.table = name', None),
    ],
    ids=["class", "annotated", "init", "declared-only", "assigned-again"],
)
def test_a_table_named_by_a_field_of_its_class(field: str, table: str | None) -> None:
    text = (
        "from supabase import create_client\n"
        f"class Goals:\n    {field}\n"
        "    def add(self, row):\n"
        '        self.client.table(self.table).insert({"a": 1}).execute()\n'
    )
    assert [c.relation for c in calls(text)] == [table]


@pytest.mark.parametrize(
    ("helper", "given", "wanted"),
    [
        ("def row(a, b=1):\n    return {'a': a, 'b': b, 'c': now(), 'd': a + 1}", "row(x.y)",
         {"a": "x.y", "b": "row(x.y).b", "c": "now()", "d": "row(x.y)['d']"}),
        ("def row(*, a):\n    made = {'a': a}\n    return made", "row(a=1)", {"a": "1"}),
        ("def row(a):\n    if a:\n        return {'a': a}\n    return {}", "row(1)", None),
        ("@cached\ndef row(a):\n    return {'a': a}", "row(1)", None),
        ("def row(a):\n    made = {'a': a}\n    made['b'] = 1\n    return made", "row(1)", None),
        ("def row(a):\n    yield {'a': a}", "row(1)", None),
        ("def row(a):\n    return row(a)", "row(1)", None),
    ],
)  # fmt: skip
def test_rows_that_a_function_makes(helper: str, given: str, wanted: dict[str, str] | None) -> None:
    text = f"import supabase\n{helper}\nclient.table('t').insert({given}).execute()\n"
    (call,) = scan_text("app/a.py", text, "python").calls
    assert call.column_values == wanted
