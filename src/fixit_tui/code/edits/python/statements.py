"""Edits of whole statements: dropped, wrapped into a savepoint, behind a rollback."""

from __future__ import annotations

import ast

from fixit_tui.code.edits.python.site import Change, PySite
from fixit_tui.code.edits.result import Params


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
    if opener is None or statement is None or not _alone(site, statement):
        return None
    if not isinstance(statement, (ast.Expr, ast.Assign)):
        return None
    around = source.parents.get(statement)
    block: list[ast.stmt] = [statement]
    if isinstance(around, ast.Try) and statement in around.body:
        block = around.body[around.body.index(statement) :]
    start, end = source.start(statement), source.end(block[-1])
    text = source.raw[start:end].decode("utf-8", "surrogateescape")
    inner = (n for part in block for n in ast.walk(part))
    long = (n for n in inner if isinstance(n, (ast.Constant, ast.JoinedStr)))
    if any(n.end_lineno != n.lineno for n in long):
        return None  # its text would be indented, too
    white = source.raw[source.raw.rfind(b"\n", 0, start) + 1 : start].decode()
    eol = "\r\n" if "\r\n" in source.text else "\n"
    step = "\t" if white.startswith("\t") else "    "
    waits = isinstance(statement.value, ast.Await)
    is_async = waits and not opener.startswith("transaction")
    lines = text.split(eol)
    body = eol.join(
        [white + step + lines[0], *(step + li if li.strip() else li for li in lines[1:])]
    )
    return [Change(start, end, f"{'async ' if is_async else ''}with {opener}:{eol}{body}")]


def rollback(site: PySite, params: Params) -> list[Change] | None:
    """Roll back before anything else in the except block."""
    source = site.source
    if site.scanned.library not in ("psycopg", "psycopg2", "sqlalchemy"):
        return None
    handler = next(
        (p for p in source.ancestors(site.outer) if isinstance(p, ast.ExceptHandler)), None
    )
    if handler is None or handler.body[0].lineno == handler.lineno:
        return None
    start = source.start(handler.body[0])
    white = source.raw[source.raw.rfind(b"\n", 0, start) + 1 : start].decode()
    waits = "await " if isinstance(source.parents.get(site.outer), ast.Await) else ""
    eol = "\r\n" if "\r\n" in source.text else "\n"
    line = f"{waits}{site.scanned.client}.rollback()"
    if source.source(handler.body[0]) == line:
        return []
    return [Change(start, start, f"{line}{eol}{white}")]


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


def _alone(site: PySite, statement: ast.stmt) -> bool:
    """Whether the statement has its lines for itself."""
    raw = site.source.raw
    start, end = site.source.start(statement), site.source.end(statement)
    before = raw[raw.rfind(b"\n", 0, start) + 1 : start]
    last = raw.find(b"\n", end)
    after = raw[end : len(raw) if last < 0 else last].strip()
    return not before.strip() and not after
