"""Will two places write the same value? Expressions are compared as text, never evaluated."""

from __future__ import annotations

import re
from enum import Enum

_NOW = re.compile(
    r"""^(?:now\(\) | current_timestamp(?:\(\d\))? | localtimestamp | current_date
        | (?:clock|statement|transaction)_timestamp\(\)
        | timezone\('utc'(?:::text)?,\s*now\(\)\)
        | \(?now\(\)\s+at\s+time\s+zone\s+'utc'(?:::text)?\)?
        | new\s+Date\(\)(?:\.to\w+\(\))? | Date\.now\(\)
        | datetime(?:\.datetime)?\.(?:utc)?now\([\w.]*\)(?:\.isoformat\(\))?
        | (?:moment|dayjs|DateTime)(?:\.now|\.utc|\.now\(\)\.toUtc)?\(\)(?:\.\w+\(\))*
        | sql`now\(\)` | time\.Now\(\)(?:\.UTC\(\))?
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER = re.compile(r"^[+-]?\d+(?:\.\d+)?n?$")
_QUOTED = re.compile(r"""^(?:E?'((?:[^']|'')*)'|"((?:[^"\\]|\\.)*)"|`([^`$]*)`)$""", re.IGNORECASE)
_CAST = re.compile(r"\s*::\s*[\w .\[\]\"(),]+$|\s+as\s+(?:const|any|[\w.<>\[\]|\" ]+)$")
_WORDS = {
    "true": "true", "t": "true", "false": "false", "f": "false",
    "null": "null", "undefined": "null", "none": "null", "nil": "null",
    "[]": "[]", "{}": "{}", "array[]": "[]",
}  # fmt: skip
_VOLATILE = re.compile(
    r"nextval\(|gen_random_uuid\(|uuid_generate|random\(|uuid\w*\(|nanoid\(|cuid\w*\("
    r"|ulid\(|createId\(",
    re.I,
)

_CHAIN = re.compile(r"[A-Za-z_$][\w$]*(?:[?!]?\.[A-Za-z_$][\w$]*|[?!]?\.?\[[^\]]+\]|!)*$")


class Same(Enum):
    """The answer about one pair of values."""

    YES = "same"
    NO = "different"
    UNKNOWN = "unknown"


def constant(text: str) -> str | None:
    """The value of a literal in SQL or code, as text; None when it is no literal."""
    plain = bare(text)
    if _NUMBER.match(plain):
        return plain.rstrip("n").lstrip("+")
    quoted = _QUOTED.match(plain)
    if quoted:
        body = next(g for g in quoted.groups() if g is not None)
        return body.replace("''", "'")
    return _WORDS.get(plain.lower())


def bare(text: str) -> str:
    """The expression without enclosing parentheses, trailing casts and doubled blanks."""
    plain = " ".join(text.split()).rstrip("; ")
    while True:
        shorter = _CAST.sub("", plain) if not _QUOTED.match(plain) else plain
        if shorter.startswith("(") and shorter.endswith(")") and _balanced(shorter[1:-1]):
            shorter = shorter[1:-1].strip()
        if shorter == plain:
            return plain
        plain = shorter


def is_now(text: str) -> bool:
    """Does the expression read the clock?"""
    return _NOW.match(bare(text)) is not None


def is_fresh(text: str) -> bool:
    """Does the expression make a new value each time (sequence, uuid, random)?"""
    return _VOLATILE.search(text) is not None


def compare(one: str, other: str, *, loosely: bool = False) -> Same:
    """Two expressions of the same scope. `loosely`: two readings of the clock count as the same."""
    if is_fresh(one) or is_fresh(other):
        return Same.NO
    first, second = constant(one), constant(other)
    if first is not None and second is not None:
        return Same.YES if first == second else Same.NO
    if is_now(one) and is_now(other):
        return Same.YES if loosely else Same.UNKNOWN
    if bare(one) == bare(other) and not is_now(one):
        return Same.YES
    return Same.UNKNOWN


def last_name(text: str) -> str | None:
    """The last member of a plain member chain: 'user.rows[0].id' → 'id'; None otherwise."""
    plain = bare(text)
    if not _CHAIN.match(plain):
        return None
    members = re.findall(r"""[A-Za-z_$][\w$]*""", re.sub(r"\[\d+\]", "", plain))
    return members[-1] if members else None


def snake(name: str) -> str:
    """camelCase as snake_case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def refers_to(text: str, column: str, relation: str) -> bool:
    """Does a code expression name that column of a row that was just written to that relation?

    `user.id`, `data.id`, `rows[0].id` do for any relation; a lone variable only when its name
    says so, such as `userId` for users.id or `newUserId`.
    """
    name = last_name(text)
    if name is None:
        return False
    if snake(name) == column and bare(text) != name:
        return True
    words = snake(name).split("_")
    tail = column.split("_")
    if words == tail:
        return True
    if words[-len(tail) :] != tail:
        return False
    rest = [w for w in words[: -len(tail)] if w not in ("new", "created", "inserted")]
    own = {w for part in relation.split("_") for w in (part, _singular(part))}
    return set(rest) <= own


def _singular(word: str) -> str:
    if word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") else word


def _balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0
