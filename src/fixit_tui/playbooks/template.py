"""Templates: sandboxed Jinja2 that prints only typed values into SQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fixit_tui.errors import UsageError
from fixit_tui.playbooks.foreign_text import UnfitError
from fixit_tui.playbooks.values import Typed, Unusable, new_name
from fixit_tui.sql.quote import ident
from fixit_tui.sql.quote import literal as quote_literal

_REPEATED = re.compile(r"each ([a-z_]+(?:\.[a-z_]+)*): (.+)", re.S)


def _fit(value: object) -> Typed:
    if isinstance(value, Typed):
        return value
    if isinstance(value, Unusable):
        raise UnfitError(value.reason)
    raise UsageError(f"an untyped value may not be printed into SQL: {str(value)[:60]!r}")


def _literal(value: object) -> Typed:
    if isinstance(value, str | int | float | bool):
        return Typed(quote_literal(value), str(value))
    text = _fit(value).sql
    return Typed(quote_literal(text), text)


def _comment(value: object) -> Typed:
    text = " ".join(str(value).replace("\0", " ").split())
    return Typed(text, text)


def _each(value: object, pattern: str, between: str = ", ") -> Typed:
    parts = between.join(pattern.replace("{}", ident(name)) for name in _fit(value).bare)
    return Typed(parts, parts)


def _quoted(value: object) -> str:
    return value.sql if isinstance(value, Typed) else str(value)


def _suffixed(value: object, suffix: str) -> Typed:
    return new_name(_fit(value).bare[-1] + suffix)


def _sql_only(value: object) -> str:
    return _fit(value).sql


@cache
def _environment(for_sql: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
        trim_blocks=False,
        finalize=_sql_only if for_sql else (lambda v: "" if v is None else str(v)),
    )
    environment.filters.update(
        literal=_literal, comment=_comment, each=_each, quoted=_quoted, suffixed=_suffixed, text=str
    )
    environment.globals.clear()
    return environment


@lru_cache(maxsize=1024)
def _compiled(template: str, for_sql: bool) -> Template:
    # Compiling takes a hundred times as long as filling in.
    return _environment(for_sql).from_string(template)


def _render(template: str, values: Mapping[str, Any], *, for_sql: bool) -> str:
    try:
        return _compiled(template, for_sql).render(values)
    except (TemplateError, TypeError, ValueError, LookupError, AttributeError) as error:
        raise UsageError(f"a template cannot be filled in: {error}") from error


def render_sql(template: str, values: Mapping[str, Any]) -> str:
    """SQL text; every printed value must be typed, so a hostile name is quoted, never run."""
    return _render(template, values, for_sql=True)


def render_text(template: str, values: Mapping[str, Any]) -> str:
    """Text for people."""
    return _render(template, values, for_sql=False)


def render_list(templates: Sequence[str], values: Mapping[str, Any]) -> tuple[str, ...]:
    """Each template as SQL; 'each a.b: text' is filled in for every `item` of the list a.b."""
    found: list[str] = []
    for template in templates:
        repeated = _REPEATED.fullmatch(template)
        if repeated is None:
            found.append(render_sql(template, values))
            continue
        items: Any = values
        for name in repeated[1].split("."):
            items = items[name]
        found += [render_sql(repeated[2], {**values, "item": item}) for item in items]
    return tuple(dict.fromkeys(found))


def syntax_error(template: str) -> str:
    """What is wrong with a template before any value is known, with its line; '' if nothing."""
    try:
        _compiled(template, True)
    except TemplateSyntaxError as error:
        return f"line {error.lineno}: {error.message}"
    except TemplateError as error:
        return str(error)
    return ""
