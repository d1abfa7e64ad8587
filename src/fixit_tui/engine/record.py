"""The row that a change leaves in its own database, written in the change's own transaction.

`fixit_tui.ledger` is made on first use. Nobody but its owner is let in: row level security is on
without a policy, and every right that default privileges would give is taken away. The owner keeps
the rights to read and to add, so that a row is changed or deleted only by who first grants it.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass, replace

from fixit_tui import __version__
from fixit_tui.engine.ports import Reader
from fixit_tui.engine.statements import statements_of
from fixit_tui.model.finding import Check
from fixit_tui.model.plan import HASH_SLOT, Plan, Step
from fixit_tui.sql.foreseen_locks import foreseen_locks
from fixit_tui.sql.quote import ident, literal

SCHEMA = "fixit_tui"
TABLE = "fixit_tui.ledger"
OPERATOR_SETTING = "fixit_tui.operator"
"""The person at the keyboard, told to the server for the length of the transaction."""
_COLUMNS = {
    "plan_hash": "text",
    "undo_of": "text",
    "written_at": "timestamptz",
    "transaction_id": "text",
    "role": "text",
    "operator": "text",
    "client": "text",
    "tool": "text",
    "title": "text",
    "statements": "text[]",
    "undo": "text[]",
}
_WITHOUT = ("anon", "authenticated")
"""Roles of PostgREST, which may be given rights by default."""


@dataclass(frozen=True, slots=True)
class _Present:
    """What there is in the database; `fault` says in a sentence why nothing can be recorded."""

    schema: bool
    table: bool
    strangers: tuple[str, ...]
    fault: str


def with_record(plan: Plan, reader: Reader | None, undo_of: str = "") -> Plan:
    """The plan with the step that records it, or with the obstacle that keeps it from that.

    `undo_of` is the hash of the plan that it takes back. Code edits alone, and saved captures,
    have nothing to record. Raises ConnectError.
    """
    if not plan.steps or reader is None:
        return plan
    if plan.alone:
        told = f"not recorded in {TABLE}: what runs outside of any transaction has none to share"
        return replace(plan, cautions=(*plan.cautions, told))
    present = _look(reader)
    if present.fault:
        way_out = "; leave out --ledger-in-database, and only this machine's ledger records it"
        return replace(plan, obstacles=(*plan.obstacles, present.fault + way_out))
    return replace(plan, record=_step(plan, present, undo_of))


def recorded_check(plan_hash: str, xid: str) -> str:
    """A check that the row of a plan is there, written by the transaction of that number."""
    return (
        f"SELECT 'recorded in {TABLE}', count(*) = 1, '' FROM {TABLE}"
        f" WHERE plan_hash = {literal(plan_hash)} AND transaction_id = {literal(xid)}"
    )


def operator_name() -> str:
    """The operating system's name for the person at the keyboard."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


def _step(plan: Plan, present: _Present, undo_of: str) -> Step:
    up = ("" if present.table else _creation(present)) + _row(plan, undo_of)
    return Step(
        number=len(plan.steps) + 1,
        finding_id="",
        fix_id="record",
        slug="record",
        title=f"Record this in {TABLE}",
        relation=TABLE,
        up=up,
        undo="",
        verify=_VERIFY if present.table else _VERIFY + _VERIFY_CLOSED,
        precheck="",
        locks=foreseen_locks(up, TABLE),
    )


def _creation(present: _Present) -> str:
    others = ", ".join(("PUBLIC", *map(ident, present.strangers)))
    columns = ",\n".join(f"  {name} {kind} NOT NULL" for name, kind in _COLUMNS.items())
    schema = f"CREATE SCHEMA {SCHEMA};\nREVOKE ALL ON SCHEMA {SCHEMA} FROM {others};\n"
    return f"""{"" if present.schema else schema}CREATE TABLE {TABLE} (
{columns},
  PRIMARY KEY (written_at, transaction_id)
);
ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON TABLE {TABLE} FROM {others}, CURRENT_USER;
GRANT SELECT, INSERT ON TABLE {TABLE} TO CURRENT_USER;
"""


def _row(plan: Plan, undo_of: str) -> str:
    undo = [s for step in reversed(plan.steps) for s in statements_of(step.undo)]
    statements = [s for step in plan.steps for s in statements_of(step.up)]
    # The plan's hash comes first: nothing of foreign origin stands before its slot.
    return f"""INSERT INTO {TABLE} ({", ".join(_COLUMNS)})
VALUES (
  '{HASH_SLOT}',
  {literal(undo_of)},
  pg_catalog.clock_timestamp(),
  pg_catalog.pg_current_xact_id()::pg_catalog.text,
  session_user,
  coalesce(pg_catalog.current_setting('{OPERATOR_SETTING}', true), ''),
  coalesce(pg_catalog.host(pg_catalog.inet_client_addr()), 'local'),
  'fixit-tui {__version__}',
  {literal(plan.title)},
  {_array(statements)},
  {_array(undo)}
);
"""


def _array(texts: Sequence[str]) -> str:
    return f"ARRAY[{', '.join(map(literal, texts))}]::pg_catalog.text[]"


