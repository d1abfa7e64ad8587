"""Putting the pieces of a text together: which of them speak of the same error."""

from __future__ import annotations

import re
from dataclasses import replace

from fixit_tui.model.symptom import Service, Source, Symptom
from fixit_tui.symptoms.evidence import Evidence, Origin, joined, with_fields
from fixit_tui.symptoms.http import postgrest_status, status_fits
from fixit_tui.symptoms.places import Trace

MOST = 200
_NEAR = 400
_ABORTED = "25P02"


def merge(pieces: list[Evidence], traces: list[Trace]) -> list[Evidence]:
    """Distinct errors by position. Aborted transactions carry their `first_error`.

    At most 200 distinct errors and as many requests are kept.
    """
    pieces = sorted(pieces, key=lambda piece: piece.span)
    strong = [piece for piece in pieces if not piece.weak]
    weak = _requests(_distinct([piece for piece in pieces if piece.weak]))[:MOST]
    groups, group_of = _groups(strong)
    groups, lone = _attach(groups, weak)
    everything = _place([*groups, *lone], traces)
    groups, lone = everything[: len(groups)], everything[len(groups) :]
    return sorted([*_with_first(strong, groups, group_of), *lone], key=lambda piece: piece.span)


def same_error(a: Evidence, b: Evidence) -> bool:
    """Can both pieces come from one and the same error, and does something link them?"""
    x, y = a.symptom, b.symptom
    if _differ(x.sqlstate, y.sqlstate) or _differ(x.constraint, y.constraint):
        return False
    if _differ(x.postgrest_code, y.postgrest_code) or _differ(x.http_status, y.http_status):
        return False
    if Service.STORAGE in (x.service, y.service) and x.service is not y.service:
        return False
    if _differ(x.referenced_relation, y.referenced_relation) or _differ(
        _functions(x), _functions(y)
    ):
        return False
    if _differ(x.key_columns, y.key_columns):
        return False
    by_error = min(a.origin, b.origin) >= Origin.FIELD
    by_statement = bool(x.statement and y.statement)
    if (by_error or by_statement) and _differ(x.relation, y.relation):
        return False
    if (
        x.message
        and y.message
        and not _alike(x.message, y.message)
        and not (x.constraint and y.constraint)
    ):
        return False
    if x.sqlstate and x.sqlstate == y.sqlstate:
        return True
    if x.constraint and x.constraint == y.constraint:
        return True
    if x.postgrest_code and x.postgrest_code == y.postgrest_code:
        return True
    if x.message and y.message:
        return _alike(x.message, y.message)
    return _gap(a, b) <= _NEAR


def _groups(strong: list[Evidence]) -> tuple[list[Evidence], list[int]]:
    """Merged errors, and for every piece the number of the error it became."""
    keyed: dict[object, int] = {}
    groups: list[Evidence] = []
    group_of: list[int] = []
    for piece in strong:
        key = _key(piece)
        if (number := keyed.get(key)) is None:
            number = next(
                (n for n in _candidates(groups, piece) if same_error(groups[n], piece)), None
            )
            if number is not None:
                groups[number] = joined(groups[number], piece)
            elif len(groups) < MOST:
                number = len(groups)
                groups.append(piece)
            else:
                number = -1
            keyed[key] = number
        group_of.append(number)
    return groups, group_of


def _candidates(groups: list[Evidence], piece: Evidence) -> list[int]:
    """Nearest first, so that a body joins the line beside it."""
    return sorted(range(len(groups)), key=lambda number: (_gap(groups[number], piece), number))


def _key(piece: Evidence) -> object:
    s = piece.symptom
    return (
        s.sqlstate, s.postgrest_code, s.constraint, s.message, s.detail, s.service, s.http_status,
        s.relation, s.operation, _functions(s), s.statement is None, s.places, s.source,
    )  # fmt: skip


def _distinct(pieces: list[Evidence]) -> list[Evidence]:
    """Equal requests once."""
    return list({replace(piece.symptom): piece for piece in reversed(pieces)}.values())[::-1]


def _requests(weak: list[Evidence]) -> list[Evidence]:
    """Neighbours that complete each other: a URL and its options, a request and its status."""
    made: list[Evidence] = []
    for piece in weak:
        if (
            made
            and not _differ(made[-1].session, piece.session)
            and _gap(made[-1], piece) <= 1500
            and _complete(made[-1].symptom, piece.symptom)
        ):
            made[-1] = joined(made[-1], piece)
        else:
            made.append(piece)
    return [piece for piece in made if _telling(piece.symptom) or piece.symptom.relation]


def _complete(a: Symptom, b: Symptom) -> bool:
    if a.url_path and b.url_path and a.url_path != b.url_path:
        return False
    if _differ(a.method, b.method) or _differ(a.http_status, b.http_status):
        return False
    if (
        _differ(a.statement, b.statement)
        or _differ(a.detail, b.detail)
        or _differ(a.on_conflict, b.on_conflict)
    ):
        return False
    if (
        Service.AUTH in (a.service, b.service)
        and a.service is not b.service
        and a.url_path
        and b.url_path
    ):
        return False
    return not (a.statement and b.url_path) and not (b.statement and a.url_path)


def _telling(s: Symptom) -> bool:
    return bool(
        s.method
        or s.http_status
        or s.message
        or s.statement
        or s.detail
        or s.frames
        or s.sqlstate
        or s.hint
    )


