"""The exact change of the highlighted option, in tabs from its SQL to its rehearsal."""

from __future__ import annotations

from enum import StrEnum

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from fixit_tui.model.finding import Fix, WriteUpFix
from fixit_tui.model.outcome import Rehearsal
from fixit_tui.tui.glyphs import Glyphs
from fixit_tui.tui.plain import one_line, plain
from fixit_tui.tui.widgets.check_list import check_lines
from fixit_tui.tui.widgets.diff_view import change_count, diff_content
from fixit_tui.tui.widgets.fix_options import DoNotFit, Row
from fixit_tui.tui.widgets.lock_table import lock_lines
from fixit_tui.tui.widgets.panel import Panel
from fixit_tui.tui.widgets.rehearsal_view import rehearsal_content
from fixit_tui.tui.widgets.sql_view import sql_content
from fixit_tui.tui.workspace import why_not_choosable, why_not_rehearsable


class Tab(StrEnum):
    """The tabs, in their order."""

    SQL = "SQL"
    CODE = "Code"
    UNDO = "Undo"
    VERIFY = "Verify"
    LOCKS = "Locks"
    REHEARSAL = "Rehearsal"


_TABS = tuple(Tab)


class TabStrip(Static):
    """Tab names on one line; the current one in brackets, so that it shows without colour."""

    class Picked(Message):
        """A tab's name was clicked."""

        def __init__(self, tab: Tab) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self._places: list[tuple[int, int, Tab]] = []

    def show(self, current: Tab, filled: frozenset[Tab]) -> None:
        """Mark the current tab; tabs without content are dimmed."""
        parts, at = [], 0
        self._places = []
        for tab in _TABS:
            if tab is current:
                part = Content.styled(f"[{tab.value}]", "bold $primary")
            else:
                part = Content.styled(f" {tab.value} ", "" if tab in filled else "$quiet")
            self._places.append((at, at + part.cell_length, tab))
            at += part.cell_length
            parts.append(part)
        self.update(Content("").join(parts))

    def on_click(self, event: events.Click) -> None:
        for start, end, tab in self._places:
            if start <= event.x < end:
                self.post_message(self.Picked(tab))


class ChangePanel(Panel):
    """Tabs over one scrolling text."""

    def __init__(self, glyphs: Glyphs, number: int = 4) -> None:
        super().__init__(number, "change", "#change-scroll")
        self._glyphs = glyphs
        self._row: Row | None = None
        self._rehearsal: Rehearsal | None = None
        self._tab = Tab.SQL

    def compose(self) -> ComposeResult:
        yield TabStrip()
        with VerticalScroll(id="change-scroll"):
            yield Static("", id="change-text", markup=False)

    @property
    def tab(self) -> Tab:
        """The open tab."""
        return self._tab

    def show(self, row: Row | None, rehearsal: Rehearsal | None) -> None:
        """Show this option; a tab that has nothing for it gives way to one that has."""
        changed = row != self._row
        if not changed and rehearsal is self._rehearsal:
            return
        self._row, self._rehearsal = row, rehearsal
        if changed:
            filled = self._filled()
            if self._tab not in filled:
                self._tab = next((tab for tab in _TABS if tab in filled), Tab.SQL)
            self.main.scroll_to(y=0, animate=False)
        self._draw()

    def open(self, tab: Tab) -> None:
        """Open a tab."""
        self._tab = tab
        self.main.scroll_to(y=0, animate=False)
        self._draw()

    def step(self, by: int) -> None:
        """Open the next or previous tab."""
        self.open(_TABS[(_TABS.index(self._tab) + by) % len(_TABS)])

    def source(self) -> tuple[str, str]:
        """The open tab's text as it is, for copying, and a file ending."""
        fix = self._row if isinstance(self._row, Fix) else None
        sql = fix.sql if fix is not None else None
        exact = {
            Tab.SQL: sql.up if sql else "",
            Tab.UNDO: sql.undo if sql else "",
            Tab.VERIFY: sql.verify if sql else "",
            Tab.CODE: (fix.patch or "") if fix else "",
        }.get(self._tab, "")
        ending = "patch" if self._tab is Tab.CODE else "sql"
        return (exact, ending) if exact else (self._content(self._tab, 100).plain, "txt")

    def on_resize(self) -> None:
        self._draw()

    def on_tab_strip_picked(self, event: TabStrip.Picked) -> None:
        event.stop()
        self.open(event.tab)

    def _filled(self) -> frozenset[Tab]:
        if not isinstance(self._row, Fix):
            return frozenset()
        filled = {Tab.SQL, Tab.UNDO, Tab.VERIFY, Tab.LOCKS} if self._row.sql else set()
        filled |= {Tab.CODE} if self._row.patch else set()
        filled |= {Tab.REHEARSAL} if self._rehearsal else set()
        return frozenset(filled)

    def _draw(self) -> None:
        if not self.is_mounted:
            return
        self.query_one(TabStrip).show(self._tab, self._filled())
        content = self._content(self._tab, max(20, self.size.width - 5))
        self.query_one("#change-text", Static).update(content)

    def _content(self, tab: Tab, width: int) -> Content:
        match self._row:
            case None:
                return plain("The change of the highlighted option is shown here.", "$quiet")
            case Fix():
                return fix_tab(self._row, tab, self._rehearsal, self._glyphs, width)
            case WriteUpFix(title, why_not):
                head = Content.styled("The write-up's fix: ", "bold") + plain(title)
                return head + plain(f"\n\nWhy it is not recommended: {why_not}" if why_not else "")
            case DoNotFit(fixes):
                return Content("\n\n").join(
                    (
                        plain("Enter lists these options one by one.", "$quiet"),
                        *map(_why_not, fixes),
                    )
                )
            case _:
                return Content("Nothing is changed. ") + plain(self._row.consequence)


