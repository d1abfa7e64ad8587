"""Edits of supabase-py and Django calls."""

from __future__ import annotations

import ast

from fixit_tui.code.edits.first_row import writes_only_key
from fixit_tui.code.edits.python.payload import first_row_is_taken, without_columns
from fixit_tui.code.edits.python.site import Change, PySite
from fixit_tui.code.edits.result import Params


def upsert(site: PySite, params: Params) -> list[Change] | None:
    """supabase-py: `.insert(row)` → `.upsert(row, on_conflict="a,b")`."""
    step = site.step("insert", "upsert")
    dropped = params.columns("drop_columns", required=False)
    if step is None or not (step.args or step.keywords):
        return None
    columns = params.columns("conflict_columns", required=False) or params.columns("columns")
    if any(k.arg is None for k in step.keywords):
        return None
    ignore = params.flag("ignore_duplicates")
    if ignore and first_row_is_taken(site):
        if not writes_only_key(site.scanned, params):
            return None
        ignore = None
    left = without_columns(site, step, dropped)
    options = _options(site, step, ",".join(columns), ignore)
    if left is None or options is None:
        return None
    # The end of a payload may be the place of an argument behind it, too.
    return [*site.rename(step, "upsert"), *site.joined([*left, *options])]


def _options(
    site: PySite, step: ast.Call, columns: str, ignore: bool | None
) -> list[Change] | None:
    target, known = site.string(columns), {k.arg for k in step.keywords}
    if ignore and not known & {"on_conflict", "ignore_duplicates", "upsert"}:
        # Two arguments at one place are one change.
        return site.keyword(step, "on_conflict", f"{target}, ignore_duplicates=True")
    changes = site.keyword(step, "on_conflict", target)
    if ignore is not None and "ignore_duplicates" in known:
        return [*changes, *site.keyword(step, "ignore_duplicates", str(ignore))]
    return None if ignore and "ignore_duplicates" not in known else changes


def distinct_rows(site: PySite, params: Params) -> list[Change] | None:
    """supabase-py: `.upsert(rows)` → `.upsert(list({row["k"]: row for row in rows}.values()))`.

    Parameters as for JavaScript: columns (the key), keep, nullable, composed.
    """
    step = site.step("insert", "upsert")
    columns, known = params.columns("columns"), site.scanned.columns
    if step is None or not step.args or site.scanned.rows != "many":
        return None
    if params.flag("nullable") or params.flag("composed"):
        return None
    if known is None or not set(columns) <= set(known):
        return None
    payload = step.args[0]
    source = site.source.source(payload)
    if ".values())" in source:
        return []
    rows = f"reversed({source})" if params.text("keep") == "first" else source
    read = ", ".join(f"row[{site.string(column)}]" for column in columns)
    key = read if len(columns) == 1 else f"({read})"
    text = f"list({{{key}: row for row in {rows}}}.values())"
    return [Change(site.source.start(payload), site.source.end(payload), text)]


def get_or_create(site: PySite, params: Params) -> list[Change] | None:
    """Django: `create(…)` → `get_or_create(…)`, looking for the key's values."""
    step, source = site.outer, site.source
    merges = not params.flag("ignore_duplicates")
    if merges and params.columns("keep_columns", required=False):
        return None
    name = "update_or_create" if merges else "get_or_create"
    function = step.func
    if not isinstance(function, ast.Attribute) or function.attr not in ("create", "acreate"):
        return None
    columns = params.columns("conflict_columns")
    if step.args or any(k.arg is None for k in step.keywords):
        return None
    given = {str(k.arg): source.source(k.value) for k in step.keywords}
    keys = [a for a in given if a in columns or f"{a}_id" in columns]
    if len(keys) != len(columns) or any(
        k.value.end_lineno != k.value.lineno for k in step.keywords
    ):
        return None
    others = ", ".join(f"{site.string(a)}: {v}" for a, v in given.items() if a not in keys)
    parts = [f"{a}={given[a]}" for a in keys]
    parts += [f"defaults={{{others}}}"] if others else []
    waits = isinstance(source.parents.get(step), ast.Await)
    used = not isinstance(source.statement(step), ast.Expr)
    if waits and used:
        return None
    prefix = "a" if function.attr == "acreate" else ""
    start = source.end(function) - len(function.attr.encode())
    text = f"{prefix}{name}({', '.join(parts)})" + ("[0]" if used else "")
    return [Change(start, source.end(step), text)]
