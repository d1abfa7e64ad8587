"""The palette's commands, derived from the table of keys."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.markup import escape

from fixit_tui.tui.bindings import Key, keys_for
from fixit_tui.tui.plain import one_line
from fixit_tui.tui.screens.base import FixitScreen


class KeyCommands(Provider):
    """Every key of the screen as a command; those that are off say why."""

    async def discover(self) -> Hits:
        for screen, key, reason in self._offers():
            yield DiscoveryHit(
                Content(_title(key)), partial(screen.run_key, key), _title(key), _help(key, reason)
            )

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for screen, key, reason in self._offers():
            if score := matcher.match(f"{key.help} {key.label}"):
                yield Hit(
                    score,
                    Content(_title(key)),
                    partial(screen.run_key, key),
                    _title(key),
                    _help(key, reason),
                )

    def _offers(self) -> Iterator[tuple[FixitScreen, Key, str]]:
        if isinstance(self.screen, FixitScreen):
            for key in keys_for(self.screen.SCOPE):
                if key.id != "palette":
                    yield self.screen, key, self.screen.unavailable(key)


def _title(key: Key) -> str:
    return f"{key.help} ({key.shown})"


def _help(key: Key, reason: str) -> str | None:
    # The palette reads help texts as markup, and a reason may quote a name from the database.
    return escape(f"off: {one_line(reason)}") if reason else None
