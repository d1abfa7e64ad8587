"""The mark that a transaction leaves on what it defines: its number, in the catalog's own rows."""

from __future__ import annotations

from collections.abc import Sequence

from fixit_tui.sql.quote import literal

_OWN = ("table", "view", "index", "sequence")
_PARTS = ("trigger", "policy")
_TABLES = (
    ("pg_class", "oid"),
    ("pg_attribute", "attrelid"),
    ("pg_attrdef", "adrelid"),
    ("pg_index", "indrelid"),
    ("pg_index", "indexrelid"),
    ("pg_constraint", "conrelid"),
    ("pg_trigger", "tgrelid"),
    ("pg_policy", "polrelid"),
    ("pg_rewrite", "ev_class"),
    ("pg_sequence", "seqrelid"),
)
_EPOCH = 2**32


def mark_check(identities: Sequence[str], xid: str) -> str:
    """A check that some definition of these objects was written by the transaction `xid`.

    What a transaction only drops bears no mark. Unqualified names are those of the session's
    search_path. "" for what is no number.
    """
    if not xid.isdecimal():
        return ""
    number = f"'{int(xid) % _EPOCH}'::pg_catalog.xid"
    words = [identity.partition(" ") for identity in identities]
    relations = [name for kind, _, name in words if kind in _OWN]
    relations += [name.rpartition(".")[0] for kind, _, name in words if kind in _PARTS]
    routines = [name.partition("(")[0] for kind, _, name in words if kind not in _OWN + _PARTS]
    found = " OR ".join(
        f"EXISTS (SELECT FROM pg_catalog.{table} AS x WHERE x.xmin = {number}"
        f" AND x.{column} IN (SELECT oid FROM touched))"
        for table, column in _TABLES
    )
    return f"""
WITH touched AS (
  SELECT pg_catalog.to_regclass(t.name)::oid AS oid FROM {_names(relations)}
)
SELECT 'its number stands in the catalog', {found} OR EXISTS (
  SELECT FROM pg_catalog.pg_proc AS p
  JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace, {_names(routines)}
  WHERE p.xmin = {number} AND t.name IN (
    pg_catalog.quote_ident(p.proname),
    pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(p.proname))
), ''"""


def _names(names: Sequence[str]) -> str:
    listed = ", ".join(map(literal, names))
    return f"pg_catalog.unnest(ARRAY[{listed}]::pg_catalog.text[]) AS t(name)"
