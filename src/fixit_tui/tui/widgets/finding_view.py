"""One finding in plain words: what, where, how bad, how sure, why, and what was ruled out."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from fixit_tui.model.finding import Confidence, Finding
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import hanging, one_line, plain
from fixit_tui.tui.widgets.finding_list import SEVERITY_STYLE
from fixit_tui.tui.widgets.panel import Panel

_SURE = {
    Confidence.PROVEN: "proven: it failed as reported when rehearsed, and succeeds with the fix",
    Confidence.CERTAIN: "certain: it follows from the catalog and the code",
    Confidence.LIKELY: "likely: it needs data or timing that was not seen",
}
_NOTHING = "Choose a finding on the left to see what it is, why, and the ways out."


class FindingView(Panel):
    """The explanation of one finding, scrollable."""

    def __init__(self, glyphs: Glyphs, number: int = 2) -> None:
        super().__init__(number, "finding", "#finding-scroll")
        self._glyphs = glyphs
        self._finding: Finding | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="finding-scroll"):
            yield Static(Content(_NOTHING), id="finding-text", markup=False)

    def show(self, finding: Finding | None) -> None:
        """Explain this finding; another one starts at the top."""
        if finding == self._finding:
            return
        if finding is None or self._finding is None or finding.id != self._finding.id:
            self.main.scroll_to(y=0, animate=False)
        self._finding = finding
        self._draw()

    @property
    def text(self) -> str:
        """The explanation as plain text, for copying."""
        return "" if self._finding is None else explanation(self._finding, self._glyphs, 100).plain

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        width = max(20, self.size.width - 5)
        text = Content.styled(_NOTHING, "$quiet")
        if self._finding is not None:
            text = explanation(self._finding, self._glyphs, width)
        self.query_one("#finding-text", Static).update(text)


def explanation(finding: Finding, glyphs: Glyphs, width: int) -> Content:
    """The whole explanation, wrapped for `width` cells."""
    style = SEVERITY_STYLE[finding.severity]
    head = [
        Content.styled(one_line(finding.title), "bold"),
        Content.assemble(
            (f"{glyphs.severity(finding.severity)} {finding.severity.value}", style),
            (f" {glyphs.dot} ", "$quiet"),
            _SURE[finding.confidence],
        ),
    ]
    where = [
        *([one_line(finding.relation)] if finding.relation else []),
        *(
            [one_line(finding.object)]
            if finding.object and finding.object != finding.relation
            else []
        ),
        *(one_line(site.text) for site in finding.sites),
    ]
    if where:
        head.append(_pair("where", ", ".join(where), width))
    if finding.explains:
        head.append(Content.styled(f"{glyphs.yes} explains the error that you gave", "$ok"))
    sections = [Content("\n").join(head)]
    if finding.why:
        sections.append(_titled("Why", [plain(sentence) for sentence in finding.why]))
    if finding.chain:
        sections.append(_titled("How it happens", tree(finding.chain, glyphs, width)))
    if finding.evidence:
        rows = [_pair(one_line(e.label), e.value, width) for e in finding.evidence]
        sections.append(_titled("Evidence", rows))
    if finding.ruled_out:
        rows = [
            _pair(f"{glyphs.no} {one_line(r.cause)}", r.because, width) for r in finding.ruled_out
        ]
        sections.append(_titled("Ruled out", rows))
    source = f"cause {finding.cause} {glyphs.dot} playbook {finding.playbook}"
    if finding.document:
        source += f" {glyphs.dot} write-up {finding.document}"
    sections.append(Content.styled(one_line(source), "$quiet"))
    return Content("\n\n").join(sections)


def tree(chain: tuple[str, ...], glyphs: Glyphs, width: int) -> list[Content]:
    """Outermost first; each next line hangs from the one before."""
    lines = []
    for depth, link in enumerate(chain):
        lead = " " * 3 * (depth - 1) + glyphs.branch if depth else ""
        first = Content.styled(lead, "$quiet")
        lines.append(hanging(Content(one_line(link)), first, len(lead), width))
    return lines


def _titled(title: str, lines: list[Content]) -> Content:
    return Content("\n").join([Content.styled(title, "bold $primary"), *lines])


def _pair(label: str, value: str, width: int) -> Content:
    first = Content.styled(f"{label}  ", "$quiet")
    indent = first.cell_length if first.cell_length <= 24 else 2
    return hanging(plain(value), first, indent, width - max(0, first.cell_length - indent))
