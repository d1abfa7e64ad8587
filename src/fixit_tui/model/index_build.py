"""A concurrent index build: what became of an index, and how far a build has come."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class IndexState(StrEnum):
    """What the catalog says of an index; VALID only when it is valid, ready and live."""

    ABSENT = "absent"
    INVALID = "invalid"
    VALID = "valid"


@dataclass(frozen=True, slots=True)
class BuildProgress:
    """`done` of `total` units (blocks, tuples or sessions, by phase), and who holds it up."""

    phase: str
    done: int
    total: int
    held_up_by: tuple[str, ...] = ()
