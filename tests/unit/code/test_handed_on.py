"""Which calls may stand in a transaction that a caller has opened."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.code.scanning import scan_files

FACTORY = """import knex from 'knex';
export const within = (db, run) => db.transaction(async (trx) => { await HANDED; });
"""
ROW = "('seats').insert({ show_id: 1 });"
STORE = (
    "class Store { constructor(db) { this.db = db; } async add(db) { await CLIENT" + ROW + " } }"
)
FIXED = (
    "import knex from 'knex';\nconst db = knex({});\nexport async function add() { await db"
    + ROW
    + " }"
)


@pytest.mark.parametrize(
    ("handed", "text", "found"),
    [
        ("run(new Store(trx))", STORE.replace("CLIENT", "this.db"), True),
        ("run({ db: trx })", STORE.replace("CLIENT", "db"), True),
        ("run({ trx })", STORE.replace("CLIENT", "db"), True),
        ("trx('seats').del()", STORE.replace("CLIENT", "this.db"), False),
        ("run(trx)", FIXED, False),
    ],
    ids=["class", "object", "shorthand", "kept", "own client"],
)
def test_a_transaction_is_handed_on(tmp_path: Path, handed: str, text: str, found: bool) -> None:
    files = {"a.js": FACTORY.replace("HANDED", handed), "b.js": text}
    calls = [c for c in scan_files(tmp_path, files).calls if c.path == "b.js"]
    assert [c.callers_tx for c in calls] == [found]
