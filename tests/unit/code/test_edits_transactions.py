"""Edits around transactions and errors: rollbacks, savepoints, handled conflicts, dropped deletes."""

from __future__ import annotations

import pytest
from editing import call_in, edited_at
from scanning import scan_text

from fixit_tui.code.edits import Edited, Refused, apply_edit
from fixit_tui.code.facts import CodeCall

TRY = """async function f(client) {
  try {
    await client.query('BEGIN');
    await client.query(
      'INSERT INTO t (a) VALUES ($1)',
      [a],
    );
    await client.query('COMMIT');
  } catch (err) {
    await client.query('INSERT INTO log VALUES (1)');
    throw err;
  }
}
"""


def insert_of(text: str) -> CodeCall:
    return next(c for c in scan_text("a.ts", text).calls if "INTO t" in (c.statement or ""))


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_rollback_in_catch(eol: str) -> None:
    text = TRY.replace("\n", eol)
    result = edited_at("rollback-in-catch", text, insert_of(text), {})
    head = f"catch (err) {{{eol}    "
    assert result == text.replace(head, f"{head}await client.query('ROLLBACK');{eol}    ")
    calls = scan_text("a.ts", result).calls
    assert [c.tx for c in calls if "log" in (c.statement or "")] == [None]


def test_a_later_rollback_stays_and_a_commit_refuses() -> None:
    later = TRY.replace("throw err;", "await client.query('ROLLBACK');\n    throw err;")
    result = edited_at("rollback-in-catch", later, insert_of(later), {})
    assert result.count("ROLLBACK") == 2
    commits = TRY.replace("throw err;", "await client.query('COMMIT');")
    assert isinstance(apply_edit("rollback-in-catch", commits, insert_of(commits), {}), Refused)


QUIET = """async function f(client, items) {
  await client.query('BEGIN');
  for (const a of items) {
    try {
      await client.query('INSERT INTO t (a) VALUES ($1)', [a]);
    } catch (err) {
      count(err);
    }
  }
  await client.query('COMMIT');
}
"""


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_savepoint_before_try(eol: str) -> None:
    text = QUIET.replace("\n", eol)
    result = edited_at("savepoint-before-try", text, insert_of(text), {})
    assert insert_of(result).savepoint
    assert insert_of(result).caught_until is None
    added = [line.strip() for line in result.split(eol) if line not in text.split(eol)]
    assert added == [
        "await client.query('SAVEPOINT before_write');",
        "await client.query('RELEASE SAVEPOINT before_write');",
        "await client.query('ROLLBACK TO SAVEPOINT before_write');",
    ]


@pytest.mark.parametrize(
    ("old", "new", "refused"),
    [
        ("catch (err) {\n      count(err);\n    }", "catch {}", False),
        ("for (const a of items) {", "for (const a of items) { if (a)", False),
        ("for (const a of items) {\n    try", "for (const a of items) { try", True),
        ("    try {\n", "    try {\n      await client.query('BEGIN');\n", True),
    ],
)
def test_savepoint_before_other_tries(old: str, new: str, refused: bool) -> None:
    text = QUIET.replace(old, new)
    assert text != QUIET
    result = apply_edit("savepoint-before-try", text, insert_of(text), {})
    assert isinstance(result, Refused) is refused
    if isinstance(result, Edited):
        assert result.text.count("SAVEPOINT before_write") == 3


@pytest.mark.parametrize("eol", ["\n", "\r\n"])
def test_savepoint_around_statement(eol: str) -> None:
    text = TRY.replace("\n", eol)
    result = edited_at("savepoint-around-statement", text, insert_of(text), {"savepoint": "one"})
    wanted = """    await client.query('SAVEPOINT one');
    try {
      await client.query(
        'INSERT INTO t (a) VALUES ($1)',
        [a],
      );
      await client.query('RELEASE SAVEPOINT one');
    } catch (error) {
      await client.query('ROLLBACK TO SAVEPOINT one');
      throw error;
    }
    await client.query('COMMIT');
""".replace("\n", eol)
    assert wanted in result
    assert insert_of(result).savepoint


def test_handle_conflict() -> None:
    text = "const { error: e } = await sb.from('t').insert({ a });\nif (e) throw e;\n"
    result = edited_at("handle-conflict", text, call_in(text), {"sqlstate": "23505"})
    assert result == text.replace("if (e)", "if (e && e.code !== '23505')")
    assert call_in(result).handles_sqlstate == ("23505",)


DELETED = """const { error: failed } = await sb.from('t').delete().eq('a', a);
if (failed) throw failed;
const { error } = await sb.from('t').insert({ a });
"""


def test_drop_delete() -> None:
    call = call_in(DELETED, verb="delete")
    result = apply_edit("drop-delete", DELETED, call, {})
    assert isinstance(result, Edited)
    assert result.text == DELETED.split("\n", 2)[2]
    used = DELETED + "report(failed);\n"
    assert isinstance(apply_edit("drop-delete", used, call_in(used, verb="delete"), {}), Refused)
