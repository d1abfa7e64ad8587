"""What else will happen when a plan runs, asked read-only before anybody confirms.

Rights that the role lacks, event triggers that fire along, older transactions that a concurrent
build waits for, whether the server's lock table has room for every partition, and whether one more
connection can be had.
"""

from __future__ import annotations

from dataclasses import replace

from fixit_tui.engine.ports import Database, Reader
from fixit_tui.engine.statements import statements_of
from fixit_tui.errors import ConnectError
from fixit_tui.model.finding import Lock
from fixit_tui.model.plan import Plan, Step
from fixit_tui.sql.classify import classify
from fixit_tui.sql.quote import literal
from fixit_tui.sql.rights import rights_of

_DEFINES = ("create ", "alter ", "drop ", "reindex", "grant", "revoke", "comment")
_OPAQUE = ("do", "call")


def foresee(plan: Plan, reader: Reader | None, database: Database | None = None) -> Plan:
    """The plan with its cautions and obstacles, as far as the server still answers.

    Without a reader (a saved capture) nothing is foreseen; apply meets the same facts. Of
    `database` one more read-only connection is tried, as apply needs one.
    """
    if not plan.steps or reader is None:
        return plan
    closed = _closed_door(database)
    try:
        plan = _foreseen(plan, reader)
    except ConnectError:
        return plan
    return replace(plan, obstacles=(*closed, *plan.obstacles))


def _closed_door(database: Database | None) -> tuple[str, ...]:
    """Why the server takes no further connection, although this one lives."""
    if database is None:
        return ()
    try:
        database.reader().close()
    except ConnectError as error:
        way_out = f"; {error.hint}" if error.hint else ""
        return (f"applying needs one more connection: {error.message}{way_out}",)
    return ()


def _foreseen(plan: Plan, reader: Reader) -> Plan:
    cautions = list(_event_triggers(plan, reader))
    obstacles = list(_lacking_rights(plan, reader))
    for check in reader.checks(_lock_table(plan)):
        (cautions if check.holds else obstacles).append(f"{check.label}: {check.detail}")
    if plan.alone:
        cautions += [f"it waits for {line}" for line in reader.older_transactions()]
    return replace(
        plan,
        steps=_with_partitions(plan.steps, reader),
        cautions=(*plan.cautions, *cautions),
        obstacles=(*plan.obstacles, *obstacles),
    )


def _event_triggers(plan: Plan, reader: Reader) -> tuple[str, ...]:
    kinds = {classify(s).kind for step in plan.all_steps for s in statements_of(step.up)}
    defining = sorted(kind.upper() for kind in kinds if kind.startswith(_DEFINES))
    opaque = any(kind in _OPAQUE for kind in kinds)
    if not defining and not opaque:
        return ()
    tags = ", ".join(literal(tag) for tag in defining)
    drops = opaque or any(tag.startswith("DROP") for tag in defining)
    alters = opaque or any(tag.startswith("ALTER") for tag in defining)
    # What PostgREST and Supabase install for themselves only listens.
    found = reader.checks(f"""
SELECT pg_catalog.format('event trigger %I (%s) runs %s along', e.evtname, e.evtevent,
                         e.evtfoid::pg_catalog.regproc), true, ''
FROM pg_catalog.pg_event_trigger AS e
WHERE e.evtenabled IN ('O', 'A')
  AND pg_catalog.pg_get_userbyid(e.evtowner) <> 'supabase_admin'
  AND NOT pg_catalog.starts_with(e.evtname::text, 'pgrst_')
  AND (e.evtevent IN ('ddl_command_start', 'ddl_command_end')
       OR (e.evtevent = 'sql_drop' AND {literal(drops)})
       OR (e.evtevent = 'table_rewrite' AND {literal(alters)}))
  AND (e.evttags IS NULL OR {literal(opaque)} OR e.evttags && ARRAY[{tags}]::pg_catalog.text[])
ORDER BY e.evtname""")
    return tuple(check.label for check in found if check.holds)


