"""Function bodies as statements with their line, handlers and conditions.

Lines are the ones that PL/pgSQL reports in CONTEXT: the first line of the body is 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fixit_tui.sql.dynamic import constant_statement
from fixit_tui.sql.grammar import UnreadableSql
from fixit_tui.sql.lexer import Token, tokens
from fixit_tui.sql.plpgsql_tree import read_body
from fixit_tui.sql.plpgsql_values import Variables, read_variables, substituted
from fixit_tui.sql.split import spans

_ERROR_LEVEL = 21
_LEVELS = {19: "warning", 18: "notice", 17: "info", 15: "log"}
_ERRCODE_OPTION = 0
_STATE = re.compile(r"'([0-9][0-9A-Z]{4})'")
# What the parser makes of `CASE x WHEN y`: "__Case__Variable_4__" IN (y).
_CASE_TEST = re.compile(r'\A"__Case__Variable_\d+__" IN \((.*)\)\Z', re.S)
# Where a statement keeps expressions that are evaluated, and so may call something that writes.
_EXPRESSIONS = ("cond", "t_expr", "lower", "upper", "step")


_TELLING = re.compile(r"'PLpgSQL_stmt_(?:raise|getdiag)'|\bsqlerrm\b", re.IGNORECASE)
_NO_VARIABLES = Variables({}, {})


@dataclass(frozen=True, slots=True)
class RoutineStatement:
    """One statement. `kind`: sql, dynamic, perform, raise, call, assign.

    'assign' is any other expression that is evaluated, if it holds a call: an assignment, a
    default, a condition, what RETURN returns.
    `guards` are the conditions of enclosing handlers that end its error there; `handler` the
    conditions of the handler that it stands in; `conditional` is true inside IF, CASE and loops,
    and after an IF that may have returned. `conditions` are the texts that have to hold, '' for
    one that has no text.
    `raises` is what a RAISE raises: a condition, an SQLSTATE, or its level. `told` is true where
    the nearest of the `guards` that catches everything raises a message, or looks at the error.
    """

    line: int
    kind: str
    text: str
    guards: tuple[str, ...] = ()
    handler: tuple[str, ...] = ()
    conditional: bool = False
    raises: str = ""
    variables: frozenset[str] = frozenset()
    conditions: tuple[str, ...] = ()
    told: bool = False


@dataclass(frozen=True, slots=True)
class RoutineBody:
    """A body's statements in source order, or why it could not be read.

    `swallows` are handlers that neither re-raise nor raise: their conditions and line.
    """

    statements: tuple[RoutineStatement, ...] = ()
    error: str | None = None
    swallows: tuple[tuple[tuple[str, ...], int], ...] = ()
    variables: Variables = _NO_VARIABLES


@dataclass(frozen=True, slots=True)
class _Context:
    guards: tuple[str, ...] = ()
    handler: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    variables: frozenset[str] = frozenset()
    told: bool = False

    @property
    def conditional(self) -> bool:
        return bool(self.conditions)

    def under(self, *conditions: str) -> _Context:
        return replace(self, conditions=(*self.conditions, *conditions))


def _query(node: Mapping[str, Any], *names: str) -> str:
    for name in names:
        expression = node.get(name)
        if isinstance(expression, Mapping):
            return str(expression.get("PLpgSQL_expr", {}).get("query", ""))
    return ""


def _raised(node: Mapping[str, Any]) -> str:
    """What a RAISE raises: a condition or SQLSTATE if it is written, else its level."""
    level = int(node.get("elog_level", _ERROR_LEVEL))
    if level < _ERROR_LEVEL:
        return _LEVELS.get(level, "debug")
    if node.get("condname"):
        return str(node["condname"])
    for wrapped in node.get("options", ()):
        option = wrapped.get("PLpgSQL_raise_option", {})
        if int(option.get("opt_type", -1)) == _ERRCODE_OPTION:
            items = tokens(_query(option, "expr"))
            if len(items) == 1 and items[0].kind == "string":
                return items[0].text.strip("'")
    return "error"


def _is_error(node: Mapping[str, Any]) -> bool:
    return int(node.get("elog_level", _ERROR_LEVEL)) >= _ERROR_LEVEL


def _raises_error(actions: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a list of statements holds a RAISE that is an error, at any depth."""
    for action in actions:
        for kind, node in action.items():
            if kind == "PLpgSQL_stmt_raise" and _is_error(node):
                return True
            nested = (
                [v for v in node.values() if isinstance(v, list)]
                if isinstance(node, Mapping)
                else []
            )
            if any(_raises_error([i for i in n if isinstance(i, Mapping)]) for n in nested):
                return True
    return False


def _negated(condition: str) -> str:
    return f"NOT ({condition})" if condition else ""


def _condition(node: Mapping[str, Any], branch: Mapping[str, Any]) -> str:
    """What a branch of IF or CASE asks, with the subject of a simple CASE written out."""
    text = _query(branch, "cond", "expr")
    found = _CASE_TEST.match(text)
    return text if found is None else f"{_query(node, 't_expr')} IN ({found.group(1)})"


