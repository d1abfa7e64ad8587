"""The wheel, installed alone into an empty environment, brings everything it needs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

from fixit_tui.playbooks.locate import builtin_root
from tests.cli.demo_home import demo_home, serving

pytestmark = pytest.mark.slow
CASE = "goals"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel as `python -m build` makes it from this checkout."""
    out = tmp_path_factory.mktemp("wheel")
    root = Path(__file__).parent.parent
    words = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(root)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bin_dir(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Programs of a fresh environment that holds the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("empty") / "venv"
    venv.create(folder, with_pip=True)
    place = folder / ("Scripts" if os.name == "nt" else "bin")
    words = [str(place / "python"), "-m", "pip", "install", "--quiet", str(wheel)]
    env = {k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_CACHE_HOME")}
    env["HOME"] = os.path.expanduser(f"~{_account()}")
    done = subprocess.run(words, capture_output=True, text=True, check=False, env=env)
    assert done.returncode == 0, done.stderr
    return place


def _account() -> str:
    """Whose package cache may be used again: the neutral home of a test has none."""
    try:
        import pwd
    except ImportError:
        return ""
    return pwd.getpwuid(os.getuid()).pw_name


def test_the_wheel_holds_data_and_no_tests(wheel: Path, repository: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        f"fixit_tui/_playbooks/{p.relative_to(repository / 'playbooks').as_posix()}"
        for p in (repository / "playbooks").rglob("*")
        if p.is_file()
    }
    package = repository / "src"
    wanted |= {
        p.relative_to(package).as_posix()
        for p in (package / "fixit_tui").rglob("*")
        if p.suffix in (".py", ".sql", ".json", ".toml", ".tcss") or p.name == "py.typed"
    }
    assert wanted <= names
    strange = {n for n in names if not n.startswith(("fixit_tui/", "fixit_tui-"))}
    assert strange == set()


def test_the_installed_command_lists_serves_diagnoses_and_ends(
    bin_dir: Path, tmp_path: Path
) -> None:
    program = str(bin_dir / "fixit-tui")
    _lists_its_playbooks(program, tmp_path)
    with demo_home(program) as home, serving(home, program=program) as demo:
        done = subprocess.run(
            [
                *(program, "diagnose", demo.dsn, "--code", str(demo.code), "--format", "json"),
                *("--symptom", str(demo.errors / f"{CASE}.txt")),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
            env=dict(home.env),
        )
        assert done.returncode == 1, done.stderr
        document = json.loads(done.stdout)
        first = document["findings"][0]
        assert (first["cause"], first["explains"]) == ("wrong-conflict-target", True)
        assert {run["status"] for run in document["playbooks"]} <= {"found", "clear"}
        assert home.servers()
        demo.process.send_signal(signal.SIGINT)
        assert demo.process.wait(20) == 0
        assert home.gone()


def _lists_its_playbooks(program: str, folder: Path) -> None:
    done = subprocess.run(
        [program, "playbooks", "list"], capture_output=True, text=True, check=False, cwd=folder
    )
    assert (done.returncode, done.stderr) == (0, "")
    listed = [line.split()[0] for line in done.stdout.splitlines()]
    assert listed == sorted(p.parent.name for p in builtin_root().glob("*/playbook.toml"))
