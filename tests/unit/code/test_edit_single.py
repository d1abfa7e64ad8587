"""What `.single()` meant to the code behind it, and where that cannot be kept."""

from __future__ import annotations

import pytest
from editing import applied, edited

from fixit_tui.code.edits import Edited, Refused

SINGLE = "single-to-maybe-single"
READ = "const { data, error } = await sb.from('t').select('id').eq('a', 1).single();"


def inside(*lines: str, head: str = "async function f()", read: str = READ) -> str:
    return f"{head} {{\n" + "".join(f"  {line}\n" for line in (read, *lines)) + "}\n"


UNCLEAR = [
    inside("return !error;"),
    inside("const found = error ? null : data.id;", "return found;"),
    inside("if (error?.code === 'PGRST116') {", "  await make();", "}"),
    inside("if (error && error.code === 'PGRST116') return null;", "if (error) throw error;", "return data.id;"),
    inside("if (error) {", "  await report(error);", "  await make();", "}"),
    inside("if (error) await make();", read=READ.replace("data, error", "error")),
    inside("if (error) return false;", "return true;", read=READ.replace("data, error", "error")),
    inside("if (!error) await make();", read=READ.replace("data, error", "error")),
    inside("if (error) throw error;", "return data;", head="async function f(): Promise<Goal>"),
    inside("if (error) throw error;", "return data.id;", head="async function f(): Promise<string>"),
    inside("return check(answer);", read=READ.replace("{ data, error }", "answer")),
    inside("if (error) throw error;", "return data;") + "async function g() { return (await f()).id; }\n",
    inside("return data.id;", read=READ.replace(".single()", ".single().throwOnError()").replace("data, error", "data")),
    READ + "\nif (error) throw error;\nuse(data.id);\n",
]  # fmt: skip


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_a_missing_row_means_is_not_guessed(text: str) -> None:
    result = applied(SINGLE, text, {})
    assert isinstance(result, Refused), result
    assert result.reason
    assert ".maybeSingle()" in result.idiom
    assert applied(SINGLE, text, {"optional": True}) == Edited(text)


SAME = [
    inside("if (error) throw error;", "return data ? data.id : null;"),
    inside("if (error) throw error;", "if (!data) return null;", "return data.id;"),
    inside("if (error) throw error;", "if (data == null || data.done) { throw new Error('none'); }", "return data.id;"),
    inside("if (error) throw error;", "return data?.id;"),
    inside("if (error) throw error;", "return data && data.id;"),
    inside("if (error) throw error;", "return Response.json({ goal: data });"),
    inside("if (error && error.code !== 'PGRST116') throw error;", "if (!data) await make();"),
    inside("if (error || !data) throw new Error('none');", "return data.id;"),
    inside("if (error) console.log(error);", "return data?.id;"),
    inside("return data.id;", read=READ.replace("data, error", "data")),
    inside("if (error) throw error;", "return data;") + "async function g() { await f(); }\n",
    "export const f = () => sb.from('t').select().eq('a', 1).single();\n",
]  # fmt: skip


@pytest.mark.parametrize("text", SAME)
def test_only_the_method_changes(text: str) -> None:
    edited(SINGLE, text, {}, wanted=text.replace(".single()", ".maybeSingle()"))


TOLD = [
    (inside("if (error) throw error;", "use(data.id);"),
     "if (error) throw error;\n", "if (error) throw error;\n  if (!data) return;\n"),
    (inside("if (error) throw error;", "return data.id;", head="async function f(): Promise<string | undefined>"),
     "if (error) throw error;\n", "if (error) throw error;\n  if (!data) return;\n"),
    (inside("if (error) return null;", "return data?.id;"), "if (error)", "if (error || !data)"),
    (inside("if (error) { await make(); } else { use(data.id); }"), "if (error)", "if (error || !data)"),
    (inside("if (!error) use(data.id);"), "if (!error)", "if (!error && data)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "old", "new"), TOLD)
def test_the_code_behind_is_told(text: str, old: str, new: str) -> None:
    wanted = text.replace(".single()", ".maybeSingle()").replace(old, new)
    edited(SINGLE, text, {}, wanted=wanted)


ADD = "const { data, error } = await sb.from('t').insert({ a: 1 }).select('id').single();"
IGNORE = {"conflict_columns": ["a"], "ignore_duplicates": True}


def test_an_ignored_duplicate_gives_no_row_to_go_on_with() -> None:
    text = inside("if (error) throw error;", "return data.id;", read=ADD)
    result = applied("insert-to-upsert", text, IGNORE)
    assert isinstance(result, Refused)
    assert ".upsert(row, { onConflict: 'a' })" in result.idiom
    merged = edited("insert-to-upsert", text, {**IGNORE, "ignore_duplicates": False})
    assert ".single()" in merged
    asked = inside("if (error) throw error;", "return data?.id;", read=ADD)
    assert ".maybeSingle()" in edited("insert-to-upsert", asked, IGNORE)


def test_a_handled_duplicate_gives_no_row_to_go_on_with() -> None:
    needed = inside("if (error) throw error;", "return data.id;", read=ADD)
    assert isinstance(applied("handle-conflict", needed, {}), Refused)
    asked = inside("if (error) throw error;", "return data?.id;", read=ADD)
    wanted = asked.replace("if (error)", "if (error && error.code !== '23505')")
    edited("handle-conflict", asked, {}, wanted=wanted)


ROWS = "const { data } = await sb.from('t').insert({ a: 1 }).select('id');"


@pytest.mark.parametrize(
    ("read", "behind", "fits"),
    [
        (ROWS, "return data[0].id;", False),
        (ROWS, "return data![0]!.id;", False),
        (ROWS, "const [row] = data;", False),
        (ROWS.replace("data }", "data: [row] }"), "return row.id;", False),
        (ROWS.replace("{ data }", "res"), "return res.data[0].id;", False),
        (ROWS, "return data?.[0]?.id;", True),
        (ROWS, "const [row] = data ?? [];", True),
        (ROWS, "return data[0];", True),
        (ROWS.replace(".select('id')", ""), "return data[0].id;", True),
    ],
)
def test_the_first_of_no_rows(read: str, behind: str, fits: bool) -> None:
    text = inside(behind, read=read)
    assert isinstance(applied("insert-to-upsert", text, IGNORE), Edited) is fits
    over = {**IGNORE, "may_update": True}
    wanted = "{ onConflict: 'a', ignoreDuplicates: true }" if fits else "{ onConflict: 'a' }"
    assert wanted in edited("insert-to-upsert", text, over)
    merges = {**IGNORE, "ignore_duplicates": False}
    assert isinstance(applied("insert-to-upsert", text, merges), Edited)
