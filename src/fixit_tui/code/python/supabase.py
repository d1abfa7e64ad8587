"""supabase-py and postgrest-py, blocking and async: which request a chain sends."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

from fixit_tui.code.facts import Filter
from fixit_tui.code.module import words
from fixit_tui.code.python.chains import Step, method, steps_from, steps_to
from fixit_tui.code.python.drafts import PyDraft
from fixit_tui.code.python.project import Project, Ref
from fixit_tui.code.python.rows import Payload, read_rows
from fixit_tui.code.python.source import Source

LIBRARY = "supabase-py"
VERBS = frozenset({"select", "insert", "upsert", "update", "delete"})
_TABLES = frozenset({"table", "from_", "from_table"})
_COMPARISONS = words("eq neq gt gte lt lte like ilike is_ in_ contains contained_by")
_PACKAGES = frozenset({"supabase", "postgrest", "supabase_py", "supabase_auth"})
_CLIENT = re.compile(r"supabase|postgrest|(?:^|_)sb(?:$|_)", re.IGNORECASE)
_SERVICE = re.compile(r"service_?role|service_?key|secret_?key|sb_secret", re.IGNORECASE)


def read(project: Project, source: Source) -> Iterator[PyDraft]:
    """Every request of a file."""
    for call in source.calls:
        if method(call) in VERBS and isinstance(call.func, ast.Attribute):
            draft = _request(project, source, call)
        elif method(call) == "rpc" and isinstance(call.func, ast.Attribute) and call.args:
            draft = _routine(project, source, call)
        else:
            continue
        if draft is not None:
            yield draft


def _request(project: Project, source: Source, call: ast.Call) -> PyDraft | None:
    assert isinstance(call.func, ast.Attribute)
    earlier, client = steps_to(project, Ref(source, call.func.value))
    if not earlier or earlier[-1].name not in _TABLES:
        return None
    table = earlier[-1]
    if len(table.call.args) + len(table.call.keywords) != 1:
        return None
    named = table.given(0, "table_name", "table", "relation")
    later = list(steps_from(source, call))
    if named is None or not _is_client(project, source, client, earlier, later):
        return None
    verb = method(call)
    name = project.string(named)
    fields: dict[str, Any] = {
        "library": LIBRARY,
        "client": _client_text(table),
        "verb": verb,
        "schema": _schema(project, earlier),
        "relation": name,
        "throws": True,
        "filters": tuple(_filters(project, later)),
        "cardinality": _cardinality(later),
        "service_key": _holds_service_key(project, client, earlier),
    }
    draft = PyDraft(source, _outer(later, call), call, fields)
    if name is None:
        draft.unknowns.append(("table name", f"computed: {named.text[:60]}"))
    own = Step(source, call)
    if verb == "select":
        columns = own.given(0, "columns")
        fields["selects"] = "*" if columns is None else project.string(columns) or columns.text
    elif verb != "delete":
        _read_write(project, own, draft)
    return draft


def _read_write(project: Project, own: Step, draft: PyDraft) -> None:
    fields = draft.fields
    given = own.given(0, "json")
    payload = (
        Payload(reason="nothing is given to write") if given is None else read_rows(project, given)
    )
    fields |= payload.fields()
    if payload.values is None:
        draft.unknowns.append(("row", payload.reason))
    returning = own.keyword("returning")
    if returning is not None and "minimal" in returning.text:
        fields["library"] = "supabase-py-minimal"
    target = own.keyword("on_conflict")
    if target is not None and fields["verb"] == "upsert":
        text = project.string(target)
        if text is not None:
            parts = (c.strip().strip('"') for c in text.split(","))
            fields["on_conflict"] = tuple(c for c in parts if c) or None
        elif target.text != "None":
            fields["options_known"] = False
            draft.unknowns.append(("conflict options", f"computed: {target.text[:60]}"))
    flags = (("ignore_duplicates", "ignore_duplicates"), ("default_to_null", "default_to_null"))
    for option, column in flags:
        told = own.keyword(option)
        if told is not None and told.text in ("True", "False"):
            fields[column] = told.text == "True"
        elif told is not None:
            fields["options_known"] = False
    if any(item.arg is None for item in own.call.keywords):
        fields["options_known"] = False
        draft.unknowns.append(("conflict options", "computed: **…"))
    if fields["verb"] == "insert":
        told = own.keyword("upsert")
        fields["verb"] = "upsert" if told is not None and told.text == "True" else "insert"


def _routine(project: Project, source: Source, call: ast.Call) -> PyDraft | None:
    assert isinstance(call.func, ast.Attribute)
    earlier, client = steps_to(project, Ref(source, call.func.value))
    later = list(steps_from(source, call))
    if not _is_client(project, source, client, earlier, later):
        return None
    name = project.string(Ref(source, call.args[0]))
    fields: dict[str, Any] = {
        "library": LIBRARY,
        "client": source.source(call.func.value),
        "verb": "rpc",
        "schema": _schema(project, earlier),
        "routine": name,
        "throws": True,
        "cardinality": _cardinality(later),
    }
    draft = PyDraft(source, _outer(later, call), call, fields)
    if name is None:
        draft.unknowns.append(("routine name", f"computed: {source.source(call.args[0])[:60]}"))
    return draft


def _outer(later: Sequence[Step], call: ast.Call) -> ast.Call:
    return later[-1].call if later else call


def _is_client(
    project: Project, source: Source, client: Ref, earlier: Sequence[Step], later: Sequence[Step]
) -> bool:
    """Whether a chain speaks to PostgREST: by its making, its name, or the packages around it."""
    if any(s.name in ("create_client", "acreate_client", "create_async_client") for s in earlier):
        return True
    if any(s.name in ("run", "where", "join", "values", "on_conflict_do_nothing") for s in later):
        return False
    if _CLIENT.search(" ".join([client.text, *(_client_text(s) for s in earlier)])):
        return True
    executed = any(s.name == "execute" for s in later)
    return executed or bool(source.packages & _PACKAGES)


def _client_text(step: Step) -> str:
    function = step.call.func
    return step.source.source(function.value) if isinstance(function, ast.Attribute) else ""


def _schema(project: Project, earlier: Sequence[Step]) -> str | None:
    for step in earlier:
        if step.name == "schema":
            given = step.given(0, "schema")
            return None if given is None else project.string(given)
    return None


def _holds_service_key(project: Project, client: Ref, earlier: Sequence[Step]) -> bool:
    """Is the client, where its making is in sight, made with the service key?"""
    made = [s for s in earlier if "create" in s.name]
    given = [a for s in made for a in (s.given(0), s.given(1, "supabase_key")) if a is not None]
    texts = [t for a in given for t in (a.text, project.resolve(a).text)]
    return any(_SERVICE.search(text) for text in texts)


def _cardinality(later: Sequence[Step]) -> str:
    names = {s.name for s in later}
    if "maybe_single" in names:
        return "maybe_single"
    return "single" if "single" in names else "many"


def _filters(project: Project, later: Sequence[Step]) -> Iterator[Filter]:
    for step in later:
        first, second = step.given(0, "column"), step.given(1, "value")
        if step.name in _COMPARISONS and first is not None and second is not None:
            op = step.name.rstrip("_")
            yield Filter(project.string(first), op, second.text)
        elif step.name == "filter" and len(step.call.args) == 3 and first is not None:
            said, value = (first.at(a) for a in step.call.args[1:])
            op = project.string(said) or said.text
            yield Filter(project.string(first), op, value.text)
        elif step.name == "match" and first is not None:
            row = read_rows(project, first).values
            yield from (Filter(c, "eq", v) for c, v in (row or {}).items())
            if row is None:
                yield Filter(None, "match", first.text)
        elif step.name == "or_" and first is not None:
            yield Filter(None, "or", first.text)
