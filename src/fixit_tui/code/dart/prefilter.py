"""Whether a Dart file's bytes can hold a database call at all."""

from __future__ import annotations

import re

_CALL = re.compile(rb"\.\s*(?:from|rpc)\s*(?:<[^()]*>)?\s*\(")


def may_call_dart(raw: bytes) -> bool:
    """Whether a Dart file is to be parsed."""
    return bool(_CALL.search(raw))
