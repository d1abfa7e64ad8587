"""supabase-flutter: which requests a Dart file sends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from fixit_tui.code.dart.values import (
    Step,
    definitions,
    function_name,
    function_of,
    line_end,
    named_children,
    outer_steps,
    receiver,
    resolve,
    rows_of,
    step_of,
    string,
    unwrap,
)
from fixit_tui.code.facts import CodeCall, CodeUnknown, Filter
from fixit_tui.code.module import Module, contains, span, words

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

LIBRARY = "supabase-flutter"
VERBS = frozenset({"select", "insert", "upsert", "update", "delete"})
_COMPARISONS = words("eq neq gt gte lt lte like ilike inFilter in_ contains isFilter is_")
_OPS = {"inFilter": "in", "in_": "in", "isFilter": "is", "is_": "is"}
_CODE = re.compile(r"""["'](\d[0-9A-Z]{4})["']""")
_LEAVES = re.compile(r"\b(?:return|throw|rethrow|continue|break)\b")
_REFUSES = re.compile(r"\bthrow\b|error|already|exists|taken|duplicate|conflict", re.IGNORECASE)
_LOOPS = frozenset({"for_statement", "while_statement", "do_statement"})
_CLIENT = re.compile(r"supabase|postgrest|client$|^_?db$", re.IGNORECASE)


def read_dart(module: Module) -> tuple[list[CodeCall], list[CodeUnknown], int]:
    """Calls numbered from 0 in source order, unknowns, and no transactions: REST has none."""
    found: list[tuple[Node, Step, dict[str, Any], list[str]]] = []
    for call in module.root.find_all(kind="call_expression"):
        step = step_of(call)
        if step is not None and step.name in ("from", "rpc") and step.given:
            read = _request(module, call, step)
            if read is not None:
                found.append(read)
    found.sort(key=lambda item: span(item[0]))
    calls: list[CodeCall] = []
    unknowns: list[CodeUnknown] = []
    broken = module.root.find(kind="ERROR")
    if broken is not None:
        line = module.line(span(broken)[0])
        unknowns.append(CodeUnknown(module.path, line, "syntax", "calls may be missed"))
    for number, (outer, _, fields, reasons) in enumerate(found):
        start, end = span(outer)
        if fields["verb"] in ("insert", "upsert", "update"):
            earlier = [(at, item[0]) for at, item in enumerate(found[:number]) if _reads(item[2])]
            fields |= _guard(outer, earlier)
        line = module.line(start)
        calls.append(
            CodeCall(
                id=number,
                path=module.path,
                line=line,
                end_line=line_end(module, outer),
                start_byte=module.byte(start),
                end_byte=module.byte(end),
                **fields,
            )
        )
        unknowns += [CodeUnknown(module.path, line, "row or name", r) for r in reasons]
    return calls, unknowns, 0


def _reads(fields: dict[str, Any]) -> bool:
    return fields["verb"] in ("select", "rpc")


def _request(
    module: Module, call: Node, first: Step
) -> tuple[Node, Step, dict[str, Any], list[str]] | None:
    later = list(outer_steps(call))
    verb = "rpc" if first.name == "rpc" else next((s.name for s in later if s.name in VERBS), "")
    name = string(module, first.given[0])
    client = " ".join(receiver(call).text().split())
    if not verb or (name is None and not _CLIENT.search(client)):
        return None
    reasons = [] if name is not None else [f"computed: {first.given[0].text()[:60]}"]
    outer = later[-1].call if later else call
    fields: dict[str, Any] = {
        "library": LIBRARY,
        "client": client,
        "verb": verb,
        "schema": _schema(module, call),
        "relation": None if verb == "rpc" else name,
        "routine": name if verb == "rpc" else None,
        "throws": True,
        "filters": tuple(_filters(module, later)),
        **_surroundings(module, outer),
    }
    names = {s.name for s in later}
    fields["cardinality"] = (
        "maybe_single" if "maybeSingle" in names else "single" if "single" in names else "many"
    )
    shown = next((s for s in later if s.name == "select"), None)
    if shown is not None:
        text = string(module, shown.given[0]) if shown.given else "*"
        fields["selects"] = text if text is not None else shown.given[0].text()
    step = next((s for s in later if s.name in ("insert", "upsert", "update")), None)
    if step is not None and step.name == verb:
        reasons += _write(module, step, fields)
    return outer, first, fields, reasons


def _schema(module: Module, call: Node) -> str | None:
    step = step_of(unwrap(receiver(call)))
    if step is None or step.name != "schema" or not step.given:
        return None
    return string(module, step.given[0])


def _write(module: Module, step: Step, fields: dict[str, Any]) -> list[str]:
    if not step.given:
        return ["nothing is given to write"]
    rows = rows_of(module, step.given[0])
    fields |= {"rows": rows.rows, "row_list": rows.row_list}
    reasons = [] if rows.values is not None else [rows.reason]
    if rows.values is not None:
        fields |= {"columns": tuple(rows.values), "column_values": rows.values}
    target = step.named.get("onConflict")
    if target is not None and resolve(module, target).kind() != "null_literal":
        text = string(module, target)
        if text is None:
            fields["options_known"] = False
            reasons.append(f"onConflict is computed: {target.text()[:60]}")
        else:
            parts = (c.strip().strip('"') for c in text.split(","))
            fields["on_conflict"] = tuple(c for c in parts if c) or None
    for option, column in (
        ("ignoreDuplicates", "ignore_duplicates"),
        ("defaultToNull", "default_to_null"),
    ):
        told = step.named.get(option)
        if told is not None:
            word = resolve(module, told).text()
            if word in ("true", "false"):
                fields[column] = word == "true"
            else:
                fields["options_known"] = False
    return reasons


def _filters(module: Module, later: Sequence[Step]) -> Iterator[Filter]:
    for step in later:
        if step.name in _COMPARISONS and len(step.given) >= 2:
            op = _OPS.get(step.name, step.name)
            yield Filter(string(module, step.given[0]), op, step.given[1].text())
        elif step.name == "match" and step.given:
            row = rows_of(module, step.given[0]).values
            yield from (Filter(c, "eq", v) for c, v in (row or {}).items())


def _surroundings(module: Module, outer: Node) -> dict[str, Any]:
    function = function_of(outer)
    start, end = span(function or module.root)
    tries = [p for p in outer.ancestors() if p.kind() == "try_statement"]
    tries = [t for t in tries if function is None or contains(function, t)]
    tried = [t for t in tries if contains(_body(t), outer)]
    states: set[str] = set()
    for attempt in tried:
        states |= set(_CODE.findall(attempt.text()[len(_body(attempt).text()) :]))
    kinds = [p.kind() for p in outer.ancestors()]
    return {
        "function": "" if function is None else function_name(function),
        "function_start": module.line(start),
        "function_end": module.line(max(start, end - 1)),
        "in_try": bool(tried),
        "in_catch": len(tries) > len(tried),
        "handles_sqlstate": tuple(sorted(states)),
        "in_loop": any(kind in _LOOPS for kind in kinds),
        "in_effect": function is not None and function_name(function) == "initState",
        "awaited": "await_expression" in kinds or any(s.name == "then" for s in outer_steps(outer)),
    }


def _body(attempt: Node) -> Node:
    return named_children(attempt)[0]


def _guard(outer: Node, reads: Sequence[tuple[int, Node]]) -> dict[str, Any]:
    """The read of the same function whose result decides whether the call runs."""
    function = function_of(outer)
    for condition, other in _conditions(outer):
        for at, read in reversed(reads):
            if function is None or function_of(read) != function:
                continue
            names = _results(function, read)
            if contains(condition, read) or any(
                re.search(rf"\b{re.escape(name)}\b", condition.text()) for name in names
            ):
                return {"condition_on": at, "refuses_found": bool(_REFUSES.search(other))}
    return {}


def _conditions(node: Node) -> Iterator[tuple[Node, str]]:
    """Conditions that decide whether the node runs, and what runs instead of it."""
    child = node
    for parent in node.ancestors():
        if parent.kind() == "if_statement":
            condition, *branches = named_children(parent)
            if condition != child:
                yield condition, " ".join(b.text() for b in branches if b != child)
        if parent.kind() == "block":
            for earlier in reversed(named_children(parent)):
                if span(earlier)[1] > span(child)[0] or earlier.kind() != "if_statement":
                    continue
                condition, *branches = named_children(earlier)
                if len(branches) == 1 and _LEAVES.search(branches[0].text()):
                    yield condition, branches[0].text()
        if parent.kind() == "function_body":
            return
        child = parent


def _results(function: Node, read: Node) -> set[str]:
    """Variables that hold what a read found."""
    names: set[str] = set()
    for kind in ("initialized_variable_definition", "assignment_expression"):
        for item in function.find_all(kind=kind):
            parts = named_children(item)
            if len(parts) >= 2 and contains(parts[-1], read):
                names.add(parts[-2].text())
    return names | {
        item.text()
        for kind in ("initialized_variable_definition",)
        for definition in function.find_all(kind=kind)
        for item in named_children(definition)[:-1]
        if item.kind() == "identifier"
        and any(
            re.search(rf"\b{re.escape(name)}\b", value.text())
            for name in names
            for value in definitions(function, item.text())
        )
    }
