"""Sign-ups: calls of supabase-js that make a row of auth.users, and so fire its triggers."""

from __future__ import annotations

from fixit_tui.code.chains import Chain
from fixit_tui.code.draft import Draft
from fixit_tui.code.module import callee, method_name, words
from fixit_tui.code.supabase import LIBRARY

METHODS = words("signUp createUser inviteUserByEmail signInAnonymously")


def read_signup(chain: Chain) -> Draft | None:
    """The insert into auth.users behind `client.auth.signUp(…)`; the server makes its values."""
    function = callee(chain.first.node)
    receiver = None if function is None else function.field("object")
    if receiver is None or method_name(chain.first.node) not in METHODS:
        return None
    parts = receiver.text().replace("?.", ".").replace("!", "").split(".")
    if "auth" not in parts[1:]:
        return None
    fields = {
        "library": LIBRARY,
        "client": ".".join(parts[: parts.index("auth")]),
        "verb": "insert",
        "schema": "auth",
        "relation": "users",
        "columns": ("email",),
        "column_values": {},
        "rows": "one",
    }
    return Draft(chain, fields)
