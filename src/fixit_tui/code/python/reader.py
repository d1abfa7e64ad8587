"""All database calls of one Python file, with their surroundings."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from fixit_tui.code.facts import CodeCall, CodeUnknown
from fixit_tui.code.python import django, drivers, sqlalchemy, supabase
from fixit_tui.code.python.drafts import PyDraft
from fixit_tui.code.python.failures import caught_until, handled_states, handlers, in_catch
from fixit_tui.code.python.guards import connect_guards
from fixit_tui.code.python.project import Project
from fixit_tui.code.python.source import Source
from fixit_tui.code.python.transactions import number_transactions

_READERS = (supabase.read, drivers.read, sqlalchemy.read, django.read)
_LOOPS = (
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.ListComp,
    ast.GeneratorExp,
    ast.SetComp,
    ast.DictComp,
)


def drafts_of(project: Project, source: Source) -> list[PyDraft]:
    """Every call of a file, each once, in source order."""
    found: dict[tuple[int, int, str], PyDraft] = {}
    for read in _READERS:
        for draft in read(project, source):
            found.setdefault((draft.start, draft.end, draft.verb), draft)
    return sorted(found.values(), key=lambda d: (d.start, d.end))


def read_file(project: Project, source: Source) -> tuple[list[CodeCall], list[CodeUnknown], int]:
    """Calls numbered from 0 in source order, unknowns, and the number of transactions."""
    drafts = drafts_of(project, source)
    begins, transactions = number_transactions(project, source, drafts)
    ordered = sorted([*begins, *drafts], key=lambda d: (d.start, d.end))
    for draft in ordered:
        draft.fields |= _surroundings(source, draft)
    connect_guards(source, ordered)
    return (
        [_call(source, number, draft) for number, draft in enumerate(ordered)],
        list(_unknowns(source, ordered)),
        transactions,
    )


def _call(source: Source, number: int, draft: PyDraft) -> CodeCall:
    return CodeCall(
        id=number,
        path=source.path,
        line=source.line(draft.start),
        end_line=source.line(max(draft.start, draft.end - 1)),
        start_byte=draft.start,
        end_byte=draft.end,
        **draft.fields,
    )


def _unknowns(source: Source, drafts: Sequence[PyDraft]) -> Iterator[CodeUnknown]:
    if source.problem is not None:
        line, reason = source.problem
        yield CodeUnknown(source.path, line, "syntax", reason)
    for draft in drafts:
        line = source.line(draft.start)
        for what, reason in draft.unknowns:
            yield CodeUnknown(source.path, line, what, reason)


def _surroundings(source: Source, draft: PyDraft) -> dict[str, object]:
    node = draft.sent
    function = source.function(node)
    last = source.text.count("\n") + 1
    own = not draft.before and draft.fields.get("statement") != "BEGIN"
    return {
        "function": "" if function is None else function.name,
        "function_start": 1 if function is None else function.lineno,
        "function_end": last if function is None else function.end_lineno,
        "in_try": own and next(handlers(source, node), None) is not None,
        "in_catch": own and in_catch(source, node),
        "caught_until": caught_until(source, node) if own else None,
        "handles_sqlstate": _handled(source, draft),
        "in_loop": _in_loop(source, node),
        "awaited": True,
    }


def _handled(source: Source, draft: PyDraft) -> tuple[str, ...]:
    states = set(handled_states(source, draft.sent))
    if draft.refused is not None:
        states |= set(handled_states(source, draft.refused))
    return tuple(sorted(states))


def _in_loop(source: Source, node: ast.AST) -> bool:
    for parent in source.ancestors(node):
        if isinstance(parent, _LOOPS):
            return True
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return False
    return False
