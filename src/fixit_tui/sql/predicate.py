"""Does the WHERE of a conflict target imply a partial index's predicate? A conservative answer.

Follows what the server's prover can show for constants: YES only where every supported server
accepts, NO only where each refuses. Connected, EXPLAIN has the final word.
Source: PostgreSQL manual, Partial Indexes; the server's predtest.c.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from fixit_tui.sql.condition import (
    FLIPPED,
    NEGATED,
    TRUE,
    Form,
    columns,
    holds,
    is_list,
    joined,
    parts,
    read,
)


class Implication(StrEnum):
    """PARAMETER: it depends on a value that the planner may not see."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    PARAMETER = "parameter"


# In the grammar's text of an expression: what can be a constant though it mentions a column.
_CONDITIONAL = re.compile(r"case_expr|coalesce_expr|min_max_expr|AEXPR_NULLIF|isnull: true")
# Operators that give NULL for NULL.
_STRICT = frozenset(FLIPPED) | frozenset(NEGATED)
_NUMBERS = ("int", "numeric", "float")
_PLAIN_WORD = re.compile(r"[A-Za-z0-9_-]+")
# Beyond this many comparisons of one condition with another the answer is left to the server.
_MOST_COMPARISONS = 20_000


def _number(value: str, family: str) -> Decimal | float | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    return float(number) if family == "float" else number


def _pair(given: Form, wanted: Form) -> tuple[Decimal | float, Decimal | float] | None:
    """Two constants as numbers of the index's type, or None where they are not comparable so.

    A statement's constant takes the column's type, unless its own is wider: then the server
    converts the column instead, and the two conditions are about different expressions.
    """
    if given[0] != "constant" or wanted[0] != "constant" or wanted[2] not in _NUMBERS:
        return None
    rank = {"": 0, **{name: position for position, name in enumerate(_NUMBERS)}}
    if rank.get(given[2], 9) > rank[wanted[2]]:
        return None
    a, b = _number(given[1], wanted[2]), _number(wanted[1], wanted[2])
    return None if a is None or b is None else (a, b)


def _same(given: Form, wanted: Form) -> bool:
    """Whether two expressions are one and the same to the server."""
    if given == wanted:
        return True
    if given[0] == wanted[0] == "constant":
        numbers = _pair(given, wanted)
        if numbers is not None:
            return numbers[0] == numbers[1]
        return bool(given[1] == wanted[1]) and ("" in (given[2], wanted[2]))
    if given[0] != wanted[0] or given[0] == "other" or len(given) != len(wanted):
        return False
    mine, theirs = list(parts(given)), list(parts(wanted))
    rest = [x for x in given if not isinstance(x, tuple)]
    if rest != [x for x in wanted if not isinstance(x, tuple)] or len(mine) != len(theirs):
        return False
    return bool(mine) and all(_same(a, b) for a, b in zip(mine, theirs, strict=True))


def _differ(given: Form, wanted: Form) -> bool:
    """Whether two constants are unequal under the index's type, whatever the collation."""
    numbers = _pair(given, wanted)
    if numbers is not None:
        return numbers[0] != numbers[1]
    if given[0] != "constant" or wanted[0] != "constant" or wanted[2] != "text":
        return False
    words = (given[1], wanted[1])
    if given[2] not in ("", "text") or not all(_PLAIN_WORD.fullmatch(word) for word in words):
        return False
    first, second = (re.sub("[_-]", "", word).lower() for word in words)
    return first != second


def _comparison_implies(given: Form, wanted: Form) -> bool:
    """expression op constant implies expression op constant."""
    if not _same(given[2], wanted[2]):
        return False
    have, want = given[1], wanted[1]
    if have == "=" and want == "<>":
        return _differ(given[3], wanted[3])
    numbers = _pair(given[3], wanted[3])
    if numbers is None:
        return False
    a, b = numbers
    tests = {
        ("=", "<"): a < b, ("=", "<="): a <= b, ("=", ">"): a > b, ("=", ">="): a >= b,
        ("=", "="): a == b, ("<>", "<>"): a == b,
        ("<", "<"): a <= b, ("<", "<="): a <= b, ("<=", "<="): a <= b, ("<=", "<"): a < b,
        (">", ">"): a >= b, (">", ">="): a >= b, (">=", ">="): a >= b, (">=", ">"): a > b,
        ("<", "<>"): a <= b, ("<=", "<>"): a < b, (">", "<>"): a >= b, (">=", "<>"): a > b,
    }  # fmt: skip
    return tests.get((have, want), False)


def _atom_implies(given: Form, wanted: Form) -> bool:
    if _same(given, wanted):
        return True
    if given[0] == "compare" and wanted[0] == "compare":
        return _comparison_implies(given, wanted)
    if wanted[0] == "is not null":
        if given[0] == "compare":
            return given[1] in _STRICT and any(_same(side, wanted[1]) for side in given[2:])
        # NOT f is no strict clause to the server, though it can be true for no NULL.
        return given[0] == "truth" and bool(given[2]) and _same(given[1], wanted[1])
    return False


