"""The session that a command's words describe, and what became of the pasted text."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from fixit_tui.cli.options import Asked
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import narrate
from fixit_tui.errors import UsageError

if TYPE_CHECKING:
    from fixit_tui.engine.session import Session
    from fixit_tui.model.diagnosis import Diagnosis

MAX_SYMPTOM_BYTES = 5 * 1024 * 1024


def read_symptom(symptom: Path | None) -> str | None:
    """The pasted text, or None. Raises UsageError for what cannot be read."""
    if symptom is None:
        return None
    if str(symptom) == "-":
        return sys.stdin.buffer.read(MAX_SYMPTOM_BYTES).decode("utf-8", "replace")
    try:
        with symptom.open("rb") as file:
            return file.read(MAX_SYMPTOM_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise UsageError(
            f"cannot read the symptom file {symptom}: {error.strerror}",
            hint="give a text file with the error, or - for standard input",
        ) from error


NOT_UNDERSTOOD = "nothing in the given text was understood as a database error"
WHAT_TO_PASTE = "give the response body, the driver's error, or the server log line"


def open_session(services: Services, asked: Asked, *, insist_on_symptom: bool = False) -> Session:
    """The session that was asked for, not yet connected; whoever opens it closes it.

    With `insist_on_symptom` a given text that holds no error is a UsageError; else it is noted.
    """
    session = services.open_session(
        asked.target,
        code=asked.code,
        symptom_text=read_symptom(asked.symptom),
        playbook_dirs=asked.playbook_dirs,
        playbook_ids=asked.playbook_ids,
        ledger_in_database=asked.ledger_in_database,
    )
    if asked.symptom is not None and session.symptom is None:
        if insist_on_symptom:
            raise UsageError(NOT_UNDERSTOOD, hint=WHAT_TO_PASTE)
        narrate(f"{NOT_UNDERSTOOD}; going on without it")
        narrate(f"  try:    {WHAT_TO_PASTE}")
    return session


@contextmanager
def opened(
    services: Services, asked: Asked, *, insist_on_symptom: bool = False
) -> Iterator[Session]:
    """The session that was asked for, closed at the end of the block; see `open_session`."""
    session = open_session(services, asked, insist_on_symptom=insist_on_symptom)
    try:
        yield session
    finally:
        session.close()


def mind_unread(diagnosis: Diagnosis, symptom: Path | None) -> Diagnosis:
    """The diagnosis, saying so where a text was given of which nothing was understood."""
    if symptom is None or diagnosis.symptom is not None:
        return diagnosis
    told = f"{NOT_UNDERSTOOD}: {WHAT_TO_PASTE}"
    return replace(diagnosis, unexplained=(told, *diagnosis.unexplained))
