"""Rows set aside for a key: whatever hangs on the table, and whoever works on it, none is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from fixit_tui.engine.session import Session
from fixit_tui.errors import Effect, FixitError
from fixit_tui.model.events import Event, ignore_event
from fixit_tui.model.finding import Fix, Severity
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import Choice, Consent, Plan, PlanState
from fixit_tui.wiring import Wiring

MIGRATION = "CREATE UNIQUE INDEX goals_key ON public.goals (user_id, slug)"
ERROR = (
    'ERROR:  could not create unique index "goals_key"\n'
    "DETAIL:  Key (user_id, slug)=(1, a) is duplicated.\n"
    f"STATEMENT:  {MIGRATION};\n"
)
SETUP = (
    "CREATE TABLE goals (id serial PRIMARY KEY, user_id int NOT NULL, slug text, note json,"
    " created_at timestamptz NOT NULL DEFAULT now())",
    "INSERT INTO goals (user_id, slug, created_at) VALUES (1, 'a', '2026-01-01'),"
    " (1, 'a', '2026-01-02'), (2, 'b', '2026-01-01'), (1, 'a', '2026-01-03'), (3, 'c', now())",
    "CREATE TABLE steps (id serial PRIMARY KEY, goal int REFERENCES goals ON DELETE CASCADE, n int)",
    "INSERT INTO steps (goal, n) VALUES (1, 1), (2, 2), (3, 3), (4, 4), (NULL, 5)",
    "CREATE TABLE likes (id serial PRIMARY KEY, goal int REFERENCES goals ON DELETE SET NULL)",
    "INSERT INTO likes (goal) VALUES (1), (2), (5)",
)
PARTITIONED = (
    "CREATE TABLE goals (id serial, user_id int NOT NULL, slug text, note json,"
    " created_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (user_id, id))"
    " PARTITION BY RANGE (user_id)",
    "CREATE TABLE goals_low PARTITION OF goals FOR VALUES FROM (0) TO (2)",
    "CREATE TABLE goals_high PARTITION OF goals FOR VALUES FROM (2) TO (100)",
    SETUP[1],
)
SKIPPING = "CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
FIX = "quarantine-keep-newest"


def everything(dsn: str) -> Counter[str]:
    """Every row of every table in public, partitions' rows under the partition."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        names = connection.execute(
            "SELECT oid::regclass::text FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        ).fetchall()
        return Counter(
            f"{name}: {row[0]}"
            for (name,) in names
            for row in connection.execute(f"SELECT t::text FROM ONLY {name} AS t".encode())
        )


def goals(dsn: str, *, aside: bool) -> Counter[str]:
    """The rows of goals, and with `aside` those that left it."""
    columns = "id, user_id, slug, note::text, created_at"
    query = f"SELECT ROW({columns})::text FROM goals"
    if aside:
        query += f" UNION ALL SELECT ROW({columns})::text FROM fixit_quarantine.public_goals"
    with psycopg.connect(dsn, autocommit=True) as connection:
        return Counter(str(row[0]) for row in connection.execute(query.encode()))


