"""The header: where we are, as whom, and whether anything can be written. One line."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from fixit_tui.model.target import Environment
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.messages import JobName
from fixit_tui.tui.plain import one_line
from fixit_tui.tui.workspace import Stage, Workspace

_WORDS = {
    Environment.PRODUCTION: ("PROD", "bold $sev-error reverse"),
    Environment.STAGING: ("STAGING", "bold $sev-warning"),
    Environment.LOCAL: ("LOCAL", "$ok"),
    Environment.UNKNOWN: ("UNKNOWN ENV", "bold $sev-warning"),
}


class TargetBar(Static):
    """Target name, environment word, role, READ-ONLY or WRITE, server version."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__("", markup=False)
        self._glyphs = glyphs

    def show(self, ws: Workspace) -> None:
        """Draw the workspace's target."""
        self.update(target_line(ws, self._glyphs))


def target_line(ws: Workspace, glyphs: Glyphs) -> Content:
    """The header's content; parts that matter most come first, so cropping takes the least."""
    writing = ws.progress is not None and ws.progress.job in (JobName.APPLY, JobName.REHEARSE)
    mode = ("WRITE", "bold $sev-error reverse") if writing else ("READ-ONLY", "bold $ok")
    if ws.target is None:
        word = "connecting" if ws.stage is Stage.CONNECTING else "not connected"
        parts = [
            Content.styled(one_line(ws.label), "bold"),
            Content.styled(word, "$quiet"),
            Content.styled(*mode),
        ]
    else:
        target = ws.target
        parts = [
            Content.styled(one_line(target.name), "bold"),
            Content.styled(*_WORDS[target.environment]),
            Content.styled(*mode),
            Content(f"role {one_line(target.role)}"),
            Content(f"PostgreSQL {target.version_text}"),
        ]
        if ws.offline:
            parts.insert(1, Content.styled("SAVED CAPTURE", "bold"))
        if target.replica:
            parts.append(Content.styled("REPLICA", "bold $sev-warning"))
        if target.pooled:
            parts.append(Content.styled("POOLER", "$sev-warning"))
        if ws.code_folder:
            parts.append(Content.styled(f"code {one_line(ws.code_folder)}", "$quiet"))
    return Content.styled(f" {glyphs.dot} ", "$quiet").join(parts)
