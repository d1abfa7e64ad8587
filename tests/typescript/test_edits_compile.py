"""Edited TypeScript is TypeScript that the compiler takes, with the types of the real libraries."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

import pytest
from tests.typescript.builder_samples import BUILDER_PRELUDES, BUILDERS
from tests.typescript.compiler import PROJECT, SCHEMA, Compiler
from tests.typescript.samples import DROP, PRELUDES, SAMPLES, Sample
from tests.unit.code.scanning import scan_files

from fixit_tui.code.edits import Edited, apply_edit, folder
from fixit_tui.code.facts import CodeCall
from fixit_tui.code.module import Module
from fixit_tui.code.project import Project

LANGUAGES = {"ts": "typescript", "tsx": "tsx"}
DATABASE = "database.ts"
TYPES = (PROJECT / DATABASE).read_text(encoding="utf-8")
MODELS = (PROJECT / SCHEMA).read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Made:
    """One sample behind one prelude, before and after its edit."""

    sample: Sample
    path: str
    before: str
    after: str
    call: CodeCall
    around: Project | None


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Made]:
    """Every sample after its edit; each library's sources are a code base of their own."""
    preludes = PRELUDES | BUILDER_PRELUDES
    libraries = [[b for b in BUILDERS if b.preludes == (library,)] for library in BUILDER_PRELUDES]
    found, refused = [], []
    for samples in (SAMPLES, *libraries):
        given = [(sample, *source) for sample in samples for source in sample.sources(preludes)]
        assert len({path for _, path, _ in given}) == len(given)
        texts = {DATABASE: TYPES, SCHEMA: MODELS} | {path: text for _, path, text in given}
        calls = scan_files(tmp_path_factory.mktemp("samples"), texts).calls
        for sample, path, text in given:
            here = [c for c in calls if c.path == path and sample.verb in ("", c.verb)]
            call = [c for c in here if (c.statement or "").startswith(sample.statement)][-1]
            around = folder(
                [DATABASE, SCHEMA, path], lambda name, texts=texts: texts[name].encode()
            )
            result = apply_edit(sample.edit, text, call, sample.params, around)
            alone = apply_edit(sample.edit, text, call, sample.params)
            if alone != result and isinstance(alone, Edited):
                found.append(Made(sample, "alone-" + path, text, alone.text, call, None))
            if isinstance(result, Edited):
                found.append(Made(sample, path, text, result.text, call, around))
            else:
                refused.append((path, result))
    assert refused == []
    return found


def _changed_lines(made: Made) -> list[int]:
    """The lines of the old text that differ or are gone, from 1."""
    old, new = made.before.split("\n"), made.after.split("\n")
    codes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [i + 1 for tag, a, b, _, _ in codes if tag != "equal" for i in range(a, b)]


def test_edited_sources_compile_as_before(compiler: Compiler, made: list[Made]) -> None:
    sources = {"before/" + m.path: m.before for m in made}
    sources |= {"after/" + m.path: m.after for m in made}
    sources |= {"before/database.ts": TYPES, "after/database.ts": TYPES}
    errors = compiler.errors(sources)
    shown = [f"{path}\n{sources[path]}\n{errors[path]}" for path in sorted(errors)]
    assert not shown, "\n".join(shown)


def test_an_edit_changes_its_call_and_nothing_else(made: list[Made]) -> None:
    for each in made:
        assert each.after != each.before, each.path
        again = apply_edit(each.sample.edit, each.after, each.call, each.sample.params, each.around)
        if each.sample.edit == DROP:
            assert not isinstance(again, Edited), each.path
        else:
            assert again == Edited(each.after), each.path
        new = Module(each.path, LANGUAGES[each.sample.suffix], each.after)
        assert not new.root.find_all(kind="ERROR"), each.path
        if not each.sample.beyond:
            first, last = each.call.function_start, each.call.function_end
            assert all(first <= line <= last for line in _changed_lines(each)), each.path


def test_the_compiler_sees_what_is_wrong(compiler: Compiler) -> None:
    """What the other tests rely on: a wrong option, a wrong column and a wrong name are errors."""
    wrong = SAMPLES[0]
    sources = {DATABASE: TYPES}
    for path, text in wrong.sources():
        sources[path] = text.replace(".insert({", ".upsert({").replace(
            "goal.slug })", "goal.slug }, { onConflict: 7 })"
        )
    create = next(b for b in BUILDERS if b.name == "prisma-ignoring")
    for path, text in create.sources(BUILDER_PRELUDES):
        sources[path] = text.replace("slug: goal.slug", "slugs: goal.slug")
    assert set(compiler.errors(sources)) == set(sources) - {DATABASE}
