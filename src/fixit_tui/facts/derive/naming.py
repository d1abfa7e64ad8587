"""Which relation an unqualified name means, for each place that may write it."""

from __future__ import annotations

from fixit_tui.facts.derive.catalog import Catalog, Relation, Routine


def for_request(catalog: Catalog, schema: str | None, name: str) -> Relation | None:
    """A REST request's relation: the schema it names, else 'public', else the only namesake."""
    if schema is not None:
        return catalog.find(schema, name, ())
    return catalog.find(None, name, ("public",)) or catalog.only(name)


def for_statement(catalog: Catalog, schema: str | None, name: str) -> Relation | None:
    """A client's SQL: the session's search_path as captured, else the only namesake."""
    if schema is not None:
        return catalog.find(schema, name, ())
    return catalog.find(None, name, catalog.session_path) or catalog.only(name)


def for_routine(
    catalog: Catalog, routine: Routine, schema: str | None, name: str
) -> Relation | None:
    """A routine's SQL: its pinned search_path and nothing else, or the likely caller's.

    Without a pinned path the name is looked up where a caller usually looks: the session's path,
    the routine's own schema, the schemas of the tables whose triggers run it, the only namesake.
    """
    if schema is not None:
        return catalog.find(schema, name, ())
    if routine.search_path is not None:
        return catalog.find(None, name, routine.search_path)
    tables = dict.fromkeys(catalog.trigger_schemas.get(routine.oid, ()))
    path = (*catalog.session_path, routine.schema, *tables)
    return catalog.find(None, name, path) or catalog.only(name)
