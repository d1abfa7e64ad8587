"""The frames of a CONTEXT (or `where`) text, innermost first."""

from __future__ import annotations

import re

from fixit_tui.masking import without_secrets
from fixit_tui.model.symptom import Frame
from fixit_tui.symptoms import messages

_MOST_FRAMES = 100
# Any language: the signature, and the first number that stands outside of it.
_PLPGSQL = re.compile(r"PL/pgSQL")
_SIGNATURE = re.compile(
    r'((?:"[^"]+"|[\w$]+)(?:\.(?:"[^"]+"|[\w$]+))?\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\))'
)
_NUMBER = re.compile(r"\d{1,9}")


def read_frames(context: str) -> tuple[Frame, ...]:
    """Frames in printed order. Lines that no grammar knows are skipped."""
    frames: list[Frame] = []
    pending: list[str] = []
    for line in context.strip().split("\n"):
        line = line.strip()
        if frame := _function_frame(line):
            frames += _statement_frames(pending)
            pending = []
            frames.append(frame)
        elif line:
            pending.append(line)
        if len(frames) >= _MOST_FRAMES:
            return tuple(frames)
    frames += _statement_frames(pending)
    return tuple(frames)


def _function_frame(line: str) -> Frame | None:
    if len(line) > 2000:
        return None
    for kind in ("plpgsql", "sql_function"):
        for pattern in messages.frame_patterns(kind):
            if found := pattern.match(line):
                groups = found.groupdict()
                what = groups.get("a3") or ("SQL function" if kind == "sql_function" else None)
                name = _unquoted(groups["a1"])
                if kind == "sql_function" or "(" in name or "inline_code_block" in name:
                    return Frame(function=name, line=int(groups["a2"]), kind=_kind(what))
    if _PLPGSQL.search(line) and (signature := _SIGNATURE.search(line)):
        rest = line[: signature.start()] + line[signature.end() :]
        number = _NUMBER.search(rest)
        return Frame(function=signature.group(1), line=int(number.group()) if number else None)
    return None


def _statement_frames(lines: list[str]) -> list[Frame]:
    """An SQL statement may run over lines; what precedes it is something else and is skipped."""
    for start in range(len(lines)):
        rest = "\n".join(lines[start:])
        for pattern in messages.frame_patterns("statement"):
            if found := re.compile(pattern.pattern, re.DOTALL).match(rest):
                return [Frame(kind="SQL statement", statement=without_secrets(found.group("a1")))]
        if start >= 5:
            break
    return []


def _unquoted(name: str) -> str:
    name = name.strip()
    return (
        name[1:-1] if len(name) > 2 and name[0] == '"' and name[-1] == '"' and "(" in name else name
    )


def _kind(text: str | None) -> str | None:
    if text is None:
        return None
    return "SQL statement" if text in messages.sql_statement_words() else text
