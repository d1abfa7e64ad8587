"""One parsed source file: text, tree, and positions in characters, bytes and lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node


def words(text: str) -> frozenset[str]:
    """The blank-separated words of a text as a set."""
    return frozenset(text.split())


TRANSPARENT = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "satisfies_expression",
        "non_null_expression",
        "type_assertion",
    }
)
FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "arrow_function",
        "method_definition",
        "generator_function",
        "generator_function_declaration",
    }
)
_UNDECODED = re.compile("[\ud800-\udfff\ufeff]")
_SCRIPT = re.compile(
    r"<!--.*?-->|(?P<tag><script\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>)(?P<code>.*?)(?=</script\s*>)",
    re.DOTALL | re.IGNORECASE,
)
# What stands between dashes at the head of an Astro component is TypeScript.
_FENCED = re.compile(r"\s*---[ \t]*\r?\n(?P<code>.*?)^---", re.DOTALL | re.MULTILINE)
_LANG = re.compile(r"""\blang\s*=\s*["']?(?P<name>\w+)""", re.IGNORECASE)
_NOT_NEWLINE = re.compile(r"[^\r\n]")
_INSIDE = r"[^<>`()=]*"
# `sql<Goal[]>` before a template: the grammar reads comparisons there, or nothing at all.
_TAG_TYPE = re.compile(
    r"(?P<tag>[\w$]+)(?P<type><"
    + _INSIDE
    + rf"(?:<{_INSIDE}(?:<{_INSIDE}>{_INSIDE})*>{_INSIDE})*"
    + r">)(?=`)"
)
_SQL_TAG = re.compile(r"sql\w*|\w*Sql|tx|trx|db|pg|conn|client")
MARKUP = frozenset({"vue", "svelte", "astro"})
"""Languages of components: scripts between markup that uses their names, too."""
_TYPED = MARKUP | {"typescript", "tsx"}


def decode(raw: bytes) -> str:
    """The file's text; bytes that are not UTF-8 survive as surrogates and encode back."""
    return raw.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes that `decode` came from."""
    return text.encode("utf-8", "surrogateescape")


def _scripts(text: str, language: str) -> Iterator[re.Match[str]]:
    """The scripts of a component: what stands before each is its tag, what it holds its code."""
    start = 0
    fenced = _FENCED.match(text) if language == "astro" else None
    if fenced is not None:
        yield fenced
        start = fenced.end()
    yield from (m for m in _SCRIPT.finditer(text, start) if m["tag"])


def _only_scripts(text: str, language: str) -> str:
    kept, end = [], 0
    for match in _scripts(text, language):
        kept += [_NOT_NEWLINE.sub(" ", text[end : match.start("code")]), match["code"]]
        end = match.end("code")
    return "".join(kept) + _NOT_NEWLINE.sub(" ", text[end:])


def _without_tag_types(text: str, language: str) -> str:
    """Blanks where a template's tag has type arguments; in TSX it could be markup, too."""

    def blank(match: re.Match[str]) -> str:
        if language == "tsx" and not _SQL_TAG.fullmatch(match["tag"]):
            return match[0]
        return match["tag"] + _NOT_NEWLINE.sub(" ", match["type"])

    return _TAG_TYPE.sub(blank, text) if language in _TYPED and ">`" in text else text


