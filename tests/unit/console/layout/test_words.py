"""Numbers, times and names in words."""

from __future__ import annotations

import pytest

from tarazy.console.layout import words


@pytest.mark.parametrize(
    ("ppm", "shown"),
    [(0, "0"), (1, "0.0001"), (50_000, "5"), (52_500, "5.25"), (1_000_000, "100"), (-10_000, "-1"), (10**9, "100000")],
)
def test_percent_keeps_every_digit(ppm: int, shown: str) -> None:
    assert words.percent(ppm) == f"{shown}{words.NARROW}%"


@pytest.mark.parametrize(
    ("minor", "decimals", "shown"),
    [
        (10**24, 18, "1,000,000"),
        (1, 18, "0.000000000000000001"),
        (-(15 * 10**17), 18, "-1.5"),
        (12_345, 0, "12,345"),
        (12_345, None, "12,345"),
        (str(2**255), 18, f"{2**255 // 10**18:,}.{2**255 % 10**18:018d}".rstrip("0")),
        (5, 300, "5"),
        (5, -1, "5"),
    ],
)
def test_amount_keeps_every_digit(minor: int | str, decimals: int | None, shown: str) -> None:
    assert words.amount(minor, decimals) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.042, "42 ms"),
        (1, "1 s"),
        (99.94, "99.9 s"),
        (600, "10 min"),
        (86_400, "24 h"),
        (604_800, "7 days"),
    ],
)
def test_duration_is_in_the_unit_that_fits(seconds: float, shown: str) -> None:
    assert words.duration(seconds) == shown.replace(" ", words.NARROW)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-11-22T10:00:00+05:00", "2026-11-22 05:00:00 UTC"),
        (1_700_000_000, "2023-11-14 22:13:20 UTC"),
        (None, "not known"),
        ("", "not known"),
        ("soon", "soon"),
        (10**30, str(10**30)),
    ],
)
def test_moment_is_utc_and_never_fails(given: str | int | None, shown: str) -> None:
    assert words.moment(given) == shown


def test_list_reads_as_a_sentence() -> None:
    assert [words.listed(items) for items in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_sentence_is_split_at_whole_addresses_alone() -> None:
    one, two = "0x" + "1a" * 20, "0x" + "2B" * 20
    assert words.by_address(f"{one} may take 5 of {two}, or 0x1a2b") == [
        ("", one),
        (" may take 5 of ", two),
        (", or 0x1a2b", ""),
    ]
    assert words.by_address(f"a hash is no address: 0x{'3c' * 32}") == [(f"a hash is no address: 0x{'3c' * 32}", "")]
    assert words.by_address("") == [("", "")]
