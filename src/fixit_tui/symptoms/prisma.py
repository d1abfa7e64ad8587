"""Errors of Prisma, which hides the server's message."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fixit_tui.model.symptom import Source, Symptom
from fixit_tui.symptoms import codes, redact
from fixit_tui.symptoms.evidence import Evidence

_OPERATIONS = {
    "create": "insert",
    "createMany": "insert",
    "createManyAndReturn": "insert",
    "upsert": "upsert",
    "update": "update",
    "updateMany": "update",
    "updateManyAndReturn": "update",
    "delete": "delete",
    "deleteMany": "delete",
}
_CALL = re.compile(r"Invalid `(?:[\w.]+\.)?(\w+)\.(\w+)\(\)` invocation")
_FAILED = re.compile(
    r"(?P<what>Unique|Foreign key|Null) constraint (?:failed|violated|violation) on the "
    r"(?P<kind>fields?|constraint): (?:\((?P<list>[^)\n]{1,500})\)|`(?P<name>[^`\n]{1,200})`)"
    r"|Foreign key constraint violated: `(?P<bare>[^`\n]{1,200})`"
)
_ABSENT = re.compile(r"[^\n]{0,100}records that were required but not found(?:\. [^\n]{1,200})?")
_ABSENT_CODE = "P2025"
_ABSENT_WORDS = "it depends on one or more records that were required but not found"
# What stands there where the engine does not know the field.
_NO_FIELD = ("foreign key", "(not available)")
_STATES = {"Unique": "23505", "Foreign key": "23503", "Null": "23502"}
_INDEX = re.compile(r"^(.*?)\s*\(index\)$")
_NAME_ENDS = ("_key", "_pkey", "_idx", "_unique", "_fkey", "_uniq")


def from_object(code: str, item: dict[str, Any], span: tuple[int, int]) -> Evidence:
    """An error object with one of Prisma's codes; the message is not needed."""
    meta = item.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    columns, constraint = _target(meta.get("target"))
    for key in ("field_name", "constraint"):
        named, name = _target(meta.get(key))
        if isinstance(meta.get(key), str):
            constraint = constraint or _without_index(str(meta[key]))
        else:
            columns, constraint = columns or named, constraint or name
    message = item.get("message")
    text = message if isinstance(message, str) else ""
    cause = meta.get("cause")
    model = meta.get("modelName") or meta.get("model_name")
    shown = text or (cause if isinstance(cause, str) else "")
    if code.strip() == _ABSENT_CODE and _ABSENT.search(shown) is None:
        shown = f"{_ABSENT_WORDS}. {shown}"
    return Evidence(
        Symptom(
            source=Source.DRIVER_ERROR,
            headline="",
            sqlstate=codes.of_prisma(code),
            key_columns=columns,
            constraint=constraint,
            operation=_operation(text),
            message=redact.without_values(shown) or None,
            identifiers=(model,) if isinstance(model, str) else (),
        ),
        span,
    )


def read_text(text: str) -> Iterator[Evidence]:
    """Prisma's own wording in a printed error."""
    if not any(word in text for word in ("constraint", "invocation", "required but not found")):
        return
    calls = list(_CALL.finditer(text))
    yield from (_absent(match, calls) for match in _ABSENT.finditer(text))
    for match in _FAILED.finditer(text):
        before = _before(match, calls)
        columns = constraint = None
        if match["list"]:
            columns = tuple(name.strip(' `"') for name in match["list"].split(","))
        elif match["name"] in _NO_FIELD:
            pass
        else:
            name = _without_index(match["name"] or match["bare"])
            columns, constraint = (
                (None, name) if _is_constraint(match["kind"], name) else ((name,), None)
            )
        yield Evidence(
            Symptom(
                source=Source.DRIVER_ERROR,
                headline="",
                sqlstate=_STATES.get(match["what"] or "Foreign key"),
                key_columns=columns,
                constraint=constraint,
                operation=_OPERATIONS.get(before.group(2)) if before else None,
                message=match.group(),
                identifiers=(before.group(1),) if before else (),
            ),
            (before.start() if before else match.start(), match.end()),
        )


def _absent(match: re.Match[str], calls: list[re.Match[str]]) -> Evidence:
    before = _before(match, calls)
    return Evidence(
        Symptom(
            source=Source.DRIVER_ERROR,
            headline="",
            operation=_OPERATIONS.get(before.group(2)) if before else None,
            message=redact.without_values(match.group().strip()),
            identifiers=(before.group(1),) if before else (),
        ),
        (before.start() if before else match.start(), match.end()),
    )


def _before(match: re.Match[str], calls: list[re.Match[str]]) -> re.Match[str] | None:
    """The call that an error tells of stands shortly before it."""
    near = [call for call in calls if call.end() <= match.start() <= call.end() + 3000]
    return near[-1] if near else None


def _is_constraint(kind: str | None, name: str) -> bool:
    return kind in (None, "constraint") or name.endswith(_NAME_ENDS)


def _operation(text: str) -> str | None:
    call = _CALL.search(text)
    return _OPERATIONS.get(call.group(2)) if call else None


def _target(value: Any) -> tuple[tuple[str, ...] | None, str | None]:
    if isinstance(value, list):
        return tuple(item for item in value if isinstance(item, str)) or None, None
    if isinstance(value, str) and value.endswith(_NAME_ENDS):
        return None, value
    if isinstance(value, dict):
        index = value.get("index")
        return _target(value.get("fields"))[0], index if isinstance(index, str) else None
    return None, None


def _without_index(name: str) -> str:
    found = _INDEX.match(name)
    return found.group(1) if found else name
