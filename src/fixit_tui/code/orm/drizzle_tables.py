"""Tables that Drizzle declares: pgTable, pgSchema('x').table, and tables of a pgTableCreator."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from fixit_tui.code.module import FUNCTIONS, arguments, callee, method_name, operands, unwrap
from fixit_tui.code.orm.table import Table, quoted, snake
from fixit_tui.code.project import Project
from fixit_tui.code.values import Ref, Values

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

MARKS = (b"pgTable", b"pgSchema")
_CASING = re.compile(r"\bcasing\s*:\s*['\"](\w+)['\"]")
_NAMESPACE = re.compile(r"schema|tables?$", re.IGNORECASE)
_MADE = frozenset({"$defaultFn", "$default", "$onUpdate", "$onUpdateFn"})
_DEPTH = 4


def table_of(values: Values, ref: Ref) -> Table | None:
    """The table that an expression means: declared in sight, or the only export of that name."""
    here = values.resolve(ref)
    if here.node.kind() == "call_expression":
        return _declared(values, here)
    name = _outside_name(values, here)
    return None if name is None else exported(values.project).get(name)


def column_of(values: Values, ref: Ref, aliases: dict[str, Table]) -> tuple[Table, str] | None:
    """Table and column of `profiles.userId`; `aliases` are the names a callback gives tables."""
    node = unwrap(ref.node)
    owner, label = node.field("object"), node.field("property")
    if node.kind() != "member_expression" or owner is None or label is None:
        return None
    table = aliases.get(owner.text()) if owner.kind() == "identifier" else None
    table = table or table_of(values, ref.at(owner))
    column = None if table is None else table.column(label.text())
    return None if table is None or column is None else (table, column)


def declared_name(values: Values, ref: Ref) -> str | None:
    """The SQL name of a table or column that is written into an `sql` template."""
    column = column_of(values, ref, {})
    if column is not None:
        return quoted(column[1])
    table = table_of(values, ref)
    if table is None:
        return None
    return ".".join(quoted(part) for part in (table.schema, table.name) if part is not None)


def _outside_name(values: Values, ref: Ref) -> str | None:
    """The exported name behind an import that leads out of the folder, or `schema.name`."""
    node = ref.node
    if node.kind() == "identifier":
        found = values.binding(ref)
        if found is None or found[1].kind != "import" or found[1].path == ("*",):
            return None
        return found[1].path[0] if len(found[1].path) == 1 else None
    owner, label = node.field("object"), node.field("property")
    if node.kind() != "member_expression" or owner is None or label is None:
        return None
    root = unwrap(owner)
    if root.kind() == "identifier":
        found = values.binding(ref.at(root))
        if found is not None and found[1].kind == "import":
            return label.text()
    return label.text() if _NAMESPACE.search(owner.text()) else None


def exported(project: Project) -> dict[str, Table]:
    """Every declared table by its name in code; names that mean two tables are left out."""
    return project.remember("drizzle tables", lambda: _all_tables(project))


def _all_tables(project: Project) -> dict[str, Table]:
    found: dict[str, Table | None] = {}
    values = Values(project)
    for path in project.holding(*MARKS):
        module = project.load(path)
        if module is None:
            continue
        for declarator in module.root.find_all(kind="variable_declarator"):
            name, value = declarator.field("name"), declarator.field("value")
            if name is None or value is None or unwrap(value).kind() != "call_expression":
                continue
            table = _declared(values, Ref(module, unwrap(value)))
            if table is not None:
                known = found.get(name.text(), table)
                found[name.text()] = table if known == table else None
    return {name: table for name, table in found.items() if table is not None}


def _declared(values: Values, call: Ref, depth: int = 0) -> Table | None:
    function, given = callee(call.node), arguments(call.node)
    if function is None or depth > _DEPTH:
        return None
    if method_name(call.node) == "enableRLS":
        inner = function.field("object")
        return None if inner is None else _declared(values, call.at(unwrap(inner)), depth + 1)
    if len(given) < 2:
        return None
    name = values.string(call.at(given[0]))
    if name is None:
        return None
    placed = _placed(values, call.at(function), name)
    if placed is None:
        return None
    schema, name = placed
    fields: dict[str, str] = {}
    made: dict[str, str] = {}
    whole = _read_columns(values, call.at(given[1]), fields, made)
    return Table(name, schema, fields, whole, made)


def _placed(values: Values, function: Ref, name: str) -> tuple[str | None, str] | None:
    """Schema and name, when the function makes PostgreSQL tables."""
    node = function.node
    if node.kind() == "member_expression":
        label, owner = node.field("property"), node.field("object")
        if label is None or owner is None:
            return None
        if label.text() == "pgTable":
            return None, name
        made = values.resolve(function.at(owner))
        inner = callee(made.node) if made.node.kind() == "call_expression" else None
        if label.text() != "table" or inner is None:
            return None
        given = arguments(made.node)
        if inner.text().rpartition(".")[2] != "pgSchema" or not given:
            return None
        schema = values.string(made.at(given[0]))
        return None if schema is None else (schema, name)
    if node.kind() != "identifier":
        return None
    found = values.binding(function)
    if found is not None and found[1].kind == "import":
        return (None, name) if found[1].path[:1] == ("pgTable",) else None
    made = values.resolve(function)
    maker = callee(made.node) if made.node.kind() == "call_expression" else None
    if maker is not None and maker.text().rpartition(".")[2] == "pgTableCreator":
        renamed = _renamed(values, made, name)
        return None if renamed is None else (None, renamed)
    return (None, name) if found is None and node.text() == "pgTable" else None


def _renamed(values: Values, maker: Ref, name: str) -> str | None:
    """What `pgTableCreator((name) => `app_${name}`)` makes of a table's name."""
    given = arguments(maker.node)
    arrow = unwrap(given[0]) if given else None
    body = None if arrow is None or arrow.kind() != "arrow_function" else arrow.field("body")
    if arrow is None or body is None:
        return None
    parameters = values.project.scopes(maker.module).declared(arrow)
    mark = "\x00"
    for binding in parameters.values():
        text = _with_mark(values, maker, body, binding.name, mark)
        if text is not None:
            return text.replace(mark, name)
    return None


