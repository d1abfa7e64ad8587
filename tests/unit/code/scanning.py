"""Scan one text or a folder of texts, and check that every position is exact."""

from __future__ import annotations

from pathlib import Path

from fixit_tui.code.dart.reader import read_dart
from fixit_tui.code.facts import CodeCall, CodeFacts
from fixit_tui.code.module import Module
from fixit_tui.code.project import Project
from fixit_tui.code.python.project import Project as PythonProject
from fixit_tui.code.python.reader import read_file
from fixit_tui.code.python.source import Source
from fixit_tui.code.reader import CallReader, finish
from fixit_tui.code.scan import scan


def scan_text(path: str, text: str, language: str = "typescript") -> CodeFacts:
    """The calls of one text, as `scan` finds them in a folder that holds nothing else."""
    if language == "python":
        source = Source(path, text)
        found = read_file(PythonProject([path], lambda _: source), source)
        return CodeFacts((), tuple(c.numbered(1, 0) for c in found[0]), tuple(found[1]))
    module = Module(path, language, text)
    if language == "dart":
        calls, unknowns, _ = read_dart(module)
        return CodeFacts((), tuple(c.numbered(1, 0) for c in calls), tuple(unknowns))
    project = Project([path], lambda _: module)
    project.add(module)
    reader = CallReader(project, lambda *_: iter(()))
    calls, unknowns, _ = finish(project, module, list(reader.drafts(module)))
    return CodeFacts((), tuple(c.numbered(1, 0) for c in calls), tuple(unknowns))


def scan_files(root: Path, files: dict[str, str]) -> CodeFacts:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode("utf-8", "surrogateescape"))
    return scan(root)


def scan_one(root: Path, text: str, path: str = "src/a.ts") -> CodeFacts:
    return scan_files(root, {path: text})


def text_of(root: Path, call: CodeCall) -> str:
    """The bytes that a call's offsets point at, after checking its lines against them."""
    raw = (root / call.path).read_bytes()
    assert raw[: call.start_byte].count(b"\n") + 1 == call.line
    assert raw[: call.end_byte].count(b"\n") + 1 == call.end_line
    return raw[call.start_byte : call.end_byte].decode("utf-8", "surrogateescape")
