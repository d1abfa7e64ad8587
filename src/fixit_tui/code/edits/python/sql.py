"""ON CONFLICT in SQL text that stands in one plain literal of a Python file."""

from __future__ import annotations

from fixit_tui.code.edits.python.site import Change, PySite
from fixit_tui.code.edits.result import Params
from fixit_tui.code.edits.sql_clause import arbiter_of, bare, quoted
from fixit_tui.code.edits.sql_scan import InsertShape, insert_shape
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.sqltext import literal, sql_of

Literal = tuple[int, str, InsertShape]


def _literal(site: PySite) -> Literal | None:
    """Where the text begins, the text, and its clauses."""
    if not site.outer.args:
        return None
    text = Ref(site.source, site.outer.args[0])
    alone = Project([site.source.path], lambda _: site.source)
    sql, start = sql_of(alone, text)
    here = literal(alone, text)
    if sql is None or start is None or here is None or not sql.verbatim:
        return None
    shape = insert_shape(sql.statement)
    return None if shape is None else (start, sql.statement, shape)


def _change(site: PySite, found: Literal, start: int, end: int, text: str) -> list[Change] | None:
    """The change in the file; None where the clause would need escapes of the driver's."""
    offset, statement, _ = found
    quote = site.source.raw[offset - 1 : offset].decode()
    if "%" in text or "\\" in text or quote in text:
        return None

    def place(at: int) -> int:
        return offset + len(statement[:at].encode("utf-8", "surrogateescape"))

    return [Change(place(start), place(end), text)] if statement[start:end] != text else []


def set_target(site: PySite, params: Params) -> list[Change] | None:
    """Another list between the parentheses behind ON CONFLICT, or another name for the key."""
    found = _literal(site)
    target = params.text("target")
    if arbiter := arbiter_of(params):
        if found is None or found[2].arbiter is None:
            return None
        return _change(site, found, *found[2].arbiter, arbiter)
    columns = params.columns("columns", required=False)
    text = target or ", ".join(quoted(c) for c in columns)
    if found is None or found[2].target is None or not text or params.text("clause"):
        return None
    if params.columns("drop_columns", required=False):
        return None
    return _change(site, found, *found[2].target, text)


def add_clause(site: PySite, params: Params) -> list[Change] | None:
    """ON CONFLICT behind the rows of an INSERT that has none."""
    found = _literal(site)
    if found is None:
        return None
    _, statement, shape = found
    columns = params.columns("conflict_columns")
    ignore = bool(params.flag("ignore_duplicates"))
    others = [c.strip('"') for c in shape.columns if c.strip('"') not in columns]
    if not ignore and (not others or not shape.columns):
        return None
    if ignore and shape.returning is not None:
        return None
    sets = ", ".join(f"{quoted(c)} = EXCLUDED.{quoted(c)}" for c in others)
    does = "NOTHING" if ignore else f"UPDATE SET {sets}"
    clause = f"ON CONFLICT ({', '.join(quoted(c) for c in columns)}) DO {does}"
    if shape.conflict is not None:
        return _change(site, found, shape.conflict, shape.tail, clause)
    last = statement[: shape.tail].rstrip().rpartition("\n")
    white = last[2][: len(last[2]) - len(last[2].lstrip())]
    glue = f"\n{white}" if last[1] else " "
    return _change(site, found, shape.tail, shape.tail, glue + clause)


def add_predicate(site: PySite, params: Params) -> list[Change] | None:
    """WHERE behind the conflict target."""
    found = _literal(site)
    predicate = bare(params.text("predicate") or "")
    if found is None or found[2].target is None or not predicate:
        return None
    held = found[2].predicate
    if held is not None:
        return _change(site, found, *held, " " + predicate)
    place = found[2].target[1] + 1
    return _change(site, found, place, place, " WHERE " + predicate)
