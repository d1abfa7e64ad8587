"""Do the cases notice when a playbook is broken? `make mutants` prints those that none notices.

A query's mutants run over the facts of its cases, which a real server gave; a migration's and an
edit's run under the same laws as the fix itself.
"""

from __future__ import annotations

import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
from tests.playbooks.account import account
from tests.playbooks.harness import cases_here, loud, staged
from tests.playbooks.laws import (
    hold_to_the_code_law,
    hold_to_the_laws,
    mended_in_code,
    sql_fixes,
)
from tests.playbooks.met import Met, meet, meet_again, world_of
from tests.playbooks.mutants import change_mutants, edit_mutants, query_mutants
from tests.playbooks.near import NearMiss, near_misses

from fixit_tui.errors import FixitError
from fixit_tui.facts.base import Row
from fixit_tui.model.finding import Finding, Fix
from fixit_tui.playbooks.cases import Case
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import Playbook, load_all
from fixit_tui.playbooks.query import rows_of
from fixit_tui.playbooks.run import run_playbook
from fixit_tui.postgres.local_server import FAST, LocalServer

STEPS = 5_000_000
"""SQLite's own steps that a query may take; a broken one that takes more is noticed by nobody."""

KEPT = Path(".pytest_cache") / "mutation"
"""Facts of the cases, by what they depend on."""


def _rows(query: str, met: Met) -> list[Row] | None:
    """What a query gives over the case's facts; None when that takes too long.

    Raises UsageError when the query is none.
    """
    database, taken = met.facts._db, 0

    def enough() -> bool:
        nonlocal taken
        taken += 100_000
        return taken > STEPS

    database.set_progress_handler(enough, 100_000)
    try:
        return rows_of(met.facts, query)
    except FixitError:
        if taken > STEPS:
            return None
        raise
    finally:
        database.set_progress_handler(None, 0)


def _findings(playbook: Playbook, met: Met) -> tuple[Finding, ...]:
    return loud(run_playbook(playbook, met.facts, None, met.source))


Noticed = Callable[[Playbook], bool]


def notices(playbook: Playbook, met: Met) -> Iterator[Noticed]:
    """Whether this case, and each of its near misses, notices that the playbook is another one."""
    yield _notices(playbook, met)
    yield from (_notices(playbook, met, near) for near in near_misses(met.case, told=met.told))


def _notices(playbook: Playbook, met: Met, near: NearMiss | None = None) -> Noticed:
    """Whether these facts notice a mutant: by what it finds, by failing, but not by its slowness."""
    made = nullcontext if near is None else partial(near.made, met.facts)
    with made():
        rows, told = _rows(playbook.query, met), account(_findings(playbook, met))
    assert rows is not None, f"{playbook.id} is too slow for {met.case.name}"

    def noticed(mutant: Playbook) -> bool:
        try:
            with made():
                found = _rows(mutant.query, met)
                if found is None or found == rows:
                    return False
                findings = _findings(mutant, met)
            if near is None:
                return account(findings) != told
            near.hold(findings)
        except (FixitError, AssertionError, FileNotFoundError):
            return True
        return False

    return noticed


def survivors(playbook: Playbook, cases: Sequence[Met]) -> Iterator[tuple[str, bool]]:
    """Each mutant of the query, and whether none of the playbook's own cases noticed it."""
    look = [noticed for met in cases for noticed in notices(playbook, met)]
    for mutant in query_mutants(playbook.query):
        broken = replace(playbook, query=mutant.query)
        yield mutant.what, not any(noticed(broken) for noticed in look)


def offered(server: LocalServer, case: Case, folder: Path) -> list[Fix]:
    """The migrations that the case's playbook offers for it."""
    with staged(server, case, folder) as stage:
        return sql_fixes([f for f in stage.findings() if f.playbook == case.playbook])


def lawful(server: LocalServer, case: Case, fix: Fix, folder: Path) -> bool:
    """Whether a migration, broken or not, passes the laws on a fresh database of the case."""
    with staged(server, case, folder) as stage:
        try:
            hold_to_the_laws(stage, fix)
        except (AssertionError, psycopg.Error):
            return False
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


def edit_survivors(
    server: LocalServer, playbook: Playbook, case: Case, folder: Path
) -> Iterator[tuple[str, bool]]:
    """Each mutant of the edits that the case's findings recommend, and whether the law still held."""
    both = meet(server, case, folder / "first", crowded=False)
    met = next(m for m in both if m.told is case.needs_symptom)
    try:
        if not any(mended_in_code(f) for f in _findings(playbook, met)):
            return
        rows = rows_of(met.facts, playbook.query)
        for number, mutant in enumerate(edit_mutants(playbook.query, rows)):
            try:
                found = _findings(replace(playbook, query=mutant.query), met)
            except FixitError:
                yield mutant.what, False
                continue
            chosen = [f for f in found if mended_in_code(f)]
            yield mutant.what, _mends(server, case, chosen, folder / str(number))
    finally:
        for other in both:
            other.facts.close()


def _mends(server: LocalServer, case: Case, findings: Sequence[Finding], folder: Path) -> bool:
    with staged(server, case, folder) as stage:
        try:
            for finding in findings:
                hold_to_the_code_law(stage, finding, folder)
        except (AssertionError, psycopg.Error):
            return False
    return bool(findings)


def main() -> int:
    """Every mutant of every playbook, or of those named; fails where fewer than three are noticed.

    With --queries only the queries' mutants.
    """
    playbooks, _ = load_all([("builtin", builtin_root())])
    names = [name for name in sys.argv[1:] if name != "--queries"]
    chosen = [p for p in playbooks if not names or p.id in names]
    with LocalServer.start(settings=FAST) as server, tempfile.TemporaryDirectory() as folder:
        world = world_of(server)
        held = []
        for playbook in chosen:
            cases = [
                met
                for case in cases_here(playbook)
                for met in meet_again(
                    server, case, Path(folder) / playbook.id / case.name, KEPT, world
                )
            ]
            held.append(_query_held(playbook, cases))
            for met in cases:
                met.facts.close()
        if "--queries" not in sys.argv:
            held += [_fixes_held(server, playbook, Path(folder)) for playbook in chosen]
    return 0 if all(held) else 1


def _query_held(playbook: Playbook, cases: Sequence[Met]) -> bool:
    found = list(survivors(playbook, cases))
    noticed = sum(not alive for _, alive in found)
    _say(f"{playbook.id}: query: {noticed} of {len(found)} noticed")
    for what, alive in found:
        if alive:
            _say(f"    unnoticed: {what[:150]}")
    return noticed >= 3


def _fixes_held(server: LocalServer, playbook: Playbook, folder: Path) -> bool:
    seen: dict[str, list[bool]] = {}
    for case in cases_here(playbook):
        if not (case.fires and case.failing):
            continue
        place = folder / uuid.uuid4().hex
        broken = list(change_survivors(server, case, place))
        if (case.folder / "code").is_dir():
            edits = edit_survivors(server, playbook, case, place / "edits")
            broken += [("edits", what, alive) for what, alive in edits]
        for fix, what, alive in broken:
            seen.setdefault(fix, []).append(not alive)
            if alive:
                _say(f"    {case.name}: {fix}: unnoticed: {what}")
    for fix, noticed in seen.items():
        _say(f"{playbook.id}: {fix}: {sum(noticed)} of {len(noticed)} noticed")
    return all(any(noticed) for noticed in seen.values())


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
