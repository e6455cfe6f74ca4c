"""Addresses as people write them: 0x and 40 digits, with the checksum of ERC-55 in the case of the letters."""

from __future__ import annotations

import re

from tarazy.chains.evm.code import keccak256

ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def with_checksum(address: str) -> str:
    """Return an address with the letters in the case that its checksum asks for.

    Raises: ValueError where it is not 0x and 40 hexadecimal digits.   Source: ERC-55
    """
    if not ADDRESS.fullmatch(address):
        raise ValueError(f"expected 0x and 40 hexadecimal digits, found {address!r}")
    digits = address[2:].lower()
    digest = keccak256(digits.encode()).hex()
    return "0x" + "".join(d.upper() if int(h, 16) >= 8 else d for d, h in zip(digits, digest, strict=False))


def has_checksum(address: str) -> bool:
    """Say whether the case of the letters is the checksum."""
    return bool(ADDRESS.fullmatch(address)) and with_checksum(address) == address
