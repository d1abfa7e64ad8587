"""playbook.toml as values, checked key by key."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fixit_tui.errors import UsageError
from fixit_tui.model.finding import FixKind, WriteUpFix
from fixit_tui.playbooks.causes import CAUSES

_NEEDS = ("catalog", "code", "symptom", "server")
_TEMPLATES = ("up.sql", "undo.sql", "verify.sql", "precheck.sql")


@dataclass(frozen=True, slots=True)
class FixSpec:
    """One [[fix]] table with its template texts ('' where a file is absent)."""

    id: str
    title: str
    kind: FixKind
    tradeoff: str
    recommend: bool = True
    advice: str = ""
    deploy_order: str = ""
    touches: tuple[str, ...] = ()
    irreversible: str = ""
    squawk_ignore: tuple[str, ...] = ()
    squawk_because: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    up: str = ""
    undo: str = ""
    verify: str = ""
    precheck: str = ""


@dataclass(frozen=True, slots=True)
class Playbook:
    """One playbook. `layer` is 'builtin', 'user' or 'extra'."""

    id: str
    title: str
    causes: tuple[str, ...]
    summary: str
    folder: Path
    layer: str
    query: str
    fixes: tuple[FixSpec, ...]
    needs: tuple[str, ...] = ("catalog",)
    document: str | None = None
    do_nothing: str = ""
    sqlstates: tuple[str, ...] = ()
    http: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    server: str = ""
    platform: str = ""
    writeup: WriteUpFix | None = None

    def fix(self, fix_id: str) -> FixSpec | None:
        """The fix of that id, or None."""
        return next((f for f in self.fixes if f.id == fix_id), None)


_TEXT, _LIST, _FLAG, _TABLE = str, list, bool, dict
_KEYS: dict[str, type] = {
    "id": _TEXT, "title": _TEXT, "document": _TEXT, "causes": _LIST, "summary": _TEXT,
    "needs": _LIST, "do_nothing": _TEXT, "symptoms": _TABLE, "applies": _TABLE,
    "writeup": _TABLE, "fix": _LIST,
}  # fmt: skip
_FIX_KEYS: dict[str, type] = {
    "id": _TEXT, "title": _TEXT, "kind": _TEXT, "tradeoff": _TEXT, "recommend": _FLAG,
    "advice": _TEXT, "deploy_order": _TEXT, "touches": _LIST, "irreversible": _TEXT,
    "squawk_ignore": _LIST, "squawk_because": _TEXT, "templates": _TEXT, "with": _TABLE,
}  # fmt: skip
_SUB_KEYS: dict[str, dict[str, type]] = {
    "symptoms": {"sqlstate": _LIST, "http": _LIST, "words": _LIST},
    "applies": {"server": _TEXT, "platform": _TEXT},
    "writeup": {"title": _TEXT, "why_not": _TEXT},
}


class _Source:
    """A TOML file with enough of its text kept to name the line of a key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.text = path.read_text(encoding="utf-8")
            self.table = tomllib.loads(self.text)
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: cannot be read: {error}") from error
        except tomllib.TOMLDecodeError as error:
            raise UsageError(f"{path}: is not TOML: {error}") from error

    def fail(self, key: str, message: str, hint: str = "") -> UsageError:
        lines = self.text.splitlines()
        pattern = re.compile(rf"^\s*(\[+\s*)?[\"']?{re.escape(key)}\b")
        number = next((n for n, line in enumerate(lines, 1) if pattern.match(line)), 1)
        return UsageError(f"{self.path}:{number}: {message}", hint=hint)

    def check(self, table: Mapping[str, Any], allowed: Mapping[str, type], where: str) -> None:
        for key, value in table.items():
            if key not in allowed:
                near = difflib.get_close_matches(key, allowed, 1, 0.4)
                hint = f"did you mean {near[0]}?" if near else "known: " + ", ".join(allowed)
                raise self.fail(key, f"{where} has no key {key}", hint)
            if not isinstance(value, allowed[key]):
                raise self.fail(key, f"{key} must be a {allowed[key].__name__}")

    def need(self, table: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
        for key in keys:
            if not table.get(key):
                raise self.fail(where.split()[0].strip("[]"), f"{where} needs {key}")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _fix(source: _Source, raw: Mapping[str, Any]) -> FixSpec:
    source.check(raw, _FIX_KEYS, "[[fix]]")
    source.need(raw, ("id", "title", "kind", "tradeoff"), "[[fix]]")
    try:
        kind = FixKind(raw["kind"])
    except ValueError as error:
        known = ", ".join(k.value for k in FixKind)
        raise source.fail("kind", f"kind {raw['kind']} is not known", f"known: {known}") from error
    folder = source.path.parent / "fixes" / raw.get("templates", raw["id"])
    up, undo, verify, precheck = (_read(folder / name) for name in _TEMPLATES)
    if kind in (FixKind.SQL, FixKind.BOTH):
        if not up or not verify:
            raise source.fail("id", f"fix {raw['id']} needs {folder.name}/up.sql and verify.sql")
        if not undo and not raw.get("irreversible"):
            raise source.fail("id", f"fix {raw['id']} needs undo.sql, or says why irreversible")
    elif up:
        raise source.fail("kind", f"fix {raw['id']} has SQL but is of kind {kind.value}")
    return FixSpec(
        id=raw["id"],
        title=raw["title"],
        kind=kind,
        tradeoff=raw["tradeoff"],
        recommend=raw.get("recommend", True),
        advice=raw.get("advice", ""),
        deploy_order=raw.get("deploy_order", ""),
        touches=tuple(raw.get("touches", ())),
        irreversible=raw.get("irreversible", ""),
        squawk_ignore=tuple(raw.get("squawk_ignore", ())),
        squawk_because=raw.get("squawk_because", ""),
        values=raw.get("with", {}),
        up=up,
        undo=undo,
        verify=verify,
        precheck=precheck,
    )


def _one_select(query: str) -> bool:
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", " ", query, flags=re.S).strip().rstrip(";")
    outside_literals = re.sub(r"'(?:[^']|'')*'", "''", bare)
    return re.match(r"(?i)(select|with)\b", bare) is not None and ";" not in outside_literals


def load_playbook(folder: Path, layer: str = "builtin") -> Playbook:
    """Read one playbook folder. Raises UsageError that names file, line and what is wrong."""
    source = _Source(folder / "playbook.toml")
    raw = source.table
    source.check(raw, _KEYS, "a playbook")
    source.need(raw, ("id", "title", "causes", "summary"), "a playbook")
    if raw["id"] != folder.name:
        raise source.fail("id", f"id {raw['id']} is not the folder's name, {folder.name}")
    for cause in raw["causes"]:
        if cause not in CAUSES:
            near = difflib.get_close_matches(str(cause), CAUSES, 1)
            hint = f"did you mean {near[0]}?" if near else ""
            raise source.fail("causes", f"{cause} is not a known cause", hint)
    for need in raw.get("needs", ()):
        if need not in _NEEDS:
            raise source.fail("needs", f"{need} is not one of {', '.join(_NEEDS)}")
    for name, keys in _SUB_KEYS.items():
        source.check(raw.get(name, {}), keys, f"[{name}]")
    query = _read(folder / "findings.sql")
    if not query or not _one_select(query):
        raise UsageError(f"{folder / 'findings.sql'}: must hold one SELECT over the facts")
    symptoms, applies, writeup = (raw.get(n, {}) for n in ("symptoms", "applies", "writeup"))
    return Playbook(
        id=raw["id"],
        title=raw["title"],
        causes=tuple(raw["causes"]),
        summary=raw["summary"],
        folder=folder,
        layer=layer,
        query=query,
        fixes=tuple(_fix(source, fix) for fix in raw.get("fix", ())),
        needs=tuple(raw.get("needs", ("catalog",))),
        document=raw.get("document"),
        do_nothing=raw.get("do_nothing", ""),
        sqlstates=tuple(symptoms.get("sqlstate", ())),
        http=tuple(symptoms.get("http", ())),
        words=tuple(symptoms.get("words", ())),
        server=applies.get("server", ""),
        platform=applies.get("platform", ""),
        writeup=WriteUpFix(writeup["title"], writeup["why_not"]) if writeup else None,
    )


def load_all(
    roots: Iterable[tuple[str, Path]],
) -> tuple[tuple[Playbook, ...], tuple[UsageError, ...]]:
    """Every playbook of the (layer, folder) roots; later layers replace earlier ids.

    A malformed playbook becomes a problem and never stops the others.
    """
    playbooks: dict[str, Playbook] = {}
    problems: list[UsageError] = []
    for layer, root in roots:
        if not root.is_dir():
            problems.append(UsageError(f"{root}: is no folder of playbooks"))
            continue
        for path in sorted(root.glob("*/playbook.toml")):
            try:
                playbook = load_playbook(path.parent, layer)
            except UsageError as error:
                problems.append(error)
            else:
                playbooks[playbook.id] = playbook
    return tuple(playbooks[k] for k in sorted(playbooks)), tuple(problems)
