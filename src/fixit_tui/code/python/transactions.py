"""Which calls share a transaction: context managers, decorators, and connections' own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fixit_tui.code.python.chains import method
from fixit_tui.code.python.drafts import PyDraft
from fixit_tui.code.python.drivers import connection_of, is_made_here
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.source import Positioned, Source

_WITH = (ast.With, ast.AsyncWith)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_OPENS = frozenset({"transaction", "begin", "begin_nested", "atomic"})
_IMPLICIT = frozenset({"psycopg", "psycopg2", "aiopg", "sqlalchemy"})
_AUTOCOMMIT = re.compile(r"autocommit\W{0,3}(?:=|,)\s*\W?True|AUTOCOMMIT|set_autocommit\(\s*True")
_AUTOCOMMIT_ENGINE = re.compile(rb"isolation_level\W{0,3}[=:]\s*\W?AUTOCOMMIT")
_ENDS = ("COMMIT", "ROLLBACK")


@dataclass(frozen=True, slots=True)
class _Opening:
    """Where a transaction is opened; `alone` is False for what can only be a savepoint."""

    node: Positioned
    shown: Positioned
    alone: bool = True


def number_transactions(
    project: Project, source: Source, drafts: Sequence[PyDraft]
) -> tuple[list[PyDraft], int]:
    """Set `tx` and `savepoint`; gives back the unwritten BEGINs and the number of transactions."""
    begins: list[PyDraft] = []
    numbers: dict[tuple[ast.AST, str], int] = {}
    loose: dict[tuple[ast.AST | None, str], list[PyDraft]] = {}
    for draft in drafts:
        if not draft.connection:
            continue
        opened = list(_openings(project, source, draft))
        if not opened:
            if draft.fields["library"] in _IMPLICIT:
                key = (source.function(draft.sent), draft.connection)
                loose.setdefault(key, []).append(draft)
            continue
        outer = opened[-1]
        draft.fields["savepoint"] = len(opened) > 1
        known = numbers.setdefault((outer.node, draft.connection), len(numbers) + 1)
        draft.fields["tx"] = known
        if known > len(begins):
            begins.append(_begin(source, outer.shown, draft, known, False))
    count = len(numbers)
    if _AUTOCOMMIT.search(source.text):
        return begins, count
    for (function, _), group in loose.items():
        if _is_own(project, source, function, group):
            count = _implicit(source, group, begins, count)
    return begins, count


def _begin(source: Source, site: Positioned, first: PyDraft, number: int, before: bool) -> PyDraft:
    fields = {
        "library": first.fields["library"],
        "client": first.fields["client"],
        "verb": "sql",
        "statement": "BEGIN",
        "tx": number,
    }
    return PyDraft(source, site, first.sent, fields, connection=first.connection, before=before)


def _openings(project: Project, source: Source, draft: PyDraft) -> Iterator[_Opening]:
    """What opens a transaction for the call's connection around it, the nearest first."""
    django = draft.fields["library"] == "django"
    for parent in source.ancestors(draft.sent):
        if isinstance(parent, _WITH):
            for item in reversed(parent.items):
                if _opens(project, source, item, draft.connection, django):
                    yield _Opening(parent, item.context_expr)
        if isinstance(parent, _FUNCTIONS):
            for mark in parent.decorator_list:
                if django and ast.unparse(mark).partition("(")[0].endswith("atomic"):
                    yield _Opening(parent, mark)
            return


def _opens(
    project: Project, source: Source, item: ast.withitem, connection: str, django: bool
) -> bool:
    made = item.context_expr
    if django:
        return ast.unparse(made).partition("(")[0].rpartition(".")[2] == "atomic"
    named = "" if item.optional_vars is None else ast.unparse(item.optional_vars)
    if isinstance(made, ast.Name):  # with conn: of psycopg2 and psycopg 3
        return made.id == connection and is_made_here(project, source, made)
    if not isinstance(made, ast.Call):
        return False
    if method(made) in _OPENS and isinstance(made.func, ast.Attribute):
        return connection in (connection_of(project, Ref(source, made.func.value)), named)
    return method(made) == "connect" and named == connection and "psycopg" in ast.unparse(made)


def _is_own(
    project: Project, source: Source, function: ast.AST | None, group: Sequence[PyDraft]
) -> bool:
    """Whether the connection surely opens transactions by itself, as drivers do by default."""
    if any(d.fields.get("statement") in _ENDS for d in group):
        return True
    library = group[0].fields["library"]
    for node in ast.walk(function or source.tree):
        if isinstance(node, ast.Name) and node.id == group[0].connection:
            if not is_made_here(project, source, node):
                return False
            return library != "sqlalchemy" or not _may_autocommit(project, source)
    return False


def _may_autocommit(project: Project, source: Source) -> bool:
    """Whether an engine that is made elsewhere may send every statement on its own.

    A connection without a COMMIT of its own is then most likely one of that engine's.
    """
    if "create_engine(" in source.text:
        return False
    return project.remember("autocommit", lambda: bool(project.holding(_AUTOCOMMIT_ENGINE)))


def _implicit(source: Source, group: Sequence[PyDraft], begins: list[PyDraft], count: int) -> int:
    """Runs of statements up to a COMMIT or ROLLBACK that always comes."""
    open_run = False
    for draft in sorted(group, key=lambda d: d.start):
        ends = draft.fields.get("statement") in _ENDS
        if not open_run and ends:
            continue
        if not open_run:
            count += 1
            open_run = True
            begins.append(_begin(source, draft.site, draft, count, True))
        draft.fields["tx"] = count
        if ends and not _in_branch(source, draft):
            open_run = False
    return count


def _in_branch(source: Source, draft: PyDraft) -> bool:
    for parent in source.ancestors(draft.sent):
        if isinstance(parent, (ast.If, ast.ExceptHandler, ast.For, ast.While)):
            return True
        if isinstance(parent, _FUNCTIONS):
            return False
    return False
