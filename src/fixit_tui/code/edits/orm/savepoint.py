"""A statement of a transaction in a nested transaction, which is a savepoint."""

from __future__ import annotations

import re

from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site

_NAME = re.compile(r"[A-Za-z_$][\w$]*")


def nested_transaction(site: Site, params: Params) -> EditResult:
    """`tx.insert(…)` → `tx.transaction(async (tx) => tx.insert(…))`; its error is thrown on."""
    client = site.now.client
    idiom = f"await {client}.transaction(async ({client}) => …) around the statement that may fail"
    if site.now.savepoint:
        return Edited(site.text)
    if site.now.tx is None or not _NAME.fullmatch(client):
        return Refused("the statement is in no transaction's callback", idiom)
    if site.now.in_catch:
        return Refused("the statement before it needs the savepoint", idiom)
    start, end = site.chain.start, site.chain.end
    if not re.match(rf"{re.escape(client)}\s*[.(]", site.text[start:end]):
        return Refused("the statement does not begin with the transaction's client", idiom)
    opening = f"{client}.transaction(async ({client}) => "
    return Edited(site.changed([Change(start, start, opening), Change(end, end, ")")]))
