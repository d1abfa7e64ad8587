"""The programs of the PostgreSQL that tests run on: its server, and its clients for comparisons."""

from __future__ import annotations

import os
from pathlib import Path

from fixit_tui.postgres.local_server import LocalServer
from fixit_tui.postgres.server_binaries import find_bin_dir


def server_programs() -> Path:
    """The bin folder that FIXIT_TUI_TEST_SERVER names, else that of the embedded server."""
    told = os.environ.get("FIXIT_TUI_TEST_SERVER")
    return Path(told) if told else find_bin_dir()


def client_tool(server: LocalServer, name: str) -> str:
    """The server's pg_dump or psql; a server that came without takes the embedded one's."""
    own = server.bin_dir / name
    tool: Path = own if own.exists() else find_bin_dir() / name
    return str(tool)
