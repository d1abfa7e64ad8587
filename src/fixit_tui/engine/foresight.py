"""What else will happen when a plan runs, asked read-only before anybody confirms.

Event triggers that fire along, older transactions that a concurrent build waits for, and whether
the server's lock table has room for every partition.
"""

from __future__ import annotations

from dataclasses import replace

from fixit_tui.engine.ports import Reader
from fixit_tui.engine.statements import statements_of
from fixit_tui.errors import ConnectError
from fixit_tui.model.plan import Plan
from fixit_tui.sql.classify import classify
from fixit_tui.sql.quote import literal

_DEFINES = ("create ", "alter ", "drop ", "reindex", "grant", "revoke", "comment")
_OPAQUE = ("do", "call")


def foresee(plan: Plan, reader: Reader | None) -> Plan:
    """The plan with its cautions and obstacles, as far as the server still answers.

    Without a reader (a saved capture) nothing is foreseen; apply meets the same facts.
    """
    if not plan.steps or reader is None:
        return plan
    try:
        return _foreseen(plan, reader)
    except ConnectError:
        return plan


def _foreseen(plan: Plan, reader: Reader) -> Plan:
    cautions = list(_event_triggers(plan, reader))
    obstacles: list[str] = []
    for check in reader.checks(_lock_table(plan)):
        (cautions if check.holds else obstacles).append(f"{check.label}: {check.detail}")
    if plan.alone:
        cautions += [f"it waits for {line}" for line in reader.older_transactions()]
    return replace(
        plan,
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
