"""Let the server overrule the rules: EXPLAIN of an INSERT that has only the conflict clause."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fixit_tui.facts.derive.arbiters import Judgement, Verdict
from fixit_tui.facts.derive.catalog import Catalog, Relation
from fixit_tui.facts.derive.write import Write
from fixit_tui.sql.quote import ident

Answer = tuple[str | None, tuple[str, ...]]
"""The SQLSTATE that planning raises (None: none) and the names of the arbiter indexes."""

Confirm = Callable[[Sequence[str]], Sequence[Answer]]
"""Asks the server about statements to be explained, never executed; one answer for each."""

# What planning itself decides about a conflict clause. Anything else (rights, a vanished table)
# says nothing about it.
_DECISIVE = frozenset({"42P10", "55000", "42704", "42809", "0A000"})


def probe(catalog: Catalog, write: Write) -> str | None:
    """The statement to explain for a write's conflict clause; None where none would be telling.

    DO NOTHING infers the arbiter just as DO UPDATE does, and needs no SET clause. DEFAULT VALUES
    needs no column; EXPLAIN evaluates neither defaults nor triggers.
    """
    conflict = write.conflict
    relation = catalog.relations.get(write.relation or 0)
    if conflict is None or relation is None or relation.kind in ("matview", "foreign"):
        return None
    if conflict.predicate_has_param:
        return None
    # That an exclusion constraint cannot DO UPDATE is a rule that DO NOTHING does not show.
    if conflict.target_kind == "constraint" and conflict.action != "nothing":
        kind = catalog.constraint_index.get((relation.oid, conflict.constraint or ""), (0, ""))[1]
        if kind == "exclusion":
            return None
    target = _target(catalog, relation, write)
    if target is None:
        return None
    name = f"{ident(relation.schema)}.{ident(relation.name)}"
    statement = f"INSERT INTO {name} DEFAULT VALUES ON CONFLICT{target} DO NOTHING"
    return statement if _is_one_insert(statement) else None


def _is_one_insert(statement: str) -> bool:
    """Guards against text that would end the clause and begin something else."""
    import postgast

    try:
        parsed = postgast.parse(statement)
    except postgast.PgQueryError:
        return False
    if len(parsed.stmts) != 1 or not parsed.stmts[0].stmt.HasField("insert_stmt"):
        return False
    clause = parsed.stmts[0].stmt.insert_stmt.on_conflict_clause
    return "sub_link" not in str(clause) and not clause.target_list


def _target(catalog: Catalog, relation: Relation, write: Write) -> str | None:
    conflict = write.conflict
    assert conflict is not None
    if conflict.target_kind == "none":
        return ""
    if conflict.target_kind == "constraint":
        return f" ON CONSTRAINT {ident(conflict.constraint or '')}"
    if conflict.target_kind not in ("columns", "expressions") or not conflict.target:
        return None
    columns = catalog.attributes.get(relation.oid, {})
    items = [
        ident(text) if conflict.target_kind == "columns" or text in columns else text
        for text in conflict.target
    ]
    where = f" WHERE {conflict.predicate}" if conflict.predicate else ""
    return f" ({', '.join(items)}){where}"


def overrule(catalog: Catalog, write: Write, ruled: Verdict, answer: Answer) -> Verdict | None:
    """The server's verdict, or None where its answer does not decide.

    EXPLAIN does not see that an arbiter is deferrable; the executor refuses it with 55000. What
    the server names as arbiters, or refuses, settles the judgements that the rules left open.
    """
    sqlstate, names = answer
    if sqlstate is not None:
        if sqlstate not in _DECISIVE:
            return None
        return Verdict(sqlstate, tuple(_settled(j, False) for j in ruled.judgements))
    # Without a target no arbiter is named: the executor looks at all of them.
    if ruled.outcome == "55000" and not names:
        return ruled
    storage = catalog.storage_of(write.relation or 0, "insert")
    indexes = [i for i in catalog.indexes.get(storage, []) if i.name in names]
    if any(not index.immediate for index in indexes):
        return Verdict("55000", ruled.judgements)
    chosen = {index.oid for index in indexes}
    if not names:
        return Verdict("ok", ruled.judgements)
    return Verdict("ok", tuple(_settled(j, j.index.oid in chosen) for j in ruled.judgements))


def _settled(judged: Judgement, chosen: bool) -> Judgement:
    if chosen:
        kept = judged.reason if judged.usable else ""
        return Judgement(judged.index, True, kept)
    return Judgement(judged.index, False, judged.reason) if judged.usable is None else judged
