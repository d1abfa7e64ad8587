"""Help is at hand at once, for every command, and loads nothing heavy."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import click
import pytest
from command_line import CommandLine

from fixit_tui import __version__
from fixit_tui.cli.root import root

HEAVY = {"textual", "psycopg", "sqlglot", "keyring", "postgast", "ast_grep_py", "jinja2"}
_LIST_MODULES = """
import json, sys
from fixit_tui.cli.root import main
from fixit_tui.wiring import Wiring
code = main(Wiring(), sys.argv[1:])
print(json.dumps({"code": code, "modules": sorted({m.partition(".")[0] for m in sys.modules})}))
"""


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []

    def walk(path: tuple[str, ...], command: click.Command) -> None:
        found.append(path)
        if isinstance(command, click.Group):
            context = click.Context(command)
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None
                walk((*path, name), inner)

    walk((), root)
    return found


@pytest.mark.parametrize(
    "words", [("--help",), ("--version",), ("apply", "--help"), ("diagnose", "--help")]
)
def test_help_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LIST_MODULES, *words], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["code"] == 0
    assert HEAVY.isdisjoint(told["modules"])


@pytest.mark.parametrize("path", commands(), ids=lambda p: " ".join(p) or "root")
def test_every_command_has_help(fixit: CommandLine, path: tuple[str, ...]) -> None:
    said = fixit(*path, "--help")
    assert said.code == 0
    assert said.err == ""
    usage, *rest = said.out.splitlines()
    assert usage.startswith(f"Usage: {' '.join(('fixit-tui', *path))}")
    described = [line for line in rest if line.startswith("  ") and not line.startswith("  -")]
    assert described, "a command says what it does"
    assert max(map(len, rest)) <= 80


def test_the_root_lists_every_command(fixit: CommandLine) -> None:
    listed = fixit("--help").out
    for path in commands():
        if len(path) == 1:
            assert f"\n  {path[0]} " in listed


def test_the_version_is_the_packages(fixit: CommandLine) -> None:
    assert fixit("--version").out == f"fixit-tui, version {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_call_back(fixit: CommandLine, shell: str) -> None:
    said = fixit("completion", shell)
    assert said.code == 0
    assert "_FIXIT_TUI_COMPLETE" in said.out


def test_completion_answers_with_commands() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fixit_tui"],
        env={
            **os.environ,
            "_FIXIT_TUI_COMPLETE": "bash_complete",
            "COMP_WORDS": "fixit-tui di",
            "COMP_CWORD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["plain,diagnose"]


@pytest.mark.parametrize(
    ("words", "telling"),
    [
        (("nonsense",), "No such command 'nonsense'"),
        (("diagnose", "--nonsense"), "No such option"),
        (("diagnose", "--format", "xml"), "'xml' is not one of"),
        (("apply", "--plan"), "requires an argument"),
        (("export", "x"), "Missing option '--out'"),
        ((), "the app needs a terminal"),
        (("demo",), "the app needs a terminal"),
        (("oncall", "postgresql://h/d"), "need a terminal"),
        (("oncall", "postgresql://h/d", "--plain"), "there is nobody to ask"),
    ],
)
def test_wrong_words_are_usage_errors(
    fixit: CommandLine, words: tuple[str, ...], telling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://h/d")
    said = fixit(*words)
    assert said.code == 2
    assert said.out == ""
    assert telling in said.err
    assert len(said.err.splitlines()) <= 5
