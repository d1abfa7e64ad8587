"""Code that takes the first of the rows that a write gives back, where there may be none."""

from __future__ import annotations

import re

from fixit_tui.code.context import result_names
from fixit_tui.code.edits.result import Params
from fixit_tui.code.edits.site import Site
from fixit_tui.code.facts import CodeCall
from fixit_tui.code.module import FUNCTIONS, enclosing, span

GOES_ON = "the code goes on with the row that comes back, and none does for an ignored duplicate"
_NO_NULL = r"!?\[0\]!?\s*(?:\.|\[)"


def first_row_is_needed(site: Site) -> bool:
    """Whether the code behind a write of supabase-js fails when no row comes back.

    `data?.[0]?.id` and `return data[0]` do not, `data[0].id` and `const [row] = data` do.
    """
    if site.chain.step("select") is None or site.chain.step("single", "maybeSingle") is not None:
        return False
    data, _, whole = result_names(site.chain)
    function = enclosing(site.chain.outer.node, FUNCTIONS)
    end = len(site.text) if function is None else span(function)[1]
    behind = site.text[site.chain.end : end]
    start = site.text.rfind("\n", 0, site.chain.start) + 1
    if re.search(r"\bdata\s*:\s*\[", site.text[start : site.chain.start]):
        return True
    names = [*map(re.escape, data), *(rf"{re.escape(name)}\.data" for name in whole)]
    return any(
        re.search(rf"(?<![\w$.]){name}{_NO_NULL}", behind)
        or re.search(rf"\[\s*\w+\s*,?\s*\]\s*=\s*{name}!?\s*(?:;|$)", behind, re.MULTILINE)
        for name in names
    )


def writes_only_key(call: CodeCall, params: Params) -> bool:
    """Whether DO UPDATE may, and would write nothing but the key over itself: the row comes back.

    Parameters: conflict_columns, may_update.
    """
    columns = params.columns("conflict_columns", required=False)
    return bool(params.flag("may_update")) and set(call.columns or ("",)) <= set(columns)
