"""Files that are not what they should be are refused with line, expectation and what was found."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tarazy.oversight.listing.criteria import SHIPPED, load_criteria
from tarazy.oversight.listing.errors import ListingFileError
from tarazy.oversight.listing.observations import read_observations
from tarazy.oversight.listing.renames import load_renames

from .markets import HEADER, Surveys


def survey(folder: Path, row: str, header: str = HEADER) -> Path:
    """Write a survey of one row."""
    (folder / "cmc_monthly_x.csv").write_text(f"{header}\n{row}\n")
    return folder


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2021-13-01,1,1,A,A,1,1,1,1", "line 2: expected a row"),
        ("2021-01-01,1,1,A,A,nan,1,1,1", "no amount of zero or more"),
        ("2021-01-01,1,1,A,A,-1,1,1,1", "no amount of zero or more"),
        ("2021-01-01,1,1,A,A,abc,1,1,1", "is no number"),
        ("2021-01-01,1,1,A,A,1e300,1,1,1", "over the most that is believed"),
        ("2021-01-01,1,1,,A,1,1,1,1", "a name of 0 characters"),
        (f"2021-01-01,1,1,{'A' * 101},A,1,1,1,1", "a name of 101 characters"),
    ],
)
def test_a_row_that_cannot_be_is_refused(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(ListingFileError, match=words):
        read_observations(survey(tmp_path, row))


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    folder = survey(tmp_path, "2021-01-01,A,1", "date,symbol,price_usd")
    with pytest.raises(ListingFileError, match="expected a column name, found date, symbol, price_usd"):
        read_observations(folder)


def test_an_empty_folder_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ListingFileError, match="expected files named"):
        read_observations(tmp_path)
    (tmp_path / "px_daily.csv").write_text("date,symbol,source,close\n")
    with pytest.raises(ListingFileError, match="at least one observation"):
        read_observations(tmp_path)


def test_a_gzip_that_is_cut_is_refused(tmp_path: Path) -> None:
    folder = Surveys().write(tmp_path)
    whole = gzip.compress((folder / "cmc_monthly_test.csv").read_bytes())
    (folder / "cmc_monthly_test.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ListingFileError, match="Compressed file ended"):
        read_observations(folder)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("at_least", "about", "bound of at_least, at_most"),
        ('breach = "suspend"', 'breach = "ignore"', "breach of review, suspend"),
        ('measure = "rank"', 'measure = "charm"', "measure of"),
        ('id = "size.rank"', 'id = "size.value"', "two of size.value"),
        ("enter = 365", "enter = -1", "enter or stay as a whole number"),
        ("enter = 365", "enter = 0.5", "enter or stay as a whole number"),
        ('unit = "days of record"\n', "", "the fields id"),
        ("review_days = 30", "review_days = true", "review_days as a whole number"),
        ("meetings = [1, 4, 7, 10]", "meetings = [13]", "months from 1 to 12"),
        ('status = "analog"', 'status = "law"', "status of enacted"),
    ],
)
def test_criteria_that_make_no_sense_are_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = SHIPPED.read_text()
    assert old in text
    (tmp_path / "criteria.toml").write_text(text.replace(old, new, 1))
    with pytest.raises(ListingFileError, match=words):
        load_criteria(tmp_path / "criteria.toml")


def test_thresholds_that_overlap_are_refused(tmp_path: Path) -> None:
    row = '[[criterion.threshold]]\nfrom = 2017-01-01\nenter = 9\nstatus = "house"\nsource = "x"\n'
    (tmp_path / "criteria.toml").write_text(SHIPPED.read_text() + row)
    with pytest.raises(ListingFileError, match="thresholds from different days"):
        load_criteria(tmp_path / "criteria.toml")


def test_a_threshold_that_begins_later_counts_from_its_day_on(tmp_path: Path) -> None:
    row = '[[criterion.threshold]]\nfrom = 2021-01-01\nenter = 9\nstatus = "house"\nsource = "x"\n'
    (tmp_path / "criteria.toml").write_text(SHIPPED.read_text() + row)
    last = load_criteria(tmp_path / "criteria.toml").rows[-1]
    days = [last.thresholds[0].begins.replace(year=year) for year in (2020, 2021)]
    assert [limit.enter if (limit := last.at(day)) else None for day in days] == [0, 9]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1", "tables alone"),
        ('[[rename]]\nsymbol = "A"\nbecomes = "A"\non = 2021-01-01\nsource = "x"', "expected two symbols"),
        ('[[rename]]\nsymbol = "A"\nbecomes = "B"\nsource = "x"', "the fields symbol"),
        ('[[rename]]\nsymbol = "A"\nbecomes = "B"\non = "soon"\nsource = "x"', "on as a date"),
        ('[[rename]]\nsymbol = "A"\nbecomes = "B"\non = 2021-01-01\nsource = ""', "source as a str"),
        ('[[rename]]\nsymbol = "A"\nbecomes = "B"\non = 2021-01-01\nsource = "x"\n' * 2, "two of A"),
    ],
)
def test_renames_that_make_no_sense_are_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "renames.toml").write_text(text)
    with pytest.raises(ListingFileError, match=words):
        load_renames(tmp_path / "renames.toml")
