"""Which function raised an error by hand, found by the words and the code of its RAISE."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fixit_tui.facts.base import FactBase, Row

_RAISE = re.compile(r"(?is)\braise\b(?P<text>(?:[^;']|'(?:[^']|'')*')*);")
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_ROUTINES = """
SELECT q.oid, q.qualified, q.body,
       (SELECT group_concat(t.name || ' on ' || r.qualified, ', ')
        FROM rel_trigger t JOIN relation r ON r.oid = t.relation
        WHERE t.routine = q.oid AND t.enabled <> 'disabled') AS triggers,
       EXISTS (SELECT 1 FROM symptom_frame f WHERE f.routine = q.oid) AS framed,
       EXISTS (SELECT 1 FROM symptom s WHERE s.url_path LIKE '%/rpc/' || q.name) AS called,
       EXISTS (SELECT 1 FROM symptom s JOIN rel_trigger t ON t.relation = s.relation_oid
               WHERE t.routine = q.oid AND t.enabled <> 'disabled') AS hangs_on_it
FROM routine q WHERE q.managed = 0 AND q.body LIKE '%raise%' ORDER BY q.qualified, q.oid
"""
_CONDITIONS = {
    "23505": "unique_violation",
    "23503": "foreign_key_violation",
    "23514": "check_violation",
    "23P01": "exclusion_violation",
    "42501": "insufficient_privilege",
    "40001": "serialization_failure",
}


@dataclass(frozen=True, slots=True)
class Raise:
    """A RAISE at a line of a function's body; `triggers` names where the function hangs, or ''."""

    function: str
    line: int
    triggers: str
    words: bool

    @property
    def text(self) -> str:
        """One line for a person."""
        runs = f", run by the trigger {self.triggers}" if self.triggers else ""
        return f"{self.function}() line {self.line}{runs}"


def raises(facts: FactBase, state: str | None, message: str) -> tuple[Raise, ...]:
    """The RAISE statements that may have made the reported error, the likeliest ones only.

    Those that say the message go before those that only choose its code; among equals those in
    the error's CONTEXT, the called function, or a trigger of the reported table.
    """
    rated = [
        ((found.words, bool(row["framed"] or row["called"] or row["hangs_on_it"])), found)
        for row in facts.query(_ROUTINES)
        for found in _in_body(row, state, message)
    ]
    best = max((rate for rate, _ in rated), default=None)
    return tuple(found for rate, found in rated if rate == best)


def _in_body(row: Row, state: str | None, message: str) -> Iterator[Raise]:
    body = str(row["body"])
    for match in _RAISE.finditer(body):
        text = match["text"]
        literals = [literal.replace("''", "'") for literal in _LITERAL.findall(text)]
        words = bool(message) and any(_says(literal, message) for literal in literals)
        if not words and not _chooses(text, literals, state):
            continue
        line = body.count("\n", 0, match.start()) + 1
        yield Raise(str(row["qualified"]), line, str(row["triggers"] or ""), words)


def _says(literal: str, message: str) -> bool:
    """Can the format of a RAISE give this message? `%` is a value, `%%` a percent sign."""
    if len(literal.replace("%", "").strip()) < 4:
        return False
    parts = [
        "%" if part == "%%" else ".*" if part == "%" else re.escape(part)
        for part in re.split(r"(%%|%)", literal)
    ]
    return re.fullmatch("".join(parts), message.strip(), re.DOTALL) is not None


def _chooses(text: str, literals: list[str], state: str | None) -> bool:
    """Does the RAISE choose the reported code, or PostgREST's own way of answering?"""
    if state is None:
        return "PGRST" in literals
    if re.match(r"(?i)\s*(?:debug|log|info|notice|warning)\b", text):
        return False
    if state == "P0001":
        return False
    named = _CONDITIONS.get(state)
    return state in literals or (named is not None and named in text.lower())
