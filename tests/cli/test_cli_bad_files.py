"""Code folders, error files and playbooks of every bad kind; pipes that close."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import PROGRAM, CommandLine, Incident, Said

Make = Callable[[str], Incident]


def brief(said: Said, code: int, *words: str) -> None:
    assert (said.code, said.out) == (code, ""), said.err
    assert len(said.err.splitlines()) <= 5, said.err
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err


def test_a_code_folder_that_is_none(fixit: CommandLine, readable: Make, tmp_path: Path) -> None:
    dsn = readable("goals").dsn
    (tmp_path / "file").write_text("x")
    brief(fixit("diagnose", dsn, "--code", tmp_path / "absent"), 2, "is not a folder")
    brief(fixit("diagnose", dsn, "--code", tmp_path / "file"), 2, "is not a folder")
    brief(fixit("diagnose", dsn, "--code", "\udcff"), 2, "is not a folder")


def test_odd_files_in_the_code_cost_a_gap_at_most(
    fixit: CommandLine, incident: Make, tmp_path: Path
) -> None:
    given = incident("goals")
    odd = given.code / "odd"
    odd.mkdir()
    (odd / "image.ts").write_bytes(os.urandom(20_000))
    (odd / "latin.ts").write_bytes("// été\nexport const x = 1;\n".encode("latin-1"))
    (odd / "huge.ts").write_bytes(b"const x = supabase.from('goals').insert({});\n" * 1_200_000)
    (odd / "empty.ts").write_bytes(b"")
    (odd / "loop").symlink_to(odd, target_is_directory=True)
    (odd / "dangling.ts").symlink_to(tmp_path / "absent.ts")
    (odd / "outside.ts").symlink_to("/etc/passwd")
    os.mkfifo(odd / "pipe.ts")
    (odd / "x'; DROP TABLE goals; --\x1b[31m.ts").write_text("supabase.from('goals').insert({})\n")
    said = fixit("diagnose", *given.given, "--format", "json")
    assert (said.code, said.err) == (1, "")
    document = json.loads(said.out)
    assert document["findings"][0]["cause"] == given.case.explained
    gaps = " ".join(g["what"] for g in document["gaps"])
    assert "huge.ts" in gaps
    text = fixit("diagnose", *given.given)
    assert "\x1b" not in text.out
    assert "not seen:" in text.out


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_without_the_right_to_read_are_a_gap(fixit: CommandLine, incident: Make) -> None:
    given = incident("goals")
    secret = given.code / "secret.ts"
    secret.write_text("supabase.from('goals').insert({});\n")
    secret.chmod(0o000)
    said = fixit("diagnose", *given.given, "--format", "json")
    assert said.code == 1, said.err
    assert "secret.ts" in " ".join(g["what"] for g in json.loads(said.out)["gaps"])


def test_an_error_file_that_cannot_be_read(
    fixit: CommandLine, readable: Make, tmp_path: Path
) -> None:
    dsn = readable("goals").dsn
    for path in (tmp_path / "absent.txt", tmp_path):
        for verb in ("diagnose", "apply", "check", "rehearse"):
            brief(fixit(verb, dsn, "--symptom", path), 2, "cannot read the symptom file")
        brief(fixit("symptom", path), 2, "cannot read the symptom file")


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"it is broken since Tuesday", b"\x00\xff\xfe" * 500, b"\x1b]0;x\x07"]
)
def test_an_error_file_without_an_error(
    fixit: CommandLine, readable: Make, tmp_path: Path, content: bytes
) -> None:
    given = readable("goals")
    path = tmp_path / "error.txt"
    path.write_bytes(content)
    words = (given.dsn, "--code", given.code, "--symptom", path)
    said = fixit("diagnose", *words, "--format", "json")
    assert said.code == 1
    assert "nothing in the given text was understood" in said.err
    document = json.loads(said.out)
    assert document["symptom"] is None
    assert "nothing in the given text was understood" in document["unexplained"][0]
    assert "not explained: nothing in the given text" in fixit("diagnose", *words).out
    for verb in ("rehearse", "apply"):
        brief(fixit(verb, *words), 2, "nothing in the given text was understood", "server log")


def test_an_error_that_matches_nothing_says_what_would_settle_it(
    fixit: CommandLine, readable: Make, tmp_path: Path
) -> None:
    path = tmp_path / "error.txt"
    path.write_text('ERROR:  duplicate key value violates unique constraint "elsewhere_pkey"\n')
    given = readable("goals")
    words = (given.dsn, "--code", given.code, "--symptom", path)
    document = json.loads(fixit("diagnose", *words, "--format", "json").out)
    assert document["symptom"]["constraint"] == "elsewhere_pkey"
    assert not any(f["explains"] for f in document["findings"])
    assert document["unexplained"]
    flat = " ".join(fixit("diagnose", *words).out.split())
    for wish in document["unexplained"]:
        assert " ".join(f"not explained: {wish}".split()) in flat


GOOD = """\
id = "good"
title = "Good"
causes = ["nulls-not-matched"]
summary = "Runs although its neighbour is broken."
"""
QUERY = """\
SELECT 'nulls-not-matched' AS cause, r.qualified AS relation, NULL AS object,
  'info' AS severity, 'likely' AS confidence, 'seen ' || r.name AS title,
  json_array() AS why, json_array() AS fixes
