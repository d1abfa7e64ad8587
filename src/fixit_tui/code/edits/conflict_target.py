"""An upsert gets the conflict target that really conflicts."""

from __future__ import annotations

from fixit_tui.code.edits.options import set_options
from fixit_tui.code.edits.payload import drop_columns
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.edits.sql_clause import replace_target
from fixit_tui.code.module import operands, unwrap
from fixit_tui.code.values import Ref


def set_conflict_target(site: Site, params: Params) -> EditResult:
    """Set `onConflict`, and leave surrogate columns such as `id` out of the payload.

    Parameters: columns, drop_columns, ignore_duplicates.
    """
    columns = params.columns("columns")
    dropped = params.columns("drop_columns", required=False)
    if site.now.verb == "sql":
        if dropped:
            return Refused(
                "columns cannot be taken out of SQL text safely",
                f"ON CONFLICT ({', '.join(columns)}), without {', '.join(dropped)} in the row",
            )
        return replace_target(site, ", ".join(columns))
    target = site.string(",".join(columns))
    rest = (
        f"const {{ {', '.join(f'{c}: _{c}' for c in dropped)}, ...row }} = …; " if dropped else ""
    )
    idiom = f"{rest}.upsert(row, {{ onConflict: {target} }})"
    step = site.chain.step("upsert")
    if step is None or not step.given:
        return Refused("the call is no upsert", idiom)
    if set(dropped) & set(columns):
        return Refused("a column of the conflict target cannot be left out", idiom)
    wanted: dict[str, str | None] = {}
    if site.now.on_conflict != columns:
        wanted["onConflict"] = target
    ignore = params.flag("ignore_duplicates")
    if ignore is not None and bool(site.now.ignore_duplicates) != ignore:
        wanted["ignoreDuplicates"] = "true" if ignore else None
    options: list[Change] | None = []
    if wanted:
        options = set_options(site, step, wanted)
        if options is None and _written_out(site) is not None:
            options = None
    if options is None:
        return Refused("the options of the call are a variable or are spread from one", idiom)
    payload = drop_columns(site, step, dropped)
    if isinstance(payload, str):
        return Refused(payload, idiom)
    return Edited(site.changed([*options, *payload]))


def _written_out(site: Site) -> Ref | None:
    """The object literal behind an options variable."""
    step = site.chain.step("upsert")
    given = [] if step is None else step.given
    if len(given) < 2:
        return None
    found = site.values.resolve(given[1])
    return found if unwrap(found.node).kind() == "object" and operands(found.node) else None
