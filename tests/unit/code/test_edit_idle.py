"""Ids and imports that an edit leaves without a use."""

from __future__ import annotations

import pytest
from editing import edited

UPSERT = "await sb.from('t').upsert({{ id: {}, slug: 'a' }}, {{ onConflict: 'id' }});\n"
TARGET = {"columns": ["slug"], "drop_columns": ["id"]}
DONE = "await sb.from('t').upsert({ slug: 'a' }, { onConflict: 'slug' });\n"

CASES = [
    ("import { v4 as uuid } from 'uuid';\n", "uuid()", ""),
    ("import { randomUUID } from 'node:crypto';\nimport { sb } from './sb';\n", "randomUUID()", "import { sb } from './sb';\n"),
    ("import { sb, newId } from './sb';\n", "newId()", "import { sb } from './sb';\n"),
    ("import { newId, sb } from './sb';\n", "newId()", "import { sb } from './sb';\n"),
    ("import {\n  a,\n  newId,\n  sb,\n} from './sb';\na();\n", "newId()", "import {\n  a,\n  sb,\n} from './sb';\na();\n"),
    ("import base, { newId } from './sb';\nbase();\n", "newId()", "import base, { newId } from './sb';\nbase();\n"),
    ("import { newId } from './sb';\nnewId();\n", "newId()", "import { newId } from './sb';\nnewId();\n"),
    ("import { newId } from './sb';\nexport { newId };\n", "newId()", "import { newId } from './sb';\nexport { newId };\n"),
    ("import { idle, newId } from './sb';\n", "newId()", "import { idle } from './sb';\n"),
    ("import { idle } from './sb';\n", "uuid()", "import { idle } from './sb';\n"),
    ("import * as crypto from 'node:crypto';\n", "crypto.randomUUID()", "import * as crypto from 'node:crypto';\n"),
    ("import { v4 } from 'uuid';\nconst id = v4();\n", "id", ""),
    ("const id = crypto.randomUUID();\n", "id", ""),
    ("const id = await next();\n", "id", "const id = await next();\n"),
    ("const id = nanoid(), other = 1;\n", "id", "const id = nanoid(), other = 1;\n"),
    ("const id = nanoid(); other();\n", "id", "const id = nanoid(); other();\n"),
    ("const idle = nanoid();\n", "1", "const idle = nanoid();\n"),
    ("import { a, b, sb } from './sb';\n", "a(b)", "import { sb } from './sb';\n"),
    ("import { sb, a, b } from './sb';\n", "a(b)", "import { sb } from './sb';\n"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "value", "kept"), CASES)
def test_only_what_the_edit_made_idle_goes(head: str, value: str, kept: str) -> None:
    edited("set-conflict-target", head + UPSERT.format(value), TARGET, wanted=kept + DONE)
