"""Definition hashes of objects: what a plan was made for, and whether it is still so."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import psycopg

from fixit_tui.model.plan import ObjectState

ABSENT = "absent"

_TABLE = """
SELECT json_build_array(c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relowner, c.relacl::text,
  (SELECT json_agg(json_build_array(a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attidentity, a.attgenerated,
          a.attacl::text, (SELECT pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d WHERE d.adrelid = c.oid AND d.adnum = a.attnum)) ORDER BY a.attnum)
   FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  (SELECT json_agg(json_build_array(k.conname, k.convalidated, pg_get_constraintdef(k.oid)) ORDER BY k.conname) FROM pg_constraint k WHERE k.conrelid = c.oid),
  (SELECT json_agg(json_build_array(pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indimmediate) ORDER BY i.indexrelid::regclass::text) FROM pg_index i WHERE i.indrelid = c.oid),
  (SELECT json_agg(json_build_array(pg_get_triggerdef(t.oid), t.tgenabled) ORDER BY t.tgname) FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal),
  (SELECT json_agg(json_build_array(p.polname, p.polcmd, p.polpermissive, p.polroles::text, pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid)) ORDER BY p.polname)
   FROM pg_policy p WHERE p.polrelid = c.oid))::text
FROM pg_class c WHERE c.oid = to_regclass(%s)
"""
_INDEX = """
SELECT json_build_array(pg_get_indexdef(i.indexrelid), i.indisvalid, i.indisready, i.indimmediate)::text
FROM pg_index i WHERE i.indexrelid = to_regclass(%s)
"""
_FUNCTION = """
SELECT json_build_array(pg_get_functiondef(p.oid), p.proowner, p.proacl::text)::text
FROM pg_proc p WHERE p.oid = to_regprocedure(%s)
"""
_QUERIES = {"table": _TABLE, "index": _INDEX, "function": _FUNCTION}


def fingerprint(
    connection: psycopg.Connection[Any], identities: Sequence[str]
) -> tuple[ObjectState, ...]:
    """The state of each identity: 'table s.t', 'index s.i' or 'function s.f(args)', SQL-quoted.

    A missing object has the digest 'absent'. Raises psycopg.Error like any query.
    """
    found = []
    for identity in dict.fromkeys(identities):
        kind, _, name = identity.partition(" ")
        row = connection.execute(_QUERIES[kind].encode(), (name,)).fetchone()
        digest = ABSENT
        if row is not None:
            digest = hashlib.sha256(json.dumps([kind, row[0]]).encode()).hexdigest()
        found.append(ObjectState(identity, digest))
    return tuple(found)
