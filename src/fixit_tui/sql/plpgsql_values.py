"""What the variables of a function body stand for, where one assignment alone tells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fixit_tui.sql.lexer import Token, tokens

_DEEPEST = 6
# Fields of a statement that hold statements which may not run, or run more than once.
_BRANCHES = (
    "then_body", "else_body", "else_stmts", "elsif_list", "case_when_list", "stmts", "exc_list",
    "action",
)  # fmt: skip
_LOOPS = ("fori", "fors", "foreach_a", "dynfors", "loop", "while", "forc")


@dataclass(frozen=True, slots=True)
class Variables:
    """`values`: variable → the expression that it stands for. `queried`: variable → texts of the

    queries and expressions that gave it a value, all names lower-case.
    """

    values: Mapping[str, str]
    queried: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Given:
    text: str
    expression: bool
    sure: bool


def read_variables(function: Mapping[str, Any]) -> Variables:
    """Variables of PL/pgSQL's own parse tree (see plpgsql_tree)."""
    given: dict[str, list[_Given]] = defaultdict(list)
    declared = set()
    for datum in function.get("datums", ()):
        for node in datum.values():
            if isinstance(node, Mapping) and node.get("lineno") and "refname" in node:
                name = str(node["refname"]).lower()
                declared.add(name)
                if "default_val" in node:
                    text = str(node["default_val"]["PLpgSQL_expr"]["query"])
                    given[name].append(_Given(text, True, True))
    for name, one in _assignments(function.get("action", {}), True):
        given[name].append(one)
    values = {
        name: found[0].text
        for name, found in given.items()
        if name in declared
        and len(found) == 1
        and found[0].expression
        and found[0].sure
        and found[0].text
    }
    queried = {name: tuple(g.text.lower() for g in found) for name, found in given.items()}
    return Variables(values, queried)


def _assignments(node: Any, sure: bool) -> Iterator[tuple[str, _Given]]:
    if isinstance(node, list):
        for item in node:
            yield from _assignments(item, sure)
    if not isinstance(node, Mapping):
        return
    for key, inner in node.items():
        kind = key.removeprefix("PLpgSQL_stmt_")
        if kind != key and isinstance(inner, Mapping):
            yield from _of_statement(kind, inner, sure)
        certain = sure and key not in _BRANCHES and kind not in _LOOPS
        yield from _assignments(inner, certain)


def _of_statement(kind: str, node: Mapping[str, Any], sure: bool) -> Iterator[tuple[str, _Given]]:
    if kind == "assign":
        text = str(node.get("expr", {}).get("PLpgSQL_expr", {}).get("query", ""))
        name, value = _sides(text)
        if name:
            yield name, _Given(value, True, sure)
        return
    query = ""
    for field in ("sqlstmt", "query", "expr"):
        query = query or str(node.get(field, {}).get("PLpgSQL_expr", {}).get("query", ""))
    targets = list(_targets(node))
    plain = _plain_select(query) if len(targets) == 1 and kind == "execsql" else None
    for name in targets:
        yield name, _Given(plain or query, plain is not None, sure)


def _sides(text: str) -> tuple[str, str]:
    """'v := x' → ('v', 'x'); assignments to fields and elements give the variable, no value."""
    items = tokens(text)
    for index, token in enumerate(items):
        if token.text in ("=", ":=") or (token.text == ":" and items[index + 1].text == "="):
            end = token.end + (token.text == ":")
            value = text[end:].strip()
            return items[0].name, value if index == 1 else ""
    return "", ""


def _targets(node: Mapping[str, Any]) -> Iterator[str]:
    """Variables that INTO, FOR and GET DIAGNOSTICS set."""
    for field in ("target", "var", "row"):
        for holder in node.get(field, {}).values() if isinstance(node.get(field), Mapping) else ():
            if not isinstance(holder, Mapping):
                continue
            if "fields" in holder:
                yield from (str(f["name"]).lower() for f in holder["fields"])
            elif "refname" in holder:
                yield str(holder["refname"]).lower()


def _plain_select(query: str) -> str | None:
    """'SELECT x' without a source of rows → 'x'."""
    items = tokens(query)
    if not items or items[0].word != "select":
        return None
    if any(t.word in ("from", "where", "union", "limit", "having") for t in items):
        return None
    return query[items[0].end :].strip() or None


def substituted(text: str, values: Mapping[str, str]) -> str:
    """The expression with every variable that `values` knows replaced by what it stands for.

    Positional parameters are known by their text, such as '$1'.
    """
    for _ in range(_DEEPEST):
        found = _once(text, values)
        if found == text:
            break
        text = found
    return text


def _once(text: str, values: Mapping[str, str]) -> str:
    items = tokens(text)
    parts: list[str] = []
    done = 0
    for index, token in enumerate(items):
        known = token.kind == "param" or _is_variable(items, index)
        value = values.get(token.text if token.kind == "param" else token.name) if known else None
        if not value:
            continue
        alone = len(items) == 1
        parts += [text[done : token.start], value if alone else f"({value})"]
        done = token.end
    return "".join([*parts, text[done:]])


def _is_variable(items: Sequence[Token], index: int) -> bool:
    token = items[index]
    before = items[index - 1].text if index else ""
    after = items[index + 1].text if index + 1 < len(items) else ""
    return (
        token.kind in ("word", "quoted")
        and before not in (".", "::")
        and after not in (".", "(", "=>")
    )
