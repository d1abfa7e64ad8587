"""SQL text that is edited without its call: in an SQL file, or in another file's constant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from fixit_tui.code.edits.python.sql_text import literal_beginning
from fixit_tui.code.edits.result import EditResult, Params, Refused
from fixit_tui.code.edits.site import language_of
from fixit_tui.code.edits.sql_clause import (
    add_conflict_clause,
    add_conflict_predicate,
    quoted,
    replace_target,
    set_sql_conflict_target,
)
from fixit_tui.code.edits.sql_literal import TextSite, literal_at
from fixit_tui.code.edits.sql_scan import insert_shape
from fixit_tui.code.facts import CodeCall
from fixit_tui.code.module import Module, encode
from fixit_tui.code.python.source import Source
from fixit_tui.code.sql_statements import read_statements

_BY_HAND = "Make the change by hand."
_PERCENT_MARK = re.compile(r"%s|%\(\w+\)s")


def _upsert(site: TextSite, params: Params) -> EditResult:
    ignore = bool(params.flag("ignore_duplicates"))
    kept = params.columns("keep_columns", required=False)
    added = params.columns("add_columns", required=False)
    return add_conflict_clause(site, params.columns("conflict_columns"), ignore, kept, added)


def _target(site: TextSite, params: Params) -> EditResult:
    target = ", ".join(quoted(c) for c in params.columns("columns"))
    return replace_target(site, target, params.columns("drop_columns", required=False))


CLAUSE_EDITS: Mapping[str, Callable[[TextSite, Params], EditResult]] = {
    "insert-to-upsert": _upsert,
    "set-conflict-target": _target,
    "set-sql-conflict-target": set_sql_conflict_target,
    "add-conflict-predicate": add_conflict_predicate,
}
CLAUSES = frozenset(CLAUSE_EDITS)
"""Edits that change nothing but the text of a statement."""


def clause_edit(source: str, call: CodeCall, params: Params) -> EditResult:
    """The text of the file that holds a call's statement, with the statement's clause changed."""
    edit = CLAUSE_EDITS.get(params.edit)
    if edit is None:
        return Refused("the statement stands in an SQL file", _BY_HAND)
    result = edit(_site(source, call), params)
    if isinstance(result, Refused):
        return result
    path = call.statement_path or call.path
    if path.endswith(".py") and Source(path, result.text).problem is not None:
        return Refused("the edited text would not parse", _BY_HAND)
    if _PERCENT_MARK.search(call.statement or "") and result.text.count("%") > source.count("%"):
        return Refused("the edited text would need escapes", _BY_HAND)
    return result


def _site(source: str, call: CodeCall) -> TextSite:
    path = call.statement_path or call.path
    start = len(encode(source)[: call.statement_start_byte or 0].decode("utf-8", "surrogateescape"))
    if path.endswith(".sql"):
        found = [s for s in read_statements(path, source) if s.start_byte == call.start_byte]
        text = found[0].statement if found else ""
        literal = literal_at(text, start, "")
    elif path.endswith(".py"):
        literal = literal_beginning(Source(path, source), call.statement_start_byte or 0)
    else:
        text = _script_text(Module(path, language_of(path), source), start)
        literal = literal_at(text, start, source[start - 1 : start])
    if literal is not None and not _same(literal.text, call.statement or ""):
        literal = None
    return TextSite(source, call, literal)


def _script_text(module: Module, start: int) -> str:
    """The inside of the one literal that begins there; "" where there is none without holes."""
    for kind in ("string", "template_string"):
        for node in module.root.find_all(kind=kind):
            place = node.range()
            if place.start.index + 1 == start:
                parts = {child.kind() for child in node.named_children()}
                return node.text()[1:-1] if parts == {"string_fragment"} else ""
    return ""


def _same(one: str, other: str) -> bool:
    """Whether two statements are the same but for their conflict clause."""
    return _before_clause(one) == _before_clause(other) != ""


def _before_clause(text: str) -> str:
    shape = insert_shape(text)
    if shape is None:
        return ""
    end = shape.tail if shape.conflict is None else shape.conflict
    return " ".join(text[:end].split())
