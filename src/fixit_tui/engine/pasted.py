"""What a person pasted, read once: the symptom, the key's value, the request."""

from __future__ import annotations

from dataclasses import dataclass, field

from fixit_tui.model.rest import RestRequest
from fixit_tui.model.symptom import Symptom


@dataclass(frozen=True, slots=True)
class Pasted:
    """The first error of a text and what replays it. Values of keys and claims are not printed."""

    symptoms: tuple[Symptom, ...] = ()
    key_value: str | None = field(default=None, repr=False)
    request: RestRequest | None = field(default=None, repr=False)

    @property
    def symptom(self) -> Symptom | None:
        """The first error, if there is one."""
        return self.symptoms[0] if self.symptoms else None


def read_pasted(text: str) -> Pasted:
    """Parse a console line, a response, a request, a statement or a log."""
    from fixit_tui.symptoms.key_value import key_value
    from fixit_tui.symptoms.parse import parse
    from fixit_tui.symptoms.rest_request import read_request

    symptoms = tuple(parse(text))
    value = key_value(text) if symptoms else None
    return Pasted(symptoms, value, read_request(text))
