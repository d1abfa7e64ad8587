"""What the command line needs from the composition root; it never imports an adapter itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from fixit_tui.engine.session import Session
    from fixit_tui.model.outcome import Receipt


@dataclass(frozen=True, slots=True)
class DemoServer:
    """A running demo: its DSN, its code folder, and the errors as users reported them."""

    dsn: str
    code: Path
    errors: Path
    data_dir: Path


class Services(Protocol):
    """Built once by `wiring`; every method imports what it needs when it is called."""

    def open_session(
        self,
        target: str | None,
        *,
        code: Path | None = None,
        symptom_text: str | None = None,
        playbook_dirs: Sequence[Path] = (),
        playbook_ids: Sequence[str] = (),
        ledger_in_database: bool | None = None,
    ) -> Session: ...

    def run_app(
        self,
        session: Session,
        *,
        mode: Literal["triage", "oncall"],
        ascii_only: bool,
        out: Path,
    ) -> None: ...

    def capture_to_file(self, target: str | None, out: Path) -> Path: ...

    def query_facts(
        self, target: str | None, code: Path | None, sql: str
    ) -> list[dict[str, object]]: ...

    def all_receipts(self) -> tuple[Receipt, ...]: ...

    def targets(self) -> dict[str, str]:
        """Profile names with their DSN, without passwords."""
        ...

    def save_target(self, name: str, dsn: str, code: Path | None) -> None: ...

    def forget_target(self, name: str) -> None: ...

    def start_demo(self, *, reset: bool, keep: bool) -> DemoServer: ...

    def stop_demo(self) -> bool: ...

    def playbook_roots(self, extra: Sequence[Path]) -> tuple[tuple[str, Path], ...]:
        """Layer name and folder, built-in first."""
        ...

    def own_playbooks(self) -> Path:
        """The folder in which a person keeps their own playbooks; it need not be there yet."""
        ...

    def test_playbooks(
        self, folders: Sequence[Path], on_case: Callable[[str, str, tuple[str, ...]], None]
    ) -> None:
        """Hold every case of playbook folders on a server of its own.

        Tells playbook, case and one sentence for each broken promise.
        """
        ...

    def doctor(self) -> list[tuple[str, bool, str]]:
        """Checks of this machine: label, whether it is all right, detail."""
        ...
