"""Definition hashes of objects: what a plan was made for, and whether it is still so.

A hash covers definitions, never numbers of objects, so that an object which was dropped and made
again exactly as it was has the same one.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg

from fixit_tui.errors import UsageError
from fixit_tui.model.plan import ObjectState
from fixit_tui.postgres.read_only import shielded, use_catalog_names

ABSENT = "absent"
"""The digest of an object that does not exist."""

_KINDS = {
    "table": "table",
    "view": "table",
    "index": "index",
    "sequence": "sequence",
    "function": "routine",
    "procedure": "routine",
    "trigger": "trigger",
    "policy": "policy",
}
_PART = re.compile(r'\s*(?:"((?:[^"]|"")*)"|([^\s".(]+))\s*')


@cache
def _query(name: str) -> bytes:
    text = files("fixit_tui.postgres").joinpath("definition", f"{name}.sql").read_text("utf-8")
    return text.encode()


def fingerprint(
    connection: psycopg.Connection[Any], identities: Sequence[str]
) -> tuple[ObjectState, ...]:
    """The state of each identity, in order and once, within the open transaction.

    An identity is a kind and an SQL-quoted name: 'table s.t' (or 'view'), 'index s.i',
    'sequence s.q', 'function s.f(args)' (or 'procedure'), 'trigger s.t.g', 'policy s.t.p'. A
    table's state holds its columns, constraints, indexes, triggers, policies, rules, owner and
    grants. Without a schema the session's search_path decides. Raises UsageError for another
    shape, else psycopg.Error like any query.
    """
    wanted = [(identity, *_parsed(identity)) for identity in dict.fromkeys(identities)]
    found = []
    with shielded(connection):
        row = connection.execute("SELECT pg_catalog.current_schemas(false)").fetchone()
        path = list(row[0]) if row is not None else []
        use_catalog_names(connection)
        for identity, kind, names, arguments in wanted:
            text = _definition(connection, kind, names, arguments, path)
            digest = ABSENT
            if text is not None:
                digest = hashlib.sha256(f"{kind}\n{text}".encode()).hexdigest()
            found.append(ObjectState(identity, digest))
    return tuple(found)


def _definition(
    connection: psycopg.Connection[Any],
    kind: str,
    names: tuple[str, ...],
    arguments: str | None,
    path: list[str],
) -> str | None:
    depth = 2 if kind in ("trigger", "policy") else 1
    parameters = {
        "path": list(names[:-depth]) or path,
        "name": names[-depth],
        "member": names[-1],
    }
    cursor = connection.execute(_query(kind), parameters, binary=False)
    rows = cursor.fetchall()
    if kind == "routine":
        rows = _matching(rows, arguments)
    return str(rows[0][0]) if rows else None


def _matching(rows: list[Any], arguments: str | None) -> list[Any]:
    """Of the routines of that name the one with these arguments, with or without their names."""
    if arguments is None:
        return rows[:1] if len(rows) == 1 else []
    wanted = _plain(arguments)
    return [row for row in rows if wanted in {_plain(text) for text in row[1]}]


def _plain(arguments: str) -> str:
    """Arguments without what may be written in several ways."""
    text = " ".join(arguments.split()).replace(" ,", ",").replace(", ", ",")
    return re.sub(r"(^|,)IN ", r"\1", text, flags=re.IGNORECASE).lower()


def _parsed(identity: str) -> tuple[str, tuple[str, ...], str | None]:
    """Kind of query, name parts and, for a routine, the text between its parentheses."""
    word, _, rest = identity.strip().partition(" ")
    kind = _KINDS.get(word.lower())
    names, place = [], 0
    while kind is not None and (part := _PART.match(rest, place)):
        quoted, bare = part.group(1), part.group(2)
        names.append(quoted.replace('""', '"') if quoted is not None else bare.lower())
        place = part.end()
        if rest[place : place + 1] != ".":
            break
        place += 1
    tail = rest[place:].strip()
    arguments = tail[1:-1].strip() if tail.startswith("(") and tail.endswith(")") else None
    least = 2 if kind in ("trigger", "policy") else 1
    complete = least <= len(names) <= least + 1 and not rest[:place].endswith(".")
    if kind is None or not complete or (tail and (arguments is None or kind != "routine")):
        raise UsageError(
            f"not an object that can be watched for changes: {identity}",
            hint="such as 'table public.goals', 'index public.x' or 'function public.f(integer)'",
        )
    return kind, tuple(names), arguments
