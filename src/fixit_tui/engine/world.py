"""What a session works on: the parts that the composition root puts together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fixit_tui.engine.ports import Clock, Database, Ledger, OpenShadow
from fixit_tui.model.target import Environment

if TYPE_CHECKING:
    from fixit_tui.engine.diagnose import Loaded
    from fixit_tui.facts.snapshot import Capture


@dataclass(frozen=True, slots=True)
class World:
    """One target, one code folder and one record of changes; `wiring` builds it.

    Exactly one of `database` and `capture` is given; `capture` opens a saved capture. `shadow`
    starts a server of our own, given the search_path of its sessions and the target's version.
    With `ledger_in_database` every change writes a row about itself to the target.
    """

    label: str
    ledger: Ledger
    clock: Clock
    playbooks: Callable[[], Loaded]
    database: Database | None = None
    capture: Callable[[], Capture] | None = None
    code_root: Path | None = None
    environment: Environment = Environment.UNKNOWN
    shadow: OpenShadow | None = None
    ledger_in_database: bool = False
