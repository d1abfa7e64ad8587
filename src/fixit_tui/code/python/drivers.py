"""SQL text sent by psycopg, asyncpg, SQLAlchemy's text() and Django's cursors."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from fixit_tui.code.module import words
from fixit_tui.code.python.batches import distinct_by
from fixit_tui.code.python.chains import Step, method, steps_to
from fixit_tui.code.python.drafts import PyDraft
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.rows import read_rows
from fixit_tui.code.python.source import Source
from fixit_tui.code.python.sqltext import literal, sql_of
from fixit_tui.code.python.wrappers import wrapped_call
from fixit_tui.code.sqltext import SqlText

_METHODS = words(
    "execute executemany fetch fetchrow fetchval fetch_one fetch_all fetch_val execute_many "
    "exec_driver_sql execute_values execute_batch execute_async scalar scalars"
)
_OVER_CURSOR = frozenset({"execute_values", "execute_batch"})
_MANY = frozenset({"executemany", "execute_many", "execute_values", "execute_batch"})
_ENDS = {"commit": "COMMIT", "rollback": "ROLLBACK"}
_LIBRARIES = ("asyncpg", "psycopg", "psycopg2", "psycopg_pool", "aiopg", "sqlalchemy", "sqlmodel",
              "flask_sqlalchemy", "django", "databases")  # fmt: skip
_NAMES = {"psycopg_pool": "psycopg", "sqlmodel": "sqlalchemy", "flask_sqlalchemy": "sqlalchemy"}
_OTHER_SERVERS = words(
    "sqlite3 aiosqlite pymysql MySQLdb mysql aiomysql oracledb cx_Oracle pyodbc duckdb cassandra "
    "clickhouse_driver clickhouse_connect snowflake pymssql trino vertica_python libsql"
)
_SINGLE = frozenset({"fetchrow", "fetchval", "fetch_one", "fetch_val", "scalar"})
_MARK = re.compile(
    r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|%%|%s|%\((\w+)\)s|(?<![:\w]):([A-Za-z_]\w*)|\$\d+"
)
_VALUES_LIST = re.compile(r"\bVALUES\s+%s", re.IGNORECASE)
_LISTED = re.compile(r"\bINTO\s+[\w.\"]+\s*\(([^()]*)\)", re.IGNORECASE)


def library_of(source: Source) -> str | None:
    """The library that the file sends SQL with; None where that goes to another kind of server."""
    for name in _LIBRARIES:
        if name in source.packages:
            return _NAMES.get(name, name)
    return None if source.packages & _OTHER_SERVERS else "psycopg"


def read(project: Project, source: Source) -> Iterator[PyDraft]:
    """Every SQL text that a file sends, and what ends its transactions."""
    library = library_of(source)
    if library is None:
        return
    for call in source.calls:
        name = method(call)
        if name in _OVER_CURSOR or (name in _METHODS and isinstance(call.func, ast.Attribute)):
            draft = _statement(project, source, call, library)
        elif name in _ENDS and isinstance(call.func, ast.Attribute) and not call.args:
            client = _client(project, Ref(source, call.func.value), library)
            fields = _fields(library, client) | {"statement": _ENDS[name]}
            draft = PyDraft(source, call, call, fields, connection=client)
        elif name not in _ENDS:
            draft = _wrapped(project, source, call, library)
        else:
            continue
        if draft is not None:
            yield draft


def _statement(project: Project, source: Source, call: ast.Call, library: str) -> PyDraft | None:
    name = method(call)
    step = Step(source, call)
    skipped = 1 if name in _OVER_CURSOR else 0
    if skipped:
        handed = step.given(0, "cur")
    elif isinstance(call.func, ast.Attribute):
        handed = Ref(source, call.func.value)
    else:
        return None
    text = step.given(skipped, "query", "sql", "statement", "operation")
    if text is None or handed is None:
        return None
    sql, start = sql_of(project, text)
    if sql is None:
        return None
    made = project.resolve(text).node
    if isinstance(made, ast.Call) and method(made) == "text":
        library = "sqlalchemy"
    # Where the file imports no driver, the style of the placeholders tells which one it is.
    numbered = "$1" in sql.statement and not sql.many
    if library == "psycopg" and numbered and not source.packages & {*_LIBRARIES}:
        library = "asyncpg"
    client = _client(project, handed, library)
    fields = _fields(library, client)
    draft = PyDraft(source, call, call, fields, connection=client)
    if sql.problem:
        draft.unknowns.append(("SQL text", f"a part is computed: {sql.problem}"))
        return draft
    fields["statement"] = _expanded(sql.statement) if name == "execute_values" else sql.statement
    fields |= _place(source, call, sql, start, literal(project, text))
    fields["rows"] = "many" if name in _MANY or sql.many else "unknown"
    rows = step.given(skipped + 1, "argslist", "args", "seq_of_parameters")
    if name in _MANY and rows is not None:
        fields["distinct_by"] = distinct_by(rows)
    fields["cardinality"] = "maybe_single" if name in _SINGLE else "many"
    fields["prepared"] = library == "asyncpg"
    if sql.many:
        fields["params"] = None
    elif name not in _MANY and not sql.params:
        fields["params"] = _params(project, step, sql.statement, library)
    elif sql.params and not _is_marked(sql.statement):
        fields["params"] = tuple(sql.params)
    return draft


def _wrapped(project: Project, source: Source, call: ast.Call, library: str) -> PyDraft | None:
    """A call of the project's own function that sends SQL."""
    found = wrapped_call(project, source, call, _METHODS)
    if found is None:
        return None
    wrapper, given = found
    fields = _fields(library, ast.unparse(call.func))
    draft = PyDraft(source, call, call, fields)
    if wrapper.table:
        table = project.string(given[wrapper.table]) if wrapper.table in given else None
        if table is None or wrapper.row not in given:
            return None
        schema, _, name = table.rpartition(".")
        payload = read_rows(project, given[wrapper.row])
        fields |= {"verb": "insert", "schema": schema or None, "relation": name}
        fields |= payload.fields()
        if payload.values is None:
            draft.unknowns.append(("row", payload.reason))
        return draft
    sql, start = sql_of(project, given[wrapper.text]) if wrapper.text in given else (None, None)
    if sql is None or sql.problem:
        return None
    fields["statement"] = sql.statement
    fields |= _place(source, call, sql, start, literal(project, given[wrapper.text]))
    bound = project.resolve(given[wrapper.values]).node if wrapper.values in given else None
    if isinstance(bound, (ast.List, ast.Tuple)):
        fields["params"] = tuple(source.source(item) for item in bound.elts)
    return draft