def _left_out(kind: str, node: Mapping[str, Any]) -> Iterator[str]:
    """Conditions under which the statements after an IF are reached: no branch has returned."""
    if kind != "PLpgSQL_stmt_if":
        return
    if _returns(node.get("then_body", ())):
        yield _negated(_query(node, "cond"))
    for wrapped in node.get("elsif_list", ()):
        branch = wrapped.get("PLpgSQL_if_elsif", {})
        if _returns(branch.get("stmts", ())):
            yield _negated(_query(branch, "cond"))
    if _returns(node.get("else_body", ())):
        yield ""


def _returns(statements: Sequence[Mapping[str, Any]]) -> bool:
    return bool(statements) and "PLpgSQL_stmt_return" in statements[-1]


def _kept_quiet(conditions: tuple[str, ...], handler: Mapping[str, Any]) -> tuple[str, ...]:
    """Of a handler's conditions those that end there: it does not raise them again.

    A handler that raises only under a condition keeps quiet about the SQLSTATEs it compares.
    """
    actions = handler.get("action", ())
    if any(_is_error(node) for a in actions for k, node in a.items() if k == "PLpgSQL_stmt_raise"):
        return ()
    if not _raises_error(actions):
        return conditions
    compared = _STATE.findall(str(actions))
    return (*(c for c in conditions if c != "others"), *dict.fromkeys(compared))


def _tells(handler: Mapping[str, Any]) -> bool:
    """Whether a handler leaves word of the error: a message, or a row made of it."""
    return bool(_TELLING.search(str(handler.get("action", ()))))


class _HandlerLines:
    """Lines of WHEN … THEN in EXCEPTION sections, which the parser's tree lacks."""

    def __init__(self, body: str) -> None:
        self._body = body
        self._items = tokens(body)
        self._at = 0

    def next(self, conditions: tuple[str, ...]) -> int | None:
        """Line of the next handler for exactly these conditions, in source order."""
        for index in range(self._at, len(self._items)):
            if self._items[index].word == "when" and self._conditions(index + 1) == conditions:
                self._at = index + 1
                return self._body.count("\n", 0, self._items[index].start) + 1
        return None

    def _conditions(self, at: int) -> tuple[str, ...]:
        names: list[str] = []
        while at < len(self._items) and self._items[at].word != "then":
            token: Token = self._items[at]
            if token.kind == "string":
                names.append(token.text.strip("'").lower())
            elif token.kind not in ("word", "quoted"):
                return ()
            elif token.word not in ("or", "sqlstate"):
                names.append(token.name)
            at += 1
        return tuple(names)


