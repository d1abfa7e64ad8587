"""The ways out of a finding: recommended first, doing nothing last, each with what it costs."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from fixit_tui.model.finding import Finding, Fix, WriteUpFix
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import cut, hanging, one_line
from fixit_tui.tui.widgets.panel import Panel
from fixit_tui.tui.workspace import Workspace, why_not_choosable


@dataclass(frozen=True, slots=True)
class DoNothing:
    """Leaving things as they are, and what follows from it."""

    consequence: str


@dataclass(frozen=True, slots=True)
class DoNotFit:
    """Fixes that something stands in the way of, kept to one row until it is opened."""

    fixes: tuple[Fix, ...]


Row = Fix | WriteUpFix | DoNothing | DoNotFit


def option_rows(finding: Finding, *, every: bool = False) -> tuple[Row, ...]:
    """Recommended, other usable, blocked, the write-up's, nothing: in this order.

    Several blocked ones share a row unless `every` is asked for; the first stays for itself
    where no other is to be seen.
    """
    order = sorted(finding.fixes, key=lambda f: (not f.recommended, bool(why_not_choosable(f))))
    rows: list[Row] = list(order)
    shared = [f for n, f in enumerate(order) if n and f.blocked_by and not f.recommended]
    if len(shared) > 1 and not every:
        rows = [f for f in order if f not in shared]
        rows.append(DoNotFit(tuple(shared)))
    if finding.writeup is not None:
        rows.append(finding.writeup)
    rows.append(DoNothing(finding.do_nothing or "The error keeps coming back."))
    return tuple(rows)


def in_the_way(fixes: tuple[Fix, ...]) -> str:
    """What stands in the way of these fixes, each reason once."""
    return "; ".join(dict.fromkeys(one_line(why_not_choosable(fix)) for fix in fixes))


class FixOptions(Panel):
    """Options of one finding."""

    class Highlighted(Message):
        """Another option is under the cursor."""

        def __init__(self, row: Row | None) -> None:
            super().__init__()
            self.row = row

    class Chosen(Message):
        """The person asked for the highlighted option."""

    def __init__(self, glyphs: Glyphs, number: int = 3) -> None:
        super().__init__(number, "options", "#fix-options")
        self._glyphs = glyphs
        self._finding: Finding | None = None
        self._rows: tuple[Row, ...] = ()
        self._chosen: str | None = None
        self._every = False

    def compose(self) -> ComposeResult:
        yield OptionList(id="fix-options", markup=False)

    @property
    def current(self) -> Row | None:
        """The highlighted option."""
        at = self._options.highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    def show(self, finding: Finding | None, ws: Workspace) -> None:
        """List the ways out of this finding."""
        chosen = ws.chosen(finding.id) if finding is not None else None
        if finding == self._finding and chosen == self._chosen:
            return
        same = finding is not None and self._finding is not None and finding.id == self._finding.id
        self._finding, self._chosen = finding, chosen
        self._every = self._every and same
        self._rows = option_rows(finding, every=self._every) if finding is not None else ()
        self._draw(keep=same)

    def step(self, by: int) -> None:
        """Move to the next or previous option, around the ends."""
        if self._rows:
            self._options.highlighted = ((self._options.highlighted or 0) + by) % len(self._rows)

    def on_resize(self) -> None:
        self._draw(keep=True)

    @property
    def _options(self) -> OptionList:
        return self.query_one("#fix-options", OptionList)

    def _draw(self, keep: bool) -> None:
        if not self.is_mounted:
            return
        width = max(16, self.size.width - 4)
        at = self._options.highlighted if keep else 0
        with self.prevent(OptionList.OptionHighlighted):
            self._options.set_options([Option(self._prompt(row, width)) for row in self._rows])
            if self._rows:
                self._options.highlighted = min(at or 0, len(self._rows) - 1)
        count = sum(len(row.fixes) if isinstance(row, DoNotFit) else 1 for row in self._rows)
        self.add_to_title(f"{count}" if count else "")
        self.post_message(self.Highlighted(self.current))

    def _prompt(self, row: Row, width: int) -> Content:
        g = self._glyphs
        match row:
            case Fix():
                return self._fix_prompt(row, width)
            case DoNotFit(fixes):
                line = Content.assemble(
                    (f"{g.no} ", "$sev-error"),
                    f"{len(fixes)} more do not fit: ",
                    (in_the_way(fixes), "$quiet"),
                )
                return cut(line, width, g.ellipsis)
            case WriteUpFix(title, why_not):
                head = Content.assemble(
                    ("the write-up's fix ", "bold $sev-warning"), one_line(title)
                )
                body = Content.styled(one_line(f"Why not: {why_not}" if why_not else ""), "$quiet")
                return _two(Content("  "), head, body, width)
            case DoNothing(consequence):
                body = Content.styled(one_line(consequence), "$quiet")
                return _two(
                    Content.styled(f"{g.dot} ", "$quiet"), Content("do nothing"), body, width
                )

    def _fix_prompt(self, fix: Fix, width: int) -> Content:
        g = self._glyphs
        reason = why_not_choosable(fix)
        chosen = fix.id == self._chosen
        mark = g.no if fix.blocked_by else g.chosen if chosen else " " if reason else g.unchosen
        style = "$sev-error" if fix.blocked_by else "bold $ok" if chosen else ""
        title = Content(one_line(fix.title))
        if fix.blocked_by:
            title = Content.styled("blocked ", "bold $sev-error") + title
        elif fix.recommended:
            title = Content.styled("recommended ", "bold $ok") + title
        note = one_line(reason if fix.blocked_by else fix.tradeoff)
        body = Content.styled(
            f"{fix.kind.value} {g.dot} {note}" if note else fix.kind.value, "$quiet"
        )
        return _two(Content.styled(f"{mark} ", style), title, body, width)

    @on(OptionList.OptionHighlighted, "#fix-options")
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Highlighted(self.current))

    @on(OptionList.OptionSelected, "#fix-options")
    def _selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if isinstance(self.current, DoNotFit) and self._finding is not None:
            self._every = True
            self._rows = option_rows(self._finding, every=True)
            self._draw(keep=True)
        else:
            self.post_message(self.Chosen())


def _two(mark: Content, head: Content, body: Content, width: int) -> Content:
    text = hanging(head, mark, 2, width)
    return text + Content("\n") + hanging(body, Content("  "), 2, width) if body else text
