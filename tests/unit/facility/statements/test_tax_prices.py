"""Official prices for tax: the day's own, and on a free day the one of the working day before.

The rule is the Finance Minister's order of 25 September 2025 as an excerpt has it. 31 December 2023 was a Sunday; the
calendars here are made for the test.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tarazy.facility.accounts.errors import ListFileError
from tarazy.facility.accounts.workdays import WorkCalendar, YearCalendar
from tarazy.facility.statements.tax_prices import TaxPrices

CALENDAR = WorkCalendar([YearCalendar(2023, frozenset({date(2023, 12, 28)}), frozenset())])
ROWS = """
source = "made up for a test"
[[price]]
asset = "BTC"
day = 2023-12-29
tenge = "19000000.5"
[[price]]
asset = "BTC"
day = 2023-12-27
tenge = "18000000"
"""


def written(folder: Path, text: str) -> Path:
    """Write a file of prices."""
    path = folder / "prices.toml"
    path.write_text(text)
    return path


def test_free_day_has_the_price_of_the_working_day_before(tmp_path: Path) -> None:
    prices = TaxPrices(written(tmp_path, ROWS))
    sunday = prices.at("BTC", date(2023, 12, 31), CALENDAR)
    assert sunday is not None
    assert (sunday.day, sunday.tenge) == (date(2023, 12, 29), Decimal("19000000.5"))
    holiday = prices.at("BTC", date(2023, 12, 28), CALENDAR)
    assert holiday is not None
    assert holiday.day == date(2023, 12, 27)


def test_working_day_without_a_row_has_no_price(tmp_path: Path) -> None:
    prices = TaxPrices(written(tmp_path, ROWS))
    assert prices.at("BTC", date(2023, 12, 26), CALENDAR) is None
    assert prices.at("ETH", date(2023, 12, 29), CALENDAR) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "source = 1\nprice = 3",
        ROWS.replace('"18000000"', "18000000"),
        ROWS.replace('"18000000"', '"1e7"'),
        ROWS.replace('"18000000"', '"-1"'),
        ROWS.replace("2023-12-27", "2023-12-29"),
        ROWS.replace("2023-12-27", "2023-12-27T00:00:00"),
        ROWS.replace("2023-12-27", '"yesterday"'),
    ],
)
def test_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ListFileError):
        TaxPrices(written(tmp_path, text))


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ListFileError):
        TaxPrices(tmp_path / "none.toml")