def run(dsn: str, *statements: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


class Desk:
    """An operator with a session, who wants the duplicates set aside."""

    def __init__(self, dsn: str, state: Path) -> None:
        self.dsn = dsn
        wiring = Wiring(state_dir=state, environ={})
        self.session: Session = wiring.open_session(
            dsn, symptom_text=ERROR, playbook_ids=("duplicates-in-the-way",)
        )

        self.fix: Fix | None = None

    def plan(self) -> Plan:
        diagnosis = self.session.diagnose(ignore_event, lambda: False)
        finding = next(f for f in diagnosis.findings if f.cause == "duplicates-block-index")
        self.fix = next(f for f in finding.fixes if f.id == FIX)
        return self.session.plan([Choice(finding.id, FIX)])

    def apply(self, plan: Plan, on_event: object = ignore_event) -> Receipt:
        consent = Consent(plan.hash, plan.target.name)
        return self.session.apply(plan, consent, on_event, lambda: False)  # type: ignore[arg-type]

    def undo(self, receipt: Receipt) -> Receipt:
        return self.apply(self.session.plan_undo(receipt.id))


@pytest.fixture
def desk(database: str, tmp_path: Path) -> Iterator[Desk]:
    run(database, *SETUP)
    made = Desk(database, tmp_path / "state")
    yield made
    made.session.close()


def apply_and_undo(desk: Desk) -> bool:
    """Whether it was applied; every row is somewhere then, and back after the undo."""
    before, rows = everything(desk.dsn), goals(desk.dsn, aside=False)
    effect, receipt = None, None
    try:
        receipt = desk.apply(desk.plan())
    except FixitError as error:
        effect = error.effect
    if receipt is None:
        assert effect in (Effect.ROLLED_BACK, Effect.NOTHING_CHANGED)
        assert everything(desk.dsn) == before
        assert desk.fix is not None
        assert desk.fix.blocked_by, "what cannot be applied was offered"
        return False
    assert receipt.state is PlanState.APPLIED
    assert goals(desk.dsn, aside=True) == rows
    now = everything(desk.dsn)
    for name in ("steps", "likes"):
        kept = [sum(n for row, n in c.items() if row.startswith(name)) for c in (before, now)]
        assert kept[0] == kept[1], f"rows of {name} were lost"
    assert desk.undo(receipt).state is PlanState.APPLIED
    assert everything(desk.dsn) == before
    return True


def test_references_follow_and_come_back(desk: Desk) -> None:
    assert apply_and_undo(desk)


def test_the_migration_goes_through_as_it_is(desk: Desk) -> None:
    receipt = desk.apply(desk.plan())
    checked, diagnosis = desk.session.recheck(receipt, ignore_event, lambda: False)
    assert checked.state is PlanState.VERIFIED, checked.verification
    (finding,) = diagnosis.findings
    assert finding.recommended is not None
    assert (finding.severity, finding.recommended.id) == (Severity.WARNING, "run-again")
    run(desk.dsn, MIGRATION)
    assert desk.session.diagnose(ignore_event, lambda: False).findings == ()


RESTING = {
    "a trigger that skips the delete": ("BEFORE DELETE ON goals",),
    "a trigger that skips the return": ("BEFORE INSERT ON goals",),
    "a trigger that keeps references where they are": ("BEFORE UPDATE ON steps",),
}
MEDDLERS = {
    "a trigger that writes elsewhere": (
        "CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN DELETE FROM likes; RETURN OLD; END'",
        "CREATE TRIGGER t BEFORE DELETE ON goals FOR EACH ROW EXECUTE FUNCTION log()",
    ),
    "a rule that swallows inserts": ("CREATE RULE r AS ON INSERT TO goals DO INSTEAD NOTHING",),
    "a rule that swallows deletes": ("CREATE RULE r AS ON DELETE TO goals DO INSTEAD NOTHING",),
    "a rule that deletes more": (
        "CREATE RULE r AS ON DELETE TO goals DO ALSO DELETE FROM steps WHERE goal = OLD.id + 1",
    ),
    "a rule that keeps references where they are": (
        "CREATE RULE r AS ON UPDATE TO steps DO INSTEAD NOTHING",
    ),
    "a table that inherits": ("CREATE TABLE more () INHERITS (goals)",),
    "a table that inherits the references": (
        "CREATE TABLE more () INHERITS (steps)",
        "INSERT INTO more (id, goal, n) VALUES (1, 1, 1), (2, 4, 7)",
    ),
    "references without a key of their own": (
        "CREATE TABLE loose (goal int REFERENCES goals ON DELETE CASCADE)",
        "INSERT INTO loose VALUES (1), (4)",
    ),
}


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.parametrize("what", sorted(RESTING))
def test_a_trigger_that_skips_rows_rests_meanwhile(desk: Desk, what: str) -> None:
    (when,) = RESTING[what]
    run(desk.dsn, SKIPPING, f"CREATE TRIGGER t {when} FOR EACH ROW EXECUTE FUNCTION skip()")
    assert apply_and_undo(desk)


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.parametrize("what", sorted(MEDDLERS))
def test_what_would_meddle_is_refused(desk: Desk, what: str) -> None:
    run(desk.dsn, *MEDDLERS[what])
    assert not apply_and_undo(desk)


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.parametrize(
    "more",
    [
        (),
        (
            "CREATE TABLE low_steps (user_id int, goal int, FOREIGN KEY (user_id, goal)"
            " REFERENCES goals_low (user_id, id) ON DELETE CASCADE)",
            "INSERT INTO low_steps VALUES (1, 1), (1, 4)",
        ),
        (
            SKIPPING,
            "CREATE TRIGGER t BEFORE INSERT ON goals_low FOR EACH ROW EXECUTE FUNCTION skip()",
        ),
    ],
    ids=["plain", "a reference to a partition", "a trigger on a partition"],
)
def test_partitions(database: str, tmp_path: Path, more: Sequence[str]) -> None:
    run(database, *PARTITIONED, *more)
    desk = Desk(database, tmp_path / "state")
    try:
        assert apply_and_undo(desk) is not bool(more)
    finally:
        desk.session.close()


class Busy:
    """Another session that works on the tables at every event of an apply."""

    def __init__(self, dsn: str, statements: Sequence[str]) -> None:
        self._connection = psycopg.connect(dsn, autocommit=True)
        self._connection.execute("SET lock_timeout = '50ms'")
        self._statements = statements
        self.done = 0

    def __call__(self, _: Event) -> None:
        for statement in self._statements:
            try:
                self._connection.execute(statement.encode())
            except (errors.LockNotAvailable, errors.UniqueViolation, errors.ForeignKeyViolation):
                continue
            self.done += 1

    def close(self) -> None:
        self._connection.close()


def test_rows_written_meanwhile_are_moved_or_stay_but_are_all_there(desk: Desk) -> None:
    plan = desk.plan()
    busy = Busy(
        desk.dsn,
        (
            "INSERT INTO goals (user_id, slug) VALUES (1, 'a'), (3, 'c')",
            "INSERT INTO steps (goal, n) SELECT max(id), 9 FROM goals",
        ),
    )
    run(desk.dsn, "INSERT INTO goals (user_id, slug) VALUES (2, 'b')")
    try:
        receipt = desk.apply(plan, busy)
    finally:
        busy.close()
    assert receipt.state is PlanState.APPLIED
    assert busy.done >= 2, "somebody wrote before the lock"
    with psycopg.connect(desk.dsn) as connection:
        highest = connection.execute("SELECT count(*) FROM goals, nextval('goals_id_seq')")
        assert highest.fetchone() is not None
    together = goals(desk.dsn, aside=True)
    assert sum(together.values()) == 6 + busy.done // 2 * 2
    assert len(together) == sum(together.values())


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE RULE r AS ON INSERT TO goals DO INSTEAD NOTHING",
        "CREATE TABLE other (id int PRIMARY KEY, goal int REFERENCES goals ON DELETE CASCADE)",
        "ALTER TABLE steps DROP CONSTRAINT steps_goal_fkey, ADD CONSTRAINT steps_goal_fkey"
        " FOREIGN KEY (n) REFERENCES goals ON DELETE CASCADE NOT VALID",
        "CREATE POLICY p ON goals; ALTER TABLE goals ENABLE ROW LEVEL SECURITY",
        "ALTER TABLE likes ADD COLUMN more int",
    ],
)
def test_drift_since_the_plan_is_refused(desk: Desk, statement: str) -> None:
    plan = desk.plan()
    run(desk.dsn, *statement.split("; "))
    before = everything(desk.dsn)
    with pytest.raises(FixitError) as caught:
        desk.apply(plan)
    assert caught.value.effect in (Effect.ROLLED_BACK, Effect.NOTHING_CHANGED)
    assert everything(desk.dsn) == before