class _Walker:
    def __init__(self, body: str) -> None:
        self.found: list[RoutineStatement] = []
        self.swallows: list[tuple[tuple[str, ...], int]] = []
        self._handler_lines = _HandlerLines(body)

    def add(
        self, node: Mapping[str, Any], kind: str, text: str, at: _Context, raises: str = ""
    ) -> None:
        if not text and kind != "raise":
            return
        line = int(node.get("lineno", 0))
        self.found.append(
            RoutineStatement(
                line,
                kind,
                text,
                at.guards,
                at.handler,
                at.conditional,
                raises,
                at.variables,
                at.conditions,
                at.told,
            )
        )

    def evaluated(self, node: Mapping[str, Any], at: _Context, *names: str) -> None:
        for name in names:
            text = _CASE_TEST.sub(r"\1", _query(node, name))
            if "(" in text:
                self.add(node, "assign", text, at)

    def walk(self, nodes: Sequence[Mapping[str, Any]], at: _Context) -> None:
        for wrapped in nodes:
            for kind, node in wrapped.items():
                self.statement(kind.removeprefix("PLpgSQL_stmt_"), node, at)
                at = at.under(*_left_out(kind, node))

    def statement(self, kind: str, node: Mapping[str, Any], at: _Context) -> None:
        if kind == "block":
            self.block(node, at)
            return
        if kind == "execsql":
            self.add(node, "sql", _query(node, "sqlstmt"), at)
        elif kind in ("dynexecute", "dynfors", "return_query") or kind in ("fors", "open"):
            self.query(kind, node, at)
        elif kind in ("perform", "call"):
            self.add(node, kind, _query(node, "expr"), at)
        elif kind == "assign":
            self.add(node, "assign", _query(node, "expr"), at)
        elif kind == "raise":
            self.add(node, "raise", str(node.get("message", "")), at, _raised(node))
        elif kind in ("return", "return_next"):
            self.evaluated(node, at, "expr")
        self.evaluated(node, at, *_EXPRESSIONS)
        self.nested(node, at)

    def query(self, kind: str, node: Mapping[str, Any], at: _Context) -> None:
        if kind in ("fors", "open", "return_query") and "dynquery" not in node:
            self.add(node, "sql", _query(node, "query"), at)
            return
        text = _query(node, "dynquery") or _query(node, "query")
        constant = constant_statement(text)
        if constant is None:
            self.add(node, "dynamic", text, at)
            return
        given = {
            f"${number}": _query({"param": expression}, "param")
            for number, expression in enumerate(node.get("params", ()), start=1)
        }
        self.add(node, "sql", substituted(constant, given), at)

    def nested(self, node: Mapping[str, Any], at: _Context) -> None:
        passed: list[str] = []
        if isinstance(node.get("then_body"), list):
            condition = _query(node, "cond")
            self.walk(node["then_body"], at.under(condition))
        if "cond" in node:
            passed.append(_negated(_query(node, "cond")))
        if isinstance(node.get("body"), list):
            self.walk(node["body"], at.under(""))
        for kind, field in (("if_elsif", "elsif_list"), ("case_when", "case_when_list")):
            for wrapped in node.get(field, ()):
                branch = wrapped.get(f"PLpgSQL_{kind}", {})
                self.evaluated(branch, at, "cond", "expr")
                condition = _condition(node, branch)
                self.walk(branch.get("stmts", ()), at.under(*passed, condition))
                passed.append(_negated(condition))
        for name in ("else_body", "else_stmts"):
            if isinstance(node.get(name), list):
                self.walk(node[name], at.under(*(passed or [""])))

    def block(self, node: Mapping[str, Any], at: _Context) -> None:
        wrapped = node.get("exceptions", {}).get("PLpgSQL_exception_block", {}).get("exc_list", ())
        handlers = [w["PLpgSQL_exception"] for w in wrapped]
        names = [
            tuple(str(c["PLpgSQL_condition"].get("condname", "")).lower() for c in h["conditions"])
            for h in handlers
        ]
        caught = dict.fromkeys(
            name for one, h in zip(names, handlers, strict=True) for name in _kept_quiet(one, h)
        )
        catching = [h for one, h in zip(names, handlers, strict=True) if "others" in one]
        told = all(map(_tells, catching)) if "others" in caught else at.told
        self.walk(node.get("body", ()), replace(at, guards=(*caught, *at.guards), told=told))
        for conditions, handler in zip(names, handlers, strict=True):
            actions = handler.get("action", ())
            line = self._handler_lines.next(conditions) or int(node.get("lineno", 0))
            if not _raises_error(actions):
                self.swallows.append((conditions, line))
            self.walk(actions, replace(at, handler=conditions))


def _variables(function: Mapping[str, Any]) -> frozenset[str]:
    names = set()
    for datum in function.get("datums", ()):
        for node in datum.values():
            if isinstance(node, Mapping) and "refname" in node:
                names.add(str(node["refname"]).lower())
    return frozenset(names - {"found", "sqlstate", "sqlerrm"})


def _defaults(walker: _Walker, function: Mapping[str, Any], at: _Context) -> None:
    """Defaults of declared variables: they are evaluated when the block is entered."""
    for datum in function.get("datums", ()):
        for node in datum.values():
            if isinstance(node, Mapping):
                walker.evaluated(node, at, "default_val")


def _lines(body: str) -> Iterator[tuple[int, str]]:
    for start, end in spans(body):
        yield body.count("\n", 0, start) + 1, body[start:end]


def _sql_body(body: str, variables: frozenset[str]) -> RoutineBody:
    """A body of LANGUAGE sql: a list of statements, or BEGIN ATOMIC … END, or RETURN expr."""
    items, shift = tokens(body), 0
    if [t.word for t in items[:2]] == ["begin", "atomic"] and items[-1].word == "end":
        shift = body.count("\n", 0, items[1].end)
        body = body[items[1].end : items[-1].start]
    found = []
    for line, text in _lines(body):
        first = tokens(text)[0]
        kind = "sql"
        if first.word == "return":
            kind, text = "assign", text[first.end :].strip()
        found.append(RoutineStatement(line + shift, kind, text, variables=variables))
    return RoutineBody(tuple(found))


def parse_routine(body: str, *, language: str, arguments: Sequence[str] = ()) -> RoutineBody:
    """The statements of a function body; `error` says why it could not be read. Never raises."""
    names = frozenset(name.lower() for name in arguments)
    if language == "sql":
        return _sql_body(body, names)
    if language != "plpgsql":
        return RoutineBody(error=f"language {language} is not read")
    try:
        function = read_body(body, arguments)
    except UnreadableSql as error:
        return RoutineBody(error=str(error))
    action = function.get("action", {}).get("PLpgSQL_stmt_block")
    if action is None:
        return RoutineBody(error="the body holds no block")
    walker = _Walker(body)
    at = _Context(variables=_variables(function) | names)
    _defaults(walker, function, at)
    walker.block(action, at)
    statements = sorted(walker.found, key=lambda s: s.line)
    return RoutineBody(tuple(statements), None, tuple(walker.swallows), read_variables(function))
