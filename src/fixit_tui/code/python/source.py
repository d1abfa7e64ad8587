"""One parsed Python file: tree, parents, and positions in the file's bytes."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from fixit_tui.code.module import encode

Positioned = ast.expr | ast.stmt | ast.ExceptHandler | ast.keyword
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE = re.compile(rb"\r\n|\r|\n")
_BOM = "\ufeff"


class Source:
    """A Python text. `tree` is empty, and `problem` says why, where it cannot be parsed."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.raw = encode(text)
        self.problem: tuple[int, str] | None = None
        self.tree = self._parsed()

    def _parsed(self) -> ast.Module:
        # A byte that is no UTF-8 is one byte in the file: so is its stand-in.
        plain = _SURROGATE.sub("?", self.text.removeprefix(_BOM))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(plain)
        except SyntaxError as error:
            self.problem = (error.lineno or 1, "cannot be parsed: its calls are missed")
        except (ValueError, RecursionError, MemoryError):
            self.problem = (1, "cannot be parsed: its calls are missed")
        return ast.Module([], [])

    @cached_property
    def _starts(self) -> list[int]:
        first = len(_BOM.encode()) if self.text.startswith(_BOM) else 0
        return [first, *(match.end() for match in _LINE.finditer(self.raw))]

    @cached_property
    def _walked(self) -> tuple[list[ast.AST], dict[ast.AST, ast.AST]]:
        nodes: list[ast.AST] = [self.tree]
        parents: dict[ast.AST, ast.AST] = {}
        for parent in nodes:  # grows while it is read, as a queue does
            for name in parent._fields:
                value = getattr(parent, name, None)
                for child in value if isinstance(value, list) else (value,):
                    if isinstance(child, ast.AST):
                        nodes.append(child)
                        # Contexts and operators are shared between nodes: they have no one parent.
                        if not isinstance(child, (ast.expr_context, ast.operator)):
                            parents[child] = parent
        return nodes, parents

    @property
    def nodes(self) -> Sequence[ast.AST]:
        """Every node, in the order of `ast.walk`."""
        return self._walked[0]

    @property
    def parents(self) -> Mapping[ast.AST, ast.AST]:
        """Every node's parent."""
        return self._walked[1]

    @cached_property
    def calls(self) -> Sequence[ast.Call]:
        """Every call, in the order of `nodes`."""
        return [node for node in self.nodes if isinstance(node, ast.Call)]

    @cached_property
    def classes(self) -> Mapping[str, ast.ClassDef]:
        """The classes at the top of the file; of two with one name the first."""
        found = (node for node in reversed(self.tree.body) if isinstance(node, ast.ClassDef))
        return {node.name: node for node in found}

    def start(self, node: Positioned) -> int:
        """The byte where a node begins."""
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: Positioned) -> int:
        """The byte behind a node."""
        return self._starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def line(self, byte: int) -> int:
        """The 1-based line of a byte."""
        return self.raw.count(b"\n", 0, byte) + 1

    def source(self, node: Positioned) -> str:
        """A node's text on one line."""
        text = self.raw[self.start(node) : self.end(node)].decode("utf-8", "surrogateescape")
        return " ".join(text.split())

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, the nearest first."""
        found = self.parents.get(node)
        while found is not None:
            yield found
            found = self.parents.get(found)

    def function(self, node: ast.AST) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The function whose steps the node is one of."""
        for parent in self.ancestors(node):
            if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
                return parent
        return None

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """The statement that the node is a part of."""
        if isinstance(node, ast.stmt):
            return node
        return next((p for p in self.ancestors(node) if isinstance(p, ast.stmt)), None)

    @cached_property
    def imports(self) -> dict[str, str]:
        """Local name → dotted origin, relative ones with their leading dots."""
        found: dict[str, str] = {}
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for item in node.names:
                    local = item.asname or item.name.partition(".")[0]
                    found[local] = item.name if item.asname else local
            elif isinstance(node, ast.ImportFrom):
                origin = "." * node.level + (node.module or "")
                for item in node.names if node.names[0].name != "*" else ():
                    glue = "" if origin.endswith(".") or not origin else "."
                    found[item.asname or item.name] = f"{origin}{glue}{item.name}"
        return found

    @cached_property
    def stars(self) -> Sequence[str]:
        """Dotted origins of `from … import *`, relative ones with their leading dots."""
        return [
            "." * node.level + (node.module or "")
            for node in self.tree.body
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*"
        ]

    @cached_property
    def packages(self) -> frozenset[str]:
        """Top-level names of all packages that the file imports anything of."""
        found: set[str] = set()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found.update(item.name.partition(".")[0] for item in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
        return frozenset(found)


def own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function or module without those of functions and classes within it."""
    pending = list(ast.iter_child_nodes(function))[::-1]
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            pending += list(ast.iter_child_nodes(node))[::-1]


def dotted(node: ast.expr) -> str:
    """`a.b.c` of names and attributes, "" for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])
