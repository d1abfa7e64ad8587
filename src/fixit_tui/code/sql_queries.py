"""Queries that an application keeps in SQL files: each is a call, as if the code held its text.

A query has placeholders, or a name by which the code asks for it. Migrations, seeds, dumps and
tests are history or data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from fixit_tui.code.facts import CodeCall
from fixit_tui.code.module import words
from fixit_tui.code.sql_statements import SqlStatement

LIBRARY = "sql"
_ELSEWHERE = words(
    "migration migrations migrate versions alembic flyway liquibase sqitch changelog deploy revert "
    "verify seed seeds seeders fixture fixtures test tests __tests__ spec specs testdata dump "
    "dumps backup backups initdb docker-entrypoint-initdb.d"
)
_ELSEWHERE_NAMED = re.compile(
    r"^(?:V\d[\w.]*__|U\d[\w.]*__|R__|\d{3,})|\b(?:seed|fixture|dump|backup|structure|test)s?\b"
    r"|\.(?:up|down)\.sql$",
    re.IGNORECASE,
)
_NAME_MARK = re.compile(
    r"(?:--+|/\*)[ \t]*(?:[:@]?name[ \t]*:|:name|@name)[ \t]*([A-Za-z_][\w-]*)", re.IGNORECASE
)
_TEMPLATE = re.compile(r"\{\{|\{%|\$\{|<%")
_PLACEHOLDER = re.compile(
    r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/"
    r"|(?P<mark>%s|\$\d+|(?<=[(,=<>])\s*(?:\?|@\w)|%\((\w+)\)s|(?<![:\w\]]):([A-Za-z_]\w*))",
    re.DOTALL,
)


def query_calls(path: str, text: str, statements: Iterable[SqlStatement]) -> Iterator[CodeCall]:
    """The calls of a file, numbered from 0 in its order."""
    if is_history(path):
        return
    number, before = 0, 0
    raw = text.encode("utf-8", "surrogateescape")
    for one in statements:
        lead = raw[before : one.start_byte].decode("utf-8", "surrogateescape")
        before = one.end_byte
        marks = [m for m in _PLACEHOLDER.finditer(one.statement) if m["mark"]]
        names = _NAME_MARK.findall(lead)
        if _TEMPLATE.search(one.statement) or not (names or marks):
            continue
        # Names of named placeholders, each once, in the order of their first use.
        given = dict.fromkeys(m[2] or m[3] for m in marks if m[2] or m[3])
        yield _call(number, one, str(names[-1]) if names else "", tuple(given))
        number += 1


def is_history(path: str) -> bool:
    """Whether a path tells of migrations, seeds, dumps or tests."""
    *folders, name = path.lower().split("/")
    return bool(_ELSEWHERE & set(folders)) or _ELSEWHERE_NAMED.search(name) is not None


def _call(number: int, one: SqlStatement, name: str, params: tuple[str, ...]) -> CodeCall:
    return CodeCall(
        id=number,
        path=one.path,
        line=one.line,
        end_line=one.end_line,
        start_byte=one.start_byte,
        end_byte=one.end_byte,
        library=LIBRARY,
        client=one.path,
        verb="sql",
        throws=True,
        awaited=True,
        statement=one.statement,
        statement_start_byte=one.start_byte,
        statement_verbatim=True,
        params=params,
        prepared=False,
        function=name,
        function_start=one.line,
        function_end=one.end_line,
    )
