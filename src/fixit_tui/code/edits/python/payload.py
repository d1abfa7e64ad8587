"""Columns taken out of the rows that a supabase-py call sends."""

from __future__ import annotations

import ast

from fixit_tui.code.edits.python.site import Change, PySite
from fixit_tui.code.python.source import own_nodes

_MANY = (ast.ListComp, ast.GeneratorExp)


def without_columns(site: PySite, step: ast.Call, dropped: tuple[str, ...]) -> list[Change] | None:
    """Changes after which the columns are not sent; None where that is not safe to write."""
    held = site.scanned.columns
    if not dropped or (held is not None and not set(dropped) & set(held)):
        return []
    payload = step.args[0] if step.args else None
    if payload is None or _is_filtered(payload):
        return None if payload is None else []
    written = _literals(payload)
    if written is not None:
        changes = [_without_keys(site, row, dropped) for row in written]
        known = [change for part in changes if part is not None for change in part]
        return None if None in changes else known
    rows, source = site.scanned.rows, site.source
    if rows not in ("one", "many") or _is_read_elsewhere(site, payload):
        return None
    names = " and ".join(f"k != {site.string(column)}" for column in dropped)
    start, end = source.start(payload), source.end(payload)
    if rows == "one":
        shown = isinstance(payload, (ast.Name, ast.Call, ast.Attribute, ast.Subscript))
        lead, tail = "{k: v for k, v in ", f".items() if {names}}}"
        return [Change(start, start, lead), Change(end, end, tail)] if shown else None
    lead = f"[{{k: v for k, v in row.items() if {names}}} for row in "
    return [Change(start, start, lead), Change(end, end, "]")]


def first_row_is_taken(site: PySite) -> bool:
    """Whether `.data[0]` of the answer is read: of an ignored duplicate no row comes back."""
    source = site.source
    answer: ast.AST = site.outer
    while isinstance(parent := source.parents.get(answer), (ast.Await, ast.Attribute)):
        answer = parent
    if isinstance(parent, ast.Subscript):
        return True
    if not isinstance(parent, ast.Assign) or not isinstance(parent.targets[0], ast.Name):
        return False
    for use in _reads(site, parent.targets[0].id):
        read: ast.AST | None = source.parents.get(use)
        while isinstance(read, ast.Attribute):
            read = source.parents.get(read)
        if isinstance(read, ast.Subscript) and isinstance(read.ctx, ast.Load):
            return True
    return False


def _is_filtered(payload: ast.expr) -> bool:
    """Whether columns were taken out in this way already."""
    row = payload.elt if isinstance(payload, ast.ListComp) else payload
    return isinstance(row, ast.DictComp) and any(part.ifs for part in row.generators)


def _literals(payload: ast.expr) -> list[ast.Dict] | None:
    """The dictionaries that a payload is written as."""
    if isinstance(payload, ast.Dict):
        return [payload]
    if isinstance(payload, _MANY):
        return _literals(payload.elt)
    if isinstance(payload, ast.List) and payload.elts:
        found = [_literals(item) for item in payload.elts]
        return None if None in found else [row for part in found for row in part or ()]
    return None


def _without_keys(site: PySite, row: ast.Dict, dropped: tuple[str, ...]) -> list[Change] | None:
    keys = [key.value if isinstance(key, ast.Constant) else None for key in row.keys]
    gone = [number for number, key in enumerate(keys) if key in dropped]
    if None in keys or len(gone) == len(keys):
        return None
    if any(_is_used_elsewhere(site, row.values[number]) for number in gone):
        return None
    source, changes = site.source, []
    for number in gone:
        if number + 1 < len(keys) and all(n in gone for n in range(number)):
            key, following = row.keys[number], row.keys[number + 1]
            assert key is not None
            assert following is not None
            changes.append(Change(source.start(key), source.start(following), ""))
        else:
            before = row.values[number - 1]
            changes.append(Change(source.end(before), source.end(row.values[number]), ""))
    return changes


def _is_used_elsewhere(site: PySite, value: ast.expr) -> bool:
    """Whether a value's variable means something to other code: the row would have another."""
    inner = value.args[0] if isinstance(value, ast.Call) and len(value.args) == 1 else value
    if not isinstance(inner, ast.Name):
        return False
    return len(_reads(site, inner.id)) > 1


def _is_read_elsewhere(site: PySite, payload: ast.expr) -> bool:
    return isinstance(payload, ast.Name) and len(_reads(site, payload.id)) > 1


def _reads(site: PySite, name: str) -> list[ast.Name]:
    """The reads of a variable in the function around; `row["x"] = 1` reads nothing."""
    source = site.source
    scope = source.function(site.outer) or source.tree
    found = []
    for node in own_nodes(scope):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
            parent = source.parents.get(node)
            if not (isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store)):
                found.append(node)
    return found
