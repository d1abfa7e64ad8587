"""One line that says what is running, how far it is and how to stop it; else what was done."""

from __future__ import annotations

import os
from collections import Counter
from time import monotonic

from textual.content import Content
from textual.widgets import Static

from fixit_tui.model.diagnosis import RunStatus
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import cut, one_line
from fixit_tui.tui.workspace import Progress, Stage, Workspace

_SHOW_TIME_AFTER = 2.0
_MANY = 100


def motion_wanted() -> bool:
    """False over SSH, and where the person asked for stillness."""
    return not (
        os.environ.get("SSH_CONNECTION")
        or os.environ.get("FIXIT_NO_MOTION")
        or os.environ.get("TEXTUAL_ANIMATIONS") == "none"
    )


class ProgressLine(Static):
    """Spinner with a verb while a job runs; a summary of the checks otherwise."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("", markup=False)
        self._glyphs = glyphs
        self._ws: Workspace | None = None
        self._frame = 0

    def on_mount(self) -> None:
        self.set_interval(0.12 if motion_wanted() else 1.0, self._tick)

    def show(self, ws: Workspace) -> None:
        """Draw the workspace's progress."""
        self._ws = ws
        self._draw()

    def _tick(self) -> None:
        if self._ws is not None and self._ws.progress is not None:
            self._frame += 1 if motion_wanted() else 0
            self._draw()

    def _draw(self) -> None:
        if self._ws is None:
            return
        if self._ws.progress is None:
            self.update(summary(self._ws, self._glyphs))
            return
        frame = self._glyphs.spinner[self._frame % len(self._glyphs.spinner)]
        self.update(progress(self._ws.progress, frame, monotonic(), self._glyphs))


def progress(at: Progress, frame: str, now: float, glyphs: Glyphs) -> Content:
    """The running job on one line."""
    parts = [Content.assemble((frame, "$key"), f" {doing(at)}")]
    if at.blockers:
        parts.append(Content.styled(one_line(at.blockers[0]), "$sev-warning"))
    elif at.detail:
        parts.append(cut(Content(one_line(at.detail)), 48, glyphs.ellipsis))
    if at.cancelling:
        parts.append(Content.styled("stopping", "$sev-warning"))
    elif now - at.started > _SHOW_TIME_AFTER:
        parts.append(Content(f"{now - at.started:.0f} s"))
        parts.append(Content.assemble(("ctrl+c", "$key"), " stops it"))
    return Content.styled(f" {glyphs.dot} ", "$quiet").join(parts)


def doing(at: Progress) -> str:
    """'running statement 2 of 3, try 2 of 5'; a share where the units are many."""
    counted = f" {at.done}" if at.done is not None else ""
    if at.done is not None and at.total:
        share = f" ({min(100, 100 * at.done // at.total)} %)" if at.total > _MANY else ""
        counted = f" {at.done} of {at.total}{share}"
    tries = f", try {at.attempt[0]} of {at.attempt[1]}" if at.attempt else ""
    return f"{at.verb}{counted}{tries}"


def summary(ws: Workspace, glyphs: Glyphs) -> Content:
    """What the checks came to, with what was skipped."""
    if ws.stage is Stage.FAILED and ws.error is not None:
        return Content.styled(f"{glyphs.no} {one_line(ws.error.message)}", "$sev-error")
    if not ws.runs:
        return Content("")
    counts = Counter(run.status for run in ws.runs)
    words = {
        RunStatus.FOUND: "found something",
        RunStatus.CLEAR: "clear",
        RunStatus.SKIPPED: "skipped",
        RunStatus.INCONCLUSIVE: "inconclusive",
        RunStatus.FAILED: "failed",
    }
    parts = [Content(f"{len(ws.runs)} checks")]
    parts += [Content(f"{counts[s]} {word}") for s, word in words.items() if counts[s]]
    if ws.gaps:
        parts.append(Content.styled(f"{len(ws.gaps)} not readable", "$sev-warning"))
    if ws.choices:
        parts.append(Content.styled(f"{len(ws.choices)} chosen", "bold"))
    return Content.styled(f" {glyphs.dot} ", "$quiet").join(parts)
