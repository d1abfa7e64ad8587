"""Renderers are pure: valid, deterministic, and safe for text of any origin."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import replace

import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fixit_tui.export.diagnosis_json import schema_text, to_json
from fixit_tui.export.receipt_markdown import receipt_markdown
from fixit_tui.export.sql_script import scripts
from fixit_tui.export.text import report
from fixit_tui.model.diagnosis import Diagnosis, Gap, PlaybookRun, RunStatus
from fixit_tui.model.finding import (
    Check,
    Confidence,
    Evidence,
    Finding,
    Fix,
    FixKind,
    Lock,
    RuledOut,
    Severity,
    Site,
    SqlChange,
)
from fixit_tui.model.outcome import Receipt, StatementResult
from fixit_tui.model.plan import Plan, PlanState, Step
from fixit_tui.model.symptom import Source, Symptom
from fixit_tui.model.target import Target

TARGET = Target("db", 5432, "app", "owner", 180006)
TEXT = st.text(max_size=30)
MAYBE = st.none() | TEXT


def some(items: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(items, max_size=2).map(tuple)


SQL = st.builds(SqlChange, TEXT, TEXT, TEXT, TEXT, st.booleans(), some(st.builds(Lock, TEXT, TEXT)))
FIX = st.builds(
    Fix,
    TEXT,
    TEXT,
    st.sampled_from(FixKind),
    TEXT,
    st.booleans(),
    st.none() | SQL,
    MAYBE,
    preconditions=some(st.builds(Check, TEXT, st.none() | st.booleans(), TEXT)),
)
SITE = st.builds(Site, file=MAYBE, function=MAYBE, line=st.none() | st.integers(1, 99))
FINDING = st.builds(
    Finding,
    TEXT,
    TEXT,
    TEXT,
    st.sampled_from(Severity),
    st.sampled_from(Confidence),
    TEXT,
    MAYBE,
    MAYBE,
    st.none() | st.just("004"),
    some(TEXT),
    some(TEXT),
    some(st.builds(Evidence, TEXT, TEXT)),
    some(SITE),
    some(st.builds(RuledOut, TEXT, TEXT)),
    some(FIX),
)
SYMPTOM = st.builds(
    Symptom, st.sampled_from(Source), TEXT, sqlstate=MAYBE, columns=st.none() | some(TEXT)
)
DIAGNOSIS = st.builds(
    Diagnosis,
    st.builds(Target, TEXT, st.integers(1, 65535), TEXT, TEXT, st.integers(130000, 190000)),
    st.none() | SYMPTOM,
    some(st.builds(PlaybookRun, TEXT, st.sampled_from(RunStatus), TEXT, st.integers(0, 99))),
    some(FINDING),
    some(st.builds(Gap, TEXT, TEXT)),
    some(TEXT),
)


@given(DIAGNOSIS)
def test_every_diagnosis_fits_the_published_schema(diagnosis: Diagnosis) -> None:
    schema = json.loads(schema_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(json.dumps(to_json(diagnosis)))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert [f["id"] for f in document["findings"]] == [f.id for f in diagnosis.findings]


def test_the_schema_refuses_what_is_not_promised() -> None:
    document = to_json(Diagnosis(TARGET, None, (), ()))
    validator = jsonschema.Draft202012Validator(json.loads(schema_text()))
    assert validator.is_valid(document)
    assert not validator.is_valid({**document, "extra": 1})
    assert not validator.is_valid({k: v for k, v in document.items() if k != "gaps"})


@given(DIAGNOSIS, st.integers(1, 160))
def test_a_report_holds_no_control_characters(diagnosis: Diagnosis, width: int) -> None:
    text = report(diagnosis, width)
    assert not [c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs"}]


def test_a_report_says_what_did_not_run() -> None:
    runs = (PlaybookRun("a", RunStatus.CLEAR), PlaybookRun("b", RunStatus.SKIPPED, "needs code"))
    text = report(Diagnosis(TARGET, None, runs, (), (Gap("public.t", "its triggers"),)))
    assert "skipped: b: needs code" in text
    assert "1 of 2 playbooks ran" in text
    assert "public.t" in text


def test_a_report_tells_the_first_error_from_its_echo() -> None:
    first = Symptom(Source.SERVER_LOG, "x", sqlstate="23505")
    echo = Symptom(Source.SERVER_LOG, "x", sqlstate="25P02", first_error=first)
    said = "the first error of its transaction; 25P02 is its echo"
    assert said in report(Diagnosis(TARGET, echo, (), ()))
    assert said not in report(Diagnosis(TARGET, first, (), ()))


def step(number: int, **changes: object) -> Step:
    plain = Step(
        number, "f", "x", "make_index_t", "Make an index", "public.t",
        "CREATE UNIQUE INDEX i ON t (a);\n", "DROP INDEX i;\n",
        "SELECT 'there', to_regclass('i') IS NOT NULL, '';\n", "", (Lock("public.t", "SHARE"),),
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def test_a_script_holds_the_statements_byte_for_byte() -> None:
    up = "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $x$\r\n  SELECT 1 -- 'é' %s $1\r\n$x$;\n"
    plan = Plan(TARGET, (step(1), step(2, up=up, slug="f")), patch="--- a\n+++ b\n")
    files = scripts(plan)
    assert sorted(files) == [
        "01_make_index_t.sql",
        "01_make_index_t.undo.sql",
        "02_f.sql",
        "02_f.undo.sql",
        "code.patch",
    ]
    assert up in files["02_f.sql"]
    assert plan.hash in files["02_f.sql"]
    assert files == scripts(plan)


@given(TEXT, TEXT)
def test_a_hostile_title_stays_a_comment(title: str, relation: str) -> None:
    text = scripts(Plan(TARGET, (step(1, title=title, relation=relation),)))["01_make_index_t.sql"]
    head = text[: text.index("\nBEGIN;")]
    assert all(line.startswith("-- ") for line in head.split("\n") if line)
    assert not set(head) & {"\r", "\x85", "\u2028", "\x00"}


def test_a_step_that_refuses_a_transaction_gets_none() -> None:
    plan = Plan(TARGET, (step(1, transactional=False, up="CREATE INDEX CONCURRENTLY i ON t (a)"),))
    text = scripts(plan)["01_make_index_t.sql"]
    assert "BEGIN;" not in text
    assert "SET lock_timeout" in text.partition("CREATE INDEX CONCURRENTLY i ON t (a)\n;\n")[0]
    assert text.endswith("RESET statement_timeout;\nRESET lock_timeout;\n")


@given(TEXT, TEXT, TEXT)
def test_a_receipt_never_breaks_out_of_its_markdown(title: str, sql: str, detail: str) -> None:
    receipt = Receipt(
        "r1", "hash", title, "app@db", "app", "db", 5432, "owner", "me", PlanState.APPLIED,
        "t0", "t1", "726", (StatementResult(sql, "CREATE INDEX", 3),), ("DROP INDEX i",),
        checks=(Check("label", True, detail),), note=detail,
    )  # fmt: skip
    text = receipt_markdown(receipt)
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    kinds = [t.type for t in tokens] + [c.type for t in tokens for c in t.children or ()]
    assert not {"html_block", "html_inline", "link_open", "image"} & set(kinds)
    headings = ["What ran", "How to take it back", "Checked before COMMIT"]
    assert sorted(
        tokens[n + 1].content
        for n, t in enumerate(tokens)
        if t.type == "heading_open" and t.tag == "h2"
    ) == sorted(headings)
    fences = [t.content.strip() for t in tokens if t.type == "fence"]
    assert "fixit-tui undo --receipt r1" in fences
