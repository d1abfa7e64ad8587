"""A read that may find no row says so."""

from __future__ import annotations

from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Site


def single_to_maybe_single(site: Site, params: Params) -> EditResult:
    """`.single()` → `.maybeSingle()`: no row is then `data: null` without an error."""
    step = site.chain.step("single")
    if step is None:
        if site.chain.step("maybeSingle") is not None:
            return Edited(site.text)
        return Refused("the call does not ask for a single row", ".maybeSingle()")
    return Edited(site.changed([site.rename(step, "maybeSingle")]))
