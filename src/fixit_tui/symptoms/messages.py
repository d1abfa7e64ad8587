"""What a server message says, in any language of the catalogue (`messages.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

_PLACE = re.compile(r"%(?:(\d)\$)?[sd]")
_OPEN = r"(?:\\{0,3}[\"'`]|[»«“”„‟「『])\s?"
_CLOSE = r"\s?(?:\\{0,3}[\"'`]|[»«“”„‟」』])"
_ANY_QUOTE = "\"»«“”„‟'"
_NAME = r"[^\n]{1,130}?"
_UNQUOTED_NAME = r"[^\n\"»«“”„]{1,130}?"
_BARE_NAME = r"[^\s\"'\\,;:()]{1,130}(?<![.])"
_QUOTED = re.compile(
    r'"([^"\n]{1,200})"|»\s?([^»«\n]{1,200}?)\s?«|«\s?([^»«\n]{1,200}?)\s?»'
    r"|[“„‟]([^“”„\n]{1,200})[”“]|「([^「」\n]{1,200})」"
)
_DOTTED = re.compile(r'([^."]+)\.([^."]+)')
_NO_NAMES = frozenset({"...", "…", "?", "%s", "x.x", "<name>"})
# A name that closes its quotes, goes on and opens them again is more likely a sentence.
_SENTENCE = re.compile(r"[\"»«]\s.*[\"»«]")
KEY = re.compile(r"\(((?:[^()\n]|\([^()\n]*\)){1,1000})\)=\(")
"""The names of a key, up to the parenthesis that opens its value."""
_NAMELESS = (
    # `UNIQUE constraint failed: t.c` are the words of SQLite.
    (
        "23505",
        re.compile(
            r"(?i)\bunique constraint\b(?! failed:)|\bduplicate key\b|\bunique[_ ]violation\b"
        ),
    ),
    ("42P10", re.compile(r"(?i)no unique or exclusion constraint matching")),
    ("25P02", re.compile(r"(?i)current transaction is aborted|\bin failed sql transaction\b")),
    (
        "23503",
        re.compile(
            r"(?i)\bviolates foreign key\b|\bforeign[_ ]key[_ ]violation\b"
            r"|\bFK (?:constraint )?violation\b"
        ),
    ),
    ("42501", re.compile(r"(?i)\bviolates row[- ]level security\b")),
    ("21000", re.compile(r"(?i)cannot affect row a second time")),
)

# Whole messages that no name has to be read from, as the server begins them in English.
_ENGLISH = (
    ("22012", re.compile(r"division by zero")),
    ("22003", re.compile(r"\w+ out of range$|value .* is out of range for type")),
    ("22P02", re.compile(r"invalid input (?:syntax for type|value for enum)")),
    ("22001", re.compile(r"value too long for type")),
    ("2200H", re.compile(r"nextval: reached (?:maximum|minimum) value of sequence")),
    ("22023", re.compile(r"role .* does not exist")),
    ("23514", re.compile(r"no partition of relation .* found for row")),
    ("25006", re.compile(r"cannot execute .* in a read-only transaction")),
    (
        "21000",
        re.compile(r"(?:UPDATE|DELETE) requires a WHERE clause|more than one row returned by"),
    ),
    ("42601", re.compile(r"syntax error at or near|syntax error at end of input")),
    ("42702", re.compile(r"column reference .* is ambiguous")),
    ("42809", re.compile(r"ON CONFLICT DO UPDATE not supported with exclusion constraints")),
    ("42883", re.compile(r"(?:function|procedure|operator) .* does not exist")),
    ("0A000", re.compile(r"INSERT with ON CONFLICT clause cannot be used")),
    ("55000", re.compile(r"cannot (?:update|delete from) table .* replica identity")),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message says; `span` is where it stands in the text that was searched."""

    key: str
    sqlstate: str
    span: tuple[int, int]
    constraint: str | None = None
    relation: str | None = None
    schema: str | None = None
    referenced: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class _Template:
    key: str
    sqlstate: str
    fields: tuple[str, ...]
    words: tuple[str, ...]
    search: re.Pattern[str]
    whole: re.Pattern[str]


