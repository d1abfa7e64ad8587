"""A rewritten INSERT … SELECT on a server: the row that is kept is the one that was asked for."""

from __future__ import annotations

import psycopg
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.sql.repeats import keep_one_row

KEYS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from("xyz"), st.integers(0, 9)), max_size=12
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=KEYS, keep=st.sampled_from(["first", "last"]), ordered=st.booleans())
def test_the_rewritten_insert_stores_the_first_or_last_row_of_each_key(
    server: LocalServer, rows: list[tuple[int, str, int]], keep: str, ordered: bool
) -> None:
    order = " ORDER BY s.n DESC, s.place" if ordered else ""
    statement = (
        "INSERT INTO kept (k, g, n) SELECT s.k, s.g AS grp, s.n"
        f" FROM unnest(%s::int[], %s::text[], %s::int[]) WITH ORDINALITY AS s (k, g, n, place){order}"
        " ON CONFLICT (k, g) DO UPDATE SET n = EXCLUDED.n"
    )
    changed = keep_one_row(statement, ("g", "k"), keep)
    given = sorted(rows, key=lambda r: -r[2]) if ordered else list(rows)
    expected = {(k, g): n for k, g, n in (given if keep == "last" else reversed(given))}
    with psycopg.connect(server.dsn()) as connection:
        connection.execute(
            "CREATE TEMPORARY TABLE kept (k int, g text, n int, UNIQUE (k, g)) ON COMMIT DROP"
        )
        columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
        connection.execute(changed.encode(), columns)
        stored = connection.execute("SELECT k, g, n FROM kept").fetchall()
    assert {(k, g): n for k, g, n in stored} == expected
