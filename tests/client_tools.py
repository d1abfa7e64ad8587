"""PostgreSQL's own client programs, for what tests compare."""

from __future__ import annotations

from pathlib import Path

from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.postgres.server_binaries import find_bin_dir


def client_tool(server: LocalServer, name: str) -> str:
    """The server's pg_dump or psql; a server that came without takes the embedded one's."""
    own = server.bin_dir / name
    tool: Path = own if own.exists() else find_bin_dir() / name
    return str(tool)
