"""supabase-flutter: requests that are read, and edits of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from scanning import scan_text
from tests.unit.code.scanning import scan_files, text_of

from fixit_tui.code.edits import Edited, Refused, apply_edit
from fixit_tui.code.facts import CodeCall

REPO = """// é
class Repo {
  Repo(this._client);
  final SupabaseClient _client;

  Future<void> save(String userId, List<Map<String, dynamic>> rows) async {
    final existing = await _client.from('goals').select('id').eq('user_id', userId).maybeSingle();
    if (existing != null) return;
    final row = {'user_id': userId, 'day': 1};
    try {
      await _client.schema('app').from('goals').upsert(row, onConflict: 'user_id, day', ignoreDuplicates: true).select().single();
    } on PostgrestException catch (e) {
      if (e.code != '23505') rethrow;
    }
    for (final r in rows) {
      await _client.from('t').insert([{'a': r}, {'a': 2}]);
    }
    await _client.from('v').insert({'a': 1, if (late) 'b': 2});
    await _client.from('w').insert(rows);
  }
}
"""


def calls(text: str) -> tuple[CodeCall, ...]:
    return scan_text("lib/a.dart", text, "dart").calls


def test_requests(tmp_path: Path) -> None:
    look, write, many, maybe, given = scan_files(tmp_path, {"lib/a.dart": REPO}).calls
    assert text_of(tmp_path, write).startswith("_client.schema('app')")
    assert (look.verb, look.relation, look.cardinality) == ("select", "goals", "maybe_single")
    assert [(f.column, f.op) for f in look.filters] == [("user_id", "eq")]
    assert (write.schema, write.verb, write.columns) == ("app", "upsert", ("user_id", "day"))
    assert (write.on_conflict, write.ignore_duplicates) == (("user_id", "day"), True)
    assert (write.function, write.cardinality, write.selects) == ("save", "single", "*")
    assert (write.condition_on, write.in_try, write.handles_sqlstate) == (look.id, True, ("23505",))
    assert (many.rows, many.in_loop) == ("many", True)
    assert many.row_list == ({"a": "r"}, {"a": "2"})
    assert maybe.columns is None
    assert given.columns is None


def test_a_name_belongs_to_its_block() -> None:
    text = """Future<void> sync(SupabaseClient db) async {
  for (final a in as_) {
    final data = {'id': a.id};
    await db.from('a').upsert(data);
  }
  for (final b in bs) {
    final data = {'id': b.id, 'day': 1};
    await db.from('b').upsert(data);
  }
  final data = {'n': 1};
  if (late) { await db.from('c').insert(data); }
  data['m'] = 2;
}
"""
    assert [c.columns for c in calls(text)] == [("id",), ("id", "day"), None]


@pytest.mark.parametrize(
    "text",
    ["final a = List.from(b);", "final a = Uint8List.from([1]).insert(0, 1);", "x.from('a').go();"],
)
def test_other_calls_are_left_alone(text: str) -> None:
    assert calls(f"void f() {{ {text} }}") == ()


def test_a_changed_map_does_not_tell_its_columns() -> None:
    text = "void f() async { final row = {'a': 1}; row['b'] = 2; await sb.from('t').insert(row); }"
    assert [c.columns for c in calls(text)] == [None]


@pytest.mark.parametrize(
    ("name", "params", "before", "after"),
    [
        (
            "insert-to-upsert",
            {"conflict_columns": ["a", "b"], "ignore_duplicates": True},
            "insert({'a': 1})",
            "upsert({'a': 1}, onConflict: 'a,b', ignoreDuplicates: true)",
        ),
        (
            "set-conflict-target",
            {"columns": ["a"]},
            "upsert(row, onConflict: 'id')",
            "upsert(row, onConflict: 'a')",
        ),
    ],
)
def test_edits(name: str, params: dict[str, object], before: str, after: str) -> None:
    frame = "Future<void> f(Map row) async {{\n  // é\n  await sb.from('t').{};\n}}\n"
    text, wanted = frame.format(before), Edited(frame.format(after))
    call = calls(text)[-1]
    assert apply_edit(name, text, call, params) == wanted
    assert apply_edit(name, wanted.text, call, params) == wanted


def test_what_cannot_be_edited_shows_the_idiom() -> None:
    text = "void f() async { await sb.from('t').insert({'a': 1}).select().single(); }"
    params = {"conflict_columns": ["a"], "ignore_duplicates": True}
    result = apply_edit("insert-to-upsert", text, calls(text)[-1], params)
    assert isinstance(result, Refused)
    assert "onConflict: 'a'" in result.idiom
