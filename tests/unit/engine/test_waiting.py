"""Who holds a statement up is asked while it waits, and seldom while it merely takes long."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest

from fixit_tui.engine import waiting
from fixit_tui.engine.waiting import BlockerWatch
from fixit_tui.model.events import Event, HeldUp


class Answers:
    """Says these lines one after the other, then the last one for ever."""

    def __init__(self, *answers: tuple[str, ...]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def blockers(self) -> tuple[str, ...]:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "PATIENCE", 0.01)


def watched(answers: Answers, seconds: float) -> tuple[BlockerWatch, list[Event]]:
    told: list[Event] = []
    with BlockerWatch(cast(Any, answers), told.append) as watch:
        time.sleep(seconds)
    return watch, told


def test_each_new_answer_is_told_once_and_the_last_holder_is_remembered() -> None:
    watch, told = watched(Answers(("a",), ("a",), ("b",), ()), 1.0)
    assert told == [HeldUp(("a",)), HeldUp(("b",)), HeldUp(())]
    assert watch.blockers == ("b",)


def test_who_is_not_held_up_is_asked_after_seldom() -> None:
    slow = Answers(())
    watched(slow, 1.5)
    held = Answers(("a",))
    watched(held, 1.5)
    assert 2 <= slow.asked <= 25
    assert held.asked > slow.asked


def test_what_is_over_soon_is_not_asked_about() -> None:
    answers = Answers(("a",))
    watched(answers, 0)
    assert answers.asked == 0


def test_every_look_insists() -> None:
    looks: list[int] = []
    with BlockerWatch(cast(Any, Answers(())), lambda _: None, lambda: looks.append(1)):
        time.sleep(0.5)
    assert len(looks) > 2
