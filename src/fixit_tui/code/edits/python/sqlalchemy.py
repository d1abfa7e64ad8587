"""Conflict clauses of statements that SQLAlchemy builds."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from fixit_tui.code.edits.python.site import Change, PySite
from fixit_tui.code.edits.result import Params
from fixit_tui.code.edits.sql_clause import bare, quoted
from fixit_tui.code.python.chains import method
from fixit_tui.code.python.source import Positioned, Source

_CONFLICT = ("on_conflict_do_update", "on_conflict_do_nothing")
_INSERTS = frozenset(
    {"sqlalchemy.dialects.postgresql.insert", "sqlalchemy.dialects.postgresql.dml.insert"}
)
_TEXTS = frozenset({"sqlalchemy.text", "sqlalchemy.sql.text", "sqlalchemy.sql.expression.text"})
_ARBITER = ("constraint", "index_elements", "index_where")


def add_clause(site: PySite, params: Params) -> list[Change] | None:
    """`insert(T).values(…)` → the same with on_conflict_do_nothing() or on_conflict_do_update()."""
    columns = params.columns("conflict_columns")
    kept = params.columns("keep_columns", required=False)
    ignore = bool(params.flag("ignore_duplicates"))
    listed = f"index_elements={_listed(site, columns)}"
    clause = site.step(*_CONFLICT)
    if clause is not None:
        same = method(clause) == _CONFLICT[ignore]
        return [] if same and _given(site, clause).get("index_elements") == listed else None
    made = site.step("insert") or _first(site)
    step = site.step("values") or made
    if made is None or step is None or not _is_postgresql(site.source, made):
        return None
    if ignore:
        if site.step("returning") is not None or _result_is_used(site):
            return None
        return [_method(site, step, f"on_conflict_do_nothing({listed})")]
    held = site.scanned.columns
    if held is None:
        return None
    stored = [c for c in held if c not in (*columns, *kept)] or list(columns[:1])
    known = _text_known(site)
    sets = ", ".join(
        f"{site.string(c)}: text({site.string('excluded.' + quoted(c))})" for c in stored
    )
    text = f"on_conflict_do_update({listed}, set_={{{sets}}})"
    return None if known is None else [_method(site, step, text), *known]


def set_target(site: PySite, params: Params) -> list[Change] | None:
    """The columns of the conflict target; a surrogate key is taken out of what is set."""
    step = site.step(*_CONFLICT)
    if step is None or step.args or any(k.arg is None for k in step.keywords):
        return None
    gone = _unset(site, step, params.columns("drop_columns", required=False))
    elements = f"index_elements={_listed(site, params.columns('columns'))}"
    arbiter = _arbiter(site, step, {"index_elements": elements})
    return None if gone is None else [*arbiter, *gone]


def set_arbiter(site: PySite, params: Params) -> list[Change] | None:
    """What names the key: columns, a constraint, or an expression as text."""
    step = site.step(*_CONFLICT)
    if step is None or step.args or any(k.arg is None for k in step.keywords):
        return None
    if name := params.text("arbiter_constraint"):
        return _arbiter(site, step, {"constraint": f"constraint={site.string(name)}"})
    columns = params.columns("arbiter_columns", required=False)
    target, predicate = params.text("target"), bare(params.text("arbiter_predicate") or "")
    if columns:
        wanted = {"index_elements": f"index_elements={_listed(site, columns)}"}
        where = _sql(site, predicate)
    elif target:
        wanted = {"index_elements": f"index_elements=[{_sql(site, target)}]"}
        where = _given(site, step).get("index_where", "").removeprefix("index_where=")
    else:
        return None
    if where:
        wanted["index_where"] = f"index_where={where}"
    needs = "text(" in "".join(wanted.values())
    known = _text_known(site) if needs else []
    if known is None or ":" in (target or "") + predicate:  # it would be a bound parameter
        return None
    return [*_arbiter(site, step, wanted), *known]


def index_where(site: PySite, params: Params) -> list[Change] | None:
    """The predicate of a partial index, as text."""
    step = site.step(*_CONFLICT)
    predicate = bare(params.text("predicate") or "")
    if step is None or not predicate or ":" in predicate or not step.keywords:
        return None
    if any(k.arg in ("constraint", None) for k in step.keywords):
        return None
    known = _text_known(site)
    change = site.keyword(step, "index_where", _sql(site, predicate))
    return None if known is None else [*change, *known]


def _listed(site: PySite, columns: tuple[str, ...]) -> str:
    return f"[{', '.join(site.string(c) for c in columns)}]"


def _sql(site: PySite, text: str) -> str:
    return f"text({site.string(text)})" if text else ""


def _given(site: PySite, step: ast.Call) -> dict[str, str]:
    """The named arguments as they are written."""
    return {str(k.arg): f"{k.arg}={site.source.source(k.value)}" for k in step.keywords}


def _arbiter(site: PySite, step: ast.Call, wanted: Mapping[str, str]) -> list[Change]:
    """Other arguments in the place of those that name the key."""
    held = [k for k in step.keywords if k.arg in _ARBITER]
    given = _given(site, step)
    if {n: t for n, t in given.items() if n in _ARBITER} == wanted:
        return []
    source = site.source
    text = ", ".join(wanted.values())
    if not held:
        at = min((source.start(k) for k in step.keywords), default=source.end(step) - 1)
        return [Change(at, at, text + (", " if step.keywords else ""))]
    first, *rest = held
    changes = [Change(source.start(first), source.end(first.value), text)]
    ends = [source.end(k.value) for k in step.keywords]
    for end in (source.end(keyword.value) for keyword in rest):
        changes.append(Change(max(e for e in ends if e < end), end, ""))
    return changes


def _unset(site: PySite, step: ast.Call, dropped: tuple[str, ...]) -> list[Change] | None:
    """Take columns out of `set_`; None where they are set in a way that is not written there."""
    held = next((k.value for k in step.keywords if k.arg == "set_"), None)
    if held is None or not dropped:
        return []
    rewritten = set(dropped) & set(site.scanned.update_columns or ())
    if site.scanned.update_columns is not None and not rewritten:
        return []
    if not isinstance(held, ast.Dict):
        return None
    keys = [k.value if isinstance(k, ast.Constant) else None for k in held.keys]
    gone = [n for n, key in enumerate(keys) if key in dropped]
    if None in keys or len(gone) == len(keys):
        return None
    source = site.source
    ends = [source.start(held) + 1, *(source.end(value) for value in held.values)]
    changes = []
    for number in gone:
        key = held.keys[number]
        if number + 1 < len(keys) and all(n in gone for n in range(number)):
            following = held.keys[number + 1]
            assert key is not None
            assert following is not None
            changes.append(Change(source.start(key), source.start(following), ""))
        else:
            changes.append(Change(ends[number], ends[number + 1], ""))
    return changes


def _method(site: PySite, step: ast.Call, text: str) -> Change:
    """One more call behind a step, on a line of its own where the step has one."""
    dot = "."
    if isinstance(step.func, ast.Attribute):
        name = site.source.end(step.func) - len(step.func.attr.encode())
        between = site.source.raw[site.source.end(step.func.value) : name].decode()
        dot = between if between.strip() == "." and "#" not in between else "."
    end = site.source.end(step)
    return Change(end, end, dot + text)


def _first(site: PySite) -> ast.Call | None:
    """The innermost call of the chain: `insert(T)`."""
    node: ast.expr = site.outer
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return node if isinstance(node, ast.Call) else None


def _is_postgresql(source: Source, made: ast.Call) -> bool:
    """Whether this insert() is the dialect's own, the only one with a conflict clause."""
    if isinstance(made.func, ast.Attribute):
        origin = source.imports.get(ast.unparse(made.func.value), "")
        return f"{origin}.{made.func.attr}" in _INSERTS
    return isinstance(made.func, ast.Name) and source.imports.get(made.func.id) in _INSERTS


