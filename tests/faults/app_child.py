"""The app on its terminal, in a process of its own, with a plan that it applies at once."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from textual.pilot import Pilot

from fixit_tui.model.plan import Consent, Plan
from fixit_tui.tui.app import FixitApp
from fixit_tui.wiring import Wiring


def main(dsn: str, state: str, kept: str) -> None:
    """Run the app until it leaves; `kept` is a file that holds a pickled plan."""
    plan: Plan = pickle.loads(Path(kept).read_bytes())
    session = Wiring(state_dir=Path(state)).open_session(dsn)
    app = FixitApp(session, mode="oncall", export_dir=Path(state))

    async def apply(_: Pilot[None]) -> None:
        app.jobs.apply(plan, Consent(plan.hash, plan.target.name))

    try:
        app.run(auto_pilot=apply)
    finally:
        session.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
