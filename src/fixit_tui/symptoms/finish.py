"""The last step: what follows from what was read, clean fields, one line for a person."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from fixit_tui.masking import without_secrets
from fixit_tui.model.symptom import CodePlace, Frame, Service, Source, Symptom
from fixit_tui.symptoms.codes import of_link
from fixit_tui.symptoms.http import expected_status, postgrest_status
from fixit_tui.symptoms.text import clean, one_line

_LONGEST = 2000
_LONGEST_STATEMENT = 100_000
_MEANINGS = {
    "23505": "a row with this key already exists",
    "23503": "a row that a foreign key needs is missing or still in use",
    "23001": "the row is still referenced",
    "23502": "a column that must not be null got none",
    "23514": "a check constraint was violated",
    "23P01": "an exclusion constraint was violated",
    "42P10": "no unique index fits the ON CONFLICT target",
    "25P02": "the transaction was already aborted",
    "42501": "rights or row-level security forbid it",
    "42P01": "a table does not exist",
    "21000": "one statement would change the same row twice",
}
_KEPT_LINES = frozenset({"statement"})


def finish(symptom: Symptom) -> Symptom:
    """The symptom with derived fields, every text cleaned and every secret taken out."""
    first = finish(symptom.first_error) if symptom.first_error else None
    values = {f.name: _clean(f.name, getattr(symptom, f.name)) for f in fields(Symptom)}
    values["first_error"] = first
    values["http_status"] = symptom.http_status or _implied_status(symptom)
    made = Symptom(**values)
    return replace(made, headline=_headline(made))


def informative(symptom: Symptom) -> int:
    """How much the symptom tells: the one with most is explained first."""
    root = symptom.root
    points = (
        (8, root.postgrest_code or (root.sqlstate and not of_link(root.sqlstate))),
        (6, root.sqlstate in ("23505", "23503", "42P10", "42501", "21000", "23001", "PT409")),
        (4, root.constraint),
        (3, root.frames),
        (2, root.relation),
        (2, root.message),
        (1, root.statement),
        (1, root.http_status and root.url_path),
        (1, root.places),
        (2, symptom.first_error),
        (1, root.service is Service.DATABASE),
    )
    return sum(weight for weight, present in points if present)


def _implied_status(s: Symptom) -> int | None:
    """What PostgREST answers for the code of one of its bodies; 42501 depends on the role."""
    if s.postgrest_code:
        return postgrest_status(s.postgrest_code)
    if s.source is Source.POSTGREST_BODY and s.sqlstate and s.sqlstate != "42501":
        return expected_status(s.sqlstate)
    return None


def _headline(s: Symptom) -> str:
    code = s.sqlstate or s.postgrest_code
    request = " ".join(filter(None, (s.method, s.url_path)))
    if s.message:
        text = s.message
    elif s.sqlstate in _MEANINGS:
        text = _MEANINGS[s.sqlstate]
    elif request and s.http_status:
        text = f"{request} was answered with {s.http_status}"
    elif s.http_status:
        text = f"a request was answered with {s.http_status}"
    else:
        text = request or s.detail or "an error"
    if s.sqlstate == "25P02" and s.first_error:
        text = f"the transaction was already aborted by: {s.first_error.headline}"
    return f"{code}: {text}" if code else text


def _clean(name: str, value: Any) -> Any:
    if isinstance(value, Source | Service):
        return value
    if isinstance(value, str):
        if name in _KEPT_LINES:
            kept = clean(value[:_LONGEST_STATEMENT]).replace("\t", " ").strip()
            return without_secrets(kept) or None
        return without_secrets(one_line(value[: 4 * _LONGEST]))[:_LONGEST] or None
    if isinstance(value, tuple):
        return tuple(
            item for item in (_clean(name, part) for part in value[:500]) if item is not None
        ) or (None if name in ("on_conflict", "columns", "key_columns", "filter_columns") else ())
    if isinstance(value, Frame):
        return Frame(
            _clean("function", value.function),
            value.line,
            _clean("kind", value.kind),
            _clean("statement", value.statement),
        )
    if isinstance(value, CodePlace):
        return replace(value, file=one_line(value.file)[:_LONGEST])
    return value
