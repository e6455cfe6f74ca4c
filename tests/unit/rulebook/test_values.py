"""Dated values: the newest row in force counts, and what cannot be right is refused with the reason."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.errors import MissingEvidenceError, RulebookError, RuleGapError
from tarazy.rulebook.values import load_values

ROW = """[[value]]
key = "notice_days"
value = {value}
unit = "{unit}"
from = {begins}
{ends}status = "{status}"
citation = "{citation}"
grade = "{grade}"
"""


def row(
    value: str = "10",
    unit: str = "days",
    begins: str = "2024-01-01",
    ends: str = "",
    status: str = "enacted",
    citation: str = "R25",
    grade: str = "excerpt",
) -> str:
    ends = f"to = {ends}\n" if ends else ""
    return ROW.format(value=value, unit=unit, begins=begins, ends=ends, status=status, citation=citation, grade=grade)


def written(folder: Path, *rows: str) -> Path:
    path = folder / "values.toml"
    path.write_text("\n".join(rows))
    return path


def test_newest_row_that_has_begun_is_in_force(tmp_path: Path) -> None:
    values = load_values(written(tmp_path, row(), row("14", begins="2026-06-01")), "rule")
    assert values.at("notice_days", date(2026, 5, 31)).value == 10
    assert values.at("notice_days", date(2026, 6, 1)).value == 14


def test_day_before_the_first_row_and_after_the_last_is_a_gap(tmp_path: Path) -> None:
    values = load_values(written(tmp_path, row(ends="2025-12-31")), "rule")
    for day in (date(2023, 12, 31), date(2026, 1, 1)):
        with pytest.raises(RuleGapError, match="a row in force"):
            values.at("notice_days", day)


def test_fee_of_the_day_is_the_one_of_the_digest() -> None:
    """Application fee: 70,000 until 30 November 2025, 98,000 from 1 December 2025 (fees rules, Amendments No. 17)."""
    values = find_rule("aifc/application_fee").values
    assert values.at("fee_usd", date(2025, 11, 30)).value == 70_000
    assert values.at("fee_usd", date(2025, 12, 1)).value == 98_000


def test_unset_value_is_asked_for_in_vain() -> None:
    values = find_rule("aifc/capital").values
    with pytest.raises(MissingEvidenceError, match="a person sets it"):
        values.number("capital_min_usd", date(2026, 11, 30))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ((row(), row("14")), "do not overlap"),
        ((row(ends="2026-06-01"), row("14", begins="2026-06-01")), "do not overlap"),
        ((row(unit=" "),), "a threshold without one"),
        ((row(status="law"),), "a status of"),
        ((row(citation="R999"),), "the id of a provision"),
        ((row(grade="guess"),), "a grade of"),
        ((row(grade="sister"),), "a text that was seen"),
        ((row(citation="R76", grade="excerpt"),), "a text that was seen"),
        ((row(begins="2024-01-01", ends="2023-01-01"),), "on or after the day it begins"),
        ((row(value="1.5"),), "value to be"),
        ((row(value="true"),), "value to be"),
        ((row(begins='"soon"'),), "from to be"),
        ((row(status="unset"),), "a value, or the status unset"),
        (("[[value]]\nkey = 'x'\n",), "no unit"),
        (("value = 1\n",), "tables"),
        (("[[value\n",), "expected TOML"),
    ],
)
def test_what_cannot_be_right_is_refused(tmp_path: Path, rows: tuple[str, ...], says: str) -> None:
    with pytest.raises(RulebookError, match=says):
        load_values(written(tmp_path, *rows), "rule")
