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
        (
            "[[fix]]",
            '[new_causes]\nmissing-unique-index = "x"\n[[fix]]',
            "playbook.toml:7: the new cause missing-unique-index is known already",
        ),
        ("[[fix]]", '[new_causes]\nmine = "x"\n[[fix]]', "the new cause mine is not among causes"),
        (
            "[[fix]]",
            "[new_causes]\nMine = 3\n[[fix]]",
            "playbook.toml:7: the new cause Mine is not among causes",
        ),
        (
            "[[fix]]",
            '[do_nothing_about]\nduplicate-triggers = "It goes on."\n[[fix]]',
            "playbook.toml:7: duplicate-triggers is not among causes",
        ),
        ('kind = "sql"', 'kind = "sqll"', "kind sqll is not known"),
        ('tradeoff = "Takes time."', 'tradeof = "x"', "[[fix]] has no key tradeof"),
        ('title = "A table without rows"', "title = 3", "playbook.toml:2: title must be a text"),
        ('summary = "For the test."', 'summary = "', "is not TOML"),
        ('kind = "manual"', 'kind = "sql"', "playbook.toml:14: fix think needs"),
        ('title = "Think"', "title = true", "playbook.toml:15: title must be a text"),
        ('title = "Think"', "", "playbook.toml:13: [[fix]] needs title"),
        ('id = "think"', 'id = "add"', "playbook.toml:14: there are two fixes called add"),
        ('id = "think"', 'id = "../add"', "not the name of a folder"),
        ('touches = ["', 'touches = [3, "', "playbook.toml:11: touches must be a list of texts"),
        ('causes = ["missing-unique-index"]', "causes = [{}]", "causes must be a list of texts"),
        ("[[fix]]", "[fix]", "is not TOML"),
        ("[[fix]]", '[writeup]\ntitle = "x"\n[[fix]]', "playbook.toml:6: [writeup] needs why_not"),
        ("[[fix]]", "[symptoms]\nhttp = [true]\n[[fix]]", "playbook.toml:7: http must be"),
        ("[[fix]]", '[applies]\nserver = "new"\n[[fix]]', "playbook.toml:7: server 'new'"),
        ("[[fix]]", '[applies]\nplatform = "x"\n[[fix]]', "playbook.toml:7: platform x"),
        ("[[fix]]", "[aplies]\n[[fix]]", "playbook.toml:6: a playbook has no key aplies"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, old: str, new: str, says: str) -> None:
    path = folder / "playbook.toml"
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(UsageError) as raised:
        load_playbook(folder)
    assert says in raised.value.message


def test_the_nearest_key_is_offered(folder: Path) -> None:
    path = folder / "playbook.toml"
    path.write_text(path.read_text().replace("tradeoff", "tradeof", 1))
    with pytest.raises(UsageError) as raised:
        load_playbook(folder)
    assert raised.value.hint == "did you mean tradeoff?"


@pytest.mark.parametrize("name", ["playbook.toml", "findings.sql", "fixes/add/up.sql"])
def test_a_file_that_is_no_text_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        load_playbook(folder)


def test_irreversible_and_undo_exclude_each_other(folder: Path) -> None:
    path = folder / "playbook.toml"
    path.write_text(path.read_text().replace('kind = "sql"', 'kind = "sql"\nirreversible = "x"'))
    with pytest.raises(UsageError, match=r"playbook.toml:10: .*has undo.sql"):
        load_playbook(folder)
    (folder / "fixes" / "add" / "undo.sql").unlink()
    assert load_playbook(folder).fixes[0].irreversible == "x"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "-- SELECT 1",
        "DELETE FROM relation",
        "SELECT 1; DROP TABLE relation",
        "SELECTS",
        "; SELECT 1",
    ],
)
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
    think, add = finding.fixes
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
        ("'certain' AS", "'proven' AS", "confidence 'proven' is not one of certain, likely"),
        ("'warning'", "'bad'", "severity 'bad' is not one of"),
        ("'Look at ' || r.name", "NULL", "has no title"),
        ("json_array('because')", "json_object()", "why is not a JSON array"),
        ("FROM rel", ", json_array('x') AS evidence FROM rel", "evidence holds something else"),
        ("FROM rel", ", json_array(json_object('label', 1)) AS evidence FROM rel", "has no value"),
        ("json_array(r.schema, r.name)", "json_array(r.name)", "kind name is malformed"),
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
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(UsageError) as raised:
        run_playbook(load_playbook(folder), facts(), None, lambda _: None)
    assert says in raised.value.message


def test_a_text_that_is_unfit_for_sql_costs_its_fix_only(folder: Path) -> None:
    path = folder / "findings.sql"
    unfit = "'x', json_object('expression', 'a = $1')) AS params"
    path.write_text(path.read_text().replace("r.name))) AS params", f"r.name)), {unfit}"))
    (folder / "fixes" / "add" / "up.sql").write_text(
        "CREATE INDEX y ON {{ relation }} (({{ x }}));"
    )
    (finding,) = run_playbook(load_playbook(folder), facts(), None, lambda _: None)
    think, add = finding.fixes
    assert add.sql is None
    assert [c.label for c in add.blocked_by] == ["the SQL of this fix can be written"]
    assert "$1" in add.blocked_by[0].detail
    assert (add.recommended, think.recommended) == (False, True)


def test_two_findings_of_the_same_objects_have_two_ids(folder: Path) -> None:
    path = folder / "findings.sql"
    path.write_text(path.read_text() + " UNION ALL " + path.read_text())
    playbook = load_playbook(folder)
    ids = [f.id for f in run_playbook(playbook, facts(), None, lambda _: None)]
    assert len(ids) == len(set(ids)) == 2
    assert ids == [f.id for f in run_playbook(playbook, facts(), None, lambda _: None)]


def test_a_cause_of_its_own(folder: Path) -> None:
    explained = MANIFEST.replace('"missing-unique-index"', '"key-at-commit"')
    (folder / "playbook.toml").write_text(explained)
    with pytest.raises(UsageError) as caught:
        load_playbook(folder)
    assert "[new_causes] key-at-commit" in caught.value.hint
    means = '[new_causes]\nkey-at-commit = "It is checked at COMMIT."\n\n[[fix]]'
    (folder / "playbook.toml").write_text(explained.replace("[[fix]]", means, 1))
    (folder / "playbook.toml").write_text(
        explained.replace("[[fix]]", "[new_causes]\nkey-at-commit = 3\n[[fix]]", 1)
    )
    with pytest.raises(UsageError, match="needs a sentence"):
        load_playbook(folder)
    (folder / "playbook.toml").write_text(explained.replace("[[fix]]", means, 1))
    assert load_playbook(folder).new_causes == {"key-at-commit": "It is checked at COMMIT."}


def test_what_goes_on_may_differ_by_cause() -> None:
    playbooks, _ = load_all([("builtin", builtin_root())])
    told = {(p.id, c): p.do_nothing_about.get(c, p.do_nothing) for p in playbooks for c in p.causes}
    assert all(told.values())
    swallowed = told["trigger-side-effects", "swallowed-trigger-error"]
    assert swallowed != told["trigger-side-effects", "trigger-not-idempotent"]
