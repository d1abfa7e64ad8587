"""A playbook's cases: they are its tests, and the document ones are the demo."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from fixit_tui.errors import UsageError
from fixit_tui.playbooks.manifest import Playbook


@dataclass(frozen=True, slots=True)
class ExpectedFinding:
    """One finding that a firing case must give."""

    cause: str
    relation: str
    object: str | None
    sites: tuple[str, ...]
    recommended: str | None


@dataclass(frozen=True, slots=True)
class Failing:
    """How failing.sql fails: its SQLSTATE, and the role and claims it runs with."""

    sqlstate: str
    role: str | None = None
    claims: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One case folder."""

    playbook: str
    name: str
    folder: Path
    title: str
    fires: bool
    platform: str
    document: bool
    findings: tuple[ExpectedFinding, ...]
    failing: Failing | None
    explained: str | None
    needs_symptom: bool = False

    def text(self, name: str) -> str | None:
        """The text of one of the case's files, or None."""
        path = self.folder / name
        return path.read_text(encoding="utf-8") if path.exists() else None


def load_case(folder: Path, playbook: str) -> Case:
    """Read one case. Raises UsageError that names the file."""
    path = folder / "expect.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        failing = raw.get("failing")
        return Case(
            playbook=playbook,
            name=folder.name,
            folder=folder,
            title=raw["title"],
            fires=raw["fires"],
            platform=raw.get("platform", "postgresql"),
            document=raw.get("document", False),
            findings=tuple(
                ExpectedFinding(
                    cause=f["cause"],
                    relation=f["relation"],
                    object=f["object"] or None,
                    sites=tuple(f.get("sites", ())),
                    recommended=f.get("recommended") or None,
                )
                for f in raw.get("finding", ())
            ),
            failing=Failing(**failing) if failing else None,
            explained=raw.get("explained", {}).get("cause"),
            needs_symptom=raw.get("needs_symptom", False),
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise UsageError(f"{path}: {type(error).__name__}: {error}") from error


def load_cases(playbook: Playbook) -> tuple[Case, ...]:
    """All cases of a playbook, by name."""
    folders = sorted(p.parent for p in playbook.folder.glob("cases/*/expect.toml"))
    return tuple(load_case(folder, playbook.id) for folder in folders)


def document_cases(playbooks: Iterable[Playbook]) -> tuple[Case, ...]:
    """The incidents of the write-ups, in the order of their documents."""
    ordered = sorted(playbooks, key=lambda p: (p.document or "~", p.id))
    return tuple(case for p in ordered for case in load_cases(p) if case.document)