def _lacking_rights(plan: Plan, reader: Reader) -> tuple[str, ...]:
    """One sentence for each relation that the role may not change as the plan does."""
    statements = [s for step in plan.steps for s in statements_of(step.up)]
    rights = dict.fromkeys(right for s in statements for right in rights_of(s))
    if not rights:
        return ()
    rows = ", ".join(f"({n}, {literal(r.kind)}, {literal(r.on)})" for n, r in enumerate(rights))
    found = reader.checks(f"""
WITH wanted AS (
  SELECT w.place, w.kind, c.oid, c.oid::pg_catalog.regclass AS name, c.relowner AS owner,
         n.oid AS schema, n.nspname, n.nspowner
  FROM (VALUES {rows}) AS w(place, kind, relation)
  JOIN pg_catalog.pg_class AS c ON c.oid = pg_catalog.to_regclass(w.relation)
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
)
SELECT CASE WHEN w.kind IN ('OWN', 'DROP') THEN pg_catalog.format(
              '%s belongs to %s, and %s is no member of that role; connect as a role that is',
              w.name, pg_catalog.pg_get_userbyid(w.owner), current_user)
            WHEN w.kind = 'CREATE' THEN pg_catalog.format(
              '%s may not create anything in the schema %I; connect as a role that may',
              current_user, w.nspname)
            ELSE pg_catalog.format('%s may not %s %s; connect as a role that may',
                                   current_user, w.kind, w.name) END,
       CASE WHEN w.kind = 'OWN' THEN pg_catalog.pg_has_role(w.owner, 'USAGE')
            WHEN w.kind = 'DROP' THEN pg_catalog.pg_has_role(w.owner, 'USAGE')
                                      OR pg_catalog.pg_has_role(w.nspowner, 'USAGE')
            WHEN w.kind = 'CREATE' THEN pg_catalog.has_schema_privilege(w.schema, 'CREATE')
            WHEN w.kind = 'DELETE' THEN pg_catalog.has_table_privilege(w.oid, 'DELETE')
            ELSE pg_catalog.has_any_column_privilege(w.oid, w.kind) END, ''
FROM wanted AS w ORDER BY w.place""")
    return tuple(dict.fromkeys(check.label for check in found if check.holds is False))


def _with_partitions(steps: tuple[Step, ...], reader: Reader) -> tuple[Step, ...]:
    """The steps with the locks that their tables' partitions and heirs are held with, too."""
    relations = dict.fromkeys(lock.relation for step in steps for lock in step.locks)
    if not relations:
        return steps
    below: dict[str, list[str]] = {}
    for check in reader.checks(_heirs(list(relations))):
        if check.holds:
            below.setdefault(check.label, []).append(check.detail)
    return tuple(
        replace(
            step,
            locks=tuple(
                dict.fromkeys(
                    Lock(relation, lock.mode)
                    for lock in step.locks
                    for relation in (lock.relation, *below.get(lock.relation, ()))
                )
            ),
        )
        for step in steps
    )


def _heirs(relations: list[str]) -> str:
    """(relation, true, heir) for each table below one of those, named as locks name them."""
    names = ", ".join(literal(name) for name in relations)
    return f"""
WITH RECURSIVE named AS (
  SELECT c.oid, pg_catalog.concat(n.nspname, '.', c.relname) AS name
  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f')
), tree AS (
  SELECT n.oid, n.name AS root FROM named AS n
  WHERE n.name = ANY (ARRAY[{names}]::pg_catalog.text[])
  UNION
  SELECT i.inhrelid, t.root FROM tree AS t JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid
)
SELECT t.root, true, n.name FROM tree AS t JOIN named AS n ON n.oid = t.oid
WHERE n.name <> t.root ORDER BY 1, 3"""


def _lock_table(plan: Plan) -> str:
    """One row where many locks are needed: whether they fit, generously counted.

    Each table, each of its indexes, and an index that is made on every partition take a place.
    The server reserves max_locks_per_transaction places for each connection, and some more.
    """
    kinds = [s.identity.partition(" ") for s in plan.fingerprint]
    names = ", ".join(literal(name) for kind, _, name in kinds if kind == "table")
    return f"""
WITH RECURSIVE tree AS (
  SELECT pg_catalog.to_regclass(t.name)::oid AS oid
  FROM unnest(ARRAY[{names}]::pg_catalog.text[]) AS t(name)
  UNION
  SELECT i.inhrelid FROM tree AS t JOIN pg_catalog.pg_inherits AS i ON i.inhparent = t.oid
), needed AS (
  SELECT 2 * count(*) + (SELECT count(*) FROM pg_catalog.pg_index AS x
                         WHERE x.indrelid IN (SELECT oid FROM tree)) AS locks
  FROM tree
), room AS (
  SELECT pg_catalog.current_setting('max_locks_per_transaction')::bigint
         * (pg_catalog.current_setting('max_connections')::bigint
            + pg_catalog.current_setting('max_prepared_transactions')::bigint)
         - (SELECT count(*) FROM pg_catalog.pg_locks AS l WHERE NOT l.fastpath) AS locks
)
SELECT CASE WHEN n.locks > 2 * r.locks THEN 'the server''s lock table is too small'
            ELSE 'the server''s lock table may be too small' END,
       n.locks <= 2 * r.locks,
       pg_catalog.format('the partitions need up to %s locks and there is room for about %s; '
                         'raise max_locks_per_transaction', n.locks, r.locks)
FROM needed AS n, room AS r WHERE n.locks > r.locks / 2"""
