"""What becomes of a call's error: which handlers catch it, and whether the code goes on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from fixit_tui.code.python.source import Source

_DATABASE = re.compile(
    r"(?:^|\.)(?:Exception|BaseException|Error|\w*Violation(?:Error)?|IntegrityError|DatabaseError"
    r"|DBAPIError|OperationalError|InternalError|ProgrammingError|DataError|PostgresError"
    r"|SQLAlchemyError|APIError|PostgrestAPIError|NotNullViolation\w*|IntegrityConstraint\w*)$"
)
_CLASSES = (
    (re.compile(r"(?:^|\.)(?:UniqueViolation\w*|IntegrityError|IntegrityConstraint\w*)$"), "23505"),
    (re.compile(r"(?:^|\.)ForeignKeyViolation(?:Error)?$"), "23503"),
)  # fmt: skip
_CODE = re.compile(r"""["'](\d[0-9A-Z]{4})["']""")
_NAMED = re.compile(r"\bUniqueViolation\b|UNIQUE_VIOLATION")
_ROLLBACK = re.compile(r"\brollback\b", re.IGNORECASE)
_Try = ast.Try


def handlers(source: Source, node: ast.AST) -> Iterator[tuple[_Try, ast.ExceptHandler]]:
    """Handlers of the function that can catch an error of the database, the nearest first."""
    child: ast.AST = node
    for parent in source.ancestors(node):
        if isinstance(parent, ast.Try) and child in parent.body:
            for handler in parent.handlers:
                if catches(source, handler):
                    yield parent, handler
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return
        child = parent


def catches(source: Source, handler: ast.ExceptHandler) -> bool:
    """Whether an error of the database can be among what a handler catches."""
    return handler.type is None or any(_DATABASE.search(name) for name in _types(source, handler))


def _types(source: Source, handler: ast.ExceptHandler) -> list[str]:
    """The classes by the names that they have where they are imported from."""
    kind = handler.type
    if kind is None:
        return []
    items = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return [source.imports.get(name, name) for name in map(ast.unparse, items)]


def in_catch(source: Source, node: ast.AST) -> bool:
    """Whether the node stands in a handler of errors of the database."""
    for parent in source.ancestors(node):
        if isinstance(parent, ast.ExceptHandler):
            return catches(source, parent)
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            return False
    return False


def caught_until(source: Source, node: ast.AST) -> int | None:
    """The last line of the try, or of `with suppress(…)`, behind which the code goes on."""
    nearest: _Try | None = None
    for attempt, handler in handlers(source, node):
        if nearest is not None and attempt is not nearest:
            break
        nearest = attempt
        if _goes_on(source, attempt, handler):
            return attempt.end_lineno
    for parent in source.ancestors(node):
        if isinstance(parent, (ast.With, ast.AsyncWith)):
            for item in parent.items:
                if isinstance(item.context_expr, ast.Call) and ast.unparse(
                    item.context_expr.func
                ).endswith("suppress"):
                    names = [ast.unparse(a) for a in item.context_expr.args]
                    if any(_DATABASE.search(n) for n in names):
                        return parent.end_lineno
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            break
    return None


def _goes_on(source: Source, attempt: _Try, handler: ast.ExceptHandler) -> bool:
    if _ROLLBACK.search(source.source(handler)):
        return False
    if any(_ROLLBACK.search(source.source(s)) for s in attempt.finalbody):
        return False
    return not isinstance(handler.body[-1], (ast.Raise, ast.Return))


def handled_states(source: Source, node: ast.AST) -> tuple[str, ...]:
    """SQLSTATEs that the handlers around a call name, by class or by code."""
    found: set[str] = set()
    for _, handler in handlers(source, node):
        for name in _types(source, handler):
            found |= {state for pattern, state in _CLASSES if pattern.search(name)}
        text = source.source(handler)
        found |= set(_CODE.findall(text)) | ({"23505"} if _NAMED.search(text) else set())
    return tuple(sorted(found))
