"""Conditions in a small canonical form, such that equal forms mean equal conditions.

Forms are tuples that begin with their kind: column, constant (value, type), null, param, array,
cast, truth, is null, is not null, compare, distinct, any, call, and, or, not, other. A part that
has no form of its own is kept as "other" with its text and all that it mentions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fixit_tui.sql.grammar import UnreadableSql, parse
from fixit_tui.sql.placeholders import normalise

Form = tuple[Any, ...]

TRUE: Form = ("constant", "true", "bool")
FALSE: Form = ("constant", "false", "bool")
FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}
_NEGATORS = {"=": "<>", "<": ">=", ">": "<=", "~~": "!~~", "~~*": "!~~*", "~": "!~", "~*": "!~*"}
NEGATED = _NEGATORS | {negated: op for op, negated in _NEGATORS.items()}
# The server looks into lists of up to this many elements. Source: predtest.c.
_LONGEST_LIST = 100
_INTEGERS = frozenset({"int2", "int4", "int8"})
_TEXTS = frozenset({"text", "varchar"})
_FAMILIES = {
    **dict.fromkeys(_INTEGERS, "int"),
    **dict.fromkeys(_TEXTS, "text"),
    "numeric": "numeric",
    "float8": "float",
    "bool": "bool",
}
_WIDER = {"int": ("int", "numeric", "float"), "numeric": ("numeric", "float"), "float": ("float",)}
_BOOLEANS = {**dict.fromkeys(("t", "true", "y", "yes", "on", "1"), TRUE),
             **dict.fromkeys(("f", "false", "n", "no", "off", "0"), FALSE)}  # fmt: skip
_LOCATION = re.compile(r"\b(?:name_|rexpr_list_\w+|list_\w+)?location: -?\d+\s*")
_PARTS_OF_SELECT = frozenset({"target_list", "where_clause", "limit_option", "op"})


def read(text: str, types: Mapping[str, str]) -> Form | None:
    """The form of a condition, or None if it is not one. `types` maps columns to their types."""
    try:
        tree = parse(f"SELECT 1 WHERE {normalise(text).text}")
    except UnreadableSql:
        return None
    if len(tree.stmts) != 1:
        return None
    select = tree.stmts[0].stmt.select_stmt
    # Text that ends the condition and begins another clause is no condition.
    if {field.name for field, _ in select.ListFields()} - _PARTS_OF_SELECT or select.op != 1:
        return None
    return boolean(_Reader(types).form(select.where_clause))


def parts(form: Form) -> Iterator[Form]:
    """The forms directly inside a form."""
    for inner in form[1:]:
        if isinstance(inner, tuple) and inner:
            if isinstance(inner[0], str):
                yield inner
            else:
                yield from inner


def holds(form: Form, kind: str) -> bool:
    """Whether a form of that kind stands anywhere in it."""
    return form[0] == kind or any(holds(part, kind) for part in parts(form))


def columns(form: Form) -> frozenset[str]:
    """Every column that it mentions."""
    if form[0] == "column":
        return frozenset({form[1]})
    return frozenset().union(*(columns(part) for part in parts(form)))


def boolean(form: Form) -> Form:
    """A form as a condition: a bare column means that it is true."""
    return ("truth", form, True) if form[0] in ("column", "call", "cast", "param") else form


def is_list(form: Form) -> bool:
    """Whether an AND or OR stands for a list (IN, NOT IN): one operand to the server's prover."""
    return form[0] in ("and", "or") and len(form) > 2


def joined(kind: str, forms: tuple[Form, ...]) -> Form:
    """AND or OR of conditions, flattened, without what changes nothing."""
    neutral, deciding = (TRUE, FALSE) if kind == "and" else (FALSE, TRUE)
    flat: list[Form] = []
    for form in forms:
        flat.extend(form[1] if form[0] == kind and not is_list(form) else (form,))
    flat = [form for form in flat if form != neutral]
    if deciding in flat:
        return deciding
    if not flat:
        return neutral
    return flat[0] if len(flat) == 1 else (kind, tuple(flat))


