"""What an edit gives back, and its parameters read with care."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fixit_tui.errors import UsageError


@dataclass(frozen=True, slots=True)
class Edited:
    """The whole new text."""

    text: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Why no text is generated, and the idiom that a person can follow."""

    reason: str
    idiom: str


EditResult = Edited | Refused


@dataclass(frozen=True, slots=True)
class Params:
    """Parameters of one edit; a missing or mistyped one raises UsageError."""

    edit: str
    given: Mapping[str, object]

    def columns(self, name: str, required: bool = True) -> tuple[str, ...]:
        """A list of column names."""
        value = self.given.get(name)
        if value is None and not required:
            return ()
        if not isinstance(value, (list, tuple)) or not all(isinstance(v, str) for v in value):
            raise UsageError(f"the edit {self.edit} needs a list of names as {name}")
        if required and not value:
            raise UsageError(f"the edit {self.edit} needs at least one name in {name}")
        return tuple(str(v) for v in value)

    def flag(self, name: str) -> bool | None:
        """A yes or no, None when it is not given."""
        value = self.given.get(name)
        return None if value is None else bool(value)

    def text(self, name: str) -> str | None:
        """A text, None when it is not given."""
        value = self.given.get(name)
        if value is not None and not isinstance(value, str):
            raise UsageError(f"the edit {self.edit} needs a text as {name}")
        return value

    def texts(self, name: str) -> dict[str, str]:
        """Texts by name, empty when they are not given."""
        value = self.given.get(name, {})
        if not isinstance(value, Mapping) or not all(isinstance(v, str) for v in value.values()):
            raise UsageError(f"the edit {self.edit} needs texts by name as {name}")
        return {str(key): str(text) for key, text in value.items()}
