"""The last resort: codes and names in sentences, where no other reader understood anything."""

from __future__ import annotations

import re

from fixit_tui.model.symptom import Source, Symptom
from fixit_tui.symptoms import codes, messages
from fixit_tui.symptoms.evidence import Evidence

_KNOWN = frozenset(
    [
        "23505",
        "23503",
        "23502",
        "23514",
        "23P01",
        "23001",
        "42P10",
        "42P01",
        "42P17",
        "42501",
        "42703",
        "42704",
        "428C9",
        "25P02",
        "25006",
        "21000",
        "55000",
        "55P03",
        "40001",
        "40P01",
        "57014",
        "P0001",
        "PT409",
        "22P02",
    ]
)
_CODE = re.compile(r"(?<![\w.-])(PGRST(?:\d{3}|X\d\d)|[0-9A-Z]{5})(?![\w-])")
_CONSTRAINT = re.compile(
    r"\b(?:constraint|index|unique key)\s+[\"'`«»“]?"
    r"([A-Za-z_][\w$]{2,62}_(?:key|pkey|fkey|idx|uniq\w*|check|excl))\b",
    re.IGNORECASE,
)


_BARE_CONSTRAINT = re.compile(r"(?<![\w.$])[A-Za-z_][\w$]{2,57}_(?:fkey|pkey)(?![\w.$])")


def prose_evidence(text: str) -> list[Evidence]:
    """Codes that stand alone and messages without their names."""
    text = text[:200_000]
    made: list[Evidence] = []
    for match in _CODE.finditer(text):
        own = codes.postgrest(match.group(1))
        if own or match.group(1) in _KNOWN:
            made.append(_evidence(None if own else match.group(1), own, text, match.span()))
    if not made and (own := codes.postgrest_said(text)):
        made.append(_evidence(None, own, text, (0, len(text))))
    if not made and (state := messages.nameless(text)):
        made.append(_evidence(state, None, text, (0, len(text))))
    return made[:50]


def _evidence(state: str | None, own: str | None, text: str, span: tuple[int, int]) -> Evidence:
    around = text[max(0, span[0] - 300) : span[1] + 300]
    named = _CONSTRAINT.search(around)
    constraint = named.group(1) if named else None
    if constraint is None and state in ("23505", "23503", "23P01", "23514", "23001"):
        quoted = [
            n
            for n in messages.identifiers(around)
            if re.fullmatch(r"[\w$]{3,63}_\w*(?:key|fk|idx|uniq\w*)", n)
        ]
        names = quoted or [*dict.fromkeys(_BARE_CONSTRAINT.findall(around))]
        constraint = names[0] if len(names) == 1 else None
    return Evidence(
        Symptom(
            source=Source.PROSE,
            headline="",
            sqlstate=state,
            postgrest_code=own,
            constraint=constraint,
            identifiers=messages.identifiers(around),
        ),
        span,
    )
