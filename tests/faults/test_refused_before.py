"""What keeps a plan from being applied is said before anybody confirms it, by real servers."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from apply_tools import INDEX, UPSERT, Bench, bench_with_goals
from psycopg.conninfo import make_conninfo
from recover_stage import BUILD, ROWS, catch_up, die_after_commit, lazy_server, moved, standby_of

from fixit_tui.engine.attempt import refuse_if_unable
from fixit_tui.engine.foresight import foresee
from fixit_tui.errors import ConnectError, Effect, FixitError, InDoubtError, RefusedError
from fixit_tui.model.events import ignore_event
from fixit_tui.model.finding import SqlChange
from fixit_tui.model.plan import Plan, PlanState
from fixit_tui.postgres.local_server import LocalServer


def foreseen(bench: Bench, plan: Plan) -> Plan:
    with closing(bench.database.reader()) as reader:
        return foresee(plan, reader, bench.database)


def refused(bench: Bench, plan: Plan) -> RefusedError:
    """The refusal, both of what asks before a confirmation and of apply itself."""
    with pytest.raises(RefusedError) as asked:
        refuse_if_unable(plan, offline=False)
    with pytest.raises(RefusedError) as applied:
        bench.apply(plan)
    assert str(asked.value.message) == str(applied.value.message)
    assert applied.value.effect is Effect.NOTHING_CHANGED
    assert applied.value.hint
    assert bench.ledger.receipts() == ()
    return asked.value


@pytest.fixture
def guest(bench: Bench, tmp_path: Path) -> Iterator[Bench]:
    """The same database as a role that may read public.goals and no more."""
    role = f"guest_{bench.dsn.rpartition('/')[2]}"
    bench.execute(f"CREATE ROLE {role} LOGIN", f"GRANT SELECT ON public.goals TO {role}")
    yield Bench(make_conninfo(bench.dsn, user=role), bench.server, tmp_path / "guest", bench.code)
    bench.execute(
        "ALTER TABLE public.goals OWNER TO postgres", f"DROP OWNED BY {role}", f"DROP ROLE {role}"
    )


@pytest.mark.parametrize("change", [INDEX, BUILD], ids=["plain", "concurrent"])
def test_who_does_not_own_the_table(bench: Bench, guest: Bench, change: SqlChange) -> None:
    refusal = refused(guest, foreseen(guest, guest.plan(change)))
    assert "goals belongs to postgres" in refusal.message
    assert foreseen(bench, bench.plan(change)).obstacles == ()


def test_an_owner_who_may_not_create_in_the_schema(bench: Bench, guest: Bench) -> None:
    role = str(guest.value("SELECT current_user::text"))
    bench.execute(f"ALTER TABLE public.goals OWNER TO {role}")
    bench.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    plan = foreseen(guest, guest.plan(INDEX))
    assert "may not create anything in the schema public" in refused(guest, plan).message
    wider = SqlChange(
        "ALTER TABLE public.goals ADD COLUMN extra int",
        "ALTER TABLE public.goals DROP COLUMN extra",
        "SELECT 'x', true, ''",
    )
    assert foreseen(guest, guest.plan(wider)).obstacles == ()
    bench.execute(f"GRANT CREATE ON SCHEMA public TO {role}")
    assert foreseen(guest, guest.plan(INDEX)).obstacles == ()
    guest.apply(guest.plan(INDEX))


def test_a_member_of_the_owning_role_may(bench: Bench, guest: Bench) -> None:
    role = str(guest.value("SELECT current_user::text"))
    owner = f"own_{bench.dsn.rpartition('/')[2]}"
    bench.execute(
        f"CREATE ROLE {owner}",
        f"GRANT {owner} TO {role}",
        f"GRANT CREATE ON SCHEMA public TO {owner}",
        f"ALTER TABLE public.goals OWNER TO {owner}",
    )
    try:
        assert foreseen(guest, guest.plan(INDEX)).obstacles == ()
        assert guest.apply(guest.plan(INDEX)).state is PlanState.APPLIED
    finally:
        bench.execute(
            "ALTER TABLE public.goals OWNER TO postgres",
            f"DROP OWNED BY {owner}",
            f"DROP ROLE {owner}",
        )


def test_who_may_not_write_the_rows(bench: Bench, guest: Bench) -> None:
    role = str(guest.value("SELECT current_user::text"))
    assert f"{role} may not UPDATE" in refused(guest, foreseen(guest, guest.plan(ROWS))).message
    bench.execute(f"GRANT UPDATE (n) ON public.goals TO {role}")
    assert foreseen(guest, guest.plan(ROWS)).obstacles == ()


def test_a_database_that_is_read_only_by_default(bench: Bench) -> None:
    name = bench.dsn.rpartition("/")[2]
    bench.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    for change in (INDEX, BUILD):
        assert "read-only" in refused(bench, foreseen(bench, bench.plan(change))).message
    with pytest.raises(RefusedError, match="read-only"):
        bench.rehearse(bench.plan(INDEX))


def test_an_event_trigger_is_told_before_it_fires(bench: Bench) -> None:
    bench.execute(
        "CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS"
        " $$BEGIN RAISE EXCEPTION 'not here'; END$$",
        "CREATE EVENT TRIGGER no ON ddl_command_end EXECUTE FUNCTION public.no()",
    )
    plan = foreseen(bench, bench.plan(INDEX))
    assert any("event trigger no" in caution for caution in plan.cautions)
    with pytest.raises(FixitError, match="not here") as caught:
        bench.apply(plan)
    assert caught.value.effect is Effect.ROLLED_BACK


@contextmanager
def own_server(**settings: str) -> Iterator[tuple[LocalServer, Bench]]:
    """A server in a folder of its own, with a bench on it."""
    with tempfile.TemporaryDirectory(prefix="fixit-tui-") as name:
        place = Path(name)
        place.chmod(0o755)
        server = LocalServer.start(place / "data", settings={"fsync": "off", **settings})
        try:
            server.create_database("app")
            yield server, bench_with_goals(server.dsn("app"), server, place)
        finally:
            server.stop("immediate")


def every_connection(dsn: str) -> list[psycopg.Connection[tuple[object, ...]]]:
    """All that the server still gives."""
    held = []
    while True:
        try:
            held.append(psycopg.connect(dsn))
        except psycopg.OperationalError:
            return held


def test_every_connection_is_taken() -> None:
    few = {"max_connections": "8", "superuser_reserved_connections": "3"}
    with own_server(**few, max_wal_senders="0") as (_, admin):
        admin.execute("CREATE ROLE app LOGIN", "ALTER TABLE public.goals OWNER TO app")
        admin.execute("GRANT CREATE ON SCHEMA public TO app")
        app = Bench(make_conninfo(admin.dsn, user="app"), admin.server, admin.folder / "app")
        plan = app.plan(INDEX)
        with closing(app.database.reader()) as reader:
            assert foresee(plan, reader, app.database).obstacles == ()
            held = every_connection(app.dsn)
            (obstacle,) = foresee(plan, reader, app.database).obstacles
            assert "there is no free connection" in obstacle
            assert "end some sessions" in obstacle
            with pytest.raises(ConnectError) as caught:
                app.apply(plan)
            assert (caught.value.sqlstate, caught.value.effect) == (
                "53300",
                Effect.NOTHING_CHANGED,
            )
            for connection in held:
                connection.close()
        for _ in range(100):
            if not foreseen(app, plan).obstacles:
                break
            time.sleep(0.05)
        assert app.apply(plan).state is PlanState.APPLIED


def test_a_server_that_is_shutting_down_waits_for_its_last_sessions() -> None:
    with own_server() as (server, bench):
        plan = bench.plan(INDEX)
        with closing(bench.database.reader()) as reader:
            server._run("pg_ctl", "-D", str(server.data_dir), "-W", "-m", "smart", "stop")
            obstacles: tuple[str, ...] = ()
            for _ in range(100):
                obstacles = foresee(plan, reader, bench.database).obstacles
                if obstacles:
                    break
                time.sleep(0.05)
            assert "the server is shutting down; try again when it is back" in obstacles[0]
            with pytest.raises(ConnectError) as caught:
                bench.apply(plan)
            assert (caught.value.sqlstate, caught.value.effect) == (
                "57P03",
                Effect.NOTHING_CHANGED,
            )


def test_a_streaming_replica() -> None:
    with tempfile.TemporaryDirectory(prefix="fixit-tui-") as name:
        place = Path(name)
        place.chmod(0o755)
        with lazy_server(place / "data") as primary:
            primary.create_database("app")
            bench = bench_with_goals(primary.dsn("app"), primary, place)
            with standby_of(primary, place) as standby:
                catch_up(primary, standby)
                moved(bench, standby)
                with closing(bench.database.reader()) as reader:
                    assert reader.target().replica
                    reader.capture(frozenset(), ignore_event, lambda: False)
                    assert reader.explain_conflicts([UPSERT])[0][0] == "42P10"
                for change in (INDEX, BUILD):
                    refusal = refused(bench, foreseen(bench, bench.plan(change)))
                    assert refusal.sqlstate == "25006"
                    assert "replica" in refusal.message
                    assert "primary" in refusal.hint
                with pytest.raises(RefusedError, match="replica"):
                    bench.rehearse(bench.plan(INDEX))
                plain = bench.plan(BUILD)
                lying = replace(plain, target=replace(plain.target, replica=False, read_only=False))
                with pytest.raises(RefusedError, match="replica") as caught:
                    bench.apply(lying)
                assert caught.value.effect is Effect.NOTHING_CHANGED


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A folder of little room; the test is passed over where nothing can be mounted."""
    folder = place / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=777", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


