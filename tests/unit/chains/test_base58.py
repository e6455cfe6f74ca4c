"""Base58 and Base58Check on addresses that others publish."""

from __future__ import annotations

import pytest

from tarazy.chains.base58 import decoded, decoded_checked

GENESIS = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"  # pays the first block of Bitcoin: version 0 and a hash of 20 bytes
HASH = "62e907b15cbf27d5425399ebf6f0fb50ebb88f18"


def test_an_address_is_its_bytes_and_one_wrong_letter_is_found() -> None:
    assert decoded_checked(GENESIS).hex() == "00" + HASH
    assert decoded(GENESIS)[:-4].hex() == "00" + HASH
    with pytest.raises(ValueError, match="hecksum"):
        decoded_checked(GENESIS[:-1] + "b")


def test_a_letter_that_base58_does_not_have_is_an_error() -> None:
    with pytest.raises(ValueError, match="not a valid base58 character"):
        decoded("0OIl")
