"""Makes `screenshots/` anew from the running app on a fresh demo: SVG, and PNG beside it.

Run by `make screenshots`.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fixit_tui.playbooks.cases import document_cases
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import load_all
from fixit_tui.postgres.demo import DemoDatabase
from fixit_tui.tui.scenes import capture_scenes
from fixit_tui.wiring import Wiring

SIZE = (140, 40)


def main(out: Path) -> None:
    """Start a demo of its own, photograph each scene, stop the demo."""
    root = builtin_root()
    playbooks, _ = load_all([("builtin", root)])
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        demo = DemoDatabase(Path(folder) / "demo")
        running = demo.start(document_cases(playbooks), root / "platforms", reset=False)
        try:
            session = Wiring(state_dir=Path(folder) / "state").open_session(
                running.dsn, code=running.code
            )
            asyncio.run(capture_scenes(session, out, SIZE))
            session.close()
        finally:
            demo.stop()
    for svg in sorted(out.glob("*.svg")):
        to_png(svg)


def to_png(svg: Path) -> None:
    """The picture as PNG, with whichever converter this machine has."""
    png = svg.with_suffix(".png")
    if shutil.which("rsvg-convert"):
        subprocess.run(["rsvg-convert", "-w", "1400", "-o", str(png), str(svg)], check=True)
    elif shutil.which("chromium"):
        words = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--screenshot={png}"]
        subprocess.run([*words, "--window-size=1400,900", str(svg)], check=True)
    else:
        sys.stderr.write(f"no rsvg-convert and no chromium: {png.name} was not made\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"))
