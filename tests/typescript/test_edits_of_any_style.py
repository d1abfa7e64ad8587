"""Every edit of every library keeps the style of its file, and has nothing to do the second time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.typescript.builder_samples import BUILDER_PRELUDES, BUILDERS
from tests.typescript.samples import DROP, PRELUDES, SAMPLES, Sample
from tests.typescript.test_edits_compile import DATABASE, MODELS, SCHEMA, TYPES
from tests.unit.code.editing import git_gives
from tests.unit.code.scanning import scan_files

from fixit_tui.code.edits import Edited, Refused, apply_edit, folder
from fixit_tui.code.facts import CodeCall

GROUPS = {"supabase-js and drivers": SAMPLES} | {
    library: tuple(b for b in BUILDERS if b.preludes == (library,)) for library in BUILDER_PRELUDES
}


def _styled(text: str) -> str:
    """A byte order mark, tabs, Windows line ends, odd characters before the call, no last end."""
    tabs = re.sub(r"^(?:  )+", lambda lead: "\t" * (len(lead[0]) // 2), text, flags=re.MULTILINE)
    return ("\ufeff// é 🎉 \u2028 \x0c \udce9\n" + tabs).rstrip("\n").replace("\n", "\r\n")


def _calls(folder: Path, files: dict[str, str]) -> tuple[CodeCall, ...]:
    return scan_files(folder, {DATABASE: TYPES, SCHEMA: MODELS} | files).calls


def _call(sample: Sample, calls: tuple[CodeCall, ...], path: str) -> CodeCall:
    verbs = {sample.verb, "upsert" if sample.verb == "insert" else sample.verb}
    here = [c for c in calls if c.path == path and (sample.verb == "" or c.verb in verbs)]
    return [c for c in here if (c.statement or "").upper().startswith(sample.statement)][-1]


def _made(
    folder_: Path, samples: dict[str, Sample], files: dict[str, str]
) -> dict[str, Edited | Refused]:
    """What each sample's edit makes of its file as a scan of all files finds it."""
    calls = _calls(folder_, files)
    known = {DATABASE: TYPES, SCHEMA: MODELS} | files
    found: dict[str, Edited | Refused] = {}
    for path, sample in samples.items():
        around = folder(
            [DATABASE, SCHEMA, path], lambda name: known[name].encode(errors="surrogateescape")
        )
        call = _call(sample, calls, path)
        found[path] = apply_edit(sample.edit, files[path], call, sample.params, around)
    return found


@pytest.mark.parametrize("library", GROUPS)
def test_style_and_repetition(tmp_path: Path, library: str) -> None:
    texts: dict[str, str] = {}
    samples: dict[str, Sample] = {}
    for sample in GROUPS[library]:
        path, text = next(sample.sources(PRELUDES | BUILDER_PRELUDES))
        texts[path], samples[path] = text, sample
    plain = _made(tmp_path / "plain", samples, texts)
    styled_texts = {path: _styled(text) for path, text in texts.items()}
    styled = _made(tmp_path / "styled", samples, styled_texts)
    after: dict[str, str] = {}
    for path, result in plain.items():
        assert isinstance(result, Edited), path
        after[path] = _styled(result.text)
        assert styled[path] == Edited(after[path]), path
        git_gives(tmp_path, styled_texts[path], after[path])
    kept = {path: sample for path, sample in samples.items() if sample.edit != DROP}
    again = _made(tmp_path / "after", kept, {path: after[path] for path in kept})
    assert again == {path: Edited(after[path]) for path in kept}
