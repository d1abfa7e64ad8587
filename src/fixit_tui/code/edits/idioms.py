"""Edits that are never generated: what stands in their place is the idiom."""

from __future__ import annotations

from fixit_tui.code.edits.result import EditResult, Params, Refused
from fixit_tui.code.edits.site import Site


def replace_delete_then_insert(site: Site, params: Params) -> EditResult:
    """Delete and insert are two transactions; which rows are gone for good only the code knows."""
    columns = ", ".join(params.columns("columns", required=False)) or "the natural key"
    return Refused(
        "rows that are no longer wanted have to be deleted, and only the program knows which",
        f"Upsert the wanted rows on ({columns}), then delete the others, both in one database "
        "function that is called with rpc, so that a failure leaves the old rows in place.",
    )


def replace_via_rpc(site: Site, params: Params) -> EditResult:
    """What a REST request cannot say goes into a database function."""
    routine = params.text("routine") or "a database function"
    return Refused(
        "the parameters of the function are for a person to choose",
        f"const {{ data, error }} = await {site.now.client}.rpc('{routine}', {{ … }})",
    )
