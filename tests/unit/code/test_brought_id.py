"""An id that the code goes on with is not one to leave to the row that is there."""

from __future__ import annotations

import pytest
from tests.unit.code.scanning import scan_text

from fixit_tui.code.edits import Edited, Refused, apply_edit

JS = "async function f(user) {{\n  const id = nanoid();\n  {}\n}}\nuse(id);\n"
PY = "import supabase\ndef f(user):\n    new_id = str(uuid4())\n    {}\n\nprint(new_id)\n"
INSERT = "await sb.from('t').insert({ id, a: 1 });"
ROW = "const row = { id, a: 1 }; await sb.from('t').insert(row);"
QUERY = "await c.query('INSERT INTO t (id, a, b) VALUES ($1, $2, $3)', [id, a, b]);"
GIVEN = "sb.table('t').insert({'id': new_id, 'a': 1}).execute()"


@pytest.mark.parametrize(
    ("path", "frame", "body", "fits"),
    [
        ("a.ts", JS, INSERT, True),
        ("a.ts", JS, f"{INSERT}\n  log({{ id: user.id }}, 'id');", True),
        ("a.ts", JS, f"{INSERT}\n  return id;", False),
        ("a.ts", JS, f"{INSERT} await go(`/goals/${{id}}`);", False),
        ("a.ts", JS, f"{INSERT}\n  return {{ id, a }};", False),
        ("a.ts", JS, ROW, True),
        ("a.ts", JS, f"{ROW}\n  return row.a;", True),
        ("a.ts", JS, f"{ROW}\n  return row.id;", False),
        ("a.ts", JS, f"{ROW}\n  return row['id'];", False),
        ("a.ts", JS, QUERY, True),
        ("a.ts", JS, f"{QUERY}\n  return id;", False),
        ("a.py", PY, GIVEN, True),
        ("a.py", PY, f"{GIVEN}\n    return new_id", False),
    ],
)
def test_what_follows_counts(path: str, frame: str, body: str, fits: bool) -> None:
    text = frame.format(body)
    (call,) = scan_text(path, text, "python" if path.endswith("py") else "typescript").calls
    value = "str(new_id)" if path.endswith("py") else "id"
    params = {"conflict_columns": ["a"], "ignore_duplicates": True, "id_values": {"id": value}}
    result = apply_edit("insert-to-upsert", text, call, params)
    assert isinstance(result, Edited) is fits, result
    if isinstance(result, Refused):
        assert "by its key" in result.idiom
    del params["id_values"]
    assert isinstance(apply_edit("insert-to-upsert", text, call, params), Edited)
