"""diagnose, check and symptom: data on stdout, remarks on stderr, the right exit code."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from command_line import CASES, CommandLine, Incident

from fixit_tui.export.diagnosis_json import schema_text

Readable = Callable[[str], Incident]
GOLDEN = Path(__file__).parent / "golden"
ESCAPE = "\x1b"


def diagnosis(fixit: CommandLine, *words: str | Path, stdin: bytes = b"") -> dict[str, Any]:
    said = fixit("diagnose", *words, "--format", "json", stdin=stdin)
    assert said.code in (0, 1), said.err
    assert said.err == ""
    document: dict[str, Any] = json.loads(said.out)
    jsonschema.Draft202012Validator(json.loads(schema_text())).validate(document)
    return document


def settled(document: dict[str, Any]) -> dict[str, Any]:
    """Without what differs from run to run: where the server is, and durations."""
    document["target"] |= {"host": "HOST", "port": 0, "database": "DATABASE"}
    document["target"]["server_version"] = 0
    for run in document["playbooks"]:
        run["ms"] = 0
    return document


@pytest.mark.parametrize("name", CASES)
def test_json_is_the_golden_one(fixit: CommandLine, readable: Readable, name: str) -> None:
    """FIXIT_GOLDEN=write renews the files; read the difference before you keep it."""
    given = readable(name)
    found = settled(diagnosis(fixit, *given.given, "--playbook", given.case.playbook))
    path = GOLDEN / f"{name}.json"
    if os.environ.get("FIXIT_GOLDEN") == "write":
        path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert found == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_all_playbooks_together_explain_the_incident(
    fixit: CommandLine, readable: Readable, name: str
) -> None:
    given = readable(name)
    found = diagnosis(fixit, *given.given)
    first = found["findings"][0]
    assert first["explains"]
    assert first["cause"] == given.case.explained
    assert (
        first["document"]
        == {
            "lesson-progress": "000",
            "goals": "001",
            "module-unlocks": "002",
            "customers": "003",
            "purchases": "004",
        }[name]
    )
    assert [f["explains"] for f in found["findings"]].count(True) == 1
    assert first["ruled_out"]
    assert {run["status"] for run in found["playbooks"]} <= {"found", "clear"}


def test_ids_are_the_same_in_another_database(
    fixit: CommandLine, readable: Readable, incident: Readable
) -> None:
    one, other = (
        diagnosis(fixit, *make("customers").given)["findings"] for make in (readable, incident)
    )
    assert [f["id"] for f in one] == [f["id"] for f in other]


def test_text_says_what_json_says(fixit: CommandLine, readable: Readable) -> None:
    given = readable("goals")
    first = diagnosis(fixit, *given.given)["findings"][0]
    said = fixit("diagnose", *given.given)
    assert (said.code, said.err) == (1, "")
    assert ESCAPE not in said.out
    flat = " ".join(said.out.split())
    for part in (first["title"], first["id"], first["cause"], *first["why"], "doing nothing:"):
        assert part in flat
    for fix in first["fixes"]:
        assert fix["id"] in flat
    assert first["fixes"][0]["patch"].splitlines()[1] in said.out
    writeup = first["writeup"]
    assert f"the write-up's fix: {writeup['title']}" in flat
    assert f"why it is not recommended: {writeup['why_not']}" in flat
    place = flat.index("the write-up's fix:")
    assert flat.index(first["fixes"][0]["title"]) < place < flat.index("doing nothing:")


def test_text_shows_gaps(fixit: CommandLine, readable: Readable, tmp_path: Path) -> None:
    given = readable("goals")
    (tmp_path / "dynamic.ts").write_text("await supabase.from(table).upsert(rows);\n")
    said = fixit("diagnose", given.dsn, "--code", tmp_path)
    assert "not seen: 1 of 1 database calls" in said.out


def test_sarif_points_into_the_code(fixit: CommandLine, readable: Readable) -> None:
    given = readable("module-unlocks")
    said = fixit("diagnose", *given.given, "--format", "sarif")
    assert (said.code, said.err) == (1, "")
    (run,) = json.loads(said.out)["runs"]
    first = run["results"][0]
    assert first["ruleId"] == "trigger-and-code-double-insert"
    assert run["tool"]["driver"]["rules"][first["ruleIndex"]]["id"] == first["ruleId"]
    place = first["locations"][0]["physicalLocation"]
    file = given.code / place["artifactLocation"]["uri"]
    line = file.read_text(encoding="utf-8").splitlines()[place["region"]["startLine"] - 1]
    assert "module_unlocks" in line


@pytest.mark.parametrize(
    ("name", "level", "code"),
    [
        ("goals", "none", 0),
        ("goals", "info", 1),
        ("goals", "warning", 1),
        ("goals", "error", 1),
        ("lesson-progress", "warning", 1),
        ("lesson-progress", "error", 0),
    ],
)
def test_fail_on_draws_the_line(
    fixit: CommandLine, readable: Readable, name: str, level: str, code: int
) -> None:
    given = readable(name)
    said = fixit("diagnose", given.dsn, "--code", given.code, "--fail-on", level)
    worst = {f["severity"] for f in diagnosis(fixit, given.dsn, "--code", given.code)["findings"]}
    assert worst == ({"error"} if name == "goals" else {"warning"})
    assert said.code == code


def test_nothing_wrong_is_exit_zero(fixit: CommandLine, database: str) -> None:
    said = fixit("diagnose", database)
    assert said.code == 0
    assert "No findings." in said.out
    assert diagnosis(fixit, database)["findings"] == []


def test_the_symptom_may_come_through_a_pipe(fixit: CommandLine, readable: Readable) -> None:
    given = readable("purchases")
    from_file = diagnosis(fixit, *given.given)
    piped = diagnosis(
        fixit, given.dsn, "--code", given.code, "--symptom", "-", stdin=given.symptom.read_bytes()
    )
    assert settled(piped) == settled(from_file)


def test_only_the_named_playbook_runs(fixit: CommandLine, readable: Readable) -> None:
    given = readable("goals")
    runs = diagnosis(fixit, *given.given, "--playbook", "trigger-side-effects")["playbooks"]
    assert [run["id"] for run in runs] == ["trigger-side-effects"]


def test_the_environment_names_the_target(
    fixit: CommandLine, readable: Readable, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = readable("goals")
    monkeypatch.setenv("DATABASE_URL", given.dsn)
    assert diagnosis(fixit)["target"]["database"] == given.dsn.rpartition("/")[2]


def test_check_gives_one_line_a_finding(fixit: CommandLine, readable: Readable) -> None:
    given = readable("goals")
    said = fixit("check", given.dsn, "--code", given.code)
    (line,) = said.out.splitlines()
    assert (said.code, said.err) == (1, "")
    assert re.match(
        r"src/services/storageService\.ts:11: error: wrong-conflict-target: .+ goals_user_id_slug_key$",
        line,
    )


def test_symptom_tells_what_it_read(fixit: CommandLine, readable: Readable) -> None:
    text = readable("customers").symptom
    said = fixit("symptom", text)
    assert said.code == 0
    assert said.out.startswith("23505: ")
    for word in ("contact_methods_customer_id_method_key", "PATCH", "409"):
        assert word in said.out
    piped = fixit("symptom", "--format", "json", stdin=text.read_bytes())
    (read,) = json.loads(piped.out)
    assert (read["sqlstate"], read["http_status"]) == ("23505", 409)


def test_symptom_says_when_it_reads_nothing(fixit: CommandLine) -> None:
    said = fixit("symptom", stdin=b"it does not work since Tuesday")
    assert (said.code, said.out) == (1, "")
    assert "nothing in this text was understood" in said.err


def test_facts_print_their_tables_and_answer_queries(
    fixit: CommandLine, readable: Readable
) -> None:
    given = readable("goals")
    assert "CREATE TABLE write (" in fixit("facts").out
    query = "select name, kind from relation where schema = 'public' order by name"
    text = fixit("facts", query, "--target", given.dsn)
    assert text.code == 0
    assert re.search(r"^goals +table$", text.out, re.M)
    rows = json.loads(fixit("facts", query, "--target", given.dsn, "--format", "json").out)
    assert {"name": "goals", "kind": "table"} in rows
    calls = fixit(
        "facts", "select path, line from code_call", "--target", given.dsn, "--code", given.code
    )
    assert "storageService.ts" in calls.out


@pytest.mark.parametrize(
    "query",
    [
        "delete from relation",
        "select nothing from nowhere",
        "select 1; select 2",
        "attach 'x' as y",
    ],
)
def test_facts_refuse_what_is_no_select(fixit: CommandLine, readable: Readable, query: str) -> None:
    said = fixit("facts", query, "--target", readable("goals").dsn)
    assert (said.code, said.out) == (2, "")
    assert len(said.err.splitlines()) <= 5
