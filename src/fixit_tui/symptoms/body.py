"""Objects inside a text: JSON, console.log, util.inspect, Python dictionaries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_DEEPEST = 40
_LONGEST_TEMPLATE = 20_000
_SPACE = re.compile(r"[\s]*")
_KEY = re.compile(
    r"""\[?[A-Za-z_$][\w$.-]{0,100}\]?(?=\s{0,20}:)|\[Symbol\([^)\n]{0,80}\)\](?=\s{0,20}:)|\d{1,9}(?=\s{0,20}:)"""
)
_DOUBLE = re.compile(r'"((?:[^"\\\n]|\\[^\n])*)"')
_SINGLE = re.compile(r"'((?:[^'\\\n]|\\[^\n])*)'")
_BARE = re.compile(r"[^\s,{}\[\]\"'`:][^,{}\[\]\n\"'`]{0,2000}")
_ELIDED = re.compile(r"\.\.\. \d+ more \w+|… \d+ more\w*")
# Node prints an error's words and its stack in front of the fields of the object.
_PRINTED_ERROR = re.compile(
    r"\s*\[?[A-Za-z]{0,60}[Ee]rror: (?P<message>[^\n{}]{3,500}?[^\n{},])\]?"
    r"(?:\n[ \t]+at [^\n]{1,400}){0,60}\n(?=[ \t]+[A-Za-z_]\w{0,60}: )"
)
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?n?")
_CONCATENATED = re.compile(r"\s*\+\s*(?=['\"`])")
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", re.DOTALL)
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " ", "v": " ", "0": ""}
_WORDS: dict[str, Any] = {
    "null": None,
    "undefined": None,
    "None": None,
    "nil": None,
    "true": True,
    "True": True,
    "false": False,
    "False": False,
}


@dataclass(frozen=True, slots=True)
class Found:
    """One outermost object or array; `complete` is False when the text breaks off inside it."""

    value: dict[str, Any] | list[Any]
    span: tuple[int, int]
    complete: bool


class _BrokenError(Exception):
    """The text at this place is not a value."""


def read_objects(text: str) -> list[Found]:
    """Every object of the text, outermost ones only, in linear time.

    Where an object breaks off, what was read of it counts, and so do the objects inside it.
    """
    found: list[Found] = []
    at = text.find("{")
    while at >= 0:
        reader = _Reader(text, at)
        try:
            value = reader.value(0)
        except _BrokenError:
            # A longer read would break at the same place: go on behind it.
            partial = reader.partial
            found += reader.closed
            if partial:
                found.append(Found(partial, (at, reader.at), complete=False))
            at = text.find("{", max(reader.at, at + 1))
            continue
        if isinstance(value, dict) and value:
            found.append(Found(value, (at, reader.at), complete=True))
        at = text.find("{", reader.at)
    return found


class _Reader:
    """Recursive descent over one object. After a break, `partial` is the outermost one's part."""

    def __init__(self, text: str, at: int) -> None:
        self.text = text
        self.at = at
        self.partial: dict[str, Any] = {}
        self.closed: list[Found] = []

    def value(self, depth: int) -> Any:
        """The value at the current place."""
        if depth > _DEEPEST:
            raise _BrokenError
        self._space()
        char = self.text[self.at : self.at + 1]
        if char == "{":
            return self._object(depth)
        if char == "[":
            return self._array(depth)
        if char in ("'", '"', "`") and char:
            return self._string(char)
        if self.text.startswith("Some(", self.at):
            self.at += 5
            inner = self.value(depth + 1)
            self._space()
            self._expect(")")
            return inner
        return self._bare(depth)

    def _object(self, depth: int) -> dict[str, Any]:
        start = self.at
        self.at += 1
        made: dict[str, Any] = {}
        if depth == 0:
            self.partial = made
            if printed := _PRINTED_ERROR.match(self.text, self.at):
                made["message"] = printed["message"].removesuffix("]")
                self.at = printed.end()
        while True:
            self._space()
            if self.text.startswith("}", self.at):
                self.at += 1
                if depth and made:
                    self._close(made, start)
                return made
            if elided := _ELIDED.match(self.text, self.at):
                self.at = elided.end()
                continue
            key = self._key()
            self._space()
            self._expect(":")
            made[key] = self.value(depth + 1)
            self._space()
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith("}", self.at):
                raise _BrokenError

    def _close(self, made: dict[str, Any], start: int) -> None:
        """Of nested closed objects only the outermost are needed when the rest breaks."""
        while self.closed and self.closed[-1].span[0] > start:
            self.closed.pop()
        self.closed.append(Found(made, (start, self.at), complete=True))

    def _array(self, depth: int) -> list[Any]:
        self.at += 1
        made: list[Any] = []
        while True:
            self._space()
            if self.text.startswith("]", self.at):
                self.at += 1
                return made
            if elided := _ELIDED.match(self.text, self.at):
                self.at = elided.end()
                continue
            made.append(self.value(depth + 1))
            self._space()
            if self.text.startswith(",", self.at):
                self.at += 1
            elif not self.text.startswith("]", self.at):
                raise _BrokenError

    def _key(self) -> str:
        char = self.text[self.at : self.at + 1]
        if char in ("'", '"') and char:
            return self._quoted(_DOUBLE if char == '"' else _SINGLE)
        if found := _KEY.match(self.text, self.at):
            self.at = found.end()
            return found.group().strip("[]")
        raise _BrokenError

    def _string(self, quote: str) -> str:
        parts = []
        while True:
            if quote == "`":
                end = self.text.find("`", self.at + 1, self.at + _LONGEST_TEMPLATE)
                if end < 0:
                    raise _BrokenError
                parts.append(self.text[self.at + 1 : end])
                self.at = end + 1
            else:
                parts.append(self._quoted(_DOUBLE if quote == '"' else _SINGLE))
            more = _CONCATENATED.match(self.text, self.at)
            if more is None:
                return "".join(parts)
            self.at = more.end()
            quote = self.text[self.at]

    def _quoted(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise _BrokenError
        self.at = found.end()
        return _ESCAPE.sub(_unescape, found.group(1))

    def _bare(self, depth: int) -> Any:
        found = _BARE.match(self.text, self.at)
        if found is None:
            raise _BrokenError
        word = found.group().strip()
        self.at = found.end()
        if word in _WORDS:
            return _WORDS[word]
        if _NUMBER.fullmatch(word):
            digits = word.rstrip("n")
            return float(digits) if "." in digits else int(digits)
        # `Map(1) {`, `Array [` and `PostgrestError {`: the class of the value that follows.
        if self.text[self.at : self.at + 1] in ("{", "[") and re.fullmatch(r"[\w.()]{1,80}", word):
            return self.value(depth + 1)
        return word

    def _space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        if found is not None:
            self.at = found.end()

    def _expect(self, char: str) -> None:
        if not self.text.startswith(char, self.at):
            raise _BrokenError
        self.at += 1


def _unescape(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] in "ux" and len(code) > 1:
        point = int(code[1:].strip("{}"), 16)
        return chr(point) if point <= 0x10FFFF else ""
    return _PLAIN.get(code, code)
