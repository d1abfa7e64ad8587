"""What to say of an error that no finding explains: what it is, where it is, what settles it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixit_tui.facts.base import FactBase
from fixit_tui.playbooks.match import WARNING, Reported
from fixit_tui.playbooks.other_errors import other_error
from fixit_tui.playbooks.raised import raises
from fixit_tui.playbooks.refused_row import refused_row

_LONGEST = 160
_BY_PLACE = """
SELECT DISTINCT c.path, c.line, c.statement FROM symptom_place p JOIN code_call c
  ON (c.path = p.file OR p.file LIKE '%/' || c.path) AND p.line BETWEEN c.line AND c.end_line
ORDER BY c.path, c.line LIMIT 3
"""
_WITH_SQL = "SELECT path, line, statement FROM code_call WHERE statement IS NOT NULL ORDER BY id"
_WRITERS = """
SELECT DISTINCT r.qualified, coalesce(w.path || ':' || w.line,
                                      w.routine_name || '() line ' || w.routine_line) AS place
FROM symptom s JOIN write w ON w.relation = s.relation_oid AND w.origin <> 'pasted'
JOIN relation r ON r.oid = w.relation
WHERE CASE WHEN s.operation IS NULL
           THEN w.operation <> 'delete'
             OR coalesce(s.sqlstate, '') NOT IN ('23505', '42P10', '42501')
           ELSE w.operation = s.operation OR (s.operation = 'upsert' AND w.operation = 'insert') END
ORDER BY 2 LIMIT 4
"""
_FRAMES = "SELECT function, line FROM symptom_frame WHERE function IS NOT NULL ORDER BY depth"
# An upsert in the code that names the very key which the error reports.
_RIGHT_ALREADY = """
SELECT DISTINCT w.path || ':' || w.line AS place FROM symptom s
JOIN rel_index i ON i.oid = s.index_oid JOIN arbiter a ON a.index_oid = i.oid AND a.usable = 1
JOIN write w ON w.id = a.write AND w.has_conflict = 1 AND w.via = 'postgrest' AND w.origin = 'code'
WHERE s.sqlstate = '23505' ORDER BY 1 LIMIT 3
"""
_FITTING = """
SELECT DISTINCT i.name FROM symptom s JOIN write w ON w.verdict = 'ok' AND w.has_conflict = 1
  AND (w.origin = 'pasted' OR w.relation = s.relation_oid OR w.call IN (
    SELECT c.id FROM symptom_place p JOIN code_call c
      ON (c.path = p.file OR p.file LIKE '%/' || c.path) AND p.line BETWEEN c.line AND c.end_line))
JOIN arbiter a ON a.write = w.id AND a.usable = 1 AND a.reason <> 'predicate parameter'
JOIN rel_index i ON i.oid = a.index_oid
WHERE s.sqlstate = '42P10' AND NOT EXISTS (
  SELECT 1 FROM write o WHERE o.relation = w.relation AND o.has_conflict = 1 AND o.verdict <> 'ok')
ORDER BY 1 LIMIT 3
"""
# A request that names a key, or PUT, which means the primary key, and met another one.
_MET_ANOTHER = """
SELECT i.name, group_concat(c.value, ',') AS columns, max(s.method) AS method,
       (SELECT group_concat(t.value, ', ') FROM json_each(w.target) t) AS target
FROM symptom s JOIN rel_index i ON i.oid = s.index_oid AND i.predicate IS NULL
JOIN write w ON w.origin = 'pasted' AND w.via = 'postgrest' AND w.relation = i.relation
  AND w.has_conflict = 1 AND w.target_kind = 'columns', json_each(i.columns) c
WHERE s.sqlstate = '23505'
  AND NOT EXISTS (
    SELECT 1 FROM arbiter a WHERE a.write = w.id AND a.index_oid = i.oid AND a.usable = 1)