@lru_cache(maxsize=512)
def read_whole(message: str) -> Reading | None:
    """Read one message that is known to be a server message and nothing else."""
    text = message.strip()[:4000]
    for template in _templates():
        if not all(word in text for word in template.words):
            continue
        found = template.whole.match(text)
        if found and not any(_SENTENCE.search(name or "") for name in found.groups()):
            return _reading(template, found)
    return next(iter(read_all(text)), None)


def read_all(text: str) -> list[Reading]:
    """Every server message inside a longer text, by position; the longest where two overlap."""
    found: list[Reading] = []
    words = set(re.findall(r"\w+", text)) if len(text) > 20_000 else None
    for template in _templates():
        if words is not None and not all(
            w in words or (not w.isascii() and w in text) for w in template.words
        ):
            continue
        if words is None and not all(word in text for word in template.words):
            continue
        found += [_reading(template, match) for match in template.search.finditer(text)]
    found.sort(key=lambda reading: (reading.span[0], -reading.span[1]))
    kept: list[Reading] = []
    for reading in found:
        if not kept or reading.span[0] >= kept[-1].span[1]:
            kept.append(reading)
        elif reading.span[1] > kept[-1].span[1]:
            kept[-1] = reading
    return kept


@lru_cache(maxsize=512)
def nameless(text: str) -> str | None:
    """The SQLSTATE that an English message means when its names were left out."""
    return next((state for state, pattern in _NAMELESS if pattern.search(text)), None)


def english(message: str) -> str | None:
    """The SQLSTATE of a message that is in no catalogue and begins as the server says it."""
    text = message.strip()
    return next((state for state, pattern in _ENGLISH if pattern.match(text)), None)


def identifiers(text: str) -> tuple[str, ...]:
    """Every quoted identifier in reading order, once, whatever the quotes of the language."""
    names = (next(filter(None, match.groups()), "").strip() for match in _QUOTED.finditer(text))
    return tuple(dict.fromkeys(n for n in names if n not in _NO_NAMES and any(map(str.isalnum, n))))


def key_columns(detail: str) -> tuple[str, ...] | None:
    """Columns of the key that a detail shows, as `Key (a, "B c")=(…)` has them."""
    match = KEY.search(detail)
    return None if match is None else split_columns(match.group(1))


def split_columns(text: str) -> tuple[str, ...]:
    """Names of a comma list; quotes are taken off, commas inside quotes or parentheses stay."""
    parts = re.findall(r'(?:"(?:[^"]|"")*"|\((?:[^()]|\([^()]*\))*\)|[^,"(]|["(])+', text)
    names = (part.strip() for part in parts)
    return tuple(
        name[1:-1].replace('""', '"') if len(name) > 2 and name[0] == name[-1] == '"' else name
        for name in names
        if name
    )


def detail_direction(detail: str) -> tuple[str, str] | None:
    """('absent' | 'used', table) for a foreign key's detail in any language of the catalogue."""
    for direction, patterns in _details().items():
        for pattern in patterns:
            if found := pattern.search(detail):
                return direction, found.group("table")
    return None


@cache
def labels() -> dict[str, str]:
    """Word before the colon (in any language) → error, warning, log, detail, context, …"""
    table: dict[str, list[str]] = _catalogue()["label"]
    return {word: kind for kind, words in table.items() for word in words}


@cache
def frame_patterns(kind: str) -> tuple[re.Pattern[str], ...]:
    """Patterns of one kind of CONTEXT frame with groups a1, a2, a3 in English order."""
    return tuple(
        _pattern(text, ("a1", "a2", "a3"), whole=True) for text in _catalogue()["frame"][kind]
    )


@cache
def sql_statement_words() -> frozenset[str]:
    """How each language calls the frame kind 'SQL statement'."""
    return frozenset(_catalogue()["frame"]["sql_statement_words"])


@cache
def _catalogue() -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("messages.toml").read_text(encoding="utf-8"))


