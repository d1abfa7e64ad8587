"""The judgement over every world that two witnesses can come from: it is the truth, or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixit_tui.engine.aftermath import Credit, credit, judge, objects_say, observed
from fixit_tui.model.aftermath import Objects, ServerIdentity, XactReport, XactStatus
from fixit_tui.model.outcome import Receipt
from fixit_tui.model.plan import ObjectState, PlanState

THEN = ServerIdentity("7001/00000001", "start/1")


class Server(Enum):
    """Who answers, seen from the change."""

    SAME = THEN
    CRASHED = ServerIdentity("7001/00000001", "start/2")
    PROMOTED = ServerIdentity("7001/00000002", "start/3")
    NAMELESS = ServerIdentity("", "start/4")
    OTHER = ServerIdentity("7002/00000001", "start/5")


class Since(Enum):
    """What others did to the touched objects."""

    NOTHING = auto()
    SOMETHING_ELSE = auto()
    TOOK_IT_BACK = auto()
    MADE_THE_SAME = auto()


@dataclass(frozen=True, slots=True)
class World:
    """`there`: the change is in the database that answers. `drops`: it leaves no mark."""

    there: bool
    server: Server
    number: XactStatus
    since: Since
    rows_only: bool
    drops: bool
    kept: bool

    @property
    def objects(self) -> Objects:
        if self.rows_only:
            return Objects.SILENT
        if self.since is Since.SOMETHING_ELSE:
            return Objects.OTHERWISE
        if self.since is Since.MADE_THE_SAME:
            return Objects.AFTER
        if not self.there or self.since is Since.TOOK_IT_BACK:
            return Objects.BEFORE
        return Objects.AFTER if self.drops else Objects.MARKED


def worlds() -> Iterator[World]:
    flags = (False, True)
    for values in product(flags, Server, XactStatus, Since, flags, flags, flags):
        world = World(*values)
        if _possible(world):
            yield world


def _possible(world: World) -> bool:
    if world.there and world.since is Since.MADE_THE_SAME:
        return False
    if world.number in (XactStatus.IN_PROGRESS, XactStatus.UNKNOWN):
        return True
    if world.server is Server.OTHER:
        return True
    if world.there:
        return world.number is XactStatus.COMMITTED
    # Lost: while the server runs, or where the number was kept, nobody else gets it.
    safe = world.server is Server.SAME or (world.kept and world.server is Server.CRASHED)
    return world.number is not XactStatus.COMMITTED if safe else True


def receipt(**changes: object) -> Receipt:
    plain: dict[str, object] = {
        "id": "r", "plan_hash": "", "title": "", "target_name": "", "database": "app",
        "host": "h", "port": 1, "role": "", "actor": "", "state": PlanState.IN_DOUBT,
        "started_at": "", "finished_at": "", "xid": "800", "statements": (), "undo": (),
        "server_id": THEN.line, "server_run": THEN.run,
    }  # fmt: skip
    return Receipt(**(plain | changes))  # type: ignore[arg-type]


def test_no_world_is_told_wrongly() -> None:
    told = 0
    for world in worlds():
        report = XactReport(world.number, world.server.value, 0)
        verdict = judge(receipt(xid_kept=world.kept), report, world.objects)
        truth = PlanState.APPLIED if world.there else PlanState.ROLLED_BACK
        assert verdict.state in (None, truth), (world, verdict)
        assert verdict.why
        told += verdict.state is not None
    assert told > 100


@pytest.mark.parametrize("rows_only", [False, True])
@pytest.mark.parametrize("there", [False, True])
def test_while_the_server_runs_nothing_stays_open(there: bool, rows_only: bool) -> None:
    number = XactStatus.COMMITTED if there else XactStatus.ABORTED
    world = World(there, Server.SAME, number, Since.NOTHING, rows_only, False, False)
    verdict = judge(receipt(), XactReport(number, THEN, 0), world.objects)
    assert verdict.state is (PlanState.APPLIED if there else PlanState.ROLLED_BACK)


@pytest.mark.parametrize("objects", list(Objects))
def test_replicas_namesakes_and_other_servers_settle_nothing(objects: Objects) -> None:
    for status in XactStatus:
        for report in (
            XactReport(status, THEN, 5, replica=True),
            XactReport(status, THEN, 6),
            XactReport(status, Server.OTHER.value, 5),
        ):
            assert judge(receipt(database_oid=5), report, objects).state is None


def test_credit_needs_what_both_sides_tell() -> None:
    nobody = ServerIdentity()
    assert credit(nobody, nobody) is Credit.NAMELESS
    assert credit(THEN, nobody) is credit(nobody, THEN) is Credit.NAMELESS
    assert credit(ServerIdentity(run="a"), ServerIdentity("7001/1", "a")) is Credit.SAME_RUN


DIGESTS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("123"), max_size=3)


@given(DIGESTS, DIGESTS, DIGESTS)
def test_objects_speak_only_where_the_change_made_a_difference(
    before: dict[str, str], after: dict[str, str], now: dict[str, str]
) -> None:
    def states(digests: dict[str, str]) -> tuple[ObjectState, ...]:
        return tuple(ObjectState(*item) for item in digests.items())

    said = objects_say(receipt(before=states(before), after=states(after)), now)
    changed = {i for i in before if i in after and before[i] != after[i]}
    assert (said is Objects.SILENT) == (not changed)
    if said.done is not None:
        wanted = after if said.done else before
        assert all(now.get(i) == wanted[i] for i in changed)


def test_the_first_who_came_later_knows_what_was_left() -> None:
    def seen(digest: str, **more: object) -> Receipt:
        return receipt(id=digest, before=(ObjectState("a", digest),), **more)

    first = receipt(id="first", before=(ObjectState("a", "0"),))
    later = (seen("elsewhere", database="other"), seen("1"), seen("2"))
    assert observed(first, (seen("earlier"), first, *later), {"a": "now"}) == {"a": "1"}
    assert observed(first, (first,), {"a": "now"}) == {"a": "now"}
    strangers = seen("3", server_id="7002/00000001")
    assert observed(first, (first, strangers), {"a": "now"}) == {"a": "now"}
    nameless = seen("4", server_id="", host="another")
    assert observed(first, (first, nameless), {"a": "now"}) == {"a": "now"}
