"""playbooks/README.md names every column, key, filter and edit that a playbook can use, and no others."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection

import pytest

from fixit_tui.code.edits import EDITS
from fixit_tui.playbooks import cases, manifest, run, template, values
from fixit_tui.playbooks.locate import builtin_root

GUIDE = (builtin_root() / "README.md").read_text(encoding="utf-8")


def part(title: str) -> str:
    """The text under a heading."""
    return GUIDE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(text: str) -> set[str]:
    """What stands in backticks in the first cell of each row of the tables."""
    rows = (line.split("|")[1] for line in text.splitlines() if line.startswith("| `"))
    return {name for cell in rows for name in re.findall(r"`([^`]+)`", cell)}


def example(text: str) -> dict[str, object]:
    """The TOML block of a part."""
    return tomllib.loads(text.partition("```toml\n")[2].partition("```")[0])


def keys(table: object) -> set[str]:
    """The keys of a table, or of the first of an array of tables."""
    held = table[0] if isinstance(table, list) else table
    assert isinstance(held, dict)
    return set(held)


@pytest.mark.parametrize(
    ("told", "known"),
    [
        (first_cells(part("Code edits")), EDITS),
        (first_cells(part("findings.sql")), {*run._REQUIRED, *run._OPTIONAL}),
        (keys(example(part("playbook.toml"))), manifest._KEYS),
        (keys(example(part("playbook.toml"))["fix"]), manifest._FIX_KEYS),
        (keys(example(part("Cases"))), cases._KEYS),
        (keys(example(part("Cases"))["finding"]), cases._FINDING_KEYS),
    ],
    ids=["edits", "columns", "playbook", "fix", "case", "finding"],
)
def test_the_guide_tells_all_and_no_more(told: set[str], known: Collection[str]) -> None:
    assert told == set(known)


def test_the_guide_tells_the_kinds_of_values_and_the_filters() -> None:
    templates = part("Templates")
    kinds = set(re.findall(r'`?\{"(\w+)":', templates))
    assert kinds >= set(values._KINDS)
    ours = {"literal", "comment", "each", "quoted", "suffixed", "text"}
    assert all(f"| {name}" in templates for name in ours)
    assert ours <= set(template._environment(True).filters)
