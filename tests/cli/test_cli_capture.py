"""capture: the same answer without the server, and nothing in the file that is not schema."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from command_line import CASES, CommandLine, Incident

Make = Callable[[str], Incident]


def findings(fixit: CommandLine, *words: str | Path) -> list[dict[str, Any]]:
    said = fixit("diagnose", *words, "--format", "json")
    assert said.code == 1, said.err
    found: list[dict[str, Any]] = json.loads(said.out)["findings"]
    return found


def essence(finding: dict[str, Any]) -> object:
    # What is blocked stands last, and only a server can tell what is.
    fixes = sorted(finding["fixes"], key=lambda fix: str(fix["id"]))
    return (
        finding["id"],
        finding["cause"],
        finding["explains"],
        finding["sites"],
        [f["id"] for f in fixes],
        [f["sql"] and f["sql"]["up"] for f in fixes],
        [f["patch"] for f in fixes],
    )


@pytest.mark.parametrize("name", CASES)
def test_a_capture_gives_the_same_findings(
    fixit: CommandLine, readable: Make, tmp_path: Path, name: str
) -> None:
    given = readable(name)
    file = tmp_path / "incident.fixit"
    said = fixit("capture", given.dsn, "-o", file)
    assert (said.code, said.out) == (0, f"{file}\n")
    offline = findings(fixit, file, *given.given[1:])
    online = findings(fixit, *given.given)
    assert [essence(f) for f in offline] == [essence(f) for f in online]
    asked = [p["holds"] for f in offline for x in f["fixes"] for p in x["preconditions"]]
    assert set(asked) <= {None}


def test_offline_nothing_can_be_applied_but_rehearsed_and_exported(
    fixit: CommandLine, readable: Make, tmp_path: Path
) -> None:
    given = readable("purchases")
    file = tmp_path / "incident.fixit"
    fixit("capture", given.dsn, "-o", file)
    plan = re.search(r"^plan (\w+)", fixit("apply", file, *given.given[1:]).out)
    assert plan
    said = fixit("apply", file, *given.given[1:], "--plan", plan[1], "--yes")
    assert said.code in (2, 5)
    assert "saved capture" in said.err
    assert len(said.err.splitlines()) <= 5
    said = fixit("rehearse", file, *given.given[1:])
    assert said.code == 0
    assert "rehearsed on a shadow of" in said.out
    assert "undo, holds: every row is as it was before the change" in said.out
    out = tmp_path / "out"
    assert fixit("export", file, *given.given[1:], "--out", out).code == 0
    assert any("CREATE UNIQUE INDEX" in p.read_text() for p in out.iterdir())


def test_no_row_and_no_secret_is_in_the_file(
    fixit: CommandLine, incident: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = incident("purchases")
    with psycopg.connect(given.dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE vault (id integer PRIMARY KEY, word text)")
        connection.execute(
            "INSERT INTO vault SELECT i, 'row-secret-4711' FROM generate_series(1, 500) i"
        )
        connection.execute("ANALYZE")
    monkeypatch.setenv("PGPASSWORD", "env-secret-4712")
    file = tmp_path / "incident.fixit"
    dsn = given.dsn.replace("postgres@", "postgres:dsn-secret-4713@")
    said = fixit("capture", dsn, "-o", file)
    assert said.code == 0, said.err
    content = gzip.decompress(file.read_bytes())
    assert b"vault" in content
    for secret in ("row-secret-4711", "env-secret-4712", "dsn-secret-4713"):
        assert secret.encode() not in content
        assert secret not in said.out + said.err
    assert os.stat(file).st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a capture",
        b"\x1f\x8b\x08\x00broken",
        gzip.compress(b"{}", mtime=0),
        gzip.compress(b'{"format": "fixit-tui/capture/999"}', mtime=0),
        gzip.compress(b"[1, 2", mtime=0),
        b"SQLite format 3\x00" + b"\x00" * 100,
        bytes(range(256)) * 16,
    ],
    ids=["empty", "text", "cut", "no format", "newer", "no JSON", "SQLite", "noise"],
)
def test_a_malformed_capture_is_refused(fixit: CommandLine, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "broken.fixit"
    file.write_bytes(content)
    said = fixit("diagnose", file)
    assert (said.code, said.out) == (2, "")
    assert "broken.fixit" in said.err
    assert len(said.err.splitlines()) <= 5


def test_a_tampered_capture_is_refused_or_harmless(
    fixit: CommandLine, readable: Make, tmp_path: Path
) -> None:
    given = readable("goals")
    file = tmp_path / "incident.fixit"
    fixit("capture", given.dsn, "-o", file)
    raw = bytearray(file.read_bytes())
    for place in range(10, len(raw), max(1, len(raw) // 40)):
        tampered = bytearray(raw)
        tampered[place] ^= 0xFF
        file.write_bytes(tampered)
        said = fixit("diagnose", file)
        assert said.code in (0, 1, 2), (place, said.err)
        assert len(said.err.splitlines()) <= 5


def test_a_capture_is_not_captured_again(
    fixit: CommandLine, readable: Make, tmp_path: Path
) -> None:
    file = tmp_path / "incident.fixit"
    fixit("capture", readable("goals").dsn, "-o", file)
    assert fixit("capture", file, "-o", tmp_path / "two.fixit").code == 2
    assert fixit("diagnose", tmp_path / "absent.fixit").code == 2


def test_a_capture_that_cannot_be_written_is_told(
    fixit: CommandLine, readable: Make, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    said = fixit("capture", readable("goals").dsn, "-o", tmp_path / "file" / "x.fixit")
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) <= 5
