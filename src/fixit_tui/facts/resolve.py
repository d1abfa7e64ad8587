"""Look the names of a symptom up in the catalog. An ambiguous name stays unresolved."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from fixit_tui.facts.base import FactBase, Value
from fixit_tui.facts.resolve_columns import key_by_columns

_KINDS = {
    "23505": ("primary", "unique"),
    "23503": ("foreign",),
    "23001": ("foreign",),
    "23P01": ("exclusion",),
    "23514": ("check",),
}
_REST_PATH = re.compile(r"(?:^|/)rest/v\d+/(?!rpc/)([^/?#]+)")


@dataclass(frozen=True, slots=True)
class _Candidate:
    relation: int
    schema: str
    relation_name: str
    managed: bool
    constraint: int | None
    index: int | None
    columns: frozenset[str]


def resolve_symptom(facts: FactBase) -> None:
    """Fill `relation_oid`, `constraint_oid`, `index_oid` and the frames' `routine`.

    Runs once when the symptom is loaded, and again when the effects of triggers are known: then a
    constraint's name that several relations share is told apart by what the named relation's
    triggers write. What stays ambiguous is NULL.
    """
    found = facts.query("SELECT * FROM symptom")
    if not found:
        return
    symptom = found[0]
    routines = _resolve_frames(facts)
    named = _named_relations(facts, symptom)
    told = key_by_columns(facts, symptom, named)
    if told is not None:
        facts.execute(
            "UPDATE symptom SET constraint_name = ?, relation_oid = ?, constraint_oid = ?,"
            " index_oid = ?",
            (told.name, told.relation, told.constraint, told.index),
        )
        return
    best = _constraint(facts, symptom, named, routines)
    relation: int | None = named[0] if len(named) == 1 else None
    if best is not None and (not named or best.relation in named):
        relation = best.relation
    facts.execute(
        "UPDATE symptom SET relation_oid = ?, constraint_oid = ?, index_oid = ?",
        (relation, best.constraint if best else None, best.index if best else None),
    )


def _named_relations(facts: FactBase, symptom: dict[str, Value]) -> list[int]:
    """Relations that the error or the URL names; several only when the name is ambiguous."""
    name, schema = symptom["relation"], symptom["schema"]
    if name is None:
        match = _REST_PATH.search(str(symptom["url_path"] or ""))
        name = match.group(1) if match else None
    if name is None:
        return []
    rows = facts.query("SELECT oid, schema, managed FROM relation WHERE name = ?", (name,))
    if schema is None and "." in str(name):
        rows += facts.query(
            "SELECT oid, schema, managed FROM relation WHERE qualified = ?", (name,)
        )
    if schema is not None:
        rows = [r for r in rows if r["schema"] == schema]
    # A REST request that names no schema goes to the first exposed one.
    elif symptom["url_path"] and any(r["schema"] == "public" for r in rows):
        rows = [r for r in rows if r["schema"] == "public"]
    elif any(not r["managed"] for r in rows):
        rows = [r for r in rows if not r["managed"]]
    return [int(r["oid"] or 0) for r in rows]


def _candidates(facts: FactBase, name: str) -> list[_Candidate]:
    rows = facts.query(
        """
        SELECT c.relation, r.schema, r.name, r.managed, c.oid AS con, c.index_oid AS idx,
               c.columns, c.kind
        FROM rel_constraint c JOIN relation r ON r.oid = c.relation WHERE c.name = ?1
        UNION ALL
        SELECT i.relation, r.schema, r.name, r.managed, i.constraint_oid, i.oid, i.columns,
               CASE WHEN i.is_exclusion = 1 THEN 'exclusion' WHEN i.is_primary = 1 THEN 'primary'
                    ELSE 'unique' END
        FROM rel_index i JOIN relation r ON r.oid = i.relation
        WHERE i.name = ?1 AND (i.is_unique = 1 OR i.is_exclusion = 1)
          AND NOT EXISTS (SELECT 1 FROM rel_constraint c
                          WHERE c.index_oid = i.oid AND c.name = i.name AND c.kind <> 'foreign')
        """,
        (name,),
    )
    sqlstate_kinds = _KINDS.get(_sqlstate(facts))
    return [
        _Candidate(
            relation=int(row["relation"] or 0),
            schema=str(row["schema"]),
            relation_name=str(row["name"]),
            managed=bool(row["managed"]),
            constraint=None if row["con"] is None else int(row["con"]),
            # A foreign key's index is the referenced one: not what was violated.
            index=None if row["idx"] is None or row["kind"] == "foreign" else int(row["idx"]),
            columns=frozenset(c for c in json.loads(str(row["columns"] or "[]")) if c),
        )
        for row in rows
        if sqlstate_kinds is None or row["kind"] in sqlstate_kinds
    ]


def _sqlstate(facts: FactBase) -> str:
    return str(facts.query("SELECT sqlstate FROM symptom")[0]["sqlstate"])


def _constraint(
    facts: FactBase, symptom: dict[str, Value], named: list[int], routines: list[int]
) -> _Candidate | None:
    """The one candidate that the other facts of the symptom favour, or None."""
    name = symptom["constraint_name"]
    if name is None:
        return None
    candidates = _candidates(facts, str(name))
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    written = _written_by(facts, routines)
    reached = _reached_from(facts, named)
    keys = frozenset(json.loads(str(symptom["key_columns"] or "[]")))

    def score(candidate: _Candidate) -> int:
        points = 16 * (candidate.relation in written)
        points += 8 * (candidate.relation in named)
        points += 8 * (candidate.relation_name == symptom["referenced_relation"])
        points += 4 * (candidate.relation in reached)
        points += 2 * bool(keys and keys == candidate.columns)
        points += 2 * (candidate.schema == symptom["schema"])
        return 2 * points + (not candidate.managed)

    ranked = sorted(candidates, key=score, reverse=True)
    return None if score(ranked[0]) == score(ranked[1]) else ranked[0]


def _written_by(facts: FactBase, routines: list[int]) -> frozenset[int]:
    """Relations that the innermost function of the error's context writes."""
    if not routines:
        return frozenset()
    rows = facts.query(
        "SELECT DISTINCT relation FROM write WHERE routine = ? AND relation IS NOT NULL",
        (routines[0],),
    )
    return frozenset(int(row["relation"] or 0) for row in rows)


