"""Scan one text or a folder of texts, and check that every position is exact."""

from __future__ import annotations

from pathlib import Path

from fixit_tui.code.facts import CodeCall, CodeFacts
from fixit_tui.code.scan import scan


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
