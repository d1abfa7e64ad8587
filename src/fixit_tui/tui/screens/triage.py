"""The main screen: findings, the explanation, the ways out, the exact change."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widget import Widget

from fixit_tui.model.finding import Finding, Fix
from fixit_tui.model.plan import Choice
from fixit_tui.tui.bindings import Key, Scope, bindings_of
from fixit_tui.tui.clipboard import offer
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.screens.base import FixitScreen
from fixit_tui.tui.widgets.change_panel import ChangePanel, Tab
from fixit_tui.tui.widgets.finding_list import FindingList
from fixit_tui.tui.widgets.finding_view import FindingView
from fixit_tui.tui.widgets.fix_options import DoNotFit, FixOptions
from fixit_tui.tui.widgets.panel import Panel
from fixit_tui.tui.workspace import (
    Workspace,
    toggle,
    why_not_choosable,
    why_not_rehearsable,
)

_DEBOUNCE = 0.05


class TriageScreen(FixitScreen):
    """Panels 1 to 4; below 100 columns the list and the finding take turns."""

    SCOPE = Scope.TRIAGE
    BINDINGS = bindings_of(Scope.TRIAGE)

    def __init__(self, ws: Workspace, glyphs: Glyphs) -> None:
        super().__init__(ws, glyphs)
        self._finding: Finding | None = None
        self._pending: Timer | None = None

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="work"):
            yield FindingList(self.glyphs)
            with Vertical(id="detail"):
                yield FindingView(self.glyphs)
                with Vertical(id="fix-side"):
                    yield FixOptions(self.glyphs)
                    yield ChangePanel(self.glyphs)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one(FindingList).main.focus()

    def show_workspace(self, ws: Workspace) -> None:
        super().show_workspace(ws)
        self.query_one(FindingList).show(ws)
        if self._finding is not None:
            every = (*ws.findings, *ws.fixed)
            self._finding = next((f for f in every if f.id == self._finding.id), None)
        self._show_finding()

    def unavailable(self, key: Key) -> str:
        match key.id:
            case "choose":
                return self._why_not_choose()
            case "rehearse" | "shadow" | "review" | "export":
                if not self.ws.choices and self._why_not_choose():
                    return "choose a fix first (space)"
                if key.id in ("rehearse", "shadow") and (reason := self._why_not_rehearse()):
                    return reason
                if self.ws.offline and key.id == "rehearse":
                    return "a saved capture has no server to rehearse on; s takes a shadow"
            case "undo" if self.ws.last_receipt is None:
                return "nothing was applied in this session; h lists earlier changes"
            case "next-match" | "previous-match" | "open" | "filter":
                return "" if self.ws.findings or self.ws.fixed else "there is no finding"
        if key.danger or key.id in ("recheck", "export"):
            return self.fixit.jobs.busy()
        return super().unavailable(key)

    def _why_not_choose(self) -> str:
        if self._finding is None:
            return "there is no finding"
        if self._finding in self.ws.fixed:
            return "this finding is fixed"
        row = self.query_one(FixOptions).current
        if isinstance(row, DoNotFit):
            return "these do not fit; enter lists them one by one"
        if not isinstance(row, Fix):
            return "this option changes nothing"
        return why_not_choosable(row)

    def _why_not_rehearse(self) -> str:
        """Of what is chosen; if nothing is, of the highlighted fix."""
        row = self.query_one(FixOptions).current
        fixes = [row] if isinstance(row, Fix) else []
        if chosen := self.ws.choices:
            ids = {(c.finding_id, c.fix_id) for c in chosen}
            fixes = [x for f in self.ws.findings for x in f.fixes if (f.id, x.id) in ids]
        return next(filter(None, map(why_not_rehearsable, fixes)), "")

    def on_finding_list_highlighted(self, event: FindingList.Highlighted) -> None:
        if event.finding == self._finding:
            return
        self._finding = event.finding
        if self._pending is not None:
            self._pending.stop()
        # Held cursor keys pass many findings; only the one they stop at is worth drawing.
        self._pending = self.set_timer(_DEBOUNCE, self._show_finding)

    def on_finding_list_opened(self) -> None:
        self._show_finding()
        self.add_class("-open")
        self.query_one(FindingView).main.focus()

    def on_fix_options_highlighted(self, _: FixOptions.Highlighted) -> None:
        self._show_change()

    def on_fix_options_chosen(self) -> None:
        self.query_one(ChangePanel).main.focus()

    def _show_finding(self) -> None:
        self.query_one(FindingView).show(self._finding)
        self.query_one(FixOptions).show(self._finding, self.ws)
        self._show_change()

    def _show_change(self) -> None:
        row = self.query_one(FixOptions).current if self._finding is not None else None
        rehearsed = None
        if isinstance(row, Fix) and self._finding is not None:
            rehearsed = self.ws.rehearsal_of(self._finding.id, row.id)
        self.query_one(ChangePanel).show(row, rehearsed.rehearsal if rehearsed else None)
        self.refresh_keys()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        super().on_descendant_focus(event)
        # The panel that is read gets the room.
        for panel in ("finding", "options", "change"):
            self.set_class(self.panel_name == panel, f"-at-{panel}")

    def open_rehearsal(self) -> None:
        """Show the rehearsal's tab, without moving the focus."""
        self.query_one(ChangePanel).open(Tab.REHEARSAL)

    def action_open(self) -> None:
        self.on_finding_list_opened()

    def action_choose(self) -> None:
        row = self.query_one(FixOptions).current
        if self.refuse("choose") or self._finding is None or not isinstance(row, Fix):
            return
        self.fixit.workspace = toggle(self.ws, self._finding.id, row.id)

    def _choices(self, key_id: str) -> tuple[Choice, ...]:
        """What is chosen; if nothing is, the highlighted fix becomes the choice."""
        if self.refuse(key_id):
            return ()
        if not self.ws.choices:
            self.action_choose()
        return self.fixit.workspace.choices

    def action_rehearse(self) -> None:
        if choices := self._choices("rehearse"):
            self.fixit.rehearse(choices)

    def action_shadow(self) -> None:
        if choices := self._choices("shadow"):
            self.fixit.jobs.rehearse_in_shadow(choices)

    def action_review(self) -> None:
        if choices := self._choices("review"):
            self.fixit.jobs.plan(choices)

    def action_export(self) -> None:
        if choices := self._choices("export"):
            self.fixit.export(choices)

    def action_undo(self) -> None:
        if not self.refuse("undo") and self.ws.last_receipt is not None:
            self.fixit.jobs.plan_undo(self.ws.last_receipt.id)

    def action_recheck(self) -> None:
        if not self.refuse("recheck"):
            self.fixit.jobs.diagnose()

    def action_filter(self) -> None:
        self._close_detail()
        self.query_one(FindingList).open_filter()

    def action_next_match(self) -> None:
        self.query_one(FindingList).step(1)

    def action_previous_match(self) -> None:
        self.query_one(FindingList).step(-1)

    def action_next_option(self) -> None:
        self.query_one(FixOptions).step(1)

    def action_previous_option(self) -> None:
        self.query_one(FixOptions).step(-1)

    def action_next_tab(self) -> None:
        self.query_one(ChangePanel).step(1)

    def action_previous_tab(self) -> None:
        self.query_one(ChangePanel).step(-1)

    def action_panel(self, number: int) -> None:
        panel = (FindingList, FindingView, FixOptions, ChangePanel)[number - 1]
        self.action_unzoom()
        if number == 1:
            self._close_detail()
        else:
            self.add_class("-open")
        self.query_one(panel).main.focus()

    def action_zoom(self) -> None:
        for panel in self.query(Panel):
            panel.set_class(panel.id == self.panel_name, "-zoomed")
        self.set_class(bool(self.panel_name), "-zoom")

    def action_unzoom(self) -> None:
        self.remove_class("-zoom")

    def action_copy(self) -> None:
        if self.panel_name in ("finding", "findings"):
            offer(self.fixit, self.query_one(FindingView).text, "finding.txt")
            return
        change = self.query_one(ChangePanel)
        text, ending = change.source()
        offer(self.fixit, text, f"{change.tab.value.lower()}.{ending}")

    def go_back(self) -> bool:
        if self.has_class("-zoom"):
            self.action_unzoom()
            return True
        if self.query_one(FindingList).close_filter():
            return True
        if self.panel_name != "findings" or self.has_class("-open"):
            self._close_detail()
            self.query_one(FindingList).main.focus()
            return True
        return False

    def _close_detail(self) -> None:
        self.remove_class("-open")
