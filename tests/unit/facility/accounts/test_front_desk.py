"""What people hand in: complaints with their clocks, the test with its turns, sign-ups, and that each is taken once."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.front_desk import COMPLAINT, SIGN_UP, TEST, FrontDesk
from tarazy.facility.accounts.web_test import answer_test, begin_test, paper, turn_of

HOUR_S, DAY_S = 3_600, 86_400


@dataclass
class DeskClock:
    """A clock that tests move, from 2026-11-30 12:00 UTC."""

    now_s: float = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> DeskClock:
    """Return the clock."""
    return DeskClock()


@pytest.fixture
def front(tmp_path: Path, clock: DeskClock) -> Iterator[FrontDesk]:
    """Return a desk."""
    opened = FrontDesk(tmp_path, clock=clock)
    yield opened
    opened.close()


def test_a_complaint_has_seven_and_sixty_days_from_the_day_it_came(front: FrontDesk) -> None:
    """AIFC COB 15.2 as guidance has it: 7 and 60 calendar days; 30 November plus 7 and plus 60."""
    row = front.complain("aigul", 7, "A fill came late.")
    assert (row.acknowledge_by, row.answer_by) == ("2026-12-07", "2027-01-29")
    assert front.of("aigul", COMPLAINT) == [row]
    assert front.of("berik", COMPLAINT) == []


def test_what_is_taken_is_taken_once_and_by_whom(front: FrontDesk) -> None:
    row = front.complain("aigul", 7, "A fill came late.")
    assert front.take(row.number, "officer 3").taken_by == "officer 3"
    assert front.all(COMPLAINT, is_open=True) == []
    with pytest.raises(RegisterInputError, match="something that waits"):
        front.take(row.number, "officer 4")


@pytest.mark.parametrize("text", ["", "   ", "x" * 4_001])
def test_a_complaint_without_words_or_without_end_is_refused(front: FrontDesk, text: str) -> None:
    with pytest.raises(RegisterInputError, match="1 to 4000 characters"):
        front.complain("aigul", 7, text)


def test_one_person_does_not_fill_the_desk(front: FrontDesk) -> None:
    for _ in range(20):
        front.complain("aigul", 7, "again")
    with pytest.raises(DecisionRefusedError, match="at most 20"):
        front.complain("aigul", 7, "again")
    front.complain("berik", 8, "another")


def test_a_sign_up_waits_until_it_is_taken(front: FrontDesk) -> None:
    row = front.sign_up("Aigul", "aigul@example.org", "")
    assert [each.number for each in front.all(SIGN_UP, is_open=True)] == [row.number]


def test_all_right_answers_pass_and_a_second_attempt_waits_a_day(front: FrontDesk, clock: DeskClock) -> None:
    row = begin_test(front, "aigul", 7)
    assert begin_test(front, "aigul", 7) == row  # the one that was begun goes on
    result = answer_test(front, "aigul", [each.right + 1 for each in paper(row)])
    assert (result["permille"], result["mark"]) == (1_000, 800)
    with pytest.raises(DecisionRefusedError, match="2026-12-01 12:00"):
        begin_test(front, "aigul", 7)
    clock.now_s += DAY_S
    assert begin_test(front, "aigul", 7).number != row.number


def test_wrong_answers_do_not_pass_and_three_attempts_in_ninety_days_are_all(
    front: FrontDesk, clock: DeskClock
) -> None:
    for _ in range(3):
        row = begin_test(front, "aigul", 7)
        wrong = [each.right % len(each.answers) + 2 if each.right + 1 < len(each.answers) else 1 for each in paper(row)]
        assert answer_test(front, "aigul", wrong)["permille"] == 0
        clock.now_s += DAY_S
    with pytest.raises(DecisionRefusedError, match="2027-02-28"):
        begin_test(front, "aigul", 7)
    assert turn_of(front, "berik").next_at is None


def test_an_attempt_that_was_begun_counts_and_is_marked_once(front: FrontDesk) -> None:
    row = begin_test(front, "aigul", 7)
    answers = [1] * len(paper(row))
    with pytest.raises(RegisterInputError, match="answers"):
        answer_test(front, "aigul", answers[:-1])
    answer_test(front, "aigul", answers)
    with pytest.raises(DecisionRefusedError, match="under way"):
        answer_test(front, "aigul", answers)
    assert len(front.of("aigul", TEST)) == 1


def test_pages_that_begin_the_test_at_once_begin_one_attempt(front: FrontDesk) -> None:
    """Pages are made in threads; each paper that is drawn must be an attempt that was waited for."""
    with ThreadPoolExecutor(16) as pool:
        begun = list(pool.map(lambda _: begin_test(front, "aigul", 7).number, range(64)))
    assert len(set(begun)) == 1
    assert len(front.of("aigul", TEST)) == 1


def test_answers_that_are_sent_at_once_are_marked_once(front: FrontDesk) -> None:
    row = begin_test(front, "aigul", 7)
    sets = [[n % len(each.answers) + 1 for each in paper(row)] for n in range(32)]

    def sent(answers: list[int]) -> int | None:
        try:
            return int(answer_test(front, "aigul", answers)["right"])
        except DecisionRefusedError:
            return None

    with ThreadPoolExecutor(16) as pool:
        told = [right for right in pool.map(sent, sets) if right is not None]
    kept = front.of("aigul", TEST)[0].body
    assert told == [kept["right"]]
    assert not front.end_test(row.number, {**kept, "permille": 1_000})  # one that was marked from the same look
    assert front.of("aigul", TEST)[0].body == kept
