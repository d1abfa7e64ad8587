"""A playbook that breaks its contract is named by file, line and nearest word; the others go on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.model.finding import Check
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import load_all, load_playbook
from fixit_tui.playbooks.run import run_playbook

MANIFEST = """\
id = "tiny"
title = "A table without rows"
causes = ["missing-unique-index"]
summary = "For the test."

[[fix]]
id = "add"
title = "Create an index on {{ relation }}"
kind = "sql"
tradeoff = "Locks {{ relation }}."
touches = ["table {{ relation }}"]

[[fix]]
id = "think"
title = "Think"
kind = "manual"
tradeoff = "Takes time."
"""
QUERY = """\
SELECT 'missing-unique-index' AS cause, r.qualified AS relation, NULL AS object, 'warning' AS severity,
       'certain' AS confidence, 'Look at ' || r.name AS title, json_array('because') AS why,
       json_array('add', 'think') AS fixes,
       json_object('relation', json_object('name', json_array(r.schema, r.name))) AS params
FROM relation r
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "tiny"
    (made / "fixes" / "add").mkdir(parents=True)
    (made / "playbook.toml").write_text(MANIFEST)
    (made / "findings.sql").write_text(QUERY)
    (made / "fixes" / "add" / "up.sql").write_text("CREATE INDEX x ON {{ relation }} (a);\n")
    (made / "fixes" / "add" / "undo.sql").write_text("DROP INDEX x;\n")
    (made / "fixes" / "add" / "verify.sql").write_text("SELECT 'there', true, ''\n")
    (made / "fixes" / "add" / "precheck.sql").write_text("SELECT 'may', false, ''\n")
    return made


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("summary =", "sumary =", "playbook.toml:4: a playbook has no key sumary"),
        (
            'causes = ["missing-unique-index"]',
            'causes = ["missing-index"]',
            "playbook.toml:3: missing-index",
        ),
        ('id = "tiny"', 'id = "small"', "playbook.toml:1: id small"),
        ('kind = "sql"', 'kind = "sqll"', "kind sqll is not known"),
        ('tradeoff = "Takes time."', 'tradeof = "x"', "[[fix]] has no key tradeof"),
        ('title = "A table without rows"', "title = 3", "title must be a str"),
        ('summary = "For the test."', 'summary = "', "is not TOML"),
        ('kind = "manual"', 'kind = "sql"', "fix think needs"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, old: str, new: str, says: str) -> None:
    path = folder / "playbook.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(UsageError) as raised:
        load_playbook(folder)
    assert says in raised.value.message


@pytest.mark.parametrize("query", ["", "DELETE FROM relation", "SELECT 1; DROP TABLE relation"])
def test_the_query_is_one_select(folder: Path, query: str) -> None:
    (folder / "findings.sql").write_text(query)
    with pytest.raises(UsageError, match="one SELECT"):
        load_playbook(folder)


def test_a_broken_playbook_does_not_stop_the_others(folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "more" / "broken")
    shutil.copytree(folder, tmp_path / "more" / "tiny")
    playbooks, problems = load_all([("builtin", builtin_root()), ("extra", tmp_path / "more")])
    assert "tiny" in {p.id for p in playbooks}
    assert len(playbooks) > 5
    assert [Path(p.message.split(":")[0]).parent.name for p in problems] == ["broken"]


def facts() -> FactBase:
    made = FactBase()
    made.insert("relation", [{"oid": 1, "schema": "s", "name": "T", "qualified": "s.T"}])
    return made


def test_a_row_becomes_a_finding_with_its_fixes(folder: Path) -> None:
    asked: list[str] = []

    def checks(text: str) -> tuple[Check, ...]:
        asked.append(text)
        return (Check("may", False, "no"),)

    (finding,) = run_playbook(load_playbook(folder), facts(), checks, lambda _: None)
    assert (finding.cause, finding.relation, finding.title) == (
        "missing-unique-index",
        "s.T",
        "Look at T",
    )
    add, think = finding.fixes
    assert add.sql is not None
    assert add.sql.up == 'CREATE INDEX x ON s."T" (a);\n'
    assert add.sql.touches == ('table s."T"',)
    assert [(lock.relation, lock.mode) for lock in add.sql.locks] == [("s.T", "SHARE")]
    assert asked == ["SELECT 'may', false, ''\n"]
    assert (add.recommended, think.recommended) == (False, True)
    (again,) = run_playbook(load_playbook(folder), facts(), None, lambda _: None)
    assert again.id == finding.id
    assert again.fixes[0].preconditions[0].holds is None
    assert again.fixes[0].recommended


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("AS cause", "AS kause", "column cause is missing"),
        ("'certain' AS confidence", "'sure' AS confidence", "sure"),
        ("'missing-unique-index' AS cause", "'legitimate-conflict' AS cause", "not declared"),
        ("'think'", "'dream'", "unknown fix dream"),
        ("json_array('because') AS why", "'because' AS why", "is not JSON"),
        ("r.name AS title", "r.name AS title, 1 AS extra", "column extra is not known"),
        ("FROM relation r", "FROM relations r", "no such table"),
    ],
)
def test_a_query_that_breaks_the_contract_is_an_error_value(
    folder: Path, old: str, new: str, says: str
) -> None:
    path = folder / "findings.sql"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(UsageError) as raised:
        run_playbook(load_playbook(folder), facts(), None, lambda _: None)
    assert says in raised.value.message
