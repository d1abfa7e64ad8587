"""Cases with the facts that a real server gave, kept from one run to the next."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.playbooks.harness import BYSTANDERS, staged

import fixit_tui
from fixit_tui.facts.base import FactBase
from fixit_tui.model.events import ignore_event
from fixit_tui.playbooks.cases import Case
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.wiring import open_session


@dataclass(frozen=True, slots=True)
class Met:
    """A case with the facts that a real server and the case's code gave.

    `told`: with what the case's symptom.txt says.
    """

    case: Case
    facts: FactBase
    told: bool

    def source(self, path: str) -> bytes:
        """A source file of the case, or of the bystanders where the case has none of that name."""
        own = self.case.folder / "code" / path
        return (own if own.exists() else BYSTANDERS / "code" / path).read_bytes()


def meet(server: LocalServer, case: Case, folder: Path, *, crowded: bool = True) -> list[Met]:
    """Gather a case's facts, by default among the bystanders; the caller closes them.

    Once with nothing told and, where the case has a symptom, once more with that.
    """
    with staged(server, case, folder, crowded=crowded) as stage:
        session = open_session(stage.dsn, code=stage.code)
        try:
            found = [Met(case, session.gather(ignore_event, lambda: False), told=False)]
            if symptom := case.text("symptom.txt"):
                session.understand(symptom)
                found.append(Met(case, session.gather(ignore_event, lambda: False), told=True))
            return found
        finally:
            session.close()


def meet_again(server: LocalServer, case: Case, folder: Path, kept: Path, world: str) -> list[Met]:
    """The facts kept under `kept` for this case in this `world`; gathered and kept if there are none."""
    place = kept / _digest(world, _folders(case))
    if not place.exists():
        gathered = meet(server, case, folder)
        place.mkdir(parents=True)
        for met in gathered:
            met.facts._db.commit()
            (place / _KEPT_AS[met.told]).write_bytes(met.facts._db.serialize())
        return gathered
    return [
        Met(case, _read(place / name), told)
        for told, name in _KEPT_AS.items()
        if (place / name).exists()
    ]


_KEPT_AS = {False: "untold.sqlite", True: "told.sqlite"}


def _read(path: Path) -> FactBase:
    facts = FactBase()
    facts._db.execute("ATTACH ? AS kept", (str(path),))
    for (table,) in facts._db.execute("SELECT name FROM kept.sqlite_master WHERE type = 'table'"):
        facts._db.execute(f'INSERT INTO main."{table}" SELECT * FROM kept."{table}"')
    facts._db.commit()
    facts._db.execute("DETACH kept")
    return facts


def _folders(case: Case) -> list[Path]:
    start = [case.folder.parent / case.starts_from] if case.starts_from else []
    return [*start, case.folder]


def world_of(server: LocalServer) -> str:
    """What else a case's facts depend on: the server, the bystanders, what gathers the facts."""
    code = Path(fixit_tui.__file__).parent
    return _digest(str(server.version), [BYSTANDERS, builtin_root() / "platforms", code])


def _digest(start: str, folders: Iterable[Path]) -> str:
    digest = hashlib.sha256(start.encode())
    for folder in folders:
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"):
            digest.update(f"{folder.name}/{path.relative_to(folder)}".encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
