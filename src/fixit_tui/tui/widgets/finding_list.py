"""The findings, grouped by how sure they are, with a filter and a text for every list state."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from fixit_tui.model.finding import Finding, Severity
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import cut, hanging, one_line
from fixit_tui.tui.widgets.empty_state import state_content
from fixit_tui.tui.widgets.panel import Panel
from fixit_tui.tui.workspace import Workspace, grouped

SEVERITY_STYLE = {
    Severity.ERROR: "$sev-error",
    Severity.WARNING: "$sev-warning",
    Severity.INFO: "$sev-info",
}


class FindingList(Panel):
    """Findings of a workspace. The highlight stays on its finding when the list changes."""

    class Highlighted(Message):
        """Another finding is under the cursor, or none."""

        def __init__(self, finding: Finding | None) -> None:
            super().__init__()
            self.finding = finding

    class Opened(Message):
        """The finding under the cursor is to be shown."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(1, "findings", "#finding-options")
        self._glyphs = glyphs
        self._ws: Workspace | None = None
        self._drawn: object = None
        self._kept: str | None = None

    def compose(self) -> ComposeResult:
        yield Input(placeholder="words to look for", id="filter", compact=True)
        yield OptionList(id="finding-options", markup=False)
        with VerticalScroll(id="finding-state", can_focus=False):
            yield Static("", id="finding-state-text", markup=False)

    def on_mount(self) -> None:
        self.query_one("#filter").display = False

    @property
    def current(self) -> Finding | None:
        """The finding under the cursor."""
        option = self._options.highlighted_option
        if self._ws is None or option is None or option.id is None:
            return None
        every = (*self._ws.findings, *self._ws.fixed)
        return next((f for f in every if f.id == option.id), None)

    @property
    def words(self) -> str:
        """The filter."""
        return self.query_one("#filter", Input).value

    def show(self, ws: Workspace) -> None:
        """Draw the workspace's findings."""
        self._ws = ws
        self._draw()

    def open_filter(self) -> None:
        """Show the filter and type into it."""
        box = self.query_one("#filter", Input)
        box.display = True
        box.focus()

    def close_filter(self) -> bool:
        """Drop the filter; false when there was none."""
        box = self.query_one("#filter", Input)
        if not box.display:
            return False
        had_focus = box.has_focus
        box.value = ""
        box.display = False
        if had_focus:
            self._options.focus()
        return True

    def step(self, by: int) -> None:
        """Move to the next or previous finding, around the ends."""
        places = [i for i, o in enumerate(self._options.options) if not o.disabled]
        if not places:
            return
        at = self._options.highlighted
        index = places.index(at) if at in places else -1 if by > 0 else 0
        self._options.highlighted = places[(index + by) % len(places)]

    @property
    def _options(self) -> OptionList:
        return self.query_one("#finding-options", OptionList)

    def _draw(self) -> None:
        if self._ws is None or not self.is_mounted:
            return
        ws, width = self._ws, max(16, self.size.width - 4)
        groups = grouped(ws, self.words)
        key = (groups, ws.choices, width, ws.stage, ws.error, ws.gaps, ws.runs)
        if key == self._drawn:
            return
        self._drawn = key
        shown = sum(len(findings) for _, findings in groups)
        self._redraw_options(groups, width)
        total = len(ws.findings) + len(ws.fixed)
        self.add_to_title(f"{shown} of {total}" if self.words else f"{total}" if total else "")
        text = state_content(ws, self.words, shown)
        self.query_one("#finding-state-text", Static).update(text)
        self.query_one("#finding-state").display = bool(text)
        self.set_class(bool(text), "-with-state")

    def _redraw_options(
        self, groups: tuple[tuple[str, tuple[Finding, ...]], ...], width: int
    ) -> None:
        options: list[Option] = []
        for group, findings in groups:
            gap = "\n" if options else ""
            options.append(Option(Content.styled(gap + group, "bold $quiet"), disabled=True))
            options += [Option(self._row(f, group == "Fixed", width), id=f.id) for f in findings]
        lists = self._options
        # Until the person moves, the best explanation stays under the cursor as others come in.
        kept = self._kept
        scroll = lists.scroll_offset.y
        with self.prevent(OptionList.OptionHighlighted):
            lists.set_options(options)
            ids = [o.id for o in options]
            first = next((i for i, o in enumerate(options) if not o.disabled), None)
            lists.highlighted = ids.index(kept) if kept is not None and kept in ids else first
        lists.display = bool(options)
        if kept is not None and kept in ids:
            lists.scroll_to(y=scroll, animate=False)
        self.post_message(self.Highlighted(self.current))

    def _row(self, finding: Finding, fixed: bool, width: int) -> Content:
        g = self._glyphs
        chosen = self._ws is not None and self._ws.chosen(finding.id) is not None
        glyph, style = g.severity(finding.severity), SEVERITY_STYLE[finding.severity]
        word = finding.severity.value
        if fixed:
            glyph, style, word = g.yes, "$ok", "fixed"
        title = hanging(
            Content(one_line(finding.title)), Content.assemble((glyph, style), " "), 2, width
        )
        where = one_line(
            finding.relation or finding.object or (finding.sites[0].text if finding.sites else "")
        )
        rest = Content.styled(f" {g.dot} {where}", "$quiet") if where else Content("")
        detail = Content.styled(f"  {word}", style) + rest
        if chosen:
            mark = Content.styled(f"  {g.chosen} chosen", "bold $ok")
            detail = mark + Content.styled(f" {g.dot} ", "$quiet") + detail[2:]
        return title + Content("\n") + cut(detail, width, g.ellipsis)

    def on_resize(self) -> None:
        self._draw()

    @on(OptionList.OptionHighlighted, "#finding-options")
    def _highlight_moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._kept = event.option.id
        self.post_message(self.Highlighted(self.current))

    @on(OptionList.OptionSelected, "#finding-options")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(self.Opened())

    @on(Input.Changed, "#filter")
    def _filter_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._draw()

    @on(Input.Submitted, "#filter")
    def _filter_done(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value:
            self.close_filter()
        self._options.focus()
