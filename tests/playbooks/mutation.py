"""Do the cases notice when a playbook is broken? `make mutants` prints those that none notices.

A query's mutants run over the facts of every case, which a real server gave; a migration's run
on the server under the same laws as the migration itself.
"""

from __future__ import annotations

import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.playbooks.harness import make_stage
from tests.playbooks.laws import hold_to_the_laws, sql_fixes
from tests.playbooks.mutants import change_mutants, query_mutants

from fixit_tui.errors import FixitError
from fixit_tui.facts.base import FactBase
from fixit_tui.model.events import ignore_event
from fixit_tui.model.finding import Severity
from fixit_tui.playbooks.cases import Case, load_cases
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import Playbook, load_all
from fixit_tui.playbooks.run import run_playbook
from fixit_tui.postgres.local_server import FAST, LocalServer
from fixit_tui.wiring import open_session

SECONDS = 5.0
"""A broken query that runs longer is noticed by that."""

Answer = tuple[tuple[str, ...], ...] | None


@dataclass(frozen=True, slots=True)
class Met:
    """A case with the facts that a real server and the case's code gave."""

    case: Case
    facts: FactBase
    code: Path


def meet(server: LocalServer, case: Case, folder: Path) -> Met:
    """Gather a case's facts; the caller closes them."""
    name = f"case_{uuid.uuid4().hex[:12]}"
    try:
        stage = make_stage(server, case, name, folder, crowded=True)
        symptom = case.text("symptom.txt") if case.needs_symptom else None
        session = open_session(stage.dsn, code=stage.code, symptom_text=symptom)
        try:
            facts = session.gather(ignore_event, lambda: False)
            return Met(case, facts, stage.code or folder)
        finally:
            session.close()
    finally:
        server.drop_database(name)


def answer(playbook: Playbook, met: Met) -> Answer:
    """What the cases hold a playbook to; None when the query does not run to its end."""
    source = met.code
    deadline = time.monotonic() + SECONDS
    database = met.facts._db
    database.set_progress_handler(lambda: time.monotonic() > deadline, 100_000)
    try:
        findings = run_playbook(
            playbook, met.facts, None, lambda path: (source / path).read_bytes()
        )
    except FixitError:
        return None
    finally:
        database.set_progress_handler(None, 0)
    told = [
        (
            f.cause,
            f.relation or "",
            f.object or "",
            *(s.text for s in f.sites),
            f.recommended.id if f.recommended else "",
        )
        for f in findings
        if f.severity is not Severity.INFO
    ]
    return tuple(sorted(told))


def survivors(
    playbook: Playbook, cases: Sequence[Met], every: int = 1
) -> Iterator[tuple[str, bool]]:
    """Each mutant of the query (every n-th of them), and whether no case noticed it."""
    own = [met for met in cases if met.case.playbook == playbook.id]
    others = [met for met in cases if met.case.playbook != playbook.id and not met.case.fires]
    wanted = {id(met): answer(playbook, met) for met in (*own, *others)}
    for number, mutant in enumerate(query_mutants(playbook.query)):
        if number % every:
            continue
        broken = replace(playbook, query=mutant.query)
        alive = all(answer(broken, met) == wanted[id(met)] for met in (*own, *others))
        yield mutant.what, alive


def change_survivors(
    server: LocalServer, case: Case, folder: Path
) -> Iterator[tuple[str, str, bool]]:
    """Fix, what its migration lacks, and whether the laws still held."""
    stage = make_stage(server, case, f"case_{uuid.uuid4().hex[:12]}", folder / "first")
    try:
        found = [f for f in stage.findings() if f.playbook == case.playbook]
    finally:
        server.drop_database(stage.database)
    for fix in sql_fixes(found):
        assert fix.sql is not None
        for number, (what, change) in enumerate(change_mutants(fix.sql)):
            name = f"case_{uuid.uuid4().hex[:12]}"
            try:
                fresh = make_stage(server, case, name, folder / f"{fix.id}{number}")
                hold_to_the_laws(fresh, replace(fix, sql=change))
            except Exception:  # whatever it was that the mutant met, it was noticed
                yield fix.id, what, False
            else:
                yield fix.id, what, True
            finally:
                server.drop_database(name)


def main() -> int:
    """Every mutant of every playbook, or of those named; fails where fewer than three are noticed."""
    playbooks, _ = load_all([("builtin", builtin_root())])
    chosen = [p for p in playbooks if not sys.argv[1:] or p.id in sys.argv[1:]]
    enough = True
    with LocalServer.start(settings=FAST) as server, tempfile.TemporaryDirectory() as folder:
        every = [case for p in playbooks for case in load_cases(p) if case.fits(server.version)]
        cases = [meet(server, case, Path(folder) / c) for c, case in _numbered(every)]
        for playbook in chosen:
            found = list(survivors(playbook, cases))
            noticed = sum(not alive for _, alive in found)
            _say(f"{playbook.id}: query: {noticed} of {len(found)} noticed")
            for what, alive in found:
                if alive:
                    _say(f"    unnoticed: {what[:150]}")
            enough = enough and noticed >= 3 and _changes(server, playbook, Path(folder))
    return 0 if enough else 1


def _numbered(cases: Sequence[Case]) -> Iterator[tuple[str, Case]]:
    return ((f"case{number}", case) for number, case in enumerate(cases))


def _changes(server: LocalServer, playbook: Playbook, folder: Path) -> bool:
    seen: dict[str, list[bool]] = {}
    for case in load_cases(playbook):
        if not (case.fires and case.failing and case.fits(server.version)):
            continue
        for fix, what, alive in change_survivors(server, case, folder / uuid.uuid4().hex):
            seen.setdefault(fix, []).append(not alive)
            if alive:
                _say(f"    {case.name}: {fix}: unnoticed: {what}")
    for fix, noticed in seen.items():
        _say(f"{playbook.id}: {fix}: {sum(noticed)} of {len(noticed)} noticed")
    return all(sum(noticed) >= 3 for noticed in seen.values())


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
