"""Function bodies as statements with their line, handlers and conditions.

Lines are the ones that PL/pgSQL reports in CONTEXT: the first line of the body is 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fixit_tui.sql.lexer import tokens
from fixit_tui.sql.split import split

# A trigger's own variables, declared as arguments so that a body that uses them can be read.
_TRIGGER_NAMES = (
    "tg_name text, tg_when text, tg_level text, tg_op text, tg_relid oid, tg_relname text,"
    " tg_table_name text, tg_table_schema text, tg_nargs int, tg_argv text[], tg_event text,"
    " tg_tag text"
)
_HEADERS = (
    f"(new record, old record, {_TRIGGER_NAMES}) RETURNS record",
    "() RETURNS SETOF record",
    "() RETURNS void",
    "(OUT fixit_out int, OUT fixit_other int) RETURNS SETOF record",
    "(OUT fixit_out int, OUT fixit_other int) RETURNS record",
)


@dataclass(frozen=True, slots=True)
class RoutineStatement:
    """One statement. `kind`: sql, dynamic, perform, raise, call, assign.

    `guards` are the conditions of enclosing handlers that would catch its error; `handler` the
    conditions of the handler that it stands in; `conditional` is true inside IF, CASE and loops.
    `raises` is what a RAISE raises: a condition, an SQLSTATE, or its level.
    """

    line: int
    kind: str
    text: str
    guards: tuple[str, ...] = ()
    handler: tuple[str, ...] = ()
    conditional: bool = False
    raises: str = ""
    variables: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RoutineBody:
    """A body's statements in source order, or why it could not be read.

    `swallows` are handlers that neither re-raise nor raise: their conditions and line.
    """

    statements: tuple[RoutineStatement, ...] = ()
    error: str | None = None
    swallows: tuple[tuple[tuple[str, ...], int], ...] = ()


@dataclass(frozen=True, slots=True)
class _Context:
    guards: tuple[str, ...] = ()
    handler: tuple[str, ...] = ()
    conditional: bool = False
    variables: frozenset[str] = frozenset()

    def inside(self, **changes: Any) -> _Context:
        from dataclasses import replace

        return replace(self, **changes)


def _query(node: Mapping[str, Any], *names: str) -> str:
    for name in names:
        expression = node.get(name)
        if isinstance(expression, Mapping):
            return str(expression.get("PLpgSQL_expr", {}).get("query", ""))
    return ""


def _constant_string(expression: str) -> str | None:
    items = tokens(expression)
    if len(items) != 1:
        return None
    token = items[0]
    if token.kind == "string" and token.text.startswith("'"):
        return token.text[1:-1].replace("''", "'")
    if token.kind == "dollar":
        edge = token.text.index("$", 1) + 1
        return token.text[edge:-edge]
    return None


def _raises_error(actions: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a list of statements holds a RAISE that is an error, at any depth."""
    for action in actions:
        for kind, node in action.items():
            if kind == "PLpgSQL_stmt_raise" and node.get("elog_level", 21) >= 21:
                return True
            nested = (
                [v for v in node.values() if isinstance(v, list)]
                if isinstance(node, Mapping)
                else []
            )
            if any(_raises_error([i for i in n if isinstance(i, Mapping)]) for n in nested):
                return True
    return False


