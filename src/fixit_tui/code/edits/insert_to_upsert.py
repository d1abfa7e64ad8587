"""A plain insert becomes an insert that knows what to do with a row that is already there."""

from __future__ import annotations

from fixit_tui.code.edits.first_row import GOES_ON, first_row_is_needed, writes_only_key
from fixit_tui.code.edits.options import has_options, set_options
from fixit_tui.code.edits.payload import drop_columns
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.single import row_is_needed
from fixit_tui.code.edits.site import Change, Site, renamed
from fixit_tui.code.edits.sql_clause import add_conflict_clause


def insert_to_upsert(site: Site, params: Params) -> EditResult:
    """`insert(row)` → `upsert(row, { onConflict: 'a,b', ignoreDuplicates: true })`.

    Parameters: conflict_columns, ignore_duplicates, drop_columns; for SQL text, which gets an
    ON CONFLICT clause, keep_columns and add_columns. A guard around the insert stays: it does no
    harm.
    """
    columns = params.columns("conflict_columns")
    ignore = bool(params.flag("ignore_duplicates"))
    if site.now.verb == "sql":
        kept = params.columns("keep_columns", required=False)
        added = params.columns("add_columns", required=False)
        return add_conflict_clause(site, columns, ignore, kept, added)
    target = site.string(",".join(columns))
    idiom = (
        f".upsert(row, {{ onConflict: {target}"
        + (", ignoreDuplicates: true" if ignore else "")
        + " })"
    )
    step = site.chain.step("insert", "upsert")
    if step is None or not step.given:
        return Refused("the call writes no row that could be upserted", idiom)
    dropped = params.columns("drop_columns", required=False)
    if set(dropped) & set(columns):
        return Refused("a column of the conflict target cannot be left out", idiom)
    alone = site.chain.step("single") is not None and row_is_needed(site)
    needed = ignore and (alone or first_row_is_needed(site))
    if needed and writes_only_key(site.now, params):
        ignore = False
    elif needed:
        return Refused(
            GOES_ON,
            f".upsert(row, {{ onConflict: {target} }}) gives the stored row back, overwritten; "
            "or read it with .select().eq(…).single() when nothing came back",
        )
    wanted: dict[str, str | None] = {"upsert": None}
    if not has_options(site, columns, ignore):
        wanted |= {"onConflict": target, "ignoreDuplicates": "true" if ignore else None}
    options = set_options(site, step, wanted)
    payload = drop_columns(site, step, dropped, idiom)
    if isinstance(payload, Refused):
        return payload
    changes = [*options, *payload]
    if step.name == "insert":
        changes.append(renamed(step.call.node, "upsert"))
    changes += _one_row_or_none(site) if ignore else []
    return Edited(site.changed(changes))


def _one_row_or_none(site: Site) -> list[Change]:
    """An ignored duplicate gives no row back, which `.single()` would report as an error."""
    single = site.chain.step("single")
    return [] if single is None else [renamed(single.call.node, "maybeSingle")]