def negated(form: Form) -> Form:
    """NOT of a condition, pushed inwards as the server pushes it."""
    form = boolean(form)
    kind = form[0]
    if kind == "truth":
        return ("truth", form[1], not form[2])
    if kind in ("is null", "is not null"):
        return ("is not null" if kind == "is null" else "is null", form[1])
    if kind in ("and", "or"):
        opposite = "or" if kind == "and" else "and"
        inner = tuple(negated(part) for part in form[1])
        return (opposite, inner, True) if is_list(form) else joined(opposite, inner)
    if kind == "compare" and form[1] in NEGATED:
        return ("compare", NEGATED[form[1]], form[2], form[3])
    if form in (TRUE, FALSE):
        return FALSE if form == TRUE else TRUE
    return form[1] if kind == "not" else ("not", form)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Turns the grammar's tree into forms."""

    types: Mapping[str, str]

    def form(self, node: Any) -> Form:
        kind = node.WhichOneof("node")
        build = getattr(self, f"_{kind}", None)
        result: Form | None = build(getattr(node, kind)) if build is not None else None
        return self.other(node) if result is None else result

    def other(self, node: Any) -> Form:
        found = tuple(_mentioned(node))
        return ("other", _LOCATION.sub("", str(node)), found)

    def _column_ref(self, node: Any) -> Form | None:
        last = node.fields[-1]
        return ("column", last.string.sval) if last.HasField("string") else None

    def _param_ref(self, node: Any) -> Form:
        return ("param", node.number)

    def _a_const(self, node: Any) -> Form:
        kind = node.WhichOneof("val")
        if kind == "boolval":
            return TRUE if node.boolval.boolval else FALSE
        if kind == "ival":
            return ("constant", str(node.ival.ival), "int")
        if kind == "fval":
            whole = re.fullmatch(r"-?\d+", node.fval.fval)
            small = whole is not None and abs(int(node.fval.fval)) < 2**63
            return ("constant", node.fval.fval, "int" if small else "numeric")
        if kind == "sval":
            return ("constant", node.sval.sval, "")
        return ("null",) if node.isnull else ("other", _LOCATION.sub("", str(node)), ())

    def _type_cast(self, node: Any) -> Form:
        inner = self.form(node.arg)
        name = node.type_name.names[-1].string.sval
        if node.type_name.typmods:
            return ("cast", inner, _LOCATION.sub("", str(node.type_name)))
        if node.type_name.array_bounds:
            return _array_cast(inner, name)
        family = _FAMILIES.get(name, name)
        if inner[0] == "constant":
            value, given = inner[1], inner[2]
            if family == "bool":
                return _BOOLEANS.get(value.strip().lower(), ("cast", inner, name))
            if given in ("", family) or (family == "text" and given == "int"):
                return ("constant", value, family)
            if family in _WIDER.get(given, ()):
                return ("constant", value, family)
        # Of a column of type varchar the server prints its text form; that is the column itself.
        if inner[0] == "column" and name in _TEXTS:
            declared = self.types.get(inner[1], "")
            if declared == "text" and name == "text":
                return inner
            if declared.startswith("character varying"):
                return inner
        return ("cast", inner, name)

    def _a_array_expr(self, node: Any) -> Form:
        return ("array", tuple(self.form(element) for element in node.elements))

    def _bool_expr(self, node: Any) -> Form:
        forms = tuple(boolean(self.form(argument)) for argument in node.args)
        if node.boolop == 3:
            return negated(forms[0])
        return joined("and" if node.boolop == 1 else "or", forms)

    def _null_test(self, node: Any) -> Form:
        return ("is null" if node.nulltesttype == 1 else "is not null", self.form(node.arg))

    def _coalesce_expr(self, node: Any) -> Form:
        return ("call", "coalesce", tuple(self.form(argument) for argument in node.args))

    def _func_call(self, node: Any) -> Form | None:
        plain = {field.name for field, _ in node.ListFields()} <= {
            "funcname", "args", "funcformat", "location",
        }  # fmt: skip
        names = [part.string.sval for part in node.funcname]
        if not plain:
            return None
        name = ".".join(names[1:] if names[0] == "pg_catalog" else names)
        return ("call", name, tuple(self.form(argument) for argument in node.args))

    def _a_expr(self, node: Any) -> Form | None:
        import postgast

        kind = postgast.pg_query_pb2.A_Expr_Kind.Name(node.kind).removeprefix("AEXPR_")
        names = [part.string.sval for part in node.name]
        name = names[-1] if len(names) == 1 or names[0] == "pg_catalog" else ".".join(names)
        name = "<>" if name == "!=" else name
        if not node.HasField("lexpr"):
            return None
        left = self.form(node.lexpr)
        if kind in ("IN", "BETWEEN", "NOT_BETWEEN"):
            items = tuple(self.form(item) for item in node.rexpr.list.items)
            return _listed(kind, name, left, items)
        right = self.form(node.rexpr)
        if kind in ("OP_ANY", "OP_ALL") and right[0] == "array":
            if name == ("=" if kind == "OP_ANY" else "<>"):
                return _listed("IN", name, left, right[1])
            return None
        if kind in ("OP", "LIKE", "ILIKE"):
            return self.compared(name, left, right)
        return ("distinct", kind, left, right) if "DISTINCT" in kind else None

    def compared(self, name: str, left: Form, right: Form) -> Form:
        values = ("constant", "param")
        if name in FLIPPED and left[0] in values and right[0] not in values:
            left, right, name = right, left, FLIPPED[name]
        if name in ("=", "<>") and right[0] == "constant":
            if right[2] == "" and self.types.get(str(left[1])) == "boolean":
                right = _BOOLEANS.get(right[1].strip().lower(), right)
            if right in (TRUE, FALSE):
                left = boolean(left)
                return left if (right == TRUE) == (name == "=") else negated(left)
        return ("compare", name, left, right)


