"""Why a connection did not come about, in words that help.

libpq gives no SQLSTATE for a connection that was never made, only text, in the server's language
where the server spoke. What no mark recognises is shown as it was said.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import psycopg

from fixit_tui.errors import ConnectError, FixitError, UsageError


@dataclass(frozen=True, slots=True)
class _Refusal:
    """`mark` is searched in the driver's text; `meaning` completes 'cannot connect to X: …'."""

    mark: str
    meaning: str
    hint: str
    sqlstate: str | None = None


_REFUSALS = (
    _Refusal(
        r"password authentication failed|SASL authentication failed|Wrong password",
        "the server refuses the password, or there is no such role",
        "check user and password; a Supabase pooler wants the user postgres.<project>",
        "28P01",
    ),
    _Refusal(
        r"no password supplied",
        "the server wants a password",
        "put it into PGPASSWORD or ~/.pgpass, or store it: fixit-tui targets add",
        "28P01",
    ),
    _Refusal(
        r"Tenant or user not found",
        "the pooler knows no such project or user",
        "a Supabase pooler wants the user postgres.<project> and the region's own host",
    ),
    _Refusal(
        r"no pg_hba\.conf entry.*(SSL off|no encryption)|SSL connection is required"
        r"|connection is insecure",
        "the server's access rules refuse this connection; it may want encryption",
        "add sslmode=require to the DSN, or ask for an entry in pg_hba.conf",
        "28000",
    ),
    _Refusal(
        r"no pg_hba\.conf entry|pg_hba\.conf rejects",
        "the server's access rules refuse this connection",
        "ask for an entry in pg_hba.conf for this address, role and database",
        "28000",
    ),
    _Refusal(
        r"server does not support SSL",
        "the server speaks no SSL, but the DSN wants it",
        "use sslmode=prefer where the network is trusted, or a server with SSL",
    ),
    _Refusal(
        r"certificate verify failed|root certificate file .* does not exist"
        r"|server certificate for .* does not match",
        "the server's certificate could not be verified",
        "give the project's CA with sslrootcert=…, and the host name that the certificate is for",
    ),
    _Refusal(
        r"certificate|SSL error",
        "the encrypted connection could not be set up",
        "check sslmode, sslrootcert and the client certificate",
    ),
    _Refusal(
        r"too many connections for|too many clients|remaining connection slots|max_client_conn"
        r"|MaxClientsInSessionMode",
        "there is no free connection",
        "end some sessions, or connect as a role with reserved slots; two connections are enough",
        "53300",
    ),
    _Refusal(
        r"starting up|not yet accepting connections|recovery.*not.*consistent",
        "the server is starting up",
        "try again in a moment",
        "57P03",
    ),
    _Refusal(r"shutting down", "the server is shutting down", "try again when it is back", "57P03"),
    _Refusal(
        r"not currently accepting connections",
        "that database takes no connections",
        "ALTER DATABASE … ALLOW_CONNECTIONS true, or choose another database",
        "55000",
    ),
    _Refusal(
        r"not permitted to log in", "that role may not log in", "use a role with LOGIN", "28000"
    ),
    _Refusal(
        r'database "?.*"? does not exist|no such database',
        "the server has no database of that name",
        "names are case-sensitive here; psql -l lists them",
        "3D000",
    ),
    _Refusal(
        r'role "?.*"? does not exist',
        "the server has no role of that name",
        "check the user in the DSN",
        "28000",
    ),
    _Refusal(
        r"permission denied for database",
        "the role may not connect to that database",
        "GRANT CONNECT ON DATABASE … TO …, or use another role",
        "42501",
    ),
    _Refusal(
        r"unsupported startup parameter",
        "the pooler refuses a start-up option",
        "take 'options' out of the DSN and PGOPTIONS, or connect to the server itself",
        "08P01",
    ),
    _Refusal(
        r"received invalid response|expected authentication request|invalid response to SSL"
        r"|unsupported frontend protocol|unexpected message type|lost synchronization",
        "what answers there is not PostgreSQL",
        "check the port; a REST URL is no database address",
    ),
    _Refusal(
        r"server closed the connection unexpectedly|Connection reset",
        "what listens there hung up: it is not PostgreSQL, or it is restarting",
        "check the port, and the server's log",
    ),
    _Refusal(
        r"Connection refused|could not connect to server|actively refused",
        "nothing listens at that address",
        "check host and port, and that the server runs",
    ),
    _Refusal(
        r"timeout expired|timed out",
        "no answer came in time",
        "check host, port, VPN and firewall; a Supabase direct host needs IPv6: use its pooler",
    ),
    _Refusal(
        r"No route to host|[Nn]etwork is unreachable|Host is unreachable",
        "that address cannot be reached from here",
        "check VPN and firewall; a Supabase direct host needs IPv6: use its pooler",
    ),
    _Refusal(
        r"failed to resolve host|could not translate host name|Name or service not known",
        "that host name is not known",
        "check the host name; in a URI, write special characters of a password as %xx",
    ),
    _Refusal(
        r"connection to server on socket .* failed",
        "no server listens on the local socket",
        "give a host, such as host=localhost, or start the server",
    ),
)

_REQUESTS = (
    _Refusal(
        r'definition of service "(?P<what>.*)" not found',
        "there is no service of that name",
        "see ~/.pg_service.conf and PGSERVICEFILE",
    ),
    _Refusal(
        r"service file .* not found",
        "there is no service file",
        "see ~/.pg_service.conf and PGSERVICEFILE",
    ),
    _Refusal(
        r'invalid port number|Servname not supported|for connection option "port"',
        "the port is not a number from 1 to 65535",
        "in a URI, write special characters of a password as %xx, such as %40 for @",
    ),
    _Refusal(
        r"invalid sslmode value|invalid \w+ value: |invalid integer value",
        "a connection parameter has a value that is not known",
        "see the list of connection parameters in PostgreSQL's manual",
    ),
)


def refusal(error: psycopg.Error, where: str, secrets: tuple[str, ...]) -> FixitError:
    """The error to raise for a connection that did not come about.

    `where` is shown; none of `secrets` ever is. What the person asked for wrongly is a UsageError,
    all else a ConnectError.
    """
    text = str(error)
    for known in _REQUESTS:
        if re.search(known.mark, text):
            return UsageError(f"cannot connect to {where}: {known.meaning}", hint=known.hint)
    for known in _REFUSALS:
        if re.search(known.mark, text, re.S):
            return ConnectError(
                f"cannot connect to {where}: {known.meaning}",
                hint=known.hint,
                sqlstate=error.sqlstate or known.sqlstate,
            )
    lines = [line.strip() for line in without(text, secrets).splitlines() if line.strip()]
    return ConnectError(
        f"cannot connect to {where}: {lines[0] if lines else type(error).__name__}",
        hint="check host, port, user and database of the DSN",
        sqlstate=error.sqlstate,
    )


def without(text: str, secrets: tuple[str, ...]) -> str:
    """The text with every secret blotted out, longest first."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, "…")
    return text