def _why_not(fix: Fix) -> Content:
    return Content.styled(one_line(fix.title), "bold") + plain(f"\n{why_not_choosable(fix)}")


def fix_tab(fix: Fix, tab: Tab, rehearsal: Rehearsal | None, glyphs: Glyphs, width: int) -> Content:
    """One tab of one fix."""
    if tab is Tab.CODE:
        return _code(fix, width)
    if tab is Tab.REHEARSAL:
        return rehearsed_content(fix, rehearsal, glyphs)
    if fix.sql is None:
        if tab is Tab.SQL and fix.advice:
            return plain(fix.advice)
        return plain("This option changes no database object.", "$quiet")
    match tab:
        case Tab.SQL:
            return _sql(fix, glyphs)
        case Tab.UNDO if fix.sql.irreversible:
            return Content.styled("This cannot be undone.\n", "bold $sev-error") + plain(
                fix.sql.irreversible
            )
        case Tab.UNDO:
            return sql_content(fix.sql.undo)
        case Tab.VERIFY:
            return sql_content(fix.sql.verify)
        case _:
            return lock_lines(fix.sql.locks)


def rehearsed_content(fix: Fix | None, rehearsal: Rehearsal | None, glyphs: Glyphs) -> Content:
    """What a rehearsal showed, or how to get one, or why there is none."""
    if rehearsal is not None:
        return rehearsal_content(rehearsal, glyphs)
    if fix is not None and (reason := why_not_rehearsable(fix)):
        return plain(f"{reason[:1].upper()}{reason[1:]}.", "$quiet")
    return plain("Not rehearsed yet. R runs it in a transaction that is rolled back.", "$quiet")


def _sql(fix: Fix, glyphs: Glyphs) -> Content:
    assert fix.sql is not None
    parts = []
    if not fix.sql.transactional:
        parts.append(
            plain(
                "Runs outside a transaction: it cannot be rolled back as a whole.", "$sev-warning"
            )
        )
    parts.append(sql_content(fix.sql.up))
    if fix.preconditions:
        parts.append(
            Content.styled("Preconditions\n", "bold") + check_lines(fix.preconditions, glyphs)
        )
    if fix.advice:
        parts.append(plain(fix.advice))
    if fix.deploy_order:
        parts.append(Content.styled("Order: ", "bold") + plain(fix.deploy_order))
    return Content("\n\n").join(parts)


def _code(fix: Fix, width: int) -> Content:
    if not fix.patch:
        return plain("This option changes no code.", "$quiet")
    parts = [Content.styled(change_count(fix.patch), "$quiet"), diff_content(fix.patch, width)]
    if fix.deploy_order:
        parts.insert(0, Content.styled("Order: ", "bold") + plain(fix.deploy_order))
    return Content("\n\n").join(parts)
