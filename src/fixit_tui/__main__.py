"""Entry point of the fixit-tui command."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line with the real adapters, which are imported only when used."""
    from fixit_tui.cli.root import main as run
    from fixit_tui.wiring import Wiring

    sys.exit(run(Wiring()))


if __name__ == "__main__":
    main()