@cache
def _templates() -> tuple[_Template, ...]:
    made = []
    for key, entry in _catalogue()["message"].items():
        fields = tuple(entry["fields"])
        for text in entry["texts"]:
            made.append(
                _Template(
                    key=key,
                    sqlstate=entry["sqlstate"],
                    fields=fields,
                    words=tuple(_telling_words(text)),
                    search=_pattern(text, fields, whole=False),
                    whole=_pattern(text, fields, whole=True),
                )
            )
    # More literal text is more certain: the named RLS message before the plain one.
    return tuple(sorted(made, key=lambda t: -len(t.search.pattern)))


@cache
def _details() -> dict[str, tuple[re.Pattern[str], ...]]:
    made: dict[str, tuple[re.Pattern[str], ...]] = {}
    for direction, texts in _catalogue()["detail"].items():
        patterns = []
        for text in texts:
            fields = ("columns", "values", "table") if _PLACE.findall(text)[1:] else ("table",)
            patterns.append(_pattern(text, fields, whole=False))
        made[direction] = tuple(patterns)
    return made


def _telling_words(text: str) -> Iterator[str]:
    """The longest words of a template: a text without them cannot match."""
    plain = _PLACE.sub('"', text)
    yield from sorted(set(re.findall(r"\w{2,}", plain)), key=len, reverse=True)[:3]


def _pattern(text: str, fields: tuple[str, ...], *, whole: bool) -> re.Pattern[str]:
    """A template as a pattern. Blanks match any white space, quotes any quotes."""
    parts: list[str] = []
    at = 0
    for number, place in enumerate(_PLACE.finditer(text)):
        literal, after = text[at : place.start()], text[place.end() :]
        stripped = literal.rstrip()
        quoted = stripped[-1:] in _ANY_QUOTE and stripped != "" and after.lstrip()[:1] in _ANY_QUOTE
        parts.append(_literal(stripped[:-1] if quoted else literal))
        index = int(place.group(1)) - 1 if place.group(1) else number
        leads = quoted and not whole and not stripped[:-1]
        # Where nothing stands before the first name, its quotes are all that bounds it.
        field = _UNQUOTED_NAME if leads else _field_pattern(place, quoted, whole)
        name = rf"(?P<{fields[index]}>{field})"
        parts.append(f"{_OPEN}{name}{_CLOSE}" if quoted else name)
        at = place.end()
        if quoted:
            at += len(after) - len(after.lstrip()) + 1
    parts.append(_literal(text[at:]))
    body = "".join(parts)
    return re.compile(rf"{body}[.。]?\s*$" if whole else body)


def _field_pattern(place: re.Match[str], quoted: bool, whole: bool) -> str:
    if place.group().endswith("d"):
        return r"\d{1,9}"
    if quoted:
        return r".{1,260}?" if whole else _NAME
    return r".{1,400}?" if whole else _BARE_NAME


def _literal(text: str) -> str:
    """Escaped, with white space elastic and optional beside ideographs and quotes."""
    pieces = re.split(r"(\s+)", text)
    made = []
    for piece in pieces:
        made.append(r"\s+" if piece.isspace() else re.escape(piece))
    joined = "".join(made)
    # Catalogues differ in blanks around a quoted name.
    joined = re.sub(r"^(?:\\s\+)", r"\\s*", joined)
    return re.sub(r"\\s\+$", r"\\s*", joined)


def _reading(template: _Template, match: re.Match[str]) -> Reading:
    values = {
        k: v.strip() for k, v in match.groupdict().items() if v and v.strip() not in _NO_NAMES
    }
    schema, relation = values.get("schema"), values.get("relation")
    dotted = _DOTTED.fullmatch(relation) if relation and template.key == "no_relation" else None
    if dotted is not None:
        schema, relation = dotted.groups()
    return Reading(
        key=template.key,
        sqlstate=template.sqlstate,
        span=match.span(),
        constraint=values.get("constraint"),
        relation=relation,
        schema=schema,
        referenced=values.get("referenced"),
        column=values.get("column"),
    )
