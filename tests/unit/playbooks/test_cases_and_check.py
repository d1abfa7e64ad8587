"""Cases are read key by key, and `check` says what loading alone cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixit_tui.errors import UsageError
from fixit_tui.playbooks.cases import document_cases, load_case, load_cases
from fixit_tui.playbooks.check import check, squawk, squawk_path
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import load_all, load_playbook
from fixit_tui.playbooks.scaffold import scaffold

EXPECT = """\
title = "One"
fires = true

[[finding]]
cause = "missing-unique-index"
relation = "public.t"
object = ""

[[finding]]
cause = "missing-unique-index"
relation = "public.u"
object = "u_key"
sites = ["a.ts:3"]
recommended = "add-a-key"

[failing]
sqlstate = "42P10"
"""


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    return scaffold(tmp_path, "mine")


@pytest.fixture
def case(tmp_path: Path) -> Path:
    (tmp_path / "expect.toml").write_text(EXPECT)
    return tmp_path


def test_a_case_is_read(case: Path) -> None:
    read = load_case(case, "mine")
    assert [(f.object, f.sites, f.recommended) for f in read.findings] == [
        (None, (), None),
        ("u_key", ("a.ts:3",), "add-a-key"),
    ]
    assert read.failing is not None
    assert (read.failing.sqlstate, read.failing.role, read.platform) == (
        "42P10",
        None,
        "postgresql",
    )
    assert read.text("setup.sql") is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("fires = true", 'fires = "yes"', "expect.toml:2: fires must be true or false"),
        ("fires = true", "", "expect.toml:1: a case needs fires"),
        ('object = "u_key"', 'objekt = "x"', "expect.toml:12: [[finding]] has no key objekt"),
        ('relation = "public.u"', "", "expect.toml:9: [[finding]] needs relation"),
        ('sqlstate = "42P10"', "sqlstate = 42", "expect.toml:17: sqlstate must be a text"),
        ('sqlstate = "42P10"', 'user = "x"', "expect.toml:17: [failing] has no key user"),
        ("fires = true", 'fires = true\nplatform = "x"', "expect.toml:3: platform x"),
        ("fires = true", 'fires = true\nserver = "15"', "expect.toml:3: server 15 is not a range"),
        ('title = "One"', "title = ", "is not TOML"),
    ],
)
def test_what_is_wrong_with_a_case_is_named(case: Path, old: str, new: str, says: str) -> None:
    path = case / "expect.toml"
    path.write_text(EXPECT.replace(old, new, 1))
    with pytest.raises(UsageError) as raised:
        load_case(case, "mine")
    assert says in raised.value.message


@pytest.mark.parametrize(
    ("said", "fits"),
    [("", True), (">=15", False), ("<15", True), (">=13, <14", False), ("== 14", True)],
)
def test_a_case_is_about_some_servers(case: Path, said: str, fits: bool) -> None:
    path = case / "expect.toml"
    path.write_text(EXPECT.replace("fires = true", f'fires = true\nserver = "{said}"', 1))
    assert load_case(case, "mine").fits(140_022) is fits


def test_the_write_ups_have_an_incident_each() -> None:
    playbooks, problems = load_all([("builtin", builtin_root())])
    assert problems == ()
    document_of = {p.id: p.document for p in playbooks}
    told = [document_of[c.playbook] for c in document_cases(playbooks)]
    assert told == ["000", "001", "002", "003", "004"]


def test_a_new_playbook_is_fit_for_use(playbook: Path) -> None:
    assert check(playbook) == ()
    assert [c.fires for c in load_cases(load_playbook(playbook))].count(True) == 1


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("findings.sql", "AS title", "AS titel", "column title is missing"),
        ("findings.sql", "FROM relation r", "FROM relations r", "no such table"),
        ("findings.sql", "r.name = ", "r.nam = ", "no such column"),
        ("playbook.toml", "{{ relation }}", "{{ relation }", "fix add-a-key: title, line 1"),
        ("playbook.toml", "What it costs,", "{{ x | shout }}", "fix add-a-key: tradeoff"),
        ("playbook.toml", 'kind = "manual"', 'kind = "manual"\nsquawk_because = "x"', "together"),
        ("cases/no-key/expect.toml", "fires = true", "fires = false", "no case fires"),
        ("cases/with-a-key/expect.toml", "fires = false", "fires = true", "expects no finding"),
        ("cases/no-key/expect.toml", '"missing-unique', '"deferrable', "undeclared cause"),
        ("cases/no-key/expect.toml", '"add-a-key"', '"pray"', "unknown fix pray"),
        ("cases/no-key/expect.toml", "[failing]", "[falling]", "has no key falling"),
    ],
)
def test_what_is_wrong_with_a_playbook_is_told(
    playbook: Path, file: str, old: str, new: str, says: str
) -> None:
    path = playbook / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    assert any(says in problem for problem in check(playbook))


@pytest.mark.parametrize(
    "name", ["README.md", "cases/no-key/setup.sql", "cases/no-key/failing.sql", "findings.sql"]
)
def test_what_is_missing_is_told(playbook: Path, name: str) -> None:
    (playbook / name).unlink()
    assert any(Path(name).name in problem for problem in check(playbook))


def test_a_folder_that_no_fix_uses_is_told(playbook: Path) -> None:
    (playbook / "fixes" / "old").mkdir(parents=True)
    assert check(playbook) == ("no fix uses the folder fixes/old",)


def test_the_migration_linter_speaks_and_can_be_told_why_not() -> None:
    assert squawk_path() is not None
    text = "SET LOCAL lock_timeout = '2s';\nSET LOCAL statement_timeout = '9s';\nDROP TABLE t;\n"
    assert "ban-drop-table" in squawk(text, ())
    assert "ban-drop-table" not in squawk(text, ("ban-drop-table",))


def test_a_case_may_start_from_another_ones_schema(tmp_path: Path) -> None:
    for name in ("first", "second", "third"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "expect.toml").write_text('title = "x"\nfires = false\n')
    (tmp_path / "first" / "setup.sql").write_text("CREATE TABLE t (id int);")
    (tmp_path / "second" / "setup.sql").write_text("ALTER TABLE t ADD note text;")
    for name in ("second", "third"):
        with (tmp_path / name / "expect.toml").open("a") as file:
            file.write('starts_from = "first"\n')
    base = tmp_path / "first" / "setup.sql"
    assert load_case(tmp_path / "second", "mine").setups == (base, tmp_path / "second/setup.sql")
    assert load_case(tmp_path / "third", "mine").setups == (base,)
    base.unlink()
    with pytest.raises(UsageError, match=r"the case first has no setup\.sql"):
        load_case(tmp_path / "third", "mine")
