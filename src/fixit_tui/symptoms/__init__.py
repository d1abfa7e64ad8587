"""Understanding pasted errors: text in, `Symptom` out. Reads nothing else and never raises."""

from __future__ import annotations

from fixit_tui.symptoms.describe import describe, missing
from fixit_tui.symptoms.http import expected_status
from fixit_tui.symptoms.parse import parse

__all__ = ["describe", "expected_status", "missing", "parse"]
