"""Call data decoded with names of parameters where its function is well known, else by what the code reads.

Runs in a worker process: data that point into themselves a thousand times can make a decoder work without end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tarazy.screening.bytecode.facts import split_types
from tarazy.screening.service.signatures import known_functions
from tarazy.screening.simulation.decode import Decoded, decode_input

SELECTOR_BYTES = 4
ITEMS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class DecodedCall:
    """One call. `purpose` is empty where only the types are known; then names are too.

    Values are plain: addresses and bytes as 0x text, integers as decimal text. `risk_within` is that of a call that an
    argument holds. `refusal` says why nothing was decoded.
    """

    selector: str
    method: str = ""
    types: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    values: tuple[Any, ...] = ()
    purpose: str = ""
    risk_within: str = ""
    refusal: str = ""
    no_such_function: bool = False


def decode_call(data: bytes, code: bytes | None) -> DecodedCall:
    """Return the call; what cannot be decoded has its reason."""
    known = known_functions().get(data[:SELECTOR_BYTES])
    found = decode_input(data, [known.abi()] if known is not None else None, code)
    selector = found.selector or "0x" + data.hex()
    if found.selector is None:
        return DecodedCall(selector, refusal=f"expected four bytes that choose a function: {found.note}")
    if found.source == "none" and code:
        return DecodedCall(selector, refusal="the contract has no such function", no_such_function=True)
    types = types_of(found)
    if found.source == "none" or len(found.arguments) != len(types):
        return DecodedCall(selector, refusal=found.note)
    names = tuple(each.name or f"argument_{place}" for place, each in enumerate(found.arguments, 1))
    risky = next((call for each in found.arguments for call in each.calls if call.risky), None)
    return DecodedCall(
        selector=selector,
        method=found.name if found.source != "code" else selector,
        types=types,
        names=names,
        values=tuple(plain(each.value) for each in found.arguments),
        purpose=known.purpose if known is not None else "",
        risk_within=f"It holds a call of {risky.name}, which {risky.risk}." if risky is not None else "",
    )


def types_of(found: Decoded) -> tuple[str, ...]:
    """Return the types in a signature."""
    inside = (found.signature or "()").partition("(")[2].removesuffix(")")
    return tuple(split_types(inside))


def plain(value: Any) -> Any:
    """Return a decoded value as JSON holds it without loss; long lists are cut."""
    if isinstance(value, list):
        return [plain(each) for each in value[:ITEMS_MAX]]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value
