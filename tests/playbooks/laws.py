"""What every migration of a playbook is held to, step by step, on a real database."""

from __future__ import annotations

import contextlib
import re
import subprocess
from pathlib import Path

import psycopg
from tests.playbooks.harness import Stage, run_script

from fixit_tui.model.finding import Finding, Fix, FixKind
from fixit_tui.sql.classify import classify
from fixit_tui.sql.split import split


def sql_fixes(findings: list[Finding]) -> list[Fix]:
    return [x for f in findings for x in f.fixes if x.sql is not None and not x.blocked_by]


def holds(connection: psycopg.Connection[tuple[object, ...]], text: str) -> bool:
    rows = connection.execute(text.encode()).fetchall()
    assert rows, "a check without rows says nothing"
    return all(row[1] for row in rows)


def apply(stage: Stage, script: str) -> None:
    # What refuses a transaction is one statement, and a plan of its own.
    alone = not all(classify(statement).transactional for statement in split(script))
    with psycopg.connect(stage.dsn, autocommit=alone) as connection:
        for statement in split(script):
            connection.execute(statement.encode())


def _accounted(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> bool:
    """Rows stay; or those that moved away, or were added, are recorded one by one.

    A table `repointed_…` records the old references of rows that stayed: one for each, none lost.
    """

    def counted(rows: dict[str, tuple[int, str]], *, recorded: bool) -> int:
        return sum(
            n
            for table, (n, _) in rows.items()
            if table.startswith("fixit_quarantine.") is recorded
            and not table.startswith("fixit_quarantine.repointed_")
        )

    change = counted(after, recorded=False) - counted(before, recorded=False)
    return abs(change) == counted(after, recorded=True) - counted(before, recorded=True)


def _opened(before: str, after: str) -> set[str]:
    """Statements that grant or allow something and were not there before; switches turned off."""
    switches = re.compile(r"(?m)^ALTER TABLE .* ROW LEVEL SECURITY;$")
    lost = set(switches.findall(before)) - set(switches.findall(after))
    old, new = _openings(before), _openings(after)
    known = {part for statement in old for part in _predicates(statement)}
    return lost | {
        statement
        for statement in new - old
        if "fixit_quarantine" not in statement and not _only_own_rows(_predicates(statement), known)
    }


def _openings(dump: str) -> set[str]:
    """A dump's statements that grant or allow something, each on one line."""
    found = re.findall(r"(?ms)^(?:GRANT |CREATE POLICY |ALTER [^\n]* OWNER TO ).*?;$", dump)
    return {" ".join(statement.split()) for statement in found}


_POLICY = re.compile(
    r'CREATE POLICY (?:"(?:[^"]|"")+"|\w+) ON (?P<table>.+?)(?: FOR (?:SELECT|INSERT|UPDATE|DELETE))?'
    r"(?: TO (?P<roles>.+?))?(?: USING (?P<using>\(.+?\)))?(?: WITH CHECK (?P<check>\(.+\)))?;"
)
_CALLER = re.compile(r'\(+(?:\( SELECT auth\.uid\(\) AS uid\)|auth\.uid\(\)) = ("[^"]+"|\w+)\)+')


def _predicates(line: str) -> set[tuple[str, str | None, str]]:
    """(table, roles, predicate) of a policy as pg_dump prints it; empty for anything else."""
    found = _POLICY.fullmatch(line)
    if found is None:
        return set()
    table, roles = found["table"], found["roles"]
    return {(table, roles, p) for p in (found["using"], found["check"]) if p is not None}


_COLUMN_IS = re.compile(r'\(+(?:"[^"]+"|\w+) = ([^()]*\(.*)\)')


def _caller_in(predicate: str) -> str | None:
    """What a predicate of the form (column = caller) compares the column with, cast or not."""
    found = _COLUMN_IS.fullmatch(predicate)
    bare = None if found is None else found[1].replace("(", "").replace(")", "")
    return None if bare is None else bare.removesuffix("::text")


def _only_own_rows(
    wanted: set[tuple[str, str | None, str]], known: set[tuple[str, str | None, str]]
) -> bool:
    """Does a new policy only repeat what the table's policies say, or name the caller's rows?"""
    return bool(wanted) and all(
        ("auth.uid()" in predicate or "current_" in predicate)
        and (
            (table, roles, predicate) in known
            or _CALLER.fullmatch(predicate) is not None
            or _caller_in(predicate) in {_caller_in(p) for _, _, p in known} - {None}
        )
        for table, roles, predicate in wanted
    )


def hold_to_the_laws(stage: Stage, fix: Fix) -> None:
    assert fix.sql is not None
    schema, rows = stage.schema(), stage.rows()
    with stage.connect() as connection:
        assert not holds(connection, fix.sql.verify), f"{fix.id} verifies before it ran"
    apply(stage, fix.sql.up)
    with stage.connect() as connection:
        assert holds(connection, fix.sql.verify), f"{fix.id} does not verify"
    assert run_script(stage, stage.case.text("failing.sql") or "") is None, fix.id
    cured = stage.schema(), stage.rows()
    assert _accounted(rows, cured[1]), f"{fix.id} loses or invents rows"
    assert not _opened(schema, cured[0]), fix.id
    assert not _openings(schema) - _openings(cured[0]), f"{fix.id} takes a right or a policy away"
    _run_again(stage, fix)
    assert (stage.schema(), stage.rows()) == cured, f"{fix.id} is not harmless twice"
    if fix.sql.irreversible:
        assert fix.sql.undo == ""
        assert cured[1] == rows, f"{fix.id} changes rows for good"
        return
    apply(stage, fix.sql.undo)
    assert without_quarantine(stage.schema()) == without_quarantine(schema), fix.id
    assert stage.rows() == rows, fix.id


def _run_again(stage: Stage, fix: Fix) -> None:
    assert fix.sql is not None
    with contextlib.suppress(psycopg.errors.DuplicateTable, psycopg.errors.DuplicateObject):
        apply(stage, fix.sql.up)


def mended_in_code(finding: Finding) -> bool:
    """Whether what the finding recommends changes code."""
    fix = finding.recommended
    return fix is not None and fix.kind in (FixKind.CODE, FixKind.BOTH)


def hold_to_the_code_law(stage: Stage, finding: Finding, folder: Path) -> None:
    """The recommended patch applies, ends the finding, and the statement it sends succeeds."""
    fix = finding.recommended
    assert fix is not None
    if fix.sql is not None:
        apply(stage, fix.sql.up)
    assert fix.patch, f"{fix.id} has no patch"
    assert stage.code is not None
    patch = folder / "fix.patch"
    patch.write_bytes(fix.patch.encode())
    for words in (["--check"], []):
        done = subprocess.run(
            ["git", "apply", *words, str(patch)], cwd=stage.code, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    left = [(f.cause, f.relation) for f in stage.findings()]
    assert (finding.cause, finding.relation) not in left
    fixed = stage.case.text("fixed.sql")
    assert fixed is not None, "a fix in the code needs fixed.sql"
    assert run_script(stage, fixed) is None


def without_quarantine(schema: str) -> str:
    """The empty quarantine schema may stay behind: others may use it."""
    return "\n".join(
        line
        for line in schema.splitlines()
        if "fixit_quarantine" not in line and line.strip() not in ("", "--")
    )
