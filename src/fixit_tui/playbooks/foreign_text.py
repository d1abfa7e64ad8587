"""Text that comes from code and functions: let into SQL only as what it claims to be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fixit_tui.errors import UsageError
from fixit_tui.sql.lexer import tokens

_NOT_PLAIN = re.compile(r"(?m)^\s*(sub_link|param_ref) {")
_END = "fixit_end"


class UnfitError(UsageError):
    """A text that the facts hold cannot become SQL. It costs one fix, never the finding."""


def expression(text: str) -> str:
    """The text, if the server's grammar reads it as one expression, or several between commas.

    Raises UnfitError for anything that could change the statement around it or run on its own:
    subqueries, placeholders, comments, an order, a further clause.
    """
    refused = UnfitError(f"not a plain SQL expression: {text[:80]!r}")
    # An expression in a list can neither close a bracket of its surroundings nor hide the next.
    tree = _parsed(f"SELECT * FROM t ORDER BY {text} , {_END}", refused)
    if len(tree.stmts) != 1 or _NOT_PLAIN.search(str(tree)) or _commented(text):
        raise refused
    items = [entry.sort_by for entry in tree.stmts[0].stmt.select_stmt.sort_clause]
    if len(items) < 2 or _name(items[-1].node) != _END:
        raise refused
    if any(i.sortby_dir != 1 or i.sortby_nulls != 1 or i.use_op for i in items):
        raise refused
    return text


@dataclass(frozen=True, slots=True)
class Called:
    """Names in an expression: `functions` are called, `fields` may be (`row.name` calls, too)."""

    functions: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()


NO_CALLS = Called()


def called(text: str) -> Called:
    """What an expression that `expression` let pass may call, by names without their schema."""
    import postgast

    refused = UnfitError(f"not a plain SQL expression: {text[:80]!r}")
    functions, fields = set(), set()
    for _, message in postgast.walk(_parsed(f"SELECT {text}", refused)):
        kind = message.DESCRIPTOR.name
        if kind == "FuncCall":
            name = message.funcname[-1].string.sval
            if name == "extract":
                # The server's EXTRACT (…) is called so from version 14 on.
                fields.add(name)
                name = "date_part"
            functions.add(name)
        elif kind == "ColumnRef" and len(message.fields) > 1:
            fields.add(message.fields[-1].string.sval)
        elif kind == "A_Indirection":
            fields.update(part.string.sval for part in message.indirection)
    return Called(frozenset(functions), frozenset(fields - {""}))


def statement(text: str) -> str:
    """The text, if the server's grammar reads it as exactly one statement. Raises UnfitError."""
    refused = UnfitError(f"not a single SQL statement: {text[:80]!r}")
    # A comment at its end would hide what follows.
    if len(_parsed(text, refused).stmts) != 1:
        raise refused
    if len(_parsed(f"{text} ; SELECT 1", refused).stmts) != 2:
        raise refused
    return text


def _parsed(text: str, refused: UnfitError) -> Any:
    import postgast

    # The grammar would end at a NUL, and the rest would go unseen.
    if "\0" in text:
        raise refused
    try:
        return postgast.parse(text)
    except Exception as error:  # a refusal, a text too deep for the tree, a lone surrogate
        raise refused from error


def _name(node: Any) -> str:
    fields = node.column_ref.fields
    return str(fields[0].string.sval) if len(fields) == 1 else ""


def _commented(text: str) -> bool:
    """Is there anything but blanks between the tokens?"""
    end = 0
    for token in tokens(text):
        if text[end : token.start].strip():
            return True
        end = token.end
    return bool(text[end:].strip())
