"""Playbook cases on a server of their own; part of the composition root."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from fixit_tui.engine.case_laws import broken_laws
from fixit_tui.engine.session import Session
from fixit_tui.engine.world import World
from fixit_tui.errors import FixitError
from fixit_tui.model.target import Environment
from fixit_tui.playbooks.cases import Case, load_cases
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import Playbook
from fixit_tui.postgres.case_stage import case_stage
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.postgres.local_server import FAST, LocalServer
from fixit_tui.store.clock import SystemClock
from fixit_tui.store.ledger import FileLedger

OnCase = Callable[[str, str, tuple[str, ...]], None]
"""Told of every case: playbook, case, and one sentence for each broken promise."""


def run_cases(tested: Sequence[Playbook], others: Sequence[Playbook], on_case: OnCase) -> None:
    """Hold every case of `tested`, with `others` around them: a quiet case is quiet for all.

    Cases about another version of the server are left out.
    """
    with LocalServer.start(settings=FAST) as server:
        version = server.version
        for playbook in tested:
            around = tuple(p for p in others if p.id != playbook.id)
            for case in load_cases(playbook):
                if not case.fits(version):
                    continue
                on_case(playbook.id, case.name, _broken(server, case, (*around, playbook)))


def _broken(server: LocalServer, case: Case, playbooks: tuple[Playbook, ...]) -> tuple[str, ...]:
    platforms = builtin_root() / "platforms"
    code = case.folder / "code"
    try:
        with (
            tempfile.TemporaryDirectory() as state,
            case_stage(server, case, platforms, "fixit_case") as stage,
        ):
            world = World(
                label=case.name,
                ledger=FileLedger(Path(state)),
                clock=SystemClock(),
                playbooks=lambda: (playbooks, ()),
                database=PgDatabase(stage.dsn),
                code_root=code if code.is_dir() else None,
                environment=Environment.LOCAL,
            )
            session = Session(world)
            try:
                return tuple(broken_laws(case, session, stage))
            finally:
                session.close()
    except FixitError as error:
        return (error.message,)
