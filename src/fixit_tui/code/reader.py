"""All database calls of one module, with their surroundings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from fixit_tui.code.chains import Chain, chain_of, continued, holder, split_by_use
from fixit_tui.code.context import Surroundings
from fixit_tui.code.draft import Draft
from fixit_tui.code.facts import CodeCall, CodeUnknown
from fixit_tui.code.guards import connect_guards, connect_sqlstates
from fixit_tui.code.handed_on import mark_callers_transactions
from fixit_tui.code.holders import Wrapper
from fixit_tui.code.module import Module, arguments, call_of, method_name, span
from fixit_tui.code.orm.readers import builder_drafts
from fixit_tui.code.project import Project
from fixit_tui.code.signup import METHODS as SIGN_UPS
from fixit_tui.code.signup import read_signup
from fixit_tui.code.sqlcalls import METHODS, read_sql, tag_of, text_targets
from fixit_tui.code.supabase import VERBS, read_request, request_of
from fixit_tui.code.transactions import number_transactions
from fixit_tui.code.values import Ref, Values
from fixit_tui.code.wrappers import builder_of, call_sites, nested, wrapper_of

Importers = Callable[[str, str], Iterator[Module]]
"""Modules that import the one name and call the other."""
_NAMES = "|".join(sorted(n.replace("$", r"\$") for n in METHODS))
_SIGN_UPS = "|".join(sorted(SIGN_UPS))
_MEMBERS = f"^(from|rpc|{_SIGN_UPS}|{_NAMES})$"


class CallReader:
    """Finds the calls of modules one by one. Wrappers' call sites land in the caller's module."""

    def __init__(self, project: Project, importers: Importers) -> None:
        self._project = project
        self._importers = importers

    def drafts(self, module: Module) -> Iterator[Draft]:
        """Every call that is written down in a module; sites of its wrappers may lie elsewhere."""
        values = Values(self._project)
        for name in module.root.find_all(kind="property_identifier", regex=_MEMBERS):
            member = name.parent()
            call = call_of(member) if member is not None else None
            if call is not None and member is not None and member.field("property") == name:
                yield from self._read(values, chain_of(module, call), 0)
        for template in module.root.find_all(kind="template_string"):
            call = template.parent()
            if call is None or call.kind() != "call_expression" or tag_of(call) != template:
                continue
            if method_name(call) not in METHODS and _is_sql_tag(call.field("function")):
                yield from self._read(values, chain_of(module, call), 0)
        yield from builder_drafts(values, module)

    def _read(self, values: Values, chain: Chain, depth: int) -> Iterator[Draft]:
        if chain.outer.node.find(kind="ERROR") is not None:
            return  # not to be trusted; the file is listed as damaged
        if method_name(chain.first.node) in ("from", "rpc"):
            yield from self._request(values, chain, depth)
            return
        if method_name(chain.first.node) in SIGN_UPS:
            signup = read_signup(chain)
            if signup is not None:
                yield signup
            return
        draft = read_sql(values, chain)
        if draft is None:
            given = arguments(chain.first.node)
            if given and nested(depth):
                sites = list(self._sites(values, chain, chain.first.at(given[0]), depth))
                yield from sites
            return
        if draft.unknowns:
            sites = self._sites_of_text(values, chain, depth)
            if sites:
                yield from sites
                return
        yield draft

    def _request(self, values: Values, chain: Chain, depth: int) -> Iterator[Draft]:
        request = request_of(values, chain)
        if request is None:
            return
        if depth == 0 and holder(chain.outer.node) is not None:
            scopes = self._project.scopes(chain.outer.module)
            if not request.routine and not any(s.name in VERBS for s in chain.steps):
                for part in split_by_use(chain, scopes):
                    yield from self._request(values, part, depth + 1)
                return
            chain = continued(chain, scopes)
        if not request.routine and not any(s.name in VERBS for s in chain.steps) and nested(depth):
            yield from self._called(values, builder_of(chain), depth)
            return
        if values.string(request.target) is None and nested(depth):
            sites = list(self._sites(values, chain, request.target, depth))
            if sites:
                yield from sites
                return
        draft = read_request(values, chain, request)
        if draft is not None:
            yield draft

    def _sites_of_text(self, values: Values, chain: Chain, depth: int) -> list[Draft]:
        """Calls of the function around, whose parameters decide about the SQL text."""
        tried: set[tuple[str, int]] = set()
        for target in text_targets(values, chain):
            wrapper = wrapper_of(values, chain, target)
            place = ("", 0) if wrapper is None else (wrapper.module.path, span(wrapper.function)[0])
            if wrapper is None or place in tried:
                continue
            tried.add(place)
            sites = list(self._called(values, wrapper, depth))
            if sites:
                return sites
        return []

    def _sites(self, values: Values, chain: Chain, target: Ref, depth: int) -> Iterator[Draft]:
        yield from self._called(values, wrapper_of(values, chain, target), depth)

    def _called(self, values: Values, wrapper: Wrapper | None, depth: int) -> Iterator[Draft]:
        if wrapper is None or not nested(depth):
            return
        for site, given in call_sites(self._project, wrapper, self._importers):
            inner = replace(values, given={**values.given, **given})
            yield from self._read(inner, site, depth + 1)


def damage(module: Module) -> list[CodeUnknown]:
    """Where the file cannot be parsed: calls there are missed, and that is said."""
    broken = module.root.find(kind="ERROR")
    if broken is None:
        return []
    line = module.line(span(broken)[0])
    return [CodeUnknown(module.path, line, "syntax", "cannot be parsed: calls may be missed")]


def _is_sql_tag(function: object) -> bool:
    text = getattr(function, "text", lambda: "")()
    last = str(text).rpartition(".")[2].removeprefix("await ")
    return last.lower() in ("sql", "tx", "trx", "pg", "client", "db", "sqlx", "postgres")


def finish(
    project: Project, module: Module, drafts: list[Draft]
) -> tuple[list[CodeCall], list[CodeUnknown], int]:
    """Calls numbered from 0 in source order, unknowns, and the number of transactions."""
    unique = {(d.start, d.end, d.fields["verb"], d.fields.get("relation")): d for d in drafts}
    ordered = sorted(unique.values(), key=lambda d: (d.start, d.end))
    around = Surroundings(module)
    for draft in ordered:
        around.fill(draft)
    values = Values(project)
    transactions = number_transactions(module, project.scopes(module), ordered)
    mark_callers_transactions(values, project.scopes(module), ordered)
    connect_guards(module, ordered)
    connect_sqlstates(values, module, ordered)
    calls: list[CodeCall] = []
    unknowns = damage(module)
    for number, draft in enumerate(ordered):
        line = module.line(draft.start)
        calls.append(
            CodeCall(
                id=number,
                path=module.path,
                line=line,
                end_line=module.line(draft.end - 1),
                start_byte=module.byte(draft.start),
                end_byte=module.byte(draft.end),
                **draft.fields,
            )
        )
        unknowns += [CodeUnknown(module.path, line, what, why) for what, why in draft.unknowns]
    return calls, unknowns, transactions
