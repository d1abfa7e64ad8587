"""Unique keys whose value people choose: a name, an address, a title, a seat or an hour.

Met twice, such a key says that somebody else has the value. Any other key (ids, dates, flags, the
numbers of other systems) met twice says that the same row was sent again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from fixit_tui.facts.base import FactBase, Row, Value

_TEXT = re.compile(r"(?:text|character|varchar|bpchar|citext|name)\b|\w*\.?citext\b", re.IGNORECASE)
_WORD = re.compile(r'"((?:[^"]|"")+)"|([A-Za-z_][\w$]*)')
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# Words of a column's name that say: made by a program or by another system, not by a person.
_TECHNICAL = frozenset(
    re.findall(
        r"\w+",
        """
        id ids uid uuid guid ulid key token hash checksum digest fingerprint sha sha256 md5 etag
        uri link href permalink
        nonce idempotency dedupe dedup event external ref reference ext provider source session
        endpoint signature secret cursor locale lang language timezone currency country iso status
        state type kind scope metric day date month period bucket version environment env
        """,
    )
)
# In a key of several columns only these are a person's choice; the other columns say within what.
_NAMES = frozenset(
    re.findall(
        r"\w+",
        """
        name title slug handle username nickname login subdomain domain hostname alias label code
        displayname path url
        """,
    )
)
# Of a thing that one person at a time can have: words for which part or hour of it. A mere moment
# (measured_at) is rather when something was noted.
_PLACES = frozenset(
    re.findall(
        r"\w+",
        """
        seat slot spot desk court berth locker start starts begin begins from scheduled
        appointment reserved booked arrival checkin pickup hour
        """,
    )
)
_HOURS = re.compile(r"(?:time (?:without|with)|tsrange|tstzrange)\b")
_SPAN = re.compile(r"(?:timestamp|time|tsrange|tstzrange|date|daterange)\b")
_PEOPLE = re.compile(
    r"user|profile|member|customer|client|guest|patient|student|employee|person|people|player|account|owner|holder|booked|reserved"
)


def chosen_values(facts: FactBase) -> Iterator[dict[str, Value]]:
    """Rows of `chosen_value`: unique index and the one column that holds what was chosen."""
    columns: dict[int, dict[str, Row]] = {}
    for row in facts.query("SELECT * FROM attribute"):
        columns.setdefault(int(row["relation"] or 0), {})[str(row["name"])] = row
    linked = {
        (int(row["relation"] or 0), str(row["value"]))
        for row in facts.query(
            "SELECT relation, value FROM rel_constraint, json_each(columns) WHERE kind = 'foreign'"
        )
    }
    held = _held_by(facts, columns)
    for row in facts.query("SELECT * FROM rel_index WHERE is_unique = 1 ORDER BY oid"):
        relation = int(row["relation"] or 0)
        known = columns.get(relation, {})
        expressions = iter(json.loads(str(row["expressions"] or "[]")))
        read = [
            _source(_read_by(str(next(expressions, "")), known) if c is None else str(c), known)
            for c in json.loads(str(row["columns"]))
        ]
        slot = _slot(read, relation, known, linked, held)
        if slot is not None:
            yield {"index_oid": row["oid"], "attribute": slot}
            continue
        chosen = [n for n in read if n is not None and _is_chosen(n, relation, known, linked)]
        if len(read) > 1:
            chosen = [n for n in chosen if _words(n)[-1] in _NAMES]
            scope = [n for n in read if n not in chosen]
            if not all(n and _is_id(n, relation, known, linked) for n in scope):
                continue
        if len(chosen) == 1:
            yield {"index_oid": row["oid"], "attribute": chosen[0]}


def _held_by(facts: FactBase, columns: dict[int, dict[str, Row]]) -> set[tuple[int, str]]:
    """Columns that say whose a row is: by what they refer to, their default, or their name."""
    held = {
        (int(row["relation"] or 0), str(row["value"]))
        for row in facts.query(
            "SELECT k.relation, c.value, r.name FROM rel_constraint k, json_each(k.columns) c"
            " JOIN relation r ON r.oid = k.ref_relation WHERE k.kind = 'foreign'"
        )
        if _PEOPLE.search(str(row["name"]).lower())
    }
    for relation, known in columns.items():
        held |= {
            (relation, name)
            for name, row in known.items()
            if (
                _PEOPLE.search(name.lower()) and _words(name)[-1] in ("id", "by", "holder", "owner")
            )
            or "auth.uid()" in str(row["default_expr"] or "")
        }
    return held


def _slot(
    read: list[str | None],
    relation: int,
    known: dict[str, Row],
    linked: set[tuple[int, str]],
    held: set[tuple[int, str]],
) -> str | None:
    """The hour or the seat of a thing, in a key that is not about who has it: another column is."""
    if len(read) < 2 or any(n is None or n not in known or (relation, n) in held for n in read):
        return None
    if not any((relation, n) in held for n in known):
        return None
    names = [n for n in read if n is not None]
    slots = [
        n
        for n in names
        if (relation, n) not in linked
        and (_HOURS.match(str(known[n]["type"])) or _PLACES & set(_words(n)))
    ]
    things = [n for n in names if (relation, n) in linked]
    rest = [n for n in names if n not in slots and n not in things]
    if not slots or not things or not all(_SPAN.match(str(known[n]["type"])) for n in rest):
        return None
    return slots[0]


def _read_by(expression: str, known: dict[str, Row]) -> str | None:
    """The column that an expression reads, if it is only one."""
    text = _LITERAL.sub("''", expression)
    words = {(quoted or plain) for quoted, plain in _WORD.findall(text)}
    found = [name for name in known if name in words]
    return found[0] if len(found) == 1 else None


def _source(name: str | None, known: dict[str, Row]) -> str | None:
    """The column itself, or the one that it is generated from."""
    if name is None or name not in known or not known[name]["generated"]:
        return name
    return _read_by(str(known[name]["default_expr"] or ""), known)


def _words(name: str) -> list[str]:
    words = [w.lower() for w in re.split(r"[^A-Za-z0-9]+", _CAMEL.sub("_", name)) if w]
    return words or [""]


def _is_chosen(
    name: str, relation: int, known: dict[str, Row], linked: set[tuple[int, str]]
) -> bool:
    row = known.get(name)
    if row is None or row["identity"] or (relation, name) in linked:
        return False
    return bool(_TEXT.match(str(row["type"]))) and not _TECHNICAL & set(_words(name))


def _is_id(name: str, relation: int, known: dict[str, Row], linked: set[tuple[int, str]]) -> bool:
    row = known.get(name)
    if row is None:
        return False
    integers = ("uuid", "integer", "bigint", "smallint")
    return (relation, name) in linked or row["type"] in integers or _words(name)[-1] == "id"
