"""The demo server: found, shared, started over, recovered, and never left behind."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from command_line import CASES, PROGRAM, CommandLine
from demo_home import DemoHome, Serving, demo_home, serving, until
from terminal import Terminal

COMMAND = " ".join(PROGRAM)

pytestmark = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")


@pytest.fixture(scope="module")
def filled() -> Iterator[DemoHome]:
    """A home whose demo was made once; tests reuse it, as people do."""
    with demo_home(COMMAND) as home:
        subprocess.run([*PROGRAM, "demo", "--reset"], env=dict(home.env), check=True)
        yield home


def end(demo: Serving, number: int) -> tuple[int, str]:
    demo.process.send_signal(number)
    code = demo.process.wait(20)
    assert demo.process.stderr is not None
    return code, demo.process.stderr.read()


def test_serve_tells_where_everything_is(filled: DemoHome, fixit: CommandLine) -> None:
    with serving(filled, program=COMMAND) as demo:
        assert sorted(p.stem for p in demo.errors.iterdir()) == sorted(CASES)
        for error in demo.errors.iterdir():
            said = fixit(
                "diagnose", demo.dsn, "--code", demo.code, "--symptom", error, "--format", "json"
            )
            first = json.loads(said.out)["findings"][0]
            assert (first["explains"], first["cause"]) == (True, CASES[error.stem].explained)
        code, told = end(demo, signal.SIGINT)
    assert code == 0
    assert told == "serving; ctrl+c stops the server\n"
    assert filled.gone()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_server_is_left_behind(filled: DemoHome, number: int) -> None:
    with serving(filled, program=COMMAND) as demo:
        assert filled.servers()
        code, told = end(demo, number)
    assert code == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    assert "Traceback" not in told
    assert filled.gone()
    with serving(filled, program=COMMAND) as again:
        assert again.answers()
        end(again, signal.SIGTERM)
    assert filled.gone()


def test_a_killed_server_starts_again(filled: DemoHome) -> None:
    with serving(filled, program=COMMAND) as demo:
        lines = (demo.code.parent / "data" / "postmaster.pid").read_text().splitlines()
        demo.process.kill()
        os.kill(int(lines[0]), signal.SIGKILL)
        demo.process.wait()
    assert (demo.code.parent / "data" / "postmaster.pid").exists()
    assert filled.gone()
    with serving(filled, program=COMMAND) as again:
        assert again.answers()
        assert end(again, signal.SIGINT)[0] == 0
    assert filled.gone()


def test_a_second_demo_attaches_and_leaves_the_first_alone(filled: DemoHome) -> None:
    with serving(filled, program=COMMAND) as first:
        with serving(filled, program=COMMAND) as second:
            assert second.dsn == first.dsn
            assert end(second, signal.SIGINT)[0] == 0
        assert first.answers()
        assert end(first, signal.SIGINT)[0] == 0
    assert filled.gone()


def test_stop_ends_who_serves(filled: DemoHome) -> None:
    with serving(filled, program=COMMAND) as demo:
        done = subprocess.run(
            [*PROGRAM, "demo", "--stop"],
            env=dict(filled.env),
            capture_output=True,
            text=True,
            check=True,
        )
        assert (done.stdout, done.stderr) == ("", "stopped\n")
        assert demo.process.wait(10) == 0
        assert demo.process.stderr is not None
        assert "stopped from elsewhere" in demo.process.stderr.read()
    assert filled.gone()
    again = subprocess.run(
        [*PROGRAM, "demo", "--stop"],
        env=dict(filled.env),
        capture_output=True,
        text=True,
        check=True,
    )
    assert again.stderr == "no demo server is running\n"


def test_reset_starts_over(filled: DemoHome) -> None:
    with serving(filled, program=COMMAND) as demo:
        with psycopg.connect(demo.dsn, autocommit=True) as connection:
            connection.execute("DROP TABLE goals CASCADE")
        shutil.rmtree(demo.code)
        end(demo, signal.SIGINT)
    with serving(filled, "--reset", program=COMMAND) as again:
        assert any(again.code.rglob("storageService.ts"))
        with psycopg.connect(again.dsn) as connection:
            assert connection.execute("SELECT count(*) > 0 FROM goals").fetchone() == (True,)
        end(again, signal.SIGINT)
    assert filled.gone()


def test_two_first_starts_at_once_share_one_server() -> None:
    with demo_home(COMMAND) as home:
        words = [*PROGRAM, "demo", "--serve"]
        both = [
            subprocess.Popen(
                words, env=dict(home.env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]
        told = [[p.stdout.readline() for _ in range(3)] for p in both if p.stdout]
        assert told[0] == told[1]
        assert told[0][0].startswith("dsn: ")
        for process in both:
            process.send_signal(signal.SIGINT)
        for process in both:
            _, err = process.communicate(timeout=20)
            assert process.returncode == 0, err
        assert home.gone()


def test_a_link_in_place_of_the_demo_is_not_followed(tmp_path: Path) -> None:
    with demo_home(COMMAND) as home:
        for place in (home.folder, home.folder / "state" / "fixit-tui"):
            place.mkdir(parents=True, exist_ok=True)
            name = "fixit-tui-demo" if place == home.folder else "demo"
            (place / name).symlink_to(tmp_path)
        done = subprocess.run(
            [*PROGRAM, "demo", "--serve", "--reset"],
            env=dict(home.env),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 2
        assert "is a link" in done.stderr
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("way", ["quit", "sigterm", "hang-up"])
def test_the_app_leaves_no_server_behind(filled: DemoHome, way: str) -> None:
    with Terminal([*PROGRAM, "demo"], env=filled.env) as terminal:
        terminal.expect("goals")
        assert filled.servers()
        if way == "quit":
            terminal.press("\x11")
            assert terminal.wait() == 0
            assert "\x1b[?1049l" in terminal.raw
        elif way == "sigterm":
            terminal.process.send_signal(signal.SIGTERM)
            terminal.wait()
        else:
            terminal.hang_up()
            assert until(lambda: terminal.process.poll() is not None, 20)
    assert filled.gone()
