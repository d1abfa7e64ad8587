"""Edits of whole statements: dropped, wrapped into a savepoint, behind a rollback."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from fixit_tui.code.edits.python.site import Change, PySite
from fixit_tui.code.edits.result import Params
from fixit_tui.code.python.source import Source

_CURSOR = re.compile(r"(?:^|[._])cur(?:sor)?\d*$")
_CONNECTION = re.compile(r"(?:conn|connection|session|sess|db|cnx)\d*$", re.IGNORECASE)
_WITHS = (ast.With, ast.AsyncWith)
_OPENS = re.compile(r"\.(?:transaction|begin|begin_nested|atomic)\(|\batomic\(")


def drop(site: PySite, params: Params) -> list[Change] | None:
    """Remove a statement that is nothing but the call."""
    source = site.source
    statement = source.statement(site.outer)
    holder = None if statement is None else source.parents.get(statement)
    if not isinstance(statement, ast.Expr) or holder is None or not _alone(site, statement):
        return None
    start, end = source.start(statement), source.end(statement)
    blocks = [getattr(holder, name, None) for name in ("body", "orelse", "finalbody")]
    if any(block == [statement] for block in blocks):
        return [Change(start, end, "pass")]
    first = source.raw.rfind(b"\n", 0, start) + 1
    last = source.raw.find(b"\n", end)
    return [Change(first, len(source.raw) if last < 0 else last + 1, "")]


def savepoint(site: PySite, params: Params) -> list[Change] | None:
    """Wrap the statement in a block of its own, which is a savepoint within a transaction.

    What follows it in the same try goes into the block: its errors come to the same handler.
    """
    source = site.source
    opener = _opener(site)
    statement = source.statement(site.outer)
    if opener is None or statement is None or not _alone(site, statement, b"#"):
        return None
    if not isinstance(statement, (ast.Expr, ast.Assign)):
        return None
    around = source.parents.get(statement)
    if _is_savepoint(source, around, opener):
        return []
    block: list[ast.stmt] = [statement]
    if isinstance(around, ast.Try) and statement in around.body:
        block = around.body[around.body.index(statement) :]
    start, end = source.start(statement), source.end(block[-1])
    text = source.raw[start:end].decode("utf-8", "surrogateescape")
    kept = _within_texts(block)
    white = source.raw[source.raw.rfind(b"\n", 0, start) + 1 : start].decode()
    eol = "\r\n" if "\r\n" in source.text else "\n"
    step = "\t" if white.startswith("\t") else "    "
    waits = isinstance(statement.value, ast.Await)
    is_async = waits and not opener.startswith("transaction")
    first, *rest = text.split(eol)
    lines = enumerate(rest, statement.lineno + 1)
    moved = (line if at in kept or not line.strip() else step + line for at, line in lines)
    body = eol.join([white + step + first, *moved])
    return [Change(start, end, f"{'async ' if is_async else ''}with {opener}:{eol}{body}")]


def rollback(site: PySite, params: Params) -> list[Change] | None:
    """Roll back before anything else in the except block."""
    source = site.source
    if site.scanned.library not in ("psycopg", "psycopg2", "sqlalchemy"):
        return None
    handler = _handler(source, site.outer)
    connection = _connection(site.scanned.client)
    if handler is None or handler.body[0].lineno == handler.lineno or not connection:
        return None
    start = source.start(handler.body[0])
    white = source.raw[source.raw.rfind(b"\n", 0, start) + 1 : start].decode()
    waits = "await " if isinstance(source.parents.get(site.outer), ast.Await) else ""
    eol = "\r\n" if "\r\n" in source.text else "\n"
    line = f"{waits}{connection}.rollback()"
    if source.source(handler.body[0]) == line:
        return []
    return [Change(start, start, f"{line}{eol}{white}")]


def _connection(client: str) -> str:
    """What can roll back: a connection or a session; a cursor leads to its own. "" if unclear."""
    if _CURSOR.search(client):
        return f"{client}.connection"
    return client if _CONNECTION.search(client) else ""


def _handler(source: Source, call: ast.Call) -> ast.ExceptHandler | None:
    """The one handler of the try around a call, or the handler that the call stands in.

    None in a block that ends its transaction itself, where a rollback is forbidden.
    """
    inner: ast.AST = call
    for parent in source.ancestors(call):
        if isinstance(parent, ast.ExceptHandler):
            return parent
        if isinstance(parent, ast.Try) and inner in parent.body:
            only = parent.handlers[0] if len(parent.handlers) == 1 else None
            within = (
                p for p in source.ancestors(parent) if isinstance(p, (ast.With, ast.AsyncWith))
            )
            opened = " ".join(source.source(i.context_expr) for p in within for i in p.items)
            return None if _OPENS.search(opened) else only
        inner = parent
    return None


def _is_savepoint(source: Source, around: ast.AST | None, opener: str) -> bool:
    """Whether a block in a try is that of the savepoint already."""
    items = around.items if isinstance(around, _WITHS) else []
    made = any(source.source(item.context_expr) == opener for item in items)
    return made and around is not None and isinstance(source.parents.get(around), ast.Try)


def _within_texts(block: Sequence[ast.stmt]) -> set[int]:
    """Lines that begin inside of a string: white space there would be a part of it."""
    nodes = (node for part in block for node in ast.walk(part))
    texts = [node for node in nodes if isinstance(node, (ast.Constant, ast.JoinedStr))]
    return {line for n in texts for line in range(n.lineno + 1, (n.end_lineno or n.lineno) + 1)}


def _opener(site: PySite) -> str | None:
    call, packages = site.scanned, site.source.packages
    if call.library == "django":
        known = site.source.imports.get("transaction") == "django.db.transaction"
        return "transaction.atomic()" if known else None
    if call.library == "asyncpg" or (call.library == "psycopg" and "psycopg" in packages):
        return f"{call.client}.transaction()" if call.client.isidentifier() else None
    if call.library == "sqlalchemy" and call.verb == "sql":
        return f"{call.client}.begin_nested()" if call.client.isidentifier() else None
    return None


def _alone(site: PySite, statement: ast.stmt, but: bytes = b"\n") -> bool:
    """Whether the statement has its lines for itself, and for what begins with `but`."""
    raw = site.source.raw
    start, end = site.source.start(statement), site.source.end(statement)
    before = raw[raw.rfind(b"\n", 0, start) + 1 : start]
    last = raw.find(b"\n", end)
    after = raw[end : len(raw) if last < 0 else last].strip()
    return not before.strip() and (not after or after.startswith(but))
