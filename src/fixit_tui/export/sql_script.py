"""A plan as numbered SQL files that psql runs: the same statements, byte for byte, as apply."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from fixit_tui.errors import UsageError
from fixit_tui.model.plan import Plan, Step
from fixit_tui.sql.preparation import preparation

_LIMITS = """SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';
SET LOCAL idle_in_transaction_session_timeout = '60s';
SET LOCAL row_security = off;
"""

# A build waits for older transactions, however long they take; the same limits as apply's.
_PATIENCE = "SET statement_timeout = 0;\nSET lock_timeout = '5min';\n\n"
_PATIENCE_ENDS = "RESET statement_timeout;\nRESET lock_timeout;\n"


def scripts(plan: Plan) -> dict[str, str]:
    """File name → text: for each step its change and, where there is one, its undo; the patch.

    The same plan always gives the same bytes.
    """
    files: dict[str, str] = {}
    for step in plan.steps:
        stem = f"{step.number:02d}_{step.slug}"
        files[f"{stem}.sql"] = up_script(plan, step)
        if step.undo.strip():
            files[f"{stem}.undo.sql"] = undo_script(plan, step)
    if plan.patch:
        files["code.patch"] = plan.patch
    return files


def write_scripts(plan: Plan, out: Path) -> tuple[Path, ...]:
    """Write the files into a folder, which is made; UsageError where that cannot be."""
    written = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in scripts(plan).items():
            path = out / name
            path.write_bytes(text.encode("utf-8", "surrogateescape"))
            written.append(path)
    except OSError as error:
        raise UsageError(
            f"cannot write to {out}: {error.strerror}", hint="give another folder"
        ) from error
    return tuple(written)


def up_script(plan: Plan, step: Step) -> str:
    """One step: its preconditions, statements and verification in one transaction.

    The last one also holds the plan's record, where it has one.
    """
    parts = [_header(plan, step, step.title)]
    if not step.transactional:
        return "".join((*parts, *_alone(step)))
    parts.append("BEGIN;\n" + _LIMITS + "\n")
    # What is checked under the step's own locks stays true.
    locks, change = preparation(step.up)
    if locks:
        parts.append("-- Locks\n" + "".join(f"{lock};\n" for lock in locks) + "\n")
    if step.precheck.strip():
        parts.append("-- Preconditions\n" + insist(step.precheck, "precondition") + "\n")
    parts.append("-- Change\n" + _ended(change) + "\n")
    steps = (step,) if step.number < len(plan.steps) else (step, *plan.all_steps[len(plan.steps) :])
    parts += ["-- Record\n" + _ended(record.up) + "\n" for record in steps[1:]]
    parts.append("-- What is deferred until COMMIT\nSET CONSTRAINTS ALL IMMEDIATE;\n\n")
    checks = [s.verify for s in steps if s.verify.strip()]
    parts += ["-- Verification\n" + insist(text, "verification") + "\n" for text in checks]
    parts.append("COMMIT;\n")
    parts += _notification(plan)
    return "".join(parts)


def _alone(step: Step) -> Iterator[str]:
    """A concurrent build between its checks, each for itself: it refuses a transaction."""
    yield "-- This runs outside of any transaction: nothing is rolled back when it fails.\n"
    yield _PATIENCE
    if step.precheck.strip():
        yield "-- Preconditions\n" + insist(step.precheck, "precondition") + "\n"
    yield "-- Change\n" + _ended(step.up) + "\n"
    if step.verify.strip():
        yield "-- Verification\n" + insist(step.verify, "verification") + "\n"
    yield _PATIENCE_ENDS


def undo_script(plan: Plan, step: Step) -> str:
    """What takes one step back, in one transaction."""
    body = _ended(step.undo)
    if step.transactional:
        body = "BEGIN;\n" + _LIMITS + "\n" + body + "\nCOMMIT;\n"
    else:
        body = _PATIENCE + body + _PATIENCE_ENDS
    return _header(plan, step, f"Undo: {step.title}") + body + "".join(_notification(plan))


def insist(checks: str, what: str) -> str:
    """A DO block that raises, and so rolls back, unless every row of the checks holds.

    The query stands in it as it is: EXECUTE does not mind its semicolon or trailing comments.
    """
    tag = _dollar_tag(checks)
    return f"""DO ${tag}$
DECLARE
  label text;
  holds boolean;
  detail text;
  failed text;
  asked integer := 0;
BEGIN
  FOR label, holds, detail IN EXECUTE $query_{tag}$
{checks}
$query_{tag}$ LOOP
    asked := asked + 1;
    IF holds IS NOT TRUE THEN
      failed := concat_ws('; ', failed, concat_ws(': ', label, nullif(detail, '')));
    END IF;
  END LOOP;
  IF failed IS NOT NULL THEN
    RAISE EXCEPTION '{what} failed: %', failed;
  END IF;
{_EMPTY if what == "verification" else ""}END
${tag}$;
"""


_EMPTY = """  IF asked = 0 THEN
    RAISE EXCEPTION 'verification failed: it returned no row';
  END IF;
"""


def _header(plan: Plan, step: Step, title: str) -> str:
    lines = [
        title,
        f"target {plan.target.name}, plan {plan.hash}, step {step.number} of {len(plan.steps)}",
        "run with: psql -X -v ON_ERROR_STOP=1 -f THIS_FILE",
    ]
    if step.relation:
        lines.append(f"table {step.relation}")
    lines += [f"locks {lock.relation} {lock.mode}" for lock in step.locks]
    if step.irreversible:
        lines.append(f"cannot be undone: {step.irreversible}")
    return "".join(f"-- {_one_line(line)}\n" for line in lines) + "\n"


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text)


def _notification(plan: Plan) -> Iterator[str]:
    if plan.notify_postgrest:
        yield "\n-- PostgREST keeps the schema in memory\nNOTIFY pgrst, 'reload schema';\n"


def _ended(text: str) -> str:
    """The text with a final line break, and a semicolon where the last statement has none.

    A last line that holds a comment may hide the end, so a lone semicolon on a new line is safe:
    an empty statement does nothing.
    """
    body = text if text.endswith("\n") else text + "\n"
    last = text.rstrip().rpartition("\n")[2]
    return body if last.endswith(";") and "--" not in last else body + ";\n"


def _dollar_tag(text: str) -> str:
    """A tag that the text does not hold, the same for the same text."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    tag = f"fixit_{digest[:8]}"
    while tag in text:
        digest = hashlib.sha256(digest.encode()).hexdigest()
        tag = f"fixit_{digest[:8]}"
    return tag