def _attach(groups: list[Evidence], weak: list[Evidence]) -> tuple[list[Evidence], list[Evidence]]:
    """Give every request, status and lone detail to the error that it fits best."""
    groups = list(groups)
    lone: list[Evidence] = []
    for piece in sorted(
        weak, key=lambda w: min(((-_affinity(g, w), _gap(g, w)) for g in groups), default=(0, 0))
    ):
        fitting = [n for n, group in enumerate(groups) if _fits(group, piece)]
        if fitting:
            best = min(
                fitting, key=lambda n: (-_affinity(groups[n], piece), _gap(groups[n], piece))
            )
            groups[best] = _answered(joined(groups[best], piece), piece)
        elif (
            piece.symptom.http_status
            or (piece.symptom.url_path and _telling(piece.symptom))
            or (piece.symptom.service is Service.FUNCTIONS and not groups)
            or (piece.symptom.method and not groups)
        ):
            lone.append(piece)
    return groups, sorted(lone, key=lambda piece: piece.span)


def _fits(error: Evidence, request: Evidence) -> bool:
    e, r = error.symptom, request.symptom
    if _differ(error.session, request.session):
        return False
    if (
        _differ(e.http_status, r.http_status)
        or _differ(e.method, r.method)
        or _differ(e.on_conflict, r.on_conflict)
    ):
        return False
    if e.url_path and r.url_path and e.url_path != r.url_path:
        return False
    if Service.STORAGE in (e.service, r.service) and e.service is not r.service and r.url_path:
        # Words without a name may be what Storage passed on.
        return e.source is Source.PROSE and not (e.relation or e.constraint or e.places)
    if _differ(e.statement, r.statement) or _differ(e.key_columns, r.key_columns):
        return False
    if r.relation and e.statement and error.origin is Origin.STATEMENT and e.relation != r.relation:
        return False
    if r.http_status and r.service is Service.DATABASE:
        return _status_fits(e, r)
    return True


def _status_fits(error: Symptom, request: Symptom) -> bool:
    status = request.http_status or 0
    if error.postgrest_code:
        return (postgrest_status(error.postgrest_code) or status) == status
    if error.sqlstate is None or status_fits(status, error.sqlstate):
        return True
    # A status without its address may come from a backend with its own rules.
    return not request.url_path and error.source is not Source.POSTGREST_BODY


def _answered(error: Evidence, request: Evidence) -> Evidence:
    """Who answered is told by the address, save that a body of PostgREST is the database's."""
    service = request.symptom.service
    if request.symptom.url_path is None and service is not Service.AUTH:
        return error
    if service is Service.OWN_BACKEND and error.symptom.source is Source.POSTGREST_BODY:
        return error
    return with_fields(error, service=service)


def _affinity(error: Evidence, request: Evidence) -> int:
    """Does the error name the table of the request, or is it of the same session?"""
    if error.session and error.session == request.session:
        return 3
    name = request.symptom.relation
    if not name:
        return 0
    if error.symptom.relation == name:
        return 2
    text = f"{error.symptom.constraint} {error.symptom.message} {error.symptom.statement}"
    return 1 if re.search(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", text) else 0


def _place(pieces: list[Evidence], traces: list[Trace]) -> list[Evidence]:
    """A JavaScript trace belongs to the error above it, a Python traceback to the one below."""
    pieces = list(pieces)
    for trace in traces[:MOST]:
        if not pieces:
            break
        best = min(range(len(pieces)), key=lambda n: _trace_distance(pieces[n], trace))
        places = tuple(dict.fromkeys(pieces[best].symptom.places + trace.places))
        pieces[best] = with_fields(pieces[best], places=places)
    return pieces


def _trace_distance(piece: Evidence, trace: Trace) -> int:
    start, end = trace.span
    if piece.span[0] <= start and end <= piece.span[1]:
        return 0
    behind, before = piece.span[0] - end, start - piece.span[1]
    wrong_side = 2000
    if trace.before_error:
        return behind if behind >= 0 else abs(before) + wrong_side
    return before if before >= 0 else abs(behind) + wrong_side


def _with_first(
    strong: list[Evidence], groups: list[Evidence], group_of: list[int]
) -> list[Evidence]:
    """Errors that led to an aborted transaction move into it."""
    order = sorted(
        range(len(strong)),
        key=lambda n: (strong[n].when or "", n) if _all_dated(strong) else ("", n),
    )
    last: dict[str | None, int] = {}
    previous: int | None = None
    led: dict[int, int] = {}
    for index in order:
        piece, number = strong[index], group_of[index]
        if number < 0:
            continue
        if piece.symptom.sqlstate != _ABORTED:
            last[piece.session] = previous = number
            continue
        first = last.get(piece.session) if piece.session else previous
        if first is not None:
            led.setdefault(number, first)
    made = []
    for number, group in enumerate(groups):
        if number in led.values():
            continue
        if number in led:
            group = with_fields(group, first_error=groups[led[number]].symptom)
        made.append(group)
    return made


def _all_dated(strong: list[Evidence]) -> bool:
    return all(piece.when for piece in strong)


def _functions(s: Symptom) -> tuple[str | None, ...]:
    return tuple(frame.function for frame in s.frames if frame.function)


def _differ(a: object, b: object) -> bool:
    return bool(a) and bool(b) and a != b


def _alike(a: str, b: str) -> bool:
    a, b = (re.sub(r"[\W_]+", " ", text).strip().lower() for text in (a, b))
    return a in b or b in a


def _gap(a: Evidence, b: Evidence) -> int:
    return max(0, b.span[0] - a.span[1], a.span[0] - b.span[1])
