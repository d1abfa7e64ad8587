"""From chosen fixes to one plan: ordered, merged, checked for conflicts, with a fingerprint."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fixit_tui.code.diff import unified_diff
from fixit_tui.engine.edits import combine
from fixit_tui.engine.order import controls_transaction, position, rank
from fixit_tui.engine.statements import statements_of
from fixit_tui.errors import RefusedError, UsageError
from fixit_tui.model.diagnosis import Diagnosis
from fixit_tui.model.finding import FileEdit, Finding, Fix, FixKind, SqlChange
from fixit_tui.model.plan import Choice, ObjectState, Plan, Step
from fixit_tui.model.proof import Reported
from fixit_tui.model.replay import Replay
from fixit_tui.sql.classify import classify
from fixit_tui.sql.concurrent import concurrent_index
from fixit_tui.sql.foreseen_locks import foreseen_locks
from fixit_tui.sql.lexer import tokens

Fingerprint = Callable[[Sequence[str]], tuple[ObjectState, ...]]

# What a fix replaces whole: two different texts for one of these cannot both hold.
_WHOLE = ("function", "procedure", "index", "sequence", "trigger", "policy")
"""Kinds of which two fixes must not change the same one, unless in the same way."""
_KINDS = ("table", "view", *_WHOLE)


@dataclass(frozen=True, slots=True)
class Pick:
    """A choice with the finding and the fix that it names."""

    finding: Finding
    fix: Fix

    @property
    def label(self) -> str:
        return f"'{self.fix.title}' ({self.finding.id})"


def make_plan(
    diagnosis: Diagnosis,
    choices: Sequence[Choice],
    fingerprint: Fingerprint,
    *,
    reloads_api: bool = False,
    settable_roles: frozenset[str] = frozenset(),
    request: Replay | None = None,
) -> Plan:
    """The plan for the chosen fixes.

    `reloads_api`: PostgREST caches this schema and must be told of changes. A replay runs as
    the symptom's role only if it is one of `settable_roles`. `request` is what was pasted, for
    the rehearsal. Raises UsageError for choices that name nothing or contradict each other,
    RefusedError for SQL that refuses a transaction.
    """
    picks = _picks(diagnosis, choices)
    _refuse_conflicts(picks)
    with_sql = [(p, p.fix.sql) for p in picks if p.fix.sql is not None]
    steps = _steps(with_sql)
    edits = _merged_edits(picks)
    touches = _touches(with_sql)
    replay, role = _replay(diagnosis, picks, settable_roles)
    reported = _reported(diagnosis, picks)
    cures = reported.sqlstate and not any(_needs_code(p.fix) for p in picks)
    asked = request if cures and not replay else None
    return Plan(
        target=diagnosis.target,
        steps=steps,
        edits=edits,
        patch=unified_diff(edits),
        fingerprint=fingerprint(touches) if touches else (),
        replay=replay,
        replay_role=role,
        reported=reported if replay or asked else Reported(),
        request=asked,
        notify_postgrest=reloads_api and _changes_schema(steps),
        title=_title(picks),
        findings=tuple(dict.fromkeys(p.finding.id for p in picks)),
        code_findings=tuple(dict.fromkeys(p.finding.id for p in picks if _needs_code(p.fix))),
        playbooks=tuple(dict.fromkeys(p.finding.playbook for p in picks)),
    )


def _needs_code(fix: Fix) -> bool:
    return fix.kind in (FixKind.CODE, FixKind.BOTH)


def _picks(diagnosis: Diagnosis, choices: Sequence[Choice]) -> list[Pick]:
    if not choices:
        raise UsageError("nothing was chosen", hint="choose at least one fix")
    picks: dict[str, Pick] = {}
    for choice in choices:
        finding = diagnosis.finding(choice.finding_id)
        if finding is None:
            raise UsageError(f"no finding is called {choice.finding_id}", hint="diagnose again")
        fix = next((f for f in finding.fixes if f.id == choice.fix_id), None)
        if fix is None:
            known = ", ".join(f.id for f in finding.fixes) or "none"
            raise UsageError(
                f"finding {finding.id} has no fix {choice.fix_id}", hint=f"its fixes: {known}"
            )
        if fix.sql is None and not fix.edits:
            raise UsageError(
                f"'{fix.title}' is advice: there is nothing that could be run",
                hint=fix.advice or "choose another fix, or carry it out by hand",
            )
        other = picks.get(finding.id)
        if other is not None and other.fix.id != fix.id:
            raise UsageError(
                f"two fixes were chosen for one finding: '{other.fix.title}' and '{fix.title}'",
                hint="choose one of them",
            )
        picks[finding.id] = Pick(finding, fix)
    return list(picks.values())


def _refuse_conflicts(picks: Sequence[Pick]) -> None:
    for number, one in enumerate(picks):
        for other in picks[number + 1 :]:
            common = _clash(one.fix.sql, other.fix.sql)
            if common:
                raise UsageError(
                    f"{one.label} and {other.label} both change {common}, in different ways",
                    hint="apply one of them, diagnose again, then apply the other",
                )


def _clash(one: SqlChange | None, other: SqlChange | None) -> str:
    if one is None or other is None or one.up == other.up:
        return ""
    common = [t for t in one.touches if t in other.touches and t.partition(" ")[0] in _WHOLE]
    return ", ".join(common)


def _touches(with_sql: Sequence[tuple[Pick, SqlChange]]) -> tuple[str, ...]:
    for pick, sql in with_sql:
        for identity in sql.touches:
            if identity.partition(" ")[0] not in _KINDS:
                raise UsageError(
                    f"{pick.label} names '{identity}', which cannot be compared",
                    hint=f"playbook {pick.finding.playbook}: touches are of {', '.join(_KINDS)}",
                )
    return tuple(dict.fromkeys(t for _, sql in with_sql for t in sql.touches))


def _steps(with_sql: Sequence[tuple[Pick, SqlChange]]) -> tuple[Step, ...]:
    distinct: dict[str, tuple[Pick, SqlChange]] = {}
    for pick, sql in with_sql:
        kept = distinct.setdefault(sql.up, (pick, sql))
        if kept[1] != sql and (kept[1].undo, kept[1].verify) != (sql.undo, sql.verify):
            raise UsageError(
                f"{kept[0].label} and {pick.label} run the same SQL but undo it differently",
                hint="choose one of them",
            )
    for pick, sql in distinct.values():
        _insist_on_own_transaction(pick, sql)
        if not sql.transactional:
            _insist_on_alone(pick, sql, len(distinct))
    ordered = sorted(distinct.values(), key=lambda item: position(statements_of(item[1].up)))
    return tuple(_step(number, pick, sql) for number, (pick, sql) in enumerate(ordered, start=1))


def _insist_on_own_transaction(pick: Pick, sql: SqlChange) -> None:
    ending = next((s for s in statements_of(sql.up) if controls_transaction(s)), None)
    if ending is not None:
        raise RefusedError(
            f"{pick.label} holds the statement {ending.strip()!r}",
            hint="steps run inside one transaction that the tool begins and ends",
        )


def _insist_on_alone(pick: Pick, sql: SqlChange, steps: int) -> None:
    """What refuses a transaction is one concurrent index build or rebuild, and the whole plan."""
    statements = statements_of(sql.up)
    index = concurrent_index(statements[0]) if len(statements) == 1 else None
    if index is None or not index.builds:
        raise RefusedError(
            f"{pick.label} cannot run inside a transaction, and what became of it could not be"
            " told afterwards",
            hint="of such statements only one CREATE INDEX CONCURRENTLY with a schema, a name and"
            " no IF NOT EXISTS, or one REINDEX INDEX CONCURRENTLY with a schema is carried out",
        )
    if steps > 1:
        raise UsageError(
            f"{pick.label} runs outside of any transaction, so it must be a plan of its own",
            hint="apply the other fixes first, diagnose again, then apply this one",
        )


def _step(number: int, pick: Pick, sql: SqlChange) -> Step:
    return Step(
        number=number,
        finding_id=pick.finding.id,
        fix_id=pick.fix.id,
        slug=_slug(pick),
        title=pick.fix.title,
        relation=pick.finding.relation,
        up=sql.up,
        undo=sql.undo,
        verify=sql.verify,
        precheck=sql.precheck,
        locks=foreseen_locks(sql.up, pick.finding.relation),
        transactional=sql.transactional,
        irreversible=sql.irreversible,
    )


def _slug(pick: Pick) -> str:
    table = (pick.finding.relation or "").rpartition(".")[2]
    words = re.sub(r"[^a-z0-9]+", "_", f"{pick.fix.id}_{table}".lower()).strip("_")
    return words[:60] or "step"


def _merged_edits(picks: Sequence[Pick]) -> tuple[FileEdit, ...]:
    merged: dict[str, tuple[Pick, FileEdit]] = {}
    for pick in picks:
        for edit in pick.fix.edits:
            if edit.path not in merged:
                merged[edit.path] = (pick, edit)
                continue
            owner, present = merged[edit.path]
            both = combine(present, edit)
            if both is None:
                raise UsageError(
                    f"{owner.label} and {pick.label} change the same lines of {edit.path}",
                    hint="apply one of them, diagnose again, then apply the other",
                )
            merged[edit.path] = (owner, both)
    return tuple(merged[path][1] for path in sorted(merged))


def _changes_schema(steps: Sequence[Step]) -> bool:
    """Anything but rows: PostgREST caches tables, keys, functions and their rights."""
    kinds = {rank(s) for step in steps for s in statements_of(step.up)}
    return any(kind is not None and kind.name != "DATA" for kind in kinds)


def _replay(diagnosis: Diagnosis, picks: Sequence[Pick], roles: frozenset[str]) -> tuple[str, str]:
    """The statement that must succeed afterwards, and the role to run it as.

    A code fix changes the statement itself, so the old one proves nothing about it.
    """
    cured = [p for p in picks if p.fix.sql is not None and not _needs_code(p.fix)]
    symptom = diagnosis.symptom.root if diagnosis.symptom is not None else None
    candidates = []
    if symptom is not None and symptom.statement and any(p.finding.explains for p in cured):
        candidates.append(symptom.statement)
    candidates += [p.finding.replay for p in cured if p.finding.replay]
    statement = next((c for c in candidates if replayable(c)), "")
    role = symptom.role if symptom is not None and symptom.role in roles else None
    return statement, (role or "") if statement else ""


def _reported(diagnosis: Diagnosis, picks: Sequence[Pick]) -> Reported:
    """The symptom's error, where one of the picks explains it.

    Only a plan of that one change proves its finding: of several, any may have been the cure.
    """
    symptom = diagnosis.symptom.root if diagnosis.symptom is not None else None
    explaining = [p.finding for p in picks if p.finding.explains]
    if symptom is None or not symptom.sqlstate or not explaining:
        return Reported()
    alone = (explaining[0].id,) if len(picks) == 1 else ()
    return Reported(symptom.sqlstate, symptom.constraint or "", alone)


_WRITES = frozenset({"insert", "update", "delete", "merge", "with"})


def replayable(statement: str) -> bool:
    """Whether a text is one whole data-changing statement, without placeholders or gaps.

    A statement that a log or a clipboard has cut off fails by itself and proves nothing.
    """
    if len(statements_of(statement)) != 1:
        return False
    items = tokens(statement)
    if items[0].word not in _WRITES:
        return False
    gap = any(t.kind in ("param", "named") or t.text in ("?", "…") for t in items)
    if gap or "..." in "".join(t.text if t.kind == "other" else " " for t in items):
        return False
    return classify(statement).parsed


def _title(picks: Sequence[Pick]) -> str:
    first = picks[0].fix.title
    return first if len(picks) == 1 else f"{first} and {len(picks) - 1} more"
