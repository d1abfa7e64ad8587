"""Playbooks broken on purpose: a condition, a migration's statement or an edit's parameter less."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fixit_tui.facts.base import Row
from fixit_tui.model.finding import SqlChange
from fixit_tui.sql.split import split

_TOKEN = re.compile(r"--[^\n]*|'(?:[^']|'')*'|\"[^\"]*\"|\w+|\S")
_OPENS = {"(", "CASE"}
_CLOSES = {")", "END"}
_STARTS = {"WHERE", "ON", "AND", "OR", "WHEN", "HAVING"}
_STOPS = {
    "AND", "OR", "THEN", "GROUP", "ORDER", "UNION", "EXCEPT", "INTERSECT", "JOIN", "LEFT", "CROSS",
    "WHERE", "WINDOW", "HAVING", "LIMIT", "WHEN", "ELSE", ",", ";",
}  # fmt: skip
_WORDING = {"TITLE", "WHY", "EVIDENCE", "RULED_OUT", "CHAIN"}
"""Columns that people read; a condition in them changes words only, which cases do not hold."""
_NAMES = {("AS", name) for name in _WORDING}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A broken query; `what` is the condition that it lacks."""

    what: str
    query: str


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    start: int
    end: int


def _words(query: str) -> list[_Word]:
    found = [_Word(m[0].upper(), m.start(), m.end()) for m in _TOKEN.finditer(query)]
    return [word for word in found if not word.text.startswith("--")]


def _condition_end(words: list[_Word], first: int) -> int:
    """Index of the word that ends the condition that starts at `first`."""
    depth, between = 0, False
    for index in range(first, len(words)):
        text = words[index].text
        if depth == 0 and text == "AND" and between:
            between = False
            continue
        if depth == 0 and (text in _STOPS or text in _CLOSES):
            return index
        between = between or (depth == 0 and text == "BETWEEN")
        depth += (text in _OPENS) - (text in _CLOSES)
    return len(words)


def _wording(words: list[_Word]) -> set[int]:
    """Indexes of the words of outermost columns that people read.

    The first SELECT names the columns; those after a UNION give the same ones in the same order.
    """
    found: set[int] = set()
    depth = column = first = 0
    named: set[int] = set()
    inside = False
    for index, word in enumerate(words):
        depth += (word.text in _OPENS) - (word.text in _CLOSES)
        if depth:
            continue
        if word.text in ("SELECT", "FROM", ",") and inside:
            if column in named or (words[index - 2].text, words[index - 1].text) in _NAMES:
                named.add(column)
                found.update(range(first, index))
            column += 1
        if word.text in ("SELECT", "FROM"):
            inside, column = word.text == "SELECT", 0
        if word.text in ("SELECT", ","):
            first = index + 1
    return found


def query_mutants(query: str) -> Iterator[Mutant]:
    """One mutant for each condition: it always holds instead (in an OR, it never does)."""
    words = _words(query)
    wording = _wording(words)
    between: list[int] = []
    for index, word in enumerate(words[:-1]):
        if word.text == "BETWEEN":
            between.append(index)
        if word.text == "AND" and between:
            between.pop()
            continue
        if word.text not in _STARTS or index in wording:
            continue
        end = _condition_end(words, index + 1)
        if end == index + 1:
            continue
        start, stop = words[index + 1].start, words[end - 1].end
        stands_for = "0" if word.text == "OR" else "1"
        what = " ".join(query[start:stop].split())
        yield Mutant(f"{word.text} {what}", query[:start] + stands_for + query[stop:])


def change_mutants(change: SqlChange) -> Iterator[tuple[str, SqlChange]]:
    """A migration with one statement less on its way up or back, or with a check that says yes."""
    yield "verify says yes", replace(change, verify="SELECT 'said', true")
    for field in ("up", "undo"):
        statements = split(getattr(change, field))
        for index, statement in enumerate(statements):
            rest = ";\n".join(s for i, s in enumerate(statements) if i != index)
            words = " ".join(statement.split())[:90]
            yield f"{field} without {words}", replace(change, **{field: rest})


def edit_mutants(query: str, rows: Sequence[Row]) -> Iterator[Mutant]:
    """The query with an edit less, or with one of an edit's parameters less, of those in `rows`."""
    paths: dict[str, str] = {}
    for row in rows:
        for fix, edits in json.loads(str(row.get("edits") or "{}")).items():
            for number, edit in enumerate(edits or ()):
                place = f'$."{fix}"[{number}]'
                paths.setdefault(place, f"{fix} without {edit['edit']}")
                for name in edit.get("params") or {}:
                    what = f"{fix}: {edit['edit']} without its {name}"
                    paths.setdefault(f'{place}.params."{name}"', what)
    others = ", ".join(f'"{column}"' for column in rows[0] if column != "edits")
    for path, what in paths.items():
        yield Mutant(
            what,
            f"SELECT {others}, json_remove(edits, '{path}') AS edits FROM (\n{query}\n)",
        )
