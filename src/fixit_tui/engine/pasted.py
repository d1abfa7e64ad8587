"""What a person pasted, read once: the symptom, the key's value, the request."""

from __future__ import annotations

from dataclasses import dataclass, field

from fixit_tui.model.rest import RestRequest
from fixit_tui.model.symptom import Source, Symptom


@dataclass(frozen=True, slots=True)
class Pasted:
    """The first error of a text and what replays it. Values of keys and claims are not printed.

    `bare` stands for a statement that came without any error: it can be replayed, not explained.
    """

    symptoms: tuple[Symptom, ...] = ()
    bare: Symptom | None = field(default=None, repr=False)
    key_value: str | None = field(default=None, repr=False)
    request: RestRequest | None = field(default=None, repr=False)

    @property
    def symptom(self) -> Symptom | None:
        """The first error, if there is one."""
        return self.symptoms[0] if self.symptoms else None

    @property
    def replayed(self) -> Symptom | None:
        """What a replay is about: the first error, or the bare statement."""
        return self.symptom or self.bare


def read_pasted(text: str) -> Pasted:
    """Parse a console line, a response, a request, a statement or a log."""
    from fixit_tui.symptoms.key_value import key_value
    from fixit_tui.symptoms.parse import parse
    from fixit_tui.symptoms.rest_request import read_request

    symptoms = tuple(parse(text))
    value = key_value(text) if symptoms else None
    request = read_request(text)
    bare = _bare_statement(text) if not symptoms and request is None else None
    return Pasted(symptoms, bare, value, request)


def _bare_statement(text: str) -> Symptom | None:
    from fixit_tui.engine.plan import replayable
    from fixit_tui.symptoms.statement import read_statement

    if not replayable(text):
        return None
    read = read_statement(text)
    return Symptom(
        source=Source.PROSE,
        headline="a statement without an error",
        schema=read.schema,
        relation=read.relation,
        operation=read.operation,
        columns=read.columns,
        statement=text.strip(),
    )
