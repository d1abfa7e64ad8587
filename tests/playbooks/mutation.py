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
from dataclasses import replace
from pathlib import Path

import psycopg
from tests.playbooks.harness import make_stage
from tests.playbooks.laws import hold_to_the_laws, sql_fixes
from tests.playbooks.met import Met, meet_again, world_of
from tests.playbooks.mutants import change_mutants, query_mutants

from fixit_tui.errors import FixitError
from fixit_tui.model.finding import Fix, Severity
from fixit_tui.playbooks.cases import Case, load_cases
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import Playbook, load_all
from fixit_tui.playbooks.run import run_playbook
from fixit_tui.postgres.local_server import FAST, LocalServer

SECONDS = 1.0
"""A broken query that takes more of the processor's time is noticed by that."""

KEPT = Path(".pytest_cache") / "mutation"
"""Facts of the cases, by what they depend on."""

Answer = tuple[tuple[str, ...], ...] | None


def answer(playbook: Playbook, met: Met) -> Answer:
    """What the cases hold a playbook to; None when the query does not run to its end."""
    deadline = time.process_time() + SECONDS
    database = met.facts._db
    database.set_progress_handler(lambda: time.process_time() > deadline, 100_000)
    try:
        findings = run_playbook(playbook, met.facts, None, met.source)
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


def survivors(playbook: Playbook, cases: Sequence[Met]) -> Iterator[tuple[str, bool]]:
    """Each mutant of the query, and whether no case noticed it; the playbook's own cases look first.

    A case is held to what the whole query says of it, so one that is too slow for it says nothing.
    """
    own = [met for met in cases if met.case.playbook == playbook.id]
    own.sort(key=lambda met: not met.case.fires)
    others = [met for met in cases if met.case.playbook != playbook.id and not met.case.fires]
    wanted = [(met, answer(playbook, met)) for met in (*own, *others)]
    held = [(met, told) for met, told in wanted if told is not None]
    for mutant in query_mutants(playbook.query):
        broken = replace(playbook, query=mutant.query)
        yield mutant.what, all(answer(broken, met) == told for met, told in held)


def offered(server: LocalServer, case: Case, folder: Path) -> list[Fix]:
    """The migrations that the case's playbook offers for it."""
    stage = make_stage(server, case, f"case_{uuid.uuid4().hex[:12]}", folder)
    try:
        return sql_fixes([f for f in stage.findings() if f.playbook == case.playbook])
    finally:
        server.drop_database(stage.database)


def lawful(server: LocalServer, case: Case, fix: Fix, folder: Path) -> bool:
    """Whether a fix, broken or not, passes the laws on a fresh database of the case."""
    name = f"case_{uuid.uuid4().hex[:12]}"
    try:
        hold_to_the_laws(make_stage(server, case, name, folder), fix)
    except (AssertionError, psycopg.Error):
        return False
    finally:
        server.drop_database(name)
    return True


def change_survivors(
    server: LocalServer, case: Case, folder: Path
) -> Iterator[tuple[str, str, bool]]:
    """Fix, what its migration lacks, and whether the laws still held."""
    for fix in offered(server, case, folder / "first"):
        assert fix.sql is not None
        for number, (what, change) in enumerate(change_mutants(fix.sql)):
            broken = replace(fix, sql=change)
            yield fix.id, what, lawful(server, case, broken, folder / f"{fix.id}{number}")


def main() -> int:
    """Every mutant of every playbook, or of those named; fails where fewer than three are noticed."""
    playbooks, _ = load_all([("builtin", builtin_root())])
    chosen = [p for p in playbooks if not sys.argv[1:] or p.id in sys.argv[1:]]
    with LocalServer.start(settings=FAST) as server, tempfile.TemporaryDirectory() as folder:
        every = [case for p in playbooks for case in load_cases(p) if case.fits(server.version)]
        world = world_of(server)
        cases = [
            meet_again(server, case, Path(folder) / str(number), KEPT, world)
            for number, case in enumerate(every)
        ]
        held = [_held(server, playbook, cases, Path(folder)) for playbook in chosen]
    _say(f"{sum(held)} playbooks held by their cases, {held.count(False)} not")
    return 0 if all(held) else 1


def _held(server: LocalServer, playbook: Playbook, cases: Sequence[Met], folder: Path) -> bool:
    found = list(survivors(playbook, cases))
    noticed = sum(not alive for _, alive in found)
    _say(f"{playbook.id}: query: {noticed} of {len(found)} noticed")
    for what, alive in found:
        if alive:
            _say(f"    unnoticed: {what[:150]}")
    changes = _changes(server, playbook, folder)
    return noticed >= 3 and changes


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
