"""The Python call to edit, found again in a text, and changes of its bytes."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from fixit_tui.code.facts import CodeCall
from fixit_tui.code.module import decode
from fixit_tui.code.python.chains import method
from fixit_tui.code.python.source import Source


@dataclass(frozen=True, slots=True)
class Change:
    """Replace the bytes from `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class PySite:
    """`outer` is the whole call as it stands in the present text."""

    source: Source
    outer: ast.Call
    scanned: CodeCall

    def step(self, *names: str) -> ast.Call | None:
        """The call of one of these names in the chain."""
        node: ast.expr = self.outer
        while isinstance(node, (ast.Call, ast.Attribute, ast.Await)):
            if isinstance(node, ast.Call):
                if method(node) in names:
                    return node
                node = node.func
            else:
                node = node.value
        return None

    def changed(self, changes: Sequence[Change]) -> str:
        """The whole text with the changes made."""
        raw = self.source.raw
        for change in sorted(changes, key=lambda c: (c.start, c.end), reverse=True):
            raw = raw[: change.start] + change.text.encode() + raw[change.end :]
        return decode(raw)

    def joined(self, changes: Sequence[Change]) -> list[Change]:
        """The changes, of those at one and the same place one after the other."""
        found: dict[tuple[int, int], str] = {}
        for change in changes:
            place = (change.start, change.end)
            found[place] = found.get(place, "") + change.text
        return [Change(*place, text) for place, text in found.items()]

    @property
    def quote(self) -> str:
        """The quote that this call, else this file, writes strings with."""
        for part in (self.source.source(self.outer), self.source.text):
            single, double = part.count("'"), part.count('"')
            if single != double:
                return "'" if single > double else '"'
        return '"'

    def string(self, text: str) -> str:
        """A string literal in the file's own quotes."""
        body = text.replace("\\", "\\\\").replace(self.quote, "\\" + self.quote)
        return f"{self.quote}{body}{self.quote}"

    def rename(self, call: ast.Call, name: str) -> list[Change]:
        """Another method name."""
        if not isinstance(call.func, ast.Attribute) or call.func.attr == name:
            return []
        end = self.source.end(call.func)
        return [Change(end - len(call.func.attr.encode()), end, name)]

    def keyword(self, call: ast.Call, name: str, value: str | None) -> list[Change]:
        """An argument with this value; without one where that is None."""
        held = next((k for k in call.keywords if k.arg == name), None)
        source = self.source
        if held is not None and value is not None:
            start, end = source.start(held.value), source.end(held.value)
            same = source.source(held.value) == value
            return [] if same else [Change(start, end, value)]
        if held is not None:
            return [self._without(call, held)]
        if value is None:
            return []
        return [self._added(call, f"{name}={value}")]

    def _without(self, call: ast.Call, held: ast.keyword) -> Change:
        ends = [self.source.end(a) for a in call.args]
        ends += [self.source.end(k.value) for k in call.keywords if k is not held]
        end = self.source.end(held.value)
        before = max((e for e in ends if e < end), default=end)
        return Change(before, end, "")

    def _added(self, call: ast.Call, text: str) -> Change:
        """One more argument, on a line of its own where the last one has one."""
        source = self.source
        last = max(source.end(a) for a in [*call.args, *(k.value for k in call.keywords)])
        close = source.end(call) - 1
        tail = source.raw[last:close]
        # A comma behind the last argument stays the last thing; a comment may follow it.
        if tail.strip() == b"," and b"\n" in tail:
            starts = [*(source.start(a) for a in call.args)]
            starts += [source.start(k.value) for k in call.keywords]
            line = source.raw.rfind(b"\n", 0, max(starts)) + 1
            lead = source.raw[line : max(starts)]
            white = lead[: len(lead) - len(lead.lstrip())].decode()
            eol = "\r\n" if b"\r\n" in source.raw else "\n"
            comma = last + tail.index(b",")
            return Change(comma, comma, f",{eol}{white}{text}")
        return Change(last, last, f", {text}")


def find(text: str, call: CodeCall, strict: bool) -> PySite | None:
    """The call where the scan has found it; `strict`: to its very end."""
    source = Source(call.path, text)
    here = [c for c in source.calls if source.start(c) == call.start_byte]
    exact = [c for c in here if source.end(c) == call.end_byte]
    if strict and not exact:
        return None
    chosen = exact or sorted(here, key=source.end)[-1:]
    return PySite(source, chosen[0], call) if chosen else None
