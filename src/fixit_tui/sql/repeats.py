"""Whether the rows that one INSERT brings can repeat a key, and the text that keeps them apart."""

from __future__ import annotations

import re
from typing import Any

from fixit_tui.sql.clauses import insert_clauses
from fixit_tui.sql.lexer import closing, depths, tokens

_LOCATION = re.compile(r"location: -?\d+")
_ANYWHERE = re.compile(r"\bdistinct\b|\bgroup\s+by\b|\bunion\b(?!\s+all)", re.IGNORECASE)
_CONSTANT = re.compile(r"\s*(?:-?\d+(?:\.\d+)?|'(?:[^']|'')*')\s*(?:::[\w .]+)?\s*")
# What stands in the way of DISTINCT ON, as a word at the SELECT's own depth.
_IN_THE_WAY = frozenset(
    {"distinct", "limit", "offset", "fetch", "union", "intersect", "except", "for", "window"}
)
_SETS = re.compile(
    r"\b(?:unnest|generate_series|\w+_to_table|\w*_elements(?:_text)?|jsonb?_each\w*"
    r"|\w+_to_recordset|\w+_populate_recordset|regexp_matches)\s*\(",
    re.IGNORECASE,
)


def distinct_columns(select: Any, columns: tuple[str, ...], source: str) -> tuple[str, ...] | None:
    """The insert's columns in which no two rows of its SELECT agree; None when nothing says so.

    Empty: something takes repeats out, but by what cannot be read off the output list.
    """
    if select.values_lists:
        return None
    if select.distinct_clause:
        # A plain DISTINCT is one empty expression: it is about the whole row.
        if not any(_plain(node) for node in select.distinct_clause):
            return columns
        return _outputs_of(select, select.distinct_clause, columns)
    if select.group_clause:
        return _outputs_of(select, select.group_clause, columns)
    return () if _ANYWHERE.search(source) else None


def _plain(node: Any) -> str:
    return _LOCATION.sub("", str(node)).strip()


def _outputs_of(select: Any, nodes: Any, columns: tuple[str, ...]) -> tuple[str, ...]:
    targets = [_plain(t.res_target.val) for t in select.target_list]
    if len(targets) != len(columns):
        return ()
    names = [t.res_target.name for t in select.target_list]
    found: list[str] = []
    for node in nodes:
        text = _plain(node)
        number = node.a_const.ival.ival
        if 0 < number <= len(columns):
            found.append(columns[number - 1])
            continue
        fields = [f.string.sval for f in node.column_ref.fields]
        alias = fields[0] if len(fields) == 1 else None
        matches = [
            c for c, t, n in zip(columns, targets, names, strict=True) if t == text or n == alias
        ]
        if not matches:
            return ()
        found.append(matches[0])
    return tuple(dict.fromkeys(found))


def keep_one_row(statement: str, key: tuple[str, ...], keep: str) -> str:
    """The INSERT … SELECT with DISTINCT ON the outputs that fill `key`.

    `keep` is 'first' or 'last', in the order in which the SELECT gives its rows. Raises ValueError
    where DISTINCT ON would mean something else, or the outputs cannot be told.
    """
    relation, columns = _head(statement)
    found = insert_clauses(statement, relation)
    if found.select is None or not found.outputs:
        raise ValueError("the rows do not come from a SELECT")
    if len(columns) != len(found.outputs) or not set(key) <= set(columns):
        raise ValueError("which output fills which column is not written down")
    outputs = [_without_alias(text) for text in found.outputs]
    if any(_SETS.search(text) for text in outputs):
        raise ValueError("a function in the SELECT list makes the rows; it belongs into FROM")
    named = [outputs[columns.index(c)] for c in key]
    by = [text for text in dict.fromkeys(named) if not _CONSTANT.fullmatch(text)]
    if not by:
        raise ValueError("every row has the same key")
    text = found.select.of(statement)
    changed = _distinct_on(text, ", ".join(by), keep)
    return statement[: found.select.start] + changed + statement[found.select.end :]


def _distinct_on(select: str, by: str, keep: str) -> str:
    items = tokens(select)
    level = depths(items)
    own = [i for i, item in enumerate(items) if level[i] == 0]
    if any(items[i].word in _IN_THE_WAY for i in own):
        raise ValueError("its DISTINCT, LIMIT or UNION would mean something else then")
    order = next(
        (i for i in own if items[i].word == "order" and items[i + 1 : i + 2]
         and items[i + 1].word == "by"), None
    )  # fmt: skip
    head, within = select, ""
    if order is not None:
        head = select[: items[order].start].rstrip()
        within = "ORDER BY " + select[items[order + 1].end :].strip()
    after = items[0].end
    place = f"row_number() OVER ({within})" + (" DESC" if keep == "last" else "")
    line = "\n" if "\n" in select else " "
    return f"{head[:after]} DISTINCT ON ({by}){head[after:]}{line}ORDER BY {by}, {place}"


def _head(statement: str) -> tuple[int, list[str]]:
    """Where the relation's name begins, and the column list behind it."""
    items = tokens(statement)
    at = next(
        (i for i, t in enumerate(items[:-2]) if t.word == "insert" and items[i + 1].word == "into"),
        None,
    )
    if at is None:
        raise ValueError("this statement is no INSERT")
    opening = next((i for i in range(at + 2, len(items)) if items[i].text == "("), None)
    select = next((i for i in range(at + 2, len(items)) if items[i].word == "select"), len(items))
    if opening is None or opening > select:
        raise ValueError("the INSERT has no column list")
    columns = [t.name for t in items[opening + 1 : closing(items, opening)] if t.text != ","]
    return items[at + 2].start, columns


def _without_alias(text: str) -> str:
    items = tokens(text)
    if len(items) > 2 and items[-2].word == "as":
        return text[: items[-3].end]
    # `x alias`: two names side by side.
    if (
        len(items) > 1
        and items[-1].kind in ("word", "quoted")
        and items[-2].kind in ("word", "quoted")
    ):
        return text[: items[-2].end]
    if len(items) > 1 and items[-1].kind in ("word", "quoted") and items[-2].text == ")":
        return text[: items[-2].end]
    return text
