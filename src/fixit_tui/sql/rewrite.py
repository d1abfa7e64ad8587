"""Changes of one clause by splicing text: what is not that clause stays byte for byte."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from fixit_tui.sql.clauses import InsertClauses, insert_clauses
from fixit_tui.sql.lexer import Token, tokens


def _clauses(statement: str) -> InsertClauses:
    """The clauses of the statement's only INSERT. Raises ValueError for none or several."""
    items = tokens(statement)
    inserts = [
        second.start for first, second in pairwise(items)
        if (first.word, second.word) == ("insert", "into")
    ]  # fmt: skip
    if not inserts:
        raise ValueError("this statement is no INSERT")
    if len(inserts) > 1:
        raise ValueError("this statement holds several INSERTs")
    relation = next((t.start for t in items if t.start > inserts[0]), None)
    if relation is None:
        raise ValueError("this INSERT names no table")
    return insert_clauses(statement, relation)


def set_conflict_clause(statement: str, clause: str) -> str:
    """The INSERT with its whole ON CONFLICT clause replaced, or added before RETURNING."""
    found = _clauses(statement)
    if found.conflict is not None:
        return statement[: found.conflict.start] + clause + statement[found.conflict.end :]
    at = found.insertion_point
    return f"{statement[:at]}{_separator(statement[:at])}{clause}{statement[at:]}"


def _separator(before: str) -> str:
    """A line of its own, indented like the one before, where the statement has several lines."""
    head, newline, last = before.rpartition("\n")
    if not newline or not head.strip():
        return " "
    return "\n" + last[: len(last) - len(last.lstrip())]


def set_conflict_predicate(statement: str, predicate: str) -> str:
    """The INSERT with WHERE predicate after its conflict target, replacing one that is there."""
    found = _clauses(statement)
    if found.predicate_span is not None:
        span = found.predicate_span
        return statement[: span.start] + predicate + statement[span.end :]
    if found.target is None:
        raise ValueError("ON CONFLICT names no columns that could have a predicate")
    at = next(t.end for t in tokens(statement) if t.start >= found.target.end and t.text == ")")
    return f"{statement[:at]} WHERE {predicate}{statement[at:]}"


def set_conflict_target(statement: str, target: str) -> str:
    """The INSERT with other text between the parentheses of its conflict target."""
    found = _clauses(statement)
    if found.target is None:
        raise ValueError("ON CONFLICT names no columns")
    return statement[: found.target.start] + target + statement[found.target.end :]


def set_conflict_arbiter(statement: str, arbiter: str) -> str:
    """The INSERT with other text in the place of what names its key, between CONFLICT and DO."""
    found = _clauses(statement)
    if found.conflict is None:
        raise ValueError("this INSERT has no ON CONFLICT")
    inside = [t for t in tokens(statement) if found.conflict.start <= t.start < found.conflict.end]
    places = [i for i, t in enumerate(inside) if t.word == "do"]
    if len(places) != 1 or places[0] < 3:
        raise ValueError("ON CONFLICT names no key")
    start, end = inside[2].start, inside[places[0] - 1].end
    return statement[:start] + arbiter + statement[end:]


def _line_range(text: str, line: int) -> tuple[int, int]:
    """Offsets of a 1-based line, without its line feed."""
    start = 0
    for _ in range(line - 1):
        following = text.find("\n", start)
        if following < 0:
            raise ValueError(f"there is no line {line}")
        start = following + 1
    end = text.find("\n", start)
    return start, len(text) if end < 0 else end


def _leads_in(items: Sequence[Token]) -> bool:
    """Whether tokens begin a PL/pgSQL statement that carries a query: RETURN QUERY, FOR x IN."""
    words = [item.word for item in items]
    if words[-2:] == ["return", "query"]:
        return not any(item.text == ";" for item in items)
    return words[-1:] == ["in"] and "for" in words and not any(i.text == ";" for i in items)


def _place(body: str, statement: str, line: int) -> int:
    """Where the statement of a line begins: on it, or behind the FOR or RETURN that does."""
    first, last = _line_range(body, line)
    items = tokens(body)
    places = [t.start for t in items if t.start >= first and body.startswith(statement, t.start)]
    on_line = [at for at in places if at <= last]
    if len(on_line) > 1:
        raise ValueError(f"the statement stands more than once on line {line}")
    if on_line:
        return on_line[0]
    if places and _leads_in([t for t in items if first <= t.start < places[0]]):
        return places[0]
    raise ValueError(f"the statement does not begin on line {line}")


def replace_in_routine(
    definition: str, old_statement: str, new_statement: str, *, body: str, line: int
) -> str:
    """A pg_get_functiondef text with the statement at that body line replaced.

    Raises ValueError unless the body stands in the definition exactly once and the statement
    begins on that line, or is the query of the FOR or RETURN QUERY that does, exactly once.
    """
    if not body or definition.count(body) != 1:
        raise ValueError("the body is not found exactly once in the definition")
    if not old_statement:
        raise ValueError("there is no statement to replace")
    at = definition.index(body) + _place(body, old_statement, line)
    return definition[:at] + new_statement + definition[at + len(old_statement) :]