FROM relation r WHERE r.name = 'goals'
"""


@pytest.mark.parametrize(
    ("manifest", "query", "place"),
    [
        (GOOD.replace('"good"', '"bad"') + "titel = 'x'\n", QUERY, "bad/playbook.toml:5: "),
        (GOOD.replace('"good"', '"bad"') + "needs = 3\n", QUERY, "bad/playbook.toml:5: needs"),
        ("id = [", QUERY, "bad/playbook.toml: is not TOML"),
        (GOOD.replace("nulls-not-matched", "no-such-cause"), QUERY, "bad/playbook.toml:"),
        (GOOD.replace('"good"', '"bad"'), "DELETE FROM relation", "bad/findings.sql"),
        (GOOD.replace('"good"', '"bad"'), "", "bad/findings.sql"),
    ],
)
def test_a_malformed_playbook_is_named_and_the_others_run(
    fixit: CommandLine, readable: Make, tmp_path: Path, manifest: str, query: str, place: str
) -> None:
    for name, text, select in (("good", GOOD, QUERY), ("bad", manifest, query)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "playbook.toml").write_text(text)
        (tmp_path / name / "findings.sql").write_text(select)
    given = readable("goals")
    said = fixit("diagnose", *given.given, "--playbooks", tmp_path, "--format", "json")
    assert said.code == 1
    document = json.loads(said.out)
    assert "seen goals" in [f["title"] for f in document["findings"]]
    assert document["findings"][0]["cause"] == given.case.explained
    assert any(place in gap["what"] for gap in document["gaps"])
    listed = fixit("playbooks", "list", "--playbooks", tmp_path)
    assert listed.code == 0
    assert "good" in listed.out
    assert "[extra]" in listed.out
    assert place in listed.err


def test_a_query_that_fails_at_run_time_is_that_playbooks_own(
    fixit: CommandLine, readable: Make, tmp_path: Path
) -> None:
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "playbook.toml").write_text(GOOD)
    (tmp_path / "good" / "findings.sql").write_text("SELECT no_such_column FROM relation")
    given = readable("goals")
    said = fixit("diagnose", *given.given, "--playbooks", tmp_path)
    assert said.code == 1
    assert "failed: good: " in said.out
    assert "explains the symptom" in said.out


def test_folders_and_ids_of_playbooks_that_are_not_there(
    fixit: CommandLine, readable: Make, tmp_path: Path
) -> None:
    dsn = readable("goals").dsn
    brief(fixit("diagnose", dsn, "--playbooks", tmp_path / "absent"), 2, "is not a folder")
    brief(fixit("diagnose", dsn, "--playbook", "no-such"), 2, "no playbook is called no-such")
    brief(fixit("playbooks", "show", "no-such"), 2, "no playbook is called no-such")
    brief(fixit("playbooks", "check", tmp_path / "absent"), 2, "is not a folder")


def test_a_folder_that_cannot_be_written(
    fixit: CommandLine, readable: Make, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    given = readable("purchases")
    brief(fixit("export", *given.given, "--out", tmp_path / "file"), 2, "cannot write to")


def test_a_ledger_that_cannot_be_written_stops_apply_before_commit(
    incident: Make, tmp_path: Path
) -> None:
    given = incident("purchases")
    before = given.dump()
    (tmp_path / "state-file").write_text("in the way")
    fixit = CommandLine(tmp_path / "state-file")
    plan = next(w for w in fixit("rehearse", *given.given).out.split() if len(w) == 12)
    said = fixit("apply", *given.given, "--plan", plan, "--yes")
    assert said.code == 5
    assert said.out == ""
    assert len(said.err.splitlines()) <= 5
    assert given.dump() == before


@pytest.mark.parametrize("words", [("facts",), ("diagnose",)])
def test_a_closed_pipe_is_no_error(readable: Make, words: tuple[str, ...]) -> None:
    given = readable("goals")
    target = tuple(map(str, given.given)) if words == ("diagnose",) else ()
    process = subprocess.Popen(
        [*PROGRAM, *words, *target], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(20) in (0, 1)
    assert err == ""
