"""Hand-made fact rows for the tests of derivations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import count

from fixit_tui.facts.base import FactBase, Value


class Facts:
    """Builds a FactBase row by row; every method returns the new oid or id."""

    def __init__(self) -> None:
        self.base = FactBase()
        self._oids = count(1000)
        self._calls = count(1)
        self._bytes = count(0, 100)

    def table(
        self, name: str, *columns: str, schema: str = "public", kind: str = "table", **extra: Value
    ) -> int:
        """A relation; a column is 'name', 'name type' or 'name type = default'."""
        oid = next(self._oids)
        row: dict[str, Value] = {
            "oid": oid, "schema": schema, "name": name, "qualified": f"{schema}.{name}",
            "kind": kind, "managed": 0, "owned": 1, "has_rules": 0,
        }  # fmt: skip
        self.base.insert("relation", [{**row, **extra}])
        for number, column in enumerate(columns, start=1):
            declared, _, default = column.partition(" = ")
            title, _, kind_of = declared.partition(" ")
            self.base.insert(
                "attribute",
                [
                    {
                        "relation": oid,
                        "number": number,
                        "name": title,
                        "type": kind_of or "text",
                        "has_default": int(bool(default)),
                        "default_expr": default or None,
                        "identity": "",
                        "generated": 0,
                    }
                ],
            )
        return oid

    def index(
        self,
        relation: int,
        *columns: str | None,
        name: str = "",
        expressions: Sequence[str] = (),
        constraint: str | None = None,
        **extra: Value,
    ) -> int:
        """A unique index, with its constraint when `constraint` names a kind."""
        oid = next(self._oids)
        name = name or f"index_{oid}"
        keys = list(columns) + [None] * len(expressions)
        row: dict[str, Value] = {
            "oid": oid, "relation": relation, "schema": "public", "name": name, "is_unique": 1,
            "is_primary": int(constraint == "primary"), "is_exclusion": 0, "is_valid": 1,
            "is_ready": 1, "is_immediate": 1, "nulls_not_distinct": 0,
            "columns": json.dumps(keys), "expressions": json.dumps(list(expressions)),
            "include_columns": "[]", "collations": json.dumps([None] * len(keys)),
        }  # fmt: skip
        self.base.insert("rel_index", [{**row, **extra}])
        if constraint:
            self.constraint(relation, name, constraint, columns, index_oid=oid)
        return oid

    def constraint(
        self, relation: int, name: str, kind: str, columns: Sequence[str | None], **extra: Value
    ) -> int:
        oid = next(self._oids)
        row: dict[str, Value] = {
            "oid": oid, "relation": relation, "schema": "public", "name": name, "kind": kind,
            "columns": json.dumps(list(columns)), "deferrable": 0, "validated": 1,
        }  # fmt: skip
        self.base.insert("rel_constraint", [{**row, **extra}])
        return oid

    def routine(
        self,
        name: str,
        body: str | None,
        *,
        schema: str = "public",
        trigger: bool = True,
        **extra: Value,
    ) -> int:
        oid = next(self._oids)
        row: dict[str, Value] = {
            "oid": oid, "schema": schema, "name": name, "qualified": f"{schema}.{name}",
            "identity_args": "", "kind": "function", "language": "plpgsql",
            "returns_trigger": int(trigger), "security_definer": 0, "body": body,
        }  # fmt: skip
        self.base.insert("routine", [{**row, **extra}])
        return oid

    def trigger(
        self, relation: int, routine: int, *events: str, name: str = "", **extra: Value
    ) -> int:
        oid = next(self._oids)
        row: dict[str, Value] = {
            "oid": oid, "relation": relation, "name": name or f"trigger_{oid}",
            "routine": routine, "timing": "after", "level": "row",
            "events": json.dumps(events or ("insert",)), "update_columns": "[]",
            "enabled": "origin", "args": "[]", "is_constraint": 0,
        }  # fmt: skip
        self.base.insert("rel_trigger", [{**row, **extra}])
        return oid

    def call(
        self,
        verb: str,
        relation: str | None = None,
        *,
        values: Mapping[str, str] | None = None,
        **extra: Value,
    ) -> int:
        """A supabase-js call in src/app.ts, function save(), after the earlier ones."""
        number = next(self._calls)
        start = next(self._bytes)
        row: dict[str, Value] = {
            "id": number, "path": "src/app.ts", "line": number * 10, "end_line": number * 10 + 2,
            "start_byte": start, "end_byte": start + 50, "library": "supabase-js", "client": "db",
            "verb": verb, "relation": relation, "rows": "one", "options_known": 1,
            "cardinality": "many", "filters": "[]", "function": "save", "function_start": 1,
            "function_end": 999, "in_try": 0, "in_catch": 0, "handles_sqlstate": "[]",
        }  # fmt: skip
        if values is not None:
            row["column_values"] = json.dumps(dict(values))
            row["columns"] = json.dumps(list(values))
        self.base.insert("code_call", [{**row, **extra}])
        return number

    def sql(self, statement: str, *params: str, **extra: Value) -> int:
        """A node-postgres query."""
        return self.call(
            "sql",
            library="node-postgres",
            statement=statement,
            params=json.dumps(params),
            **extra,
        )
