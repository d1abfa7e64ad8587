"""The catalog queries: their texts for a server's version, and their rows in few round trips."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from psycopg.rows import dict_row

from fixit_tui.postgres.connect import Connection

Record = dict[str, Any]
Rows = dict[str, list[Record]]

# Objects of people have numbers from 16384 on, so the system's need no look at their schema.
_RELATIONS = "c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid >= 16384 AND c.relpersistence <> 't'"
_ONLY = re.compile(r"[ \t]*-- (since|before) (\d+)$")


@cache
def query_text(name: str, version: int) -> str:
    """The text of `catalog/<name>.sql` for a server (`server_version_num`).

    A line that ends in '-- since N' or '-- before N' is left out on other major versions.
    """
    text = files("fixit_tui.postgres").joinpath("catalog", f"{name}.sql").read_text("utf-8")
    major = version // 10000
    lines = []
    for line in text.splitlines():
        only = _ONLY.search(line)
        if only is not None:
            since = only.group(1) == "since"
            if (major >= int(only.group(2))) is not since:
                continue
            line = line[: only.start()]
        lines.append(line)
    return "\n".join(lines).replace("{relations}", _RELATIONS)


def fetch(
    connection: Connection, names: Sequence[str], parameters: Mapping[str, Any]
) -> Iterator[tuple[str, list[Record]]]:
    """Each query's rows in turn; all queries are sent before the first answer is awaited."""
    version = connection.info.server_version
    with connection.pipeline():
        sent = []
        for name in names:
            cursor = connection.cursor(row_factory=dict_row)
            cursor.execute(query_text(name, version).encode(), parameters)
            sent.append((name, cursor))
        for name, cursor in sent:
            yield name, cursor.fetchall()
            cursor.close()
