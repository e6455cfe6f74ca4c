"""Criteria files and waivers: what reverts, and which edition is in force."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest

from tarazy.screening.criteria import CriteriaError, in_force, load_criteria, load_editions, load_waivers
from tarazy.screening.criteria.case import Criterion
from tarazy.screening.criteria.catalogue import CATALOGUE
from tarazy.screening.criteria.file import BUILT_IN, THRESHOLDS
from tarazy.screening.model import Finding

HOUSE = (BUILT_IN / "house.toml").read_text()
PAGE = Path(__file__).resolve().parents[4] / "docs" / "reference" / "screening-criteria.md"
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def to_file(text: str) -> Path:
        path = tmp_path / "given.toml"
        path.write_text(text)
        return path

    return to_file


def test_built_in_files_load_and_say_that_they_are_not_law() -> None:
    editions = load_editions()
    assert [each.name for each in editions] == ["house", "launchpad", "listing"]
    assert all("not law" in each.status for each in editions)
    assert all("not law" in each.source for edition in editions for each in edition.thresholds.values())


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('name = "house"', "", "criteria.name: expected a text, found None"),
        ("2026-01-01", '"2026-01-01"', "criteria.applies_from: expected a date as 2026-01-31"),
        ("2026-01-01", "2026-01-01T10:00:00", "criteria.applies_from: expected a date as 2026-01-31"),
        (
            "value = 500_000",
            "value = 0.5",
            "thresholds.sell_tax_malicious.value: expected a whole number up to 1000000",
        ),
        ("value = 500_000", "value = true", "thresholds.sell_tax_malicious.value: expected a whole number"),
        ("value = 500_000", "value = 1_000_001", "thresholds.sell_tax_malicious.value: expected a whole number"),
        ("value = 500_000", "value = -1", "thresholds.sell_tax_malicious.value: expected a whole number"),
        ("value = 500_000", "value = 50_000", "thresholds.sell_tax_caution.value: expected at most the 50000"),
        ('unit = "ppm"', 'unit = "percent"', "thresholds.sell_tax_malicious.unit: expected ppm, found 'percent'"),
        ('source = "house', 'origin = "house', "thresholds.sell_tax_malicious: expected only value, unit, source"),
        ("[thresholds.sell_tax_caution]", "[thresholds.sell_tax]", "thresholds: expected only"),
        ("[weights]", "[wieghts]", "expected only criteria, thresholds, weights, found wieghts"),
        ('source = "info"', 'can_be_sold = "info"', "weights: expected only mint"),
        ('source = "info"', 'mint = "malicious"', "weights.mint: expected caution or info, found 'malicious'"),
        ('without_chain = "noted"', 'without_chain = "pass"', "criteria.without_chain: expected noted or unknown"),
        ("[criteria]", "[criteria", "expected TOML"),
    ],
)
def test_file_that_is_not_as_asked_is_refused_by_name(write: Write, before: str, after: str, message: str) -> None:
    assert before in HOUSE
    with pytest.raises(CriteriaError) as caught:
        load_criteria(write(HOUSE.replace(before, after, 1)))
    assert message in str(caught.value)


def test_threshold_left_out_is_refused(write: Write) -> None:
    start = HOUSE.index("[thresholds.liquidity_lock_days_min]")
    with pytest.raises(CriteriaError, match=r"thresholds\.liquidity_lock_days_min: expected a table, found none"):
        load_criteria(write(HOUSE[:start]))


def test_file_that_is_missing_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CriteriaError, match="expected a readable file"):
        load_criteria(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CriteriaError, match="expected TOML"):
        load_criteria(tmp_path / "bytes.toml")


def test_edition_is_the_one_in_force_on_the_day(tmp_path: Path) -> None:
    (tmp_path / "first.toml").write_text(HOUSE)
    later = HOUSE.replace("2026-01-01", "2026-07-01").replace("value = 500_000", "value = 300_000")
    (tmp_path / "second.toml").write_text(later)
    chosen = [in_force("house", datetime.date(2026, month, day), tmp_path) for month, day in ((1, 1), (6, 30), (7, 1))]
    assert [each.value("sell_tax_malicious") for each in chosen] == [500_000, 500_000, 300_000]
    with pytest.raises(
        CriteriaError, match="expected criteria 'house' in force on 2025-12-31, found house from 2026-01"
    ):
        in_force("house", datetime.date(2025, 12, 31), tmp_path)
    with pytest.raises(CriteriaError, match="criteria 'other'"):
        in_force("other", datetime.date(2026, 12, 31), tmp_path)


def test_two_files_of_one_edition_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(HOUSE)
    (tmp_path / "b.toml").write_text(HOUSE)
    with pytest.raises(CriteriaError, match=r"one edition of house from 2026-01-01, found both a\.toml and this file"):
        load_editions(tmp_path)


WAIVER = """
[[waiver]]
token = "0xabc"
criterion = "mint"
by = "committee"
on = 2026-11-22
reason = "bounded"
"""


def test_waiver_is_read(write: Write) -> None:
    (found,) = load_waivers(write(WAIVER + "until = 2027-01-01\n"))
    assert found.words() == "waived by committee on 2026-11-22 until 2027-01-01: bounded"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('by = "committee"', 'by = " "', "waiver 1.by: expected a text, found ' '"),
        ('reason = "bounded"', "", "waiver 1.reason: expected a text, found None"),
        ('criterion = "mint"', 'criterion = "minting"', "waiver 1.criterion: expected one of can_be_sold"),
        ("on = 2026-11-22", 'on = "today"', "waiver 1.on: expected a date"),
        ('by = "committee"', 'who = "committee"', "waiver 1: expected only token, criterion, by, on, reason, until"),
        ("[[waiver]]", "[waiver]", "waiver: expected tables [[waiver]], found dict"),
    ],
)
def test_waiver_that_is_not_as_asked_is_refused(write: Write, before: str, after: str, message: str) -> None:
    with pytest.raises(CriteriaError) as caught:
        load_waivers(write(WAIVER.replace(before, after)))
    assert message in str(caught.value)


def test_criterion_without_documentation_cannot_be_made() -> None:
    def nothing(*_: object) -> Finding:
        raise AssertionError

    with pytest.raises(ValueError, match="criterion 'x': expected a name, a question"):
        Criterion("x", "harm", "no question", "malicious", ("honeypot",), nothing)


def test_reference_page_lists_every_criterion_and_every_figure() -> None:
    page = PAGE.read_text()
    assert not [name for name in CATALOGUE if f"`{name}`" not in page]
    for name in THRESHOLDS:
        row = next((line for line in page.splitlines() if line.startswith(f"| `{name}`")), "")
        figures = [f"{edition.value(name):,}" for edition in load_editions()]
        assert [cell.strip() for cell in row.split("|")[2:5]] == figures, f"{name}: expected {figures}, found {row!r}"