def _with_mark(values: Values, maker: Ref, body: Node, parameter: str, mark: str) -> str | None:
    body = unwrap(body)
    if body.kind() == "identifier" and body.text() == parameter:
        return mark
    if body.kind() != "template_string":
        return None
    parts: list[str] = []
    for child in body.named_children():
        if child.kind() == "template_substitution":
            inner = operands(child)[0]
            own = inner.kind() == "identifier" and inner.text() == parameter
            text = mark if own else values.string(maker.at(inner))
            if text is None:
                return None
            parts.append(text)
        else:
            parts.append(child.text())
    return "".join(parts)


def _read_columns(
    values: Values, ref: Ref, fields: dict[str, str], made: dict[str, str], depth: int = 0
) -> bool:
    """Collect property → column; whether all of them could be read."""
    here = values.resolve(ref)
    if here.node.kind() in FUNCTIONS:
        body = here.node.field("body")
        here = here.at(unwrap(body)) if body is not None else here
    if here.node.kind() == "call_expression" and depth <= _DEPTH:
        return _spread_call(values, here, fields, made, depth)
    if here.node.kind() != "object" or depth > _DEPTH:
        return False
    whole = True
    for child in operands(here.node):
        kind = child.kind()
        if kind == "spread_element":
            inner = here.at(operands(child)[0])
            whole = _read_columns(values, inner, fields, made, depth + 1) and whole
        elif kind == "shorthand_property_identifier":
            _read_column(values, child.text(), here.at(child), fields, made)
        elif kind == "pair":
            key, value = values.key(here, child), child.field("value")
            if key is None or value is None:
                whole = False
            else:
                _read_column(values, key, here.at(value), fields, made)
    return whole


def _spread_call(
    values: Values, call: Ref, fields: dict[str, str], made: dict[str, str], depth: int
) -> bool:
    """`...timestamps()` where the function gives back an object of columns."""
    function = callee(call.node)
    found = None if function is None else values.resolve(call.at(function))
    if found is None or found.node.kind() != "arrow_function":
        return False
    return _read_columns(values, found, fields, made, depth + 1)


def _read_column(
    values: Values, key: str, ref: Ref, fields: dict[str, str], made: dict[str, str]
) -> None:
    here = values.resolve(ref)
    for _ in range(2 * _DEPTH):
        base, methods = _base_call(here)
        if base is None:
            return
        for method, call in methods:
            if method in _MADE:
                made.setdefault(key, _made_text(call))
        given = arguments(base.node)
        named = values.string(base.at(given[0])) if given else None
        helper = None if named is not None else _helper_body(values, base)
        if helper is None:
            break
        here = helper
    column = named if named is not None else _cased(values.project, key)
    fields[key] = column
    if key in made:
        made[column] = made.pop(key)


def _base_call(ref: Ref) -> tuple[Ref | None, list[tuple[str, Ref]]]:
    """`uuid('id')` of `uuid('id').primaryKey().notNull()`, and the methods behind it."""
    node = unwrap(ref.node)
    methods: list[tuple[str, Ref]] = []
    while node.kind() == "call_expression":
        function = callee(node)
        owner = None if function is None else function.field("object")
        inner = None if owner is None else unwrap(owner)
        if inner is None or inner.kind() != "call_expression":
            return ref.at(node), methods
        methods.append((method_name(node), ref.at(node)))
        node = inner
    return None, methods


def _helper_body(values: Values, base: Ref) -> Ref | None:
    """The expression that a helper such as `const id = () => uuid('id')` stands for."""
    function = callee(base.node)
    if function is None or function.kind() != "identifier":
        return None
    found = values.resolve(base.at(function))
    body = found.node.field("body") if found.node.kind() == "arrow_function" else None
    return None if body is None or body.kind() == "statement_block" else found.at(unwrap(body))


def _made_text(call: Ref) -> str:
    given = arguments(call.node)
    if not given:
        return ""
    function = unwrap(given[0])
    body = function.field("body") if function.kind() == "arrow_function" else None
    if body is not None and body.kind() != "statement_block":
        return call.module.source(unwrap(body))
    return f"{call.module.source(function)}()"


def _cased(project: Project, key: str) -> str:
    """The column of a property without a name of its own."""
    return snake(key) if _casing(project) == "snake_case" else key


def _casing(project: Project) -> str:
    return project.remember("drizzle casing", lambda: next(_casings(project), ""))


def _casings(project: Project) -> Iterator[str]:
    for path in project.holding(b"casing"):
        module = project.load(path)
        match = None if module is None else _CASING.search(module.text)
        if match is not None:
            yield match[1]
