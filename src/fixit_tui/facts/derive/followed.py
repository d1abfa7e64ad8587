"""What a caused write stores, told in the words of the row that set it off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fixit_tui.facts.derive.catalog import Catalog
from fixit_tui.facts.derive.effects import Effect
from fixit_tui.facts.derive.same_value import bare, constant, is_fresh
from fixit_tui.sql.lexer import Token, tokens
from fixit_tui.sql.quote import ident, literal

# Functions whose result is the same for the same arguments within one statement.
_STEADY = frozenset(
    {
        "abs", "age", "btrim", "ceil", "coalesce", "concat", "concat_ws", "convert_to",
        "current_date", "current_setting", "current_timestamp", "date", "date_part",
        "date_trunc", "decode", "div", "encode", "extract", "floor", "format", "greatest",
        "initcap", "json_build_object", "jsonb_build_object", "jsonb_extract_path_text",
        "least", "left", "length", "lower", "lpad", "ltrim", "make_date", "make_timestamptz",
        "md5", "mod", "now", "nullif", "power", "quote_literal", "replace", "reverse", "right",
        "round", "row_to_json", "rpad", "rtrim", "sha256", "sign", "split_part", "starts_with",
        "statement_timestamp", "strpos", "substr", "substring", "timezone", "to_char",
        "to_date", "to_json", "to_jsonb", "to_number", "to_timestamp", "transaction_timestamp",
        "translate", "trim", "trunc", "upper",
    }
)  # fmt: skip
_KEYWORDS = frozenset(
    {
        "and", "array", "as", "at", "both", "case", "cast", "current_date", "current_timestamp",
        "distinct", "else", "end", "false", "for", "from", "in", "is", "leading", "like",
        "localtimestamp", "not", "null", "or", "then", "time", "trailing", "true", "using", "when",
        "zone",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Followed:
    """A value. `kind`: 'row' (`text` is a column of the outer row), 'old' (of its former state),

    'constant' (`text` is the value), or 'expression' (`text` in one spelling, of such parts only).
    """

    kind: str
    text: str


class Trace:
    """Follows the values of one effect from the caused write outwards, trigger by trigger."""

    def __init__(self, catalog: Catalog, effect: Effect) -> None:
        self._catalog = catalog
        self._effect = effect

    def value(self, column: str) -> Followed | None:
        """What the caused write stores in that column; None where it cannot be told."""
        return self._stored(len(self._effect.chain) - 1, column)

    def stores(self) -> dict[str, dict[str, str]]:
        """Column → {kind: text} of each written value that can be told."""
        found = {c: self.value(c) for c in self._effect.write.values}
        return {c: {v.kind: v.text} for c, v in found.items() if v is not None}

    def _stored(self, depth: int, column: str) -> Followed | None:
        write = self._effect.chain[depth]
        if column in write.values:
            return self._expression(write.values[column], depth)
        if write.operation != "insert" or write.columns is None or column in write.columns:
            return None
        storage = self._catalog.storage_of(write.relation or 0, "insert")
        attribute = self._catalog.attributes.get(storage, {}).get(column)
        if attribute is None or attribute.generated or attribute.identity:
            return None
        if not attribute.has_default:
            return Followed("constant", "null")
        return self._expression(attribute.default or "", depth) if attribute.default else None

    def _field(self, column: str, depth: int, *, old: bool) -> Followed | None:
        if depth == 0:
            return Followed("old" if old else "row", column)
        return None if old else self._stored(depth - 1, column)

    def _expression(self, text: str, depth: int) -> Followed | None:
        plain = bare(text)
        value = constant(plain)
        if value is not None:
            return Followed("constant", value)
        if is_fresh(plain):
            return None
        items = tokens(plain)
        parts: list[str] = []
        position = 0
        while position < len(items):
            taken = self._part(items, position, depth)
            if taken is None:
                return None
            found, length = taken
            if length == len(items) and isinstance(found, Followed):
                return found
            parts.append(found if isinstance(found, str) else _spelled(found))
            position += length
        return Followed("expression", " ".join(parts)) if parts else None

    def _part(
        self, items: Sequence[Token], at: int, depth: int
    ) -> tuple[Followed | str, int] | None:
        """One operand or sign at that place, and how many tokens it takes."""
        token = items[at]
        following = [t.text for t in items[at + 1 : at + 4]]
        if token.word in ("new", "old") and following[:1] == ["."] and at + 2 < len(items):
            found = self._field(items[at + 2].name, depth, old=token.word == "old")
            return None if found is None else (found, 3)
        if token.word.startswith("tg_"):
            return self._about_trigger(token.word, following, depth)
        if token.word == "auth" and following == [".", "uid", "("]:
            return "auth.uid(", 4
        if token.kind == "quoted" or (token.kind == "word" and not _allowed(items, at)):
            return None
        if token.kind in ("param", "named"):
            return None
        return token.word or token.text, 1

    def _about_trigger(
        self, word: str, following: list[str], depth: int
    ) -> tuple[Followed | str, int] | None:
        trigger = self._effect.triggers[depth]
        relation = self._catalog.relations.get(trigger.relation)
        if word == "tg_argv" and following[:1] == ["["] and following[1].isdigit():
            number = int(following[1])
            if following[2:] == ["]"] and number < len(trigger.args):
                return Followed("constant", trigger.args[number]), 4
            return None
        if word == "tg_op":
            return (Followed("constant", self._effect.event.upper()), 1) if depth == 0 else None
        if relation is None:
            return None
        known = {
            "tg_table_name": relation.name, "tg_relname": relation.name,
            "tg_table_schema": relation.schema, "tg_name": trigger.name,
            "tg_when": trigger.timing.upper(), "tg_level": trigger.level.upper(),
        }  # fmt: skip
        return (Followed("constant", known[word]), 1) if word in known else None


def _spelled(value: Followed) -> str:
    if value.kind in ("row", "old"):
        return f"{'NEW' if value.kind == 'row' else 'OLD'}.{ident(value.text)}"
    return literal(value.text) if value.kind == "constant" else f"({value.text})"


def _allowed(items: Sequence[Token], at: int) -> bool:
    """Is a bare word a steady function, a keyword, or the type of a cast: no name of a variable?"""
    if at and items[at - 1].kind == "cast":
        return True
    if at + 1 < len(items) and items[at + 1].text == "(":
        return items[at].word in _STEADY
    if at > 1 and items[at - 1].text == "(" and items[at - 2].word == "extract":
        # The field: extract(year from …).
        return True
    return items[at].word in _KEYWORDS
