"""The footer: the keys that matter here, most relevant first, `?` never cut off."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from fixit_tui.tui.bindings import Key

_MOST = 7


class KeyBar(Static):
    """At most seven keys on one line; a click runs the key's action."""

    class Pressed(Message):
        """A key in the bar was clicked."""

        def __init__(self, key: Key) -> None:
            super().__init__()
            self.key = key

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._keys: tuple[Key, ...] = ()
        self._panel = ""
        self._off: frozenset[str] = frozenset()
        self._spans: list[tuple[int, int, Key]] = []

    def show(self, keys: Sequence[Key], panel: str, off: frozenset[str]) -> None:
        """Offer these keys for the focused panel; those with ids in `off` are dimmed."""
        if (tuple(keys), panel, off) != (self._keys, self._panel, self._off):
            self._keys, self._panel, self._off = tuple(keys), panel, off
            self._draw()

    def on_resize(self) -> None:
        self._draw()

    def on_click(self, event: events.Click) -> None:
        for start, end, key in self._spans:
            if start <= event.x < end:
                self.post_message(self.Pressed(key))

    def _draw(self) -> None:
        shown = pick(self._keys, self._panel, self.size.width - 2)
        parts: list[Content] = []
        self._spans = []
        at = 1
        for key in shown:
            dim = key.id in self._off
            part = Content.assemble(
                (key.shown, "$quiet" if dim else "bold $key"), " ",
                (key.label, "$quiet" if dim else ""),
            )  # fmt: skip
            self._spans.append((at, at + part.cell_length, key))
            at += part.cell_length + 2
            parts.append(part)
        self.update(Content(" ") + Content("  ").join(parts))


def pick(keys: Sequence[Key], panel: str, width: int) -> tuple[Key, ...]:
    """The keys that fit, the most relevant first; help comes last and always fits."""
    wanted = [k for k in keys if k.footer and (not k.panels or panel in k.panels)]
    wanted.sort(key=lambda k: -k.footer)
    helps = [k for k in wanted if k.id == "help"]
    room = width - sum(_cells(k) for k in helps)
    chosen: list[Key] = []
    for key in wanted:
        if key in helps or len(chosen) + len(helps) >= _MOST:
            continue
        if _cells(key) <= room:
            chosen.append(key)
            room -= _cells(key)
    return (*chosen, *helps)


def _cells(key: Key) -> int:
    return len(key.shown) + 1 + len(key.label) + 2
