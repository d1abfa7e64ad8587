"""Edits of supabase-flutter calls."""

from __future__ import annotations

from fixit_tui.code.dart.reader import read_dart
from fixit_tui.code.dart.values import Step, step_of
from fixit_tui.code.edits.dart_single import single_to_maybe_single
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.facts import CodeCall
from fixit_tui.code.module import Module, span

_UPSERTS = ("insert-to-upsert", "set-conflict-target")


def dart_edit(name: str, source: str, call: CodeCall, params: Params) -> EditResult:
    """An insert or upsert that names its conflict target; for all else the library's idiom."""
    told = _idiom(name, params)
    module = Module(call.path, "dart", source)
    if name == "single-to-maybe-single":
        return single_to_maybe_single(module, _last(module, call), params)
    step = _written(module, call) if name in _UPSERTS else None
    if step is None or not step.given:
        return Refused("this call is changed by hand", told)
    dropped = params.columns("drop_columns", required=False)
    if dropped and (call.columns is None or set(dropped) & set(call.columns)):
        return Refused("columns would have to be taken out of the row", told)
    if params.flag("ignore_duplicates") and call.cardinality == "single":
        return Refused("an ignored duplicate gives no row back, which single() needs", told)
    text = _upserted(source, step, params)
    if read_dart(Module(call.path, "dart", text))[1:] != read_dart(module)[1:]:
        return Refused("the edited text would not parse", told)
    return Edited(text)


def _written(module: Module, call: CodeCall) -> Step | None:
    """The write of the chain that begins where the scan has found it."""
    for node in module.root.find_all(kind="call_expression"):
        step = step_of(node)
        if step is None or step.name not in ("insert", "upsert"):
            continue
        if module.byte(span(node)[0]) == call.start_byte:
            return step
    return None


def _last(module: Module, call: CodeCall) -> Step | None:
    """The last call of the chain that begins where the scan has found it."""
    steps = [
        step
        for node in module.root.find_all(kind="call_expression")
        if module.byte(span(node)[0]) == call.start_byte and (step := step_of(node)) is not None
    ]
    return max(steps, key=lambda step: span(step.call)[1], default=None)


def _upserted(source: str, step: Step, params: Params) -> str:
    columns = params.columns("conflict_columns", required=False) or params.columns("columns")
    quote = '"' if '"' in step.call.text() and "'" not in step.call.text() else "'"
    wanted = {"onConflict": f"{quote}{','.join(columns)}{quote}"}
    if params.flag("ignore_duplicates"):
        wanted["ignoreDuplicates"] = "true"
    elif params.flag("ignore_duplicates") is False and "ignoreDuplicates" in step.named:
        wanted["ignoreDuplicates"] = "false"
    changes = [(*span(step.label), "upsert")]
    added = ""
    for name, value in wanted.items():
        if name in step.named:
            changes.append((*span(step.named[name]), value))
        else:
            added += f", {name}: {value}"
    last = max(span(node)[1] for node in [*step.given, *step.named.values()])
    if added:
        changes.append((last, last, added))
    for start, end, text in sorted(changes, reverse=True):
        source = source[:start] + text + source[end:]
    return source


def _idiom(name: str, params: Params) -> str:
    given = params.given.get("conflict_columns") or params.given.get("columns") or ()
    columns = ",".join(str(c) for c in given) if isinstance(given, (list, tuple)) else ""
    if name in _UPSERTS:
        more = ", ignoreDuplicates: true" if params.flag("ignore_duplicates") else ""
        return f".upsert(row, onConflict: '{columns}'{more})"
    if name == "handle-conflict":
        return "on PostgrestException catch (e) { if (e.code != '23505') rethrow; }"
    if name.startswith("drop-"):
        return "Remove this statement; what it writes is written already."
    return "Write it in a database function and call it with rpc."