def _result_is_used(site: PySite) -> bool:
    """Whether somebody may ask for what the statement gives back."""
    statement = site.source.statement(site.outer)
    if not isinstance(statement, ast.Assign) or statement.value is not site.outer:
        return not _is_only_sent(site.source, site.outer)
    names = [t.id for t in statement.targets if isinstance(t, ast.Name)]
    reads = (n for n in site.source.nodes if isinstance(n, ast.Name) and n.id in names)
    uses = [n for n in reads if isinstance(n.ctx, ast.Load)]
    return not names or not all(_is_only_sent(site.source, use) for use in uses)


def _is_only_sent(source: Source, node: ast.expr) -> bool:
    """Whether a statement is handed to a call that nothing takes the answer of."""
    call = source.parents.get(node)
    outer = None if call is None else source.parents.get(call)
    if isinstance(outer, ast.Await):
        outer = source.parents.get(outer)
    return isinstance(call, ast.Call) and node in call.args and isinstance(outer, ast.Expr)


def _text_known(site: PySite) -> list[Change] | None:
    """The change that imports text(); none where it is known, None where the name is taken."""
    source = site.source
    origin = source.imports.get("text")
    if origin in _TEXTS:
        return []
    taken = any(isinstance(n, ast.Name) and n.id == "text" for n in source.nodes)
    taken = taken or any(isinstance(n, ast.arg) and n.arg == "text" for n in source.nodes)
    place = next((s for s in source.tree.body if _is_import(s)), None)
    if origin is not None or taken or place is None:
        return None
    eol = "\r\n" if "\r\n" in source.text else "\n"
    start = source.start(place)
    return [Change(start, start, f"from sqlalchemy import text{eol}")]


def _is_import(statement: Positioned) -> bool:
    return isinstance(statement, ast.ImportFrom) and (statement.module or "").startswith(
        "sqlalchemy"
    )