GROUP BY i.oid, w.id HAVING count(*) = count(c.value)
"""
# What the code catches is in the server's log all the same.
_HANDLED = """
SELECT DISTINCT c.path || ':' || c.line AS place FROM symptom s
JOIN write w ON w.relation = s.relation_oid AND w.operation = 'insert'
JOIN code_call c ON c.id = w.call
  AND EXISTS (SELECT 1 FROM json_each(c.handles_sqlstate) h WHERE h.value = s.sqlstate)
WHERE s.sqlstate = '23505' ORDER BY 1 LIMIT 3
"""
_NO_PRIMARY_KEY = """
SELECT r.qualified FROM symptom s JOIN relation r ON r.oid = s.relation_oid AND r.kind = 'table'
WHERE s.sqlstate = '23505' AND s.resolution IS NOT NULL AND s.on_conflict IS NULL
  AND NOT EXISTS (SELECT 1 FROM rel_index i WHERE i.relation = r.oid AND i.is_primary = 1)
"""

# The keys that can answer 409 to a write of the table; a DELETE breaks those that refer to it.
_MAY_BREAK = """
SELECT i.name FROM symptom s JOIN rel_index i ON i.relation = s.relation_oid AND i.is_unique = 1
WHERE s.operation IS NOT 'delete'
UNION
SELECT k.name FROM symptom s JOIN rel_constraint k ON k.kind = 'foreign'
  AND CASE s.operation WHEN 'delete' THEN k.ref_relation ELSE k.relation END = s.relation_oid
