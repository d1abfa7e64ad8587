"""What a rehearsal proved is shown as proven, and nothing else is."""

from __future__ import annotations

import pytest

from fixit_tui.model.finding import Confidence, Finding, Severity
from fixit_tui.model.outcome import Rehearsal, ReplayResult
from fixit_tui.model.proof import Proof
from fixit_tui.tui.glyphs import UNICODE
from fixit_tui.tui.widgets.finding_view import explanation
from fixit_tui.tui.widgets.rehearsal_view import rehearsal_content
from fixit_tui.tui.workspace import Workspace, rehearsed


@pytest.mark.parametrize(
    ("proof", "confidence"),
    [
        (Proof(True, "proven: seen and gone", ("a",)), Confidence.PROVEN),
        (Proof(False, "not proven: another error"), Confidence.CERTAIN),
        (None, Confidence.CERTAIN),
    ],
    ids=["proven", "not-proven", "no-replay"],
)
def test_only_what_was_proven_is_called_so(proof: Proof | None, confidence: Confidence) -> None:
    findings = tuple(
        Finding(name, "book", "cause", Severity.ERROR, Confidence.CERTAIN, name, None, None)
        for name in ("a", "b")
    )
    failed = ReplayResult("INSERT", "23505")
    rehearsal = Rehearsal("0", "here", "", 1, (), (), (), failed, proof=proof)
    ws = rehearsed(Workspace("x", findings=findings), (), rehearsal)
    assert [f.confidence for f in ws.findings] == [confidence, Confidence.CERTAIN]
    header = explanation(ws.findings[0], UNICODE, 100).plain
    assert ("proven: it failed as reported" in header) == (confidence is Confidence.PROVEN)
    shown = rehearsal_content(rehearsal, UNICODE).plain
    assert proof is None or proof.sentence in shown
