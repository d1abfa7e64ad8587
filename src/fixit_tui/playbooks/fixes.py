"""A finding's fixes: templates filled in, preconditions asked, code edits made into a patch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from functools import cached_property
from typing import Any

from fixit_tui.code.diff import unified_diff
from fixit_tui.code.edits import Edited, Refused, apply_edit, edited_place, folder
from fixit_tui.code.facts import CodeCall, Filter
from fixit_tui.code.project import Project
from fixit_tui.errors import UsageError
from fixit_tui.facts.base import FactBase
from fixit_tui.model.finding import Check, FileEdit, Fix, SqlChange
from fixit_tui.playbooks import foreign_calls
from fixit_tui.playbooks.foreign_text import UnfitError
from fixit_tui.playbooks.manifest import FixSpec, Playbook
from fixit_tui.playbooks.template import render_list, render_sql, render_text
from fixit_tui.playbooks.values import typed
from fixit_tui.sql.classify import classify
from fixit_tui.sql.foreseen_locks import foreseen_locks
from fixit_tui.sql.split import split

_JSON_FIELDS = (
    "columns", "column_values", "on_conflict", "filters", "handles_sqlstate", "params",
    "update_columns", "row_list",
)  # fmt: skip


def call_of(facts: FactBase, call_id: int) -> CodeCall:
    """The code call of that id as a value. Raises UsageError when there is none."""
    rows = facts.query("SELECT * FROM code_call WHERE id = ?", (call_id,))
    if not rows:
        raise UsageError(f"there is no code call {call_id} in the facts")
    known = {f.name for f in fields(CodeCall)}
    raw: dict[str, Any] = {k: v for k, v in rows[0].items() if k in known}
    for name in _JSON_FIELDS:
        value = None if raw.get(name) is None else json.loads(str(raw[name]))
        raw[name] = tuple(value) if isinstance(value, list) else value
    raw["filters"] = tuple(
        Filter(f.get("column"), f["op"], f["value"]) for f in raw["filters"] or ()
    )
    raw["handles_sqlstate"] = raw["handles_sqlstate"] or ()
    return CodeCall(**raw)


def _from_the_end(pair: tuple[CodeCall, Mapping[str, Any]]) -> tuple[str, int]:
    path, _, start = edited_place(str(pair[1]["edit"]), pair[0])
    return path, -start


class FixBuilder:
    """Builds the fixes of one playbook's findings."""

    def __init__(
        self,
        playbook: Playbook,
        facts: FactBase,
        checks: Callable[[str], tuple[Check, ...]] | None,
        read_source: Callable[[str], bytes | None],
    ) -> None:
        self._playbook = playbook
        self._facts = facts
        self._checks = checks
        self._read_source = read_source

    @cached_property
    def _folder(self) -> Project:
        paths = self._facts.query("SELECT path FROM code_file WHERE status = 'scanned'")
        return folder([str(row["path"]) for row in paths], self._read_source)

    def fixes(
        self,
        ids: Sequence[str],
        params: Mapping[str, Any],
        edits: Mapping[str, Sequence[Mapping[str, Any]]],
    ) -> tuple[Fix, ...]:
        """The recommended fix first, then what could be done as well, last what is blocked.

        Within these in the finding's order; the first that may be is recommended.
        """
        values = {n: typed(self._facts, v, lenient=True) for n, v in params.items()}
        built = []
        for fix_id in ids:
            spec = self._playbook.fix(fix_id)
            if spec is None:
                raise UsageError(
                    f"{self._playbook.id}: findings.sql names the unknown fix {fix_id}"
                )
            built.append((spec, self._fix(spec, values, edits.get(fix_id, ()))))
        chosen = next((f.id for s, f in built if s.recommend and not f.blocked_by), None)
        fixes = (replace(f, recommended=f.id == chosen) for _, f in built)
        return tuple(sorted(fixes, key=lambda f: (not f.recommended, bool(f.blocked_by))))

    def _fix(
        self, spec: FixSpec, values: Mapping[str, Any], edits: Sequence[Mapping[str, Any]]
    ) -> Fix:
        try:
            return self._made(spec, values, edits)
        except UnfitError:
            raise
        except UsageError as error:
            raise UsageError(f"fix {spec.id}: {error.message}", hint=error.hint) from error

    def _made(
        self, spec: FixSpec, values: Mapping[str, Any], edits: Sequence[Mapping[str, Any]]
    ) -> Fix:
        scope = {**values, **spec.values}
        files, idioms = self._edit_files(edits or ())
        advice = [render_text(spec.advice, scope), *idioms]
        sql, preconditions = self._sql_part(spec, scope)
        return Fix(
            id=spec.id,
            title=render_text(spec.title, scope),
            kind=spec.kind,
            tradeoff=render_text(spec.tradeoff, scope),
            sql=sql,
            patch=unified_diff(files) if files else None,
            edits=files,
            preconditions=preconditions,
            advice="\n".join(a for a in advice if a),
            deploy_order=render_text(spec.deploy_order, scope),
        )

    def _sql_part(
        self, spec: FixSpec, scope: Mapping[str, Any]
    ) -> tuple[SqlChange | None, tuple[Check, ...]]:
        """The filled-in SQL and its preconditions; a text that is unfit for SQL blocks the fix."""
        try:
            return (
                self._sql(spec, scope) if spec.up else None,
                self._preconditions(spec, scope),
            )
        except UnfitError as error:
            return None, (Check("the SQL of this fix can be written", False, error.message),)

    def _sql(self, spec: FixSpec, scope: Mapping[str, Any]) -> SqlChange:
        up = render_sql(spec.up, scope)
        return SqlChange(
            up=up,
            undo=render_sql(spec.undo, scope),
            verify=render_sql(spec.verify, scope),
            precheck=render_sql(spec.precheck, scope),
            transactional=all(classify(statement).transactional for statement in split(up)),
            locks=foreseen_locks(up, None),
            irreversible=spec.irreversible,
            touches=render_list(spec.touches, scope),
        )

    def _preconditions(self, spec: FixSpec, scope: Mapping[str, Any]) -> tuple[Check, ...]:
        if not spec.precheck:
            return ()
        if self._checks is None:
            return (Check("the preconditions of this fix", None, "not asked: no connection"),)
        called = foreign_calls.question(scope)
        harmless = self._checks(called) if called else ()
        if not all(check.holds for check in harmless):
            return harmless
        answer = self._checks(render_sql(spec.precheck, scope))
        return answer or (Check("the preconditions of this fix", None, "no row came back"),)

    def _edit_files(
        self, edits: Sequence[Mapping[str, Any]]
    ) -> tuple[tuple[FileEdit, ...], list[str]]:
        """Each file with all its edits made, last position first, and the idioms of refusals."""
        calls = [(call_of(self._facts, int(e["call"])), e) for e in edits if e.get("call")]
        calls.sort(key=_from_the_end)
        originals: dict[str, bytes] = {}
        texts: dict[str, str] = {}
        idioms: list[str] = []
        for call, edit in calls:
            name, params = str(edit["edit"]), edit.get("params", {})
            path, line, _ = edited_place(name, call)
            if path not in texts:
                raw = self._read_source(path)
                if raw is None:
                    idioms.append(f"{path} could not be read again.")
                    continue
                originals[path] = raw
                texts[path] = raw.decode("utf-8", "surrogateescape")
            result = apply_edit(name, texts[path], call, params, self._folder)
            if isinstance(result, Refused):
                idioms.append(f"{path}:{line}: {result.reason}. {result.idiom}".strip())
            elif isinstance(result, Edited):
                texts[path] = result.text
        if idioms:
            return (), idioms
        return tuple(
            FileEdit(
                path,
                hashlib.sha256(originals[path]).hexdigest(),
                originals[path].decode("utf-8", "surrogateescape"),
                text,
            )
            for path, text in texts.items()
            if text.encode("utf-8", "surrogateescape") != originals[path]
        ), idioms
