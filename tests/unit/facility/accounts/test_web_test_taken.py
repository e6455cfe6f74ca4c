"""A test of the pages in the register: whose it is, that it is marked again, and that decisions rest on it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.facility.accounts.errors import DecisionRefusedError, RegisterInputError
from tarazy.facility.accounts.front_desk import TEST, FrontDesk
from tarazy.facility.accounts.knowledge_test import attempts_of, propose_exemption, valid_pass
from tarazy.facility.accounts.web_test import answer_test, begin_test, paper
from tarazy.facility.accounts.web_test_taken import take_web_test

from .desk import DANA, OLGA, START, Desk


@pytest.fixture
def front(tmp_path: Path) -> Iterator[FrontDesk]:
    """Return the desk of the pages, on the day of the register."""
    opened = FrontDesk(tmp_path / "pages", clock=START.timestamp)
    yield opened
    opened.close()


def answered(front: FrontDesk, wrong: int = 0) -> int:
    """Answer a test at the pages; return its number."""
    row = begin_test(front, "aigul", 7)
    answers = [each.right + 1 for each in paper(row)]
    for place in range(wrong):
        answers[place] = answers[place] % 3 + 1
    answer_test(front, "aigul", answers)
    return row.number


def test_pass_of_the_pages_lets_officers_lift_the_cap(desk: Desk, front: FrontDesk) -> None:
    client = desk.applicant()[0]
    with pytest.raises(DecisionRefusedError):
        propose_exemption(desk.register, DANA, client, is_exempt=True, reason="passed at the pages")
    row = take_web_test(desk.register, front, OLGA, client, answered(front))
    assert (row.client, row.permille, row.is_passed) == (client, 1_000, True)
    assert valid_pass(desk.register, client) == row
    assert propose_exemption(desk.register, DANA, client, is_exempt=True, reason="passed at the pages").value == "1"
    assert front.all(TEST)[0].taken_by == f"officer {OLGA.officer_id}"


def test_test_is_taken_once_and_is_one_client_s(desk: Desk, front: FrontDesk) -> None:
    first, second = desk.applicant()[0], desk.applicant()[0]
    number = answered(front)
    row = take_web_test(desk.register, front, OLGA, first, number)
    assert take_web_test(desk.register, front, OLGA, first, number) == row
    assert len(attempts_of(desk.register, first)) == 1
    with pytest.raises(DecisionRefusedError):
        take_web_test(desk.register, front, OLGA, second, number)


def test_mark_in_the_pages_table_is_worth_nothing(desk: Desk, front: FrontDesk) -> None:
    client, number = desk.applicant()[0], answered(front, wrong=4)
    handed_in = front.all(TEST)[0]
    text = json.dumps({**handed_in.body, "permille": 1_000})
    front._connection.execute("UPDATE handed_in SET body = ? WHERE number = ?", (text, number))
    assert front.all(TEST)[0].body["permille"] == 1_000
    row = take_web_test(desk.register, front, OLGA, client, number)
    assert not row.is_passed
    assert valid_pass(desk.register, client) is None


def test_test_without_answers_and_one_that_is_not_there_are_refused(desk: Desk, front: FrontDesk) -> None:
    client, begun = desk.applicant()[0], begin_test(front, "aigul", 7)
    with pytest.raises(DecisionRefusedError):
        take_web_test(desk.register, front, OLGA, client, begun.number)
    with pytest.raises(RegisterInputError):
        take_web_test(desk.register, front, OLGA, client, 99)
