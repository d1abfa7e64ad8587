"""What the command line says first, and last, of a change whose end was lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from command_line import CommandLine, Incident
from psycopg.conninfo import make_conninfo
from test_cli_change import applied

from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import PlanState
from fixit_tui.store.ledger import FileLedger

Make = Callable[[str], Incident]


def lose_the_end(fixit: CommandLine, **changes: str) -> Receipt:
    """Leave nothing of the last apply but its intent, with other words in it."""
    ledger = FileLedger(fixit.state)
    first, *_ = ledger.path.read_bytes().splitlines(keepends=True)
    ledger.path.write_bytes(first)
    (intent,) = ledger.receipts()
    ledger.append(replace(intent, **changes))  # type: ignore[arg-type]
    (intent,) = ledger.receipts()
    return intent


def test_the_next_start_says_first_what_became_of_it(fixit: CommandLine, incident: Make) -> None:
    given = incident("purchases")
    applied(fixit, given)
    intent = lose_the_end(fixit)
    for words in (("diagnose", given.dsn), ("apply", *given.given), ("undo", given.dsn)):
        said = fixit(*words)
        first, second, third, *_ = said.err.splitlines()
        assert first == f"an earlier change has no known end: {intent.title} (receipt {intent.id})"
        assert second.startswith("  applied: the server says 'committed' of transaction")
        assert "fixit-tui recover" in third
    assert FileLedger(fixit.state).receipts() == (intent,)
    assert fixit("recover", given.dsn).out.split()[:2] == [intent.id, "applied"]
    assert "no known end" not in fixit("diagnose", given.dsn).err


def test_what_stays_in_doubt_is_checked_and_settled_by_hand(
    fixit: CommandLine, incident: Make
) -> None:
    given = incident("purchases")
    applied(fixit, given)
    intent = lose_the_end(fixit, xid="99999999", state=PlanState.IN_DOUBT)
    said = fixit("recover", given.dsn)
    assert said.code == 6
    assert said.out.startswith(f"{intent.id}  in doubt  ")
    assert "contradict each other" in said.err
    assert "Check by hand: SELECT" in said.err
    assert f"--receipt {intent.id} --as applied" in said.err
    assert fixit("recover", given.dsn, "--as", "applied").code == 2
    assert fixit("recover", given.dsn, "--receipt", "nobody", "--as", "applied").code == 2
    settled = fixit("recover", given.dsn, "--receipt", intent.id, "--as", "applied")
    assert (settled.code, settled.out.split()[:2]) == (0, [intent.id, "applied"])
    again = fixit("recover", given.dsn, "--receipt", intent.id, "--as", "rolled-back")
    assert again.code == 5
    assert "nothing is open there" in again.err


def test_it_is_found_by_another_address_and_named_from_other_targets(
    fixit: CommandLine, incident: Make, database: str
) -> None:
    given = incident("purchases")
    applied(fixit, given)
    intent = lose_the_end(fixit)
    other = fixit("recover", database)
    assert (other.code, other.out) == (0, "")
    assert "nothing is unsettled on this target" in other.err
    assert intent.id in other.err
    alias = make_conninfo(given.dsn, host="localhost", hostaddr="127.0.0.1")
    said = fixit("recover", alias)
    assert said.out.split()[:2] == [intent.id, "applied"], said.err


def test_a_damaged_ledger_is_not_taken_for_an_empty_one(fixit: CommandLine, database: str) -> None:
    path = FileLedger(fixit.state).path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b'{"v": 1, "receipt": {"id": "torn at the end')
    assert "cannot be read" not in fixit("recover", database).err
    path.write_bytes(b'{"v": 1, "receipt": {"id\n{"v": 99, "receipt": {}}\n')
    said = fixit("recover", database)
    assert (said.code, "2 lines of the ledger cannot be read" in said.err) == (0, True)


@pytest.mark.parametrize("words", [("recover", "--as", "applied"), ("recover", "--receipt", "x")])
def test_half_of_an_answer_by_hand_is_refused(fixit: CommandLine, words: tuple[str, ...]) -> None:
    said = fixit(*words)
    assert (said.code, "belong together" in said.err) == (2, True)
