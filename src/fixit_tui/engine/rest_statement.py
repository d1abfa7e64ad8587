"""The statement that PostgREST makes of a write request, from the request and the catalog.

Rules: PostgREST's `Query/QueryBuilder` and `Plan`; the wrapper that renders the answer is left out,
since no error comes from it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from fixit_tui.engine.rest_filters import conditions
from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.model.rest import RestRequest
from fixit_tui.sql.quote import column_list, ident, literal, qualified


@dataclass(frozen=True, slots=True)
class RestStatement:
    """One SQL statement; `notes` say what the request asked for that PostgREST does not do."""

    sql: str
    schema: str
    relation: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Table:
    oid: int
    schema: str
    name: str
    types: dict[str, str]
    defaults: dict[str, str]
    key: tuple[str, ...]

    @property
    def sql(self) -> str:
        return qualified(self.schema, self.name)


def rest_statement(request: RestRequest, facts: FactBase) -> RestStatement:
    """What PostgREST sends for this request.

    Raises UsageError for a request that PostgREST refuses by itself, and for what is not replayed.
    """
    table = _table(request, facts)
    returning = _returning(request, table)
    notes: list[str] = []
    try:
        if request.method == "DELETE":
            text = f"DELETE FROM {table.sql}{_where(request, table)}"
        elif request.method == "PATCH":
            text = _update(request, table)
        else:
            text = _insert(request, table, notes)
    except ValueError as error:
        raise UsageError(
            f"the request cannot be written as SQL: {error}", hint="give the SQL statement instead"
        ) from error
    return RestStatement(f"{text} RETURNING {returning}", table.schema, table.oid, tuple(notes))


def _table(request: RestRequest, facts: FactBase) -> _Table:
    rows = facts.query("SELECT oid, schema FROM relation WHERE name = ?", (request.relation,))
    # Without a profile header a request goes to the first exposed schema.
    wanted = request.schema or ("public" if len(rows) > 1 else None)
    rows = [row for row in rows if wanted is None or row["schema"] == wanted]
    if len(rows) != 1:
        raise UsageError(
            f"no single table is called {request.relation}"
            + (f" in schema {wanted}" if wanted else ""),
            hint="PostgREST answers PGRST205 then; is this the right database?",
        )
    oid = int(rows[0]["oid"] or 0)
    columns = facts.query(
        "SELECT name, type, default_expr FROM attribute WHERE relation = ? ORDER BY number", (oid,)
    )
    key = facts.query(
        "SELECT columns FROM rel_constraint WHERE relation = ? AND kind = 'primary'", (oid,)
    )
    return _Table(
        oid,
        str(rows[0]["schema"]),
        request.relation,
        {str(c["name"]): str(c["type"]) for c in columns},
        {str(c["name"]): str(c["default_expr"]) for c in columns if c["default_expr"]},
        tuple(json.loads(str(key[0]["columns"]))) if key else (),
    )


def _returning(request: RestRequest, table: _Table) -> str:
    wanted = request.preference("return")
    if wanted == "headers-only" and table.key:
        return column_list(table.key)
    if wanted != "representation":
        return "1"
    parts = (request.parameter("select") or "*").split(",")
    # Aliases, casts and paths read the column that they begin or end with; embeds read others.
    names = [part.partition("::")[0].rpartition(":")[2].partition("->")[0] for part in parts]
    return column_list([n for n in names if n in table.types]) or f"{table.sql}.*"


def _where(request: RestRequest, table: _Table) -> str:
    found = conditions(request.parameters, table.sql, frozenset(table.types))
    return f" WHERE {' AND '.join(found)}" if found else ""


def _columns(request: RestRequest, table: _Table) -> tuple[str, ...]:
    """The columns that are written: those that `columns` lists, else the keys of the body."""
    listed = request.parameter("columns")
    if listed:
        names = _names(listed)
    else:
        payload = json.loads(request.body) if request.body else {}
        rows = payload if isinstance(payload, list) else [payload]
        if not rows or not all(isinstance(row, dict) for row in rows):
            raise UsageError("the body holds no row", hint="give the whole request")
        if any(row.keys() != rows[0].keys() for row in rows):
            raise UsageError(
                "the objects of the body have different keys",
                hint="PostgREST answers PGRST102 before it asks the server; give columns=",
            )
        names = tuple(rows[0])
    unknown = [name for name in names if name not in table.types]
    if unknown:
        raise UsageError(
            f"{table.schema}.{table.name} has no column {', '.join(unknown)}",
            hint="PostgREST answers PGRST204 before it asks the server",
        )
    return names


def _names(text: str) -> tuple[str, ...]:
    return tuple(n.strip().strip('"') for n in text.split(",") if n.strip())


def _payload(request: RestRequest, table: _Table, names: tuple[str, ...]) -> str:
    body = request.body.strip()
    many = body.startswith("[")
    record = f"AS _({', '.join(f'{ident(n)} {table.types[n]}' for n in names)})"
    defaults = {n: table.defaults[n] for n in names if n in table.defaults}
    if request.preference("missing") != "default" or not defaults:
        return f"json_to_record{'set' if many else ''}({literal(body)}::json) {record}"
    made = ", ".join(f"{literal(n)}, {text}" for n, text in defaults.items())
    rows = literal(body if many else f"[{body}]")
    filled = (
        f"SELECT jsonb_agg(jsonb_build_object({made}) || e.value)"
        f" FROM jsonb_array_elements({rows}::jsonb) AS e"
    )
    return f"jsonb_to_recordset(({filled})) {record}"


def _insert(request: RestRequest, table: _Table, notes: list[str]) -> str:
    names = _columns(request, table)
    where = _where(request, table) if request.method == "PUT" else ""
    if request.method == "PUT" and (not table.key or not where):
        raise UsageError(
            "a PUT names its row by filters on the primary key",
            hint="PostgREST answers PGRST105 before it asks the server",
        )
    if not names:
        return f"INSERT INTO {table.sql} DEFAULT VALUES"
    listed = column_list(names)
    text = f"INSERT INTO {table.sql} ({listed}) SELECT {listed} FROM"
    text += f" {_payload(request, table, names)}"
    return text + _conflict(request, table, names, notes)


def _conflict(request: RestRequest, table: _Table, names: tuple[str, ...], notes: list[str]) -> str:
    put = request.method == "PUT"
    resolution = "merge-duplicates" if put else request.preference("resolution")
    named = request.parameter("on_conflict")
    if resolution is None:
        if named:
            notes.append("on_conflict counts only with Prefer: resolution=…; this is an INSERT")
        return ""
    target = _names(named) if named and not put else table.key
    if not target:
        notes.append("no primary key and no on_conflict: PostgREST sends a plain INSERT")
        return ""
    clause = f" ON CONFLICT ({column_list(target)}) DO "
    if resolution == "ignore-duplicates":
        return clause + "NOTHING"
    sets = ", ".join(f"{ident(n)} = EXCLUDED.{ident(n)}" for n in names)
    return f"{clause}UPDATE SET {sets}"


def _update(request: RestRequest, table: _Table) -> str:
    if request.body.strip().startswith("["):
        raise UsageError("the body of a PATCH is one object", hint="give the whole request")
    names = _columns(request, table)
    if not names:
        raise UsageError("the body changes nothing", hint="PostgREST sends no UPDATE for it")
    sets = ", ".join(f"{ident(n)} = pgrst_body.{ident(n)}" for n in names)
    source = f"(SELECT * FROM {_payload(request, table, names)}) AS pgrst_body"
    return f"UPDATE {table.sql} SET {sets} FROM {source}{_where(request, table)}"
