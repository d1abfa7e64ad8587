"""A read that may find no row says so, and the code behind it is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fixit_tui.code.context import result_names
from fixit_tui.code.edits.null_uses import asks_against, leaves, may_give_nothing, needs_row
from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site, renamed
from fixit_tui.code.edits.uses import is_logged
from fixit_tui.code.module import FUNCTIONS, contains, enclosing, operands, span, unwrap, wrapped

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_NO_ROW = "PGRST116"
_IDIOM = "if (error) throw error; if (!data) … // no row yet"
_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
_NAMES = ("identifier", "shorthand_property_identifier")


def single_to_maybe_single(site: Site, params: Params) -> EditResult:
    """`.single()` → `.maybeSingle()`: no row is then `data: null` without an error.

    Where the error stood for "no row", `if (error)` also asks for the data; where the row is
    needed further down, its absence leaves the function first. Parameter: optional (what cannot
    be changed safely stays as it is, without a word).
    """
    step = site.chain.step("single")
    if step is None:
        if site.chain.step("maybeSingle") is not None:
            return Edited(site.text)
        return Refused("the call does not ask for a single row", ".maybeSingle()")
    follow = _Follow.behind(site)
    changes = follow if isinstance(follow, str) else follow.changes()
    if isinstance(changes, str):
        if params.flag("optional"):
            return Edited(site.text)
        return Refused(changes, f".maybeSingle(); {_IDIOM}")
    return Edited(site.changed([renamed(step.call.node, "maybeSingle"), *changes]))


def row_is_needed(site: Site) -> bool:
    """Whether the code behind a write counts on getting the row back."""
    follow = _Follow.behind(site)
    return isinstance(follow, str) or bool(follow.needing)


@dataclass(frozen=True, slots=True)
class _Follow:
    """Places behind the call: where the row is needed, and the conditions about the error."""

    site: Site
    data: str
    needing: tuple[Node, ...]
    plain: tuple[Node, ...]
    negated: tuple[Node, ...]
    narrowed: bool

    @staticmethod
    def behind(site: Site) -> _Follow | str:
        """What stands behind a call, or why it cannot be told."""
        data, errors, whole = result_names(site.chain)
        rows, faults = _uses(site, data), _uses(site, errors)
        for use in _uses(site, whole):
            member = use.parent()
            label = None if member is None else member.field("property")
            word = "" if member is None or label is None else label.text()
            if member is None or word not in ("data", "error"):
                return f"{use.text()} is handed on whole"
            (rows if word == "data" else faults).append(member)
        names = {r.text() for r in rows} | (data if len(data) == 1 else set())
        plain: list[Node] = []
        negated: list[Node] = []
        for use in faults:
            found = _asked(use)
            if isinstance(found, str):
                return found
            if found is not None:
                (negated if found[1] else plain).append(found[0])
        return _Follow(
            site,
            next(iter(names)) if len(names) == 1 else "",
            tuple(r for r in rows if needs_row(site, r)),
            tuple(plain),
            tuple(negated),
            site.chain.step("throwOnError") is not None,
        )

    def changes(self) -> list[Change] | str:
        """The changes besides the name of the method, or why there are none."""
        if not (self.plain or self.negated or self.narrowed):
            return []
        if self.narrowed and self.needing:
            return "the row is needed further down"
        changes: list[Change] = []
        left = list(self.needing)
        for branch in self.plain:
            part = self._plain(branch, left)
            if isinstance(part, str):
                return part
            changes += part
        for branch in self.negated:
            part = self._negated(branch, left)
            if isinstance(part, str):
                return part
            changes += part
        return changes

    def _plain(self, branch: Node, left: list[Node]) -> list[Change] | str:
        """`if (error) …`: the rows that this branch takes care of go from `left`."""
        condition, body = branch.field("condition"), branch.field("consequence")
        if condition is None or body is None:
            return "an if without a body"
        inner = unwrap(condition)
        told = any(n.text() == inner.text() for n in _values(body))
        throws = leaves(branch) and _last(body).kind() == "throw_statement"
        behind = [u for u in left if span(u)[0] >= span(branch)[1]]
        other = branch.field("alternative")
        inside = [] if other is None else [u for u in left if contains(other, u)]
        if told and throws and other is None:
            return self._leave(branch, behind, left) if behind else []
        if told and leaves(branch) and other is None and self._quiet(body):
            return self._leave(branch, behind, left) if behind else []
        if told and not leaves(branch) and other is None and self._quiet(body):
            return []
        if throws and not behind and not inside:
            return []
        if told or not self.data:
            return "the error stands for a missing row here"
        for use in [*inside, *(behind if leaves(branch) else ())]:
            left.remove(use)
        return [Change(*span(inner), f"{inner.text()} || !{self.data}")]

    @staticmethod
    def _quiet(body: Node) -> bool:
        """Whether a branch sends nothing itself."""
        return not body.find_all(kind="await_expression")

    def _negated(self, branch: Node, left: list[Node]) -> list[Change] | str:
        condition = branch.field("condition")
        if condition is None or not self.data or branch.field("alternative") is not None:
            return "the missing error stands for a row here"
        inside = [u for u in left if contains(branch, u)]
        for use in inside:
            left.remove(use)
        inner = unwrap(condition)
        return [Change(*span(inner), f"{inner.text()} && {self.data}")]

    def _leave(self, branch: Node, needing: list[Node], left: list[Node]) -> list[Change] | str:
        """`if (!data) return null;` behind the `if` about the error."""
        site = self.site
        answer = self._answer(branch)
        block = branch.parent()
        if answer is None or not self.data or block is None:
            return "the row is needed further down, and what to do without it is not to be told"
        if any(not contains(block, u) for u in needing):
            return "the row is needed outside of the block that asks for the error"
        for use in needing:
            left.remove(use)
        start, end = span(branch)
        own_line = not site.text[site.text.rfind("\n", 0, start) + 1 : start].strip()
        glue = site.eol + site.indent_at(start) if own_line else " "
        line = f"if (!{self.data}) {answer}{site.semicolon}"
        return [Change(end, end, glue + line)]

    def _answer(self, branch: Node) -> str | None:
        """How the function ends early: `return null`, `return`, `continue`; None: it cannot."""
        function = enclosing(branch, FUNCTIONS)
        for parent in branch.ancestors():
            if parent.kind() in FUNCTIONS:
                break
            if parent.kind() in _LOOPS and not contains(parent, self.site.chain.outer.node):
                return None
            if parent.kind() in _LOOPS:
                return "continue"
        if function is None or not may_give_nothing(self.site, branch):
            return None
        promised = function.field("return_type")
        if promised is not None:
            text = promised.text()
            return "return null" if "null" in text else "return"
        answers = [
            r
            for r in function.find_all(kind="return_statement")
            if enclosing(r, FUNCTIONS) == function and operands(r)
        ]
        return "return null" if answers else "return"


def _uses(site: Site, names: frozenset[str]) -> list[Node]:
    """Uses of names behind the call, in the call's function."""
    scope = enclosing(site.chain.outer.node, FUNCTIONS) or site.module.root
    scopes = site.values.project.scopes(site.module)
    declared = {}
    for kind in ("identifier", "shorthand_property_identifier_pattern"):
        for node in scope.find_all(kind=kind):
            place = scopes.lookup(node) if node.text() in names else None
            if place is not None and place.start == span(node)[0] and _near(site, node):
                declared[node.text()] = place.start
    found = []
    for kind in _NAMES:
        for node in scope.find_all(kind=kind):
            home = declared.get(node.text())
            begin = site.chain.end if home is None else home
            if node.text() not in names or span(node)[0] < begin:
                continue
            meant = scopes.lookup(node)
            if home is None or (meant is not None and meant.start == home):
                found.append(node)
    return [n for n in found if declared.get(n.text()) != span(n)[0]]


