"""Ctrl-C: an orderly end, and a known outcome."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable

import psycopg
from command_line import PROGRAM, CommandLine, Incident
from listening import listener, until

Make = Callable[[str], Incident]


def test_ctrl_c_ends_with_130(incident: Make) -> None:
    given = incident("goals")
    with listener(lambda peer: None) as port:
        process = subprocess.Popen(
            [*PROGRAM, "diagnose", f"postgresql://me@127.0.0.1:{port}/app"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
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
            until(lambda: watch.execute(query).fetchone() is not None, 20)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, "")
    assert "effect: rolled back" in err
    assert "Traceback" not in err
    assert given.dump() == before
