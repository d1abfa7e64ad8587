"""The review of a plan: everything that will run, and the only way to accept it."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from fixit_tui.model.plan import Choice, Consent, Plan
from fixit_tui.tui.bindings import Key, Scope, bindings_of
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import one_line, plain
from fixit_tui.tui.screens.base import FixitScreen
from fixit_tui.tui.tiers import demand, locks_of
from fixit_tui.tui.widgets.check_list import check_lines
from fixit_tui.tui.widgets.consent_bar import ConsentBar
from fixit_tui.tui.widgets.diff_view import change_count, diff_content
from fixit_tui.tui.widgets.lock_table import lock_lines, mode_name
from fixit_tui.tui.widgets.rehearsal_view import age_text, is_stale, verdict
from fixit_tui.tui.widgets.sql_view import sql_content
from fixit_tui.tui.workspace import NOT_REHEARSED, Workspace


class ReviewScreen(FixitScreen):
    """Statements, locks, checks, rehearsal, undo, code edits; then Cancel or accept."""

    SCOPE = Scope.REVIEW
    BINDINGS = bindings_of(Scope.REVIEW)

    def __init__(
        self, ws: Workspace, glyphs: Glyphs, plan: Plan, choices: tuple[Choice, ...]
    ) -> None:
        super().__init__(ws, glyphs)
        self.plan = plan
        self._choices = choices
        # Without statements, writing the files is all that there is to accept.
        self._write_files = not plan.steps and bool(plan.edits)

    def compose_body(self) -> Iterable[Widget]:
        with VerticalScroll(id="review", classes="panel"):
            yield Static("", id="review-text", markup=False)
        yield Static("", id="write-files", markup=False)
        yield ConsentBar("undo" if self.plan.reverts else "apply", one_line(self.plan.target.name))

    def show_workspace(self, ws: Workspace) -> None:
        super().show_workspace(ws)
        rehearsal = ws.rehearsal_for(self.plan.hash)
        self.query_one(ConsentBar).ask(demand(self.plan, rehearsal, ws.offline))
        self._draw()

    def unavailable(self, key: Key) -> str:
        if key.id == "toggle-files":
            if not self.plan.edits:
                return "this plan changes no code"
            if not self.ws.code_folder:
                return "no code folder was given"
            if not self.plan.steps:
                return "writing the files is all that this plan does"
        if key.id in ("rehearse-plan", "shadow-plan"):
            if not self.plan.steps:
                return "this plan has no statement to rehearse"
            if self.plan.alone:
                return NOT_REHEARSED
            if self.ws.offline and key.id == "rehearse-plan":
                return "a saved capture has no server to rehearse on; s takes a shadow"
            return self.fixit.jobs.busy()
        return super().unavailable(key)

    def action_accept(self) -> None:
        if not self.too_small:
            self.query_one(ConsentBar).press()

    def action_cancel(self) -> None:
        self.fixit.say("Nothing was changed; the choices are kept.")
        self.app.pop_screen()

    def action_toggle_files(self) -> None:
        if not self.refuse("toggle-files"):
            self._write_files = not self._write_files
            self._draw()

    def action_rehearse_plan(self) -> None:
        if not self.refuse("rehearse-plan"):
            self.fixit.rehearse(self._choices, self.plan)

    def action_shadow_plan(self) -> None:
        if not self.refuse("shadow-plan"):
            self.fixit.jobs.rehearse_in_shadow(self._choices, self.plan)

    def action_export_plan(self) -> None:
        self.fixit.export(self._choices, self.plan)

    def on_consent_bar_cancelled(self) -> None:
        self.action_cancel()

    def on_consent_bar_accepted(self) -> None:
        if reason := self.fixit.jobs.busy():
            self.fixit.say(reason, "warning")
            return
        consent = Consent(self.plan.hash, self.plan.target.name, write_code=self._write_files)
        self.fixit.apply(self.plan, consent)

    def on_click(self, event: events.Click) -> None:
        if event.widget is not None and event.widget.id == "write-files":
            self.action_toggle_files()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted or not self.query("#review-text"):
            return
        width = max(40, self.size.width - 6)
        self.query_one("#review-text", Static).update(self._body(width))
        switch = self.query_one("#write-files", Static)
        switch.display = bool(self.plan.edits)
        count = len(self.plan.edits)
        box = self.glyphs.chosen if self._write_files else self.glyphs.unchosen
        files = f"{count} file{'' if count == 1 else 's'}"
        if self.ws.code_folder:
            these = "this" if count == 1 else "these"
            text = f"{box} w  also write {these} {files} in {self.ws.code_folder}"
        else:
            text = f"{files} to change by hand: no code folder was given (x exports the patch)"
        switch.update(plain(text))

    def _body(self, width: int) -> Content:
        plan, ws = self.plan, self.ws
        rehearsal = ws.rehearsal_for(plan.hash)
        parts = [
            Content.styled("Review: ", "bold")
            + Content.styled(one_line(plan.title or "fixes"), "bold"),
            self._summary(),
        ]
        if plan.obstacles or plan.cautions:
            lines = (*plan.obstacles, *plan.cautions)
            marked = "\n".join(f"{self.glyphs.warning} {one_line(line)}" for line in lines)
            parts.append(_titled("Mind before you start", plain(marked, "$sev-warning")))
        total = len(plan.steps)
        for step in plan.steps:
            head = Content.assemble(
                (f"{step.number} of {total}  ", "$quiet"), (one_line(step.title), "bold")
            )
            parts.append(head + Content("\n") + sql_content(step.up))
        if plan.record is not None:
            record = plan.all_steps[-1]
            parts.append(
                _titled(f"{record.title}, in the same transaction", sql_content(record.up))
            )
        if plan.survives and rehearsal is None:
            told = plain("\n".join(survivor.text for survivor in plan.survives))
            parts.append(_titled("A rehearsal here does not take back", told))
        if rehearsal is not None and rehearsal.prechecks:
            parts.append(_titled("Checks before", check_lines(rehearsal.prechecks, self.glyphs)))
        elif any(step.precheck for step in plan.steps):
            texts = [sql_content(step.precheck) for step in plan.steps if step.precheck]
            parts.append(
                _titled(
                    "Checked first, on its own"
                    if plan.alone
                    else "Checked first, in the same transaction",
                    Content("\n\n").join(texts),
                )
            )
        if plan.steps:
            parts.append(_titled("Locks", lock_lines(locks_of(plan, rehearsal))))
        if plan.patch:
            title = f"Code: {change_count(plan.patch)}"
            parts.append(_titled(title, diff_content(plan.patch, width)))
        if plan.steps:
            parts.append(_titled("Undo", self._undo()))
        return Content("\n\n").join(parts)

    def _summary(self) -> Content:
        plan, rehearsal = self.plan, self.ws.rehearsal_for(self.plan.hash)
        rows: list[tuple[str, Content]] = [("target", plain(plan.target.name))]
        if plan.steps:
            locks = locks_of(plan, rehearsal)
            lock = (
                f"{mode_name(locks[0].mode)} on {one_line(locks[0].relation)}"
                if locks
                else "none known"
            )
            rows.append(("strongest lock", Content(lock)))
            rows.append(("rehearsal", self._rehearsal_text()))
            lost = [s for s in plan.steps if s.irreversible]
            undo = "not for every step, see below" if lost else "available, see below"
            rows.append(("undo", plain(undo, "bold $sev-error" if lost else "")))
            if plan.replay:
                rows.append(("proof", Content("the failing statement must succeed before COMMIT")))
        rows.append(("plan", Content(plan.short_hash)))
        return Content("\n").join(
            Content.styled(f"{label:<16}", "$quiet") + text for label, text in rows
        )

    def _rehearsal_text(self) -> Content:
        rehearsal = self.ws.rehearsal_for(self.plan.hash)
        if self.plan.alone:
            return plain("not possible: it runs outside of any transaction", "$sev-warning")
        if rehearsal is None:
            return plain("not done; R does it now", "bold $sev-warning")
        text = verdict(rehearsal, self.glyphs) + Content(
            f", {age_text(rehearsal)}, {rehearsal.ms} ms"
        )
        return (
            text + plain("; R rehearses again", "bold $sev-warning")
            if is_stale(rehearsal)
            else text
        )

    def _undo(self) -> Content:
        blocks = []
        for step in reversed(self.plan.steps):
            if step.irreversible:
                head = Content.styled(f"step {step.number} cannot be undone: ", "bold $sev-error")
                blocks.append(head + plain(step.irreversible))
            else:
                blocks.append(sql_content(step.undo))
        return Content("\n\n").join(blocks)


def _titled(title: str, body: Content) -> Content:
    return Content.styled(f"{title}\n", "bold $primary") + body
