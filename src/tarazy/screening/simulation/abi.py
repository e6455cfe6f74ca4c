"""Call data by hand: selectors and 32-byte words.

A trade makes dozens of calls, and for these a general encoder would cost more than the call itself.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from tarazy.chains.evm.abi import selector
from tarazy.chains.evm.abi_values import decode
from tarazy.chains.evm.code import keccak256
from tarazy.screening.simulation.engine import address_of

UINT_MAX = 2**256 - 1
BITS = {"address": 160, "uint256": 256, "bool": 1}


@functools.cache
def topic(signature: str) -> bytes:
    """Return the first topic of an event."""
    return keccak256(signature.encode())


def word(value: int | str | bool) -> bytes:
    """Return a static argument as 32 bytes: an integer, an address, or a truth value."""
    return (int(value, 16) if isinstance(value, str) else int(value) & UINT_MAX).to_bytes(32, "big")


def call_data(signature: str, *arguments: int | str | bool) -> bytes:
    """Return the call data of a function whose arguments are all static."""
    return selector(signature) + b"".join(map(word, arguments))


def words(data: bytes) -> tuple[int, ...]:
    """Return the whole words of some data as integers."""
    return tuple(int.from_bytes(data[at : at + 32], "big") for at in range(0, len(data) - 31, 32))


def decoded(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """Return the values of types. Usual ones are read by hand; all else, and what is wrong, is left to eth_abi.

    Raises: AbiError.
    """
    values = words(data[: 32 * len(types)])
    usual = len(values) == len(types) and all(kind in BITS for kind in types)
    if not usual or any(value >> BITS[kind] for kind, value in zip(types, values, strict=True)):
        return decode(types, data)
    return tuple(
        address_of(value) if kind == "address" else bool(value) if kind == "bool" else value
        for kind, value in zip(types, values, strict=True)
    )
