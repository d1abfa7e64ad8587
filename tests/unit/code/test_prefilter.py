"""What decides whether a file is parsed: too much is only slow, too little is a missed call."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scanning import scan_files, scan_text

from fixit_tui.code.dart.prefilter import may_call_dart
from fixit_tui.code.prefilter import for_people, may_call
from fixit_tui.code.python.prefilter import may_call_python
from fixit_tui.code.walk import LANGUAGES, SCRIPTS

CALL = "await supabase.from('t').insert({ a: 1 });\n"
BUNDLE = "var a=1;" * 6_000 + "e.from('t').insert({a:1});"
FILES = sorted(
    path
    for path in (Path(__file__).parents[3] / "playbooks").glob("*/cases/*/code/**/*")
    if path.suffix in LANGUAGES and path.suffix not in (".prisma", ".sql")
)
GAPS = st.sampled_from(["", " ", "\n  ", "\t"])
SHAPES = st.sampled_from(
    [
        "{g}supabase{g}.from{g}({g}'t'{g}){g}.insert({{ a: 1 }})",
        "client.schema('s').from<Row>{g}('t'){g}.upsert{g}({{ a: 1 }})",
        "supabase.rpc{g}('f'{g}, {{}})",
        "pool.query{g}({g}'insert into t (a) values (1)')",
        "knex{g}.raw{g}('delete from t')",
        "sql`insert into t ({g}a) values (1)`",
        "prisma.user.create{g}({{ data: {{ a: 1 }} }})",
        "prisma.$executeRaw`delete from {g}t`",
        "db.insert{g}(users){g}.values({{ a: 1 }})",
        "db.insertInto{g}('t').values({{ a: 1 }}).execute()",
        "db.deleteFrom('t'){g}.where('a', '=', 1).execute()",
    ]
)


@pytest.mark.parametrize("path", FILES, ids=lambda p: "-".join(p.parts[-5:]))
def test_a_file_with_calls_is_parsed(path: Path) -> None:
    raw, language = path.read_bytes(), LANGUAGES[path.suffix]
    if scan_text("a/" + path.name, raw.decode(), language).calls:
        if language == "python":
            assert may_call_python("a/" + path.name, raw)
        elif language == "dart":
            assert may_call_dart(raw)
        else:
            assert language in SCRIPTS
            assert may_call(for_people(raw))


@given(shape=SHAPES, gap=GAPS, before=st.text(max_size=40).filter(lambda t: "\0" not in t))
def test_no_spacing_hides_a_call(shape: str, gap: str, before: str) -> None:
    text = f"/* {before.replace('*/', '')} */\n" + shape.replace("{g}", gap).replace("{{", "{")
    text = text.replace("}}", "}") + ";\n"
    if scan_text("a.ts", text).calls:
        raw = text.encode("utf-8", "surrogatepass")
        assert may_call(for_people(raw))


def test_a_bundle_is_not_parsed_and_says_so(tmp_path: Path) -> None:
    facts = scan_files(tmp_path, {"bundle.js": BUNDLE, "page.ts": CALL, "plain.js": "a" * 5_000})
    assert {f.path: f.status for f in facts.files} == {
        "bundle.js": "minified",
        "page.ts": "scanned",
        "plain.js": "scanned",
    }
    assert [c.path for c in facts.calls] == ["page.ts"]


def test_a_long_line_among_others_hides_nothing(tmp_path: Path) -> None:
    logo = f"const logo = '{'A' * 90_000}';\n"
    facts = scan_files(tmp_path, {"page.ts": logo + CALL})
    assert [(c.line, f.status) for c, f in zip(facts.calls, facts.files, strict=True)] == [
        (2, "scanned")
    ]


@pytest.mark.parametrize(
    ("clause", "call"),
    [
        ("import { save } from './h';", "save('goals')"),
        ("import { save as keep } from './h';", "keep('goals')"),
        ("import * as h from './h';", "h.save('goals')"),
        ("const h = require('./h');", "h.save('goals')"),
        ("const { save: keep } = require('./h');", "keep('goals')"),
    ],
)
def test_a_helper_is_found_under_any_import(tmp_path: Path, clause: str, call: str) -> None:
    helper = "export function save(t) { return supabase.from(t).insert({ a: 1 }); }\n"
    others = {f"other{n}.js": "import * as x from './y';\nx.load();\n" for n in range(3)}
    facts = scan_files(
        tmp_path, {"h.js": helper, "page.js": f"{clause}\nawait {call};\n", **others}
    )
    assert [(c.path, c.line, c.relation) for c in facts.calls] == [("page.js", 2, "goals")]


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        (
            "db/migrations/7_seats.js",
            "exports.up = async (knex) => { await knex('t').insert({ a: 1 }); };",
            0,
        ),
        (
            "src/migration/Seats7.ts",
            "export class Seats7 { async up(q) { await q.query('insert into t (a) values (1)'); } }",
            0,
        ),
        ("src/migrations/store.js", "export const add = (knex) => knex('t').insert({ a: 1 });", 1),
        (
            "db/_migrations/versions/7_seats.py",
            "from alembic import context, op\n\ndef upgrade():\n    op.get_bind().execute(text('insert into t (a) values (1)'))\n",
            0,
        ),
        (
            "db/versions.py",
            "def add(session):\n    session.execute(text('insert into t (a) values (1)'))\n",
            1,
        ),
    ],
    ids=["knex", "typeorm", "no step", "alembic", "no migration"],
)
def test_a_migration_is_no_application_code(
    tmp_path: Path, path: str, text: str, found: int
) -> None:
    head = "from sqlalchemy import text\n" if path.endswith(".py") else "import knex from 'knex';\n"
    assert len(scan_files(tmp_path, {path: head + text}).calls) == found
