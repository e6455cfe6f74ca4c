"""Call data decoded: by a known signature, else by the types that the contract's own code reads.

Runs in a worker process: data that point into themselves a thousand times can make a decoder work without end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import evmole
from eth_abi import decode  # type: ignore[attr-defined]
from eth_abi.exceptions import DecodingError

from tarazy.screening.service.goplus.signatures import known_functions

SELECTOR_BYTES = 4
ITEMS_MAX = 2_000


class CallError(Exception):
    """A call cannot be decoded; `no_such_function` where the code has no entry point for it."""

    def __init__(self, text: str, no_such_function: bool = False) -> None:
        super().__init__(text)
        self.no_such_function = no_such_function


@dataclass(frozen=True, slots=True)
class DecodedCall:
    """One call. `purpose` is empty where only the types are known; then names are too.

    Values are plain: addresses and bytes as 0x text, integers as they are. `refusal` says why nothing was decoded.
    """

    selector: str
    method: str = ""
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    purpose: str = ""
    refusal: str = ""
    no_such_function: bool = False


def decode_call(data: bytes, code: bytes | None) -> DecodedCall:
    """Return the call; what cannot be decoded has its reason."""
    selector = "0x" + data[:SELECTOR_BYTES].hex()
    if len(data) < SELECTOR_BYTES:
        return DecodedCall(selector, refusal="expected four bytes that choose a function, found fewer")
    known = known_functions().get(data[:SELECTOR_BYTES])
    own = own_types(code, selector[2:]) if code else None
    if known is not None:
        made = with_types(selector, known.types, data)
        if made is not None:
            return DecodedCall(selector, known.method, known.types, known.names, made, known.purpose)
    if own is None and code:
        return DecodedCall(selector, refusal="the contract has no such function", no_such_function=True)
    if own is None:
        return DecodedCall(selector, refusal="the function is not known, and no contract was named whose code tells")
    made = with_types(selector, own, data)
    if made is None:
        return DecodedCall(selector, refusal="the data are not what the contract's code reads")
    return DecodedCall(selector, selector, own, tuple(f"argument_{i + 1}" for i in range(len(own))), made)


def with_types(selector: str, types: tuple[str, ...], data: bytes) -> tuple[Any, ...] | None:
    """Return the arguments, None where the data do not hold them."""
    try:
        found = decode(types, data[SELECTOR_BYTES:])
    except (DecodingError, OverflowError, ValueError, RecursionError):
        return None
    return tuple(plain(each) for each in found)


def own_types(code: bytes, selector: str) -> tuple[str, ...] | None:
    """Return the types that the code reads for a selector, None where it has none for it."""
    info = evmole.contract_info(code, selectors=True, arguments=True)
    for function in info.functions or ():
        if function.selector == selector:
            return split_types(function.arguments or "")
    return None


def split_types(text: str) -> tuple[str, ...]:
    """Return the types of a list that may hold tuples."""
    parts, depth, start = [], 0, 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append(text[start:at])
            start = at + 1
    return tuple(each for each in [*parts, text[start:]] if each)


def plain(value: Any) -> Any:
    """Return a decoded value as JSON can hold it; long lists are cut."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, list | tuple):
        return [plain(each) for each in value[:ITEMS_MAX]]
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    return str(value)
