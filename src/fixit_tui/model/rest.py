"""A write request to PostgREST, as it is replayed. It lives in memory only."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RestRequest:
    """Method, table, parameters, preferences and body of one request.

    `body` is JSON as it was sent, "" for none. `claims` is the JSON object in the token's payload;
    the token itself is not kept. Both hold values, so neither is shown.
    """

    method: str
    path: str
    relation: str
    schema: str | None = None
    parameters: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    prefer: tuple[tuple[str, str], ...] = ()
    body: str = field(default="", repr=False)
    role: str | None = None
    claims: str = field(default="", repr=False)

    def parameter(self, name: str) -> str | None:
        """The first value of a query parameter."""
        return next((value for key, value in self.parameters if key == name), None)

    def preference(self, name: str) -> str | None:
        """The value of a preference, such as 'merge-duplicates' for 'resolution'."""
        return next((value for key, value in self.prefer if key == name), None)
