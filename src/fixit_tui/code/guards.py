"""Which earlier read decides whether a write runs, and which SQLSTATEs are handled near it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixit_tui.code.context import place_of, result_names
from fixit_tui.code.draft import Draft
from fixit_tui.code.module import FUNCTIONS, Module, callee, method_name, operands, span
from fixit_tui.code.values import Ref, Values

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_SQLSTATE = re.compile(r"[0-9A-Z]{5}")
_CODE = re.compile(r"code|sqlstate", re.IGNORECASE)
_CODES = {"P2002": "23505", "P2003": "23503"}  # Prisma's own
_CLASSES = {
    "UniqueConstraintError": "23505",
    "UniqueViolationError": "23505",
    "SequelizeUniqueConstraintError": "23505",
    "ForeignKeyConstraintError": "23503",
    "ForeignKeyViolationError": "23503",
    "SequelizeForeignKeyConstraintError": "23503",
}
_COLUMN = r"([A-Za-z_$][\w$]*)\s*[!?]?\.\s*([A-Za-z_]\w*)"
_EMPTY = re.compile(rf"!\s*{_COLUMN}\b(?!\s*[.(\[?])|{_COLUMN}\s*={{2,3}}\s*(?:null|undefined)\b")
_EXITS = frozenset({"return_statement", "throw_statement", "continue_statement", "break_statement"})
_SELECTS = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)
_WRITES = re.compile(r"\b(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM|MERGE\s+INTO)\b", re.IGNORECASE)
_REFUSES = re.compile(
    r"\b(?:throw|reject|4\d\d)\b|error|conflict|taken|already|\bexists\b|duplicate|invalid|\balert\("
    r"|bad_?request|unavailable|not[ _]available|\bin use\b|\bfail(?:ed|ure)?\b|\berr\(",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Read:
    id: int
    start: int
    data: frozenset[str]
    error: frozenset[str]


def connect_guards(module: Module, drafts: Sequence[Draft]) -> None:
    """Set `condition_on` (a position in `drafts`) of every write that a read's result decides.

    `refuses_found` goes with it: whether the way without the write throws or answers an error.
    """
    scopes: dict[int, list[_Read]] = {}
    for number, draft in enumerate(drafts):
        place = place_of(draft.site.node)
        key = -1 if place.node is None else span(place.node)[0]
        scope = place.node or module.root
        if _is_read(draft):
            data, error, whole = result_names(draft.chain)
            names = _derived(scope, data | whole, draft.end)
            scopes.setdefault(key, []).append(_Read(number, draft.start, names, error))
        elif _is_write(draft) and scopes.get(key):
            found = _guard(draft.site.node, scopes[key], place.node)
            if found is not None:
                draft.fields["condition_on"], draft.fields["refuses_found"] = found[:2]
                draft.fields["condition_columns"] = found[2]


def _is_read(draft: Draft) -> bool:
    if draft.fields["verb"] == "sql":
        statement = draft.fields.get("statement") or ""
        return bool(_SELECTS.match(statement)) and not _WRITES.search(statement)
    return draft.fields["verb"] in ("select", "rpc")


def _is_write(draft: Draft) -> bool:
    if draft.fields["verb"] == "sql":
        return bool(_WRITES.search(draft.fields.get("statement") or ""))
    return draft.writes


def _derived(scope: Node, names: frozenset[str], after: int) -> frozenset[str]:
    """The names and the variables that are computed from them: `const found = rows[0]`."""
    known = set(names)
    if not known:
        return names
    for declarator in scope.find_all(kind="variable_declarator"):
        name, value = declarator.field("name"), declarator.field("value")
        if name is None or value is None or span(declarator)[0] < after:
            continue
        kind = value.kind()
        if kind in FUNCTIONS or kind == "await_expression":
            continue
        if kind == "call_expression" and not _reads_property(value, known):
            continue
        if known & _identifiers(value):
            known |= {name.text()} if name.kind() == "identifier" else _identifiers(name)
    return frozenset(known)


def _reads_property(call: Node, names: set[str]) -> bool:
    """`rows.find(…)`, `Boolean(existing)`: still about the read's result."""
    function = callee(call)
    target = None if function is None else function.field("object")
    if target is not None:
        return bool(names & _identifiers(target))
    return function is not None and function.text() in ("Boolean", "Number", "String")


def _identifiers(node: Node) -> set[str]:
    kinds = ("identifier", "shorthand_property_identifier_pattern")
    found = {node.text()} if node.kind() in kinds else set()
    for kind in kinds:
        found |= {n.text() for n in node.find_all(kind=kind)}
    return found


def _guard(
    node: Node, reads: Sequence[_Read], function: Node | None
) -> tuple[int, bool, tuple[str, ...]] | None:
    """The read that decides about `node`, whether the other way is a refusal, what may be empty."""
    for condition, early, other in _conditions(node, function):
        names = _identifiers(condition)
        text = condition.text()
        for read in reversed(reads):
            if read.start >= span(node)[0]:
                continue
            about_error = names & read.error
            if names & read.data or (
                about_error and (not early or any(f"!{name}" in text for name in about_error))
            ):
                refuses = other is not None and bool(_REFUSES.search(other.text()))
                return read.id, refuses, () if early else _empty(text, read.data)
    return None


