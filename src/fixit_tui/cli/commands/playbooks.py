"""playbooks: list, show, check, test, new."""

from __future__ import annotations

from pathlib import Path

import click

from fixit_tui.cli.exit_codes import ExitCode
from fixit_tui.cli.services import Services
from fixit_tui.cli.streams import data, narrate
from fixit_tui.errors import UsageError

_FOLDERS = click.option(
    "--playbooks", "dirs", multiple=True, type=click.Path(path_type=Path), help="More folders."
)


@click.group(name="playbooks")
def command() -> None:
    """List, show, check, test and start playbooks."""


@command.command(name="list")
@_FOLDERS
@click.pass_obj
def list_(services: Services, dirs: tuple[Path, ...]) -> None:
    """One line a playbook."""
    from fixit_tui.playbooks.manifest import load_all

    playbooks, problems = load_all(services.playbook_roots(dirs))
    for playbook in playbooks:
        badge = "" if playbook.layer == "builtin" else f" [{playbook.layer}]"
        data(f"{playbook.id:<34} {playbook.title}{badge}")
    for problem in problems:
        narrate(str(problem))


@command.command(name="show")
@click.argument("playbook_id")
@_FOLDERS
@click.pass_obj
def show(services: Services, playbook_id: str, dirs: tuple[Path, ...]) -> None:
    """The runbook of a playbook, its causes and fixes, and its query."""
    from fixit_tui.playbooks.manifest import load_all

    playbooks, _ = load_all(services.playbook_roots(dirs))
    found = next((p for p in playbooks if p.id == playbook_id), None)
    if found is None:
        raise UsageError(
            f"no playbook is called {playbook_id}",
            hint="known: " + ", ".join(p.id for p in playbooks),
        )
    data((found.folder / "README.md").read_text(encoding="utf-8"))
    data("causes: " + ", ".join(found.causes))
    for cause, means in found.new_causes.items():
        data(f"cause {cause}: {means}")
    for fix in found.fixes:
        data(f"fix {fix.id} ({fix.kind}): {fix.title}")
    data("\n" + (found.folder / "findings.sql").read_text(encoding="utf-8"))


def _folders(services: Services, given: tuple[Path, ...]) -> tuple[Path, ...]:
    """Playbook folders: those given, a folder of playbooks standing for all in it; else all."""
    roots = given or tuple(root for _, root in services.playbook_roots(()))
    found: list[Path] = []
    for root in roots:
        if not root.is_dir():
            raise UsageError(f"{root} is not a folder", hint="give a playbook's folder")
        inner = [p.parent for p in sorted(root.glob("*/playbook.toml"))]
        found += inner if inner and not (root / "playbook.toml").exists() else [root]
    return tuple(found)


@command.command(name="check")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
@click.pass_obj
def check(services: Services, folders: tuple[Path, ...]) -> int:
    """Report what is wrong with playbook FOLDERS (default: all that are loaded)."""
    from fixit_tui.playbooks.check import check as check_folder

    bad = 0
    for folder in _folders(services, folders):
        problems = check_folder(folder.resolve())
        bad += len(problems)
        for problem in problems:
            data(f"{folder.name}: {problem}")
        if not problems:
            narrate(f"{folder.name}: fine")
    return int(ExitCode.FINDINGS if bad else ExitCode.DONE)


@command.command(name="test")
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path))
@click.pass_obj
def test(services: Services, folders: tuple[Path, ...]) -> int:
    """Run the cases of playbook FOLDERS (default: all) on an embedded server.

    Findings must be exactly those expected, failing.sql must fail as told, and its fix must
    cure it and be undone.
    """
    bad = 0

    def on_case(playbook: str, case: str, broken: tuple[str, ...]) -> None:
        nonlocal bad
        bad += bool(broken)
        data(f"{'broken' if broken else 'ok    '}  {playbook}/{case}")
        for sentence in broken:
            data(f"        {sentence}")

    services.test_playbooks(_folders(services, folders), on_case)
    return int(ExitCode.FINDINGS if bad else ExitCode.DONE)


@command.command(name="new")
@click.argument("playbook_id", metavar="ID")
@click.option("--into", type=click.Path(path_type=Path), help="Default: your own playbooks.")
@click.pass_obj
def new(services: Services, playbook_id: str, into: Path | None) -> int:
    """Make a small working playbook called ID to start from."""
    from fixit_tui.playbooks.scaffold import scaffold

    folder = scaffold(into if into is not None else services.own_playbooks(), playbook_id)
    data(str(folder))
    narrate(f"next: edit it, then fixit-tui playbooks check {folder}, then … test {folder}")
    return int(ExitCode.DONE)
