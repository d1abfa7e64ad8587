"""Templates: sandboxed Jinja2 that prints only typed values into SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from fixit_tui.errors import UsageError
from fixit_tui.playbooks.values import Typed, new_name
from fixit_tui.sql.quote import ident
from fixit_tui.sql.quote import literal as quote_literal


def _literal(value: object) -> Typed:
    text = value.sql if isinstance(value, Typed) else value
    if not isinstance(text, str | int | float | bool):
        raise UsageError(f"{type(value).__name__} cannot be printed as a literal")
    return Typed(quote_literal(text), str(text))


def _comment(value: object) -> Typed:
    text = " ".join(str(value).split())
    return Typed(text, text)


def _each(value: Typed, pattern: str, between: str = ", ") -> Typed:
    parts = [pattern.replace("{}", ident(name)) for name in value.bare]
    return Typed(between.join(parts), between.join(parts))


def _quoted(value: Typed) -> str:
    return value.sql


def _suffixed(value: Typed, suffix: str) -> Typed:
    return new_name(value.bare[-1] + suffix)


def _sql_only(value: object) -> str:
    if isinstance(value, Typed):
        return value.sql
    raise UsageError(f"an untyped value may not be printed into SQL: {str(value)[:60]!r}")


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


def _render(template: str, values: Mapping[str, Any], *, for_sql: bool) -> str:
    try:
        return _environment(for_sql).from_string(template).render(values)
    except TemplateError as error:
        raise UsageError(f"a template cannot be filled in: {error}") from error


def render_sql(template: str, values: Mapping[str, Any]) -> str:
    """SQL text; every printed value must be typed, so a hostile name is quoted, never run."""
    return _render(template, values, for_sql=True)


def render_text(template: str, values: Mapping[str, Any]) -> str:
    """Text for people."""
    return _render(template, values, for_sql=False)


def render_list(templates: Sequence[str], values: Mapping[str, Any]) -> tuple[str, ...]:
    """Each template as SQL."""
    return tuple(render_sql(t, values) for t in templates)
