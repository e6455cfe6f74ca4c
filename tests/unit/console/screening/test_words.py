"""Powers in words: none is left out."""

from __future__ import annotations

from tarazy.console.screening import words
from tarazy.screening.checks.base import CAPABILITY_NAMES


def test_every_capability_has_a_title_and_a_group() -> None:
    assert set(words.TITLES) == set(CAPABILITY_NAMES)
    grouped = [name for _, _, names in words.GROUPS for name in names]
    assert sorted(grouped) == sorted(CAPABILITY_NAMES)


def test_capability_without_a_group_is_shown_all_the_same() -> None:
    groups = words.grouped({"mint": {"name": "mint"}, "new_power": {"name": "new_power"}})
    assert [group["title"] for group in groups] == ["Supply and balances", "Other"]