def _near(site: Site, name: Node) -> bool:
    """Whether a name is declared by the statement, or the callback, that gets the result."""
    statement = site.statement
    if statement is not None and contains(statement, name):
        return True
    return contains(site.chain.outer.node, name)


def _asked(use: Node) -> tuple[Node, bool] | str | None:
    """The `if` that asks for an error and nothing else, and whether it is negated.

    None for a use that does not tell a missing row from a found one, else why it is unclear.
    """
    node = wrapped(use)
    parent = node.parent()
    negated = parent is not None and parent.kind() == "unary_expression"
    if negated and parent is not None:
        node = wrapped(parent)
        parent = node.parent()
    if parent is not None and parent.kind() == "if_statement":
        return parent, negated
    outer = _condition_of(use)
    if outer is not None:
        text = outer.text()
        if _NO_ROW in text and "===" in text.replace("!==", ""):
            return f"the code waits for {_NO_ROW} itself"
        unsaid = _NO_ROW in text or _asks_rows(outer)
        return None if unsaid else "a condition about the error may stand for a missing row"
    if negated or (parent is not None and parent.kind() == "ternary_expression"):
        return "the error stands for a missing row here"
    if is_logged(use) or parent is None or _within_branch_about(use):
        return None
    handed = parent.kind() in ("pair", "object", "throw_statement", "arguments")
    member = parent.kind() == "member_expression"
    return None if handed or member else "the error is used in a way that is not clear"


def _asks_rows(condition: Node) -> bool:
    """Whether a condition asks for the row, too."""
    names = {n.text() for n in _values(condition)}
    return any(asks_against(condition, name) for name in names)


def _condition_of(use: Node) -> Node | None:
    for parent in use.ancestors():
        if parent.kind() in FUNCTIONS:
            return None
        condition = parent.field("condition")
        if condition is not None and contains(condition, use):
            return condition
    return None


def _within_branch_about(use: Node) -> bool:
    """Whether an `if` around a use asks about the same error."""
    for parent in use.ancestors():
        if parent.kind() in FUNCTIONS:
            return False
        condition = parent.field("condition") if parent.kind() == "if_statement" else None
        if condition is not None and any(n.text() == use.text() for n in _values(condition)):
            return True
    return False


def _values(node: Node) -> list[Node]:
    own = [node] if node.kind() in _NAMES else []
    return own + [n for kind in (*_NAMES, "member_expression") for n in node.find_all(kind=kind)]


def _last(body: Node) -> Node:
    inner = operands(body) if body.kind() == "statement_block" else [body]
    return inner[-1] if inner else body
