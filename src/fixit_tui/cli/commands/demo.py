"""demo: five incidents on an embedded database."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, is_interactive, narrate
from fixit_tui.errors import UsageError


def _wait_for_signal() -> None:
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    stop.wait()


@click.command(name="demo")
@click.option("--reset", is_flag=True, help="Start over: drop the demo database and its code.")
@click.option("--serve", is_flag=True, help="Print DSN and code folder; keep the server up.")
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
            data(f"dsn: {demo.dsn}")
            data(f"code: {demo.code}")
            sys.stdout.flush()
            narrate("serving; ctrl+c stops the server")
            _wait_for_signal()
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
