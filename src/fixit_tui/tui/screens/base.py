"""What every screen shares: header, progress, footer, command log, and the too-small notice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from fixit_tui.tui.bindings import Key, Scope, keys_for, while_typing
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.widgets.command_log import CommandLog
from fixit_tui.tui.widgets.key_bar import KeyBar
from fixit_tui.tui.widgets.panel import Panel
from fixit_tui.tui.widgets.progress_line import ProgressLine
from fixit_tui.tui.widgets.target_bar import TargetBar
from fixit_tui.tui.workspace import Workspace

if TYPE_CHECKING:
    from fixit_tui.tui.app import FixitApp

TOO_SMALL = (
    "This window is too small.\nIt needs 60 columns and 18 lines.\nNothing is lost; enlarge it."
)


class FixitScreen(Screen[None]):
    """A full screen of the app."""

    SCOPE: ClassVar[Scope] = Scope.APP
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (60, "-stacked"), (100, "-two"), (160, "-three")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-low"), (30, "-tall")]  # noqa: RUF012

    def __init__(self, ws: Workspace, glyphs: Glyphs) -> None:
        super().__init__()
        self.ws = ws
        self.glyphs = glyphs

    @property
    def fixit(self) -> FixitApp:
        """The app, with its type."""
        return cast("FixitApp", self.app)

    def compose(self) -> ComposeResult:
        yield TargetBar(self.glyphs)
        yield from self.compose_body()
        yield CommandLog()
        yield ProgressLine(self.glyphs)
        yield KeyBar()
        yield Static(TOO_SMALL, id="too-small", markup=False)

    def compose_body(self) -> Iterable[Widget]:
        """The screen's own widgets."""
        return ()

    def on_mount(self) -> None:
        self.show_workspace(self.fixit.workspace)
        self.query_one(CommandLog).display = self.fixit.log_open

    def show_workspace(self, ws: Workspace) -> None:
        """Draw a new workspace; called whenever it changes."""
        self.ws = ws
        self.query_one(TargetBar).show(ws)
        self.query_one(ProgressLine).show(ws)
        self.refresh_keys()

    def unavailable(self, key: Key) -> str:
        """Why a key cannot work now, or ""."""
        if key.id == "stop" and self.ws.progress is None:
            return "nothing is running; ctrl+q quits"
        return ""

    def go_back(self) -> bool:
        """Undo the last step of looking closer; false when there is none to undo."""
        return False

    @property
    def panel_name(self) -> str:
        """The id of the panel that has the focus."""
        node = self.focused
        while node is not None and not isinstance(node, Panel):
            node = node.parent if isinstance(node.parent, Widget) else None
        return node.id or "" if node is not None else ""

    @property
    def too_small(self) -> bool:
        """True while only the notice is visible."""
        return self.has_class("-tiny") or self.has_class("-short")

    def refresh_keys(self) -> None:
        """Bring the footer up to date."""
        keys = keys_for(self.SCOPE)
        if isinstance(self.focused, Input | TextArea):
            keys = while_typing(keys)
        off = frozenset(key.id for key in keys if self.unavailable(key))
        self.query_one(KeyBar).show(keys, self.panel_name, off)

    def refuse(self, key_id: str) -> bool:
        """True, with a word why, when that key cannot work now."""
        key = next(k for k in keys_for(self.SCOPE) if k.id == key_id)
        if reason := self.unavailable(key):
            self.fixit.say(f"{key.label}: {reason}", "warning")
        return bool(reason)

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        event.stop()
        await self.run_key(event.key)

    async def run_key(self, key: Key) -> None:
        """Run a key's action as if it were pressed here."""
        if key.action == "open":
            self.fixit.simulate_key("enter")
        else:
            await self.app.run_action(key.action, self if key.scope is not Scope.APP else self.app)

    def on_descendant_focus(self, _: events.DescendantFocus) -> None:
        self.refresh_keys()
