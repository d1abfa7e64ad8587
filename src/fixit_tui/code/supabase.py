"""supabase-js and postgrest-js: which request a chain sends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from fixit_tui.code.batches import distinct_by, listed_rows
from fixit_tui.code.chains import Chain, Step
from fixit_tui.code.draft import Draft
from fixit_tui.code.facts import Filter
from fixit_tui.code.module import arguments, callee, method_name, operands, unwrap, words
from fixit_tui.code.rows import PayloadReader
from fixit_tui.code.service_key import holds_service_key
from fixit_tui.code.values import Ref, Values

LIBRARY = "supabase-js"
VERBS = frozenset({"select", "insert", "upsert", "update", "delete"})
_ROW_VERBS = frozenset({"insert", "upsert", "update"})
_COMPARISONS = words(
    "eq neq gt gte lt lte like ilike is in contains containedBy overlaps isDistinct likeAllOf "
    "likeAnyOf ilikeAllOf ilikeAnyOf rangeGt rangeGte rangeLt rangeLte rangeAdjacent "
    "textSearch regexMatch regexIMatch"
)
# Query builders of other libraries have `from` too; these methods give them away.
_FOREIGN = words(
    "where whereIn andWhere innerJoin leftJoin join orderBy groupBy execute into toSQL upload "
    "download list remove createSignedUrl createSignedUrls getPublicUrl copy move pipe "
    "subscribe filterBy toArray"
)
_NOT_CLIENTS = words(
    "Array Buffer Object Map Set String Promise Observable Readable Iterator AsyncIterator "
    "Stream Duplex Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array "
    "Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array List Seq Immutable Rx "
    "rx rxjs moment dayjs Decimal BN BigNumber Instant Duration PlainDate gsap anime"
)
_CLIENT_NAME = re.compile(r"supabase|postgrest|\bsb\b|client$|^db$|admin$", re.IGNORECASE)
_MAKERS = re.compile(r"^(create\w*Client|use\w*Supabase\w*|get\w*Supabase\w*|get\w*Client)$")


@dataclass(frozen=True, slots=True)
class Request:
    """The resolved start of a chain: client, schema, table or routine expression."""

    client: str
    schema: str | None
    target: Ref
    routine: bool
    likely: bool
    service_key: bool


def request_of(values: Values, chain: Chain) -> Request | None:
    """What the chain's first call addresses, None when it is no database call."""
    function = callee(chain.first.node)
    given = arguments(chain.first.node)
    receiver = None if function is None else function.field("object")
    if receiver is None or not given:
        return None
    name = method_name(chain.first.node)
    client = chain.first.at(receiver)
    if name not in ("from", "rpc") or _foreign(values, client, chain):
        return None
    schema: str | None = None
    base = values.resolve(client)
    if base.node.kind() == "call_expression" and method_name(base.node) == "schema":
        named = arguments(base.node)
        schema = values.string(base.at(named[0])) if named else None
        inner = callee(base.node)
        target = None if inner is None else inner.field("object")
        if target is not None:
            client = base.at(target)
    likely = _is_client(values, client) or schema is not None
    schema = schema or _default_schema(values, client)
    text = " ".join(client.text.split())
    target_given = chain.first.at(given[0])
    elevated = holds_service_key(values, client)
    return Request(text, schema, target_given, name == "rpc", likely, elevated)


def _foreign(values: Values, client: Ref, chain: Chain) -> bool:
    node = unwrap(client.node)
    if node.kind() == "identifier" and node.text() in _NOT_CLIENTS:
        return True
    if node.kind() == "call_expression" and method_name(node) in ("select", "selectDistinct"):
        return True
    if node.kind() in ("string", "template_string", "array", "number", "regex"):
        return True
    behind = values.resolve(client).node
    if behind.kind() == "member_expression":
        last = behind.field("property")
        if last is not None and last.text() == "storage":
            return True
    if node.text() == "storage":
        return True
    return chain.step(*_FOREIGN) is not None


def _is_client(values: Values, client: Ref) -> bool:
    node = unwrap(client.node)
    if node.kind() in ("await_expression", "call_expression"):
        made = operands(node)[0] if node.kind() == "await_expression" else node
        function = callee(unwrap(made)) if unwrap(made).kind() == "call_expression" else None
        if function is not None and _MAKERS.match(function.text().rpartition(".")[2]):
            return True
    last = node.text().rpartition(".")[2]
    if _CLIENT_NAME.search(last):
        return True
    behind = values.resolve(client)
    return behind.node != node and _is_client(values, behind)


def _default_schema(values: Values, client: Ref) -> str | None:
    """The schema given to createClient, where the client's creation is in sight."""
    made = values.resolve(client).node
    module = values.resolve(client).module
    if made.kind() == "await_expression":
        made = operands(made)[0]
    if made.kind() != "call_expression":
        return None
    for given in arguments(made)[1:]:
        options = Ref(module, given)
        inner = values.member(options, "db")
        found = values.member(inner or options, "schema")
        if found is not None:
            return values.string(found)
    return None


