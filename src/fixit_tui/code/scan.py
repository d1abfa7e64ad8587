"""Scan a code folder: bytes first, and a syntax tree only of files that can hold a call."""

from __future__ import annotations

import gc
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

from fixit_tui.code.dart.prefilter import may_call_dart
from fixit_tui.code.dart.reader import read_dart
from fixit_tui.code.draft import Draft
from fixit_tui.code.facts import CodeCall, CodeFacts, CodeFile, CodeUnknown
from fixit_tui.code.key_definitions import KeyDefinition, may_define_key, read_keys
from fixit_tui.code.module import Module, decode, encode
from fixit_tui.code.prefilter import for_people, is_migration, may_call
from fixit_tui.code.project import Project
from fixit_tui.code.python.prefilter import may_call_python
from fixit_tui.code.python.project import Project as PythonProject
from fixit_tui.code.python.reader import read_file
from fixit_tui.code.python.source import Source
from fixit_tui.code.reader import CallReader, finish
from fixit_tui.code.sql_definitions import SqlDefinition, read_definitions
from fixit_tui.code.sql_queries import query_calls
from fixit_tui.code.sql_statements import SqlStatement, read_statements
from fixit_tui.code.walk import SCRIPTS, source_files
from fixit_tui.errors import CancelledError, FixitError, UsageError

MAX_BYTES = 2_000_000
_IMPORTED = re.compile(
    rb"\bimport\s+([\w$*\s{},]+?)\s*from\b"
    rb"|\b(?:const|let|var)\s+([\w$\s{},:]+?)\s*=\s*(?:await\s+)?(?:require|import)\s*\("
)
_NAME = re.compile(rb"[A-Za-z_$][\w$]*|\*")
_METHOD = re.compile(rb"\.\s*([A-Za-z_$][\w$]*)\s*[(<]")
_LOOPS = {40}  # ELOOP


class _Folder:
    """Reads the files of one folder and keeps what is known about each."""

    def __init__(self, root: Path) -> None:
        found = sorted(source_files(root), key=lambda item: item[0])
        self._real = os.path.realpath(root)
        self.entries = {path: (language, entry) for path, language, entry in found}
        self.files: dict[str, CodeFile] = {}
        self._bundles: set[str] = set()

    @property
    def name(self) -> str:
        """The folder's own name, without those above it."""
        return os.path.basename(self._real)

    def bytes_of(self, path: str) -> bytes | None:
        """The file's content, None with a reason kept in `files`."""
        language, entry = self.entries[path]
        status, size, raw = "", 0, b""
        try:
            facts = os.stat(entry.path)
            size = facts.st_size
            inside = not entry.is_symlink() or self._inside(entry.path)
            if not stat.S_ISREG(facts.st_mode) or not inside:
                status = "unreadable"
            elif size > MAX_BYTES:
                status = "too big"
            else:
                raw = Path(entry.path).read_bytes()
                size = len(raw)
                status = "binary" if b"\0" in raw else ""
        except OSError as error:
            status = "link loop" if error.errno in _LOOPS else "unreadable"
        digest = "" if status else hashlib.sha256(raw).hexdigest()
        told = status or ("minified" if path in self._bundles else "scanned")
        self.files[path] = CodeFile(path, language, digest, told, size)
        return None if status else raw

    def may_call(self, path: str, raw: bytes) -> bool:
        """Whether a script is to be parsed; a bundle is not, and its status says so."""
        if not may_call(raw) or is_migration(path, raw):
            return False
        written = for_people(raw)
        if written is raw or may_call(written):
            return True
        self._bundles.add(path)
        self.files[path] = replace(self.files[path], status="minified")
        return False

    def _inside(self, path: str) -> bool:
        """A linked file counts only inside the folder; elsewhere is not the user's choice."""
        return os.path.realpath(path).startswith(self._real + os.sep)

    def module(self, path: str) -> Module | None:
        """The parsed file for an import that leads to it."""
        raw = self.bytes_of(path) if path in self.entries else None
        return None if raw is None else Module(path, self.entries[path][0], decode(raw))

    def python(self, path: str) -> Source | None:
        """The parsed Python file."""
        raw = self.bytes_of(path) if path in self.entries else None
        return None if raw is None else Source(path, decode(raw))

    def paths(self, *languages: str) -> list[str]:
        """The files of some languages."""
        return [path for path, (language, _) in self.entries.items() if language in languages]


_Found = tuple[list[CodeCall], list[CodeUnknown], int]


