"""What a list of findings says when it has nothing to list: loading, nothing found, or an error."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from textual.content import Content

from fixit_tui.model.diagnosis import PlaybookRun, RunStatus
from fixit_tui.tui.plain import one_line, plain
from fixit_tui.tui.workspace import Stage, Workspace

_NOT_CHECKED = (RunStatus.SKIPPED, RunStatus.INCONCLUSIVE, RunStatus.FAILED)


def state_content(ws: Workspace, words: str, shown: int) -> Content:
    """The text below the list; empty when the list speaks for itself and nothing was missed."""
    parts: list[Content] = []
    if ws.stage is Stage.FAILED and ws.error is not None:
        parts.append(_error(ws))
    elif words and not shown:
        parts.append(
            Content(f"No finding has the words '{one_line(words)}'. Esc clears the filter.")
        )
    elif ws.stage is Stage.WAITING:
        parts.append(plain("Nothing was checked yet. Press r to diagnose.", "$quiet"))
    elif ws.stage is Stage.CONNECTING and not shown:
        parts.append(plain("Connecting and reading the catalog.", "$quiet"))
    elif ws.stage is Stage.RUNNING and not shown:
        parts.append(plain(f"Nothing found yet; {len(ws.runs)} checks are done.", "$quiet"))
    elif ws.stage is Stage.DONE and not ws.findings:
        parts.append(_nothing(ws))
    if ws.stage is Stage.DONE:
        parts += _partial(ws)
    return Content("\n\n").join(parts)


def _error(ws: Workspace) -> Content:
    assert ws.error is not None
    text = Content.styled(f"{one_line(ws.error.message)}\n", "bold $sev-error")
    text += Content(f"Effect: {ws.error.effect}.")
    if ws.error.hint:
        text += plain(f"\nTry: {ws.error.hint}")
    return text + Content("\nPress r to try again.")


def _nothing(ws: Workspace) -> Content:
    clear = [run.id for run in ws.runs if run.status is RunStatus.CLEAR]
    text = Content.styled("No known cause was found.\n", "bold")
    text += plain(f"Clear: {', '.join(clear) or 'none'}.")
    if ws.symptom is None:
        text += Content("\nNext: paste the error (fixit-tui oncall) so that it can be matched.")
    elif not ws.code_folder:
        text += Content("\nNext: give the code folder (--code), so that its writes are checked.")
    return text


def _partial(ws: Workspace) -> list[Content]:
    """What was not read or not checked, and what would settle an error nothing explains."""
    parts = []
    if ws.unexplained:
        lines = "\n".join(f"- {line}" for line in ws.unexplained)
        parts.append(
            Content.styled("Nothing here explains your error.\n", "bold $sev-warning")
            + plain(lines)
        )
    if ws.gaps:
        lines = "\n".join(f"- {gap.what}: {gap.costs}" for gap in ws.gaps)
        parts.append(
            Content.styled("Not everything could be read\n", "bold $sev-warning")
            + plain(lines, "$quiet")
        )
    if missed := [run for run in ws.runs if run.status in _NOT_CHECKED]:
        parts.append(
            Content.styled("Not checked\n", "bold $sev-warning")
            + plain("\n".join(_missed(missed)), "$quiet")
        )
    return parts


def _missed(runs: Sequence[PlaybookRun]) -> list[str]:
    """A line for each reason, with the playbooks that it kept from running."""
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for run in runs:
        by_reason[f"{run.status}" + (f", {run.reason}" if run.reason else "")].append(run.id)
    return [f"- {why}: {', '.join(ids)}" for why, ids in by_reason.items()]
