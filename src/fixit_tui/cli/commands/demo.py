"""demo: five incidents on an embedded database."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from types import FrameType

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.services import DemoServer, Services
from fixit_tui.cli.streams import data, is_interactive, narrate
from fixit_tui.errors import UsageError

_ENDINGS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


def _serve(demo: DemoServer) -> None:
    """Wait until asked to end, by ctrl+c, a signal or a closed terminal, or stopped elsewhere."""
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    for ending in _ENDINGS:
        signal.signal(ending, end)
    data(f"dsn: {demo.dsn}")
    data(f"code: {demo.code}")
    data(f"errors: {demo.errors}")
    sys.stdout.flush()
    narrate("serving; ctrl+c stops the server")
    while not stop.wait(0.5):
        if not (demo.data_dir / "postmaster.pid").exists():
            narrate("the server was stopped from elsewhere")
            return


@click.command(name="demo")
@click.option("--reset", is_flag=True, help="Start over: drop the demo database and its code.")
@click.option("--serve", is_flag=True, help="Print DSN, code and errors; stay up.")
@click.option("--stop", is_flag=True, help="Stop a demo server that was left running.")
@click.option("--ascii", "ascii_only", is_flag=True, help="No box drawing, no symbols.")
@click.pass_obj
def command(services: Services, reset: bool, serve: bool, stop: bool, ascii_only: bool) -> int:
    """Open the app on an embedded database with five real incidents and their code."""
    if stop:
        narrate("stopped" if services.stop_demo() else "no demo server is running")
        return int(ExitCode.DONE)
    if not serve and not reset and not is_interactive():
        raise UsageError("the app needs a terminal", hint="use fixit-tui demo --serve")
    demo = services.start_demo(reset=reset, keep=False)
    try:
        if serve:
            _serve(demo)
        elif is_interactive():
            session = services.open_session(demo.dsn, code=demo.code)
            services.run_app(
                session, mode="triage", ascii_only=ascii_only, out=Path("fixit-export")
            )
        else:
            narrate("the demo database was made anew")
    finally:
        services.stop_demo()
    return int(ExitCode.DONE)
