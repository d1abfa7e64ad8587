"""A call while it is being read: fields of the later `CodeCall`, and what stayed unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from fixit_tui.code.chains import Chain
from fixit_tui.code.values import Ref


@dataclass(slots=True)
class Draft:
    """`site` is the expression in the scanned file; `start` and `end` its characters."""

    chain: Chain
    fields: dict[str, Any]
    unknowns: list[tuple[str, str]] = field(default_factory=list)

    @property
    def site(self) -> Ref:
        return self.chain.outer

    @property
    def start(self) -> int:
        return self.chain.start

    @property
    def end(self) -> int:
        return self.chain.end

    @property
    def writes(self) -> bool:
        return self.fields["verb"] in ("insert", "upsert", "update", "delete")