def read_request(values: Values, chain: Chain, request: Request) -> Draft | None:
    """The call that a chain sends; None while no verb says what it does."""
    verb = "rpc" if request.routine else next((s.name for s in chain.steps if s.name in VERBS), "")
    if not verb or (request.routine and not _routine_call(values, request)):
        return None
    name = values.string(request.target)
    fields: dict[str, Any] = {
        "library": LIBRARY,
        "client": request.client,
        "verb": verb,
        "schema": request.schema,
        "relation": None if request.routine else name,
        "routine": name if request.routine else None,
        "selects": _selects(values, chain),
        "cardinality": _cardinality(chain),
        "filters": _filters(values, chain),
        "throws": chain.step("throwOnError") is not None,
        "service_key": request.service_key,
    }
    draft = Draft(chain, fields)
    if name is None:
        what = "routine name" if request.routine else "table name"
        draft.unknowns.append((what, f"computed: {_short(request.target.text)}"))
    elif not request.routine and "." in name and request.schema is None:
        fields["schema"], fields["relation"] = name.split(".", 1)
    if verb in _ROW_VERBS:
        _read_write(values, chain, draft)
    elif verb == "delete":
        fields["rows"] = "unknown"
    return draft


def _routine_call(values: Values, request: Request) -> bool:
    return request.likely or values.string(request.target) is not None


def _read_write(values: Values, chain: Chain, draft: Draft) -> None:
    step = chain.step(*_ROW_VERBS)
    given = [] if step is None else step.given
    if not given:
        draft.unknowns.append(("row", "nothing is given to write"))
        return
    payload = PayloadReader(values).read(given[0])
    draft.fields["rows"] = payload.rows
    draft.fields["row_list"] = listed_rows(values, given[0])
    draft.fields["distinct_by"] = distinct_by(values, given[:1])
    if payload.values is None:
        draft.unknowns.append(("row", payload.reason or "the row is computed"))
    else:
        draft.fields["columns"] = tuple(payload.values)
        draft.fields["column_values"] = dict(payload.values)
    if len(given) > 1:
        _read_options(values, given[1], draft)


def _read_options(values: Values, options: Ref, draft: Draft) -> None:
    here = values.resolve(options)
    if here.node.kind() in ("string", "template_string", "undefined", "null"):
        return  # the library reads properties only: such an argument has no effect
    fields = draft.fields
    known, complete = stated_options(values, here)
    if not complete and not {"onConflict", "ignoreDuplicates"} <= set(known):
        fields["options_known"] = False
        draft.unknowns.append(("conflict options", f"computed: {_short(options.text)}"))
    if "onConflict" in known:
        target = _conflict_columns(values, known["onConflict"])
        fields["on_conflict"] = target
        if target is None:
            fields["options_known"] = False
            reason = f"onConflict is computed: {_short(known['onConflict'].text)}"
            draft.unknowns.append(("conflict options", reason))
    pairs = (("ignoreDuplicates", "ignore_duplicates"), ("defaultToNull", "default_to_null"))
    for option, column in pairs:
        if option in known:
            word = values.resolve(known[option]).node.text()
            if word in ("true", "false"):
                fields[column] = word == "true"
            elif word != "undefined":
                fields["options_known"] = False
                draft.unknowns.append(("conflict options", f"{option} is computed: {word[:40]}"))
    if fields["verb"] == "insert" and "upsert" in known:
        word = values.resolve(known["upsert"]).node.text()
        if word == "true":
            fields["verb"] = "upsert"
        elif word != "false":
            fields["options_known"] = False


def stated_options(values: Values, ref: Ref, depth: int = 0) -> tuple[dict[str, Ref], bool]:
    """Options that surely have these values, and whether there are no others.

    What stands before a spread of something unknown may be overwritten by it.
    """
    here = values.resolve(ref)
    if here.node.kind() != "object" or depth > 4:
        return {}, False
    found: dict[str, Ref] = {}
    complete = True
    for child in operands(here.node):
        kind = child.kind()
        if kind == "spread_element":
            inner, whole = stated_options(values, here.at(operands(child)[0]), depth + 1)
            complete = complete and whole
            found = found | inner if whole else inner
        elif kind == "shorthand_property_identifier":
            found[child.text()] = here.at(child)
        elif kind == "pair":
            key, value = values.key(here, child), child.field("value")
            if key is None or value is None:
                found, complete = {}, False
            else:
                found[key] = here.at(value)
    return found, complete


def _conflict_columns(values: Values, ref: Ref) -> tuple[str, ...] | None:
    text = values.string(ref)
    items = text.split(",") if text is not None else values.strings(ref)
    if items is None:
        return None
    return tuple(c for c in (item.strip().strip('"') for item in items) if c)


def _selects(values: Values, chain: Chain) -> str | None:
    step = chain.step("select")
    if step is None:
        return None
    if not step.given:
        return "*"
    text = values.string(step.given[0])
    return step.given[0].text if text is None else text


def _cardinality(chain: Chain) -> str:
    if chain.step("maybeSingle") is not None:
        return "maybe_single"
    return "single" if chain.step("single") is not None else "many"


def _filters(values: Values, chain: Chain) -> tuple[Filter, ...]:
    found: list[Filter] = []
    for step in chain.steps:
        given = step.given
        if step.name in _COMPARISONS and len(given) >= 2:
            found.append(Filter(values.string(given[0]), step.name, given[1].text))
        elif step.name in ("filter", "not") and len(given) >= 3:
            op = values.string(given[1]) or given[1].text
            op = f"not.{op}" if step.name == "not" else op
            found.append(Filter(values.string(given[0]), op, given[2].text))
        elif step.name == "match" and given:
            found += _matched(values, step)
        elif step.name == "or" and given:
            found.append(Filter(None, "or", given[0].text))
    return tuple(found)


def _matched(values: Values, step: Step) -> list[Filter]:
    row = PayloadReader(values).read(step.given[0])
    if row.values is None:
        return [Filter(None, "match", step.given[0].text)]
    return [Filter(column, "eq", text) for column, text in row.values.items()]


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:59] + "…"
