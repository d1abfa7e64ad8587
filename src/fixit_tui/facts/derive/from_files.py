"""The statement of an SQL file that the pasted error tells of becomes a call like one in code."""

from __future__ import annotations

import re

from fixit_tui.facts.base import FactBase, Row, Value

LIBRARY = "sql-file"
_LEAD = re.compile(r"(?:\s+|--[^\n]*(?:\n|\Z)|/\*.*?\*/)*", re.DOTALL)
_BLANKS = re.compile(r"\s+")
_CUT = 200
_PLACES = "SELECT file, line FROM symptom_place"


def add_told_statement(facts: FactBase) -> None:
    """Insert the `code_call` of the one statement that failed, if a file of SQL holds it.

    It is told by its text, or by the place that psql prints: the file, and the line on which the
    statement ends. Of several places with the same text the last one counts, as the file that
    was run is not known.
    """
    found = _by_text(facts) or _by_place(facts)
    if found is None or _is_call(facts, found):
        return
    last = facts.query("SELECT coalesce(max(id), 0) AS id FROM code_call")[0]["id"]
    facts.insert("code_call", [_call(int(last or 0) + 1, found)])


def _is_call(facts: FactBase, found: Row) -> bool:
    """Whether it is one of the application's queries, which are calls already."""
    return bool(
        facts.query(
            "SELECT 1 FROM code_call WHERE path = ? AND start_byte = ?",
            (found["path"], found["start_byte"]),
        )
    )


def _plain(statement: Value) -> str:
    """One line, without the comments in front and the semicolon."""
    text = str(statement or "")
    lead = _LEAD.match(text)
    return _BLANKS.sub(" ", text[lead.end() if lead else 0 :]).strip().rstrip("; ")


def _by_text(facts: FactBase) -> Row | None:
    told = [_plain(row["statement"]) for row in facts.query("SELECT statement FROM symptom")]
    if not told or not told[0]:
        return None
    found = None
    for row in facts.query("SELECT * FROM sql_statement ORDER BY path, start_byte"):
        text = _plain(row["statement"])
        # What prints an error may cut a long statement off.
        if text == told[0] or (len(told[0]) >= _CUT and text.startswith(told[0].rstrip(". …"))):
            found = row
    return found


def _by_place(facts: FactBase) -> Row | None:
    for place in facts.query(_PLACES):
        file = str(place["file"]).replace("\\", "/").removeprefix("./")
        for row in facts.query(
            "SELECT * FROM sql_statement WHERE ?1 BETWEEN line AND end_line + 1"
            " ORDER BY ?1 > end_line, path, start_byte",
            (place["line"],),
        ):
            path = str(row["path"])
            if path == file or path.endswith("/" + file) or file.endswith("/" + path):
                return row
    return None


def _call(number: int, row: Row) -> Row:
    return {
        "id": number,
        "path": row["path"],
        "line": row["line"],
        "end_line": row["end_line"],
        "start_byte": row["start_byte"],
        "end_byte": row["end_byte"],
        "library": LIBRARY,
        "client": "",
        "verb": "sql",
        "rows": "unknown",
        "options_known": 1,
        "cardinality": "many",
        "filters": "[]",
        "throws": 1,
        "awaited": 1,
        "handles_sqlstate": "[]",
        "statement": row["statement"],
        "statement_start_byte": row["start_byte"],
        "statement_verbatim": 1,
        "params": "[]",
        "prepared": 0,
        "function": "",
        "condition_columns": "[]",
        **dict.fromkeys(("in_try", "in_catch", "in_loop", "in_effect"), 0),
        **dict.fromkeys(("savepoint", "service_key"), 0),
    }
