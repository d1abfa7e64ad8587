"""The ledger keeps every receipt, whole, in order, for its owner alone."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.errors import FixitError
from fixit_tui.model.finding import Check, FileEdit, Lock
from fixit_tui.model.outcome import Receipt, ReplayResult, StatementResult
from fixit_tui.model.plan import ObjectState, PlanState, Step
from fixit_tui.store.codec import decode, encode
from fixit_tui.store.ledger import FileLedger

TEXT = st.text(max_size=20)


def receipt(**changes: object) -> Receipt:
    plain = Receipt(
        id="r1",
        plan_hash="abc",
        title="Create an index",
        target_name="app@db",
        database="app",
        host="db",
        port=5432,
        role="owner",
        actor="me",
        state=PlanState.APPLYING,
        started_at="2026-01-01T00:00:00.000Z",
        finished_at="",
        xid="726",
        statements=(),
        undo=(),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@st.composite
def receipts(draw: st.DrawFn) -> Receipt:
    lock = st.builds(Lock, TEXT, TEXT)
    result = st.builds(
        StatementResult,
        TEXT,
        TEXT,
        st.integers(0, 9),
        st.none() | st.integers(0, 9),
        st.lists(TEXT, max_size=2).map(tuple),
        st.lists(lock, max_size=2).map(tuple),
    )
    check = st.builds(Check, TEXT, st.none() | st.booleans(), TEXT)
    step = st.builds(
        Step, st.integers(1, 9), TEXT, TEXT, TEXT, TEXT, st.none() | TEXT, TEXT, TEXT, TEXT, TEXT,
        st.lists(lock, max_size=1).map(tuple),
    )  # fmt: skip
    many = lambda items: draw(st.lists(items, max_size=2).map(tuple))  # noqa: E731
    return receipt(
        id=draw(TEXT),
        title=draw(TEXT),
        state=draw(st.sampled_from(PlanState)),
        statements=many(result),
        checks=many(check),
        steps=many(step),
        before=many(st.builds(ObjectState, TEXT, TEXT)),
        edits=many(st.builds(FileEdit, TEXT, TEXT, TEXT, TEXT)),
        replay_after=draw(st.none() | st.builds(ReplayResult, TEXT, st.none() | TEXT)),
    )


@given(receipts())
def test_a_receipt_survives_its_json_form(value: Receipt) -> None:
    assert decode(Receipt, encode(value)) == value


def test_the_last_line_of_an_id_counts_and_order_is_kept(tmp_path: Path) -> None:
    ledger = FileLedger(tmp_path / "state")
    first, second = receipt(id="a"), receipt(id="b")
    for line in (first, second, replace(first, state=PlanState.APPLIED)):
        ledger.append(line)
    assert [(r.id, r.state) for r in ledger.receipts()] == [
        ("a", PlanState.APPLIED),
        ("b", PlanState.APPLYING),
    ]


def test_file_and_folder_are_private(tmp_path: Path) -> None:
    ledger = FileLedger(tmp_path / "state")
    ledger.append(receipt())
    assert stat.S_IMODE(ledger.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ledger.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("kept", [1, 10, 50])
def test_a_torn_last_line_loses_only_itself(tmp_path: Path, kept: int) -> None:
    ledger = FileLedger(tmp_path)
    ledger.append(receipt(id="a"))
    whole = ledger.path.read_bytes()
    ledger.path.write_bytes(whole + whole[:kept])
    assert [r.id for r in ledger.receipts()] == ["a"]
    ledger.append(receipt(id="b"))
    assert [r.id for r in ledger.receipts()] == ["a", "b"]


@given(st.binary(max_size=60))
def test_foreign_bytes_never_hide_a_receipt(
    tmp_path_factory: pytest.TempPathFactory, junk: bytes
) -> None:
    ledger = FileLedger(tmp_path_factory.mktemp("ledger"))
    ledger.path.write_bytes(junk)
    ledger.append(receipt(id="mine"))
    assert "mine" in [r.id for r in ledger.receipts()]


def test_unknown_keys_and_versions_are_passed_over(tmp_path: Path) -> None:
    ledger = FileLedger(tmp_path)
    ledger.append(receipt())
    text = ledger.path.read_text()
    ledger.path.write_text(
        text.replace('"receipt": {', '"receipt": {"later": 1, ')
        + text.replace('"v": 1', '"v": 99').replace("r1", "r2")
    )
    assert [r.id for r in ledger.receipts()] == ["r1"]


def test_a_ledger_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FixitError, match="cannot create the folder"):
        FileLedger(tmp_path / "file" / "state").append(receipt())
