"""Makes `screenshots/` anew from the running app on a fresh demo: SVG, and PNG beside it.

Run by `make screenshots`.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fixit_tui.playbooks.cases import document_cases
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import load_all
from fixit_tui.postgres.demo import DemoDatabase
from fixit_tui.wiring import Wiring
from tests.tui.scenes import capture_scenes

SIZE = (140, 40)


def main(out: Path) -> None:
    """Start a demo of its own, photograph each scene, stop the demo."""
    root, out = builtin_root(), out.resolve()
    playbooks, _ = load_all([("builtin", root)])
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        demo = DemoDatabase(Path(folder) / "demo")
        running = demo.start(document_cases(playbooks), root / "platforms", reset=False)
        try:
            # The header shows the code folder as it was given: no path of the machine at work.
            os.chdir(folder)
            session = Wiring(state_dir=Path(folder) / "state").open_session(
                running.dsn, code=running.code.relative_to(folder)
            )
            asyncio.run(capture_scenes(session, out, SIZE))
            session.close()
        finally:
            os.chdir(out)
            demo.stop()
    for svg in sorted(out.glob("*.svg")):
        to_png(svg)


def to_png(svg: Path) -> None:
    """The picture as PNG, with whichever converter this machine has."""
    png = svg.with_suffix(".png")
    if shutil.which("chromium"):
        with tempfile.TemporaryDirectory() as profile:
            subprocess.run(
                [
                    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                    "--no-first-run", "--disable-background-networking", "--disable-sync",
                    "--disable-component-update", "--hide-scrollbars",
                    f"--user-data-dir={profile}", f"--window-size={_size(svg)}",
                    f"--screenshot={png.resolve()}", svg.resolve().as_uri(),
                ],
                check=True,
                capture_output=True,
            )  # fmt: skip
    elif shutil.which("rsvg-convert"):
        subprocess.run(["rsvg-convert", "-w", "1400", "-o", str(png), str(svg)], check=True)
    else:
        sys.stderr.write(f"no chromium and no rsvg-convert: {png.name} was not made\n")


def _size(svg: Path) -> str:
    """Width and height of the picture, as the browser's window takes them."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text(encoding="utf-8"))
    if box is None:
        return "1400,900"
    return f"{round(float(box[1]))},{round(float(box[2]))}"


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"))
