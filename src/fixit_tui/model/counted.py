"""Counts as people read them."""

from __future__ import annotations


def counted(number: int, thing: str) -> str:
    """`1 row`, `2 rows`: a number with its noun, whose plural ends in s."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
