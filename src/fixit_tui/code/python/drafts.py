"""A Python call while it is being read."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from fixit_tui.code.python.source import Positioned, Source


@dataclass(slots=True)
class PyDraft:
    """`site` is what is shown and edited; `sent` the expression that sends it.

    `connection` names what a transaction belongs to, "" where calls have none of their own.
    `refused` is where its error comes up, if that is behind the sending: the flush of a session.
    `before` moves the call's place to just before its expression: a BEGIN nobody wrote.
    """

    source: Source
    site: Positioned
    sent: ast.AST
    fields: dict[str, Any]
    unknowns: list[tuple[str, str]] = field(default_factory=list)
    connection: str = ""
    before: bool = False
    refused: ast.AST | None = None
    data: frozenset[str] = frozenset()

    @property
    def start(self) -> int:
        return self.source.start(self.site) - self.before

    @property
    def end(self) -> int:
        return self.start if self.before else self.source.end(self.site)

    @property
    def verb(self) -> str:
        return str(self.fields["verb"])
