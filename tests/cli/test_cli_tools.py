"""targets, playbooks and doctor."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import keyring.backend
import pytest
from command_line import CommandLine, Incident

from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.store.paths import config_dir

Make = Callable[[str], Incident]
BUILTIN = sorted(p.parent.name for p in builtin_root().glob("*/playbook.toml"))


class MemoryKeyring(keyring.backend.KeyringBackend):
    """Keeps passwords for one test."""

    priority = 1  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self.kept.pop((service, username), None)


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    former = keyring.get_keyring()
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(former)


def configuration() -> str:
    """Every byte that is stored outside the keyring."""
    files = [p for p in config_dir().rglob("*") if p.is_file()]
    return "".join(p.read_text(encoding="utf-8") for p in files)


def test_a_target_is_added_used_and_removed(
    fixit: CommandLine, readable: Make, memory: MemoryKeyring
) -> None:
    given = readable("goals")
    dsn = given.dsn.replace("postgres@", "postgres:dsn-secret@")
    added = fixit("targets", "add", "shop", dsn, "--code", given.code)
    assert (added.code, added.out) == (0, "")
    assert memory.kept == {("fixit-tui", "shop"): "dsn-secret"}
    assert "dsn-secret" not in configuration() + added.err
    listed = fixit("targets")
    assert listed.out == f"shop  {given.dsn}\n"
    said = fixit("diagnose", "shop", "--symptom", given.symptom)
    assert said.code == 1, said.err
    assert "explains the symptom" in said.out
    assert fixit("targets", "remove", "shop").code == 0
    assert memory.kept == {}
    assert fixit("targets").out == ""
    assert fixit("diagnose", "shop").code == 2
    gone = fixit("targets", "remove", "shop")
    assert (gone.code, gone.out) == (2, "")


def test_without_a_keyring_the_password_is_refused_not_written(
    fixit: CommandLine, readable: Make
) -> None:
    dsn = readable("goals").dsn.replace("postgres@", "postgres:dsn-secret@")
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[attr-defined]
    try:
        said = fixit("targets", "add", "shop", dsn)
    finally:
        keyring.core.init_backend()
    assert said.code != 0
    assert "PGPASSWORD" in said.err
    assert "dsn-secret" not in said.err + (configuration() if config_dir().exists() else "")
    assert fixit("targets").out == ""


@pytest.mark.parametrize("name", ["", "-x", "a/b", "a b", "x" * 100, "na\nme"])
def test_names_that_are_none(fixit: CommandLine, name: str) -> None:
    said = fixit("targets", "add", "--", name, "postgresql://h/d")
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) <= 5


def test_a_malformed_targets_file_is_named(fixit: CommandLine) -> None:
    config_dir().mkdir(parents=True)
    (config_dir() / "targets.toml").write_text('[shop]\ndns = "typo"\n')
    said = fixit("targets")
    assert (said.code, said.out) == (2, "")
    assert "targets.toml" in said.err
    assert "dns" in said.err


def test_playbooks_are_listed_and_shown(fixit: CommandLine) -> None:
    listed = fixit("playbooks", "list")
    assert [line.split()[0] for line in listed.out.splitlines()] == BUILTIN
    for playbook in BUILTIN:
        shown = fixit("playbooks", "show", playbook)
        assert (shown.code, shown.err) == (0, "")
        assert "causes: " in shown.out
        assert "SELECT" in shown.out
        readme = (builtin_root() / playbook / "README.md").read_text(encoding="utf-8")
        assert readme.splitlines()[0] in shown.out


def test_the_shipped_playbooks_are_fit(fixit: CommandLine) -> None:
    said = fixit("playbooks", "check")
    assert (said.code, said.out) == (0, "")
    assert said.err.count(": fine") == len(BUILTIN)


def test_a_new_playbook_checks_tests_and_runs(
    fixit: CommandLine, tmp_path: Path, database: str, connect: Callable[..., object]
) -> None:
    made = fixit("playbooks", "new", "my-rule", "--into", tmp_path / "mine")
    assert made.code == 0
    folder = Path(made.out.strip())
    assert folder == tmp_path / "mine" / "my-rule"
    assert fixit("playbooks", "check", folder).code == 0
    tested = fixit("playbooks", "test", tmp_path / "mine")
    assert tested.code == 0, tested.out
    assert sorted(tested.out.split()[1::2]) == [
        "my-rule/another-table",
        "my-rule/no-key",
        "my-rule/with-a-key",
    ]
    connect(database).execute("CREATE TABLE replace_me (id integer)")  # type: ignore[attr-defined]
    said = fixit("diagnose", database, "--playbooks", tmp_path / "mine")
    assert said.code == 1
    assert "public.replace_me has no key" in said.out


def test_new_defaults_to_the_persons_own_folder(fixit: CommandLine) -> None:
    assert fixit("playbooks", "new", "my-rule").code == 0
    assert "my-rule" in fixit("playbooks", "list").out
    again = fixit("playbooks", "new", "my-rule")
    assert (again.code, again.out) == (2, "")
    assert "is there already" in again.err


@pytest.mark.parametrize("name", ["Bad", "../up", "a--b", "", "with space", "x" * 61])
def test_new_refuses_ids_that_are_none(fixit: CommandLine, tmp_path: Path, name: str) -> None:
    said = fixit("playbooks", "new", "--into", tmp_path / "mine", "--", name)
    assert (said.code, said.out) == (2, "")
    assert not (tmp_path / "mine").exists()


def test_test_says_which_promises_are_broken(fixit: CommandLine, tmp_path: Path) -> None:
    fixit("playbooks", "new", "my-rule", "--into", tmp_path)
    cases = tmp_path / "my-rule" / "cases"
    expect = cases / "no-key" / "expect.toml"
    expect.write_text(
        expect.read_text()
        .replace('sqlstate = "42P10"', 'sqlstate = "23505"')
        .replace('recommended = "add-a-key"', 'recommended = "other"')
    )
    (cases / "with-a-key" / "setup.sql").write_text("CREATE TABLE replace_me (id integer);")
    (cases / "another-table" / "setup.sql").write_text("CREATE TABLE broken (")
    said = fixit("playbooks", "test", tmp_path / "my-rule")
    assert said.code == 1
    assert said.out.count("broken  my-rule/") == 3
    for words in (
        "expected, but not found: missing-unique-index on public.replace_me",
        "found, but not expected: missing-unique-index on public.replace_me",
        "failing.sql must end with 23505, but got 42P10",
        "must stay quiet, but finds: public.replace_me has no key",
        "syntax error",
    ):
        assert words in said.out


def test_a_fix_that_does_not_cure_is_found_out(fixit: CommandLine, tmp_path: Path) -> None:
    source = builtin_root() / "trigger-side-effects"
    target = tmp_path / "trigger-side-effects"
    for path in source.rglob("*"):
        if path.is_file() and ("cases" not in path.parts or "customers" in path.parts):
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    assert fixit("playbooks", "test", target).code == 0
    fix = target / "fixes" / "repair-function"
    (fix / "up.sql").write_text("SELECT 1;\n")
    (fix / "verify.sql").write_text("SELECT 'fine' AS label, true AS holds, '' AS detail\n")
    said = fixit("playbooks", "test", target)
    assert said.code == 1
    assert "repair-function" in said.out


def test_doctor_names_every_part(fixit: CommandLine, tmp_path: Path) -> None:
    said = fixit("doctor")
    labels = [line[6:30].strip() for line in said.out.splitlines()]
    for label in ("python", "terminal", "settings", "ledger", "keyring", "server for the demo"):
        assert label in labels
    assert f"{len(BUILTIN)} loaded" in said.out
    marks = {line[:4].strip() for line in said.out.splitlines()}
    assert marks <= {"ok", "look"}
    assert said.code == (0 if marks == {"ok"} else 1)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_takes_its_completion_script(tmp_path: Path, shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fixit_tui", "completion", shell],
        capture_output=True,
        text=True,
        check=True,
    )
    script = tmp_path / "completion"
    script.write_text(done.stdout)
    found = any((Path(p) / shell).exists() for p in os.environ["PATH"].split(":"))
    if not found:
        pytest.skip(f"{shell} is not installed")
    assert subprocess.run([shell, "-n", str(script)], check=False).returncode == 0
