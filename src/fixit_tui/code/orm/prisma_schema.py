"""Models of Prisma schema files: tables, columns, unique keys and relations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from fixit_tui.code.orm.table import Table
from fixit_tui.code.project import Project

_BLOCK = re.compile(r"^\s*(model|view|datasource|enum|type|generator)\s+(\w+)\s*\{", re.MULTILINE)
_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*')
_PROVIDER = re.compile(r'\bprovider\s*=\s*"(\w+)"')
_FIELD = re.compile(r"^(\w+)\s+(\w+)(\[\])?(\?)?\s*(.*)$", re.DOTALL)
_NAMED = re.compile(r'(?:\bname\s*:\s*|^\s*)"((?:[^"\\]|\\.)*)"')
_FRESH = re.compile(r"^\s*(uuid|cuid|nanoid|ulid)\(")
_POSTGRES = frozenset({"postgresql", "postgres", "cockroachdb"})


@dataclass(frozen=True, slots=True)
class Relation:
    """A field that leads to another model; `fields` are empty on the side without the key."""

    model: str
    fields: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """One model. `keys` maps what `where` calls a unique key to its fields."""

    name: str
    table: Table
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    relations: Mapping[str, Relation] = field(default_factory=dict)

    def key_on(self, columns: frozenset[str]) -> str | None:
        """The name of the unique key that has exactly these columns."""
        for name, fields in self.keys.items():
            if {self.table.column(f) for f in fields} == columns:
                return name
        return None


def models(project: Project) -> dict[str, Model]:
    """Models of PostgreSQL schemas by the client's property; what two files disagree on is out."""
    return project.remember("prisma models", lambda: _all(project))


def _all(project: Project) -> dict[str, Model]:
    texts = []
    known = False
    for path in project.ending(".prisma"):
        module = project.load(path)
        text = "" if module is None else _COMMENT.sub(lambda m: m[1] or "", module.text)
        sources = [body for kind, _, body in _blocks(text) if kind == "datasource"]
        providers = {match[1] for body in sources for match in _PROVIDER.finditer(body)}
        if not providers or providers & _POSTGRES:
            texts.append(text)
        known = known or bool(providers & _POSTGRES)
    if not known:
        return {}
    found: dict[str, Model | None] = {}
    for text in texts:
        for model in read_models(text):
            key = model.name[:1].lower() + model.name[1:]
            same = found.get(key, model)
            found[key] = model if same == model else None
    return {key: model for key, model in found.items() if model is not None}


def read_models(text: str) -> Iterator[Model]:
    """The models of one schema text without comments."""
    blocks = list(_blocks(text))
    names = {name for kind, name, _ in blocks if kind in ("model", "view")}
    for kind, name, body in blocks:
        if kind in ("model", "view"):
            yield _model(name, body, names)


def _blocks(text: str) -> Iterator[tuple[str, str, str]]:
    for match in _BLOCK.finditer(text):
        end = _closing(text, match.end() - 1)
        yield match[1], match[2], text[match.end() : end]


def _closing(text: str, start: int) -> int:
    """The bracket that closes the one at `start`; strings are passed over."""
    depth, quote = 0, False
    for index in range(start, len(text)):
        char = text[index]
        if char == '"' and text[index - 1] != "\\":
            quote = not quote
        elif not quote:
            depth += (char in "{([") - (char in "})]")
            if depth == 0:
                return index
    return len(text)


def _statements(body: str) -> Iterator[str]:
    """Lines, those joined that end inside of brackets."""
    held = ""
    for line in body.split("\n"):
        held = f"{held}\n{line}" if held else line.strip()
        bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", held)
        if sum(bare.count(c) for c in "([{") <= sum(bare.count(c) for c in ")]}"):
            if held:
                yield held
            held = ""


def _model(name: str, body: str, names: set[str]) -> Model:
    table, schema = name, None
    fields: dict[str, str] = {}
    made: dict[str, str] = {}
    keys: dict[str, tuple[str, ...]] = {}
    relations: dict[str, Relation] = {}
    for line in _statements(body):
        if line.startswith("@@"):
            given = _attribute(line, line[2:].partition("(")[0].strip(), "@@") or ""
            if line.startswith("@@map"):
                table = _string(given) or table
            elif line.startswith("@@schema"):
                schema = _string(given)
            elif line.startswith(("@@unique", "@@id")):
                parts = _list(given)
                named = re.search(r'\bname\s*:\s*"(\w+)"', given)
                keys[named[1] if named else "_".join(parts)] = parts
            continue
        match = _FIELD.match(line)
        if match is None:
            continue
        label, kind, attributes = match[1], match[2], match[5]
        if kind in names:
            relations[label] = _relation(kind, attributes)
            continue
        _scalar(label, attributes, fields, made, keys)
    return Model(name, Table(table, schema, fields, True, made), keys, relations)


def _scalar(
    label: str,
    attributes: str,
    fields: dict[str, str],
    made: dict[str, str],
    keys: dict[str, tuple[str, ...]],
) -> None:
    column = _string(_attribute(attributes, "map") or "") or label
    fields[label] = column
    if re.search(r"@(?:id|unique)\b", attributes):
        keys[label] = (label,)
    fresh = _FRESH.match(_attribute(attributes, "default") or "")
    if fresh is not None:
        made[column] = f"{fresh[1]}()"


def _relation(kind: str, attributes: str) -> Relation:
    given = _attribute(attributes, "relation") or ""
    fields = re.search(r"\bfields\s*:\s*(\[[^\]]*\])", given)
    references = re.search(r"\breferences\s*:\s*(\[[^\]]*\])", given)
    return Relation(
        kind,
        _list(fields[1]) if fields else (),
        _list(references[1]) if references else (),
        _string(given) or "",
    )


def _attribute(text: str, name: str, sign: str = "@") -> str | None:
    """What stands in the brackets of an attribute, None when it is absent or has none."""
    match = re.search(rf"(?<![\w@.]){re.escape(sign)}{re.escape(name)}\s*\(", text)
    if match is None:
        return None
    return text[match.end() : _closing(text, match.end() - 1)]


def _string(given: str) -> str | None:
    match = _NAMED.search(given)
    return None if match is None else match[1]


def _list(given: str) -> tuple[str, ...]:
    """Field names of `[a, b(sort: Desc)]`."""
    match = re.search(r"\[(.*)\]", given, re.DOTALL)
    inner = re.sub(r"\([^)]*\)", "", match[1]) if match else ""
    return tuple(part.strip() for part in inner.split(",") if part.strip())
