"""What the playbooks' fixes make of their cases' TypeScript compiles as well as it did before."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from pathlib import Path

import pytest
from tests.playbooks.harness import staged
from tests.typescript.compiler import Compiler

from fixit_tui.model.finding import FileEdit, FixKind
from fixit_tui.playbooks.cases import Case, load_cases
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import load_all
from fixit_tui.postgres.local_server import LocalServer

_SCRIPTS = (".ts", ".tsx", ".mts", ".cts")
_IMPORT = re.compile(r"^import \{ ([\w, ]+) \} from '(\.[^']+)';?$", re.MULTILINE)
_CODE = (FixKind.CODE, FixKind.BOTH)
_CLIENT = re.compile(r"supabase", re.IGNORECASE)


def _cases() -> list[Case]:
    """The cases with TypeScript whose recommended fix changes code."""
    playbooks, _ = load_all([("builtin", builtin_root())])
    found = []
    for playbook in playbooks:
        for case in load_cases(playbook):
            specs = [playbook.fix(f.recommended or "") for f in case.findings]
            changes = any(s is not None and s.kind in _CODE for s in specs)
            scripts = any(p.suffix in _SCRIPTS for p in (case.folder / "code").rglob("*"))
            if case.fires and changes and scripts:
                found.append(case)
    return found


def _edits(server: LocalServer, case: Case, folder: Path) -> list[tuple[str, tuple[FileEdit, ...]]]:
    """Each fix of a case that changes code: its name and the files."""
    with staged(server, case, folder) as stage:
        findings = stage.diagnose(symptom=case.text("symptom.txt")).findings
    return [
        (f"{place}.{fix.id}", fix.edits)
        for place, finding in enumerate(findings)
        for fix in finding.fixes
        if any(edit.path.endswith(_SCRIPTS) for edit in fix.edits)
    ]


def _with_clients(files: dict[str, str]) -> dict[str, str]:
    """The files, and the modules that a case imports a client from without showing them."""
    added: dict[str, str] = {}
    for path, text in files.items():
        for names, origin in _IMPORT.findall(text):
            target = posixpath.normpath(posixpath.join(posixpath.dirname(path), origin))
            target = re.sub(r"\.js$", "", target)
            if any(target + end in files for end in (*_SCRIPTS, "/index.ts")):
                continue
            exported = [_stub(name.strip()) for name in names.split(",")]
            if all(exported):
                added[target + ".ts"] = "\n".join(exported)
    return files | added


def _stub(name: str) -> str:
    if _CLIENT.search(name):
        made = "import('@supabase/supabase-js').SupabaseClient"
    elif name == "pool":
        made = "import('pg').Pool"
    else:
        return ""
    return f"export declare const {name}: {made};"


@pytest.mark.slow
def test_patched_cases_compile_as_before(
    server: LocalServer, compiler: Compiler, tmp_path: Path
) -> None:
    sources: dict[str, str] = {}
    patched: list[tuple[str, str, tuple[FileEdit, ...]]] = []
    for case in _cases():
        name = f"{case.playbook}/{case.name}"
        root = case.folder / "code"
        files = {
            p.relative_to(root).as_posix(): p.read_text(encoding="utf-8")
            for p in sorted(root.rglob("*"))
            if p.suffix in _SCRIPTS
        }
        fixes = _edits(server, case, tmp_path / case.playbook / case.name)
        versions = {"before": files}
        for fix, edits in fixes:
            versions[fix] = files | {e.path: e.after for e in edits}
            patched.append((name, fix, edits))
        for version, texts in versions.items() if fixes else ():
            complete = _with_clients(texts).items()
            sources |= {f"{name}/{version}/{path}": text for path, text in complete}
    assert patched
    errors = compiler.errors(sources)
    worse: list[str] = []
    for name, fix, edits in patched:
        before, after = _under(errors, f"{name}/before/"), _under(errors, f"{name}/{fix}/")
        worse_by = [e for e in after - before if not _follows(e, before)]
        if worse_by:
            texts = "\n".join(edit.after for edit in edits)
            worse.append(f"{name} {fix}\n{texts}\n{worse_by}")
    assert not worse, "\n".join(worse)


def _under(errors: dict[str, tuple[str, ...]], folder: str) -> Counter[tuple[str, str]]:
    """The errors of all files of a folder."""
    return Counter(
        (path.removeprefix(folder), text)
        for path, texts in errors.items()
        if path.startswith(folder)
        for text in texts
    )


def _follows(error: tuple[str, str], before: Counter[tuple[str, str]]) -> bool:
    """Whether an error only comes of one that the file had before.

    "All imports are unused" (TS6192) becomes one for each (TS6133) when one is used, and what
    comes from a module that is not there (TS2307) leaves parameters without a type (TS7006).
    """
    causes = {"TS6133": "TS6192", "TS7006": "TS2307"}
    cause = causes.get(error[1].partition(":")[0])
    return cause is not None and any(
        path == error[0] and text.startswith(cause) for path, text in before
    )
