"""Locks as a table, the strongest first, with what each one stops."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content

from fixit_tui.model.finding import Lock
from fixit_tui.tui.plain import one_line

# Order and effect: https://www.postgresql.org/docs/current/explicit-locking.html
_MODES = (
    ("ACCESS SHARE", "stops only ACCESS EXCLUSIVE work"),
    ("ROW SHARE", "stops table rewrites and exclusive locks"),
    ("ROW EXCLUSIVE", "stops index builds and schema changes, not reads or writes"),
    ("SHARE UPDATE EXCLUSIVE", "stops other schema changes and vacuum, not reads or writes"),
    ("SHARE", "stops writes, not reads"),
    ("SHARE ROW EXCLUSIVE", "stops writes, not reads"),
    ("EXCLUSIVE", "stops writes and row locks, not plain reads"),
    ("ACCESS EXCLUSIVE", "stops reads and writes"),
)
_RANK = {name: rank for rank, (name, _) in enumerate(_MODES)}
_EFFECT = dict(_MODES)
_HEAVY_FROM = _RANK["EXCLUSIVE"]


def mode_name(mode: str) -> str:
    """'AccessExclusiveLock' and 'access exclusive' both become 'ACCESS EXCLUSIVE'."""
    bare = mode.strip().removesuffix("Lock").removesuffix(" LOCK")
    if " " in bare or bare.isupper() or bare.islower():
        return " ".join(bare.upper().replace("_", " ").split())
    spaced = "".join(f" {c}" if c.isupper() else c for c in bare)
    return spaced.strip().upper()


def is_heavy(lock: Lock) -> bool:
    """True when readers or row lockers wait; a mode that is not known counts as heavy."""
    return _RANK.get(mode_name(lock.mode), _HEAVY_FROM) >= _HEAVY_FROM


def strongest_by_relation(locks: Iterable[Lock]) -> tuple[Lock, ...]:
    """The strongest lock of each relation, strongest first."""
    best: dict[str, Lock] = {}
    for lock in locks:
        held = best.get(lock.relation)
        if held is None or _rank(lock) > _rank(held):
            best[lock.relation] = lock
    return tuple(sorted(best.values(), key=lambda lock: (-_rank(lock), lock.relation)))


def lock_lines(locks: Iterable[Lock]) -> Content:
    """Relation, mode and effect, aligned; 'none known' when there are none."""
    rows = strongest_by_relation(locks)
    if not rows:
        return Content.styled("No relation lock is known before a rehearsal.", "$quiet")
    names = [one_line(lock.relation) for lock in rows]
    wide = min(36, max(Content(name).cell_length for name in names))
    lines = []
    for name, lock in zip(names, rows, strict=True):
        mode = mode_name(lock.mode)
        style = "bold $sev-warning" if is_heavy(lock) else ""
        effect = _EFFECT.get(mode, "not a mode that is known; treated as heavy")
        lines.append(
            Content(name).pad_right(max(0, wide - Content(name).cell_length))
            + Content.assemble("  ", (mode, style), ("  " + effect, "$quiet"))
        )
    return Content("\n").join(lines)


def _rank(lock: Lock) -> int:
    return _RANK.get(mode_name(lock.mode), len(_MODES))
