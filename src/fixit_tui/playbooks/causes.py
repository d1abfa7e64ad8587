"""The fixed vocabulary of causes: slug → what it means, for people."""

from __future__ import annotations

from collections.abc import Mapping

CAUSES: Mapping[str, str] = {
    "none": "nothing is wrong",
    "insert-should-be-upsert": "a plain INSERT meets a row that may already be there",
    "single-on-zero-rows": "exactly one row is asked for where none is normal",
    "wrong-conflict-target": "the upsert's target is not the key that conflicts",
    "upsert-rewrites-primary-key": "an upsert writes a new id over one that others reference",
    "delete-then-insert": "rows are replaced in two transactions",
    "missing-unique-index": "no unique index matches the conflict target",
    "partial-index-predicate-mismatch": "the statement does not imply the partial index predicate",
    "expression-index-target": "the index is on an expression, the target names a column",
    "invalid-unique-index": "a failed build left the unique index invalid",
    "deferrable-arbiter": "the only arbiter is deferrable",
    "trigger-and-code-double-insert": "a trigger has written the row that the code inserts",
    "duplicate-triggers": "two triggers write the same row",
    "trigger-not-idempotent": "a trigger's own INSERT meets its earlier row",
    "swallowed-trigger-error": "a trigger hides its failures, so rows are missing",
    "trigger-context": "a trigger function runs with the wrong rights or search_path",
    "rls-policy-missing": "row level security lacks a policy that the statement needs",
    "fk-parent-missing": "the referenced row is not there",
    "fk-still-referenced": "the row to delete or re-key is referenced",
    "sequence-behind": "a sequence hands out ids that are taken",
    "duplicate-rows-in-batch": "one statement brings the same key twice",
    "duplicates-block-index": "existing duplicates stand in the way of uniqueness",
    "nulls-not-matched": "NULLs in the key never conflict, so rows pile up",
    "soft-deleted-row": "a soft-deleted row still owns the value",
    "aborted-transaction": "statements run on after an error in the same transaction",
    "legitimate-conflict": "the value is taken, and rightly so",
}

RAISES: Mapping[str, frozenset[str]] = {
    "insert-should-be-upsert": frozenset({"23505"}),
    "single-on-zero-rows": frozenset({"PGRST116"}),
    "wrong-conflict-target": frozenset({"23505", "42P10", "42704", "42809"}),
    "upsert-rewrites-primary-key": frozenset({"23503", "23001"}),
    "delete-then-insert": frozenset({"23505"}),
    "missing-unique-index": frozenset({"42P10"}),
    "partial-index-predicate-mismatch": frozenset({"42P10"}),
    "expression-index-target": frozenset({"42P10"}),
    "invalid-unique-index": frozenset({"42P10", "23505"}),
    "deferrable-arbiter": frozenset({"55000"}),
    "trigger-and-code-double-insert": frozenset({"23505"}),
    "duplicate-triggers": frozenset({"23505"}),
    "trigger-not-idempotent": frozenset({"23505"}),
    "trigger-context": frozenset({"42501", "42P01", "42883"}),
    "rls-policy-missing": frozenset({"42501"}),
    "fk-parent-missing": frozenset({"23503"}),
    "fk-still-referenced": frozenset({"23503", "23001"}),
    "sequence-behind": frozenset({"23505"}),
    "duplicate-rows-in-batch": frozenset({"21000", "23505"}),
    "duplicates-block-index": frozenset({"23505"}),
    "soft-deleted-row": frozenset({"23505"}),
    "aborted-transaction": frozenset({"25P02"}),
    "legitimate-conflict": frozenset({"23505", "23P01"}),
}
"""SQLSTATEs (and PGRST codes) that a cause shows as; those that raise nothing are absent."""
