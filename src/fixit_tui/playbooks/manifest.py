"""playbook.toml as values, checked key by key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fixit_tui.errors import UsageError
from fixit_tui.model.finding import FixKind, WriteUpFix
from fixit_tui.model.target import Platform
from fixit_tui.playbooks.causes import CAUSES
from fixit_tui.playbooks.query import one_select
from fixit_tui.playbooks.server_range import is_range
from fixit_tui.playbooks.template_files import read_template, read_text
from fixit_tui.playbooks.toml_file import Kind, TomlFile

_NEEDS = ("catalog", "code", "symptom", "server")
_TEMPLATES = ("up.sql", "undo.sql", "verify.sql", "precheck.sql")


@dataclass(frozen=True, slots=True)
class FixSpec:
    """One [[fix]] table with its template texts ('' where a file is absent).

    `templates` is the name of the folder under fixes/ that they come from, after the name of
    another playbook and a slash where it is that one's.
    """

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
    templates: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    up: str = ""
    undo: str = ""
    verify: str = ""
    precheck: str = ""


@dataclass(frozen=True, slots=True)
class Playbook:
    """One playbook. `layer` is 'builtin', 'user' or 'extra'.

    `new_causes`: what those of its causes mean that the vocabulary does not have.
    `do_nothing_about`: what goes on for some of the causes, where it is not `do_nothing`.
    """

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
    do_nothing_about: Mapping[str, str] = field(default_factory=dict)
    sqlstates: tuple[str, ...] = ()
    http: tuple[int, ...] = ()
    words: tuple[str, ...] = ()
    server: str = ""
    platform: str = ""
    new_causes: Mapping[str, str] = field(default_factory=dict)
    writeup: WriteUpFix | None = None

    def fix(self, fix_id: str) -> FixSpec | None:
        """The fix of that id, or None."""
        return next((f for f in self.fixes if f.id == fix_id), None)


_K = Kind
_KEYS: dict[str, Kind] = {
    "id": _K.TEXT, "title": _K.TEXT, "document": _K.TEXT, "causes": _K.TEXTS, "summary": _K.TEXT,
    "needs": _K.TEXTS, "do_nothing": _K.TEXT, "symptoms": _K.TABLE, "applies": _K.TABLE,
    "writeup": _K.TABLE, "fix": _K.TABLES, "new_causes": _K.TABLE,
    "do_nothing_about": _K.TABLE,
}  # fmt: skip
_FIX_KEYS: dict[str, Kind] = {
    "id": _K.TEXT, "title": _K.TEXT, "kind": _K.TEXT, "tradeoff": _K.TEXT, "recommend": _K.FLAG,
    "advice": _K.TEXT, "deploy_order": _K.TEXT, "touches": _K.TEXTS, "irreversible": _K.TEXT,
    "squawk_ignore": _K.TEXTS, "squawk_because": _K.TEXT, "templates": _K.TEXT, "with": _K.TABLE,
}  # fmt: skip
_SUB_KEYS: dict[str, dict[str, Kind]] = {
    "symptoms": {"sqlstate": _K.TEXTS, "http": _K.NUMBERS, "words": _K.TEXTS},
    "applies": {"server": _K.TEXT, "platform": _K.TEXT},
    "writeup": {"title": _K.TEXT, "why_not": _K.TEXT},
}
_SUB_NEEDS = {"writeup": ("title", "why_not")}
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_FOLDER = re.compile(r"[A-Za-z0-9][\w-]*")


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), 1)
    return f"did you mean {near[0]}?" if near else ""


def _fix(source: TomlFile, raw: Mapping[str, Any], index: int) -> FixSpec:
    source.check(
        raw, _FIX_KEYS, needs=("id", "title", "kind", "tradeoff"), within="fix", index=index
    )

    def wrong(key: str, message: str, hint: str = "") -> UsageError:
        return source.fail(key, message, hint, within="fix", index=index)

    try:
        kind = FixKind(raw["kind"])
    except ValueError as error:
        known = ", ".join(k.value for k in FixKind)
        raise wrong("kind", f"kind {raw['kind']} is not known", f"known: {known}") from error
    key = "templates" if "templates" in raw else "id"
    owner, _, name = raw[key].rpartition("/")
    if not _FOLDER.fullmatch(name) or (owner and not _FOLDER.fullmatch(owner)):
        raise wrong(key, f"{raw[key]!r} is not the name of a folder under fixes/")
    home = source.path.parent
    folder = (home.parent / owner if owner else home) / "fixes" / name
    up, undo, verify, precheck = (read_template(folder, name) for name in _TEMPLATES)
    if kind in (FixKind.SQL, FixKind.BOTH):
        if not up or not verify:
            raise wrong("id", f"fix {raw['id']} needs fixes/{folder.name}/up.sql and verify.sql")
        if not undo and not raw.get("irreversible"):
            raise wrong("id", f"fix {raw['id']} needs undo.sql, or says why irreversible")
        if undo and raw.get("irreversible"):
            raise wrong("irreversible", f"fix {raw['id']} is irreversible, but has undo.sql")
    elif up:
        raise wrong("kind", f"fix {raw['id']} has SQL but is of kind {kind.value}")
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
        templates=raw[key],
        values=raw.get("with", {}),
        up=up,
        undo=undo,
        verify=verify,
        precheck=precheck,
    )


def _check_causes(source: TomlFile) -> None:
    """Every cause is of the vocabulary, or one that the playbook itself explains."""
    causes, new = source.table["causes"], source.table.get("new_causes", {})
    for cause in causes:
        if cause == "none" or (cause not in CAUSES and cause not in new):
            hint = _nearest(cause, CAUSES) or (
                f'a cause of your own is explained: [new_causes] {cause} = "what it means"; '
                f"known: {', '.join(c for c in CAUSES if c != 'none')}"
            )
            raise source.fail("causes", f"{cause} is not a known cause", hint)
    for cause, means in new.items():
        if cause in CAUSES or cause not in causes:
            why = "is known already" if cause in CAUSES else "is not among causes"
            raise source.fail(cause, f"the new cause {cause} {why}", within="new_causes")
        if not _SLUG.fullmatch(cause) or not isinstance(means, str) or not means.strip():
            message = f"the new cause {cause} needs a sentence that says what it means"
            hint = "its name is of small letters, digits and dashes"
            raise source.fail(cause, message, hint, within="new_causes")


def _check_consequences(source: TomlFile) -> None:
    for cause, text in source.table.get("do_nothing_about", {}).items():
        if cause not in source.table["causes"] or not isinstance(text, str) or not text.strip():
            message = f"{cause} is not among causes, or what goes on is no sentence"
            raise source.fail(cause, message, within="do_nothing_about")


def _check_words(source: TomlFile) -> None:
    """Causes, needs, server and platform are of their vocabularies."""
    raw = source.table
    _check_causes(source)
    for need in raw.get("needs", ()):
        if need not in _NEEDS:
            raise source.fail("needs", f"{need} is not one of {', '.join(_NEEDS)}")
    for name, keys in _SUB_KEYS.items():
        if name in raw:
            source.check(raw[name], keys, needs=_SUB_NEEDS.get(name, ()), within=name)
    applies = raw.get("applies", {})
    server, platform = applies.get("server"), applies.get("platform")
    if server and not is_range(server):
        message = f"server {server!r} is not understood"
        raise source.fail("server", message, "such as >=15 or >=13,<17", within="applies")
    if platform and platform not in list(Platform):
        message = f"platform {platform} is not one of {', '.join(Platform)}"
        raise source.fail("platform", message, within="applies")


def _fixes(source: TomlFile) -> tuple[FixSpec, ...]:
    tables = source.table.get("fix", ())
    seen: set[str] = set()
    for number, fix_id in enumerate(table.get("id") for table in tables):
        if fix_id is not None and repr(fix_id) in seen:
            message = f"there are two fixes called {fix_id}"
            raise source.fail("id", message, within="fix", index=number)
        seen.add(repr(fix_id))
    return tuple(_fix(source, table, number) for number, table in enumerate(tables))


def load_playbook(folder: Path, layer: str = "builtin") -> Playbook:
    """Read one playbook folder. Raises UsageError that names file, line and what is wrong."""
    source = TomlFile(folder / "playbook.toml", "a playbook")
    raw = source.table
    source.check(raw, _KEYS, needs=("id", "title", "causes", "summary"))
    if raw["id"] != folder.name:
        raise source.fail("id", f"id {raw['id']} is not the folder's name, {folder.name}")
    _check_words(source)
    _check_consequences(source)
    query = read_text(folder / "findings.sql")
    if not one_select(query):
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
        fixes=_fixes(source),
        needs=tuple(raw.get("needs", ("catalog",))),
        document=raw.get("document"),
        do_nothing=raw.get("do_nothing", ""),
        do_nothing_about=raw.get("do_nothing_about", {}),
        sqlstates=tuple(symptoms.get("sqlstate", ())),
        http=tuple(symptoms.get("http", ())),
        words=tuple(symptoms.get("words", ())),
        server=applies.get("server", ""),
        platform=applies.get("platform", ""),
        new_causes=raw.get("new_causes", {}),
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
