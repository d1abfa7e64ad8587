"""Requests and statuses in consoles, network tabs, curl commands and access logs, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fixit_tui.model.symptom import Source
from fixit_tui.symptoms import places
from fixit_tui.symptoms.evidence import Evidence
from fixit_tui.symptoms.request import Request, apply_header, request_evidence

_FARTHEST = 60
_LONGEST_LINE = 20_000
_METHODS = "GET|POST|PATCH|PUT|DELETE|HEAD|OPTIONS"
_REASONS = (
    "Conflict|Bad Request|Unauthorized|Forbidden|Not Found|Method Not Allowed|Not Acceptable|"
    "Internal Server Error|Unprocessable \\w+|"
    "Service Unavailable|Gateway Timeout|Precondition Failed"
)
_INTERESTING = re.compile(
    rf"://|/(?:rest|storage|auth|functions|realtime)/v\d|\bHTTP\b|(?i:status)|\b(?:{_METHODS})\b|\b[45]\d\d\b|"
    r"(?i:\b(?:prefer|(?:content|accept)-profile|authorization|apikey|proxy-status|"
    r"request (?:url|method)))"
)
_REQUEST_LINE = re.compile(rf"^[>\s*]{{0,4}}({_METHODS}) (\S+) HTTP/\d")
_STATUS_LINE = re.compile(r"^[<\s*]{0,4}HTTP/\d(?:\.\d)? (\d{3})\b")
_HEADER = re.compile(
    r"(?:^[<>\s*]{0,4}|-H\s*\$?['\"])(prefer|content-profile|accept-profile|authorization|apikey|proxy-status)"
    r"\s{0,3}:\s{0,3}([^\n'\"]{1,6000})",
    re.IGNORECASE,
)
_PROXY_STATUS = re.compile(r"(proxy-status)\s{0,3}:\s{0,3}([^\n]{1,300})", re.IGNORECASE)
_TAB = re.compile(r"^\s*(request url|request method|status code)\s*:?\s*(.*)$", re.IGNORECASE)
_URL = re.compile(
    r"(?:https?://|(?<![\w./])(?:[\w-]+\.)+supabase\.\w{2,4}(?=/))[^\s'\"`<>|\\)\]]{1,8000}"
    r"|(?<![\w.:/])/(?:rest|storage|auth|functions|realtime)/v\d+/[^\s'\"`<>|\\)\]]{1,8000}"
)
_METHOD_PATH = re.compile(rf"\b({_METHODS})\b[\s:\"'|]{{1,4}}(/[^\s'\"`<>|)\]]{{1,4000}})")
_METHOD = re.compile(rf"(?:XHR|\b)({_METHODS})\b")
_CURL = re.compile(rf"(?:^|\s)(?:-X|--request)\s*['\"]?({_METHODS})\b")
_CURL_DATA = re.compile(r"\s(?:-d|--data(?:-raw|-binary|-ascii)?|--json)\b")
_STATUS_AFTER = re.compile(
    r"^[^\w\n]{0,6}(?:\[?HTTP/\d(?:\.\d)?\s+|status\W{0,3}(?:code\W{0,3})?|returned\s+|HTTP/\d(?:\.\d)?\"?\s+)?"
    r"([1-5]\d\d)(?=$|[\s)\],;:.|(\"])",
    re.IGNORECASE,
)
_STATUS = re.compile(
    rf"(?i:\bstatus(?:[ _]?code)?)[\"']?(?: of| was|:|=|\s)\s*[\"']?([1-5]\d\d)\b|"
    r"\|\s*([1-5]\d\d)\s*\||"
    rf"\b([45]\d\d)\s*\((?:{_REASONS})?\)|\b([45]\d\d)[\s:*_-]{{1,5}}(?i:{_REASONS})\b|"
    r"\bHTTP(?:/\d(?:\.\d)?)?(?: error| status)?[:\s]\s*([1-5]\d\d)\b|"
    r"(?i:\berror(?: code)?)\W{1,4}([45]\d\d)\b"
)


def console_evidence(text: str) -> list[Evidence]:
    """Requests with what is said of them, and statuses that stand alone."""
    reader = _Reader()
    at = 0
    for number, line in enumerate(text.split("\n")):
        if len(line) > _LONGEST_LINE:
            at += len(line) + 1
            continue
        if reader.expects or _INTERESTING.search(line):
            reader.read(line, at, number)
        at += len(line) + 1
    return list(reader.evidence())


class _Reader:
    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.expects: str | None = None
        self._last_line = 0

    def evidence(self) -> Iterator[Evidence]:
        """What was read, without answers that are no errors."""
        for request in self.requests:
            made = request_evidence(request)
            if made is not None:
                yield made

    def read(self, line: str, at: int, number: int) -> None:
        """Read one line that starts at this character."""
        span = (at, at + len(line))
        current = (
            self.requests[-1] if self.requests and number - self._last_line <= _FARTHEST else None
        )
        if (
            self._network_tab(line, span, current)
            or self._http(line, span, current)
            or self._mentions(line, span)
        ):
            self._last_line = number

    def _network_tab(self, line: str, span: tuple[int, int], current: Request | None) -> bool:
        """`Request URL: …` and its companions; the value may stand on the next line."""
        found = _TAB.match(line)
        label, value = (
            (found.group(1).lower(), found.group(2)) if found else (self.expects, line.strip())
        )
        self.expects = None
        if label is None:
            return False
        if not value:
            self.expects = label
            return True
        if label == "request url":
            self.requests.append(Request(span=span, url=value))
        elif label == "request method" and (method := _METHOD.search(value)):
            self._on(current, span, "method").method = method.group(1)
        elif label == "status code" and (status := re.search(r"[1-5]\d\d", value)):
            self._on(current, span, "status").status = int(status.group())
        else:
            return False
        return True

    def _http(self, line: str, span: tuple[int, int], current: Request | None) -> bool:
        """Request lines, status lines, headers and curl commands."""
        if found := _REQUEST_LINE.match(line):
            self.requests.append(Request(span=span, method=found.group(1), url=found.group(2)))
            return True
        if found := _STATUS_LINE.match(line):
            self._on(current, span, "status").status = int(found.group(1))
            return True
        seen = False
        if re.match(r"\s*(?:\$ )?curl\b", line):
            current = Request(span=span, method="GET")
            self.requests.append(current)
            seen = True
            if url := _URL.search(line):
                current.url = url.group()
        if current is not None and (found := _CURL.search(line)):
            current.method, seen = found.group(1), True
        elif current is not None and current.method == "GET" and _CURL_DATA.search(f" {line}"):
            current.method, seen = "POST", True
        for name, value in (*_HEADER.findall(line), *_PROXY_STATUS.findall(line)):
            current = self._on(current, span, None)
            apply_header(current, name, value)
            seen = True
        return seen

    def _mentions(self, line: str, span: tuple[int, int]) -> bool:
        """A line that tells of a request: method, URL and status in any order."""
        url = next((u for u in _URL.finditer(line) if not _is_script(u.group())), None)
        bare = None if url else _METHOD_PATH.search(line)
        status = self._status(line, url.end() if url else bare.end() if bare else None)
        if url is None and bare is None:
            if status is None or status < 400:
                return False
            self.requests.append(Request(span=span, status=status, source=Source.CONSOLE_LINE))
            return True
        request = Request(span=span, status=status, source=Source.CONSOLE_LINE)
        if url is not None:
            methods = _METHOD.findall(line[: url.start()]) or _METHOD.findall(line[url.end() :])
            answered = _STATUS_AFTER.match(line[url.end() :]) is not None
            if not (methods or answered or "/v1/" in url.group()):
                # A link in a sentence, not a request.
                return False
            request.method, request.url = (
                (methods[-1] if methods else None),
                url.group().rstrip(".,;"),
            )
        elif bare is not None:
            request.method, request.url = bare.group(1), bare.group(2).rstrip(".,;")
        self.requests.append(request)
        return True

    def _status(self, line: str, behind: int | None) -> int | None:
        if behind is not None and (found := _STATUS_AFTER.match(line[behind:])):
            return int(found.group(1))
        found = _STATUS.search(line)
        return int(next(filter(None, found.groups()))) if found else None

    def _on(self, current: Request | None, span: tuple[int, int], field: str | None) -> Request:
        """The request that a line adds to: a new one where the field is already taken."""
        if current is None or (field is not None and getattr(current, field) is not None):
            current = Request(span=span)
            self.requests.append(current)
        current.span = (current.span[0], max(current.span[1], span[1]))
        return current


def _is_script(url: str) -> bool:
    """Is it the address of a source file with a line, as stack traces print it?"""
    return bool(places.read_traces(url)) and "/v1/" not in url
