"""BEGIN … COMMIT runs: which statements share a transaction, and behind which savepoint."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fixit_tui.code.context import place_of
from fixit_tui.code.draft import Draft
from fixit_tui.code.module import (
    FUNCTIONS,
    Module,
    arguments,
    callee,
    contains,
    enclosing,
    method_name,
    span,
)
from fixit_tui.code.scopes import Scopes

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_BEGIN = re.compile(r"\s*(BEGIN|START\s+TRANSACTION)\b", re.IGNORECASE)
_COMMIT = re.compile(r"\s*(COMMIT|END)\b", re.IGNORECASE)
_ROLLBACK = re.compile(r"\s*(ROLLBACK|ABORT)\b(?!\s+(WORK\s+|TRANSACTION\s+)?TO\b)", re.IGNORECASE)
_SAVEPOINT = re.compile(r"\s*SAVEPOINT\b", re.IGNORECASE)
_RELEASED = re.compile(r"\s*(RELEASE|ROLLBACK\b.*\bTO)\b", re.IGNORECASE)
_CALLBACKS = frozenset({"begin", "transaction", "tx", "savepoint", "$transaction"})


_BATCHES = frozenset({"$transaction", "batch"})


@dataclass(slots=True)
class _Run:
    """One transaction: where it begins and ends (characters) in its function."""

    number: int
    client: str
    function: Node
    begin: int
    end: int = -1
    savepoints: int = 0
    attempts: list[Node] = field(default_factory=list)  # try statements that hold a part of it


def number_transactions(module: Module, scopes: Scopes, drafts: Sequence[Draft]) -> int:
    """Set `tx` and `savepoint`; gives back how many transactions there are."""
    runs: list[_Run] = []
    by_function: dict[int, list[_Run]] = {}
    for draft in drafts:
        if not _on_connection(draft):
            continue
        statement = draft.fields.get("statement") or ""
        function = place_of(draft.site.node).node or module.root
        mine = by_function.setdefault(span(function)[0], [])
        if _BEGIN.match(statement):
            run = _Run(len(runs) + 1, draft.fields["client"], function, draft.start)
            runs.append(run)
            mine.append(run)
        current = _open_run(mine, draft)
        if current is not None:
            _join(current, draft, statement)
    _inside_callbacks(module, drafts, runs)
    _called_within(module, scopes, drafts, runs)
    return len(runs)


def _open_run(runs: list[_Run], draft: Draft) -> _Run | None:
    client = draft.fields["client"]
    for run in reversed(runs):
        if run.client != client or run.begin > draft.start:
            continue
        if run.end < 0 or _in_catch_of(run, draft.site.node):
            return run
        return None
    return None


def _in_catch_of(run: _Run, node: Node) -> bool:
    """Whether the node stands in the catch or finally of a try that holds a part of the run."""
    return any(
        span(part)[1] <= span(node)[0] and contains(attempt, node)
        for attempt in run.attempts
        if (part := attempt.field("body")) is not None
    )


def _join(run: _Run, draft: Draft, statement: str) -> None:
    draft.fields["tx"] = run.number
    draft.fields["savepoint"] = run.savepoints > 0 and not _SAVEPOINT.match(statement)
    for parent in draft.site.node.ancestors():
        if parent.kind() == "try_statement" and parent not in run.attempts:
            body = parent.field("body")
            if body is not None and contains(body, draft.site.node):
                run.attempts.append(parent)
        if parent == run.function:
            break
    if _COMMIT.match(statement):
        run.end = draft.end
    elif _ROLLBACK.match(statement) and not _conditional(run, draft.site.node):
        run.end = draft.end
        run.attempts.clear()
    elif _SAVEPOINT.match(statement):
        run.savepoints += 1
    elif _RELEASED.match(statement) and not _in_catch_of(run, draft.site.node):
        run.savepoints = max(0, run.savepoints - 1)


def _conditional(run: _Run, node: Node) -> bool:
    """A ROLLBACK in front of an early return does not end what comes after that branch."""
    branch = enclosing(node, frozenset({"if_statement", "switch_case", *FUNCTIONS}))
    return branch is not None and branch.kind() not in FUNCTIONS and contains(run.function, branch)


def _inside_callbacks(module: Module, drafts: Sequence[Draft], runs: list[_Run]) -> None:
    """`sql.begin(async tx => …)`: what the callback sends with its own client is one run.

    A transaction that is opened on the client of another one is a savepoint of that one.
    """
    numbers: dict[int, int] = {}
    for draft in drafts:
        if not _on_connection(draft) or draft.fields.get("tx") is not None:
            continue
        batch = _batch(draft.site.node)
        if batch is not None:
            start = span(batch)[0]
            if start not in numbers:
                numbers[start] = len(runs) + 1
                client = draft.fields["client"]
                runs.append(_Run(numbers[start], client, batch, start, span(batch)[1]))
            draft.fields["tx"] = numbers[start]
            continue
        client, opened = draft.fields["client"], []
        for parent in draft.site.node.ancestors():
            callback = _callback(parent)
            if callback is None or _root(client) not in _parameter_names(callback):
                continue
            opened.append((parent, callback, client))
            client = _opener(parent)
        if not opened:
            continue
        outer, callback, client = opened[-1]
        draft.fields["savepoint"] = len(opened) > 1 or method_name(outer) == "savepoint"
        if method_name(outer) == "savepoint":
            continue
        start = span(outer)[0]
        if start not in numbers:
            numbers[start] = len(runs) + 1
            runs.append(_Run(numbers[start], client, callback, start, span(outer)[1]))
        draft.fields["tx"] = numbers[start]


def _batch(node: Node) -> Node | None:
    """The call around that sends an array of statements as one transaction."""
    for parent in node.ancestors():
        if parent.kind() in FUNCTIONS:
            return None
        if parent.kind() == "call_expression" and method_name(parent) in _BATCHES:
            given = arguments(parent)
            return parent if given and given[0].kind() == "array" else None
    return None


def _on_connection(draft: Draft) -> bool:
    """Whether the call runs on a connection that can hold a transaction open."""
    return bool(draft.fields["library"] != "supabase-js")


def _callback(call: Node) -> Node | None:
    """The function that a call runs inside of a transaction."""
    if call.kind() != "call_expression":
        return None
    name = method_name(call)
    if name not in _CALLBACKS and not (name == "execute" and "transaction(" in _opener(call)):
        return None
    given = [a for a in arguments(call) if a.kind() in FUNCTIONS]
    return given[-1] if given else None


def _opener(call: Node) -> str:
    """What a transaction is opened on: `db` of `db.transaction(…)`."""
    function = callee(call)
    target = None if function is None else function.field("object")
    return "" if target is None else " ".join(target.text().split())


def _root(client: str) -> str:
    return client.partition(".")[0]


def _parameter_names(function: Node) -> set[str]:
    holder = function.field("parameters") or function.field("parameter")
    if holder is None:
        return set()
    found = {n.text() for n in holder.find_all(kind="identifier")}
    return found | ({holder.text()} if holder.kind() == "identifier" else set())


def _called_within(
    module: Module, scopes: Scopes, drafts: Sequence[Draft], runs: list[_Run]
) -> None:
    """Statements of a function that gets the client handed over inside a run belong to it."""
    by_function: dict[Node, list[Draft]] = {}
    for draft in drafts:
        function = place_of(draft.site.node).node
        alone = _on_connection(draft) and draft.fields.get("tx") is None
        if function is not None and alone:
            by_function.setdefault(function, []).append(draft)
    for _ in range(3):
        changed = False
        for run in list(runs):
            changed = _hand_over(module, scopes, run, by_function) or changed
        if not changed:
            return


def _hand_over(
    module: Module, scopes: Scopes, run: _Run, by_function: dict[Node, list[Draft]]
) -> bool:
    changed = False
    stop = run.end if run.end >= 0 else span(run.function)[1]
    for call in run.function.find_all(kind="call_expression"):
        function = callee(call)
        if not run.begin <= span(call)[0] < stop or function is None:
            continue
        given = [a.text() for a in arguments(call)]
        if run.client not in given or function.kind() != "identifier":
            continue
        target = scopes.lookup(function)
        if target is None:
            continue
        body = target.owner if target.kind == "function" else target.value
        for draft in by_function.get(body, []) if body is not None else []:
            names = scopes.declared(body) if body is not None else {}
            name = names.get(draft.fields["client"])
            if draft.fields.get("tx") is not None or name is None:
                continue
            if name.index == given.index(run.client):
                draft.fields["tx"] = run.number
                changed = True
    return changed
