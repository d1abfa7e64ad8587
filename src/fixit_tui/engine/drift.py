"""Whether the database and the objects of a plan are still those that it was made for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from fixit_tui.errors import Effect, StalePlanError
from fixit_tui.model.finding import Check
from fixit_tui.model.plan import ObjectState, Plan


class Asked(Protocol):
    """Whatever answers checks: a transaction, or the connection of an index build."""

    def checks(self, sql: str) -> tuple[Check, ...]: ...


def same_database_check(oid: int) -> str:
    """A check that the database which answers is the one of that oid, and not a namesake."""
    return (
        f"SELECT 'database', d.oid::bigint = {int(oid)}, d.datname::text"
        " FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()"
    )


def insist_on_same_database(asked: Asked, plan: Plan, effect: Effect) -> None:
    """Raise StalePlanError when another database answers than the plan was made for."""
    if not plan.target.database_oid:
        return
    answer = asked.checks(same_database_check(plan.target.database_oid))
    if not all(check.holds for check in answer):
        raise StalePlanError(
            "the plan was made for another database than the one that answers now",
            hint="diagnose again on this target",
            effect=effect,
        )


def insist_on_same_objects(plan: Plan, states: Sequence[ObjectState], effect: Effect) -> None:
    """Raise StalePlanError when `states` are not those of the plan's fingerprint."""
    now = {s.identity: s.digest for s in states}
    drifted = [s.identity for s in plan.fingerprint if now.get(s.identity) != s.digest]
    if drifted:
        raise StalePlanError(
            f"changed since the plan was made: {', '.join(drifted)}",
            hint="diagnose again; the plan is made for objects that are no longer there",
            effect=effect,
        )
