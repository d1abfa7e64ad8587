"""Words of Supabase's services, which hide what the database or the own function said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from fixit_tui.model.symptom import Service, Source, Symptom
from fixit_tui.symptoms import redact
from fixit_tui.symptoms.evidence import Evidence

_MOST = 20
# What failed stands in the database's log alone: most often a trigger on auth.users.
_AUTH = re.compile(
    r"\bDatabase error (?:saving new user|(?:creating|granting|finding|loading|updating|deleting|"
    r"inviting|confirming|querying|checking)\b(?: [a-z]{1,20}){0,4})"
)
_STORAGE = re.compile(r"\bStorage(?:Api|Unknown)?Error: (?P<message>[^\n{]{3,500})")
_FUNCTIONS = re.compile(
    r"\b(?:FunctionsHttpError\b[^\n]{0,200}|Edge Function returned a non-2xx status code)"
)
_REALTIME = re.compile(r"\bYou do not have permissions to (?:read|write)\b[^\n\"]{0,40}\bChannel\b")


def hosted_evidence(text: str) -> Iterator[Evidence]:
    """Errors of Auth (answered with 500), Storage, Edge Functions and Realtime by their words."""
    for match in islice(_AUTH.finditer(text), _MOST):
        yield _evidence(Service.AUTH, match.group(), match.span(), status=500)
    for match in islice(_STORAGE.finditer(text), _MOST):
        yield _evidence(Service.STORAGE, match["message"], match.span(), weak=False)
    for match in islice(_FUNCTIONS.finditer(text), _MOST):
        yield _evidence(Service.FUNCTIONS, match.group(), match.span())
    for match in islice(_REALTIME.finditer(text), _MOST):
        yield _evidence(Service.REALTIME, match.group(), match.span(), weak=False)


def _evidence(
    service: Service,
    words: str,
    span: tuple[int, int],
    *,
    status: int | None = None,
    weak: bool = True,
) -> Evidence:
    message = redact.without_values(words.strip())
    symptom = Symptom(Source.REQUEST, "", service, http_status=status, message=message)
    return Evidence(symptom, span, weak=weak)
