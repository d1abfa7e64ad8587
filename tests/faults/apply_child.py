"""An apply in a process of its own, which can be killed; it leaves its word in a file."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fixit_tui.cli.exit_codes import exit_code_of
from fixit_tui.engine.apply import Applier
from fixit_tui.errors import FixitError
from fixit_tui.model.events import ignore_event
from fixit_tui.model.plan import Consent, Plan
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.store.clock import SystemClock
from fixit_tui.store.ledger import FileLedger


def never() -> bool:
    """Nobody asks this process to stop in an orderly way."""
    return False


def apply_plan(dsn: str, state: Path, plan: Plan, word: Path) -> None:
    """Apply, write {"effect", "error"} into `word`, and exit as the command line would."""
    applier = Applier(PgDatabase(dsn), FileLedger(state), SystemClock(), None, ignore_event, never)
    try:
        applier.apply(plan, Consent(plan.hash, plan.target.name))
    except FixitError as error:
        word.write_text(json.dumps({"effect": error.effect.value, "error": str(error.message)}))
        sys.exit(int(exit_code_of(error)))
    word.write_text(json.dumps({"effect": "applied", "error": ""}))
