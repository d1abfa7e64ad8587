"""Options of a write that are a variable, shared, imported or computed."""

from __future__ import annotations

from pathlib import Path

import pytest
from editing import call_in, edited, git_gives
from scanning import scan_files

from fixit_tui.code.edits import Edited, apply_edit
from fixit_tui.code.scan import scan

TARGET = {"columns": ["a", "b"]}
ON = {"conflict_columns": ["a", "b"], "ignore_duplicates": True}
MERGE = {"conflict_columns": ["a", "b"], "ignore_duplicates": False}
SET = "set-conflict-target"
INSERT = "insert-to-upsert"
CALL = "await sb.from('t').upsert({ a: 1 }, opts);\n"

OWN = [
    # one constant for one call: its definition is changed
    ("const opts = { onConflict: 'id' };\n" + CALL, SET, TARGET,
     "const opts = { onConflict: 'a,b' };\n" + CALL),
    ("async function f() {\n  const opts = {\n    count: 'exact',\n    onConflict: 'id',\n  } as const;\n  " + CALL + "}\n", SET, TARGET,
     "async function f() {\n  const opts = {\n    count: 'exact',\n    onConflict: 'a,b',\n  } as const;\n  " + CALL + "}\n"),
    ("const opts = {};\n" + CALL, SET, TARGET, "const opts = { onConflict: 'a,b' };\n" + CALL),
    ("const opts = { ignoreDuplicates: true };\n" + CALL, SET, TARGET,
     "const opts = { ignoreDuplicates: true, onConflict: 'a,b' };\n" + CALL),
    ("let opts = { onConflict: 'id', ignoreDuplicates: true };\n" + CALL, SET, {**TARGET, "ignore_duplicates": False},
     "let opts = { onConflict: 'a,b' };\n" + CALL),
    ("const opts = {\n  count: 'exact',\n};\nawait sb.from('t').insert({ a: 1 }, opts);\n", INSERT, ON,
     "const opts = {\n  count: 'exact',\n  onConflict: 'a,b',\n  ignoreDuplicates: true,\n};\nawait sb.from('t').upsert({ a: 1 }, opts);\n"),
    # used by something else, too: this call gets its own
    ("const opts = { onConflict: 'id' };\nawait sb.from('u').upsert({ a: 1 }, opts);\n" + CALL, SET, TARGET,
     "const opts = { onConflict: 'id' };\nawait sb.from('u').upsert({ a: 1 }, opts);\n" + CALL.replace("opts", "{ ...opts, onConflict: 'a,b' }")),
    ("export const opts = { onConflict: 'id' };\n" + CALL, SET, TARGET,
     "export const opts = { onConflict: 'id' };\n" + CALL.replace("opts", "{ ...opts, onConflict: 'a,b' }")),
    ("const opts = { onConflict: 'id' };\nexport { opts };\n" + CALL, SET, TARGET,
     "const opts = { onConflict: 'id' };\nexport { opts };\n" + CALL.replace("opts", "{ ...opts, onConflict: 'a,b' }")),
    ("const opts = { onConflict: 'id' };\ntype O = typeof opts;\n" + CALL, SET, TARGET,
     "const opts = { onConflict: 'id' };\ntype O = typeof opts;\n" + CALL.replace("opts", "{ ...opts, onConflict: 'a,b' }")),
    # a written type need not have room for more
    ("const opts: { ignoreDuplicates: boolean } = { ignoreDuplicates: true };\n" + CALL, SET, TARGET,
     "const opts: { ignoreDuplicates: boolean } = { ignoreDuplicates: true };\n" + CALL.replace("opts", "{ ...opts, onConflict: 'a,b' }")),
    ("const opts = { count: 'exact' } satisfies Options;\n" + CALL, SET, TARGET,
     "const opts = { count: 'exact' } satisfies Options;\n" + CALL.replace("opts", "{ ...opts, onConflict: 'a,b' }")),
    # not in sight, or computed
    ("import { opts } from './opts';\n" + CALL, SET, TARGET,
     "import { opts } from './opts';\n" + CALL.replace("opts", "{ ...opts, onConflict: 'a,b' }")),
    ("let opts = { onConflict: 'id' };\nopts = other();\n" + CALL, SET, TARGET,
     "let opts = { onConflict: 'id' };\nopts = other();\n" + CALL.replace("opts", "{ ...opts, onConflict: 'a,b' }")),
    ("const opts = key ? { onConflict: key } : undefined;\n" + CALL, SET, TARGET,
     "const opts = key ? { onConflict: key } : undefined;\n" + CALL.replace("opts", "{ ...opts, onConflict: 'a,b' }")),
    ("async function f(opts?: UpsertOptions) {\n  " + CALL + "}\n", SET, TARGET,
     "async function f(opts?: UpsertOptions) {\n  " + CALL.replace("opts", "{ ...opts, onConflict: 'a,b' }") + "}\n"),
    (CALL.replace("opts", "OPTS.goals"), SET, TARGET, CALL.replace("opts", "{ ...OPTS.goals, onConflict: 'a,b' }")),
    (CALL.replace("opts", "optionsFor('t')"), SET, TARGET,
     CALL.replace("opts", "{ ...optionsFor('t'), onConflict: 'a,b' }")),
    (CALL.replace("opts", "key ? { onConflict: key } : undefined"), SET, TARGET,
     CALL.replace("opts", "{ ...(key ? { onConflict: key } : undefined), onConflict: 'a,b' }")),
    ("import { opts } from './opts';\nawait sb.from('t').insert({ a: 1 }, opts);\n", INSERT, MERGE,
     "import { opts } from './opts';\nawait sb.from('t').upsert({ a: 1 }, { ...opts, onConflict: 'a,b', ignoreDuplicates: false });\n"),
    # what is spread already
    (CALL.replace("opts", "{ ...base, onConflict: 'id' }"), SET, TARGET,
     CALL.replace("opts", "{ ...base, onConflict: 'a,b' }")),
    (CALL.replace("opts", "{ onConflict: 'id', ...base }"), SET, TARGET,
     CALL.replace("opts", "{ ...base, onConflict: 'a,b' }")),
    (CALL.replace("opts", "{ ...base, ignoreDuplicates: true }"), SET, {**TARGET, "ignore_duplicates": False},
     CALL.replace("opts", "{ ...base, ignoreDuplicates: false, onConflict: 'a,b' }")),
    ("const base = { count: 'exact' };\n" + CALL.replace("opts", "{ ...base, ignoreDuplicates: true }"), SET,
     {**TARGET, "ignore_duplicates": False},
     "const base = { count: 'exact' };\n" + CALL.replace("opts", "{ ...base, onConflict: 'a,b' }")),
    # members that go and members that come
    ("await sb.from('t').insert({ a: 1 }, { ignoreDuplicates: true });\n", INSERT, MERGE,
     "await sb.from('t').upsert({ a: 1 }, { onConflict: 'a,b' });\n"),
    ("await sb.from('t').insert({ a: 1 }, { count: 'exact', upsert: true, ignoreDuplicates: true, });\n", INSERT, MERGE,
     "await sb.from('t').upsert({ a: 1 }, { count: 'exact', onConflict: 'a,b', });\n"),
    ("await sb.from('t').insert({ a: 1 }, { upsert: true });\n", SET, TARGET,
     "await sb.from('t').upsert({ a: 1 }, { onConflict: 'a,b' });\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "name", "params", "wanted"), OWN)
def test_options(
    text: str, name: str, params: dict[str, object], wanted: str, tmp_path: Path
) -> None:
    result = edited(name, text, params, wanted=wanted)
    git_gives(tmp_path, text, result)
    now = call_in(result)
    assert (now.verb, now.on_conflict) == ("upsert", ("a", "b"))
    if params.get("ignore_duplicates") is not None:
        assert now.options_known
        assert bool(now.ignore_duplicates) is params["ignore_duplicates"]


def test_imported_options_that_are_right_already_stay(tmp_path: Path) -> None:
    text = "import { opts } from './opts';\n" + CALL
    facts = scan_files(
        tmp_path, {"a.ts": text, "opts.ts": "export const opts = { onConflict: 'a,b' };\n"}
    )
    (call,) = facts.calls
    assert apply_edit(SET, text, call, TARGET) == Edited(text)
    again = scan(tmp_path)
    assert again == facts


@pytest.mark.parametrize(
    ("options", "target", "ignore", "known"),
    [
        ("{ ...x, onConflict: 'a' }", ("a",), None, False),
        ("{ onConflict: 'a', ...x }", None, None, False),
        ("{ ...x, onConflict: 'a', ignoreDuplicates: true }", ("a",), True, True),
        ("{ ...{ onConflict: 'a' } }", ("a",), None, True),
        ("{ onConflict: 'b', ...{ onConflict: 'a' } }", ("a",), None, True),
        ("{ [key]: 1, onConflict: 'a' }", ("a",), None, False),
    ],
)
def test_what_stands_behind_a_spread_is_known(
    options: str, target: tuple[str, ...] | None, ignore: bool | None, known: bool
) -> None:
    call = call_in(f"await sb.from('t').upsert(row, {options});")
    assert (call.on_conflict, call.ignore_duplicates, call.options_known) == (target, ignore, known)
