"""Time as ratios: what is longer takes longer, but not out of proportion. `make benchmarks`."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fixit_tui.code.scan import scan
from fixit_tui.facts.base import FactBase
from fixit_tui.playbooks.locate import builtin_root
from fixit_tui.playbooks.manifest import load_all
from fixit_tui.playbooks.query import rows_of
from fixit_tui.symptoms import parse

pytestmark = pytest.mark.benchmark

PLAYBOOKS, _ = load_all([("builtin", builtin_root())])


def seconds(work: Callable[[], object]) -> float:
    """Processor time of this process; what else the machine does costs none."""
    start = time.process_time()
    work()
    return time.process_time() - start


HUGE = {
    "one letter": "a",
    "braces": "{",
    "quotes": '"',
    "nested": '{"a":[',
    "objects": "{a:1,",
    "lines": "\n",
    "errors": "ERROR:  x\n",
    "frames": ".ts:1",
    "statements": "[SQL: ",
    "keys": "DETAIL:  Key (a)=(",
    "escapes": "\x1b]",
    "rows": '2026-01-01 10:00:00 UTC,"',
    "bodies": '{"code":"23505","message":"duplicate key value violates unique constraint \\"k\\""}\n',
    "prompts": "a=> select 1\nERROR:  x\n",
    "console": "POST https://x.supabase.co/rest/v1/a 409 (Conflict)\n",
}


@pytest.mark.parametrize("unit", [pytest.param(unit, id=name) for name, unit in HUGE.items()])
def test_reading_a_pasted_text(unit: str) -> None:
    def read(length: int) -> float:
        return seconds(lambda: parse(unit * (length // len(unit))))

    parse(unit)
    # Eight times the text: quadratic reading would take sixty-four times as long.
    assert read(480_000) < 24 * read(60_000) + 0.5


LOOKS_FIRST = (
    "async function f{0}() {{\n"
    "  const {{ data }} = await supabase.from('t').select('id').eq('a', 1).single();\n"
    "  if (!data) await supabase.from('t').insert({{ a: 1, b: 'é' }});\n}}\n"
)
ROW_APART = (
    "async function f{0}(x) {{\n  const row{0} = {{ a: x, b: 2 }};\n"
    "  await supabase.from('t').insert(row{0});\n}}\n"
)


@pytest.mark.parametrize(
    "function", [pytest.param(LOOKS_FIRST, id="looks-first"), pytest.param(ROW_APART, id="row")]
)
def test_reading_a_file_of_many_functions(function: str, tmp_path: Path) -> None:
    def read(functions: int) -> float:
        folder = tmp_path / str(functions)
        folder.mkdir()
        text = "".join(function.format(n) for n in range(functions))
        (folder / "a.ts").write_text(text, encoding="utf-8")
        return seconds(lambda: scan(folder))

    read(10)
    assert read(1_600) < 24 * read(200) + 0.5


def test_queries_in_steps() -> None:
    """Over no facts all of the time is planning, which steps need much less of."""

    def ask(rows: Callable[[FactBase, str], object]) -> float:
        facts = FactBase()
        try:
            return seconds(lambda: [rows(facts, p.query) for p in PLAYBOOKS])
        finally:
            facts.close()

    ask(rows_of)
    assert ask(rows_of) < 0.7 * ask(lambda facts, query: facts.select(query))
