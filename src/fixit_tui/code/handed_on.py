"""Transactions that code hands on to other code: which calls may stand in a caller's."""

from __future__ import annotations

import re
from collections.abc import Sequence

from fixit_tui.code.draft import Draft
from fixit_tui.code.scopes import Scopes
from fixit_tui.code.values import Values

MARK = b"transaction"
_OPENED = re.compile(
    r"transaction(?:<[^()]*>)?\(\s*(?:async\s+)?(?:function\s*)?\(?\s*(\w+)\s*(?::[^)=]*)?\)?\s*(?:=>|\{)"
)
_REACH = 3000
_OWN = ("this.", "this?.")


def mark_callers_transactions(values: Values, scopes: Scopes, drafts: Sequence[Draft]) -> None:
    """Set `callers_tx` where the client is given from outside and may be a transaction.

    So it may where the project hands the client of a transaction to a function, a class or an
    object; the same client is then a plain one for one caller and a transaction for another.
    """
    for draft in drafts:
        if draft.fields.get("tx") is None and _given(scopes, draft):
            draft.fields["callers_tx"] = _hands_on(values)


def _given(scopes: Scopes, draft: Draft) -> bool:
    client = str(draft.fields.get("client") or "")
    if client.startswith(_OWN):
        # Prisma's client is one for the whole application: transactions go by parameters.
        return client.count(".") == 1 and draft.fields["library"] != "prisma"
    if not client.isidentifier():
        return False
    used = draft.site.node.find(kind="identifier", regex=f"^{client}$")
    found = None if used is None else scopes.lookup(used)
    return found is not None and found.kind == "param"


def _hands_on(values: Values) -> bool:
    return values.project.remember("hands transactions on", lambda: _any_hands_on(values))


def _any_hands_on(values: Values) -> bool:
    project = values.project
    return any(hands_on(project.text(path)) for path in project.holding(MARK))


def hands_on(text: str) -> bool:
    """Whether a text opens a transaction and gives its client to something else."""
    for opened in _OPENED.finditer(text):
        name = re.escape(opened[1])
        body = text[opened.end() : opened.end() + _REACH]
        if re.search(rf"(?:\w\s*\(|,|\{{|:)\s*{name}\s*[,)}}]", body):
            return True
    return False
