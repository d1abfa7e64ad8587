"""What takes repeats out of a batch in Python before it is sent."""

from __future__ import annotations

from textwrap import indent

import pytest
from scanning import scan_text

from fixit_tui.code.facts import CodeCall


def sent(body: str, call: str = "sb.table('t').upsert(out, on_conflict='k').execute()") -> CodeCall:
    text = (
        "from supabase import create_client\nfrom psycopg2.extras import execute_values\n"
        "sb = create_client(URL, KEY)\n\n\ndef save(cur, rows):\n"
    )
    return scan_text("a.py", text + indent(f"{body}\n{call}\n", "    "), "python").calls[-1]


@pytest.mark.parametrize(
    "body",
    [
        "out = list({r['k']: r for r in rows}.values())",
        "by = {r['k']: r for r in rows}\nout = [{'k': r['k']} for r in by.values()]",
        "by = {}\nfor r in rows:\n    by[r['k']] = r\nout = list(by.values())",
        "out = df.drop_duplicates(subset=['k']).to_dict('records')",
        "out = [{'k': k} for k in set(rows)]",
        "out = [{'k': k} for k in dict.fromkeys(rows)]",
        "seen = set()\nout = []\nfor r in rows:\n    if r['k'] not in seen:\n        seen.add(r['k'])\n"
        "        out.append({'k': r['k']})",
        "seen = []\nout = []\nfor r in rows:\n    if r['k'] in seen:\n        continue\n"
        "    out.append({'k': r['k']})",
        "out = unique_everseen(rows, key=by_key)",
        "out = _dedupe(rows)",
    ],
)
def test_each_key_once(body: str) -> None:
    assert sent(body).distinct_by
    over = sent(body, "execute_values(cur, 'INSERT INTO t (k) VALUES %s', out)")
    assert over.distinct_by
    assert over.rows == "many"


@pytest.mark.parametrize(
    "body",
    [
        "out = rows",
        "out = [{'k': r['k']} for r in rows]",
        "out = [{k: v for k, v in r.items()} for r in rows]",
        "out = []\nfor r in rows:\n    if r['k'] in allowed:\n        out.append({'k': r['k']})",
        "other = set(rows)\nout = [{'k': r['k']} for r in rows]",
        "out = [{'k': k, 'v': v} for k, v in config.items()]",
        "out = list(table.values())",
    ],
)
def test_keys_may_come_twice(body: str) -> None:
    assert sent(body).distinct_by is None


def test_what_the_rows_are_keyed_by_is_shown() -> None:
    found = sent("by = {r['sku']: r for r in rows}\nout = list(by.values())")
    assert found.distinct_by == "{r['sku']: r for r in rows}"
