"""The place where a person says yes. Cancel has the focus; Enter never accepts.

A yes counts only as a key of its own: with a pause before and after it, and not within the
first half second. So neither a held key nor pasted text (also where the terminal sends it as
keys) can confirm.
"""

from __future__ import annotations

from time import monotonic
from typing import Protocol, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Static

from fixit_tui.tui.plain import one_line, plain
from fixit_tui.tui.tiers import Demand, Tier

FRESH_FOR = 0.5
"""Seconds during which a new dialog takes no answer."""
QUIET_BEFORE = 0.15
QUIET_AFTER = 0.2


class CountsKeys(Protocol):
    """The app notes every key press, bound or not."""

    keys_seen: int
    key_gap: float


class TypedOnly(Input):
    """An input that takes no paste: a name is to be typed."""

    class PasteRefused(Message):
        """Something was pasted."""

    def _on_paste(self, event: events.Paste) -> None:
        event.prevent_default()
        event.stop()
        self.post_message(self.PasteRefused())

    def action_paste(self) -> None:
        self.post_message(self.PasteRefused())


class AcceptLabel(Static):
    """The accepting side; focusable, reacts to a click, deaf to Enter."""

    can_focus = True

    class Clicked(Message):
        """It was clicked."""

    def on_click(self) -> None:
        self.post_message(self.Clicked())


class ConsentBar(Vertical):
    """Cancel, and what it takes to accept."""

    class Accepted(Message):
        """A person said yes."""

    class Cancelled(Message):
        """A person said no."""

    def __init__(self, verb: str, target_name: str) -> None:
        super().__init__(id="consent")
        self._verb = verb
        self._target_name = target_name
        self._demand = Demand(Tier.PRESS, "")
        self._opened = monotonic()

    def compose(self) -> ComposeResult:
        yield Static("", id="consent-text", markup=False)
        yield TypedOnly(id="consent-name", compact=True)
        with Horizontal(id="consent-buttons"):
            yield Button("Cancel (esc)", id="consent-cancel", compact=True)
            yield AcceptLabel("", id="consent-accept", markup=False)

    def on_mount(self) -> None:
        self._opened = monotonic()
        self.query_one("#consent-cancel").focus()
        self._draw()

    def ask(self, demand: Demand) -> None:
        """Ask for this; a name typed for another demand has to be typed again."""
        if demand != self._demand:
            self._demand = demand
            if self.is_mounted:
                self.query_one(TypedOnly).value = ""
                self._draw()

    @property
    def unlocked(self) -> bool:
        """True when what was asked for is typed."""
        typed = self.query_one(TypedOnly).value
        return not self._demand.refusal and typed.strip() == one_line(self._demand.unlock)

    def press(self) -> None:
        """The accept key was pressed."""
        app = cast(CountsKeys, self.app)
        if self._demand.refusal or not self.unlocked:
            self._say(self._demand.refusal or "Type it first; then y.")
        elif monotonic() - self._opened < FRESH_FOR or app.key_gap < QUIET_BEFORE:
            self._say("Too quick to be meant. Press y once, on its own.")
        else:
            seen = app.keys_seen
            self.set_timer(QUIET_AFTER, lambda: self._accept_if_quiet(seen))

    def _accept_if_quiet(self, seen: int) -> None:
        if cast(CountsKeys, self.app).keys_seen == seen and self.unlocked:
            self.post_message(self.Accepted())
        else:
            self._say("Other keys came with it. Press y once, on its own.")

    def on_accept_label_clicked(self, event: AcceptLabel.Clicked) -> None:
        event.stop()
        if self.unlocked and monotonic() - self._opened >= FRESH_FOR:
            self.post_message(self.Accepted())
        else:
            self._say(self._demand.refusal or "Not unlocked yet.")

    @on(Button.Pressed, "#consent-cancel")
    def _cancel(self, event: Button.Pressed) -> None:
        event.stop()
        if monotonic() - self._opened >= FRESH_FOR:
            self.post_message(self.Cancelled())

    @on(Input.Changed, "#consent-name")
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._draw()

    @on(Input.Submitted, "#consent-name")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.unlocked:
            self.query_one(AcceptLabel).focus()
            self._say("The name matches. Now press y.")
        else:
            self._say("That is not it yet. Enter accepts nothing.")

    def on_typed_only_paste_refused(self, event: TypedOnly.PasteRefused) -> None:
        event.stop()
        self._say("Pasting is off here; type it.")

    def _draw(self) -> None:
        need = self._demand
        box = self.query_one(TypedOnly)
        box.display = need.tier is not Tier.PRESS and not need.refusal
        box.placeholder = one_line(need.unlock)
        accept = self.query_one(AcceptLabel)
        if need.refusal:
            text, label = f"Cannot {self._verb}: {need.refusal}", "not possible"
        elif need.tier is Tier.PRESS:
            text = f"{self._verb.capitalize()} on {self._target_name}?"
            label = f"y  {self._verb}"
        else:
            where = "" if self.unlocked else "into the box (shift+tab) "
            text = f"Type  {need.unlock}  {where}to unlock, because {'; '.join(need.reasons)}."
            label = f"y  {self._verb}" if self.unlocked else f"locked  {self._verb}"
        self.query_one("#consent-text", Static).update(plain(text))
        accept.update(Content(label))
        accept.set_class(self.unlocked, "-open")

    def _say(self, text: str) -> None:
        self.query_one("#consent-text", Static).update(plain(text, "bold $sev-warning"))
