"""A name that an edit needs is imported where the file can have it, and in the file's way."""

from __future__ import annotations

import pytest
from tests.unit.code.scanning import scan_text

from fixit_tui.code.edits import Edited, Refused, apply_edit
from fixit_tui.code.walk import LANGUAGES

BODY = "async function f(db) {\n  await db.insertInto('t').values({ a }).onConflict((oc) => oc.column('a').doNothing()).execute();\n}\n"
WANTED = BODY.replace("('a').do", "('a').where(sql<boolean>`live`).do")
LIVE = {"predicate": "live"}
SHAPES = [
    ("a.ts", "// licence\n", "import { sql } from 'kysely';\n// licence\n"),
    ("a.ts", "\ufeff", "\ufeffimport { sql } from 'kysely';\n"),
    ("a.ts", "'use server'\n\n", "'use server'\nimport { sql } from 'kysely'\n\n"),
    ("a.ts", "#!/usr/bin/env node\n// é\n", "#!/usr/bin/env node\nimport { sql } from 'kysely';\n// é\n"),
    ("a.ts", "import { type Kysely } from 'kysely'\n", "import { type Kysely, sql } from 'kysely'\n"),
    ("a.ts", "import type { Kysely } from 'kysely'\n", "import type { Kysely } from 'kysely'\nimport { sql } from 'kysely'\n"),
    ("a.ts", "import K, { sql } from 'kysely';\n", "import K, { sql } from 'kysely';\n"),
    ("a.js", "'use strict';\nconst k = require('kysely');\n", "'use strict';\nconst k = require('kysely');\nconst { sql } = require('kysely');\n"),
    ("a.js", "const { Kysely } = require('kysely');\n", "const { Kysely, sql } = require('kysely');\n"),
    ("a.js", "const { sql } = require('kysely');\n", "const { sql } = require('kysely');\n"),
    ("a.js", "const db = require('./db');\n", None),
    ("a.ts", "import { sql } from './db';\n", None),
    ("a.ts", "import postgres from 'postgres';\nconst sql = postgres();\n", None),
    ("a.vue", "<p>é</p>\n<script>\n", "<p>é</p>\n<script>\nimport { sql } from 'kysely';\n"),
    ("a.svelte", "<script lang=\"ts\">\n\tlet x;\n", "<script lang=\"ts\">\n\timport { sql } from 'kysely';\n\tlet x;\n"),
]  # fmt: skip


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
@pytest.mark.parametrize(("path", "head", "wanted"), SHAPES)
def test_the_name_is_known_afterwards(path: str, head: str, wanted: str | None, eol: str) -> None:
    tail = "</script>\n" if "<script" in head else ""
    text = (head + BODY + tail).replace("\n", eol)
    language = LANGUAGES["." + path.partition(".")[2]]
    (call,) = scan_text(path, text, language).calls
    result = apply_edit("add-conflict-predicate", text, call, LIVE)
    if wanted is None:
        assert isinstance(result, Refused)
        return
    assert isinstance(result, Edited), result
    typed = path.endswith(".ts") or 'lang="ts"' in head
    body = WANTED if typed else WANTED.replace("<boolean>", "")
    assert result.text == (wanted + body + tail).replace("\n", eol)
    assert apply_edit("add-conflict-predicate", result.text, call, LIVE) == result
