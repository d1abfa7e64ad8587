"""SQL text sent by a driver: node-postgres, postgres.js, pg-promise, Knex and their like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from fixit_tui.code.batches import distinct_by
from fixit_tui.code.chains import Chain
from fixit_tui.code.draft import Draft
from fixit_tui.code.keyed_columns import keyed_row, with_columns
from fixit_tui.code.module import arguments, callee, method_name, operands
from fixit_tui.code.sqltext import Piece, SqlText, assemble, pieces_of
from fixit_tui.code.values import Ref, Values

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_LIBRARIES = {
    "query": "node-postgres",
    "queryObject": "deno-postgres",
    "queryArray": "deno-postgres",
    "none": "pg-promise",
    "one": "pg-promise",
    "oneOrNone": "pg-promise",
    "many": "pg-promise",
    "manyOrNone": "pg-promise",
    "any": "pg-promise",
    "result": "pg-promise",
    "raw": "knex",
    "unsafe": "postgres.js",
    "$queryRaw": "prisma",
    "$executeRaw": "prisma",
    "$queryRawUnsafe": "prisma",
    "$executeRawUnsafe": "prisma",
}
METHODS = frozenset(_LIBRARIES)
_TAG_PACKAGES = (("drizzle-orm", "drizzle"),)
_CLIENT = re.compile(r"pool|client|conn|pg|^db$|database|trx|^tx$|^t$|^sql$", re.IGNORECASE)
_UNPREPARED = re.compile(r"prepare\s*:\s*false")


def tag_of(call: Node) -> Node | None:
    """The template of a tagged template call such as sql`…`, None for other calls."""
    holder = call.field("arguments")
    return holder if holder is not None and holder.kind() == "template_string" else None


def read_sql(values: Values, chain: Chain) -> Draft | None:
    """The SQL call that a chain starts with, None when the text is no SQL."""
    call = chain.first
    template = tag_of(call.node)
    if template is not None:
        return _tagged(values, chain, template)
    given = arguments(call.node)
    if not given:
        return None
    text, params, name = _argument(values, call, given)
    if text is None:
        return None
    pieces = _pieces(values, text)
    if len(given) > 1 and assemble(pieces) is None:
        # A project's own method may take a tenant or a connection before the text.
        second, later, _ = _argument(values, call, given[1:])
        moved = [] if second is None else _pieces(values, second)
        if assemble(moved) is not None:
            pieces, params = moved, later
    method = method_name(call.node)
    client = _client(chain)
    fields = _fields(_LIBRARIES.get(method, "node-postgres"), client)
    fields["prepared"] = name or method.startswith(("$query", "$execute"))
    return _finish(values, chain, pieces, params, fields)


def _pieces(values: Values, text: Ref) -> list[Piece]:
    tag = values.resolve(text)
    inner = tag_of(tag.node) if tag.node.kind() == "call_expression" else None
    pieces = pieces_of(values, tag.at(inner), True) if inner else pieces_of(values, text)
    return with_columns(values, pieces)


def text_targets(values: Values, chain: Chain) -> list[Ref]:
    """What the SQL text of a call depends on: the text itself, and what fills its holes."""
    found: list[Ref] = []
    for argument in arguments(chain.first.node)[:1]:
        text = chain.first.at(argument)
        holes = [p.hole for p in _pieces(values, text) if isinstance(p.hole, Ref)]
        rows = [row for hole in holes if (row := keyed_row(values, hole)) is not None]
        found += [text, *holes, *rows]
    return found


def _tagged(values: Values, chain: Chain, template: Node) -> Draft | None:
    function = callee(chain.first.node)
    if function is None:
        return None
    name = method_name(chain.first.node) or function.text()
    pieces = pieces_of(values, chain.first.at(template), True)
    library, client = "prisma" if name.startswith("$") else "postgres.js", _client(chain)
    sender = _sender(values, chain, function)
    if sender is not None:
        library, client = sender
    fields = _fields(library, client)
    fields["prepared"] = not _UNPREPARED.search(chain.first.module.text)
    return _finish(values, chain, pieces, None, fields)


def _sender(values: Values, chain: Chain, function: Node) -> tuple[str, str] | None:
    """Library and client of `db.execute(sql`…`)`, where the tag only makes the text."""
    if function.kind() != "identifier":
        return None
    found = values.binding(chain.first.at(function))
    origin = "" if found is None else found[1].origin
    library = next((own for package, own in _TAG_PACKAGES if origin.startswith(package)), None)
    if library is None:
        return None
    for parent in chain.outer.node.ancestors():
        if parent.kind() == "call_expression" and method_name(parent) in ("execute", "all", "run"):
            inner = callee(parent)
            target = None if inner is None else inner.field("object")
            return library, "" if target is None else " ".join(target.text().split())
        if parent.kind() not in ("arguments", "parenthesized_expression"):
            break
    return library, ""


def _finish(
    values: Values,
    chain: Chain,
    pieces: list[Piece],
    params: tuple[str, ...] | None,
    fields: dict[str, Any],
) -> Draft | None:
    sql = assemble(pieces)
    tagged = tag_of(chain.first.node) is not None
    if sql is None:
        computed = not tagged and pieces and pieces[0].hole is not None
        if not computed or not _CLIENT.search(_last(fields["client"])):
            return None
        method = method_name(chain.first.node)
        if method == "raw" or (method == "query" and not _driver_in_sight(chain)):
            return None
        draft = Draft(chain, fields)
        hole = pieces[0].hole
        draft.unknowns.append(("SQL text", f"computed: {_short(hole.text if hole else '')}"))
        return draft
    draft = Draft(chain, fields)
    if sql.problem:
        draft.unknowns.append(("SQL text", f"a part is computed: {sql.problem}"))
        return draft
    _place(values, chain, sql, fields)
    known = () if params is None and _no_placeholder(sql) else params
    if tagged or sql.params:
        known = (*(known or ()), *sql.params)
    if sql.many:
        # Which of them goes into which column is only known at run time.
        known, fields["rows"] = None, "many"
    fields["params"] = known
    fields["distinct_by"] = distinct_by(values, _sent(chain))
    return draft


def _sent(chain: Chain) -> list[Ref]:
    """What is handed over besides the SQL text."""
    template = tag_of(chain.first.node)
    if template is None:
        return [chain.first.at(node) for node in arguments(chain.first.node)[1:]]
    holes = [c for c in template.named_children() if c.kind() == "template_substitution"]
    return [chain.first.at(operands(hole)[0]) for hole in holes if operands(hole)]


def _no_placeholder(sql: SqlText) -> bool:
    return re.search(r"\$\d", sql.statement) is None


def _place(values: Values, chain: Chain, sql: SqlText, fields: dict[str, Any]) -> None:
    fields["statement"] = sql.statement
    module = sql.module
    # What a wrapper puts together from its arguments stands nowhere: the call of it is the place.
    wrapped = values.given and not sql.verbatim
    elsewhere = module is not None and module.path != chain.outer.module.path
    if module is None or sql.start is None or (wrapped and elsewhere):
        fields["statement_verbatim"] = False
        return
    fields["statement_verbatim"] = sql.verbatim
    fields["statement_start_byte"] = module.byte(sql.start)
    if elsewhere:
        fields["statement_path"] = module.path
    if elsewhere or not (wrapped or chain.start <= sql.start < chain.end):
        # The lines of a statement that begins on the line after its quote are its own.
        blank = len(sql.statement) - len(sql.statement.lstrip())
        first = sql.start + (blank if sql.verbatim else 0)
        fields["statement_line"] = module.line(first)
        lines = sql.statement.strip().count("\n") if sql.verbatim else 0
        fields["statement_end_line"] = fields["statement_line"] + lines


def _driver_in_sight(chain: Chain) -> bool:
    """Whether the file itself speaks of a PostgreSQL driver, a transaction or a release."""
    text = chain.first.module.text
    return bool(
        re.search(
            r"['\"](?:pg|pg-pool|postgres|@neondatabase/serverless)['\"]|"
            r"PoolClient|['\"`]BEGIN|ROLLBACK",
            text,
        )
    )


def _fields(library: str, client: str) -> dict[str, Any]:
    return {"library": library, "client": client, "verb": "sql", "prepared": False}


def _client(chain: Chain) -> str:
    function = callee(chain.first.node)
    if function is None:
        return ""
    target = function.field("object")
    return " ".join(chain.first.at(target or function).text.split())


def _last(client: str) -> str:
    return client.rpartition(".")[2]


def _argument(
    values: Values, call: Ref, given: list[Node]
) -> tuple[Ref | None, tuple[str, ...] | None, bool]:
    """Text, parameters (None: not known) and whether a name makes it a prepared statement."""
    first = values.resolve(call.at(given[0]))
    if first.node.kind() == "object":
        text = values.member(first, "text") or values.member(first, "sql")
        held = values.member(first, "values")
        if text is None or _is_gone(text):
            return None, None, False
        params = None if held is None else parameters(values, held)
        if held is None and len(given) > 1:
            params = parameters(values, call.at(given[1]))
        return text, params, values.member(first, "name") is not None
    if first.node.kind() in ("arrow_function", "function_expression", "array", "regex"):
        return None, None, False
    params = parameters(values, call.at(given[1])) if len(given) > 1 else None
    return call.at(given[0]), params, False


def _is_gone(ref: Ref) -> bool:
    return ref.node.kind() == "undefined"


def parameters(values: Values, ref: Ref) -> tuple[str, ...] | None:
    """Source texts of an array of parameters; for pg-promise also of one bare value or object."""
    here = values.resolve(ref)
    if here.node.kind() == "array":
        found: list[str] = []
        for item in operands(here.node):
            if item.kind() == "spread_element":
                more = parameters(values, here.at(operands(item)[0]))
                if more is None:
                    return None
                found += more
            else:
                found.append(here.module.source(item))
        return tuple(found)
    return None


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:59] + "…"
