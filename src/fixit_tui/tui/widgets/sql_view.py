"""SQL as highlighted content. Highlighting is cached by text, so moving about costs nothing."""

from __future__ import annotations

from functools import lru_cache

from pygments.token import Token  # type: ignore[import-untyped]
from textual.content import Content
from textual.highlight import HighlightTheme, highlight

from fixit_tui.tui.plain import visible

_TOO_LONG_TO_COLOUR = 40_000


class _Sql(HighlightTheme):
    """Few colours: words, strings, numbers, comments."""

    STYLES = {  # noqa: RUF012
        Token.Comment: "$quiet",
        Token.Keyword: "$code-word",
        Token.Literal.Number: "$code-number",
        Token.Literal.String: "$code-string",
        Token.Literal.String.Symbol: "",
        Token.Name.Builtin: "$code-word",
    }


@lru_cache(maxsize=256)
def sql_content(sql: str) -> Content:
    """The SQL, exactly as it will run save that control characters are written out."""
    text = visible(sql.strip("\n"))
    if len(text) > _TOO_LONG_TO_COLOUR:
        return Content(text)
    content = highlight(text, language="postgresql", theme=_Sql)
    # Pygments drops nothing of printable text; where it ever would, plain text is the truth.
    return content if content.plain.rstrip("\n") == text.rstrip("\n") else Content(text)


def numbered(statements: tuple[str, ...]) -> Content:
    """Statements one after the other, each under its number."""
    blocks = [
        Content.styled(f"{number} of {len(statements)}\n", "$quiet") + sql_content(sql)
        for number, sql in enumerate(statements, 1)
    ]
    return Content("\n\n").join(blocks)
