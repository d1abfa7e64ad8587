"""Words of Supabase Auth, which hide the database's own message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from fixit_tui.model.symptom import Service, Source, Symptom
from fixit_tui.symptoms.evidence import Evidence

_MOST = 20
# What failed stands in the database's log alone: most often a trigger on auth.users.
_WORDS = re.compile(
    r"\bDatabase error (?:saving new user|(?:creating|granting|finding|loading|updating|deleting|"
    r"inviting|confirming|querying|checking)\b(?: [a-z]{1,20}){0,4})"
)


def auth_evidence(text: str) -> Iterator[Evidence]:
    """Its errors without their body; Auth answers them with 500."""
    for match in islice(_WORDS.finditer(text), _MOST):
        symptom = Symptom(Source.REQUEST, "", Service.AUTH, http_status=500, message=match.group())
        yield Evidence(symptom, match.span(), weak=True)
