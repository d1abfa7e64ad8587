"""One SQL text that several calls send is one fault: its findings become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fixit_tui.facts.base import FactBase, Value
from fixit_tui.model.finding import Finding, Site

TextPlace = tuple[str, int, int]
"""File, line and byte of a text that stands elsewhere than the calls that send it."""
_TEXT = """
SELECT coalesce(c.statement_path, c.path) AS path, c.statement_line AS line,
       coalesce(c.statement_start_byte, 0) AS start_byte
FROM write w JOIN code_call c ON c.id = w.call
WHERE w.id = ? AND c.statement_line IS NOT NULL
"""


def text_place(facts: FactBase, write: Value) -> TextPlace | None:
    """Where the text of a write stands, None where it stands in the call itself."""
    rows = [] if write is None else facts.query(_TEXT, (write,))
    if not rows:
        return None
    row = rows[0]
    return str(row["path"]), int(row["line"] or 0), int(row["start_byte"] or 0)


def one_for_each_text(found: Iterable[tuple[Finding, TextPlace | None]]) -> list[Finding]:
    """The findings, of those about one text whose fixes are the same only the first.

    It gets the sites of all: the text first, then who sends it.
    """
    kept: list[Finding] = []
    first: dict[tuple[object, ...], int] = {}
    for finding, text in found:
        number = len(kept) if text is None else first.setdefault(_fault(finding, text), len(kept))
        if text is None or number == len(kept):
            kept.append(finding)
        else:
            kept[number] = _with_sites(kept[number], finding, text)
    return kept


def _fault(finding: Finding, text: TextPlace) -> tuple[object, ...]:
    return (
        text,
        finding.cause,
        finding.relation,
        finding.object,
        finding.constraint,
        finding.severity,
        finding.confidence,
        finding.fixes,
    )


def _with_sites(finding: Finding, other: Finding, text: TextPlace) -> Finding:
    sites = dict.fromkeys([*finding.sites, *other.sites])
    ordered = sorted(sites, key=lambda site: not _is_at(site, text))
    evidence = dict.fromkeys([*finding.evidence, *other.evidence])
    return replace(finding, sites=tuple(ordered), evidence=tuple(evidence))


def _is_at(site: Site, text: TextPlace) -> bool:
    return (site.file, site.line) == text[:2]