class Module:
    """A source text and its syntax tree; parsing happens when the tree is first asked for."""

    def __init__(self, path: str, language: str, text: str) -> None:
        self.path = path
        self.language = language
        self.text = text

    @cached_property
    def root(self) -> Node:
        """The tree's root. Its offsets are characters of `text`."""
        from ast_grep_py import SgRoot

        marked = self.language in MARKUP
        text = _only_scripts(self.text, self.language) if marked else self.text
        # One character for one: the parser takes neither lone surrogates nor a byte order mark.
        text = _without_tag_types(_UNDECODED.sub(" ", text), self.language)
        return SgRoot(text, self._grammar).root()

    @cached_property
    def _script_languages(self) -> frozenset[str]:
        """What the scripts of a component say that they are written in."""
        tags = (m.groupdict().get("tag") for m in _scripts(self.text, self.language))
        named = (_LANG.search(tag) if tag else None for tag in tags)
        return frozenset(m["name"].lower() for m in named if m)

    @property
    def _grammar(self) -> str:
        if self.language not in MARKUP:
            return self.language
        return "tsx" if self._script_languages & {"tsx", "jsx"} else "typescript"

    @cached_property
    def typed(self) -> bool:
        """Whether types may be written here: in a component where one of its scripts says so."""
        if self.language in ("vue", "svelte"):
            return bool(self._script_languages & {"ts", "tsx", "typescript"})
        return self.language != "javascript"

    @cached_property
    def calls(self) -> Sequence[tuple[Node, Node, str, str]]:
        """Every call in source order: it, what it calls, that one's kind and its last name."""
        found = []
        for call in self.root.find_all(kind="call_expression"):
            function = callee(call)
            if function is not None:
                kind = function.kind()
                label = function.field("property") if kind == "member_expression" else function
                name = "" if label is None or label.child(0) is not None else label.text()
                found.append((call, function, kind, name))
        return found

    @cached_property
    def assigned(self) -> frozenset[str]:
        """Names that are assigned to anywhere after their declaration."""
        return frozenset(
            left.text() for left in self._assignment_targets if left.kind() == "identifier"
        )

    @cached_property
    def mutated(self) -> frozenset[str]:
        """Names of objects that get or lose a property after they were made."""
        found: set[str] = set()
        for left in self._assignment_targets:
            target = left.field("object")
            if target is not None:
                found.add(target.text())
        for call in self.root.find_all(kind="call_expression"):
            function, given = callee(call), arguments(call)
            if function is not None and given and function.text() == "Object.assign":
                found.add(given[0].text())
        for removal in self.root.find_all(kind="unary_expression"):
            argument = removal.field("argument")
            target = None if argument is None else argument.field("object")
            if target is not None and removal.text().startswith("delete"):
                found.add(target.text())
        return frozenset(found)

    @cached_property
    def _assignment_targets(self) -> list[Node]:
        kinds = ("assignment_expression", "augmented_assignment_expression")
        changes = [c for kind in kinds for c in self.root.find_all(kind=kind)]
        return [left for c in changes if (left := c.field("left")) is not None]

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(m.end() for m in re.finditer("\n", self.text))]

    @cached_property
    def _line_bytes(self) -> list[int]:
        starts, total = [0], 0
        for line in self.text.split("\n")[:-1]:
            total += len(encode(line)) + 1
            starts.append(total)
        return starts

    @cached_property
    def _ascii(self) -> bool:
        return self.text.isascii()

    def byte(self, index: int) -> int:
        """The byte offset of a character offset."""
        if self._ascii:
            return index
        line = bisect_right(self._line_starts, index) - 1
        return self._line_bytes[line] + len(encode(self.text[self._line_starts[line] : index]))

    def line(self, index: int) -> int:
        """The 1-based line of a character offset."""
        return bisect_right(self._line_starts, index)

    def source(self, node: Node) -> str:
        """The file's own text of a node."""
        start, end = span(node)
        return self.text[start:end]


def span(node: Node) -> tuple[int, int]:
    """First character and the one behind the last."""
    place = node.range()
    return place.start.index, place.end.index


def operands(node: Node) -> list[Node]:
    """Named children without comments."""
    return [c for c in node.named_children() if c.kind() != "comment"]


def unwrap(node: Node) -> Node:
    """The expression inside parentheses, casts and non-null marks."""
    while node.kind() in TRANSPARENT:
        inner = operands(node)
        if not inner:
            return node
        node = inner[-1] if node.kind() == "type_assertion" else inner[0]
    return node


def wrapped(node: Node) -> Node:
    """The outermost node that is still the same value: the inverse of `unwrap`."""
    while (parent := node.parent()) is not None and parent.kind() in TRANSPARENT:
        node = parent
    return node


def arguments(call: Node) -> list[Node]:
    """Argument nodes of a call."""
    holder = call.field("arguments")
    if holder is None or holder.kind() != "arguments":
        return []
    return operands(holder)


def callee(call: Node) -> Node | None:
    """What a call calls. The grammar puts `await` inside a call with type arguments; undo that."""
    function = call.field("function")
    if function is not None and function.kind() == "await_expression":
        inner = operands(function)
        function = inner[0] if inner else None
    return None if function is None else unwrap(function)


def call_of(member: Node) -> Node | None:
    """The call whose callee is this member expression, or None when it is not called."""
    parent = member.parent()
    if parent is not None and parent.kind() == "await_expression":
        member, parent = parent, parent.parent()
    if parent is None or parent.kind() != "call_expression":
        return None
    return parent if parent.field("function") == member else None


def method_name(call: Node) -> str:
    """`insert` for `x.insert(…)`, "" for a call of something else."""
    function = callee(call)
    if function is None or function.kind() != "member_expression":
        return ""
    name = function.field("property")
    return "" if name is None else name.text()


def enclosing(node: Node, kinds: frozenset[str]) -> Node | None:
    """The nearest ancestor of one of the kinds."""
    return next((a for a in node.ancestors() if a.kind() in kinds), None)


def contains(outer: Node, inner: Node) -> bool:
    """Whether one node's text lies within the other's."""
    (start, end), (first, last) = span(outer), span(inner)
    return start <= first and last <= end
