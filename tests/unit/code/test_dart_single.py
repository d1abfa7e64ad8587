"""supabase-flutter's `.single()` becomes `.maybeSingle()` where null is what the code can take."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.code.editing import git_gives
from tests.unit.code.scanning import scan_text

from fixit_tui.code.edits import Edited, Refused, apply_edit

SINGLE = "single-to-maybe-single"
READ = "await sb.from('t').select().eq('é', a).single()"


def inside(*lines: str, head: str = "Future<Goal?> f(int a) async") -> str:
    return f"{head} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


ROW = f"final row = {READ};"
VOID = "Future<void> f(int a) async"
SAME = [
    inside(f"return {READ};"),
    "Future<PostgrestMap?> f(int a) => sb.from('t').select().eq('a', a).single();\n",
    inside(ROW, "return row;"),
    inside(ROW, "if (row == null) return null;", "return Goal(row['x']);"),
    inside(ROW, "if (null == row) {", "  throw StateError('none');", "}", "return Goal(row['x']);"),
    inside(ROW, "if (row != null) {", "  use(row['x']);", "}", "log(row?['x'] ?? 1, row ?? {});", head=VOID),
    inside(f"final Map<String, dynamic>? row = {READ};", "log(row?['x']);", head=VOID),
]  # fmt: skip
GUARDED = [
    (inside(ROW, "return Goal(row['x']);"), "if (row == null) return null;"),
    (inside(ROW, "setState(() => name = row['x']);", "print('$row');", head=VOID), "if (row == null) return;"),
]  # fmt: skip
UNCLEAR = [
    inside(f"return {READ};", head="Future<Map<String, dynamic>> f(int a) async"),
    inside(ROW, "return row['x'] as String;", head="Future<String> f(int a) async"),
    inside("try {", ROW, "  return Goal(row['x']);", "} catch (_) {", "  return null;", "}"),
    inside("xs.map((x) async {", ROW, "  use(row['x']);", "});", head=VOID),
    inside("for (final x in xs) {", ROW, "  use(row['x']);", "}", head=VOID),
    inside(f"final Map<String, dynamic> row = {READ};", "use(row['x']);", head=VOID),
    inside(ROW.replace("final", "var"), "row = other;", "use(row['x']);", head=VOID),
    inside(ROW.replace(";", ", n = 2;"), "use(row['x']);", head=VOID),
    inside(ROW, "yield row['x'];", head="Stream<int> f(int a) async*"),
    inside(f"return Goal.fromJson({READ});"),
]


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
@pytest.mark.parametrize(("text", "guard"), [*((text, "") for text in SAME), *GUARDED])
def test_null_is_what_the_code_can_take(tmp_path: Path, text: str, guard: str, eol: str) -> None:
    wanted = text.replace(".single()", ".maybeSingle()")
    if guard:
        wanted = wanted.replace(".maybeSingle();\n", f".maybeSingle();\n  {guard}\n")
    text, wanted = text.replace("\n", eol), wanted.replace("\n", eol)
    (call,) = scan_text("lib/a.dart", text, "dart").calls
    assert apply_edit(SINGLE, text, call, {}) == Edited(wanted)
    assert apply_edit(SINGLE, wanted, call, {}) == Edited(wanted)
    git_gives(tmp_path, text, wanted)


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_a_missing_row_means_is_not_guessed(text: str) -> None:
    (call,) = scan_text("lib/a.dart", text, "dart").calls
    result = apply_edit(SINGLE, text, call, {})
    assert isinstance(result, Refused)
    assert ".maybeSingle()" in result.idiom
    assert apply_edit(SINGLE, text, call, {"optional": True}) == Edited(text)
