"""The call to edit, found again in a text, and small text changes around it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixit_tui.code.chains import Chain
from fixit_tui.code.draft import Draft
from fixit_tui.code.facts import CodeCall
from fixit_tui.code.module import Module, callee, decode, span, wrapped
from fixit_tui.code.project import Project
from fixit_tui.code.reader import CallReader, finish
from fixit_tui.code.values import Values
from fixit_tui.code.walk import LANGUAGES

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_STATEMENTS = frozenset({"expression_statement", "lexical_declaration", "variable_declaration"})
_BLOCKS = frozenset({"statement_block", "program", "switch_case", "switch_default"})


@dataclass(frozen=True, slots=True)
class Change:
    """Replace the characters from `start` to `end`."""

    start: int
    end: int
    text: str


def changed(text: str, changes: Sequence[Change]) -> str:
    """A text with changes made that do not overlap."""
    for change in sorted(changes, key=lambda c: (c.start, c.end), reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return text


@dataclass(frozen=True, slots=True)
class Site:
    """The call as it stands in the present text.

    `now` is what a fresh scan of this text alone says about it, `scanned` what the scan of the
    whole folder said, which knows what other files hold.
    """

    module: Module
    chain: Chain
    now: CodeCall
    values: Values
    scanned: CodeCall

    @property
    def text(self) -> str:
        return self.module.text

    @property
    def eol(self) -> str:
        """The file's line ending."""
        return "\r\n" if "\r\n" in self.text else "\n"

    @property
    def quote(self) -> str:
        """The quote that this call, else this file, writes strings with."""
        start, end = span(self.chain.outer.node)
        for part in (self.text[start:end], self.text):
            single, double = part.count("'"), part.count('"')
            if single != double:
                return "'" if single > double else '"'
        return "'"

    def string(self, text: str) -> str:
        """A string literal in the file's own quotes."""
        body = text.replace("\\", "\\\\").replace(self.quote, "\\" + self.quote)
        return f"{self.quote}{body}{self.quote}"

    @property
    def semicolon(self) -> str:
        """ ";" when this statement, or most lines of the file, end with one."""
        statement = self.statement
        if statement is not None:
            return ";" if self.module.source(statement).rstrip().endswith(";") else ""
        return ";" if self.text.count(";") * 4 > self.text.count("\n") else ""

    @property
    def statement(self) -> Node | None:
        """The statement that the call is the main part of, when it stands in a block."""
        for parent in self.chain.outer.node.ancestors():
            if parent.kind() in _STATEMENTS:
                holder = parent.parent()
                return parent if holder is not None and holder.kind() in _BLOCKS else None
            if parent.kind() not in _CARRIERS:
                return None
        return None

    def indent_at(self, index: int) -> str:
        """The white space with which the line of a character begins."""
        start = self.text.rfind("\n", 0, index) + 1
        return re.match(r"[ \t]*", self.text[start:])[0]  # type: ignore[index]

    @property
    def indent_step(self) -> str:
        """One level of indentation as the file does it."""
        found = re.findall(r"^([ \t]+)\S", self.text, re.MULTILINE)
        if any(white.startswith("\t") for white in found):
            return "\t"
        widths = [len(w) for w in found if len(w) > 1]
        return " " * min(widths, default=2)

    def changed(self, changes: Sequence[Change]) -> str:
        """The whole text with the changes made."""
        return changed(self.text, changes)


def renamed(call: Node, name: str) -> Change:
    """Another method name for one call of a chain."""
    function = callee(call)
    label = None if function is None else function.field("property")
    assert label is not None
    return Change(*span(label), name)


_CARRIERS = frozenset(
    {
        "await_expression",
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "variable_declarator",
        "call_expression",
        "unary_expression",
    }
)


def folder(paths: Iterable[str], read: Callable[[str], bytes | None]) -> Project:
    """The files around the edited one: where data layers declare their models."""

    def module(path: str) -> Module | None:
        raw = read(path)
        return None if raw is None else Module(path, language_of(path), decode(raw))

    return Project(paths, module, read)


def language_of(path: str) -> str:
    """The language that a file is read as."""
    return LANGUAGES.get("." + path.rpartition(".")[2].lower(), "typescript")


def locate(
    source: str, call: CodeCall, strict: bool = False, around: Project | None = None
) -> Site | None:
    """The call in a text that may have been edited since it was scanned, None if it is unclear.

    `strict` takes only the very call at the very place: what deletes must not find another one.
    `around` has the other files: declared types, constants, the models of data layers.
    """
    module = Module(call.path, language_of(call.path), source)
    project = Project([call.path], lambda _: None) if around is None else around
    project.put(module)
    drafts = list(CallReader(project, lambda *_: iter(())).drafts(module))
    calls, _, _ = finish(project, module, drafts)
    pairs = [(found, _draft_of(module, found, drafts)) for found in calls]
    here = [p for p in pairs if p[0].start_byte == call.start_byte and _same(p[0], call)]
    exact = [p for p in here if p[0].end_byte == call.end_byte]
    moved = [p for p in pairs if _same(p[0], call) and p[0].function == call.function]
    unchanged = [p for p in exact if p[0].column_values == call.column_values]
    alike = [
        p
        for p in moved
        if (p[0].statement, p[0].column_values) == (call.statement, call.column_values)
    ]
    for choice in (unchanged,) if strict else (exact, here, alike, moved):
        if len(choice) == 1:
            now, draft = choice[0]
            first = draft.chain.first
            start, end = span(draft.chain.outer.node)
            inside = first.module is module and start <= span(first.node)[0] <= end
            if not inside and not _continues_variable(draft.chain):
                return None
            return Site(module, draft.chain, now, Values(project), call)
    return None


def _continues_variable(chain: Chain) -> bool:
    """`table.insert(…)` where `table` holds `client.from(…)` of the same module."""
    return wrapped(chain.first.node).parent() is not None and bool(
        chain.steps
        and span(chain.steps[0].call.node)[1] <= chain.end
        and chain.first.module is chain.outer.module
        and span(chain.steps[0].call.node)[0] >= chain.start
    )


def _draft_of(module: Module, call: CodeCall, drafts: Sequence[Draft]) -> Draft:
    return next(
        d
        for d in drafts
        if module.byte(d.start) == call.start_byte
        and module.byte(d.end) == call.end_byte
        and d.fields["verb"] == call.verb
        and d.fields.get("relation") == call.relation
    )


def _same(one: CodeCall, other: CodeCall) -> bool:
    verbs = {one.verb, other.verb}
    return (
        one.library == other.library
        and one.client == other.client
        and (one.relation == other.relation or other.relation is None)
        and one.routine == other.routine
        and (len(verbs) == 1 or verbs == {"insert", "upsert"})
        and _first_word(one.statement) == _first_word(other.statement)
    )


def _first_word(statement: str | None) -> str:
    return (statement or "").split(maxsplit=1)[0].upper() if (statement or "").strip() else ""


def broken_places(site: Site, text: str) -> bool:
    """Whether the new text has syntax errors that the old one had not."""
    new = Module(site.module.path, site.module.language, text)
    return _errors(new) > _errors(site.module)


def _errors(module: Module) -> int:
    return len(module.root.find_all(kind="ERROR"))