root_alone = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may mount"
)


@root_alone
def test_the_servers_disk_is_full() -> None:
    with own_server() as (server, bench), small_disk(bench.folder, "2m") as disk:
        space = disk / "space"
        space.mkdir(mode=0o700)
        owner = server.data_dir.stat()
        os.chown(space, owner.st_uid, owner.st_gid)
        bench.execute(
            f"CREATE TABLESPACE small LOCATION '{space}'",
            "INSERT INTO public.goals (user_id, slug)"
            " SELECT n, md5(n::text) FROM generate_series(10, 60000) AS n",
        )
        filling = replace(INDEX, up=INDEX.up.replace("slug)", "slug) TABLESPACE small"))
        before = bench.state()
        with pytest.raises(FixitError) as caught:
            bench.apply(bench.plan(filling))
        assert (caught.value.sqlstate, caught.value.effect) == ("53100", Effect.ROLLED_BACK)
        assert "make room there first" in caught.value.hint
        assert bench.state() == before
        assert bench.ledger.receipts() == ()
        slim = replace(BUILD, up=BUILD.up.replace("slug)", "slug) TABLESPACE small"))
        with pytest.raises(FixitError) as built:
            bench.apply(bench.plan(slim))
        assert built.value.sqlstate == "53100"
        assert [r.state for r in bench.ledger.receipts()] == [PlanState.ROLLED_BACK]
        assert bench.state() == before
        bench.execute("DROP TABLESPACE small")


