"""Where a diagnosis or a change goes. Never holds a secret."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Platform(StrEnum):
    """What surrounds the server, as far as it changes the answer."""

    POSTGRESQL = "postgresql"
    SUPABASE = "supabase"


class Environment(StrEnum):
    """How careful the confirmation has to be."""

    PRODUCTION = "production"
    STAGING = "staging"
    LOCAL = "local"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Target:
    """One database as seen by one role.

    `server_version` is the server's `server_version_num` (180006 for 18.6).
    `read_only` is the server's word for the session: a replica or a read-only default.
    `system_id` and `database_oid` tell two servers of the same name apart ("" and 0 offline).
    """

    host: str
    port: int
    database: str
    role: str
    server_version: int
    platform: Platform = Platform.POSTGRESQL
    environment: Environment = Environment.UNKNOWN
    read_only: bool = True
    replica: bool = False
    superuser: bool = False
    pooled: bool = False
    database_oid: int = 0

    @property
    def name(self) -> str:
        """The short name that a person reads and types: database@host."""
        return f"{self.database}@{self.host or 'local'}"

    @property
    def identity(self) -> tuple[str, int, str, int]:
        """What two looks at the same database have in common, whoever looks."""
        return self.host, self.port, self.database, self.database_oid

    @property
    def version_text(self) -> str:
        """Major and minor version, such as '18.6'."""
        return f"{self.server_version // 10000}.{self.server_version % 10000}"
