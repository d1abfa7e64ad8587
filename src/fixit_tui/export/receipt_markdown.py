"""A receipt as Markdown, ready for an incident channel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from fixit_tui.export.text import plain
from fixit_tui.masking import without_secrets
from fixit_tui.model.finding import Check
from fixit_tui.model.outcome import Receipt


def receipt_markdown(receipt: Receipt) -> str:
    """Who changed what where, the proof, and how to take it back; secrets are left out.

    A function's text may hold a key, and the channel is read by many. The ledger has it in full.
    """
    return "\n".join(_lines(receipt)) + "\n"


def _lines(receipt: Receipt) -> Iterator[str]:
    yield f"# {_text(receipt.title)}"
    yield ""
    yield f"**{_text(str(receipt.state))}** on {_code(receipt.target_name)}"
    yield ""
    yield from _facts(receipt)
    yield from _checks("Checked before COMMIT" if receipt.xid else "Checked", receipt.checks)
    if receipt.replay_after is not None:
        end = "succeeds now" if receipt.replay_after.succeeded else "still fails"
        yield from ("", f"The failing statement {end}:", "")
        yield from _block(receipt.replay_after.statement)
    if receipt.proof:
        yield from ("", _text(receipt.proof))
    yield from _checks("Diagnosed again afterwards", receipt.verification)
    if receipt.statements:
        yield from ("", "## What ran", "")
    for result in receipt.statements:
        yield from _block(result.statement)
        locks = ", ".join(f"{lock.relation} {lock.mode}" for lock in result.locks) or "none"
        yield from (f"{_text(result.tag)}, {result.ms} ms, new locks: {_text(locks)}", "")
    if receipt.written_files:
        yield from ("", "## Files written", "")
        yield from (f"- {_code(path)}" for path in receipt.written_files)
    yield from ("", "## How to take it back", "")
    if receipt.undo or receipt.written_files:
        yield from _block(f"fixit-tui undo --receipt {receipt.id}")
        yield from _block("\n".join(receipt.undo))
    else:
        yield "Nothing of this can be taken back."


def _facts(receipt: Receipt) -> Iterator[str]:
    rows = (
        ("receipt", receipt.id),
        ("plan", receipt.plan_hash),
        ("server", f"{receipt.host}:{receipt.port}/{receipt.database}"),
        ("role", receipt.role),
        ("operator", receipt.actor),
        ("started", receipt.started_at),
        ("finished", receipt.finished_at),
        ("transaction", receipt.xid),
        ("findings", ", ".join(receipt.findings)),
        ("undo of", receipt.undo_of),
        ("note", receipt.note),
    )
    yield "| | |"
    yield "| --- | --- |"
    yield from (f"| {label} | {_code(value)} |" for label, value in rows if value)


def _checks(title: str, checks: Sequence[Check]) -> Iterator[str]:
    if not checks:
        return
    yield from ("", f"## {title}", "")
    marks = {True: "holds", False: "does not hold", None: "not known"}
    for check in checks:
        detail = f" ({_text(check.detail)})" if check.detail else ""
        yield f"- {marks[check.holds]}: {_text(check.label)}{detail}"


def _told(text: str) -> str:
    # Before anything is escaped: a secret is told by how it looks.
    return plain(without_secrets(text))


def _text(value: str) -> str:
    """One line in which nothing is Markdown or HTML."""
    line = " ".join(_told(value).split())
    return re.sub(r"([\\`*_{}\[\]()#+|<>!~&])", r"\\\1", line)


def _code(value: str) -> str:
    line = " ".join(_told(value).split()).replace("|", "\\|")
    ticks = "`" * (_longest_run(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{pad}{line}{pad}{ticks}"


def _block(text: str) -> Iterator[str]:
    if not text.strip():
        return
    fence = "`" * max(3, _longest_run(text) + 1)
    yield from (fence, _told(text).rstrip("\n"), fence, "")


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