@root_alone
def test_no_room_for_wal_takes_the_server_down_and_the_word_stays_true() -> None:
    with tempfile.TemporaryDirectory(prefix="fixit-tui-") as name:
        place = Path(name)
        place.chmod(0o755)
        with lazy_server(place / "data") as server:
            server.create_database("app")
            bench = bench_with_goals(server.dsn("app"), server, place)
            kept = die_after_commit(bench, bench.plan(INDEX))
            server.stop("fast")
        with small_disk(place, "40m") as disk:
            wal = place / "data" / "pg_wal"
            for path in wal.iterdir():
                subprocess.run(["cp", "-a", str(path), str(disk)], check=True)
            subprocess.run(["rm", "-r", str(wal)], check=True)
            wal.symlink_to(disk)
            owner = (place / "data").stat()
            os.chown(disk, owner.st_uid, owner.st_gid)
            disk.chmod(0o700)
            with lazy_server(place / "data") as server:
                moved(bench, server)
                bench.recover()
                assert [r.state for r in bench.ledger.receipts()] == [PlanState.APPLIED]
                assert bench.ledger.receipts()[0].id == kept.id
                rows = "INSERT INTO public.goals (user_id, slug) SELECT n, repeat(md5(n::text), 9)"
                much = replace(ROWS, up=f"{rows} FROM generate_series(10, 200000) AS n; {ROWS.up}")
                with pytest.raises((ConnectError, InDoubtError)) as caught:
                    bench.apply(bench.plan(much))
                assert caught.value.effect in (Effect.ROLLED_BACK, Effect.IN_DOUBT)
                assert len(bench.ledger.receipts()) == (
                    1 + (caught.value.effect is Effect.IN_DOUBT)
                )
