"""Capture files: what goes in comes out, and nothing else is accepted."""

from __future__ import annotations

import gzip
import json
from contextlib import suppress
from pathlib import Path

import pytest
from fact_rows import Facts
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.errors import UsageError
from fixit_tui.facts.load import CATALOG_TABLES
from fixit_tui.facts.snapshot import SCHEMA, Recorder, load, save

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.c2lnbmF0dXJl"


def _sample() -> Facts:
    facts = Facts()
    goals = facts.table("goals", "id uuid = gen_random_uuid()", "Straße text")
    facts.index(goals, "id", constraint="primary")
    return facts


def test_round_trip_of_rows_verdicts_and_meta(tmp_path: Path) -> None:
    facts = _sample().base
    verdicts = {"INSERT INTO a …": ("42P10", ()), "INSERT INTO b …": (None, ("b_key",))}
    save(tmp_path / "a.fixit", facts, {"scope": "all"}, verdicts)
    capture = load(tmp_path / "a.fixit")
    assert capture.verdicts == verdicts
    assert capture.meta == {"scope": "all"}
    for table in CATALOG_TABLES:
        assert list(capture.rows[table]) == facts.query(f"SELECT * FROM {table}")


def test_equal_facts_make_equal_files(tmp_path: Path) -> None:
    facts = _sample().base
    save(tmp_path / "a", facts, {})
    save(tmp_path / "b", load(tmp_path / "a").rows, {})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_statement_that_was_not_asked_decides_nothing(tmp_path: Path) -> None:
    asked = Recorder(lambda statements: [("42P10", ()) for _ in statements])
    assert asked(["one"]) == [("42P10", ())]
    save(tmp_path / "a", {}, {}, asked.verdicts)
    assert load(tmp_path / "a").confirm(["one", "two"]) == [("42P10", ()), ("", ())]


def test_tokens_in_definitions_are_blanked_and_noted(tmp_path: Path) -> None:
    facts = _sample()
    table = facts.table("hooks", "id")
    routine = facts.routine("call_out", f"perform post('Bearer {TOKEN}', 'postgres://u:pw1@h/d');")
    facts.trigger(table, routine, args=json.dumps([TOKEN]))
    save(tmp_path / "a", facts.base, {})
    text = gzip.decompress((tmp_path / "a").read_bytes()).decode()
    assert TOKEN not in text
    assert "pw1" not in text
    assert "tokens inside definitions" in str(load(tmp_path / "a").rows["gap"])


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "not a capture|damaged"),
        (b"plain text", "not a capture"),
        (gzip.compress(b"not json", mtime=0), "damaged"),
        (gzip.compress(b"[1]", mtime=0), "not a capture"),
        (gzip.compress(b'{"schema": "other/1"}', mtime=0), "not a capture"),
        (gzip.compress(b'{"schema": "fixit-tui/capture/2"}', mtime=0), "another version"),
        (gzip.compress(json.dumps({"schema": SCHEMA}).encode(), mtime=0), "damaged"),
        (
            gzip.compress(
                json.dumps(
                    {
                        "schema": SCHEMA,
                        "meta": {},
                        "verdicts": [],
                        "tables": {"relation": [{"x": 1}]},
                    }
                ).encode(),
                mtime=0,
            ),
            "unknown column",
        ),
        (
            gzip.compress(
                json.dumps(
                    {"schema": SCHEMA, "meta": {}, "verdicts": [], "tables": {"write": []}}
                ).encode(),
                mtime=0,
            ),
            "unknown table",
        ),
    ],
)
def test_foreign_damaged_and_newer_files_are_refused(
    tmp_path: Path, content: bytes, word: str
) -> None:
    path = tmp_path / "x.fixit"
    path.write_bytes(content)
    with pytest.raises(UsageError, match=word) as caught:
        load(path)
    assert caught.value.hint


@given(st.data())
def test_no_truncated_or_flipped_file_gives_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("capture") / "a"
    save(path, _sample().base, {})
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:cut] + bytes([whole[cut] ^ data.draw(st.integers(1, 255))]) + whole[cut + 1 :]
    for content in (whole[:cut], flipped):
        path.write_bytes(content)
        with suppress(UsageError):
            load(path)


def test_missing_file_and_unwritable_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / "none")
    with pytest.raises(UsageError, match="cannot be written"):
        save(tmp_path / "no" / "folder", {}, {})