def test_drift_in_front_of_the_lock_is_seen_under_it(desk: Desk) -> None:
    plan = desk.plan()
    before = everything(desk.dsn)
    told: list[Event] = []

    def meddle(event: Event) -> None:
        if type(event).__name__ == "StatementStarted" and not told:
            told.append(event)
            run(desk.dsn, "CREATE TRIGGER t AFTER INSERT ON goals FOR EACH ROW"
                " EXECUTE FUNCTION suppress_redundant_updates_trigger()")  # fmt: skip

    with pytest.raises(FixitError, match="changed since the plan was made"):
        desk.apply(plan, meddle)
    assert everything(desk.dsn) == before


def test_an_undo_keeps_what_people_did_since(desk: Desk) -> None:
    receipt = desk.apply(desk.plan())
    run(
        desk.dsn,
        "UPDATE steps SET goal = 5 WHERE n = 1",
        "DELETE FROM steps WHERE n = 2",
        "UPDATE goals SET slug = 'new' WHERE id = 4",
        "INSERT INTO goals (user_id, slug) VALUES (9, 'z')",
    )
    desk.undo(receipt)
    with psycopg.connect(desk.dsn) as connection:
        found = connection.execute("SELECT n, goal FROM steps ORDER BY n").fetchall()
        assert found == [(1, 5), (3, 3), (4, 4), (5, None)]
        slugs = connection.execute("SELECT id, slug FROM goals ORDER BY id").fetchall()
    assert slugs == [(1, "a"), (2, "a"), (3, "b"), (4, "new"), (5, "c"), (6, "z")]


def test_an_undo_never_drops_rows_that_did_not_come_back(database: str, tmp_path: Path) -> None:
    run(database, *PARTITIONED)
    desk = Desk(database, tmp_path / "state")
    try:
        receipt = desk.apply(desk.plan())
        run(
            database,
            SKIPPING,
            "CREATE TRIGGER t BEFORE INSERT ON goals_low FOR EACH ROW EXECUTE FUNCTION skip()",
        )
        before = goals(database, aside=True)
        with pytest.raises(FixitError, match="every row came back") as caught:
            desk.undo(receipt)
    finally:
        desk.session.close()
    assert caught.value.effect is Effect.ROLLED_BACK
    assert goals(database, aside=True) == before


def test_an_undo_stops_where_a_row_is_there_again(desk: Desk) -> None:
    receipt = desk.apply(desk.plan())
    run(desk.dsn, "INSERT INTO goals (id, user_id, slug) VALUES (1, 7, 'taken')")
    before = goals(desk.dsn, aside=True)
    with pytest.raises(FixitError) as caught:
        desk.undo(receipt)
    assert caught.value.effect is Effect.ROLLED_BACK
    assert goals(desk.dsn, aside=True) == before