ORDER BY 1
"""
_MOST_KEYS = 6


def unexplained(facts: FactBase, error: Reported) -> tuple[str, ...]:
    """What the error is and where it stands, or what to bring so that it can be settled."""
    row = error.row
    if row["sqlstate"] == WARNING:
        return (
            "a warning ends no statement: the ERROR of the same moment in the server log",
            "the CONTEXT of the warning: it names the function that raised it",
        )
    known = list(_known(facts, error))
    if known:
        return (*known, *_places(facts, error))
    told = (*_hints(facts, error), *refused_row(facts, error))
    return (*told, *_places(facts, error), *_wishes(facts, error))


def _known(facts: FactBase, error: Reported) -> Iterator[str]:
    """One of the errors that are no conflict of keys, or one that a function raised."""
    message = str(error.row["message"] or "")
    fits = other_error(error.state or "", message)
    if fits is not None:
        no = "" if fits.conflict else ", no conflict of keys"
        yield f"{error.state or 'it'} is {fits.what}{no}: {fits.next}"
    own = error.state is None or error.state.startswith(("P0001", "PT"))
    # A constraint that no table has may be one that a function made up.
    if own or (error.row["index_oid"] is None and error.row["constraint_oid"] is None):
        for found in raises(facts, error.state, message)[:3]:
            yield f"RAISE in {found.text}" + (" says these words" if found.words else "")


def _places(facts: FactBase, error: Reported) -> Iterator[str]:
    """Where the statement stands: in the error, in the code, in a function."""
    statement = error.row["statement"]
    if statement is not None:
        text = " ".join(str(statement).split())
        yield f"the statement: {text[:_LONGEST]}{'…' if len(text) > _LONGEST else ''}"
    frames = facts.query(_FRAMES)
    if frames:
        inner = frames[0]
        name = str(inner["function"]).partition("(")[0]
        yield f"it ran in {name}() line {inner['line']}"
    calls = facts.query(_BY_PLACE)
    if not calls and statement is not None:
        shape = _shape(str(statement))
        calls = [c for c in facts.query(_WITH_SQL) if _shape(str(c["statement"])) == shape][:3]
    if calls:
        listed = ", ".join(f"{c['path']}:{c['line']}" for c in calls)
        yield f"it stands at {listed}"
    elif not frames and (writers := facts.query(_WRITERS)):
        listed = ", ".join(str(w["place"]) for w in writers)
        yield f"{writers[0]['qualified']} is written at {listed}"


def _shape(statement: str) -> str:
    """A statement without its values, letter case and white space."""
    text = re.sub(
        r"'(?:[^']|'')*'|\$\d+|(?<![\w:]):\w+|%\(\w+\)s|%s|\b\d+(?:\.\d+)?\b", "?", statement
    )
    return re.sub(r"\s+", "", text).lower().rstrip(";")


def _hints(facts: FactBase, error: Reported) -> Iterator[str]:
    """What is right in what was read, and so speaks for something that was not."""
    row = error.row
    if row["http_status"] == 409 and error.state is None and error.relations:
        keys = [str(k["name"]) for k in facts.query(_MAY_BREAK)]
        more = f" and {len(keys) - _MOST_KEYS} more" if len(keys) > _MOST_KEYS else ""
        here = f"; here it may be {', '.join(keys[:_MOST_KEYS])}{more}" if keys else ""
        yield (
            "409 is a unique key (23505), a foreign key (23503) or a status that a function chose"
            f" (PT409){here}"
        )
    for found in facts.query(_NO_PRIMARY_KEY):
        yield (
            f"{found['qualified']} has no primary key and the request names no columns: PostgREST"
            " then drops the resolution and sends a plain INSERT; name the key by on_conflict"
        )
    yield from _named_key(facts, error)
    if handled := facts.query(_HANDLED):
        listed = ", ".join(str(h["place"]) for h in handled)
        yield (
            f"{listed} catches this error: it is in the server's log all the same, and harmless"
            " where that is the statement; ON CONFLICT would keep it out of the log"
        )
    if fitting := facts.query(_FITTING):
        listed = ", ".join(str(f["name"]) for f in fitting)
        yield (
            f"{listed} fits the conflict target in this database: the statement ran in another"
            " database or schema, or before the index was there; SELECT current_database(),"
            " current_schemas(false) on that connection would settle it"
        )


def _named_key(facts: FactBase, error: Reported) -> Iterator[str]:
    """A request or a call that names a key, and was refused by a key nevertheless."""
    row = error.row
    asked = row["on_conflict"] is not None and row["resolution"] is None
    places = facts.query(_RIGHT_ALREADY)
    if row["sqlstate"] == "23505" and asked and not places:
        yield (
            "the request names on_conflict, but no Prefer: resolution=… header was seen:"
            " PostgREST then ignores on_conflict and sends a plain INSERT"
        )
    for met in facts.query(_MET_ANOTHER):
        how = "PUT always names" if met["method"] == "PUT" else "the request names"
        yield (
            f"{how} the key ({met['target']}); {met['name']} is another one, and refuses the row"
            f" as it refuses any INSERT. POST with on_conflict={met['columns']} and Prefer:"
            " resolution=… meets that key; leave the primary key out of the body then, or the row"
            " that is there gets a new one"
        )
    if places:
        listed = ", ".join(str(p["place"]) for p in places)
        yield (
            f"{listed} names this very key as its target, so the request came from an older build,"
            " lost its Prefer header on the way, or met a schema cache that is older than the key"
            " (NOTIFY pgrst, 'reload schema')"
        )


def _wishes(facts: FactBase, error: Reported) -> Iterator[str]:
    row = error.row
    if error.state is None and row["message"] is None:
        yield "the response body or the server log line: a status alone fits many causes"
    elif error.state is None:
        yield "the error's code (SQLSTATE): its words alone are in no list of ours"
    if row["sqlstate"] == "25P02":
        yield "the first error of that transaction: 25P02 is only its echo"
    if error.constraint and row["index_oid"] is None and not row["constraint_oid"]:
        yield f"the right database: there is no key called {error.constraint} in this one"
    elif row["relation"] and not error.relations:
        yield f"the right database: there is no table called {row['relation']} in this one"
    if not facts.query("SELECT 1 FROM code_file LIMIT 1"):
        yield "the application's code folder (--code): the statement may stand there"
    if row["statement"] is None:
        yield "the statement that failed (STATEMENT in the server log)"
    yield "a replay of the statement as the request's role, with its row level security"
