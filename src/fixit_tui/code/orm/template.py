"""`sql` templates of query builders as SQL text."""

from __future__ import annotations

from collections.abc import Callable

from fixit_tui.code.module import operands
from fixit_tui.code.sqlcalls import tag_of
from fixit_tui.code.values import Ref


class Numbers:
    """Hands out $1, $2, … for bound values."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> str:
        """The next placeholder."""
        self._last += 1
        return f"${self._last}"


def template_text(call: Ref, numbers: Numbers, hole: Callable[[Ref], str | None]) -> str | None:
    """The text of a tagged template; `hole` says what is no bound value. None when empty."""
    template = tag_of(call.node)
    parts: list[str] = []
    for child in [] if template is None else template.named_children():
        if child.kind() == "template_substitution":
            parts.append(hole(call.at(operands(child)[0])) or numbers.next())
        else:
            parts.append(call.module.source(child))
    return "".join(parts).strip() or None
