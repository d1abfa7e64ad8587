"""Which earlier read decides whether a write runs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from fixit_tui.code.python.drafts import PyDraft
from fixit_tui.code.python.source import Source, own_nodes

_SELECTS = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO)\b", re.IGNORECASE)
_REFUSES = re.compile(
    r"\braise\b|\b4\d\d\b|error|conflict|taken|already|\bexists\b|duplicate|invalid|\babort\("
    r"|HTTP_4\d\d|bad_?request|unavailable|not[ _]available|\bin use\b|\bfail(?:ed|ure)?\b"
    r"|\bflash\(",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"DoesNotExist|NoResultFound|NotFound")
_EXITS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_FETCHES = frozenset(
    {"fetchone", "fetchall", "fetchmany", "rowcount", "first", "scalar", "scalar_one_or_none"}
)


def connect_guards(source: Source, drafts: Sequence[PyDraft]) -> None:
    """Set `condition_on` (a position in `drafts`) and `refuses_found` of guarded writes."""
    for number, draft in enumerate(drafts):
        if not _is_write(draft):
            continue
        function = source.function(draft.sent)
        reads = [
            (at, other)
            for at, other in enumerate(drafts[:number])
            if _is_read(other) and source.function(other.sent) is function
        ]
        found = _guard(source, draft, reads) if reads else None
        if found is not None:
            draft.fields["condition_on"], draft.fields["refuses_found"] = found


def _is_read(draft: PyDraft) -> bool:
    if draft.verb == "sql":
        statement = draft.fields.get("statement") or ""
        return bool(_SELECTS.match(statement)) and not _WRITES.search(statement)
    return draft.verb in ("select", "rpc")


def _is_write(draft: PyDraft) -> bool:
    if draft.verb == "sql":
        return bool(_WRITES.search(draft.fields.get("statement") or ""))
    return draft.verb in ("insert", "upsert", "update", "delete")


def _guard(
    source: Source, draft: PyDraft, reads: Sequence[tuple[int, PyDraft]]
) -> tuple[int, bool] | None:
    for condition, other in _conditions(source, draft.sent):
        inside = set(ast.walk(condition))
        names = _names(condition)
        for at, read in reversed(reads):
            if read.sent in inside or names & _results(source, read, draft.start):
                text = " ".join(source.source(s) for s in other)
                return at, bool(other) and bool(_REFUSES.search(text))
    return None


def _conditions(source: Source, node: ast.AST) -> Iterator[tuple[ast.AST, Sequence[ast.stmt]]]:
    """What decides whether the node runs, and what runs instead of it."""
    child: ast.AST = node
    for parent in source.ancestors(node):
        if isinstance(parent, ast.If) and child is not parent.test:
            yield parent.test, parent.orelse if child in parent.body else parent.body
        elif isinstance(parent, ast.Try) and _finds_nothing(child):
            yield ast.Module(parent.body, []), parent.orelse
        for block in (getattr(parent, name, None) for name in ("body", "orelse", "finalbody")):
            if isinstance(block, list) and child in block:
                for earlier in reversed(block[: block.index(child)]):
                    if isinstance(earlier, ast.If) and isinstance(earlier.body[-1], _EXITS):
                        yield earlier.test, earlier.body
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return
        child = parent


def _finds_nothing(handler: ast.AST) -> bool:
    """`try: get() except DoesNotExist: create()`."""
    kind = handler.type if isinstance(handler, ast.ExceptHandler) else None
    return kind is not None and bool(_NOTHING.search(ast.unparse(kind)))


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _results(source: Source, read: PyDraft, before: int) -> set[str]:
    """Names that hold what a read found, those computed from them, and its open cursor."""
    found: set[str] = set()
    statement = source.statement(read.sent)
    cursor = ""
    if isinstance(statement, ast.Expr) and isinstance(read.sent, ast.Call):
        function = read.sent.func
        if isinstance(function, ast.Attribute):
            cursor = ast.unparse(function.value)
    for node in own_nodes(source.function(read.sent) or source.tree):
        if not isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Expr)):
            continue
        value = node.value
        if value is None or not read.start - 1 <= source.end(value) <= before:
            continue
        targets = _targets(node)
        if not targets:
            continue
        if any(n is read.sent for n in ast.walk(value)) or (
            source.start(value) > read.start
            and (found & _names(value) or (cursor and _fetches(value, cursor)))
        ):
            found |= targets
    return found


def _targets(node: ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.Expr) -> set[str]:
    if isinstance(node, ast.Assign):
        return {name for target in node.targets for name in _names(target)}
    return set() if isinstance(node, ast.Expr) else _names(node.target)


def _fetches(value: ast.expr, cursor: str) -> bool:
    return any(
        isinstance(n, ast.Attribute) and n.attr in _FETCHES and ast.unparse(n.value) == cursor
        for n in ast.walk(value)
    )
