"""Keys of the screen below, those of the focused panel first; filter by typing, Enter runs."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from fixit_tui.tui.bindings import Key, keys_for
from fixit_tui.tui.plain import plain
from fixit_tui.tui.screens.base import FixitScreen


class HelpScreen(ModalScreen[Key | None]):
    """Answers the key to run, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "close", show=False),
        Binding("f1", "close", "close", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("up", "move(-1)", "up", show=False),
    ]

    def __init__(self, below: FixitScreen) -> None:
        super().__init__()
        panel = below.panel_name
        keys = keys_for(below.SCOPE)
        self._keys = tuple(sorted(keys, key=lambda k: (panel not in k.panels, _rank(k, below))))
        self._reasons = {key.id: below.unavailable(key) for key in keys}

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as dialog:
            dialog.border_title = Content("Keys: type to find, enter runs, esc closes")
            yield Input(placeholder="what do you want to do?", id="help-filter", compact=True)
            yield OptionList(id="help-keys", markup=False)

    def on_mount(self) -> None:
        self._draw("")
        self.query_one("#help-filter").focus()

    def action_close(self) -> None:
        self.dismiss(None)

    def action_move(self, by: int) -> None:
        rows = self.query_one("#help-keys", OptionList)
        if by > 0:
            rows.action_cursor_down()
        else:
            rows.action_cursor_up()

    @on(Input.Changed, "#help-filter")
    def _filter(self, event: Input.Changed) -> None:
        self._draw(event.value)

    @on(Input.Submitted, "#help-filter")
    def _run_highlighted(self) -> None:
        option = self.query_one("#help-keys", OptionList).highlighted_option
        if option is not None:
            self._run(option.id)

    @on(OptionList.OptionSelected, "#help-keys")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self._run(event.option.id)

    def _run(self, key_id: str | None) -> None:
        key = next((k for k in self._keys if k.id == key_id), None)
        if key is not None and not self._reasons[key.id]:
            self.dismiss(key)

    def _draw(self, words: str) -> None:
        wanted = words.casefold().split()
        rows = self.query_one("#help-keys", OptionList)
        hits = [
            k
            for k in self._keys
            if all(w in f"{k.label} {k.help} {k.shown}".casefold() for w in wanted)
        ]
        rows.set_options([Option(self._row(key), id=key.id) for key in hits])
        rows.highlighted = 0 if hits else None

    def _row(self, key: Key) -> Content:
        reason = self._reasons[key.id]
        row = Content.assemble((f"{key.shown:<10}", "$quiet" if reason else "bold $key"))
        row += plain(key.help, "$quiet" if reason else "")
        return row + plain(f" (off: {reason})", "$quiet") if reason else row


def _rank(key: Key, below: FixitScreen) -> int:
    return keys_for(below.SCOPE).index(key)
