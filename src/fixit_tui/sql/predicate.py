"""Does the WHERE of a conflict target imply a partial index's predicate? A conservative answer.

Follows what the server's predicate prover can show for constants; it never says YES where the
server would refuse. Connected, EXPLAIN has the final word.
Source: PostgreSQL manual, Partial Indexes; reference on arbiter inference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any


class Implication(StrEnum):
    """PARAMETER: it depends on a value that the planner may not see."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    PARAMETER = "parameter"


Form = tuple[Any, ...]
_TEXT_TYPES = frozenset({"text", "varchar", "bpchar"})
_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
_STRICT = frozenset(_FLIPPED)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the grammar's tree into a small canonical form."""

    def form(self, node: Any) -> Form:
        kind = node.WhichOneof("node")
        build = getattr(self, f"_{kind}", None)
        if build is None:
            return ("other", str(node))
        result: Form = build(getattr(node, kind))
        return result

    def _column_ref(self, node: Any) -> Form:
        return ("column", node.fields[-1].string.sval)

    def _param_ref(self, node: Any) -> Form:
        return ("param", node.number)

    def _a_const(self, node: Any) -> Form:
        kind = node.WhichOneof("val")
        if kind == "boolval":
            return ("constant", "true" if node.boolval.boolval else "false")
        if kind == "ival":
            return ("constant", str(node.ival.ival))
        if kind == "fval":
            return ("constant", node.fval.fval)
        if kind == "sval":
            return ("constant", node.sval.sval)
        return ("null",)

    def _type_cast(self, node: Any) -> Form:
        inner = self.form(node.arg)
        name = node.type_name.names[-1].string.sval
        if inner[0] == "constant":
            if name == "bool" and inner[1] in ("t", "f"):
                return ("constant", "true" if inner[1] == "t" else "false")
            return inner
        if inner[0] == "column" and name in _TEXT_TYPES:
            return inner
        if inner[0] == "array" and node.type_name.array_bounds:
            return inner
        return ("cast", inner, name)

    def _a_array_expr(self, node: Any) -> Form:
        return ("array", tuple(self.form(e) for e in node.elements))

    def _bool_expr(self, node: Any) -> Form:
        parts = tuple(self.form(a) for a in node.args)
        if node.boolop == 3:
            return _negated(parts[0])
        return _joined("and" if node.boolop == 1 else "or", tuple(_boolean(p) for p in parts))

    def _null_test(self, node: Any) -> Form:
        return ("is null" if node.nulltesttype == 1 else "is not null", self.form(node.arg))

    def _a_expr(self, node: Any) -> Form:
        name = node.name[-1].string.sval
        name = "<>" if name == "!=" else name
        left = self.form(node.lexpr)
        if node.kind == 7:  # IN
            items = tuple(self.form(i) for i in node.rexpr.list.items)
            return _any(left, items) if name == "=" else ("other", str(node))
        right = self.form(node.rexpr)
        if node.kind == 2 and right[0] == "array" and name == "=":  # = ANY (ARRAY[…])
            return _any(left, right[1])
        if node.kind != 1:
            return ("other", str(node))
        if left[0] == "constant" and name in _FLIPPED:
            left, right, name = right, left, _FLIPPED[name]
        if right[0] == "constant" and right[1] in ("true", "false") and name in ("=", "<>"):
            return ("truth", left, (right[1] == "true") == (name == "="))
        return ("compare", name, left, right)


def _any(left: Form, items: tuple[Form, ...]) -> Form:
    return _joined("or", tuple(("compare", "=", left, i) for i in items))


def _boolean(form: Form) -> Form:
    return ("truth", form, True) if form[0] == "column" else form


def _joined(kind: str, parts: tuple[Form, ...]) -> Form:
    flat: list[Form] = []
    for part in parts:
        flat.extend(part[1] if part[0] == kind else (part,))
    return flat[0] if len(flat) == 1 else (kind, tuple(flat))


def _negated(form: Form) -> Form:
    form = _boolean(form)
    if form[0] == "truth":
        return ("truth", form[1], not form[2])
    if form[0] == "is null":
        return ("is not null", form[1])
    if form[0] == "is not null":
        return ("is null", form[1])
    return ("not", form)


