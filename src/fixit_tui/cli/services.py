"""What the command line needs from the composition root; it never imports an adapter itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from fixit_tui.engine.session import Session
    from fixit_tui.model.outcome import Receipt


@dataclass(frozen=True, slots=True)
class DemoServer:
    """A running demo: how to reach its database and where its code folder is."""

    dsn: str
    code: Path
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

    def doctor(self) -> list[tuple[str, bool, str]]:
        """Checks of this machine: label, whether it is all right, detail."""
        ...
