"""An upsert gets the conflict target that really conflicts."""

from __future__ import annotations

from fixit_tui.code.edits.options import has_options, set_options
from fixit_tui.code.edits.payload import drop_columns
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Site, renamed
from fixit_tui.code.edits.sql_clause import quoted, replace_target


def set_conflict_target(site: Site, params: Params) -> EditResult:
    """Set `onConflict`, and leave surrogate columns such as `id` out of the payload.

    In SQL text they stay in the new row, but are no longer SET over those of the row that is
    there. Parameters: columns, drop_columns, ignore_duplicates.
    """
    columns = params.columns("columns")
    dropped = params.columns("drop_columns", required=False)
    if site.now.verb == "sql":
        return replace_target(site, ", ".join(quoted(c) for c in columns), dropped)
    target = site.string(",".join(columns))
    rest = (
        f"const {{ {', '.join(f'{c}: _{c}' for c in dropped)}, ...row }} = …; " if dropped else ""
    )
    idiom = f"{rest}.upsert(row, {{ onConflict: {target} }})"
    # `insert(row, { upsert: true })` is the first version's upsert, which later ones do not know.
    step = site.chain.step("upsert", "insert")
    first_version = step is not None and step.name == "insert"
    if step is None or not step.given or (first_version and site.now.verb != "upsert"):
        return Refused("the call is no upsert", idiom)
    if set(dropped) & set(columns):
        return Refused("a column of the conflict target cannot be left out", idiom)
    ignore = params.flag("ignore_duplicates")
    wanted: dict[str, str | None] = {"upsert": None} if first_version else {}
    if not has_options(site, columns, None):
        wanted["onConflict"] = target
    if ignore is not None and not has_options(site, None, ignore):
        wanted["ignoreDuplicates"] = "true" if ignore else None
    options = set_options(site, step, wanted)
    payload = drop_columns(site, step, dropped, idiom)
    if isinstance(payload, Refused):
        return payload
    name = [renamed(step.call.node, "upsert")] if first_version else []
    return Edited(site.changed([*options, *payload, *name]))
