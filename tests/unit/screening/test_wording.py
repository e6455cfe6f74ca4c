"""Sentences of findings name no slot and no offset: the first lines of a page are for an officer."""

from __future__ import annotations

import pytest

from tarazy.screening.wording import without_places

ADDRESS = "0x" + "5b" * 20


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pause() writes storage 0x1 bits 160..167, which a transfer must pass at 0x14a8",
         "pause() writes what a transfer must pass"),
        (f"the owner (storage 0x0 bits 0..159, {ADDRESS}) can mint", f"the owner ({ADDRESS}) can mint"),
        ("setFee(uint256) writes the fee in storage 0x6", "setFee(uint256) writes the fee"),
        ("members of a role (mapping 0xa[]) can create supply", "members of a role can create supply"),
        ("a transfer passes 0x4e7 only by transient storage", "a transfer passes only by transient storage"),
        ("what arrives depends on storage 0x2[]+1", "what arrives depends on a stored value"),
        (f"nothing changes {ADDRESS}", f"nothing changes {ADDRESS}"),
    ],
)  # fmt: skip
def test_places_are_left_out_and_accounts_stay(text: str, expected: str) -> None:
    assert without_places(text) == expected
