"""Unique keys whose value people choose: a name, an address, a title.

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
    for row in facts.query("SELECT * FROM rel_index WHERE is_unique = 1 ORDER BY oid"):
        relation = int(row["relation"] or 0)
        known = columns.get(relation, {})
        expressions = iter(json.loads(str(row["expressions"] or "[]")))
        read = [
            _source(_read_by(str(next(expressions, "")), known) if c is None else str(c), known)
            for c in json.loads(str(row["columns"]))
        ]
        chosen = [n for n in read if n is not None and _is_chosen(n, relation, known, linked)]
        if len(read) > 1:
            chosen = [n for n in chosen if _words(n)[-1] in _NAMES]
            scope = [n for n in read if n not in chosen]
            if not all(n and _is_id(n, relation, known, linked) for n in scope):
                continue
        if len(chosen) == 1:
            yield {"index_oid": row["oid"], "attribute": chosen[0]}


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