def _reached_from(facts: FactBase, named: list[int]) -> frozenset[int]:
    """Relations that triggers on the named relations write, at any depth."""
    reached: set[int] = set()
    for oid in named:
        rows = facts.query(
            "SELECT DISTINCT w.relation FROM effect e JOIN write w ON w.id = e.write "
            "WHERE e.relation = ? AND e.fires <> 'never' AND w.relation IS NOT NULL",
            (oid,),
        )
        reached.update(int(row["relation"] or 0) for row in rows)
    return frozenset(reached)


def _resolve_frames(facts: FactBase) -> list[int]:
    """Set `symptom_frame.routine`; returns the resolved ones, innermost first."""
    resolved: list[int] = []
    for frame in facts.query("SELECT * FROM symptom_frame ORDER BY depth"):
        oid = _routine(facts, frame["function"])
        facts.execute("UPDATE symptom_frame SET routine = ? WHERE depth = ?", (oid, frame["depth"]))
        if oid is not None:
            resolved.append(oid)
    return resolved


def _routine(facts: FactBase, function: Value) -> int | None:
    """The routine that a CONTEXT frame names, such as 'f', 'app.f' or 'app.f(uuid,integer)'."""
    if not function:
        return None
    name, paren, rest = str(function).partition("(")
    parts = [part.strip('"').replace('""', '"') for part in split_name(name.strip())]
    rows = facts.query("SELECT oid, schema, identity_args FROM routine WHERE name = ?", parts[-1:])
    if len(parts) > 1:
        rows = [r for r in rows if r["schema"] == parts[-2]]
    if len(rows) > 1 and paren:
        types = [t.strip() for t in rest.rstrip(")").split(",") if t.strip()]
        rows = [r for r in rows if _takes(str(r["identity_args"] or ""), types)]
    return int(rows[0]["oid"] or 0) if len(rows) == 1 else None


def _takes(identity_args: str, types: list[str]) -> bool:
    """Do the identity arguments ('p_id uuid, n integer') have exactly these types?"""
    given = [a.strip() for a in identity_args.split(",") if a.strip()]
    return len(given) == len(types) and all(
        argument == kind or argument.endswith(f" {kind}")
        for argument, kind in zip(given, types, strict=True)
    )


def split_name(text: str) -> list[str]:
    """Parts of a dotted SQL name as they are written; dots inside double quotes do not split."""
    return re.findall(r'"(?:[^"]|"")*"|[^.]+', text) or [text]
