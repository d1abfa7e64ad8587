"""Which statements build or drop one index beside the traffic, with whatever name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.sql.concurrent import concurrent_index
from fixit_tui.sql.quote import qualified

# The grammar cuts names at 63 bytes, as the server does.
_NAMES = st.text(
    st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=15
)


@given(schema=_NAMES, table=_NAMES, index=_NAMES)
def test_any_name_is_read_back_as_it_is_written(schema: str, table: str, index: str) -> None:
    quoted = qualified(schema, index)
    name = quoted[len(qualified(schema, "x")) - 1 :]
    made = concurrent_index(
        f"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {qualified(schema, table)} (a)"
    )
    assert made is not None
    assert (made.name, made.builds) == (quoted, True)
    gone = concurrent_index(made.clean_up)
    assert gone is not None
    assert (gone.name, gone.builds) == (quoted, False)

    again = concurrent_index(f"REINDEX INDEX CONCURRENTLY {quoted}")
    assert again is not None
    assert (again.name, again.builds, again.rebuilds) == (quoted, True, True)
    copy = concurrent_index(again.clean_up)
    assert copy is not None
    assert copy.name == again.rests[0]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE INDEX k ON s.t (a)",
        "CREATE INDEX CONCURRENTLY k ON t (a)",
        "CREATE INDEX CONCURRENTLY ON s.t (a)",
        "CREATE INDEX CONCURRENTLY IF NOT EXISTS k ON s.t (a)",
        "DROP INDEX s.k",
        "DROP INDEX CONCURRENTLY k",
        "DROP INDEX CONCURRENTLY s.k, s.l",
        "REINDEX INDEX s.k",
        "REINDEX INDEX CONCURRENTLY k",
        "REINDEX TABLE CONCURRENTLY s.k",
        "REINDEX (CONCURRENTLY, TABLESPACE fast) INDEX s.k",
        "CREATE INDEX CONCURRENTLY k ON s.t (a); SELECT 1",
        "no SQL",
        "",
    ],
)
def test_what_leaves_its_outcome_open_is_none(statement: str) -> None:
    assert concurrent_index(statement) is None