def _implies(given: Form, wanted: Form) -> bool:
    if wanted == TRUE or _same(given, wanted):
        return True
    if wanted[0] == "and":
        return all(_implies(given, part) for part in wanted[1])
    if given[0] == wanted[0] == "or":
        return all(any(_implies(part, one) for one in wanted[1]) for part in given[1])
    if given[0] == "or":
        return all(_implies(part, wanted) for part in given[1])
    if given[0] == "and" and any(_implies(part, wanted) for part in given[1]):
        return True
    if wanted[0] == "or":
        return any(_implies(given, part) for part in wanted[1])
    return given[0] not in ("and", "or") and _atom_implies(given, wanted)


def _may_fold(form: Form) -> bool:
    """Whether simplification could turn a part of it into a constant, and so the whole.

    The server then no longer sees the parts that would prove something.
    """
    kind = form[0]
    if kind == "null" or (kind == "other" and _CONDITIONAL.search(form[1])):
        return True
    if kind == "call" and form[1] == "coalesce" and form[2] and not columns(form[2][0]):
        return True
    literal = kind in ("constant", "param", "array", "column")
    if not literal and not columns(form) and not holds(form, "param"):
        return not (kind == "cast" and form[1][0] == "constant")
    return any(_may_fold(part) for part in parts(form))


def _alike(one: Form, other: Form) -> bool:
    return _same(one, other) or _same(other, one)


def _canonical(form: Form) -> Form:
    """Conditions that all arms of an OR share, taken out of it, as the planner does."""
    if form[0] not in ("and", "or") or is_list(form):
        return form
    inner = tuple(_canonical(part) for part in form[1])
    form = joined(form[0], inner)
    if form[0] != "or":
        return form
    arms = [arm[1] if arm[0] == "and" and not is_list(arm) else (arm,) for arm in form[1]]
    shared = [p for p in arms[0] if all(any(_alike(p, q) for q in arm) for arm in arms[1:])]
    if not shared:
        return form
    rests = [tuple(q for q in arm if not any(_alike(p, q) for p in shared)) for arm in arms]
    if not all(rests):
        return joined("and", tuple(shared))
    remaining = joined("or", tuple(joined("and", rest) for rest in rests))
    return joined("and", (*shared, remaining))


def _conjuncts(form: Form) -> tuple[Form, ...]:
    if form[0] != "and":
        return (form,)
    return tuple(atom for part in form[1] for atom in _conjuncts(part))


def _is_plain(atom: Form) -> bool:
    """A condition on one column and constants, which no simplification can change."""
    if atom[0] == "compare":
        return atom[2][0] == "column" and atom[3][0] == "constant" and atom[1] in FLIPPED
    return atom[0] in ("truth", "is null", "is not null") and atom[1][0] == "column"


def _refused(given: Form, wanted: Form) -> bool:
    """Whether no server can prove this wanted conjunct, which is known not to be implied here."""
    if not _is_plain(wanted):
        return False
    if not columns(wanted) & columns(given):
        return True
    if not all(_is_plain(part) for part in _conjuncts(given)):
        return False
    if wanted[0] != "compare":
        return True
    about = [p for p in _conjuncts(given) if p[0] == "compare" and p[2] == wanted[2]]
    if wanted[1] == "=":
        return all(p[1] == "=" and _differ(p[3], wanted[3]) for p in about)
    return all(_pair(p[3], wanted[3]) is not None for p in about)


def _size(form: Form) -> int:
    return 1 + sum(_size(part) for part in parts(form))


def _judge(given: Form, wanted: Form) -> Implication:
    if _implies(given, wanted):
        return Implication.YES
    open_parts = [part for part in _conjuncts(wanted) if not _implies(given, part)]
    if not _may_fold(wanted) and any(_refused(given, part) for part in open_parts):
        return Implication.NO
    return Implication.UNKNOWN


def implies(
    statement_predicate: str, index_predicate: str, types: Mapping[str, str] | None = None
) -> Implication:
    """Whether the statement's predicate implies the index's, as far as text can show.

    `index_predicate` is what pg_get_expr prints. `types` maps columns to their types as format_type
    prints them; without them a column that the server prints with a cast is not recognised.
    """
    known = types or {}
    given, wanted = read(statement_predicate, known), read(index_predicate, known)
    if given is None or wanted is None or _size(given) * _size(wanted) > _MOST_COMPARISONS:
        return Implication.UNKNOWN
    if wanted == TRUE:
        return Implication.YES
    if _may_fold(given):
        return Implication.UNKNOWN
    given, wanted = _canonical(given), _canonical(wanted)
    answer = _judge(given, wanted)
    if answer in (Implication.YES, Implication.NO) or not holds(given, "param"):
        return answer
    # A parameter matters where it is about a column that is still wanted, or about none.
    open_columns = columns(joined("and", tuple(_unproven(given, wanted))))
    with_params = [part for part in _conjuncts(given) if holds(part, "param")]
    if any(not columns(part) or columns(part) & open_columns for part in with_params):
        return Implication.PARAMETER
    without = [part for part in _conjuncts(given) if not holds(part, "param")]
    return _judge(joined("and", tuple(without)), wanted)


def _unproven(given: Form, wanted: Form) -> list[Form]:
    return [part for part in _conjuncts(wanted) if not _implies(given, part)]
