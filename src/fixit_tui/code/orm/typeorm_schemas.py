"""Entities of TypeORM that are written as `new EntitySchema({ … })`."""

from __future__ import annotations

from collections.abc import Iterator

from fixit_tui.code.module import arguments
from fixit_tui.code.orm.table import Table, snake
from fixit_tui.code.project import Project
from fixit_tui.code.supabase import stated_options
from fixit_tui.code.values import Ref, Values

MARK = b"EntitySchema"
_LINKS = ("many-to-one", "one-to-one")
Schema = tuple[str, Table, dict[str, str]]
"""Name, table, and relation property → join column."""


def is_schema(ref: Ref) -> bool:
    """Whether an expression is `new EntitySchema(…)`."""
    made = ref.node.field("constructor") if ref.node.kind() == "new_expression" else None
    return made is not None and made.text().rpartition(".")[2] == "EntitySchema"


def read_schema(values: Values, ref: Ref, snakes: bool) -> Schema | None:
    """The table that `new EntitySchema(…)` describes; None where a name of it is computed."""
    given = arguments(ref.node)
    options = stated_options(values, ref.at(given[0]))[0] if given else {}
    name = values.string(options["name"]) if "name" in options else _target(options)
    table = values.string(options["tableName"]) if "tableName" in options else snake(name or "")
    schema = values.string(options["schema"]) if "schema" in options else None
    if not name or not table or "columns" not in options or ("schema" in options and not schema):
        return None
    fields, primary, whole = _columns(values, options["columns"], snakes)
    links = dict(_links(values, options["relations"], snakes)) if "relations" in options else {}
    return name, Table(table, schema, fields, whole, primary=primary), links


def _target(options: dict[str, Ref]) -> str:
    return options["target"].text if "target" in options else ""


def _columns(
    values: Values, ref: Ref, snakes: bool
) -> tuple[dict[str, str], tuple[str, ...], bool]:
    """Property → column, the primary key, and whether these are all columns."""
    columns, whole = stated_options(values, ref)
    fields: dict[str, str] = {}
    primary: list[str] = []
    for name, given in columns.items():
        options = stated_options(values, given)[0]
        told = values.string(options["name"]) if "name" in options else None
        if "name" in options and told is None:
            whole = False
            continue
        fields[name] = told or (snake(name) if snakes else name)
        if "primary" in options and values.resolve(options["primary"]).node.text() == "true":
            primary.append(fields[name])
    return fields, tuple(primary), whole


def _links(values: Values, ref: Ref, snakes: bool) -> Iterator[tuple[str, str]]:
    for name, given in stated_options(values, ref)[0].items():
        options = stated_options(values, given)[0]
        kind = values.string(options["type"]) if "type" in options else None
        if kind not in _LINKS or (kind == "one-to-one" and "joinColumn" not in options):
            continue
        join = stated_options(values, options["joinColumn"])[0] if "joinColumn" in options else {}
        told = values.string(join["name"]) if "name" in join else None
        other = (
            values.string(join["referencedColumnName"]) if "referencedColumnName" in join else ""
        )
        key = other or "id"
        default = snake(f"{name}_{key}") if snakes else name + key[:1].upper() + key[1:]
        yield name, told or default


def schemas(values: Values, project: Project, snakes: bool) -> Iterator[tuple[str, Schema]]:
    """Every such entity under each name that code calls it by: its own, its class's, its type's."""
    for path in project.holding(MARK):
        module = project.load(path)
        for node in [] if module is None else module.root.find_all(kind="new_expression"):
            assert module is not None
            ref = Ref(module, node)
            read = read_schema(values, ref, snakes) if is_schema(ref) else None
            if read is None:
                continue
            options = stated_options(values, ref.at(arguments(node)[0]))[0]
            types = node.field("type_arguments")
            named = [t.text() for t in types.named_children()] if types is not None else []
            for name in dict.fromkeys([read[0], *named, _target(options)]):
                if name:
                    yield name, read