def _array_cast(inner: Form, name: str) -> Form:
    family = _FAMILIES.get(name, name)
    if inner[0] == "array":
        kinds = {item[2] if item[0] == "constant" else None for item in inner[1]}
        if kinds <= {"", family}:
            typed = (("constant", item[1], family) for item in inner[1])
            return ("array", tuple(typed))
    plain = inner[0] == "constant" and inner[2] == ""
    if plain and re.fullmatch(r"\{[^\s{},\"\\]+(,[^\s{},\"\\]+)*\}", inner[1]):
        items = inner[1][1:-1].split(",")
        if not any(item.lower() == "null" for item in items):
            return ("array", tuple(("constant", item, family) for item in items))
    return ("cast", inner, f"{name}[]")


def _listed(kind: str, name: str, left: Form, items: tuple[Form, ...]) -> Form:
    if kind == "BETWEEN":
        return joined("and", (("compare", ">=", left, items[0]), ("compare", "<=", left, items[1])))
    if kind == "NOT_BETWEEN":
        return joined("or", (("compare", "<", left, items[0]), ("compare", ">", left, items[1])))
    if len(items) > _LONGEST_LIST:
        return ("any", name, left, items)
    each = tuple(("compare", name, left, item) for item in _of_one_type(items))
    return each[0] if len(each) == 1 else ("or" if name == "=" else "and", each, True)


def _of_one_type(items: tuple[Form, ...]) -> tuple[Form, ...]:
    """Elements of a list with the type that they all get."""
    families = {item[2] for item in items if item[0] == "constant"} - {""}
    if not families:
        return items
    if families <= set(_WIDER):
        common = min(families, key=lambda family: len(_WIDER[family]))
    else:
        common = families.pop() if len(families) == 1 else "mixed"
    return tuple(("constant", item[1], common) if item[0] == "constant" else item for item in items)


def _mentioned(node: Any) -> Iterator[Form]:
    """Columns and parameters anywhere below a node of the tree."""
    import postgast

    for found in postgast.walk(node):
        message = found[1] if isinstance(found, tuple) else found
        if message.DESCRIPTOR.name == "ColumnRef":
            named = [part.string.sval for part in message.fields if part.HasField("string")]
            yield ("column", named[-1] if named else "*")
        elif message.DESCRIPTOR.name == "ParamRef":
            yield ("param", message.number)
