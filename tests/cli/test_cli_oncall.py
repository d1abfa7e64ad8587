"""The guided flow as line prompts, on a real pseudo-terminal."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from command_line import PROGRAM, CommandLine, Incident
from terminal import Terminal

from fixit_tui.model.plan import PlanState
from fixit_tui.store.ledger import FileLedger

Make = Callable[[str], Incident]
PICK, REHEARSE, EXPORT, APPLY = (
    "Which one?",
    "Rehearse it now",
    "Export instead of applying?",
    "Apply it? Type yes:",
)


def oncall(incident: Incident, state: Path, *words: str) -> Terminal:
    return Terminal(
        [*PROGRAM, "oncall", "--plain", incident.dsn, "--code", str(incident.code), *words],
        env={"XDG_STATE_HOME": str(state)},
        cwd=str(state.parent),
    )


def paste(terminal: Terminal, incident: Incident) -> None:
    terminal.expect("Paste the error")
    for line in incident.symptom.read_text(encoding="utf-8").splitlines():
        terminal.expect(">")
        terminal.say(line)
    terminal.expect(">")
    terminal.say(".")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "state"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", ["customers", "purchases"])
def test_from_the_pasted_error_to_the_proof(incident: Make, state: Path, name: str) -> None:
    given = incident(name)
    with oncall(given, state) as terminal:
        paste(terminal, given)
        terminal.expect("Understood: ")
        shown = terminal.expect(PICK)
        assert "explains the symptom" in shown
        assert "the write-up's fix:" in shown
        assert "(recommended)" in shown
        terminal.say("1")
        terminal.expect(REHEARSE)
        terminal.say("y")
        assert "it would succeed" in terminal.expect(EXPORT)
        terminal.say("n")
        terminal.expect(APPLY)
        terminal.say("yes")
        terminal.expect("**verified**")
        assert terminal.wait() == 0
    assert given.sqlstate_of("failing.sql") is None
    (receipt,) = FileLedger(state / "fixit-tui").receipts()
    assert receipt.state is PlanState.VERIFIED


@pytest.mark.parametrize(
    ("answers", "last"),
    [
        ([(PICK, "0")], "nothing changed"),
        ([(PICK, "")], "nothing changed"),
        ([(PICK, "99"), (PICK, "x"), (PICK, "0")], "nothing changed"),
        ([(PICK, "1"), (REHEARSE, "n"), (EXPORT, "n"), (APPLY, "no")], "nothing changed"),
        ([(PICK, "1"), (REHEARSE, "y"), (EXPORT, "n"), (APPLY, "")], "nothing changed"),
        ([(PICK, "1"), (REHEARSE, "y"), (EXPORT, "n"), (APPLY, "y")], "nothing changed"),
        ([(PICK, "1"), (REHEARSE, ""), (EXPORT, "y")], "01_create_unique_index"),
    ],
)
def test_every_no_leaves_the_database_as_it_was(
    incident: Make, state: Path, answers: list[tuple[str, str]], last: str
) -> None:
    given = incident("purchases")
    before = given.dump()
    with oncall(given, state, "--symptom", str(given.symptom)) as terminal:
        for question, answer in answers:
            terminal.expect(question)
            terminal.say(answer)
        terminal.expect(last)
        assert terminal.wait() == 0
    assert given.dump() == before
    assert FileLedger(state / "fixit-tui").receipts() == ()


@pytest.mark.parametrize(("answer", "code"), [("n", 5), ("y", 0)])
def test_what_cannot_be_applied_here_is_said_before_any_other_question(
    incident: Make, state: Path, answer: str, code: int
) -> None:
    given = incident("purchases")
    name = given.dsn.rpartition("/")[2]
    with psycopg.connect(given.dsn, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")  # type: ignore[call-overload]
    with oncall(given, state, "--symptom", str(given.symptom)) as terminal:
        terminal.expect(PICK)
        terminal.say("1")
        shown = terminal.expect("Export it for somebody who can")
        assert "read-only" in shown
        assert "effect: nothing changed" in shown
        terminal.say(answer)
        assert terminal.wait() == code
    assert FileLedger(state / "fixit-tui").receipts() == ()


def leave(terminal: Terminal, key: str) -> int:
    """Press the key like a person would: again, where the first fell between two reads.

    A signal that comes after the prompt is drawn and before the line editor waits is only looked
    at with the next key (CPython's readline).
    """
    for _ in range(20):
        terminal.press(key)
        with contextlib.suppress(AssertionError):
            return terminal.wait(1.5)
    raise AssertionError("it cannot be left")


@pytest.mark.parametrize(
    "questions", [[], [PICK], [PICK, REHEARSE], [PICK, REHEARSE, EXPORT, APPLY]]
)
@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl+c", "ctrl+d"])
def test_leaving_at_a_question_changes_nothing(
    incident: Make, state: Path, questions: list[str], key: str
) -> None:
    given = incident("purchases")
    before = given.dump()
    words = ("--symptom", str(given.symptom)) if questions else ()
    with oncall(given, state, *words) as terminal:
        answers = {PICK: "1", REHEARSE: "n", EXPORT: "n"}
        for question in questions[:-1]:
            terminal.expect(question)
            terminal.say(answers[question])
        terminal.expect(questions[-1] if questions else "> ")
        assert leave(terminal, key) == 130
        assert "Traceback" not in terminal.text
    assert given.dump() == before


def test_long_lines_and_whole_pastes_arrive_unharmed(incident: Make, state: Path) -> None:
    given = incident("customers")
    text = given.symptom.read_text(encoding="utf-8").rstrip("\n")
    padded = text.replace('"hint":null', '"hint":"' + "x" * 6000 + '"')
    with oncall(given, state) as terminal:
        terminal.expect(">")
        terminal.press(f"\x1b[200~\tlog\n{padded}\n.\n\x1b[201~\n")
        terminal.expect("Understood: 23505")
        terminal.expect("explains the symptom")
        terminal.expect(PICK)
        terminal.say("0")
        assert terminal.wait() == 0


def test_a_code_fix_is_written_when_asked(incident: Make, state: Path) -> None:
    given = incident("goals")
    before = given.sources()
    with oncall(given, state, "--symptom", str(given.symptom)) as terminal:
        terminal.expect(PICK)
        terminal.say("1")
        terminal.expect(EXPORT)
        terminal.say("n")
        terminal.expect(APPLY)
        terminal.say("yes")
        terminal.expect("Also write 1 file")
        terminal.say("y")
        terminal.expect("## Files written")
        assert terminal.wait() == 0
    assert given.sources() != before


def test_a_text_without_an_error_ends_with_usage(incident: Make, state: Path) -> None:
    given = incident("goals")
    with oncall(given, state) as terminal:
        terminal.expect(">")
        terminal.say("nothing works")
        terminal.say(".")
        terminal.expect("nothing in this text was understood")
        assert terminal.wait() == 2


def test_nobody_is_asked_without_a_terminal(incident: Make, fixit: CommandLine) -> None:
    given = incident("goals")
    said = fixit("oncall", "--plain", *given.given, stdin=b"1\ny\nn\nyes\n")
    assert (said.code, said.out) == (2, "")
    assert os.linesep.join(said.err.splitlines()[:1]).endswith("there is nobody to ask")


def test_an_unexplained_error_says_what_would_settle_it(
    incident: Make, state: Path, tmp_path: Path
) -> None:
    given = incident("goals")
    other = tmp_path / "other.txt"
    other.write_text('ERROR:  duplicate key value violates unique constraint "elsewhere_key"\n')
    with oncall(given, state, "--symptom", str(other)) as terminal:
        terminal.expect("Nothing that is known about this database explains it.")
        terminal.expect("what would settle it:")
        assert terminal.wait() == 1
