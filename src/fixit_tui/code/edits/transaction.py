"""Get out of an aborted transaction before the next statement is sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fixit_tui.code.edits.result import Edited, EditResult, Params, Refused
from fixit_tui.code.edits.site import Change, Site
from fixit_tui.code.module import FUNCTIONS, contains, operands, span

if TYPE_CHECKING:
    from ast_grep_py import SgNode as Node

_ROLLBACK = re.compile(r"['\"`]\s*ROLLBACK\s*;?\s*['\"`]", re.IGNORECASE)
_COMMIT = re.compile(r"['\"`]\s*COMMIT", re.IGNORECASE)
_BEGIN = re.compile(r"['\"`]\s*(?:BEGIN|START\s+TRANSACTION)", re.IGNORECASE)
_BACK_TO = re.compile(r"\bROLLBACK\s+(?:WORK\s+|TRANSACTION\s+)?TO\b", re.IGNORECASE)
_LEAVES = frozenset({"return_statement", "throw_statement", "continue_statement"})
_SAVEPOINT = "before_write"


def rollback_in_catch(site: Site, params: Params) -> EditResult:
    """Send ROLLBACK as the first thing in the catch of the try that holds the statement.

    A second ROLLBACK further down stays: outside a transaction it is a warning, no error.
    """
    client = site.now.client
    quote = site.quote
    line = f"await {client}.query({quote}ROLLBACK{quote}){site.semicolon}"
    handler = _catch(site)
    if site.now.verb != "sql" or handler is None:
        return Refused("the statement is in no try with a catch in its function", line)
    body = handler.field("body")
    inside = [] if body is None else operands(body)
    if body is None or not inside:
        return Refused("the catch is empty: errors are swallowed there", line)
    if _ROLLBACK.search(site.module.source(inside[0])):
        return Edited(site.text)
    if _COMMIT.search(site.module.source(body)):
        return Refused("the catch goes on to commit what it then would have rolled back", line)
    first = span(inside[0])[0]
    head = site.text[span(body)[0] : first]
    if "\n" not in head:
        return Edited(site.changed([Change(first, first, line.rstrip(";") + "; ")]))
    added = line + site.eol + site.indent_at(first)
    return Edited(site.changed([Change(first, first, added)]))


def _catch(site: Site) -> Node | None:
    node = site.chain.outer.node
    for parent in node.ancestors():
        if parent.kind() == "catch_clause":
            return parent
        if parent.kind() == "try_statement":
            body, handler = parent.field("body"), parent.field("handler")
            if handler is not None and body is not None and contains(body, node):
                return handler
        if parent.kind() in FUNCTIONS:
            return None
    return None


def savepoint_before_try(site: Site, params: Params) -> EditResult:
    """Set a savepoint before the try that swallows the statement's error; its catch goes back.

    What the transaction did before stays, and what follows the try can run.
    """

    def sent(sql: str) -> str:
        text = f"{sql} {_SAVEPOINT}"
        client, quote = site.now.client, site.quote
        tagged = site.now.library == "postgres.js"
        call = f"{client}`{text}`" if tagged else f"{client}.query({quote}{text}{quote})"
        return f"await {call}{site.semicolon}"

    idiom = (
        f"{sent('SAVEPOINT')} before the statement, and first in its catch: "
        f"{sent('ROLLBACK TO SAVEPOINT')}"
    )
    handler = _catch(site)
    attempt = None if handler is None or handler.kind() != "catch_clause" else handler.parent()
    body = None if handler is None else handler.field("body")
    if site.now.verb != "sql" or attempt is None or body is None:
        return Refused("the statement is in no try with a catch in its function", idiom)
    if _BACK_TO.search(site.module.source(body)):
        return Edited(site.text)
    tried = attempt.field("body")
    if tried is None or _BEGIN.search(site.module.source(tried)):
        return Refused("the transaction begins within the same try", idiom)
    start, inner = span(attempt)[0], span(body)[0] + 1
    if site.text[site.text.rfind("\n", 0, start) + 1 : start].strip():
        return Refused("the try does not begin its line", idiom)
    pad = site.indent_at(start)
    line = sent("ROLLBACK TO SAVEPOINT")
    added = f"{site.eol}{pad}{site.indent_step}{line}"
    if "\n" not in site.text[inner : span(body)[1]]:
        added = f" {line.rstrip(';')};" + ("" if operands(body) else " ")
    changes = [Change(start, start, f"{sent('SAVEPOINT')}{site.eol}{pad}")]
    if site.now.in_loop:
        # Savepoints of one name pile up; the next turn of the loop sets another.
        end = span(tried)[1] - 1
        close = site.text.rfind("\n", 0, end) + 1
        if operands(tried)[-1].kind() not in _LEAVES and not site.text[close:end].strip():
            release = f"{pad}{site.indent_step}{sent('RELEASE SAVEPOINT')}{site.eol}"
            changes.append(Change(close, close, release))
    return Edited(site.changed([*changes, Change(inner, inner, added)]))


def savepoint_around_statement(site: Site, params: Params) -> EditResult:
    """Put a savepoint around a statement of a transaction; its error is thrown on.

    Only a statement that declares nothing is wrapped: a declaration would no longer be seen
    behind the new block.
    """
    name = params.text("savepoint") or _SAVEPOINT
    client, quote = site.now.client, site.quote

    def sent(sql: str) -> str:
        return f"await {client}.query({quote}{sql} {name}{quote}){site.semicolon}"

    idiom = f"{sent('SAVEPOINT')} … on an error {sent('ROLLBACK TO SAVEPOINT')}"
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        return Refused("the savepoint's name would have to be quoted", idiom)
    if site.now.savepoint:
        return Edited(site.text)
    statement = site.statement
    if site.now.tx is None or statement is None:
        return Refused("the statement is in no BEGIN … COMMIT of its function", idiom)
    if statement.kind() != "expression_statement":
        return Refused("the result is declared here and used further down", idiom)
    start, end = span(statement)
    own = site.text[site.text.rfind("\n", 0, start) + 1 : start]
    if own.strip():
        return Refused("the statement does not begin its line", idiom)
    pad, step, eol = site.indent_at(start), site.indent_step, site.eol
    body = _indented(site, statement, step)
    lines = [
        sent("SAVEPOINT"),
        f"{pad}try {{",
        f"{pad}{step}{body}",
        f"{pad}{step}{sent('RELEASE SAVEPOINT')}",
        f"{pad}}} catch (error) {{",
        f"{pad}{step}{sent('ROLLBACK TO SAVEPOINT')}",
        f"{pad}{step}throw error{site.semicolon}",
        f"{pad}}}",
    ]
    return Edited(site.changed([Change(start, end, eol.join(lines))]))


def _indented(site: Site, statement: Node, step: str) -> str:
    """The statement one level deeper, except for lines inside of a template, which are data."""
    start, end = span(statement)
    frozen = [span(t) for t in statement.find_all(kind="template_string")]
    out: list[str] = []
    for index in range(start, end):
        out.append(site.text[index])
        inside = any(a <= index < b - 1 for a, b in frozen)
        if site.text[index] == "\n" and not inside:
            out.append(step)
    return "".join(out)
