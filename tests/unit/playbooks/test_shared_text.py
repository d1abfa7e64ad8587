"""Calls that send one SQL text share its finding, unless they need different fixes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fixit_tui.model.finding import Confidence, Evidence, Finding, Fix, FixKind, Severity, Site
from fixit_tui.playbooks.shared_text import one_for_each_text

TEXT = ("q.ts", 3, 40)
QUERY = Site(file="q.ts", line=3)


def finding(line: int, **changes: Any) -> Finding:
    """A finding about a text of q.ts that a line of a.ts sends."""
    made = Finding(
        id=str(line), playbook="p", cause="c", severity=Severity.ERROR, confidence=Confidence.LIKELY,
        title="t", relation="public.t", object="k", sites=(Site(file="a.ts", line=line), QUERY),
        evidence=(Evidence("text", "shared"), Evidence("line", str(line))),
        fixes=(Fix("f", "f", FixKind.CODE, "", patch="one"),),
    )  # fmt: skip
    return replace(made, **changes)


def test_one_text_is_one_finding_with_all_that_send_it() -> None:
    (only,) = one_for_each_text([(finding(n), TEXT) for n in (5, 7, 5)])
    assert only.id == "5"
    assert [(s.file, s.line) for s in only.sites] == [("q.ts", 3), ("a.ts", 5), ("a.ts", 7)]
    assert [e.value for e in only.evidence] == ["shared", "5", "7"]


def test_what_differs_stays_apart() -> None:
    other = Fix("f", "f", FixKind.CODE, "", patch="two")
    several: list[tuple[Finding, tuple[str, int, int] | None]] = [
        (finding(5), TEXT),
        (finding(6), ("q.ts", 3, 90)),
        (finding(7, fixes=(other,)), TEXT),
        (finding(8, severity=Severity.INFO), TEXT),
        (finding(9, object=None), TEXT),
        (finding(10), None),
        (finding(11), None),
    ]
    assert one_for_each_text(several) == [found for found, _ in several]
