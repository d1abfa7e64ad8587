"""The captured schema as statements that make it again elsewhere, in an order that works.

Made for a server of one's own with nothing in it. Functions are made before what calls them, with
their bodies unchecked; foreign keys, triggers and policies come after every table.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fixit_tui.facts.base import FactBase, Row
from fixit_tui.sql.quote import column_list, ident, literal, qualified

_PUBLIC = "PUBLIC"
_OF_DOMAIN = "d.kind = 'domain' AND replace(a.type, '\"', '') = d.qualified"
"""What a column has from its domain is not its own."""
_SEQUENCE_TYPES = {32767: " AS smallint", 2147483647: " AS integer"}
_ENABLED = {"disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}


@dataclass(frozen=True, slots=True)
class Part:
    """A statement, and what a person calls the thing that it makes."""

    what: str
    statement: str


def rebuild(facts: FactBase) -> tuple[Part, ...]:
    """Statements for everything that was captured. What was not read is left out."""
    makers = (
        _roles,
        _schemas,
        _extensions,
        _types,
        _sequences,
        _tables,
        _functions,
        _defaults,
        _keys,
        _indexes,
        _foreign_keys,
        _views,
        _triggers,
        _policies,
        _grants,
        _owners,
    )
    return tuple(part for maker in makers for part in maker(facts))


def _roles(facts: FactBase) -> Iterator[Part]:
    for role in facts.query("SELECT * FROM role ORDER BY name"):
        words = [
            "SUPERUSER" if role["superuser"] else "NOSUPERUSER",
            "BYPASSRLS" if role["bypass_rls"] else "NOBYPASSRLS",
            "LOGIN",
        ]
        yield Part(
            f"role {role['name']}", f"CREATE ROLE {ident(str(role['name']))} {' '.join(words)}"
        )
    # What people made may name roles that only exist by that name.
    named = "SELECT owner AS name FROM relation UNION SELECT owner FROM routine"
    known = "SELECT name FROM role"
    for row in facts.query(f"SELECT name FROM ({named}) WHERE name NOT IN ({known}) ORDER BY name"):
        yield Part(f"role {row['name']}", f"CREATE ROLE {ident(str(row['name']))}")


def _schemas(facts: FactBase) -> Iterator[Part]:
    tables = ("relation", "routine", "sequence", "data_type", "extension")
    union = " UNION ".join(f"SELECT schema FROM {table}" for table in tables)
    own = facts.query("SELECT role FROM server")
    for row in facts.query(f"SELECT schema FROM ({union}) ORDER BY schema"):
        name = str(row["schema"])
        if name.startswith("pg_"):
            continue
        yield Part(f"schema {name}", f"CREATE SCHEMA IF NOT EXISTS {ident(name)}")
        yield Part(f"schema {name}", f"GRANT USAGE ON SCHEMA {ident(name)} TO PUBLIC")
        for session in own:
            role = ident(str(session["role"]))
            yield Part(f"schema {name}", f"GRANT CREATE ON SCHEMA {ident(name)} TO {role}")


def _extensions(facts: FactBase) -> Iterator[Part]:
    for row in facts.query("SELECT * FROM extension WHERE name <> 'plpgsql' ORDER BY name"):
        name, schema = ident(str(row["name"])), ident(str(row["schema"]))
        yield Part(
            f"extension {row['name']}",
            f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA {schema} CASCADE",
        )


def _types(facts: FactBase) -> Iterator[Part]:
    for row in facts.query("SELECT * FROM data_type ORDER BY oid"):
        word = "DOMAIN" if row["kind"] == "domain" else "TYPE"
        name = _name(row)
        yield Part(f"type {row['qualified']}", f"CREATE {word} {name} {row['definition']}")


def _sequences(facts: FactBase) -> Iterator[Part]:
    rows = facts.query(
        "SELECT s.* FROM sequence s WHERE NOT EXISTS (SELECT 1 FROM attribute a"
        " WHERE a.relation = s.relation AND a.name = s.attribute AND a.identity <> '')"
        " ORDER BY s.oid"
    )
    for row in rows:
        kind = _SEQUENCE_TYPES.get(int(row["max_value"] or 0), "")
        yield Part(
            f"sequence {row['schema']}.{row['name']}",
            f"CREATE SEQUENCE {_name(row)}{kind}{_numbering(row)}",
        )


def _numbering(sequence: Row) -> str:
    """Options of a sequence, each with a blank before it."""
    words = {
        "INCREMENT": "increment",
        "MINVALUE": "min_value",
        "MAXVALUE": "max_value",
        "START": "start_value",
        "CACHE": "cache",
    }
    found = [f" {word} {sequence[c]}" for word, c in words.items() if sequence[c] is not None]
    return "".join(found) + (" CYCLE" if sequence["cycles"] else "")


def _tables(facts: FactBase) -> Iterator[Part]:
    rows = facts.query(
        "SELECT * FROM relation WHERE kind IN ('table', 'partitioned', 'foreign')"
        " ORDER BY parent IS NOT NULL, oid"
    )
    names = {row["oid"]: _name(row) for row in rows}
    for row in rows:
        what, name = f"table {row['qualified']}", _name(row)
        if row["parent"] is not None and row["partition_bound"]:
            parent = names.get(row["parent"], "")
            text = f"CREATE TABLE {name} PARTITION OF {parent} {row['partition_bound']}"
        else:
            columns = ",\n  ".join(_column(column) for column in _columns(facts, row))
            text = (
                f"CREATE TABLE {name} (\n  {columns}\n)" if columns else f"CREATE TABLE {name} ()"
            )
        if row["kind"] == "partitioned" and row["partition_key"]:
            text += f" PARTITION BY {row['partition_key']}"
        yield Part(what, text)
        if row["replica_identity"] == "full":
            yield Part(what, f"ALTER TABLE {name} REPLICA IDENTITY FULL")


def _columns(facts: FactBase, relation: Row) -> list[dict[str, str | int | float | None]]:
    return facts.query(
        "SELECT a.*, s.schema AS sequence_schema, s.name AS sequence, s.increment,"
        " s.start_value, s.min_value, s.max_value, s.cache, s.cycles,"
        " instr(d.definition, ' NOT NULL') > 0 AS domain_not_null"
        " FROM attribute a"
        f" LEFT JOIN data_type d ON {_OF_DOMAIN}"
        " LEFT JOIN sequence s ON a.identity <> '' AND s.relation = a.relation"
        " AND s.attribute = a.name WHERE a.relation = ? ORDER BY a.number",
        (relation["oid"],),
    )


def _column(column: Row) -> str:
    parts = [ident(str(column["name"])), str(column["type"])]
    if column["collation"]:
        parts.append(f"COLLATE {ident(str(column['collation']))}")
    if column["generated"] and column["generated_expr"]:
        word, _, expression = str(column["generated_expr"]).partition(" ")
        parts.append(f"GENERATED ALWAYS AS ({expression}) {word}")
    if column["identity"]:
        parts.append(f"GENERATED {str(column['identity']).upper()} AS IDENTITY")
        if column["sequence"] is not None:
            name = qualified(str(column["sequence_schema"]), str(column["sequence"]))
            parts.append(f"(SEQUENCE NAME {name}{_numbering(column)})")
    if column["not_null"] and not column["domain_not_null"]:
        parts.append("NOT NULL")
    return " ".join(parts)


def _functions(facts: FactBase) -> Iterator[Part]:
    for row in facts.query(
        "SELECT * FROM routine WHERE definition IS NOT NULL AND kind IN ('function', 'procedure')"
        " ORDER BY oid"
    ):
        yield Part(f"{row['kind']} {row['qualified']}", str(row["definition"]))


def _defaults(facts: FactBase) -> Iterator[Part]:
    rows = facts.query(
        "SELECT r.schema, r.name AS relation, r.qualified, a.name, a.default_expr"
        " FROM attribute a JOIN relation r ON r.oid = a.relation"
        f" LEFT JOIN data_type d ON {_OF_DOMAIN}"
        " WHERE a.has_default = 1 AND a.default_expr IS NOT NULL AND a.generated = 0"
        " AND coalesce(instr(d.definition, a.default_expr), 0) = 0"
        " AND a.identity = '' AND r.kind IN ('table', 'partitioned') ORDER BY r.oid, a.number"
    )
    for row in rows:
        table = qualified(str(row["schema"]), str(row["relation"]))
        yield Part(
            f"default of {row['qualified']}.{row['name']}",
            f"ALTER TABLE {table} ALTER COLUMN {ident(str(row['name']))}"
            f" SET DEFAULT {row['default_expr']}",
        )
    owned = facts.query(
        "SELECT s.schema, s.name, r.schema AS rel_schema, r.name AS relation, s.attribute"
        " FROM sequence s JOIN relation r ON r.oid = s.relation"
        " JOIN attribute a ON a.relation = s.relation AND a.name = s.attribute"
        " WHERE s.bound = 1 AND a.identity = '' AND r.kind IN ('table', 'partitioned')"
        " ORDER BY s.oid"
    )
    for row in owned:
        name = _name(row)
        table = qualified(str(row["rel_schema"]), str(row["relation"]))
        yield Part(
            f"sequence {row['schema']}.{row['name']}",
            f"ALTER SEQUENCE {name} OWNED BY {table}.{ident(str(row['attribute']))}",
        )


def _keys(facts: FactBase) -> Iterator[Part]:
    return _constraints(facts, "k.kind <> 'foreign'")


def _foreign_keys(facts: FactBase) -> Iterator[Part]:
    return _constraints(facts, "k.kind = 'foreign'")


def _constraints(facts: FactBase, which: str) -> Iterator[Part]:
    rows = facts.query(
        "SELECT k.name, k.definition, r.schema, r.name AS relation, r.qualified, r.parent"
        " FROM rel_constraint k JOIN relation r ON r.oid = k.relation"
        f" WHERE {which} AND k.definition IS NOT NULL AND r.kind IN ('table', 'partitioned')"
        " ORDER BY k.kind <> 'check', k.oid"
    )
    inherited = _inherited(facts)
    for row in rows:
        if row["parent"] is not None and (row["parent"], row["definition"]) in inherited:
            continue
        table = qualified(str(row["schema"]), str(row["relation"]))
        yield Part(
            f"constraint {row['name']} of {row['qualified']}",
            f"ALTER TABLE {table} ADD CONSTRAINT {ident(str(row['name']))} {row['definition']}",
        )


def _inherited(facts: FactBase) -> set[tuple[object, object]]:
    """(partitioned table, definition): its partitions get the constraint with it."""
    rows = facts.query(
        "SELECT k.relation, k.definition FROM rel_constraint k"
        " JOIN relation r ON r.oid = k.relation WHERE r.kind = 'partitioned'"
    )
    return {(row["relation"], row["definition"]) for row in rows}


def _indexes(facts: FactBase) -> Iterator[Part]:
    rows = facts.query(
        "SELECT i.* FROM rel_index i JOIN relation r ON r.oid = i.relation"
        " WHERE i.constraint_oid IS NULL AND i.parent_index IS NULL AND i.definition IS NOT NULL"
        " AND r.kind IN ('table', 'partitioned', 'matview') ORDER BY i.oid"
    )
    for row in rows:
        what = f"index {row['schema']}.{row['name']}"
        yield Part(what, str(row["definition"]))
        if not row["is_valid"] or not row["is_ready"]:
            name = literal(_name(row))
            flags = f"indisvalid = {bool(row['is_valid'])}, indisready = {bool(row['is_ready'])}"
            yield Part(
                f"state of {what}",
                f"UPDATE pg_catalog.pg_index SET {flags} WHERE indexrelid = {name}::regclass",
            )


def _views(facts: FactBase) -> Iterator[Part]:
    words = {"view": "VIEW", "matview": "MATERIALIZED VIEW"}
    for row in facts.query(
        "SELECT * FROM relation WHERE kind IN ('view', 'matview') AND view_query IS NOT NULL"
        " ORDER BY oid"
    ):
        query = str(row["view_query"]).rstrip().rstrip(";")
        options = " WITH (security_invoker = true)" if row["security_invoker"] else ""
        text = f"CREATE {words[str(row['kind'])]} {_name(row)}{options} AS {query}"
        yield Part(f"view {row['qualified']}", text)


def _triggers(facts: FactBase) -> Iterator[Part]:
    rows = facts.query(
        "SELECT t.*, r.schema, r.name AS rel_name, r.qualified, r.parent FROM rel_trigger t"
        " JOIN relation r ON r.oid = t.relation WHERE t.definition IS NOT NULL ORDER BY t.oid"
    )
    on_parents = {(row["relation"], row["name"]) for row in rows}
    for row in rows:
        if (row["parent"], row["name"]) in on_parents and row["level"] == "row":
            continue
        what = f"trigger {row['name']} on {row['qualified']}"
        yield Part(what, str(row["definition"]))
        if word := _ENABLED.get(str(row["enabled"])):
            table = qualified(str(row["schema"]), str(row["rel_name"]))
            yield Part(what, f"ALTER TABLE {table} {word} TRIGGER {ident(str(row['name']))}")


def _policies(facts: FactBase) -> Iterator[Part]:
    for row in facts.query("SELECT * FROM relation WHERE rls = 1 ORDER BY oid"):
        what, name = f"row level security of {row['qualified']}", _name(row)
        yield Part(what, f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")
        if row["rls_forced"]:
            yield Part(what, f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY")
    rows = facts.query(
        "SELECT p.*, r.schema, r.name AS rel_name, r.qualified FROM policy p"
        " JOIN relation r ON r.oid = p.relation ORDER BY r.oid, p.name"
    )
    for row in rows:
        table = qualified(str(row["schema"]), str(row["rel_name"]))
        kind = "PERMISSIVE" if row["permissive"] else "RESTRICTIVE"
        text = (
            f"CREATE POLICY {ident(str(row['name']))} ON {table} AS {kind}"
            f" FOR {str(row['command']).upper()} TO {_role_list(json.loads(str(row['roles'])))}"
        )
        text += f" USING ({row['using_expr']})" if row["using_expr"] else ""
        text += f" WITH CHECK ({row['check_expr']})" if row["check_expr"] else ""
        yield Part(f"policy {row['name']} on {row['qualified']}", text)


def _role_list(roles: Iterable[str]) -> str:
    return ", ".join(_PUBLIC if role.lower() == "public" else ident(role) for role in roles)


def _grants(facts: FactBase) -> Iterator[Part]:
    for row in facts.query("SELECT * FROM role_member ORDER BY role, member"):
        role, member = ident(str(row["role"])), ident(str(row["member"]))
        yield Part(f"membership in {row['role']}", f"GRANT {role} TO {member}")
    for word, table in (("TABLE", "relation"), ("SEQUENCE", "sequence")):
        for row in facts.query(f"SELECT * FROM {table} WHERE grants <> '[]' ORDER BY oid"):
            for role, privilege in json.loads(str(row["grants"])):
                yield Part(
                    f"grants on {row['schema']}.{row['name']}",
                    f"GRANT {privilege.upper()} ON {word} {_name(row)} TO {_role_list([role])}",
                )
    for row in facts.query(
        "SELECT p.role, p.privilege, r.* FROM privilege p JOIN relation r ON r.oid = p.relation"
        " WHERE instr(p.privilege, ' (') > 0 AND p.role <> r.owner"
        " ORDER BY r.oid, p.role, p.privilege"
    ):
        verb, _, column = str(row["privilege"]).partition(" (")
        yield Part(
            f"grants on {row['qualified']}",
            f"GRANT {verb.upper()} ({column_list([column[:-1]])}) ON {_name(row)}"
            f" TO {_role_list([str(row['role'])])}",
        )


def _owners(facts: FactBase) -> Iterator[Part]:
    kinds = {"view": "VIEW", "matview": "MATERIALIZED VIEW"}
    for row in facts.query("SELECT * FROM relation ORDER BY oid"):
        word = kinds.get(str(row["kind"]), "TABLE")
        yield Part(
            f"owner of {row['qualified']}",
            f"ALTER {word} {_name(row)} OWNER TO {ident(str(row['owner']))}",
        )
    for row in facts.query("SELECT * FROM sequence WHERE bound = 0 ORDER BY oid"):
        yield Part(
            f"owner of {row['schema']}.{row['name']}",
            f"ALTER SEQUENCE {_name(row)} OWNER TO {ident(str(row['owner']))}",
        )
    for row in facts.query(
        "SELECT * FROM routine WHERE definition IS NOT NULL AND kind IN ('function', 'procedure')"
        " ORDER BY oid"
    ):
        name = _name(row)
        yield Part(
            f"owner of {row['qualified']}",
            f"ALTER {str(row['kind']).upper()} {name}({row['argument_types']})"
            f" OWNER TO {ident(str(row['owner']))}",
        )


def _name(relation: Row) -> str:
    return qualified(str(relation["schema"]), str(relation["name"]))
