"""Complaints: COB 15.2's guidance gives 7 days to acknowledge and 60 to answer."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tarazy.facility.accounts.complaints import acknowledge, answer, complaints, new_complaint
from tarazy.facility.accounts.errors import (
    DecisionRefusedError,
    ListFileError,
    ParameterUnsetError,
    RegisterInputError,
)
from tarazy.facility.accounts.parameters import SHIPPED, load_parameters
from tarazy.facility.accounts.workdays import load_calendars, read_year

from .desk import OLGA, START, Desk


def test_clocks_run_from_the_day_on_which_the_complaint_came(desk: Desk) -> None:
    client, _ = desk.applicant()
    row = new_complaint(desk.register, OLGA, client, "a deposit is missing", date(2026, 11, 26))
    # 26 November + 7 days; + 60 days: 4 left in November, 31 in December, 25 in January.
    assert (row.acknowledge_by, row.answer_by) == ("2026-12-03", "2027-01-25")
    assert row.late(date(2026, 12, 3)) == []
    assert row.late(date(2026, 12, 4)) == ["acknowledge"]


def test_a_clock_that_ran_out_stays_late_and_steps_come_once_in_order(desk: Desk) -> None:
    client, _ = desk.applicant()
    row = new_complaint(desk.register, OLGA, client, "a deposit is missing")
    with pytest.raises(DecisionRefusedError, match="an acknowledgement first"):
        answer(desk.register, OLGA, row.complaint, "credited")
    desk.later(days=8)
    row = acknowledge(desk.register, OLGA, row.complaint)
    with pytest.raises(DecisionRefusedError, match="without acknowledged_at"):
        acknowledge(desk.register, OLGA, row.complaint)
    row = answer(desk.register, OLGA, row.complaint, "credited; told of AFSA and the court")
    assert row.late(START.date() + timedelta(days=100)) == ["acknowledge"]
    assert complaints(desk.register, is_open=True) == []


def test_the_most_urgent_comes_first_and_the_future_is_refused(desk: Desk) -> None:
    client, _ = desk.applicant()
    first = new_complaint(desk.register, OLGA, client, "one", date(2026, 11, 1))
    acknowledge(desk.register, OLGA, first.complaint)
    new_complaint(desk.register, OLGA, client, "two")
    assert [row.subject for row in complaints(desk.register, is_open=True)] == ["two", "one"]
    with pytest.raises(RegisterInputError, match="2026-11-30 or earlier"):
        new_complaint(desk.register, OLGA, client, "three", date(2026, 12, 1))


def test_working_days_of_kazakhstan_in_2026() -> None:
    # 246 working days in 2026, as Tengrinews counted them on 11 December 2025 (alau.kz).
    calendar = load_calendars()
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(map(calendar.is_working, days)) == 246
    # Nauryz: after Friday the 20th come Thursday the 26th and Friday the 27th.
    assert calendar.after(date(2026, 3, 20), 2) == date(2026, 3, 27)
    with pytest.raises(ParameterUnsetError, match="one of 2027"):
        calendar.after(date(2026, 12, 31), 1)


def test_deadlines_in_working_days_need_the_calendar_of_the_year(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(SHIPPED.read_text().replace("calendar days", "working days", 1))
    desk.register.parameters = load_parameters(path)
    client, _ = desk.applicant()
    row = new_complaint(desk.register, OLGA, client, "one", date(2026, 11, 30))
    assert row.acknowledge_by == "2026-12-09"  # Tuesday the 1st to Wednesday the 9th


def test_a_calendar_with_days_of_another_year_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kz.toml"
    path.write_text('year = 2027\nstatus = "secondary"\nfree = [2026-01-01]\nwork = []\n')
    with pytest.raises(ListFileError, match="days of 2027"):
        read_year(path)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('status = "excerpt"', 'status = "sure"', "parameter 1: expected a status of"),
        ('unit = "USD a calendar month"\n', "", "parameter 1: expected the fields"),
        ('key = "papers.company"', 'key = "papers.person"', "one row for a key"),
        ("value = 1000\n", "value = 10.5\n", "another kind of value for value"),
        ("[[parameter]]", "[[parameters]]", "tables alone"),
    ],
)  # fmt: skip
def test_parameters_that_cannot_be_read_name_the_row(tmp_path: Path, before: str, after: str, words: str) -> None:
    path = tmp_path / "own.toml"
    path.write_text(SHIPPED.read_text().replace(before, after, 1))
    with pytest.raises(ListFileError, match=words):
        load_parameters(path)


def test_a_parameter_changes_on_its_day_and_not_before(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    later = '[[parameter]]\nkey = "complaint.answer_days"\nvalue = 30\nunit = "calendar days"\nfrom = 2027-01-01\n'
    path.write_text(SHIPPED.read_text() + f'\n{later}status = "house"\nsource = "a test"\n')
    found = load_parameters(path)
    assert [found.number("complaint.answer_days", date(y, m, d)) for y, m, d in ((2026, 12, 31), (2027, 1, 1))] == [
        60,
        30,
    ]
    with pytest.raises(ParameterUnsetError, match="no row that has begun"):
        found.number("complaint.answer_days", date(2023, 12, 31))
