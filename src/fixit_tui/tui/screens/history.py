"""What was applied to this target, newest first; also where unsettled changes are settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from fixit_tui.engine.recover import unsettled
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import PlanState
from fixit_tui.tui.bindings import Key, Scope, bindings_of
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import one_line, plain
from fixit_tui.tui.screens.base import FixitScreen
from fixit_tui.tui.workspace import Workspace

UNSETTLED = (PlanState.APPLYING, PlanState.IN_DOUBT, PlanState.CONFIRMED)
_DONE = (PlanState.APPLIED, PlanState.VERIFIED, PlanState.NOT_FIXED)
_UNDOABLE = (*_DONE, PlanState.PARTIAL)


class HistoryScreen(FixitScreen):
    """Receipts of this target."""

    SCOPE = Scope.HISTORY
    BINDINGS = bindings_of(Scope.HISTORY)

    def __init__(
        self, ws: Workspace, glyphs: Glyphs, receipts: tuple[Receipt, ...], lead: str = ""
    ) -> None:
        super().__init__(ws, glyphs)
        self._receipts = tuple(reversed(receipts))
        self._lead = lead

    def compose_body(self) -> Iterable[Widget]:
        with VerticalScroll(id="history-lead", can_focus=False):
            yield Static("", id="history-lead-text", markup=False)
        yield OptionList(id="history", classes="panel", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#history").border_title = Content("History of this target")
        self.query_one("#history").focus()
        self._draw()

    def show_receipts(self, receipts: tuple[Receipt, ...], lead: str) -> None:
        """Show other receipts."""
        self._receipts, self._lead = tuple(reversed(receipts)), lead
        self._draw()

    def unavailable(self, key: Key) -> str:
        if key.id == "history-undo":
            receipt = self._current()
            if receipt is None or receipt.state not in _UNDOABLE:
                return "this change is not there to be taken back"
            return self.fixit.jobs.busy() if receipt.leaves_undo else "no undo is recorded for it"
        if key.id == "history-settle":
            return self.fixit.jobs.busy() if unsettled(self._receipts) else "nothing is unsettled"
        return super().unavailable(key)

    def action_undo(self) -> None:
        receipt = self._current()
        if not self.refuse("history-undo") and receipt is not None:
            self.fixit.jobs.plan_undo(receipt.id)

    def action_settle(self) -> None:
        if not self.refuse("history-settle"):
            self.fixit.jobs.recover()

    def on_option_list_option_highlighted(self) -> None:
        self.refresh_keys()

    def _current(self) -> Receipt | None:
        at = self.query_one("#history", OptionList).highlighted
        return self._receipts[at] if at is not None and at < len(self._receipts) else None

    def _draw(self) -> None:
        rows = self.query_one("#history", OptionList)
        rows.set_options([Option(_row(r, self.glyphs)) for r in self._receipts])
        if self._receipts:
            rows.highlighted = 0
        lead = self._lead or ("" if self._receipts else "Nothing was applied to this target yet.")
        self.query_one("#history-lead-text", Static).update(plain(lead))
        self.query_one("#history-lead").display = bool(lead)
        self.refresh_keys()


def open_ends(receipts: Sequence[Receipt]) -> str:
    """What became of changes that an earlier start did not see to their end, and what to do."""
    lines = [
        "An earlier change was not seen to its end. The server says of it now:"
        if len(receipts) == 1
        else "Earlier changes were not seen to their end. The server says of them now:"
    ]
    for receipt in receipts:
        said = receipt.note or "nothing: it could not be asked"
        lines.append(f"- {one_line(receipt.title)}: {one_line(said)}")
    lines.append("S settles what can be told; esc goes to the findings.")
    return "\n".join(lines)


def _row(receipt: Receipt, glyphs: Glyphs) -> Content:
    settled = receipt.state not in (*UNSETTLED, PlanState.PARTIAL)
    style = "$ok" if receipt.state in _DONE else "$quiet" if settled else "bold $sev-warning"
    undo = " (an undo)" if receipt.undo_of else ""
    head = Content.assemble(
        (f"{receipt.state.value:<12}", style), (f"{one_line(receipt.title)}{undo}", "bold")
    )
    detail = (
        f"\n            {receipt.finished_at or receipt.started_at} {glyphs.dot} {receipt.role}"
    )
    told = f"\n            {one_line(receipt.note)}" if receipt.note and not settled else ""
    return head + plain(f"{detail} {glyphs.dot} {receipt.id}{told}", "$quiet")
