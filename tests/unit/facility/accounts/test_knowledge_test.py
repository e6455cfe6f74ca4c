"""The test of knowledge: what is drawn, marked and counted, and what a pass lifts in the record."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tarazy.domain.records import AccountOpened
from tarazy.facility.accounts import question_sets
from tarazy.facility.accounts.clients import find_client
from tarazy.facility.accounts.decisions import confirm_state, decide
from tarazy.facility.accounts.errors import DecisionRefusedError, ListFileError, RegisterInputError
from tarazy.facility.accounts.instructions import outbox
from tarazy.facility.accounts.knowledge_test import (
    AttemptRow,
    answer_attempt,
    attempts_of,
    begin_attempt,
    confirm_exemption,
    paper_of,
    propose_exemption,
)
from tarazy.facility.accounts.question_sets import LANGUAGES, SETS, draw, load_questions, set_of, set_with

from .desk import DANA, ERIK, OLGA, START, Desk
from .test_record import CashDesk

SET = set_of(START.date())


@dataclass
class Taker:
    """A client who takes tests."""

    desk: Desk
    client: int

    def take(self, wrong: int = 0) -> AttemptRow:
        """Take one test with so many wrong answers."""
        row = begin_attempt(self.desk.register, OLGA, self.client)
        answers = [each.right + 1 for each in paper_of(row)]
        for place in range(wrong):
            answers[place] = answers[place] % 3 + 1
        return answer_attempt(self.desk.register, OLGA, row.attempt, answers)


@pytest.fixture
def taker(desk: Desk) -> Taker:
    """Return a client."""
    return Taker(desk, desk.applicant()[0])


def test_a_paper_follows_from_set_and_seed_alone_and_seeds_differ() -> None:
    assert draw(SET, "one") == draw(SET, "one")
    drawn = [tuple(each.question.id for each in draw(SET, str(seed))) for seed in range(400)]
    assert len(set(drawn)) > 300
    # Each of 7 questions is asked in 5 of 7 papers: 286 of 400; five deviations of the binomial are 45.
    assert all(abs(count - 286) < 45 for count in Counter(each for paper in drawn for each in paper).values())
    # The right answer stands at each of three places as often: 2,000 / 3, five deviations are 105.
    places = Counter(each.right for seed in range(400) for each in draw(SET, str(seed)))
    assert all(abs(places[place] - 667) < 105 for place in range(3))


def test_what_a_client_sees_does_not_tell_the_answer_and_has_every_language() -> None:
    for each in draw(SET, "one"):
        assert set(each.plain()) == {"id", "text", "answers"}
        assert all(set(text) == set(LANGUAGES) for text in each.plain()["answers"])
    assert SET.machine_made == ("ru", "kk")


@pytest.mark.parametrize(("wrong", "permille", "passed"), [(0, 1_000, True), (1, 800, True), (2, 600, False)])
def test_mark_of_eight_tenths(taker: Taker, wrong: int, permille: int, passed: bool) -> None:
    row = taker.take(wrong)
    assert (row.permille, row.is_passed, row.sha256) == (permille, passed, SET.sha256)


def test_attempts_wait_a_day_and_are_three_in_ninety_days(taker: Taker) -> None:
    taker.take(wrong=5)
    with pytest.raises(DecisionRefusedError, match="from 2026-12-01 09:00 UTC on"):
        taker.take()
    taker.desk.later(hours=24)
    begin_attempt(taker.desk.register, OLGA, taker.client)  # begun and never answered: it counts
    taker.desk.later(hours=24)
    taker.take(wrong=5)
    taker.desk.later(hours=24)
    with pytest.raises(
        DecisionRefusedError, match=r"from 2027-02-28 09:00 UTC on.*3 attempts"
    ):  # 30 November + 90 days
        taker.take()
    taker.desk.later(days=87)
    assert taker.take().is_passed


def test_answers_that_are_none_and_second_answers_are_refused(taker: Taker) -> None:
    row = begin_attempt(taker.desk.register, OLGA, taker.client)
    for answers in ([], [1] * 4, [1] * 6, [0, 1, 1, 1, 1], [4, 1, 1, 1, 1]):
        with pytest.raises(RegisterInputError, match="5 numbers of answers, from 1 to 3"):
            answer_attempt(taker.desk.register, OLGA, row.attempt, answers)
    answer_attempt(taker.desk.register, OLGA, row.attempt, [1] * 5)
    with pytest.raises(DecisionRefusedError, match="one without answers"):
        answer_attempt(taker.desk.register, OLGA, row.attempt, [2] * 5)
    assert [each.answers for each in attempts_of(taker.desk.register, taker.client)] == ["[1,1,1,1,1]"]


def test_a_set_that_was_changed_under_an_attempt_is_noticed(
    taker: Taker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = begin_attempt(taker.desk.register, OLGA, taker.client)
    folder = tmp_path / "sets"
    shutil.copytree(SETS, folder)
    path = next(folder.glob("*.toml"))
    path.write_text(path.read_text().replace("All of it", "All of  it"))
    with pytest.raises(ListFileError, match=row.sha256):
        set_with(row.sha256, folder)
    path.write_text(path.read_text().replace('right.kk = "Бәрінен"\n', ""))
    with pytest.raises(ListFileError, match="KeyError 'kk'"):
        load_questions(path)
    with pytest.raises(ListFileError, match="has begun by 2020"):
        question_sets.set_of(START.date().replace(year=2020))


def test_a_pass_lifts_the_cap_in_the_record_by_two_officers_and_ends(desk: Desk) -> None:
    desk.lists()
    client = desk.ready()
    confirm_state(desk.register, ERIK, decide(desk.register, DANA, client, "approved", "checked").decision)
    cash = CashDesk(desk)
    opens, states = outbox(desk.register, client)[0].commands
    account = cash.apply(opens).one(AccountOpened).account_id
    cash.apply(states)
    assert cash.deposit(account, 1_500) == 1_000
    with pytest.raises(DecisionRefusedError, match="a passed test that still counts"):
        propose_exemption(desk.register, DANA, client, is_exempt=True, reason="asked for it")
    Taker(desk, client).take()
    proposal = propose_exemption(desk.register, DANA, client, is_exempt=True, reason="passed")
    assert find_client(desk.register, client).exempt == 0
    confirm_exemption(desk.register, ERIK, proposal.decision)
    (lifts,) = outbox(desk.register, client)[1].commands
    cash.apply(lifts)
    assert cash.deposit(account, 2_000) == 2_000
    back = propose_exemption(desk.register, DANA, client, is_exempt=False, reason="wants the cap back")
    confirm_exemption(desk.register, ERIK, back.decision)
    (binds,) = outbox(desk.register, client)[2].commands
    cash.apply(binds)
    assert cash.deposit(account, 10) == 0
    desk.later(days=366)
    with pytest.raises(DecisionRefusedError, match="still counts"):
        propose_exemption(desk.register, DANA, client, is_exempt=True, reason="long ago")
