"""Right values come from the criteria's own numbers and arithmetic by hand: 365 days, 0.2 % of turnover ..."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tarazy.oversight.listing.report import backtest_report

from .markets import Surveys

Report = dict[str, Any]
# 110,000,000 x 10 = 1,100,000,000 is large enough to enter, x 2.27 = 249,700,000 too small to stay, a fall of 77.3 %.
SUPPLY, LARGE, SMALL = 110_000_000.0, 10.0, 2.27


def entry(report: Report, symbol: str) -> dict[str, Any]:
    """Return the one stay of an asset."""
    (found,) = [each for each in report["entries"] if each["asset"] == symbol]
    return found


def refusal(report: Report, symbol: str) -> list[str]:
    """Return the criteria that stood against an asset at the last meeting that looked at it."""
    assert symbol not in {each["asset"] for each in report["entries"]}
    (found,) = [each for each in report["refused"] if each["asset"] == symbol]
    return [each["criterion"] for each in found["evidence"]]


def test_an_asset_enters_at_the_first_meeting_after_a_year_of_record(tmp_path: Path) -> None:
    report = backtest_report(Surveys("2020-01").add("AAA", "A", [10.0] * 24).write(tmp_path))
    # 2020 is a leap year: on 2021-01-01 the record is 366 days long, on 2020-10-01 it was 274.
    assert entry(report, "AAA")["listed_on"] == "2021-01-01"
    assert entry(report, "AAA")["removed_on"] is None


def test_a_record_of_364_days_is_too_short_and_of_365_is_not(tmp_path: Path) -> None:
    # From 2021-01-01 to 2022-01-01 are 365 days; from 2021-01-02 it would be 364.
    folder = Surveys("2021-01").add("AAA", "A", [10.0] * 24).write(tmp_path)
    assert entry(backtest_report(folder), "AAA")["listed_on"] == "2022-01-01"
    path = folder / "cmc_monthly_test.csv"
    path.write_text(path.read_text().replace("2021-01-01,1,1,AAA", "2021-01-02,1,1,AAA"))
    assert entry(backtest_report(folder), "AAA")["listed_on"] == "2022-04-01"


def test_a_value_that_nobody_trades_is_refused_by_its_turnover(tmp_path: Path) -> None:
    # 5,000,000,000 x 0.2 % = 10,000,000: one dollar less a day is too little, and the volume is too.
    surveys = (
        Surveys().add("EXACT", "E", [10.0] * 24, volume=10_000_000).add("FAKE", "F", [10.0] * 24, volume=9_999_999)
    )
    report = backtest_report(surveys.write(tmp_path))
    assert entry(report, "EXACT")["listed_on"] == "2021-01-01"
    assert refusal(report, "FAKE") == ["liquidity.volume", "liquidity.turnover"]


def test_a_made_up_asset_of_one_survey_is_refused_and_not_known_to_be_traded(tmp_path: Path) -> None:
    once = [None] * 3 + [3.05] + [None] * 20
    report = backtest_report(Surveys().add("TAG", "T", once, cap=1_176_880_083, volume=15_248).write(tmp_path))
    assert refusal(report, "TAG") == [
        "record.age",
        "liquidity.volume",
        "liquidity.turnover",
        "liquidity.turnover_most",
        "supply.growth",
    ]


def test_an_asset_that_the_next_survey_leaves_out_goes_at_once(tmp_path: Path) -> None:
    prices = [80.0] * 16 + [None] * 8
    found = entry(backtest_report(Surveys().add("GONE", "Gone", prices).write(tmp_path)), "GONE")
    assert (found["removed_on"], found["how"]) == ("2021-05-01", "suspended")
    assert found["evidence"][0]["criterion"] == "record.surveyed"


def test_a_symbol_that_comes_back_with_another_price_is_another_asset(tmp_path: Path) -> None:
    prices = [80.0] * 16 + [None] * 4 + [2.5] * 4  # 80 to 2.5 is 32 times
    report = backtest_report(Surveys().add("BACK", "Back", prices).write(tmp_path))
    assert entry(report, "BACK")["removed_on"] == "2021-05-01"
    (again,) = [each for each in report["refused"] if each["identity"] == "BACK (2)"]
    assert again["evidence"][0]["criterion"] == "record.age"


@pytest.mark.parametrize(("low", "how"), [(19.9, "suspended"), (20.0, "listed")])
def test_a_fall_of_more_than_four_fifths_within_a_month_takes_it_off(tmp_path: Path, low: float, how: str) -> None:
    prices: list[float | None] = [100.0] * 15 + [low] * 9
    found = entry(backtest_report(Surveys().add("FALL", "Fall", prices, supply=50_000_000.0).write(tmp_path)), "FALL")
    assert (found["listed_on"], found["how"]) == ("2021-01-01", how)
    assert found["removed_on"] == ("2021-04-01" if how == "suspended" else None)


def test_a_thousand_new_units_for_an_old_one_are_no_fall(tmp_path: Path) -> None:
    prices: list[float | None] = [100.0] * 15 + [0.1] * 9  # the value stays: nobody is poorer
    found = entry(backtest_report(Surveys().add("SPLIT", "S", prices).write(tmp_path)), "SPLIT")
    assert found["how"] == "listed"


def test_a_review_runs_thirty_days_and_closes_where_the_breach_is_healed(tmp_path: Path) -> None:
    surveys = Surveys()
    for symbol, months_small in (("HEALED", (14,)), ("WORSE", (14, 15))):
        surveys.add(symbol, symbol, [SMALL if n in months_small else LARGE for n in range(24)], supply=SUPPLY)
    report = backtest_report(surveys.write(tmp_path))
    (review,) = entry(report, "HEALED")["reviews"]
    # March has 31 days: the deadline of 2021-03-31 comes before the survey of April that would have healed it.
    assert entry(report, "HEALED")["removed_on"] == "2021-03-31"
    assert (review["opened_on"], review["until"], review["closed_on"]) == ("2021-03-01", "2021-03-31", None)
    assert entry(report, "WORSE")["removed_on"] == "2021-03-31"


def test_a_breach_of_a_short_month_is_healed_by_the_next_survey(tmp_path: Path) -> None:
    prices: list[float | None] = [SMALL if number == 13 else LARGE for number in range(24)]  # 13: February, 28 days
    surveys = Surveys().add("HEALED", "H", prices, supply=SUPPLY)
    found = entry(backtest_report(surveys.write(tmp_path)), "HEALED")
    assert (found["removed_on"], found["reviews"][0]["closed_on"]) == (None, "2021-03-01")


def test_what_left_may_not_enter_again_within_a_year(tmp_path: Path) -> None:
    prices: list[float | None] = [SMALL if number in (13, 14, 15) else LARGE for number in range(40)]
    surveys = Surveys(count=40).add("AWAY", "A", prices, supply=SUPPLY)
    report = backtest_report(surveys.write(tmp_path))
    first, second = [each for each in report["entries"] if each["asset"] == "AWAY"]
    # Off on 2021-03-03, thirty days after 2021-02-01; the first meeting a year later is 2022-04-01.
    assert (first["removed_on"], second["listed_on"]) == ("2021-03-03", "2022-04-01")


def test_a_stablecoin_is_known_by_its_price_and_stays_one_after_its_peg_breaks(tmp_path: Path) -> None:
    prices: list[float | None] = [1.001, 0.999] * 9 + [0.3] * 6
    report = backtest_report(Surveys().add("PEG", "Peg", prices, cap=9_000_000_000).write(tmp_path))
    assert "class.fixed_value" in refusal(report, "PEG")


def test_a_wrapped_asset_is_known_by_the_larger_one_s_price(tmp_path: Path) -> None:
    report = backtest_report(Surveys().add("WGIANT", "Wrapped", [50_100.0] * 24).write(tmp_path))
    assert refusal(report, "WGIANT") == ["class.wrapped"]


def test_two_sources_whose_values_are_over_ten_times_apart_prove_neither(tmp_path: Path) -> None:
    surveys = Surveys().add("UNIT", "Unit", [10.0] * 24)
    folder = surveys.write(tmp_path)
    series = [f"{day},unit,10,{5_000_000_000 // 11},1,,0" for day in surveys.days]
    (folder / "cm_daily.csv").write_text(
        "date,asset,PriceUSD,CapMrktCurUSD,SplyCur,SplyFF,IssContPctAnn\n" + "\n".join(series)
    )
    assert refusal(backtest_report(folder), "UNIT") == ["record.agreement"]


def test_without_volume_nothing_is_listed_since_unknown_is_never_met(tmp_path: Path) -> None:
    series = [f"2018-{m:02}-{d:02},aaa,10,{10**10},{10**9},,0" for m in range(1, 13) for d in range(1, 29)]
    series += [f"2019-{m:02}-{d:02},aaa,10,{10**10},{10**9},,0" for m in range(1, 7) for d in range(1, 29)]
    (tmp_path / "cm_daily.csv").write_text(
        "date,asset,PriceUSD,CapMrktCurUSD,SplyCur,SplyFF,IssContPctAnn\n" + "\n".join(series)
    )
    assert refusal(backtest_report(tmp_path), "AAA") == [
        "liquidity.volume",
        "liquidity.turnover",
        "liquidity.turnover_most",
        "supply.growth",
    ]


def test_the_price_of_a_derivative_is_kept_out(tmp_path: Path) -> None:
    folder = Surveys().add("AAA", "A", [10.0] * 24).write(tmp_path)
    (folder / "px_daily.csv").write_text("date,symbol,source,close\n2021-05-02,AAA,bybit_linear,0.01\n")
    report = backtest_report(folder)
    assert entry(report, "AAA")["how"] == "listed"
    assert report["kept_out"] == {"price of a derivative": 1}


def test_the_answer_does_not_hang_on_the_names(tmp_path: Path) -> None:
    prices = [80.0] * 16 + [None] * 8
    first = backtest_report(Surveys().add("LUNA", "Terra", prices).write(tmp_path / "a"))
    other = backtest_report(Surveys().add("QQQQ", "Other", prices).write(tmp_path / "b"))
    dates = [[(e["listed_on"], e["removed_on"], e["reasons"]) for e in each["entries"]] for each in (first, other)]
    assert dates[0] == dates[1]


def test_nothing_that_comes_later_changes_what_was_decided(tmp_path: Path) -> None:
    prices: list[float | None] = [80.0] * 16 + [None] * 4 + [2.5] * 4
    whole = Surveys().add("BACK", "Back", prices)
    cut = Surveys(count=18).add("BACK", "Back", prices[:18])
    reports = [backtest_report(each.write(tmp_path / name)) for name, each in (("whole", whole), ("cut", cut))]
    until = [[e for e in each["entries"] if e["listed_on"] <= "2021-04-01"] for each in reports]
    assert until[0] == until[1]


def test_a_change_of_symbol_that_somebody_vouches_for_keeps_the_record(tmp_path: Path) -> None:
    first: list[float | None] = [10.0] * 16 + [None] * 8
    later: list[float | None] = [None] * 16 + [0.01] * 8  # a thousand new units for an old one
    folder = Surveys().add("OLD", "Old", first).add("NEW", "New", later).write(tmp_path)
    renames = tmp_path / "renames.toml"
    renames.write_text('[[rename]]\nsymbol = "OLD"\nbecomes = "NEW"\non = 2021-05-01\nsource = "the issuer"\n')
    without, vouched = backtest_report(folder), backtest_report(folder, renames_file=renames)
    assert entry(without, "OLD")["removed_on"] == "2021-05-01"
    assert "record.age" in refusal(without, "NEW")
    assert (entry(vouched, "NEW")["listed_on"], entry(vouched, "NEW")["removed_on"]) == ("2021-01-01", None)


def test_who_bears_the_old_symbol_later_is_another_asset(tmp_path: Path) -> None:
    first: list[float | None] = [10.0] * 24
    later: list[float | None] = [None] * 16 + [10.0] * 8
    folder = Surveys().add("OLD", "Old", first).add("NEW", "New", later).write(tmp_path)
    renames = tmp_path / "renames.toml"
    renames.write_text('[[rename]]\nsymbol = "OLD"\nbecomes = "NEW"\non = 2021-05-01\nsource = "the issuer"\n')
    report = backtest_report(folder, renames_file=renames)
    assert entry(report, "NEW")["removed_on"] is None
    assert "record.age" in refusal(report, "OLD")


@pytest.mark.parametrize(("months_away", "listed_on"), [(0, "2021-01-01"), (1, "2021-01-01"), (2, "2022-01-01")])
def test_a_value_of_long_ago_and_some_of_late_are_no_record_of_a_year(
    tmp_path: Path, months_away: int, listed_on: str
) -> None:
    """May and June 2020 have 61 days between the surveys around one that is missed, and 92 around two that are."""
    prices: list[float | None] = [10.0] * 30
    prices[5 : 5 + months_away] = [None] * months_away
    report = backtest_report(Surveys("2020-01", 30).add("GAP", "G", prices).write(tmp_path))
    entries = [each for each in report["entries"] if each["asset"] == "GAP"]
    assert entries[0]["listed_on"] == (listed_on if months_away < 2 else "2021-10-01")


def doubled(folder: Path, symbol: str, months: str, times: float) -> Path:
    """Give an asset a second row, with so many times the volume, in the surveys of some months."""
    path = folder / "cmc_monthly_test.csv"
    rows = []
    for row in path.read_text().splitlines():
        rows.append(row)
        if f",{symbol}," in row and row.startswith(months):
            *others, volume = row.split(",")
            rows.append(",".join((*others, str(int(int(volume) * times)))))
    path.write_text("\n".join(rows) + "\n")
    return folder


@pytest.mark.parametrize(
    ("times", "against"),
    [(1, []), (1.05, []), (100, ["record.agreement", "liquidity.volume", "liquidity.turnover"])],
)
def test_a_row_that_comes_twice_is_one_and_two_that_differ_prove_the_lower(
    tmp_path: Path, times: float, against: list[str]
) -> None:
    """A volume of 1,000,000 is a tenth of what is asked; the second row says 100,000,000."""
    volume = 1_000_000 if against else 100_000_000
    folder = Surveys().add("AAA", "A", [10.0] * 24, volume=volume).write(tmp_path)
    report = backtest_report(doubled(folder, "AAA", "202", times))
    if against:
        assert refusal(report, "AAA") == against
    else:
        assert entry(report, "AAA")["listed_on"] == "2021-01-01"


def test_doubled_rows_in_earlier_surveys_alone_do_not_lift_the_median(tmp_path: Path) -> None:
    folder = Surveys().add("AAA", "A", [10.0] * 24, volume=1_000_000).write(tmp_path)
    for month in ("2020-11", "2020-12", "2021-02", "2021-03"):
        doubled(folder, "AAA", month, 1_000)
    assert "liquidity.volume" in refusal(backtest_report(folder), "AAA")


@pytest.mark.parametrize(("volume", "is_listed"), [(15_000_000_000, True), (15_000_005_000, False)])
def test_a_volume_in_another_unit_is_a_multiple_of_the_value(tmp_path: Path, volume: int, is_listed: bool) -> None:
    """Three times 5,000,000,000 a day is the most; one ppm more is not."""
    report = backtest_report(Surveys().add("AAA", "A", [10.0] * 24, volume=volume).write(tmp_path))
    if is_listed:
        assert entry(report, "AAA")["listed_on"] == "2021-01-01"
    else:
        assert refusal(report, "AAA") == ["liquidity.turnover_most"]


def test_empty_volumes_count_as_none_at_all(tmp_path: Path) -> None:
    surveys = Surveys().add("AAA", "A", [10.0] * 24)
    surveys.rows = [row.rsplit(",", 1)[0] + "," if ",AAA," in row else row for row in surveys.rows]
    assert refusal(backtest_report(surveys.write(tmp_path)), "AAA") == ["liquidity.volume", "liquidity.turnover"]


@pytest.mark.parametrize("times", [0.001, 1_000])
def test_one_survey_in_another_unit_takes_nothing_onto_the_list(tmp_path: Path, times: float) -> None:
    """A value of 900,000,000 is too small to enter, and so it stays when one survey writes it in another unit."""
    surveys = Surveys().add("AAA", "A", [10.0] * 24, cap=900_000_000, volume=90_000_000)
    cap = int(900_000_000 * times)
    surveys.rows = [
        row.replace(",900000000,", f",{cap},") if ",AAA," in row and row.startswith("2021-01") else row
        for row in surveys.rows
    ]
    report = backtest_report(surveys.write(tmp_path))
    assert "AAA" not in {each["asset"] for each in report["entries"]}
