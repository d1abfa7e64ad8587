"""Behind PgBouncer in transaction mode: recognised, served, and no setting reaches a stranger."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from apply_tools import INDEX, UPSERT, Bench

from fixit_tui.model.events import ignore_event
from fixit_tui.model.plan import PlanState
from fixit_tui.postgres.database import PgDatabase
from fixit_tui.postgres.local_server import LocalServer

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
SETTINGS = (
    "search_path", "statement_timeout", "lock_timeout", "default_transaction_read_only",
    "idle_in_transaction_session_timeout", "role", "row_security", "synchronous_commit",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pooled:
    """The bench's database through the pooler, which keeps one connection to the server."""

    dsn: str

    def settings(self) -> dict[str, str]:
        """What a stranger finds on the connection that he is given."""
        with psycopg.connect(self.dsn, autocommit=True, prepare_threshold=None) as stranger:
            query = "SELECT current_setting(%s)"
            found = {}
            for name in SETTINGS:
                row = stranger.execute(query, (name,)).fetchone()
                assert row is not None
                found[name] = str(row[0])
            row = stranger.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
            assert row == (0,)
            row = stranger.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            ).fetchone()
            assert row == (0,)
            return found


@pytest.fixture
def pooled(bench: Bench, server: LocalServer) -> Iterator[Pooled]:
    with pooler(bench.dsn, server.port) as dsn:
        yield Pooled(dsn)


@contextmanager
def pooler(dsn: str, to: int) -> Iterator[str]:
    """A pooler in front of the server on port `to`; the DSN that leads through it."""
    if PROGRAM is None:
        pytest.skip("pgbouncer is not installed")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="fixit-tui-") as name:
        folder = Path(name)
        (folder / "users.txt").write_text('"postgres" ""\n')
        (folder / "pgbouncer.ini").write_text(
            f"[databases]\n* = host=127.0.0.1 port={to}\n[pgbouncer]\n"
            f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\n"
            f"auth_type = any\nauth_file = {folder}/users.txt\npool_mode = transaction\n"
            "default_pool_size = 1\nmax_client_conn = 50\n"
        )
        # It refuses to run as root.
        account = {"user": "nobody", "group": "nogroup"} if os.geteuid() == 0 else {}
        folder.chmod(0o755)
        text = (folder / "pgbouncer.ini").read_text()
        text = text.replace("* = host", "* = user=postgres host")
        (folder / "pgbouncer.ini").write_text(text)
        process = subprocess.Popen(
            [PROGRAM, "-q", str(folder / "pgbouncer.ini")],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, extra_groups=[] if account else None,
            **account,
        )  # fmt: skip
        try:
            yield _answering(dsn.replace(f":{to}/", f":{port}/"), process)
        finally:
            process.kill()
            process.communicate()


def _answering(dsn: str, process: subprocess.Popen[bytes]) -> str:
    for _ in range(200):
        try:
            psycopg.connect(dsn).close()
        except psycopg.OperationalError:
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.05)
        else:
            return dsn
    raise AssertionError("the pooler does not answer")


def test_it_is_recognised_and_diagnosis_leaves_no_setting(pooled: Pooled) -> None:
    before = pooled.settings()
    reader = PgDatabase(pooled.dsn).reader()
    try:
        assert reader.target().pooled
        rows = reader.capture(frozenset(), ignore_event, lambda: False)
        assert any(r["name"] == "goals" for r in rows["relation"])
        assert reader.explain_conflicts([UPSERT])[0][0] == "42P10"
    finally:
        reader.close()
    assert pooled.settings() == before


def test_rehearse_and_apply_leave_no_setting(bench: Bench, pooled: Pooled) -> None:
    before = pooled.settings()
    bench.dsn = pooled.dsn
    bench.database = PgDatabase(pooled.dsn)
    plan = bench.plan(INDEX, replay=UPSERT)
    assert plan.target.pooled
    assert bench.rehearse(plan).succeeded
    assert pooled.settings() == before
    receipt = bench.apply(plan)
    assert receipt.state is PlanState.APPLIED
    assert bench.value("SELECT to_regclass('goals_key')::text") == "goals_key"
    assert pooled.settings() == before
    assert bench.apply(bench.undo_plan(receipt)).state is PlanState.APPLIED
    assert pooled.settings() == before
