"""Folders as they are found in the wild: hostile files, links, order, stopping."""

from __future__ import annotations

import hashlib
import os
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scanning import scan_files, scan_one, scan_text, text_of

from fixit_tui.code import reader
from fixit_tui.code import scan as scan_module
from fixit_tui.code.facts import CodeCall, CodeFile, CodeUnknown
from fixit_tui.code.scan import scan
from fixit_tui.errors import CancelledError, UsageError
from fixit_tui.facts.base import FactBase

CALL = "await supabase.from('t').insert({ a: 1 });\n"


def test_rows_fit_the_fact_tables(tmp_path: Path) -> None:
    facts = scan_files(tmp_path, {"a.ts": CALL, "b.ts": "supabase.from(f()).insert({ ...x });"})
    base = FactBase()
    for table, rows, kind in (
        ("code_file", facts.files, CodeFile),
        ("code_call", facts.calls, CodeCall),
        ("unknown", facts.unknowns, CodeUnknown),
    ):
        columns = {str(r["name"]) for r in base.query(f"PRAGMA table_info({table})")}
        assert columns == {f.name for f in fields(kind)}
        base.insert(table, [row.row() for row in rows])
        assert len(base.query(f"SELECT * FROM {table}")) == len(rows) > 0
    (row,) = base.query("SELECT columns, column_values, in_try FROM code_call WHERE path = 'a.ts'")
    assert row == {"columns": '["a"]', "column_values": '{"a": "1"}', "in_try": 0}


def test_which_files(tmp_path: Path) -> None:
    kept = ["a.ts", "b.tsx", "c.js", "d.jsx", "e.mjs", "f.cjs", "g.mts", "h.cts", "src/deep/i.ts"]
    left = [
        "node_modules/x/a.ts", "dist/a.js", "build/a.js", ".next/a.js", "coverage/a.js",
        "vendor/a.js", ".hidden/a.ts", "lib.min.js", "types.d.ts", "notes.md", "pkg/node_modules/a.ts",
    ]  # fmt: skip
    facts = scan_files(tmp_path, dict.fromkeys([*kept, *left], CALL))
    assert [f.path for f in facts.files] == sorted(kept)
    assert [c.path for c in facts.calls] == sorted(kept)
    assert [c.id for c in facts.calls] == list(range(1, len(kept) + 1))
    assert facts.files[0].sha256 == hashlib.sha256(CALL.encode()).hexdigest()
    assert facts.files[0].bytes == len(CALL)


def test_files_that_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "big.ts").write_bytes(b"x" * 50_000_000)
    (tmp_path / "binary.ts").write_bytes(CALL.encode() + b"\0\1\2")
    (tmp_path / "good.ts").write_text(CALL)
    (tmp_path / "loop.ts").symlink_to(tmp_path / "loop.ts")
    (tmp_path / "gone.ts").symlink_to(tmp_path / "nowhere.ts")
    (tmp_path / "folder.ts").mkdir()
    os.mkfifo(tmp_path / "pipe.ts")
    (tmp_path / "self").symlink_to(tmp_path, target_is_directory=True)
    facts = scan(tmp_path)
    assert {f.path: f.status for f in facts.files} == {
        "big.ts": "too big", "binary.ts": "binary", "good.ts": "scanned", "loop.ts": "link loop",
        "gone.ts": "unreadable", "pipe.ts": "unreadable",
    }  # fmt: skip
    assert [c.path for c in facts.calls] == ["good.ts"]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.ts").write_text(CALL)
    root = tmp_path / "root"
    root.mkdir()
    (root / "link.ts").symlink_to(tmp_path / "secret.ts")
    facts = scan(root)
    assert [f.status for f in facts.files] == ["unreadable"]
    assert facts.calls == ()


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "a.ts"
    target.write_text(CALL)
    whole = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "a.ts":
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)  # the superuser may read everything
    assert [f.status for f in scan(tmp_path).files] == ["unreadable"]


@pytest.mark.parametrize(
    "text",
    [
        "const a = '\udcff\udcfe'; " + CALL,
        "\ufeff" + CALL,
        "function ( { \n" + CALL,
        CALL + "}}}} ]]] `",
        "x = `${`${`" + CALL,
        "<<<<<<< HEAD\n" + CALL + "=======\n>>>>>>> b\n",
    ],
)
def test_damaged_text(tmp_path: Path, text: str) -> None:
    facts = scan_one(tmp_path, text)
    for call in facts.calls:
        assert text_of(tmp_path, call).startswith("supabase")
    listed = [u.what for u in facts.unknowns] == ["syntax"]
    assert [c.relation for c in facts.calls] == ["t"] or listed


@pytest.mark.parametrize("pair", ["[]", "()", "{}"])
def test_deep_nesting(tmp_path: Path, pair: str) -> None:
    depth = 20_000
    inner = pair[0] * depth + pair[1] * depth
    text = (
        f"await supabase.from('t').insert({inner});\nawait supabase.from('u').insert({{ a: 1 }});"
    )
    relations = [c.relation for c in scan_one(tmp_path, text).calls]
    assert "u" in relations or pair == "{}", "nested braces are blocks without a meaning"


