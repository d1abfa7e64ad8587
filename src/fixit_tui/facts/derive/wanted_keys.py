"""The unique key that a failed statement was to make, from its text or from the error's words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from fixit_tui.facts.base import FactBase, Row, Value
from fixit_tui.facts.derive import naming
from fixit_tui.facts.derive.catalog import Catalog, strings
from fixit_tui.sql.grammar import UnreadableSql
from fixit_tui.sql.lexer import closing, tokens
from fixit_tui.sql.statements import parsed_statements

# The words of the error where the statement is not there; the server's own, whatever its language,
# come with the statement.
_FAILED_BUILD = re.compile(r"could not create unique index|is duplicated", re.IGNORECASE)
_PLAIN = re.compile(r'[a-z_][a-z0-9_$]*|"(?:[^"]|"")+"')


def wanted_keys(facts: FactBase, catalog: Catalog) -> Iterator[Row]:
    """The rows of `wanted_key`: at most one."""
    for symptom in facts.query("SELECT * FROM symptom WHERE sqlstate = '23505'"):
        wanted = _stated(catalog, str(symptom["statement"] or "")) or _told(catalog, symptom)
        if wanted is not None:
            name = wanted["name"]
            carcass = next(
                (
                    i.oid
                    for i in catalog.indexes.get(int(wanted["relation"]), [])
                    if i.name == name and not i.valid
                ),
                None,
            )
            yield {**wanted, "carcass": carcass}


def _stated(catalog: Catalog, text: str) -> dict[str, Any] | None:
    """The key that CREATE UNIQUE INDEX or ALTER TABLE … ADD makes."""
    try:
        statements = list(parsed_statements(text)) if text.strip() else []
    except UnreadableSql:
        return None
    for one in statements:
        kind = one.node.WhichOneof("node")
        found = None
        if kind == "index_stmt" and one.node.index_stmt.unique:
            found = _index(catalog, one.node.index_stmt, one.source)
        elif kind == "alter_table_stmt":
            found = _constraint(catalog, one.node.alter_table_stmt, one.source)
        if found is not None:
            return found
    return None


def _index(catalog: Catalog, node: Any, text: str) -> dict[str, Any] | None:
    relation = naming.for_statement(
        catalog, node.relation.schemaname or None, node.relation.relname
    )
    if relation is None:
        return None
    elements = [p.index_elem for p in node.index_params]
    names = ["" if e.collation or e.opclass else e.name for e in elements]
    inner, behind = _parenthesis(text, "on")
    where = (
        re.search(r"(?is)\bwhere\b(.*?);?\s*$", behind) if node.HasField("where_clause") else None
    )
    return {
        "relation": relation.oid,
        "name": node.idxname or _default_name(relation.name, names, "idx"),
        "columns": json.dumps(names, ensure_ascii=False) if all(names) else None,
        "key_text": inner,
        "predicate": where.group(1).strip() if where else None,
        "nulls_not_distinct": int(node.nulls_not_distinct),
        "kind": "index",
        "statement": text,
    }


def _constraint(catalog: Catalog, node: Any, text: str) -> dict[str, Any] | None:
    relation = naming.for_statement(
        catalog, node.relation.schemaname or None, node.relation.relname
    )
    for command in node.cmds:
        made = getattr(command.alter_table_cmd, "def").constraint
        names = [k.string.sval for k in made.keys]
        if relation is None or not names:
            continue
        primary = made.contype == _PRIMARY
        if not primary and made.contype != _UNIQUE:
            continue
        suffix = "pkey" if primary else "key"
        return {
            "relation": relation.oid,
            "name": made.conname or _default_name(relation.name, [] if primary else names, suffix),
            "columns": json.dumps(names, ensure_ascii=False),
            "key_text": ", ".join(names),
            "predicate": None,
            "nulls_not_distinct": int(made.nulls_not_distinct),
            "kind": "primary" if primary else "constraint",
            "statement": text,
        }
    return None


# Values of ConstrType in the server's grammar.
_PRIMARY, _UNIQUE = 7, 8


def _parenthesis(text: str, after: str) -> tuple[str, str]:
    """What stands in the first parenthesis behind a word, and what follows it."""
    items = tokens(text)
    start = next((i for i, t in enumerate(items) if t.word == after), 0)
    opening = next((i for i in range(start, len(items)) if items[i].text == "("), None)
    if opening is None:
        return "", ""
    close = closing(items, opening)
    end = items[close].end if close < len(items) else len(text)
    return text[items[opening].end : end - 1].strip(), text[end:]


def _default_name(relation: str, columns: list[str], suffix: str) -> str:
    return "_".join([relation, *(c or "expr" for c in columns), suffix])


def _told(catalog: Catalog, symptom: Mapping[str, Value]) -> dict[str, Any] | None:
    """The key of the error's DETAIL, on the table that has these columns and fits the name."""
    said = f"{symptom['message'] or ''}\n{symptom['detail'] or ''}"
    name = symptom["constraint_name"]
    if not _FAILED_BUILD.search(said) or name is None or symptom["key_columns"] is None:
        return None
    items = strings(symptom["key_columns"])
    plain = all(_PLAIN.fullmatch(item) or item.isidentifier() for item in items)
    relation = _table_of(catalog, symptom, str(name), items if plain else ())
    if relation is None:
        return None
    return {
        "relation": relation,
        "name": str(name),
        "columns": json.dumps(list(items), ensure_ascii=False) if plain else None,
        "key_text": ", ".join(items),
        "predicate": None,
        "nulls_not_distinct": 0,
        "kind": "index",
        "statement": None,
    }


def _table_of(
    catalog: Catalog, symptom: Mapping[str, Value], name: str, columns: tuple[str, ...]
) -> int | None:
    if symptom["relation_oid"] is not None:
        return int(symptom["relation_oid"])
    if symptom["index_oid"] is not None:
        oid = int(symptom["index_oid"])
        return next(
            (r for r, found in catalog.indexes.items() if oid in {i.oid for i in found}), None
        )
    fitting = [
        r
        for r in catalog.relations.values()
        if r.kind in ("table", "partitioned", "matview")
        and not r.managed
        and set(columns) <= set(catalog.attributes.get(r.oid, {}))
    ]
    named = [r for r in fitting if r.name in name]
    longest = max((len(r.name) for r in named), default=0)
    chosen = [r for r in named if len(r.name) == longest] or (fitting if columns else [])
    return chosen[0].oid if len(chosen) == 1 else None
