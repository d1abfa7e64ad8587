"""The HTTP status that PostgREST gives an error. Rule: `mapSQLtoHTTP` of PostgREST."""

from __future__ import annotations

import re

_EXACT = {
    "23503": 409,
    "23505": 409,
    "25006": 405,
    "53400": 500,
    "57P01": 503,
    "P0001": 400,
    "42883": 404,
    "42P01": 404,
    "42P17": 500,
    "21000": 500,
}
# The class (or the beginning) of the SQLSTATE decides where the exact code does not.
_BY_CLASS = (
    ("08", 503),
    ("09", 500),
    ("0L", 403),
    ("0P", 403),
    ("25", 500),
    ("28", 403),
    ("2D", 500),
    ("38", 500),
    ("39", 500),
    ("3B", 500),
    ("40", 500),
    ("53", 503),
    ("54", 500),
    ("55", 500),
    ("57", 500),
    ("58", 500),
    ("F0", 500),
    ("HV", 500),
    ("P0", 500),
    ("XX", 500),
)
_POSTGREST = {
    400: "100 102 108 114 115 118 120 122 123 124 127 128 200 204",
    300: "201 203",
    401: "301 302 303",
    404: "125 126 202 205",
    405: "101 105 117",
    406: "106 107 116",
    416: "103",
    500: "111 112 121 300 X00",
    503: "000 001 002",
    504: "003",
}
_OWN_CODES = {
    f"PGRST{code}": status for status, codes in _POSTGREST.items() for code in codes.split()
}
_CHOSEN = re.compile(r"PT([1-5]\d\d)")


def expected_status(sqlstate: str, anonymous: bool = False) -> int:
    """The HTTP status of an SQLSTATE, with a role that signed in unless `anonymous`.

    Codes that PostgREST does not list are 400. What depends on the message text (missing WHERE,
    role does not exist) is given its usual status.
    """
    if chosen := _CHOSEN.fullmatch(sqlstate):
        return int(chosen.group(1))
    if sqlstate == "42501":
        return 401 if anonymous else 403
    if sqlstate in _EXACT:
        return _EXACT[sqlstate]
    return next((status for prefix, status in _BY_CLASS if sqlstate.startswith(prefix)), 400)


def postgrest_status(code: str) -> int | None:
    """The HTTP status of one of PostgREST's own codes such as PGRST116; None if unknown."""
    return _OWN_CODES.get(code)


def status_fits(status: int, sqlstate: str) -> bool:
    """Can PostgREST have answered this status for this SQLSTATE, whatever its release?"""
    if sqlstate == "42501":
        return status in (401, 403)
    if sqlstate in ("21000", "42P17"):
        return status in (400, 500)
    return status == expected_status(sqlstate)
