"""Values to and from call data: usual static types by hand, all else by eth_abi, which is loaded when first needed.

Loading eth_abi takes as long as reading a small token, and most of its users never need it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

WORD_BYTES = 32
UNSIGNED = re.compile(r"uint(\d{1,3})")
ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{40}")


class AbiError(ValueError):
    """Values do not fit their types, data is none of these types, or a type is not known."""


def encode(types: Sequence[str], values: Sequence[Any]) -> bytes:
    """Return the encoding of values.

    Raises: AbiError.
    """
    by_hand = [static_word(kind, value) for kind, value in zip(types, values, strict=False)]
    if len(types) == len(values) and None not in by_hand:
        return b"".join(filter(None, by_hand))
    from eth_abi.abi import encode as encode_all
    from eth_abi.exceptions import EncodingError, ParseError

    try:
        return encode_all(types, values)
    except (EncodingError, ParseError, OverflowError, TypeError, ValueError) as error:
        raise AbiError(str(error)) from error


def static_word(kind: str, value: Any) -> bytes | None:
    """Return one static argument as a word; None for types and values that are not usual."""
    if kind == "address":
        return int(value, 16).to_bytes(WORD_BYTES, "big") if type(value) is str and ADDRESS.fullmatch(value) else None
    if kind == "bool":
        return int(value).to_bytes(WORD_BYTES, "big") if type(value) is bool else None
    found = UNSIGNED.fullmatch(kind)
    bits = int(found[1]) if found is not None else 0
    usual = type(value) is int and 0 < bits <= 256 and bits % 8 == 0 and 0 <= value < 1 << bits
    return value.to_bytes(WORD_BYTES, "big") if usual else None


def decode(types: Sequence[str], data: bytes) -> tuple[Any, ...]:
    """Return the values in data as eth_abi reads them.

    Raises: AbiError.
    """
    from eth_abi.abi import decode as decode_all
    from eth_abi.exceptions import DecodingError, ParseError

    try:
        return decode_all(types, data)
    except (DecodingError, ParseError, OverflowError, TypeError, ValueError) as error:
        raise AbiError(str(error)) from error
