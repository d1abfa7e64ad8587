"""What became of a concurrent index build, rebuild or drop, judged by the index itself.

No transaction id tells it: such a statement commits several times. The catalog does, once nobody
is at work any more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fixit_tui.engine.aftermath import Credit, credit, given_by
from fixit_tui.engine.drift import same_database_check
from fixit_tui.engine.ports import Database, IndexBuild, Ledger
from fixit_tui.engine.statements import statements_of
from fixit_tui.engine.states import COMMITTED, advance
from fixit_tui.errors import RefusedError
from fixit_tui.model.index_build import IndexState
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import ObjectState, PlanState, Step
from fixit_tui.sql.concurrent import ConcurrentIndex, concurrent_index, differs
from fixit_tui.sql.quote import literal


@dataclass(frozen=True, slots=True)
class IndexOutcome:
    """`state` is None while it cannot be told; `note` says why, or what was seen."""

    state: PlanState | None
    note: str
    after: tuple[ObjectState, ...] = ()


def operators_key(database: str, oid: int) -> int:
    """Signed 64-bit key of the advisory lock: one change at a time in one database."""
    text = f"fixit-tui/apply/{database}/{oid}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)


def index_of(step: Step) -> ConcurrentIndex:
    """The index that a step outside of a transaction builds, rebuilds or drops.

    Raises RefusedError for other statements that refuse a transaction, which `make_plan` refuses.
    """
    statements = statements_of(step.up)
    index = concurrent_index(statements[0]) if len(statements) == 1 else None
    if index is None:
        raise RefusedError(
            f"'{step.title}' cannot run inside a transaction, so it cannot be rolled back",
            hint="export the plan and run that file with psql",
        )
    return index


def standing(index: ConcurrentIndex, build: IndexBuild) -> IndexState:
    """What became of it: ABSENT is 'nothing', for a rebuild that the index is as it was."""
    found = build.state(index.name)
    if not index.rebuilds or found is IndexState.VALID:
        return found
    left = [name for name in index.rests if build.state(name) is not IndexState.ABSENT]
    return IndexState.INVALID if left else IndexState.ABSENT


def verdict_of(index: ConcurrentIndex, found: IndexState) -> PlanState:
    """What an index that is there in this state says of its build, or of its drop."""
    if found is IndexState.INVALID:
        return PlanState.PARTIAL
    done = found is (IndexState.VALID if index.builds else IndexState.ABSENT)
    return PlanState.APPLIED if done else PlanState.ROLLED_BACK


def outcome_note(index: ConcurrentIndex, found: IndexState) -> str:
    """What was seen, and for an unfinished index the statement that cleans up."""
    if found is IndexState.INVALID:
        return f"{index.rests[0]} is unfinished (invalid); this cleans up: {index.clean_up}"
    if index.rebuilds and found is IndexState.ABSENT:
        return f"{index.name} is as it was, invalid"
    return f"{index.name} is {'valid' if found is IndexState.VALID else 'not there'}"


def look_afterwards(database: Database, receipt: Receipt) -> IndexOutcome:
    """Ask a new connection; a server process may go on although whoever started it is gone."""
    index = index_of(receipt.steps[0])
    build = database.index_build()
    try:
        stranger = _stranger(receipt, build)
        if stranger:
            return IndexOutcome(None, stranger)
        # A process that still works holds this lock until the end of its session.
        if not build.try_operators_lock(operators_key(receipt.database, receipt.database_oid)):
            return IndexOutcome(
                None,
                f"the server is still at work on this database, perhaps on {index.name}; ask"
                " again later",
            )
        found = standing(index, build)
        if index.builds and found is IndexState.VALID and _another(receipt, index, build):
            return IndexOutcome(
                None,
                f"an index called {index.name} is there, but not the one that was to be built;"
                " look at it by hand",
            )
        identities = [state.identity for state in receipt.before]
        after = build.fingerprint(identities) if identities else ()
    finally:
        build.close()
    state = verdict_of(index, found)
    kept = after if state is PlanState.APPLIED else ()
    return IndexOutcome(state, outcome_note(index, found), kept)


def _stranger(receipt: Receipt, build: IndexBuild) -> str:
    """Why the one that answers cannot know, or ""."""
    if credit(given_by(receipt), build.identity()) is Credit.OTHER_SERVER:
        return (
            "the server that answers is not the one on which the index was built; connect to that"
            " one"
        )
    if receipt.database_oid:
        same = build.checks(same_database_check(receipt.database_oid))
        if not all(check.holds for check in same):
            return "another database answers now than the one in which the index was built"
    return ""


def _another(receipt: Receipt, index: ConcurrentIndex, build: IndexBuild) -> bool:
    """Whether the index of that name is one that somebody else made."""
    definition = build.checks(
        "SELECT pg_catalog.pg_get_indexdef(i.indexrelid), true, '' FROM pg_catalog.pg_index AS i"
        f" WHERE i.indexrelid = pg_catalog.to_regclass({literal(index.name)})"
    )
    (statement,) = statements_of(receipt.steps[0].up)
    return any(differs(statement, found.label) for found in definition)


def note_partial_undo(ledger: Ledger, undo: Receipt, receipts: Sequence[Receipt]) -> None:
    """An unfinished drop leaves the change that it was to take back unfinished, too."""
    for original in receipts:
        if original.id == undo.undo_of and original.state in COMMITTED:
            state = advance(original.state, PlanState.PARTIAL)
            ledger.append(replace(original, state=state, after=(), note=undo.note))
