"""The private server starts anywhere, ends with its owner, and can be found again."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from shapes import every_bin_dir

from fixit_tui.errors import FixitError, UsageError
from fixit_tui.postgres import server_binaries
from fixit_tui.postgres.local_server import FAST, LocalServer
from fixit_tui.postgres.server_binaries import find_bin_dir

# Prints the DSN and the data folder, then ends in one of several ways.
_OWNER = """
import os, signal, sys
from fixit_tui.postgres.local_server import FAST, LocalServer
from pathlib import Path
folder = Path(sys.argv[2]) if sys.argv[2] else None
server = LocalServer.start(folder, settings=FAST, keep=sys.argv[1] == "keep")
print(server.dsn(), server.data_dir, flush=True)
if sys.argv[1] == "killed":
    os.kill(os.getpid(), signal.SIGKILL)
"""


def own(way: str, folder: Path | None = None) -> tuple[str, Path]:
    done = subprocess.run(
        [sys.executable, "-c", _OWNER, way, str(folder or "")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stderr == ""
    dsn, data_dir = done.stdout.split()
    return dsn, Path(data_dir)


def answers(dsn: str) -> bool:
    try:
        psycopg.connect(dsn, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def gone_within(seconds: float, dsn: str, data_dir: Path) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not answers(dsn) and not data_dir.exists():
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def kept_folder() -> Iterator[Path]:
    """A folder for a server that stays; reachable for the account that a server takes as root."""
    import shutil
    import tempfile

    home = Path(tempfile.mkdtemp(prefix="fixit-tui-test-"))
    home.chmod(0o755)
    yield home / "data"
    running = LocalServer.attach(home / "data")
    if running is not None:
        running.stop("immediate")
    shutil.rmtree(home)


def test_the_server_is_only_on_the_loopback_address(server: LocalServer) -> None:
    with psycopg.connect(server.dsn()) as connection:
        row = connection.execute(
            "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories')"
        ).fetchone()
    assert row == ("127.0.0.1", "")
    assert server.host == "127.0.0.1"
    assert server.running
    assert server.version >= 130000


@pytest.mark.parametrize("way", ["ends", "killed"])
def test_the_server_ends_with_its_owner(way: str) -> None:
    dsn, data_dir = own(way)
    assert gone_within(15, dsn, data_dir)


def test_a_kept_server_outlives_its_owner_and_is_found_again(kept_folder: Path) -> None:
    dsn, data_dir = own("keep", kept_folder)
    assert data_dir == kept_folder
    found = LocalServer.attach(kept_folder)
    assert found is not None
    assert found.dsn() == dsn
    assert answers(dsn)
    found.stop()
    assert not answers(dsn)
    assert LocalServer.attach(kept_folder) is None
    assert (kept_folder / "PG_VERSION").exists()


def test_rows_survive_a_restart(kept_folder: Path) -> None:
    with (
        LocalServer.start(kept_folder, settings=FAST) as first,
        psycopg.connect(first.dsn(), autocommit=True) as connection,
    ):
        connection.execute("CREATE TABLE kept (a integer)")
    with (
        LocalServer.start(kept_folder, settings=FAST) as second,
        psycopg.connect(second.dsn()) as connection,
    ):
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_a_stopped_temporary_server_leaves_nothing() -> None:
    running = LocalServer.start(settings=FAST)
    running.stop()
    assert not running.data_dir.parent.exists()
    assert not running.running


def test_databases_with_awkward_names(server: LocalServer) -> None:
    name = 'odd "name"; --\n'
    server.create_database(name)
    with psycopg.connect(server.dsn().rpartition("/")[0], dbname=name) as busy:
        assert busy.info.dbname == name
        server.drop_database(name)
    with psycopg.connect(server.dsn()) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_database WHERE datname = %s", (name,)
        ).fetchone()
    assert row == (0,)


def test_a_setting_that_the_server_refuses_is_told_with_its_own_words() -> None:
    with pytest.raises(FixitError, match="max_connections"):
        LocalServer.start(settings={"max_connections": "many"})


def test_a_setting_is_one_value_whatever_it_holds() -> None:
    hostile = 'a b\'c $(touch nothing) "d"'
    with (
        LocalServer.start(settings={**FAST, "cluster_name": hostile}) as running,
        psycopg.connect(running.dsn()) as connection,
    ):
        assert connection.execute("SHOW cluster_name").fetchone() == (hostile,)


@pytest.mark.parametrize("bin_dir", every_bin_dir(), ids=str)
def test_every_server_on_this_machine_starts(bin_dir: Path) -> None:
    with LocalServer.start(settings=FAST, bin_dir=bin_dir) as running:
        assert answers(running.dsn())


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root changes accounts")
def test_as_root_the_server_runs_under_another_account(server: LocalServer) -> None:
    assert server.data_dir.stat().st_uid != 0
    pid = int((server.data_dir / "postmaster.pid").read_text().splitlines()[0])
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        uids = next(line for line in status.read_text().splitlines() if line.startswith("Uid:"))
        assert "0" not in uids.split()[1:]


def test_without_any_server_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_binaries, "embedded_bin_dir", lambda: None)
    monkeypatch.setattr(server_binaries, "installed_bin_dirs", lambda: ())
    with pytest.raises(UsageError) as caught:
        find_bin_dir()
    assert "install PostgreSQL" in caught.value.hint