def _empty(condition: str, names: frozenset[str]) -> tuple[str, ...]:
    """Columns of the row by these names that a condition wants empty: `!row || !row.email`."""
    found = _EMPTY.findall(condition)
    return tuple(dict.fromkeys(a or b for n, a, m, b in found if (n or m) in names))


def _conditions(node: Node, function: Node | None) -> Iterator[tuple[Node, bool, Node | None]]:
    """Conditions that decide whether `node` runs; the flag marks those of an early exit.

    Third comes what runs instead of it, None where nothing does.
    """
    child = node
    for parent in node.ancestors():
        kind = parent.kind()
        if kind in ("if_statement", "ternary_expression"):
            condition = parent.field("condition")
            if condition is not None and condition != child:
                then, otherwise = parent.field("consequence"), parent.field("alternative")
                yield condition, False, otherwise if then == child else then
        elif kind == "binary_expression":
            operator, left = parent.field("operator"), parent.field("left")
            logical = operator is not None and operator.text() in ("&&", "||", "??")
            if logical and left is not None and left != child:
                yield left, False, None
        elif kind in ("statement_block", "program", "switch_case"):
            for sibling in child.prev_all():
                if sibling.kind() == "if_statement" and _leaves(sibling):
                    condition = sibling.field("condition")
                    if condition is not None:
                        yield condition, True, sibling.field("consequence")
        if function is not None and parent == function:
            return
        child = parent


def _leaves(statement: Node) -> bool:
    """Whether the first branch of an `if` always leaves the block."""
    branch = statement.field("consequence")
    if branch is None:
        return False
    if branch.kind() == "statement_block":
        inner = operands(branch)
        return bool(inner) and inner[-1].kind() in _EXITS
    return branch.kind() in _EXITS


def connect_sqlstates(values: Values, module: Module, drafts: Sequence[Draft]) -> None:
    """Set `handles_sqlstate`: codes that the function compares with this call's error."""
    cached: dict[int, list[tuple[str, str]]] = {}
    owners: dict[int, set[str]] = {}
    keyed: list[tuple[int, Draft, frozenset[str]]] = []
    for draft in drafts:
        place = place_of(draft.site.node)
        scope = place.node or module.root
        key = -1 if place.node is None else span(scope)[0]
        if key not in cached:
            cached[key] = list(_comparisons(values, module, scope))
        _, error, whole = result_names(draft.chain)
        mine = error | whole
        owners.setdefault(key, set()).update(mine)
        keyed.append((key, draft, mine))
    for key, draft, mine in keyed:
        others = owners[key] - mine
        found = [_CODES.get(code, code) for code, root in cached[key] if root not in others]
        draft.fields["handles_sqlstate"] = tuple(dict.fromkeys(found))


def _comparisons(values: Values, module: Module, scope: Node) -> Iterator[tuple[str, str]]:
    """(SQLSTATE, first identifier of what it is compared with) within a function."""
    for node in scope.find_all(kind="binary_expression"):
        operator = node.field("operator")
        if operator is None or operator.text() not in ("==", "===", "!=", "!=="):
            continue
        sides = [node.field("left"), node.field("right")]
        for one, other in (sides, sides[::-1]):
            if one is None or other is None or not _CODE.search(other.text()):
                continue
            code = _state(values, Ref(module, one))
            if code:
                yield code, _first_name(other)
    for switch in scope.find_all(kind="switch_statement"):
        subject = switch.field("value")
        if subject is None or not _CODE.search(subject.text()):
            continue
        for case in switch.find_all(kind="switch_case"):
            label = case.field("value")
            code = "" if label is None else _state(values, Ref(module, label))
            if code:
                yield code, _first_name(subject)
    yield from _memberships(values, module, scope)
    yield from _classes(scope)


def _classes(scope: Node) -> Iterator[tuple[str, str]]:
    """`error instanceof UniqueConstraintError`, or its name compared."""
    for node in scope.find_all(kind="binary_expression"):
        operator, left, right = node.field("operator"), node.field("left"), node.field("right")
        if operator is None or left is None or right is None:
            continue
        if operator.text() in ("instanceof", "==", "===", "!=", "!=="):
            code = _CLASSES.get(right.text().rpartition(".")[2].strip("'\"`"))
            if code is not None:
                yield code, _first_name(left)


def _memberships(values: Values, module: Module, scope: Node) -> Iterator[tuple[str, str]]:
    """`['23505', '23503'].includes(error.code)`."""
    for call in scope.find_all(kind="call_expression"):
        if method_name(call) != "includes" or not _CODE.search(call.text()):
            continue
        function = callee(call)
        target = None if function is None else function.field("object")
        listed = None if target is None else values.strings(Ref(module, target))
        for code in listed or ():
            if _SQLSTATE.fullmatch(code) and any(c.isdigit() for c in code):
                holder = call.field("arguments")
                yield code, "" if holder is None else _first_name(holder)


def _state(values: Values, ref: Ref) -> str:
    text = values.string(ref)
    if text is None or not _SQLSTATE.fullmatch(text) or not any(c.isdigit() for c in text):
        return ""
    return text


def _first_name(node: Node) -> str:
    if node.kind() == "identifier":
        return node.text()
    found = node.find(kind="identifier")
    return "" if found is None else found.text()
