"""What README.md tells a person to type works, and what it points to is there."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.cli.command_line import PROGRAM, CommandLine, Said
from tests.cli.demo_home import DemoHome, Serving, demo_home, serving
from tests.cli.terminal import Terminal

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def code_lines() -> list[str]:
    """Lines of shell blocks, without their comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", README, re.S | re.M)
    lines = [re.sub(r"\s+#.*", "", line) for block in blocks for line in block.splitlines()]
    return [line.strip() for line in lines if line.strip()]


def table_commands() -> list[str]:
    """Commands of the tables' first column, where later ones of a cell may leave words out."""
    found = []
    for row in re.findall(r"^\| (`fixit-tui [^\n]*?)(?<!\\) \|", README, re.M):
        first = ""
        for span in re.findall(r"`([^`]+)`", row):
            words = span.replace("\\|", "|")
            if words.startswith("fixit-tui "):
                first = words
            elif words.startswith("-"):
                words = f"{first.partition(' -')[0]} {words}"
            else:
                words = f"fixit-tui {words}"
            found.append(words)
    return found


COMMANDS = [c for c in (*code_lines(), *table_commands()) if c.split()[0] == "fixit-tui"]
EXIT = {
    "diagnose": 1,
    "replay": 1,
    "undo": 2,
    "doctor": (0, 1),
}
"""Exit codes other than 0: findings are there; the replay fails; undo only shows without --yes."""


def test_every_line_of_a_shell_block_is_of_a_known_kind() -> None:
    kinds = {line.split()[0] for line in code_lines()}
    assert kinds <= {"make", "fixit-tui", "pipx", "export"}
    assert len(COMMANDS) >= 15


def test_make_knows_every_target() -> None:
    targets = [line.split()[1] for line in code_lines() if line.startswith("make ")]
    assert {"demo", "test"} <= set(targets)
    done = subprocess.run(
        ["make", "-n", *targets], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for part in ("ruff", "mypy", "lint-imports", "pytest", "fixit-tui demo"):
        assert part in done.stdout


@pytest.fixture(scope="module")
def home() -> Iterator[DemoHome]:
    with demo_home(" ".join(PROGRAM)) as made:
        yield made


@pytest.fixture(scope="module")
def demo(home: DemoHome) -> Iterator[Serving]:
    with serving(home, program=" ".join(PROGRAM)) as served:
        yield served


@dataclass
class Reader:
    """A person who types what README says, with their own names for its placeholders."""

    fixit: CommandLine
    demo: Serving
    folder: Path
    plan: str = ""
    finding: str = ""
    typed: list[str] = field(default_factory=list)

    @property
    def request(self) -> Path:
        """A log with a statement that fails on every server."""
        path = self.folder / "request.txt"
        path.write_text(
            'ERROR:  relation "public.nowhere" does not exist\n'
            "STATEMENT:  DELETE FROM public.nowhere\n"
        )
        return path

    def variants(self, command: str) -> list[list[str]]:
        """The command once for each of its alternatives, placeholders filled in."""
        given = {
            "[TARGET]": self.demo.dsn,
            "~/src/app": str(self.demo.code),
            "error.txt": str(self.demo.errors / "purchases.txt"),
            "FILE": str(self.demo.errors / "customers.txt"),
            "request.txt": str(self.request),
            "./fix": str(self.folder / "fix"),
            "incident.fixit": str(self.folder / "incident.fixit"),
            "select …": "select name from relation",
            "HASH": self.plan,
            "ID": self.finding,
        }
        choices = next((w for w in shlex.split(command) if "|" in w), "").split("|")
        found = []
        for choice in choices:
            words = shlex.split(command)[1:]
            found.append([choice if "|" in w else given.get(w, w) for w in words])
        return found

    def type(self, words: list[str]) -> Said:
        said = self.fixit(*words)
        if plan := re.search(r"^plan (\w+)", said.out):
            self.plan = plan[1]
        return said


def test_every_command_does_what_it_says(
    home: DemoHome, demo: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", demo.dsn)
    reader = Reader(CommandLine(tmp_path / "state"), demo, tmp_path)
    found = json.loads(reader.type(["diagnose", demo.dsn, "--format", "json"]).out)["findings"]
    reader.finding = next(f["id"] for f in found if f["cause"] == "trigger-not-idempotent")
    for command in COMMANDS:
        verb = [*command.split(), ""][1]
        if verb in ("", "oncall", "demo"):
            continue
        for words in reader.variants(command):
            said = reader.type(words)
            expected = EXIT.get(verb, 0)
            codes = expected if isinstance(expected, tuple) else (expected,)
            assert said.code in codes, (words, said)
            assert said.out or verb == "recover", words
            assert "Traceback" not in said.err
            reader.typed.append(verb)
    assert {"apply", "undo", "rehearse", "export", "capture", "facts", "playbooks"} <= set(
        reader.typed
    )
    assert (tmp_path / "incident.fixit").exists()
    assert list((tmp_path / "fix").iterdir())


@pytest.mark.parametrize("command", [c for c in COMMANDS if [*c.split(), ""][1] in ("", "oncall")])
def test_what_opens_the_app_opens_it(home: DemoHome, demo: Serving, command: str) -> None:
    words = [str(demo.code) if w == "~/src/app" else w for w in shlex.split(command)[1:]]
    env = {**home.env, "DATABASE_URL": demo.dsn}
    with Terminal([*PROGRAM, *words], env=env) as terminal:
        terminal.expect("Paste the error" if "oncall" in words else "fixit_demo@127.0.0.1")
        terminal.press("\x11")
        assert terminal.wait() == 0
        assert "Traceback" not in terminal.text


def test_the_demo_commands_work() -> None:
    told = [c.split()[2:] for c in COMMANDS if c.startswith("fixit-tui demo")]
    assert told == [["--serve"], ["--reset"]]
    with demo_home(" ".join(PROGRAM)) as home:
        done = subprocess.run(
            [*PROGRAM, "demo", "--reset"],
            env=dict(home.env),
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "")
        assert home.gone()


@pytest.mark.parametrize("key", ["q", "\x11"], ids=["q", "ctrl+q"])
def test_make_demo_starts_shows_findings_and_quits(home: DemoHome, key: str) -> None:
    """The install step is left out: it would change the environment that runs this test."""
    words = ["make", "-o", ".venv/.app", "demo", f"BIN={Path(sys.executable).parent}"]
    with Terminal(words, env=home.env, cwd=str(ROOT)) as terminal:
        terminal.expect("goals", 60)
        terminal.press(key)
        assert terminal.wait() == 0
        assert "Traceback" not in terminal.text


def test_links_lead_somewhere() -> None:
    links = re.findall(r"(?<!!)\[[^]]+\]\(([^)#]+)(?:#[^)]*)?\)", README)
    local = [link for link in links if "://" not in link]
    assert local
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_screenshots_are_there() -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", README)
    assert shown
    if not (ROOT / "screenshots").is_dir():
        pytest.skip("make screenshots has not been run")
    assert [path for path in shown if not (ROOT / path).is_file()] == []


def test_every_listed_playbook_is_shipped() -> None:
    part = README.partition("## What it looks for")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `([a-z-]+)` \|", part, re.M)
    assert listed
    assert [name for name in listed if not (ROOT / "playbooks" / name).is_dir()] == []
