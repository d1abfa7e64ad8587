"""Identifiers and literals as SQL text."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import cache

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*\Z")


@cache
def _keywords() -> frozenset[str]:
    """Every word that some server version may reserve: all that the grammar knows."""
    import postgast

    return frozenset(w for w in _CANDIDATES.split() if postgast.scan(w).tokens[0].keyword_kind > 1)


_CANDIDATES = """
all analyse analyze and any array as asc asymmetric authorization between bigint binary bit
boolean both case cast char character check coalesce collate collation column concurrently
constraint create cross current_catalog current_date current_role current_schema current_time
current_timestamp current_user dec decimal default deferrable desc distinct do else end except
exists extract false fetch float for foreign freeze from full grant greatest group grouping
having ilike in initially inner inout int integer intersect interval into is isnull join json
json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar
json_serialize json_table json_value lateral leading least left like limit localtime
localtimestamp merge_action national natural nchar none normalize not notnull null nullif
numeric offset on only or order out outer overlaps overlay placing position precision primary
real references returning right row select session_user setof similar smallint some substring
symmetric system_user table tablesample then time timestamp to trailing treat trim true union
unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat
xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
"""


def ident(name: str) -> str:
    """An identifier, quoted where it has to be. Raises ValueError for what no identifier can be."""
    if not name or "\0" in name:
        raise ValueError("an identifier is neither empty nor holds NUL")
    if _PLAIN.match(name) and name not in _keywords():
        return name
    return '"' + name.replace('"', '""') + '"'


def qualified(schema: str, name: str) -> str:
    """schema.name, each quoted where it has to be."""
    return f"{ident(schema)}.{ident(name)}"


def column_list(names: Sequence[str]) -> str:
    """Names for between parentheses: a, "B"."""
    return ", ".join(ident(n) for n in names)


def literal(value: str | int | float | bool | None) -> str:
    """A literal that reads the same whatever standard_conforming_strings says.

    Raises ValueError for NUL, which PostgreSQL text cannot hold.
    """
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        word = "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
        return f"'{word}'::float8"
    if isinstance(value, int | float):
        return str(value)
    if "\0" in value:
        raise ValueError("text holds no NUL")
    escaped = value.replace("'", "''")
    if "\\" in escaped:
        return "E'" + escaped.replace("\\", "\\\\") + "'"
    return f"'{escaped}'"