def _place(
    source: Source, call: ast.Call, sql: SqlText, start: int | None, held: Ref | None
) -> dict[str, Any]:
    """Where the text begins, its lines if they are not the call's, its file if it is another."""
    found: dict[str, Any] = {"statement_verbatim": sql.verbatim, "statement_start_byte": start}
    if held is None or start is None:
        return found
    own = held.source is source
    if own and source.start(call) <= start < source.end(call):
        return found
    first = held.source.raw.count(b"\n", 0, start) + 1
    blank = len(sql.statement) - len(sql.statement.lstrip())
    return found | {
        "statement_path": None if own else held.source.path,
        "statement_line": first + sql.statement.count("\n", 0, blank),
        "statement_end_line": first + sql.statement.rstrip().count("\n"),
    }


def _client(project: Project, handed: Ref, library: str) -> str:
    """In Django every query of a thread goes over the one connection."""
    return "connection" if library == "django" else connection_of(project, handed)


def _is_marked(statement: str) -> bool:
    return any(m[0] == "%s" or m[1] or m[2] for m in _MARK.finditer(statement))


def _fields(library: str, client: str) -> dict[str, Any]:
    return {"library": library, "client": client, "verb": "sql", "throws": True, "prepared": False}


def _expanded(statement: str) -> str:
    """`VALUES %s` of execute_values as the one row of placeholders that it becomes."""
    listed = _LISTED.search(statement)
    count = 1 if listed is None else listed[1].count(",") + 1
    return _VALUES_LIST.sub(f"VALUES ({', '.join(['%s'] * count)})", statement, count=1)


def _params(project: Project, step: Step, statement: str, library: str) -> tuple[str, ...] | None:
    """Source texts in the order in which the placeholders are numbered."""
    marks = [m for m in _MARK.finditer(statement) if m[0][0] not in "'\"-" and m[0] != "%%"]
    if not marks:
        return ()
    if library == "asyncpg" and marks[0][0].startswith("$"):
        return tuple(step.source.source(a) for a in step.call.args[1:])
    given = step.given(1, "params", "vars", "parameters", "values", "args")
    if given is None:
        return None
    here = project.resolve(given)
    if isinstance(here.node, (ast.Tuple, ast.List)):
        if any(isinstance(item, ast.Starred) for item in here.node.elts):
            return None
        return tuple(here.at(item).text for item in here.node.elts)
    names = list(dict.fromkeys(m[1] or m[2] for m in marks))
    found = _named(here)
    if found is None or None in names:
        return None
    return tuple(found.get(str(name), "") for name in names)


def _named(here: Ref) -> dict[str, str] | None:
    node = here.node
    if isinstance(node, ast.Dict):
        return {
            str(key.value): here.at(value).text
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant)
        }
    if isinstance(node, ast.Call) and method(node) == "dict":
        return {k.arg: here.at(k.value).text for k in node.keywords if k.arg is not None}
    return None


def connection_of(project: Project, handed: Ref) -> str:
    """The text of the connection that a cursor belongs to, of anything else its own."""
    for _ in range(6):
        node = handed.node
        if isinstance(node, ast.Await):
            handed = handed.at(node.value)
        elif isinstance(node, ast.Call) and method(node) == "cursor":
            assert isinstance(node.func, (ast.Attribute, ast.Name))
            if isinstance(node.func, ast.Name):
                return handed.text
            handed = handed.at(node.func.value)
        elif (
            isinstance(node, ast.Attribute)
            and node.attr == "connection"
            and (isinstance(node.value, ast.Name) and node.value.id.startswith("cur"))
        ):
            handed = handed.at(node.value)
        elif isinstance(node, ast.Name):
            found = project.binding(handed.source, node)
            value = None if found is None or found.element else found.value
            made = value.value if isinstance(value, ast.Await) else value
            if not isinstance(made, ast.Call) or method(made) != "cursor":
                return node.id
            handed = handed.at(made)
        else:
            break
    return handed.text


def is_made_here(project: Project, source: Source, node: ast.expr) -> bool:
    """Whether the making of a connection is in sight."""
    steps, _ = steps_to(project, Ref(source, node))
    names = {s.name for s in steps}
    return bool(
        names
        & {"connect", "getconn", "connection", "acquire", "Session", "session", "raw_connection"}
    )
