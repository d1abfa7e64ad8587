"""Clients that are made with the service key, for which row level security does not exist."""

from __future__ import annotations

import re

from fixit_tui.code.module import arguments, callee, operands, unwrap
from fixit_tui.code.values import Ref, Values

_KEY = re.compile(r"service[_-]?role|service[_-]?key|secret[_-]?key|sb_secret", re.IGNORECASE)
_MAKER = re.compile(r"service|admin|elevated|bypass", re.IGNORECASE)


def holds_service_key(values: Values, client: Ref) -> bool:
    """Is the client, as far as its making is in sight, made with the service key?

    In sight are the call that makes it, its arguments, and the project's function that is called.
    """
    made = values.resolve(client)
    node = unwrap(made.node)
    if node.kind() == "await_expression":
        node = unwrap(operands(node)[0])
    if node.kind() != "call_expression":
        return False
    if any(_KEY.search(values.resolve(made.at(given)).text) for given in arguments(node)):
        return True
    maker = callee(node)
    if maker is None:
        return False
    found = values.binding(made.at(maker))
    if found is None:
        return _MAKER.search(maker.text()) is not None
    _, binding = found
    body = binding.value if binding.value is not None else binding.owner
    is_ours = binding.kind in ("function", "const")
    return (is_ours and _KEY.search(body.text()) is not None) or bool(_MAKER.search(maker.text()))
