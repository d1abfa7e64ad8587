"""Rows that share a key are reduced to one before they are sent."""

from __future__ import annotations

import re

from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.module import span, unwrap

_PLAIN = re.compile(r"[A-Za-z_$][\w$]*")
_UNBRACKETED = frozenset({"identifier", "member_expression", "call_expression", "array"})


def distinct_rows(site: Site, params: Params) -> EditResult:
    """`upsert(rows)` → `upsert(Array.from(new Map(rows.map((row) => [row.k, row])).values()))`.

    Parameters: columns (the key), keep ('last' or 'first'), nullable (a key column may be NULL:
    such rows never conflict, and a Map would merge them), composed (values that are no plain
    scalars: the key is compared as JSON).
    """
    columns = params.columns("columns")
    keep = params.text("keep") or "last"
    idiom = _wrapped(site, "rows", columns, keep, bool(params.flag("composed")))
    step = site.chain.step("insert", "upsert")
    if step is None or not step.given:
        return Refused("the rows are not given to the call as an array", idiom)
    payload = step.given[0].node
    source = site.module.source(payload)
    if "new Map(" in source:
        return Edited(site.text)
    if params.flag("nullable"):
        return Refused("rows without a value in the key have to stay as many as they are", idiom)
    if site.now.rows != "many" and site.scanned.rows != "many":
        return Refused("it is not clear whether the payload is an array of rows", idiom)
    known = site.now.columns or site.scanned.columns
    if known is None or not set(columns) <= set(known):
        return Refused("not every column of the key is in sight in the rows", idiom)
    if unwrap(payload).kind() not in _UNBRACKETED:
        source = f"({source})"
    text = _wrapped(site, source, columns, keep, bool(params.flag("composed")))
    return Edited(site.changed([Change(*span(payload), text)]))


def _wrapped(site: Site, rows: str, columns: tuple[str, ...], keep: str, composed: bool) -> str:
    read = ["row" + _member(site, column) for column in columns]
    key = read[0] if len(read) == 1 and not composed else f"JSON.stringify([{', '.join(read)}])"
    # A Map keeps the last value of a key.
    source = f"[...{rows}].reverse()" if keep == "first" else rows
    return f"Array.from(new Map({source}.map((row) => [{key}, row])).values())"


def _member(site: Site, column: str) -> str:
    return f".{column}" if _PLAIN.fullmatch(column) else f"[{site.string(column)}]"
