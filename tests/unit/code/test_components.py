"""Scripts of single-file components: read at their place in the file, edited in their language."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.code.editing import git_gives
from tests.unit.code.scanning import scan_one, text_of

from fixit_tui.code.edits import Edited, apply_edit

CALL = "supabase.from('yes').insert({ a: 1 })"
SCRIPT = f"<script>\nconst é = 1; await {CALL};\n</script>\n"
SHAPES = [
    ("vue", "<template>\n  <p>{{ supabase.from('no').insert({}) }}</p>\n</template>\n" + SCRIPT),
    ("vue", SCRIPT.replace("<script>", "<script setup lang=\"ts\" generic='T extends Map<string, U>'>")),
    ("vue", SCRIPT.replace("await", "const p: P<T> = <b>é</b>; await").replace("<script>", '<script lang="tsx">')),
    ("svelte", "<!-- <script>\nawait supabase.from('no').insert({});\n</script> -->\n" + SCRIPT),
    ("svelte", '<script context="module">\n// }\n</script>\n\n' + SCRIPT + "{#if a < b}<b>é</b>{/if}"),
    ("astro", f"---\nconst é: string[] = [];\nawait {CALL};\n---\n<p>{{supabase.from('no').insert({{}})}}</p>\n"),
    ("astro", "<p>---</p>\n" + SCRIPT),
]  # fmt: skip
UPSERT = {"conflict_columns": ["a"], "ignore_duplicates": False}


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
@pytest.mark.parametrize(("ending", "text"), SHAPES)
def test_the_scripts_of_a_component(tmp_path: Path, ending: str, text: str, eol: str) -> None:
    text = text.replace("\n", eol)
    facts = scan_one(tmp_path, text, f"src/A.{ending}")
    (call,) = facts.calls
    assert facts.unknowns == ()
    assert (call.relation, text_of(tmp_path, call)) == ("yes", CALL)
    wanted = text.replace(CALL, "supabase.from('yes').upsert({ a: 1 }, { onConflict: 'a' })")
    assert apply_edit("insert-to-upsert", text, call, UPSERT) == Edited(wanted)
    git_gives(tmp_path, text, wanted)


@pytest.mark.parametrize(
    ("ending", "tag", "typed"),
    [("vue", "<script>", False), ("svelte", "<script>", False), ("vue", '<script lang="ts">', True)],
)  # fmt: skip
def test_types_are_written_only_where_they_may_stand(
    tmp_path: Path, ending: str, tag: str, typed: bool
) -> None:
    text = f"{tag}\nasync function f() {{\n  await db.insertInto('t').values({{ a }}).onConflict((oc) => oc.column('a').doNothing()).execute();\n}}\n</script>\n"
    (call,) = scan_one(tmp_path, text, f"src/A.{ending}").calls
    result = apply_edit("add-conflict-predicate", text, call, {"predicate": "(live = true)"})
    assert isinstance(result, Edited)
    assert ("sql<boolean>`live = true`" in result.text) is typed
    assert "sql" in result.text