def scan(
    root: Path,
    *,
    advance: Callable[[int, int, str], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> CodeFacts:
    """Every database call in the scripts, Python, Dart and SQL files below `root`.

    `advance` gets (files done, files in all, path). Raises UsageError when `root` is no folder
    and CancelledError when `cancelled` answers true between two files. Writes nothing.
    """
    _insist_folder(root)
    collecting = gc.isenabled()
    gc.disable()  # syntax trees are many small objects that all stay: a collection finds nothing
    try:
        return _scanned(_Folder(root), advance, cancelled)
    finally:
        if collecting:
            gc.enable()


def _scanned(
    folder: _Folder,
    advance: Callable[[int, int, str], None] | None,
    cancelled: Callable[[], bool] | None,
) -> CodeFacts:
    project = Project(folder.entries, folder.module, folder.bytes_of)
    reader = CallReader(project, _Importers(folder, project))
    found: dict[str, list[Draft]] = {}
    modules: dict[str, Module] = {}
    python = PythonProject(folder.paths("python"), folder.python, folder.name, folder.bytes_of)
    others: dict[str, _Found] = {}
    broken: dict[str, CodeUnknown] = {}
    definitions: list[SqlDefinition] = []
    statements: list[SqlStatement] = []
    keys: list[KeyDefinition] = []
    for done, path in enumerate(folder.entries, start=1):
        if cancelled is not None and cancelled():
            raise CancelledError("the scan of the code was stopped")
        raw = folder.bytes_of(path)
        language = folder.entries[path][0]
        if raw is not None and may_define_key(raw):
            keys += read_keys(path, decode(raw))
        if raw is not None and language == "python" and may_call_python(path, raw):
            source = python.source(path)
            if source is not None:
                others[path] = _kept(path, partial(read_file, python, source))
        if raw is not None and language == "sql":
            definitions += read_definitions(path, text := decode(raw))
            written = list(read_statements(path, text))
            statements += written
            others[path] = list(query_calls(path, text, written)), [], 0
        if raw is not None and language == "dart" and may_call_dart(raw):
            others[path] = _kept(path, partial(_dart, path, raw))
        if raw is not None and language in SCRIPTS and folder.may_call(path, raw):
            module = project.load(path)
            if module is not None:
                modules[path] = module
                found.setdefault(path, [])
                for draft in _drafts(reader, module, broken):
                    site = draft.site.module
                    found.setdefault(site.path, []).append(draft)
                    modules[site.path] = site
        if advance is not None:
            advance(done, len(folder.entries), path)
    others |= _finished(project, modules, found, broken)
    found_in_sql = CodeFacts(
        definitions=tuple(definitions), statements=tuple(statements), keys=tuple(keys)
    )
    return _assemble(folder, others, found_in_sql)


def _finished(
    project: Project,
    modules: dict[str, Module],
    found: dict[str, list[Draft]],
    broken: dict[str, CodeUnknown],
) -> dict[str, _Found]:
    parts = {
        path: _kept(path, partial(finish, project, modules[path], drafts))
        for path, drafts in found.items()
    }
    for path, unknown in broken.items():
        parts[path][1].append(unknown)
    return parts


def _dart(path: str, raw: bytes) -> _Found:
    return read_dart(Module(path, "dart", decode(raw)))


def _kept(path: str, read: Callable[[], _Found]) -> _Found:
    """What a file gives; one that a reader stumbles over is named, and costs no other."""
    try:
        return read()
    except FixitError:
        raise
    except Exception as error:  # any shape of text comes from strangers
        return [], [_stumbled(path, error)], 0


def _drafts(reader: CallReader, module: Module, broken: dict[str, CodeUnknown]) -> Iterator[Draft]:
    """The calls of a script, up to what the reader stumbles over."""
    try:
        yield from reader.drafts(module)
    except FixitError:
        raise
    except Exception as error:  # any shape of text comes from strangers
        broken[module.path] = _stumbled(module.path, error)


def _stumbled(path: str, error: Exception) -> CodeUnknown:
    return CodeUnknown(
        path, 1, "file", f"reading it failed ({type(error).__name__}): calls are missed"
    )


def _insist_folder(root: Path) -> None:
    try:
        is_folder = stat.S_ISDIR(os.stat(root).st_mode)
        if is_folder:
            os.scandir(root).close()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(
            f"the code folder {root} cannot be read: {reason}", hint="give an existing folder"
        ) from error
    if not is_folder:
        raise UsageError(f"{root} is not a folder", hint="give the folder that holds the code")


class _Importers:
    """Which files import a name; all files are looked through once, when first asked."""

    def __init__(self, folder: _Folder, project: Project) -> None:
        self._folder = folder
        self._project = project
        self._called: dict[str, frozenset[bytes]] = {}

    def _calls(self, path: str) -> frozenset[bytes]:
        """Names of the methods that a file calls."""
        if path not in self._called:
            raw = self._folder.bytes_of(path) or b""
            self._called[path] = frozenset(_METHOD.findall(raw))
        return self._called[path]

    @cached_property
    def _by_name(self) -> dict[bytes, list[str]]:
        found: dict[bytes, list[str]] = {}
        for path in self._folder.paths(*SCRIPTS):
            raw = self._folder.bytes_of(path) or b""
            names: set[bytes] = set()
            whole = False
            for clause in _IMPORTED.finditer(raw):
                given = _NAME.findall(clause[1] or clause[2])
                names.update(given)
                # const db = require('./db')
                whole = whole or b"*" in given or bool(clause[2] and b"{" not in clause[2])
            # A whole module's names stand wherever they are used.
            for name in {*_NAME.findall(raw)} if whole else names:
                found.setdefault(name, []).append(path)
        return found

    def __call__(self, name: str, called: str) -> Iterator[Module]:
        """Modules that import the name, or a whole module and hold the name, and call `called`."""
        for path in self._by_name.get(encode(name), ()):
            if name != called and encode(called) not in self._calls(path):
                continue
            module = self._project.load(path)
            if module is not None:
                yield module


def _assemble(folder: _Folder, parts: dict[str, _Found], in_sql: CodeFacts) -> CodeFacts:
    calls: list[CodeCall] = []
    unknowns: list[CodeUnknown] = []
    transactions = 0
    for path in sorted(parts):
        more, unclear, count = parts[path]
        base = len(calls) + 1
        calls += [call.numbered(base, transactions) for call in more]
        unknowns += unclear
        transactions += count
    files = tuple(folder.files[path] for path in sorted(folder.files))
    return replace(in_sql, files=files, calls=tuple(calls), unknowns=tuple(unknowns))