_VERIFY = f"""SELECT 'the change is recorded in {TABLE}', count(*) = 1, ''
FROM {TABLE}
WHERE plan_hash = '{HASH_SLOT}'
  AND transaction_id = pg_catalog.pg_current_xact_id()::pg_catalog.text
"""
_VERIFY_CLOSED = f"""UNION ALL
SELECT 'nobody but its owner is let into {TABLE}',
       c.relrowsecurity AND NOT EXISTS (
         SELECT 1 FROM pg_catalog.aclexplode(c.relacl) AS a WHERE a.grantee <> c.relowner
       ), ''
FROM pg_catalog.pg_class AS c WHERE c.oid = '{TABLE}'::pg_catalog.regclass
"""


def _look(reader: Reader) -> _Present:
    found = reader.checks(_LOOK)
    told = {check.label: check for check in found}
    unknown = next((check.detail for check in found if check.holds is None), "")
    if unknown or "schema" not in told:
        return _Present(False, False, (), f"whether {TABLE} can be written is not known: {unknown}")
    schema, table = told["schema"], told["table"]
    strangers = tuple(check.detail for check in found if check.label == "stranger")
    return _Present(bool(schema.holds), bool(table.holds), strangers, _fault(told))


def _fault(told: dict[str, Check]) -> str:
    role = told["creates"].detail
    if not told["schema"].holds:
        return (
            ""
            if told["creates"].holds
            else (
                f"{role} may not create the schema {SCHEMA} for the record: it needs CREATE on the"
                " database"
            )
        )
    if not told["own"].holds:
        return f"the schema {SCHEMA} belongs to {told['own'].detail}, of which {role} is no member"
    if not told["table"].holds:
        return ""
    if not told["as made"].holds:
        return (
            f"{TABLE} is not as this tool makes it (its columns, row level security on, and no"
            " trigger, rule, policy, default or check), so nothing is written to it"
        )
    return "" if told["writable"].holds else f"{role} may not add a row to {TABLE}"


_NAMES = ", ".join(literal(name) for name in _COLUMNS)
_KINDS = ", ".join(f"'pg_catalog.{kind}'::pg_catalog.regtype::oid" for kind in _COLUMNS.values())
_LOOK = f"""
WITH here AS (
  SELECT n.oid AS schema, n.nspowner, c.*, c.oid AS found, r.rolsuper OR r.rolbypassrls AS exempt
  FROM pg_catalog.pg_roles AS r
  LEFT JOIN pg_catalog.pg_namespace AS n ON n.nspname = '{SCHEMA}'
  LEFT JOIN pg_catalog.pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'ledger'
  WHERE r.rolname = current_user
)
SELECT 'schema', schema IS NOT NULL, '' FROM here
UNION ALL
SELECT 'own', coalesce(pg_catalog.pg_has_role(nspowner, 'USAGE') OR exempt AND found IS NOT NULL,
                       false),
       coalesce(pg_catalog.pg_get_userbyid(nspowner)::text, '') FROM here
UNION ALL
SELECT 'creates',
       pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'),
       current_user::text
UNION ALL
SELECT 'table', found IS NOT NULL, '' FROM here
UNION ALL
SELECT 'as made',
       relkind = 'r' AND relpersistence = 'p' AND NOT relispartition
       AND relrowsecurity AND NOT relforcerowsecurity
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_trigger WHERE tgrelid = found)
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_rewrite WHERE ev_class = found)
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_policy WHERE polrelid = found)
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attrdef WHERE adrelid = found)
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint
                       WHERE conrelid = found AND contype NOT IN ('p', 'n'))
       AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_index
                       WHERE indrelid = found AND (indexprs IS NOT NULL OR indpred IS NOT NULL))
       AND (SELECT pg_catalog.array_agg(attname::text ORDER BY attnum) = ARRAY[{_NAMES}]
                   AND pg_catalog.array_agg(atttypid ORDER BY attnum) = ARRAY[{_KINDS}]
            FROM pg_catalog.pg_attribute
            WHERE attrelid = found AND attnum > 0 AND NOT attisdropped), ''
FROM here WHERE found IS NOT NULL
UNION ALL
SELECT 'writable',
       pg_catalog.has_schema_privilege(schema, 'USAGE')
       AND pg_catalog.has_table_privilege(found, 'SELECT')
       AND pg_catalog.has_table_privilege(found, 'INSERT')
       AND (exempt OR pg_catalog.pg_has_role(relowner, 'USAGE')), ''
FROM here WHERE found IS NOT NULL
UNION ALL
SELECT 'stranger', true, r.rolname::text
FROM pg_catalog.pg_roles AS r
WHERE r.rolname IN ({", ".join(map(literal, _WITHOUT))})
   OR (r.rolname <> current_user AND r.oid IN (
     SELECT a.grantee
     FROM pg_catalog.pg_default_acl AS d, pg_catalog.aclexplode(d.defaclacl) AS a
     WHERE d.defaclobjtype IN ('r', 'n')
       AND pg_catalog.pg_get_userbyid(d.defaclrole) = current_user
       AND (d.defaclnamespace = 0 OR d.defaclnamespace = (SELECT schema FROM here))))
"""
