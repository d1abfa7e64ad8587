"""Places in application code that a text names: stack traces, console lines, tracebacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote

from fixit_tui.model.symptom import CodePlace

_MOST = 30
_MOST_CONSIDERED = 3000
_EXTENSION = r"(?:[cm]?[jt]sx?|vue|svelte|astro|py|rb|php|dart|go|rs|java|kt|cs|swift|exs?)"
_SCRIPT = re.compile(
    rf"\.{_EXTENSION}(?:\?[^\s:)]{{0,200}})?:(?P<line>\d{{1,7}})(?::(?P<column>\d{{1,6}}))?(?!\d)"
)
_ENDS_PATH = frozenset(" \t\n()<>\"'|@,;=`")
_LONGEST_PATH = 300
# Folders of a router's own: app/(shop)/cart, app/@modal/page.
_GROUP = re.compile(r"/(?:\([\w.-]{1,60}\)|@)\Z")
_LONGEST_GROUP = 64
_START = re.compile(r"[a-z][\w+.-]{1,20}:/{1,3}|(?<![\w])[A-Za-z]:[\\/]|package:")
_PYTHON = re.compile(r'^[ \t]*File "(?P<file>[^"\n]{1,500})", line (?P<line>\d{1,7})', re.MULTILINE)
_FOREIGN = re.compile(
    r"node_modules|(?:^|/)node:|^internal/|site-packages|dist-packages|/lib/python\d|/python\d(?:\.\d+)?/lib|"
    r"^<|/_next/static/chunks/(?:framework|main)|/\.vite/deps/|/@fs/.*node_modules|^dart:|"
    r"^package:(?:postgrest|supabase|http|flutter|stack_trace)\w*/|/vendor/|/gems/|^org/|/\.cargo/|/\.pub-cache/|"
    r"plancat\.c|nbtinsert\.c"
)
_LIBRARY = re.compile(
    r"node_modules|\bat (?:org\.(?:postgresql|springframework|hibernate|apache|jooq)|"
    r"javax?|jakarta|jdk|sun|com\.zaxxer|kotlin)\."
)
_SCHEME = re.compile(r"^(?:webpack-internal:|webpack:|file:|https?:|rsc:|capacitor:)/{0,3}")
# A Dart package's own files stand in its folder lib.
_DART_PACKAGE = re.compile(r"^package:\w+/")
_HOST = re.compile(r"^(?:localhost|[\w.-]+\.\w{2,}|[\d.]+)(?::\d+)?(?=/)")


@dataclass(frozen=True, slots=True)
class Trace:
    """Neighbouring places, the one nearest to the error first; a traceback ends at the error."""

    places: tuple[CodePlace, ...]
    span: tuple[int, int]
    before_error: bool


def read_traces(text: str) -> list[Trace]:
    """Every group of places; libraries' and runtimes' own frames are left out."""
    found = [*_scripts(text), *_tracebacks(text)]
    groups: list[list[tuple[int, int, CodePlace, bool]]] = []
    for item in sorted(found, key=lambda f: f[0]):
        last = groups[-1][-1] if groups else None
        # One frame a line: more than three lines without a frame end the trace.
        if last and item[3] == last[3] and text.count("\n", last[1], item[0]) <= 3:
            groups[-1].append(item)
        else:
            groups.append([item])
    return [_trace(group) for group in groups]


def tidy_file(name: str) -> str:
    """A path without scheme, host, query and leading dots, as a project folder can hold it."""
    bare = unquote(_DART_PACKAGE.sub("lib/", _SCHEME.sub("", name)))
    if bare != name and not _DART_PACKAGE.match(name):
        bare = (
            _HOST.sub("", bare).lstrip("/")
            if not name.startswith("file:")
            else "/" + bare.lstrip("/")
        )
    return re.sub(r"^/?(?:\([\w-]+\)/)?(?:\./)+", "", bare)


def _trace(group: list[tuple[int, int, CodePlace, bool]]) -> Trace:
    python = group[0][3]
    places = [item[2] for item in group]
    if python:
        places.reverse()
    return Trace(tuple(dict.fromkeys(places))[:_MOST], (group[0][0], group[-1][1]), python)


def _scripts(text: str) -> Iterator[tuple[int, int, CodePlace, bool]]:
    for match in islice(_SCRIPT.finditer(text), _MOST_CONSIDERED):
        start = _path_start(text, match.start())
        file = text[start : match.start("line") - 1].partition("?")[0]
        line_start = text.rfind("\n", max(0, start - 300), start) + 1
        library = _LIBRARY.search(text[line_start:start]) or _FOREIGN.search(file)
        if library or start == match.start():
            continue
        column = int(match["column"]) if match["column"] else None
        yield start, match.end(), CodePlace(tidy_file(file), int(match["line"]), column), False


def _path_start(text: str, dot: int) -> int:
    """Where the path begins that goes on until the dot of its extension."""
    start, least = dot, max(0, dot - _LONGEST_PATH)
    while start > least:
        if text[start - 1] in _ENDS_PATH:
            group = _GROUP.search(text, max(least, start - _LONGEST_GROUP), start)
            if group is None:
                break
            start = group.start() + 1
        start -= 1
    path = text[start:dot]
    if scheme := _START.search(path):
        return start + scheme.start()
    return start + path.rfind(":") + 1


def _tracebacks(text: str) -> Iterator[tuple[int, int, CodePlace, bool]]:
    for match in islice(_PYTHON.finditer(text), _MOST_CONSIDERED):
        if not _FOREIGN.search(match["file"]):
            yield match.start(), match.end(), CodePlace(match["file"], int(match["line"])), True
