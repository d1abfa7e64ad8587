"""Which files of a folder are source code, in a fixed order, without following loops."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

LANGUAGES = {
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".vue": "vue",
    ".svelte": "svelte",
    ".astro": "astro",
    ".prisma": "prisma",
    ".py": "python",
    ".dart": "dart",
    ".sql": "sql",
}
SCRIPTS = frozenset(LANGUAGES.values()) - {"prisma", "python", "dart", "sql"}
"""Languages that are read as TypeScript is."""

SKIPPED_FOLDERS = frozenset(
    {
        "node_modules",
        "dist",
        "build",
        "out",
        "coverage",
        "vendor",
        "bower_components",
        "venv",
        "virtualenv",
        "site-packages",
        "__pycache__",
    }
)


def source_files(root: Path) -> Iterator[tuple[str, str, os.DirEntry[str]]]:
    """Relative path, language and directory entry of each source file, in no given order.

    Folders of dependencies, of build output and hidden ones are left out. A linked folder is
    left out too (what it leads to is scanned where it really is); a linked file is kept.
    """
    pending: list[tuple[str, str]] = [(os.fspath(root), "")]
    while pending:
        folder, prefix = pending.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            name = entry.name
            if name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if name not in SKIPPED_FOLDERS:
                    pending.append((entry.path, f"{prefix}{name}/"))
                continue
            language = _language(name)
            if language:
                yield f"{prefix}{name}", language, entry


def _language(name: str) -> str:
    stem, dot, suffix = name.rpartition(".")
    if not dot or stem.endswith((".min", ".d")):
        return ""
    return LANGUAGES.get("." + suffix.lower(), "")
