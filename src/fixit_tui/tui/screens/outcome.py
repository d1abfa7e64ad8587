"""Applying, and what really came of it: the receipt, then the proof on a fresh connection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from time import monotonic

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from fixit_tui.errors import Effect, FixitError
from fixit_tui.model.finding import Check
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import Plan, PlanState
from fixit_tui.tui.bindings import Key, Scope, bindings_of
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.messages import JobName
from fixit_tui.tui.plain import one_line, plain
from fixit_tui.tui.screens.base import FixitScreen
from fixit_tui.tui.widgets.check_list import check_lines
from fixit_tui.tui.widgets.failure_view import failure_content
from fixit_tui.tui.widgets.progress_line import doing
from fixit_tui.tui.widgets.rehearsal_view import replay_line, statement_line
from fixit_tui.tui.widgets.sql_view import sql_content
from fixit_tui.tui.workspace import Workspace

_TO_SEE = 1.0
"""Seconds in which a key that was meant to stop it does not leave what came of it unseen."""
_COMMITTED = (PlanState.APPLIED, PlanState.VERIFIED, PlanState.NOT_FIXED)


class OutcomeScreen(FixitScreen):
    """Shows the apply job while it runs, then its receipt, then the verdict."""

    SCOPE = Scope.OUTCOME
    BINDINGS = bindings_of(Scope.OUTCOME)

    def __init__(self, ws: Workspace, glyphs: Glyphs, plan: Plan) -> None:
        super().__init__(ws, glyphs)
        self.plan = plan
        self.receipt: Receipt | None = None
        self.error: FixitError | None = None
        self._proved = False
        self._failed = JobName.APPLY
        self._over_since = 0.0

    def compose_body(self) -> Iterable[Widget]:
        with VerticalScroll(id="outcome", classes="panel"):
            yield Static("", id="outcome-text", markup=False)

    def on_mount(self) -> None:
        super().on_mount()
        self.query_one("#outcome").focus()

    def show_workspace(self, ws: Workspace) -> None:
        super().show_workspace(ws)
        self._draw()

    def show_receipt(self, receipt: Receipt, *, proved: bool = False) -> None:
        """Show what came of it; `proved` once the database was diagnosed again."""
        if self.receipt is None:
            self._over_since = monotonic()
        self.receipt, self._proved = receipt, proved
        self._draw()

    def show_error(self, error: FixitError, job: JobName) -> None:
        """Show why the apply, or the check after it, ended."""
        self.error, self._failed, self._over_since = error, job, monotonic()
        self._draw()

    def unavailable(self, key: Key) -> str:
        if key.id == "outcome-undo" and self._left_unfinished:
            return self.fixit.jobs.busy()
        if key.id == "outcome-undo":
            if self.receipt is None or self.receipt.state not in _COMMITTED:
                return "there is nothing to take back"
            if not self.receipt.leaves_undo:
                return "no undo is recorded for it"
            return self.fixit.jobs.busy()
        return super().unavailable(key)

    def action_undo(self) -> None:
        if self.refuse("outcome-undo"):
            return
        if self.receipt is not None:
            self.fixit.jobs.plan_undo(self.receipt.id)
        elif self._left_unfinished:
            self.fixit.jobs.plan_clean_up(self.plan.hash)

    @property
    def _left_unfinished(self) -> bool:
        return self.error is not None and self.error.effect is Effect.PARTIAL

    def go_back(self) -> bool:
        if self.receipt is None and self.error is None:
            self.fixit.say("It is still running; esc or ctrl+c stops it before COMMIT.", "warning")
        else:
            self.action_leave_outcome()
        return True

    def action_leave_outcome(self) -> None:
        if self.receipt is None and self.error is None:
            self.fixit.action_stop()
            return
        if monotonic() - self._over_since < _TO_SEE:
            self.fixit.say("It is over. Esc goes to the findings.")
            return
        self.fixit.show_triage()

    def _draw(self) -> None:
        if not self.is_mounted or not self.query("#outcome-text"):
            return
        self.query_one("#outcome-text", Static).update(self._body())

    def _body(self) -> Content:
        parts = [Content.styled(one_line(self.plan.title or "fixes"), "bold")]
        if self.receipt is not None:
            parts += self._receipt_parts(self.receipt)
        elif self.error is None:
            parts.append(self._running_text())
        if self.error is not None:
            if self._failed is JobName.RECHECK:
                parts.append(Content.styled("Checking again did not work", "bold $sev-warning"))
            parts.append(failure_content(self.error))
        return Content("\n\n").join(parts)

    def _running_text(self) -> Content:
        at = self.ws.progress
        if at is None:
            return Content("Starting.")
        text = Content.styled(doing(at), "bold")
        if at.cancelling:
            text += Content.styled("\nStopping it.", "bold $sev-warning")
        if at.blockers:
            text += Content("\nHeld up by\n") + plain(
                "\n".join(f"  {one_line(b)}" for b in at.blockers), "$sev-warning"
            )
        text += Content("\n\n") + sql_content("\n\n".join(s.up.strip() for s in self.plan.steps))
        return text + Content.styled(f"\n\n{how_to_stop(self.plan)}", "$quiet")

    def _receipt_parts(self, receipt: Receipt) -> list[Content]:
        g = self.glyphs
        parts = [headline(receipt, g)]
        if receipt.note:
            parts[0] += plain(f"\n{receipt.note}")
        if receipt.statements:
            lines = [statement_line(n, s) for n, s in enumerate(receipt.statements, 1)]
            parts.append(_titled("Ran in one transaction", Content("\n").join(lines)))
        if receipt.checks:
            parts.append(_titled("Checked before COMMIT", check_lines(receipt.checks, g)))
        if receipt.written_files:
            parts.append(_titled("Files written", plain("\n".join(receipt.written_files))))
        if receipt.state in _COMMITTED:
            parts.append(self._proof(receipt))
        record = (
            f"receipt {receipt.id}",
            f"transaction {receipt.xid or 'none'}",
            f"plan {receipt.plan_hash[:12]}",
        )
        parts.append(plain(f" {g.dot} ".join(record), "$quiet"))
        return parts

    def _proof(self, receipt: Receipt) -> Content:
        g = self.glyphs
        lines = []
        if receipt.replay_after is not None:
            lines.append(replay_line("the statement that failed", receipt.replay_after, g))
        if receipt.proof:
            lines.append(plain(f"{g.yes} {receipt.proof}", "$ok"))
        if receipt.verification:
            lines.append(check_lines([self._titled_check(c) for c in receipt.verification], g))
        left = {f.id for f in self.ws.findings}
        if self._proved and not receipt.undo_of and not receipt.verification:
            for finding_id in receipt.findings:
                if finding_id not in left:
                    lines.append(plain(f"{g.yes} the finding is gone", "$ok"))
                elif finding_id in receipt.pending_code:
                    lines.append(
                        plain(
                            f"{g.unknown} the finding stays until the code change is deployed",
                            "$sev-warning",
                        )
                    )
                else:
                    lines.append(plain(f"{g.no} the finding is still there", "$sev-error"))
        elif self.ws.progress is not None and self.ws.progress.job is JobName.RECHECK:
            lines.append(plain("Checking again on a fresh read-only connection.", "$quiet"))
        if not lines:
            lines.append(plain("Not checked again yet; r in the findings does it.", "$quiet"))
        return _titled("Proof", Content("\n").join(lines))

    def _titled_check(self, check: Check) -> Check:
        """The check with the titles of findings where it names their ids."""
        label = check.label
        for finding in (*self.ws.findings, *self.ws.fixed):
            label = label.replace(finding.id, f"'{finding.title}'")
        return replace(check, label=label)


def headline(receipt: Receipt, glyphs: Glyphs) -> Content:
    """The state of a receipt in a sentence, with what to do where it is not settled."""
    verb = "Undone" if receipt.undo_of else "Applied"
    match receipt.state:
        case PlanState.VERIFIED:
            return Content.styled(f"{glyphs.yes} {verb} and verified", "bold $ok")
        case PlanState.APPLIED | PlanState.UNDONE:
            return Content.styled(f"{glyphs.yes} {verb} and committed", "bold $ok")
        case PlanState.NOT_FIXED:
            return Content.styled(
                f"{glyphs.warning} {verb}, but the finding is still there", "bold $sev-warning"
            )
        case PlanState.ROLLED_BACK:
            return Content.styled(
                f"{glyphs.no} Rolled back; the database is as it was", "bold $sev-error"
            )
        case PlanState.STALE:
            return Content.styled(
                f"{glyphs.no} Not run: what it touches has changed since the plan was made",
                "bold $sev-error",
            ) + Content("\nPress r in the findings, then review again.")
        case PlanState.IN_DOUBT | PlanState.APPLYING:
            return Content.styled(
                f"{glyphs.unknown} In doubt: the link was lost around COMMIT", "bold $sev-warning"
            ) + Content(
                "\nDo not run it again. In the history (h), S asks the server what became of it."
            )
        case PlanState.PARTIAL:
            return Content.styled(
                f"{glyphs.warning} Partly done: an unfinished index is left", "bold $sev-warning"
            ) + Content("\nIn the history (h), its undo removes it.")
        case _:
            return Content(f"{receipt.state.value}")


def how_to_stop(plan: Plan) -> str:
    """What ctrl+c and esc would do to a plan that runs."""
    if plan.alone:
        return (
            "ctrl+c or esc stops it. It runs outside of a transaction: what is unfinished is then"
            " removed, and the receipt says whether that worked."
        )
    return "ctrl+c or esc stops it and rolls back, until COMMIT is sent."


def _titled(title: str, body: Content) -> Content:
    return Content.styled(f"{title}\n", "bold $primary") + body
