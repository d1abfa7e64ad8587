"""Where the project's own SQL files define the functions that a finding blames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from fixit_tui.facts.base import FactBase
from fixit_tui.model.finding import Site

_LAST = """
SELECT d.path, d.line, d.body_line,
       EXISTS (SELECT 1 FROM routine q
               WHERE q.qualified = ?1 AND replace(q.body, char(13), '') = d.body) AS same
FROM sql_definition d
WHERE EXISTS (SELECT 1 FROM routine q WHERE q.qualified = ?1 AND q.name = d.name
                AND coalesce(d.schema, q.schema) = q.schema)
ORDER BY same DESC, d.rowid DESC LIMIT 1
"""


def defined_in(facts: FactBase, sites: Sequence[Site]) -> Iterator[str]:
    """`file:line` of each function site: the very line where the file has the server's text.

    Where it has another text, the line of its last CREATE FUNCTION, saying so.
    """
    places: dict[str, None] = {}
    for site in sites:
        if site.function is None:
            continue
        for row in facts.query(_LAST, (site.function,)):
            if row["same"] and row["body_line"] is not None and site.line is not None:
                places[f"{row['path']}:{int(row['body_line']) + site.line - 1}"] = None
            elif row["same"]:
                places[f"{row['path']}:{row['line']}"] = None
            else:
                places[f"{row['path']}:{row['line']} (the database holds another text)"] = None
    yield from places