def _number(form: Form) -> Decimal | None:
    if form[0] != "constant":
        return None
    try:
        return Decimal(form[1])
    except InvalidOperation:
        return None


_TESTS = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
}


def _comparison_implies(given: Form, wanted: Form) -> bool:
    """column op constant implies column op constant, for numbers."""
    if given[2] != wanted[2]:
        return False
    a, b = _number(given[3]), _number(wanted[3])
    if a is None or b is None:
        return False
    have, want = given[1], wanted[1]
    if have == "=":
        return bool(want in _TESTS and _TESTS[want](a, b))
    pairs = {
        ("<", "<"): a <= b, ("<", "<="): a <= b, ("<=", "<="): a <= b, ("<=", "<"): a < b,
        (">", ">"): a >= b, (">", ">="): a >= b, (">=", ">="): a >= b, (">=", ">"): a > b,
        ("<", "<>"): a <= b, ("<=", "<>"): a < b, (">", "<>"): a >= b, (">=", "<>"): a > b,
    }  # fmt: skip
    return pairs.get((have, want), False)


def _atom_implies(given: Form, wanted: Form) -> bool:
    if given == wanted:
        return True
    if given[0] == "compare" and wanted[0] == "compare":
        return _comparison_implies(given, wanted)
    if wanted[0] == "is not null":
        if given[0] == "compare":
            return given[1] in _STRICT and wanted[1] in (given[2], given[3])
        if given[0] == "truth":
            return bool(given[1] == wanted[1])
    return False


def _implies(given: Form, wanted: Form) -> bool:
    if wanted[0] == "and":
        return all(_implies(given, part) for part in wanted[1])
    if given[0] == "or":
        return all(_implies(part, wanted) for part in given[1])
    if given[0] == "and" and any(_implies(part, wanted) for part in given[1]):
        return True
    if wanted[0] == "or":
        return any(_implies(given, part) for part in wanted[1])
    return given[0] not in ("and", "or") and _atom_implies(given, wanted)


def _columns(form: Form) -> frozenset[str]:
    if form[0] == "column":
        return frozenset({form[1]})
    return frozenset().union(*(_columns(part) for part in _parts(form)))


def _parts(form: Form) -> Iterator[Form]:
    for inner in form[1:]:
        if isinstance(inner, tuple) and inner:
            if isinstance(inner[0], str):
                yield inner
            else:
                yield from inner


def _conjuncts(form: Form) -> tuple[Form, ...]:
    return tuple(form[1]) if form[0] == "and" else (form,)


def _unmentioned(atom: Form, columns: frozenset[str]) -> bool:
    """A simple condition on columns of which the other side says nothing."""
    needed = _columns(atom)
    return (
        atom[0] in ("truth", "compare", "is null", "is not null")
        and bool(needed)
        and not needed & columns
    )


def _holds(form: Form, kind: str) -> bool:
    return form[0] == kind or any(_holds(part, kind) for part in _parts(form))


def _read(text: str) -> Form | None:
    import postgast

    from fixit_tui.sql.placeholders import normalise

    try:
        tree = postgast.parse(f"SELECT 1 WHERE {normalise(text).text}")
    except (postgast.PgQueryError, ValueError):
        return None
    if len(tree.stmts) != 1:
        return None
    return _boolean(_Reader().form(tree.stmts[0].stmt.select_stmt.where_clause))


def implies(
    statement_predicate: str, index_predicate: str, types: Mapping[str, str] | None = None
) -> Implication:
    """Whether the statement's predicate implies the index's, as far as text can show.

    `types` (column → type) is taken for the caller's convenience; constants are compared as numbers
    or as equal texts, never across types.
    """
    given, wanted = _read(statement_predicate), _read(index_predicate)
    if given is None or wanted is None:
        return Implication.UNKNOWN
    if _implies(given, wanted):
        return Implication.YES
    if _holds(given, "param"):
        return Implication.PARAMETER
    if any(_unmentioned(part, _columns(given)) for part in _conjuncts(wanted)):
        return Implication.NO
    if given[0] == wanted[0] == "truth" and given[1] == wanted[1]:
        return Implication.NO
    return Implication.UNKNOWN
