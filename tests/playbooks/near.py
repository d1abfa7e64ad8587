"""Near misses: a case's facts but for one thing, and what its playbook then has to say.

They stand in near_misses/<playbook>.toml, under the name of the case whose facts they change.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.playbooks.account import account

from fixit_tui.facts.base import FactBase
from fixit_tui.model.finding import Finding
from fixit_tui.playbooks.cases import Case

FOLDER = Path(__file__).parent / "near_misses"


@dataclass(frozen=True, slots=True)
class NearMiss:
    """One thing that is otherwise: `facts` are the statements that make it so.

    `then` are lines that the account of the findings must have, `never` lines that it must not
    have; without any the playbook is quiet. `findings`: how many are left, if any.
    `told`: the case's symptom is known, as it is by default where the case needs it.
    """

    but: str
    facts: str
    then: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    told: bool | None = None
    findings: int = 1

    @contextmanager
    def made(self, facts: FactBase) -> Iterator[None]:
        """The facts with the difference, until it is left."""
        facts._db.commit()
        before = facts._db.total_changes
        for statement in self.facts.split(";"):
            facts.execute(statement)
        assert facts._db.total_changes > before, f"{self.but}: changes no fact"
        try:
            yield
        finally:
            facts._db.rollback()

    def hold(self, findings: Sequence[Finding]) -> None:
        """Assert that these are the findings that the difference leaves."""
        text = account(findings)
        lines = set(map(str.strip, text.splitlines()))
        assert len(findings) == (self.findings if self.then or self.never else 0), (
            f"{self.but}:\n{text}"
        )
        assert lines >= set(self.then), f"{self.but}:\n{text}"
        assert not lines & set(self.never), f"{self.but}:\n{text}"


@cache
def _every(playbook: str) -> dict[str, list[NearMiss]]:
    path = FOLDER / f"{playbook}.toml"
    raw = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {
        case: [
            NearMiss(**{k: tuple(v) if isinstance(v, list) else v for k, v in near.items()})
            for near in nears
        ]
        for case, nears in raw.items()
    }


def near_misses(case: Case, *, told: bool) -> list[NearMiss]:
    """Those of the case whose facts are, or are not, told its symptom."""
    return [
        near
        for near in _every(case.playbook).get(case.name, ())
        if told is (case.needs_symptom if near.told is None else near.told)
    ]