def test_a_long_chain_and_deep_functions(tmp_path: Path) -> None:
    chain = "supabase.from('t').select()" + ".eq('a', 1)" * 3_000
    deep = "(() => {" * 600 + CALL + "})()" * 600
    facts = scan_files(tmp_path, {"a.ts": f"await {chain};", "b.ts": deep})
    assert [c.relation for c in facts.calls] == ["t", "t"]
    assert len(facts.calls[0].filters) == 3_000


def test_constants_that_go_in_circles(tmp_path: Path) -> None:
    text = "const a = b; const b = a; await supabase.from(a).insert(a); const r = { ...r }; await supabase.from('t').insert(r);"
    facts = scan_files(
        tmp_path,
        {
            "a.ts": text,
            "b.ts": "export * from './c';\nimport { X } from './c';\nsupabase.from(X).insert({});",
            "c.ts": "export * from './b';",
            "d.ts": "const f = (t) => f(t); const g = (t) => supabase.from(t).insert({}); const h = (t) => g(t); h('x'); g(h('y'));",
        },
    )
    assert {c.path for c in facts.calls} == {"a.ts", "b.ts", "d.ts"}


def test_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file.ts").write_text(CALL)
    for wrong in (tmp_path / "nowhere", tmp_path / "file.ts", Path("a\0b")):
        with pytest.raises(UsageError) as caught:
            scan(wrong)
        assert caught.value.hint


def test_progress_and_stopping(tmp_path: Path) -> None:
    scan_files(tmp_path, {f"{n}.ts": CALL for n in range(5)})
    seen: list[tuple[int, int, str]] = []
    scan(tmp_path, advance=lambda done, total, path: seen.append((done, total, path)))
    assert seen == [(n + 1, 5, f"{n}.ts") for n in range(5)]
    with pytest.raises(CancelledError):
        scan(tmp_path, cancelled=lambda: len(seen) > 0)


def test_nothing_is_written_and_the_answer_is_the_same_twice(tmp_path: Path) -> None:
    one = scan_files(tmp_path, {f"{n}/{m}.ts": CALL * 2 for n in "cab" for m in "zy"})
    before = {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in tmp_path.rglob("*")}
    assert scan(tmp_path) == one
    assert {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in tmp_path.rglob("*")} == before


def test_files_without_a_call_are_not_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = "import x from 'y';\nexport const f = (a) => Array.from(a).map(Buffer.from);\n"
    scan_files(tmp_path, {f"{n}.ts": plain * 50 for n in range(40)})
    (tmp_path / "call.ts").write_text(CALL)
    parsed: list[str] = []
    from fixit_tui.code import reader

    drafts = reader.CallReader.drafts

    def counting(self: reader.CallReader, module: object) -> object:
        parsed.append(module.path)  # type: ignore[attr-defined]
        return drafts(self, module)  # type: ignore[arg-type]

    monkeypatch.setattr(reader.CallReader, "drafts", counting)
    scan(tmp_path)
    assert parsed == ["call.ts"]


@settings(max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(
    before=st.text(st.sampled_from("aé😀 \n;'\"`{}()/*\udcff\u2028"), max_size=40),
    after=st.text(st.sampled_from("aé😀 \n;'\"`{}()/*\udcff"), max_size=40),
)
def test_any_surroundings_leave_positions_exact(before: str, after: str) -> None:
    text = before + "\n" + CALL + after
    raw = text.encode("utf-8", "surrogateescape")
    for call in scan_text("a.ts", text).calls:
        found = raw[call.start_byte : call.end_byte].decode("utf-8", "surrogateescape")
        assert found.endswith("supabase.from('t').insert({ a: 1 })")
        assert raw[: call.start_byte].count(b"\n") + 1 == call.line


def test_an_assignment_in_an_import_chain_is_seen(tmp_path: Path) -> None:
    files = {
        "a.ts": "export const base = { a: 1 };\nbase.b = 2;",
        "b.ts": "import { base } from './a';\nawait supabase.from('t').insert(base);",
    }
    assert scan_files(tmp_path, files).calls[0].columns is None


@pytest.mark.parametrize("name", ["bad.ts", "bad.py", "bad.dart"])
def test_a_file_that_a_reader_stumbles_over_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def stumble(*_: object) -> None:
        raise RuntimeError("a shape that nobody thought of")

    texts = {
        "bad.ts": "await supabase.from('bad').insert({ a: 1 });",
        "bad.py": "supabase.table('bad').insert({'a': 1}).execute()",
        "bad.dart": "Future<void> f() async { await supabase.from('bad').insert({'a': 1}); }",
    }
    readers = {"bad.ts": "read_request", "bad.py": "read_file", "bad.dart": "read_dart"}
    module = reader if name == "bad.ts" else scan_module
    good = "good.py" if name != "bad.py" else "good.ts"
    monkeypatch.setattr(module, readers[name], stumble)
    facts = scan_files(tmp_path, {name: texts[name], good: texts["bad" + Path(good).suffix]})
    assert [c.path for c in facts.calls] == [good]
    assert [(u.path, u.what) for u in facts.unknowns] == [(name, "file")]