class _Walker:
    def __init__(self) -> None:
        self.found: list[RoutineStatement] = []
        self.swallows: list[tuple[tuple[str, ...], int]] = []

    def add(
        self, node: Mapping[str, Any], kind: str, text: str, at: _Context, raises: str = ""
    ) -> None:
        self.found.append(
            RoutineStatement(
                int(node.get("lineno", 0)),
                kind,
                text,
                at.guards,
                at.handler,
                at.conditional,
                raises,
                at.variables,
            )
        )

    def walk(self, nodes: Sequence[Mapping[str, Any]], at: _Context) -> None:
        for wrapped in nodes:
            for kind, node in wrapped.items():
                self.statement(kind.removeprefix("PLpgSQL_stmt_"), node, at)

    def statement(self, kind: str, node: Mapping[str, Any], at: _Context) -> None:
        if kind == "block":
            self.block(node, at)
        elif kind == "execsql":
            self.add(node, "sql", _query(node, "sqlstmt"), at)
        elif kind in ("dynexecute", "dynfors", "return_query") and self.dynamic(kind, node, at):
            pass
        elif kind == "perform":
            self.add(node, "perform", _query(node, "expr"), at)
        elif kind == "call":
            self.add(node, "call", _query(node, "expr"), at)
        elif kind == "assign":
            self.add(node, "assign", _query(node, "expr"), at)
        elif kind == "raise":
            named = node.get("condname") or ""
            level = int(node.get("elog_level", 21))
            self.add(
                node,
                "raise",
                str(node.get("message", "")),
                at,
                named or ("error" if level >= 21 else "notice"),
            )
        self.nested(kind, node, at)

    def dynamic(self, kind: str, node: Mapping[str, Any], at: _Context) -> bool:
        text = _query(node, "query", "dynquery")
        if kind == "return_query" and "dynquery" not in node:
            self.add(node, "sql", text, at)
            return True
        constant = _constant_string(text)
        self.add(node, "sql" if constant else "dynamic", constant or text, at)
        return kind != "dynfors"

    def nested(self, kind: str, node: Mapping[str, Any], at: _Context) -> None:
        if kind == "block":
            return
        inner = at.inside(conditional=True)
        if kind == "fors":
            self.add(node, "sql", _query(node, "query"), at)
        for name in ("then_body", "else_body", "body", "else_stmts"):
            if isinstance(node.get(name), list):
                self.walk(node[name], inner)
        for branch in node.get("elsif_list", ()):
            self.walk(branch.get("PLpgSQL_if_elsif", {}).get("stmts", ()), inner)
        for branch in node.get("case_when_list", ()):
            self.walk(branch.get("PLpgSQL_case_when", {}).get("stmts", ()), inner)

    def block(self, node: Mapping[str, Any], at: _Context) -> None:
        handlers = node.get("exceptions", {}).get("PLpgSQL_exception_block", {}).get("exc_list", ())
        caught: list[str] = []
        bodies = []
        for wrapped in handlers:
            handler = wrapped["PLpgSQL_exception"]
            names = tuple(
                str(c["PLpgSQL_condition"].get("condname", "")).lower()
                for c in handler["conditions"]
            )
            caught.extend(names)
            bodies.append(
                (
                    names,
                    handler.get("action", ()),
                    int(handler.get("lineno", node.get("lineno", 0))),
                )
            )
        self.walk(node.get("body", ()), at.inside(guards=(*caught, *at.guards)))
        for names, actions, line in bodies:
            if not _raises_error(actions):
                self.swallows.append((names, line))
            self.walk(actions, at.inside(handler=names))


def _variables(function: Mapping[str, Any]) -> frozenset[str]:
    names = set()
    for datum in function.get("datums", ()):
        for node in datum.values():
            if isinstance(node, Mapping) and "refname" in node:
                names.add(str(node["refname"]).lower())
    return frozenset(names - {"found", "sqlstate", "sqlerrm"})


def _dollar_tag(body: str) -> str:
    number = 0
    while f"$fixit{number}$" in body:
        number += 1
    return f"$fixit{number}$"


def _quoted_list(names: Sequence[str]) -> str:
    return ", ".join('"' + n.replace('"', '""') + '" text' for n in names if n)


def _parsed(body: str, arguments: Sequence[str]) -> tuple[Mapping[str, Any] | None, str]:
    import postgast

    tag, last = _dollar_tag(body), ""
    known = {"new", "old"}
    extra = _quoted_list([a for a in arguments if a.lower() not in known])
    for header in _HEADERS:
        shaped = (
            header.replace(
                "(", f"({extra}{', ' if extra and not header.startswith('()') else ''}", 1
            )
            if extra
            else header
        )
        text = f"CREATE FUNCTION fixit_body{shaped} LANGUAGE plpgsql AS {tag}{body}{tag}"
        try:
            result = postgast.parse_plpgsql(text)
        except (postgast.PgQueryError, ValueError, KeyError) as error:
            last = last or str(error)
            continue
        if result:
            return result[0]["PLpgSQL_function"], ""
    return None, last or "the body could not be read"


def _lines(body: str) -> Iterator[tuple[int, str]]:
    at = 0
    for statement in split(body):
        start = body.index(statement, at)
        yield body.count("\n", 0, start) + 1, statement
        at = start + len(statement)


def _sql_body(body: str) -> RoutineBody:
    """A body of LANGUAGE sql: a list of statements, or BEGIN ATOMIC … END, or RETURN expr."""
    items = tokens(body)
    if [t.word for t in items[:2]] == ["begin", "atomic"] and items[-1].word == "end":
        shift = body.count("\n", 0, items[1].end)
        inner = body[items[1].end : items[-1].start]
        found = [RoutineStatement(line + shift, "sql", text) for line, text in _lines(inner)]
        return RoutineBody(tuple(found))
    return RoutineBody(tuple(RoutineStatement(line, "sql", text) for line, text in _lines(body)))


def parse_routine(body: str, *, language: str, arguments: Sequence[str] = ()) -> RoutineBody:
    """The statements of a function body; `error` says why it could not be read. Never raises."""
    if language == "sql":
        return _sql_body(body)
    if language != "plpgsql":
        return RoutineBody(error=f"language {language} is not read")
    function, error = _parsed(body, arguments)
    if function is None:
        return RoutineBody(error=error)
    walker = _Walker()
    at = _Context(variables=_variables(function) | {a.lower() for a in arguments})
    action = function.get("action", {}).get("PLpgSQL_stmt_block")
    if action is None:
        return RoutineBody(error="the body holds no block")
    walker.block(action, at)
    statements = tuple(s for s in walker.found if s.text or s.kind == "raise")
    return RoutineBody(statements, None, tuple(walker.swallows))
