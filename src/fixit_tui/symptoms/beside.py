"""What is no database error: warnings that functions raise, and exceptions of the application."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from fixit_tui.model.symptom import Service, Source, Symptom
from fixit_tui.symptoms import messages, redact
from fixit_tui.symptoms.evidence import Evidence, Wire, from_wire

WARNING = "01000"
"""The SQLSTATE of a warning: no statement failed."""

_MOST = 20
# The server and its own client put two blanks behind the label; an application's log does not.
_WARNING = re.compile(
    r"(?m)^[^\n]{0,300}?\b(?:WARNING|NOTICE):(?:  |\t)[ \t]{0,3}(?P<message>\S[^\n]{0,4000})"
)
_ERROR = re.compile(r"\b(?:ERROR|FATAL|PANIC):[ \t]")
_CONTEXT = re.compile(
    r"\bCONTEXT:[ \t]{1,4}(?P<context>[^\n]{1,4000}(?:\n[ \t]+[^\n]{1,4000}){0,50})"
)
_NEXT_RECORD = re.compile(r"\b(?:WARNING|NOTICE|ERROR|FATAL|LOG|STATEMENT):[ \t]")
_EXCEPTION = re.compile(
    r"(?m)(?:^|[\s\])(>])(?P<message>"
    r"(?:Type|Reference|Range|Syntax|Attribute|Key|Index|Name|UnboundLocal|NoSuchMethod|LateInitialization)Error"
    r"(?::| \(null\):?) [^\n]{1,500}"
    r"|NullPointerException\b[^\n]{0,300}"
    r"|Null check operator used on a null value"
    r"|type 'Null' is not a subtype of type [^\n]{1,200})"
)
# Libraries that send nothing more on a transaction that an error has ended. SQLAlchemy quotes that
# error behind its own words.
_KEPT_BACK = re.compile(
    r"\bPendingRollbackError: [^\n]{0,400}?\bprevious exception during flush\b"
    r"[^\n]{0,200}?Original exception was: [^\n]{1,4000}"
    r"|\bTransactionManagementError: An error occurred in the current transaction\b[^\n]{0,200}"
)
# The request did not come through: nobody's code failed, and nobody answered.
_NO_ANSWER = re.compile(r"(?i)fetch failed|failed to fetch|load failed|networkerror")


def warnings(text: str) -> list[Evidence]:
    """The server's warnings and notices, with the functions that raised them."""
    return [_warning(text, match) for match in islice(_WARNING.finditer(text[:200_000]), _MOST)]


def holds_errors(text: str) -> bool:
    """Does the text have the label of an error, beside whatever else?"""
    return _ERROR.search(text) is not None


def _warning(text: str, match: re.Match[str]) -> Evidence:
    message = match["message"].strip()
    end = _NEXT_RECORD.search(text, match.end())
    rest = text[match.end() : end.start() if end else len(text)]
    context = _CONTEXT.search(rest)
    span = (match.start(), match.end() + (context.end() if context else 0))
    wire = Wire(message=message, sqlstate=WARNING, context=context["context"] if context else None)
    made = from_wire(wire, Source.SERVER_LOG, span)
    assert made is not None
    # What the function caught may stand in the words of its warning.
    symptom = replace(made.symptom, message=redact.without_values(message))
    return replace(made, symptom=symptom)


def exceptions(text: str) -> list[Evidence]:
    """The first exception of application code."""
    match = _EXCEPTION.search(text[:200_000])
    if match is None or _NO_ANSWER.search(match["message"]):
        return []
    message = redact.without_values(match["message"].strip())
    names = messages.identifiers(message)
    symptom = Symptom(Source.PROSE, "", Service.APPLICATION, message=message, identifiers=names)
    return [Evidence(symptom, match.span("message"))]


def kept_back(text: str) -> list[Evidence]:
    """Statements that were not sent because of an error before; each stands behind its words."""
    symptom = Symptom(Source.DRIVER_ERROR, "", sqlstate="25P02")
    found = islice(_KEPT_BACK.finditer(text[:200_000]), _MOST)
    return [Evidence(symptom, (match.end(), match.end())) for match in found]
