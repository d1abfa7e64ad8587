"""Changes of one clause by splicing text: what is not that clause stays byte for byte."""

from __future__ import annotations

from fixit_tui.sql.clauses import InsertClauses, insert_clauses
from fixit_tui.sql.lexer import tokens


def _clauses(statement: str) -> InsertClauses:
    items = tokens(statement)
    for index, token in enumerate(items[:-1]):
        if token.word == "into" and index and items[index - 1].word == "insert":
            return insert_clauses(statement, items[index + 1].start)
    raise ValueError("this statement is no INSERT")


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
    at = statement.index(")", found.target.end) + 1
    return f"{statement[:at]} WHERE {predicate}{statement[at:]}"


def set_conflict_target(statement: str, target: str) -> str:
    """The INSERT with other text between the parentheses of its conflict target."""
    found = _clauses(statement)
    if found.target is None:
        raise ValueError("ON CONFLICT names no columns")
    return statement[: found.target.start] + target + statement[found.target.end :]


def _line_start(text: str, line: int) -> int:
    at = 0
    for _ in range(line - 1):
        following = text.find("\n", at)
        if following < 0:
            raise ValueError(f"there is no line {line}")
        at = following + 1
    return at


def replace_in_routine(
    definition: str, old_statement: str, new_statement: str, *, body: str, line: int
) -> str:
    """A pg_get_functiondef text with the statement at that body line replaced.

    Raises ValueError unless the body stands in the definition exactly once and the statement
    begins on that line.
    """
    if definition.count(body) != 1 or not body:
        raise ValueError("the body is not found exactly once in the definition")
    start = _line_start(body, line)
    at = body.find(old_statement, start)
    end_of_line = body.find("\n", start)
    if at < 0 or (end_of_line >= 0 and at > end_of_line):
        raise ValueError(f"the statement does not begin on line {line}")
    changed = body[:at] + new_statement + body[at + len(old_statement) :]
    head = definition.index(body)
    return definition[:head] + changed + definition[head + len(body) :]
