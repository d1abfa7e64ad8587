"""What the last diagnosis established, kept until the next one replaces it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fixit_tui.errors import UsageError
from fixit_tui.model.diagnosis import Diagnosis
from fixit_tui.model.target import Platform, Target

if TYPE_CHECKING:
    from fixit_tui.facts.base import FactBase


class Known:
    """The last diagnosis and its fact tables, which this closes."""

    def __init__(self) -> None:
        self._diagnosis: Diagnosis | None = None
        self.facts: FactBase | None = None

    def keep(self, facts: FactBase, diagnosis: Diagnosis | None = None) -> None:
        """Take these in place of the earlier ones; facts alone leave the diagnosis as it was."""
        if self.facts is not None and self.facts is not facts:
            self.facts.close()
        self.facts = facts
        self._diagnosis = diagnosis if diagnosis is not None else self._diagnosis

    def diagnosis(self) -> Diagnosis:
        """The last diagnosis; UsageError before the first."""
        if self._diagnosis is None:
            raise UsageError("there is no diagnosis to choose from", hint="diagnose first")
        return self._diagnosis

    def has_api(self, target: Target | None) -> bool:
        """Whether PostgREST serves this database and has a schema cache to reload."""
        if target is not None and target.platform is Platform.SUPABASE:
            return True
        rows = self.facts.query("SELECT has_postgrest FROM server") if self.facts else []
        return any(row["has_postgrest"] for row in rows)

    def settable_roles(self) -> frozenset[str]:
        """Roles that the session may SET ROLE to."""
        rows = self.facts.query("SELECT name FROM role WHERE settable = 1") if self.facts else []
        return frozenset(str(row["name"]) for row in rows)

    def close(self) -> None:
        """Let go of the fact tables."""
        if self.facts is not None:
            self.facts.close()
            self.facts = None
