"""A small question before a rehearsal on production, and before quitting. No is the default."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from fixit_tui.model.plan import Plan
from fixit_tui.model.replay import Replay
from fixit_tui.tui.plain import one_line, plain
from fixit_tui.tui.tiers import Demand, Tier
from fixit_tui.tui.widgets.consent_bar import ConsentBar

ON_PRODUCTION = (
    "The target is PRODUCTION.\n\nA rehearsal runs the real statements and rolls them back. It "
    "takes the same locks for as long as it runs, and sequence numbers that it draws are lost."
)
WHILE_APPLYING = (
    "A change is being applied.\n\nQuitting asks the server to cancel and roll back. If COMMIT "
    "was sent already, its outcome is shown first at the next start."
)


def reaching_out(plan: Plan) -> str:
    """The question before a rehearsal whose rollback cannot take everything back."""
    told = "\n".join(f"- {s.text}" for s in plan.survives if s.outside)
    return f"A rollback does not take back all that this rehearsal does:\n\n{told}"


def unapplied(count: int) -> str:
    """The question before quitting with chosen fixes."""
    return f"{count} chosen {'fix is' if count == 1 else 'fixes are'} not applied. Quit?"


def before_replay(replay: Replay, *, production: bool) -> str:
    """The question before a replay on production, or of what reaches out of the database."""
    parts = ["The target is PRODUCTION."] if production else []
    parts.append(
        "The statement runs for real and is rolled back. It takes its locks for as long as it runs."
    )
    if replay.survives:
        lost = "\n".join(f"- {one_line(survivor.text)}" for survivor in replay.survives)
        parts.append(f"A rollback does not take back:\n{lost}")
    return "\n\n".join(parts)


class ConfirmScreen(ModalScreen[bool]):
    """Answers true for yes. Esc and Enter answer no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "no", "no", show=False),
        Binding("y", "yes", "yes", show=False),
    ]

    def __init__(self, question: str, verb: str, target_name: str) -> None:
        super().__init__()
        self._question = question
        self._verb = verb
        self._target_name = target_name

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            with VerticalScroll(classes="dialog-body", can_focus=False):
                yield Static(plain(self._question), markup=False)
            yield ConsentBar(self._verb, self._target_name)

    def on_mount(self) -> None:
        self.query_one(ConsentBar).ask(Demand(Tier.PRESS, ""))

    def action_yes(self) -> None:
        self.query_one(ConsentBar).press()

    def action_no(self) -> None:
        self.dismiss(False)

    def on_consent_bar_accepted(self) -> None:
        self.dismiss(True)

    def on_consent_bar_cancelled(self) -> None:
        self.dismiss(False)
