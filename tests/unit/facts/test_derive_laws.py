"""Laws that hold for any schema: arbiters by set equality, effects end and are counted once."""

from __future__ import annotations

import json

from fact_rows import Facts
from hypothesis import given, settings
from hypothesis import strategies as st

from fixit_tui.facts.derive import derive

COLUMNS = ("a", "b", "c", "D d")
KEYS = st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=4, unique=True)


@given(KEYS, st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=5), st.booleans())
@settings(max_examples=60)
def test_a_plain_key_serves_exactly_the_targets_with_its_set_of_columns(
    key: list[str], target: list[str], immediate: bool
) -> None:
    facts = Facts()
    table = facts.table("t")
    facts.base.insert(
        "attribute",
        [
            {"relation": table, "number": n, "name": name, "type": "text", "identity": ""}
            for n, name in enumerate(COLUMNS, start=1)
        ],
    )
    facts.index(table, *key, is_immediate=int(immediate))
    facts.call("upsert", "t", on_conflict=json.dumps(target))
    derive(facts.base)
    same = set(key) == set(target)
    expected = ("ok" if immediate else "55000") if same else "42P10"
    assert facts.base.query("SELECT verdict FROM write") == [{"verdict": expected}]
    row = facts.base.query("SELECT usable, reason FROM arbiter")[0]
    assert row["usable"] == int(same and immediate)
    if not same:
        wanted, given_ = set(key), set(target)
        reason = "subset" if wanted < given_ else "superset" if wanted > given_ else "other columns"
        assert row["reason"] == reason


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=12, unique=True),
    st.sets(st.integers(0, 11)),
)
@settings(max_examples=60)
def test_effects_of_any_graph_end_and_reach_what_is_reachable(
    edges: list[tuple[int, int]], disabled: set[int]
) -> None:
    facts = Facts()
    tables = [facts.table(f"t{n}", "x") for n in range(5)]
    for number, (source, target) in enumerate(edges):
        body = f"BEGIN INSERT INTO t{target} (x) VALUES (NEW.x); RETURN NEW; END;"
        facts.trigger(
            tables[source],
            facts.routine(f"f{number}", body),
            enabled="disabled" if number in disabled else "origin",
        )
    derive(facts.base)
    live = [edge for number, edge in enumerate(edges) if number not in disabled]
    for start in range(5):
        reached: set[int] = set()
        pending = [start]
        while pending:
            node = pending.pop()
            for source, target in live:
                if source == node and target not in reached:
                    reached.add(target)
                    pending.append(target)
        rows = facts.base.query(
            "SELECT DISTINCT w.relation FROM effect e JOIN write w ON w.id = e.write "
            "WHERE e.relation = ? AND e.fires <> 'never'",
            (tables[start],),
        )
        assert {row["relation"] for row in rows} == {tables[n] for n in reached}
    doubled = facts.base.query(
        "SELECT 1 FROM effect WHERE fires <> 'never' "
        "GROUP BY relation, event, trigger, write HAVING count(*) > 1"
    )
    assert doubled == []
