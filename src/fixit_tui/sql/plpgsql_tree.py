"""PL/pgSQL's own parser, made to read a body without the catalog that the body lives in.

A body alone does not tell whether it belongs to a trigger, returns rows, or has output columns, and
the parser knows no table. So several headers are tried, variables that it misses are declared, and
row types are read as records. Nothing moves: lines and statement texts stay those of the body.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from fixit_tui.sql.grammar import UnreadableSql, parse_function
from fixit_tui.sql.lexer import tokens
from fixit_tui.sql.quote import ident

# A trigger's own variables, declared as arguments so that a body that assigns them can be read.
_TRIGGER_VARIABLES = {
    "new": "record", "old": "record", "tg_name": "text", "tg_when": "text", "tg_level": "text",
    "tg_op": "text", "tg_relid": "oid", "tg_relname": "text", "tg_table_name": "text",
    "tg_table_schema": "text", "tg_nargs": "integer", "tg_argv": "text[]", "tg_event": "text",
    "tg_tag": "text",
}  # fmt: skip
# What a function returns decides which forms of RETURN the parser lets pass.
_RETURNS = ("record", "SETOF record", "void")
_OUTPUTS = ", OUT fixit_out integer, OUT fixit_other integer"
_MISSING = re.compile(r'"(.+)" is not a known variable')
_MOST_MISSING = 100


def _dollar_tag(body: str) -> str:
    number = 0
    while f"$fixit{number}$" in body:
        number += 1
    return f"$fixit{number}$"


def _without_row_types(body: str) -> str:
    """Each name%ROWTYPE as `record`, padded so that every offset stays."""
    items = tokens(body)
    result = body
    for index in range(2, len(items)):
        if items[index].word != "rowtype" or items[index - 1].text != "%":
            continue
        first = index - 2
        while first >= 2 and items[first - 1].text == ".":
            first -= 2
        start, end = items[first].start, items[index].end
        blanks = re.sub(r"[^\n]", " ", body[start:end])[len("record") :]
        result = result[:start] + "record" + blanks + result[end:]
    return result


def _declare(variables: dict[str, str], message: str) -> bool:
    """Note the variable that a message says is missing; False if it says nothing new."""
    found = _MISSING.search(message)
    if found is None or len(variables) > len(_TRIGGER_VARIABLES) + _MOST_MISSING:
        return False
    name, dot, _ = found.group(1).partition(".")
    wanted = "record" if dot else "text"
    if not name or variables.get(name) in (wanted, "record"):
        return False
    variables[name] = wanted
    return True


def _attempt(body: str, returns: str, variables: Mapping[str, str]) -> Mapping[str, Any]:
    tag = _dollar_tag(body)
    declared = ", ".join(f"{ident(name)} {kind}" for name, kind in variables.items())
    kind, _, outputs = returns.partition("|")
    found = parse_function(
        f"CREATE FUNCTION fixit_body({declared}{outputs}) RETURNS {kind}"
        f" LANGUAGE plpgsql AS {tag}{body}{tag}"
    )
    if not found:
        raise UnreadableSql("the body could not be read")
    function: Mapping[str, Any] = found[0]["PLpgSQL_function"]
    return function


def read_body(body: str, arguments: Sequence[str]) -> Mapping[str, Any]:
    """The parser's tree of a function body. Raises UnreadableSql with the first complaint."""
    text = _without_row_types(body)
    variables = {name: "text" for name in arguments if name and "\0" not in name}
    variables |= _TRIGGER_VARIABLES
    first: UnreadableSql | None = None
    for returns in (*_RETURNS, f"record|{_OUTPUTS}", f"SETOF record|{_OUTPUTS}"):
        while True:
            try:
                return _attempt(text, returns, variables)
            except UnreadableSql as error:
                if _declare(variables, str(error)):
                    continue
                first = first or error
                break
    assert first is not None
    raise first
