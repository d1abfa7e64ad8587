"""The modules of one code folder, parsed at most once, and what their imports lead to."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar, cast

from fixit_tui.code.common_js import assigned_export
from fixit_tui.code.module import Module, decode, encode
from fixit_tui.code.scopes import Binding, Scopes

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

T = TypeVar("T")
MARKS = (
    b"pgTable", b"pgSchema", b"casing",
    b"CamelCasePlugin", b"knex", b"knexSnakeCaseMappers", b"snakeCaseMappers",
    b"@Entity", b"EntitySchema", b"Column", b"SnakeNamingStrategy",
    b"sequelize", b"Sequelize", b"sequelize-typescript", b"objection", b"tableName",
    b"transaction",
)  # fmt: skip
"""What only such files hold as declare models, set how names become columns, open transactions."""

_ENDINGS = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_SOURCES = (*_ENDINGS, ".vue", ".svelte", ".astro")
_INDEXES = tuple(f"/index{ending}" for ending in _ENDINGS)
_ALIAS = re.compile(r"^(?:[@~#$][^/.]*|src|app|lib)/(?P<rest>.+)$")
_MAX_KEPT = 400


class Project:
    """Modules by relative path. `load` gives None for what is no readable source file."""

    def __init__(
        self,
        paths: Iterable[str],
        read: Callable[[str], Module | None],
        raw: Callable[[str], bytes | None] = lambda _: None,
    ) -> None:
        self._paths = frozenset(paths)
        self._read = read
        self._raw = raw
        self._holding: dict[bytes, list[str]] | None = None
        self._remembered: dict[str, object] = {}
        self._modules: dict[str, Module | None] = {}
        self._scopes: dict[str, Scopes] = {}
        self._by_tail: dict[str, list[str]] | None = None

    def add(self, module: Module) -> None:
        """Keep a module that was parsed already; the oldest ones go when there are too many."""
        while len(self._modules) >= _MAX_KEPT:
            oldest = next(iter(self._modules))
            del self._modules[oldest]
            self._scopes.pop(oldest, None)
        self._modules[module.path] = module

    def put(self, module: Module) -> None:
        """Another text for a path; what was remembered about files that declare models goes."""
        self._modules.pop(module.path, None)
        self._scopes.pop(module.path, None)
        self.add(module)
        if module.path.endswith(".prisma") or any(
            module.path in paths for paths in (self._holding or {}).values()
        ):
            self._holding = None
            self._remembered.clear()

    def load(self, path: str) -> Module | None:
        """The module at a relative path."""
        if path not in self._modules:
            found = self._read(path)
            if found is None:
                self._modules[path] = None
                return None
            self.add(found)
        return self._modules[path]

    def holding(self, *marks: bytes) -> list[str]:
        """Paths of TypeScript and JavaScript whose bytes hold one of `MARKS`; all are read once."""
        if self._holding is None:
            self._holding = {mark: [] for mark in MARKS}
            for path in sorted(p for p in self._paths if p.endswith(_SOURCES)):
                raw = self._bytes(path)
                for mark in MARKS:
                    if mark in raw:
                        self._holding[mark].append(path)
        found = {path for mark in marks for path in self._holding[mark]}
        return sorted(found)

    def text(self, path: str) -> str:
        """The text of a file, "" where it cannot be read."""
        return decode(self._bytes(path))

    def _bytes(self, path: str) -> bytes:
        known = self._modules.get(path)
        return encode(known.text) if known is not None else self._raw(path) or b""

    def ending(self, suffix: str) -> list[str]:
        """Paths that end with a suffix such as '.prisma'."""
        return sorted(path for path in self._paths if path.endswith(suffix))

    def remember(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gave when it was first asked for under that name."""
        if name not in self._remembered:
            self._remembered[name] = make()
        return cast("T", self._remembered[name])

    def scopes(self, module: Module) -> Scopes:
        """The scopes of a module."""
        known = self._scopes.get(module.path)
        if known is None:
            known = self._scopes[module.path] = Scopes()
        return known

    def locate(self, importer: str, origin: str) -> str | None:
        """The path that an import specifier means, None for a package or an ambiguous alias."""
        if origin.startswith("."):
            base = posixpath.normpath(posixpath.join(posixpath.dirname(importer), origin))
            return self._existing(base)
        alias = _ALIAS.match(origin)
        if alias is None:
            return None
        tails = self._tails()
        hits = {
            path
            for end in ("", *_ENDINGS, *_INDEXES)
            for path in tails.get(posixpath.basename(alias["rest"] + end), ())
            if path == alias["rest"] + end or path.endswith("/" + alias["rest"] + end)
        }
        return hits.pop() if len(hits) == 1 else None

    def _existing(self, base: str) -> str | None:
        stem = re.sub(r"\.[cm]?jsx?$", "", base)
        for start in dict.fromkeys((base, stem)):
            for end in ("", *_ENDINGS, *_INDEXES):
                if start + end in self._paths:
                    return start + end
        return None

    def _tails(self) -> dict[str, list[str]]:
        if self._by_tail is None:
            self._by_tail = {}
            for path in self._paths:
                self._by_tail.setdefault(posixpath.basename(path), []).append(path)
        return self._by_tail

    def exported(self, module: Module, name: str, depth: int = 0) -> tuple[Module, Binding] | None:
        """What a module exports under a name, following re-exports a few steps."""
        if depth > 4:
            return None
        scopes = self.scopes(module)
        top = scopes.declared(module.root)
        if name != "default" and name in top and top[name].kind != "import":
            return module, top[name]
        for statement in module.root.named_children():
            if statement.kind() != "export_statement":
                continue
            found = self._through(module, statement, name, depth)
            if found is not None:
                return found
        binding = assigned_export(module.root, name)
        return None if binding is None else (module, binding)

    def _through(
        self, module: Module, statement: Node, name: str, depth: int
    ) -> tuple[Module, Binding] | None:
        top = self.scopes(module).declared(module.root)
        if name == "default" and any(c.kind() == "default" for c in statement.children()):
            value = statement.field("value") or statement.field("declaration")
            label = value if value is None or value.kind() == "identifier" else value.field("name")
            binding = top.get(label.text()) if label is not None else None
            if binding is None and value is not None and value.kind() != "identifier":
                binding = Binding("default", "const", 0, value, value)
            return None if binding is None else self.follow(module, binding, depth + 1)
        source = statement.field("source")
        local = name
        clause = next((c for c in statement.named_children() if c.kind() == "export_clause"), None)
        if clause is not None:
            for item in clause.named_children():
                original, alias = item.field("name"), item.field("alias")
                if original is not None and (alias or original).text() == name:
                    local = original.text()
                    break
            else:
                return None
        if source is None:
            binding = top.get(local) if clause is not None else None
            return None if binding is None else self.follow(module, binding, depth + 1)
        path = self.locate(module.path, source.text()[1:-1])
        target = None if path is None else self.load(path)
        return None if target is None else self.exported(target, local, depth + 1)

    def follow(self, module: Module, binding: Binding, depth: int = 0) -> tuple[Module, Binding]:
        """The declaration behind an import, or the binding itself where that is not in sight."""
        if binding.kind != "import" or binding.path == ("*",):
            return module, binding
        path = self.locate(module.path, binding.origin)
        target = None if path is None else self.load(path)
        if target is None:
            return module, binding
        return self.exported(target, binding.path[0], depth + 1) or (module, binding)
