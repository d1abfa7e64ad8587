"""Ctrl-C: an orderly end, and a known outcome."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable

import psycopg
from command_line import PROGRAM, CommandLine, Incident
from listening import listener, until
from terminal import Terminal

Make = Callable[[str], Incident]


def test_ctrl_c_ends_with_130(incident: Make) -> None:
    given = incident("goals")
    reached = threading.Event()
    with listener(lambda peer: reached.set()) as port:
        process = subprocess.Popen(
            [*PROGRAM, "diagnose", f"postgresql://me@127.0.0.1:{port}/app"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert reached.wait(60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "Traceback" not in err
    assert len(err.splitlines()) <= 5
    assert given.dump()


def test_ctrl_c_while_applying_rolls_back(fixit: CommandLine, incident: Make) -> None:
    given = incident("purchases")
    before = given.dump()
    plan = re.search(r"^plan (\w+)", fixit("apply", *given.given).out)
    assert plan
    with psycopg.connect(given.dsn) as holder:
        holder.execute("LOCK TABLE student_course_purchases IN ROW EXCLUSIVE MODE")
        process = subprocess.Popen(
            [*PROGRAM, "apply", *map(str, given.given), "--plan", plan[1], "--yes"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "XDG_STATE_HOME": str(fixit.state)},
        )
        with psycopg.connect(given.dsn, autocommit=True) as watch:
            query = (
                "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database() AND query LIKE 'CREATE UNIQUE INDEX%'"
            )
            until(lambda: watch.execute(query).fetchone() is not None, 60)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "effect: rolled back" in err
    assert "Traceback" not in err
    assert given.dump() == before


def test_a_terminal_that_hangs_up_while_applying_leaves_nothing(
    fixit: CommandLine, incident: Make
) -> None:
    given = incident("purchases")
    before = given.dump()
    plan = re.search(r"^plan (\w+)", fixit("apply", *given.given).out)
    assert plan
    words = [*PROGRAM, "apply", *map(str, given.given), "--plan", plan[1], "--yes"]
    with (
        psycopg.connect(given.dsn) as holder,
        psycopg.connect(given.dsn, autocommit=True) as watch,
        Terminal(words, env={"XDG_STATE_HOME": str(fixit.state)}) as terminal,
    ):
        holder.execute("LOCK TABLE student_course_purchases IN ROW EXCLUSIVE MODE")
        query = (
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'fixit-tui apply'"
            " AND datname = current_database()"
        )
        waiting = query + " AND wait_event_type = 'Lock'"
        until(lambda: watch.execute(waiting).fetchone() is not None, 60)
        terminal.hang_up()
        assert terminal.wait() == -signal.SIGHUP
        until(lambda: watch.execute(query).fetchone() is None, 20)
    assert given.dump() == before
    said = fixit("recover", given.dsn)
    assert (said.code, said.out) == (0, "")
    assert fixit("history").out == ""
