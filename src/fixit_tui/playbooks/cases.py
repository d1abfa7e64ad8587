"""A playbook's cases: they are its tests, and the document ones are the demo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fixit_tui.errors import UsageError
from fixit_tui.model.target import Platform
from fixit_tui.playbooks.manifest import Playbook
from fixit_tui.playbooks.server_range import is_range, within
from fixit_tui.playbooks.toml_file import Kind, TomlFile


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
    server: str = ""
    starts_from: str = ""

    @property
    def setups(self) -> tuple[Path, ...]:
        """The files that make schema and rows, in order: the case it starts from, then its own."""
        folders = [self.folder.parent / self.starts_from] if self.starts_from else []
        files = [folder / "setup.sql" for folder in (*folders, self.folder)]
        return tuple(path for path in files if path.exists())

    def fits(self, server_version: int) -> bool:
        """Whether a server (server_version_num) is one that the case is about."""
        return within(server_version, self.server)

    def text(self, name: str) -> str | None:
        """The text of one of the case's files, or None. Raises UsageError when it is unreadable."""
        path = self.folder / name
        try:
            return path.read_text(encoding="utf-8") if path.exists() else None
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: cannot be read: {error}") from error


_KEYS = {
    "title": Kind.TEXT, "document": Kind.FLAG, "platform": Kind.TEXT, "fires": Kind.FLAG,
    "needs_symptom": Kind.FLAG, "server": Kind.TEXT, "starts_from": Kind.TEXT,
    "finding": Kind.TABLES, "failing": Kind.TABLE, "explained": Kind.TABLE,
}  # fmt: skip
_FINDING_KEYS = {
    "cause": Kind.TEXT, "relation": Kind.TEXT, "object": Kind.TEXT, "sites": Kind.TEXTS,
    "recommended": Kind.TEXT,
}  # fmt: skip
_FAILING_KEYS = {"sqlstate": Kind.TEXT, "role": Kind.TEXT, "claims": Kind.TEXT}


def load_case(folder: Path, playbook: str) -> Case:
    """Read one case. Raises UsageError that names file, line and what is wrong."""
    source = TomlFile(folder / "expect.toml", "a case")
    raw = source.table
    source.check(raw, _KEYS, needs=("title", "fires"))
    platform = raw.get("platform", Platform.POSTGRESQL.value)
    if platform not in list(Platform):
        raise source.fail("platform", f"platform {platform} is not one of {', '.join(Platform)}")
    server = raw.get("server", "")
    if server and not is_range(server):
        raise source.fail("server", f"server {server} is not a range like '>=15'")
    starts_from = raw.get("starts_from", "")
    if starts_from and not (folder.parent / starts_from / "setup.sql").is_file():
        raise source.fail("starts_from", f"the case {starts_from} has no setup.sql to start from")
    findings = raw.get("finding", ())
    for number, finding in enumerate(findings):
        source.check(
            finding, _FINDING_KEYS, needs=("cause", "relation"), within="finding", index=number
        )
    failing, explained = raw.get("failing"), raw.get("explained", {})
    if failing is not None:
        source.check(failing, _FAILING_KEYS, needs=("sqlstate",), within="failing")
    source.check(explained, {"cause": Kind.TEXT}, within="explained")
    return Case(
        playbook=playbook,
        name=folder.name,
        folder=folder,
        title=raw["title"],
        fires=raw["fires"],
        platform=platform,
        document=raw.get("document", False),
        findings=tuple(_expected(finding) for finding in findings),
        failing=Failing(**failing) if failing else None,
        explained=explained.get("cause"),
        needs_symptom=raw.get("needs_symptom", False),
        server=server,
        starts_from=starts_from,
    )


def _expected(raw: Mapping[str, Any]) -> ExpectedFinding:
    return ExpectedFinding(
        cause=raw["cause"],
        relation=raw["relation"],
        object=raw.get("object") or None,
        sites=tuple(raw.get("sites", ())),
        recommended=raw.get("recommended") or None,
    )


def load_cases(playbook: Playbook) -> tuple[Case, ...]:
    """All cases of a playbook, by name."""
    folders = sorted(p.parent for p in playbook.folder.glob("cases/*/expect.toml"))
    return tuple(load_case(folder, playbook.id) for folder in folders)


def document_cases(playbooks: Iterable[Playbook]) -> tuple[Case, ...]:
    """The incidents of the write-ups, in the order of their documents."""
    ordered = sorted(playbooks, key=lambda p: (p.document or "~", p.id))
    return tuple(case for p in ordered for case in load_cases(p) if case.document)
