"""Where the amount of a transfer stands."""

from __future__ import annotations

from tarazy.screening.bytecode.layout import TRANSFER
from tarazy.screening.bytecode.term import Word, operators, walk

AMOUNT_PLACE = {f"0x{TRANSFER:08x}": 0x24}  # where the amount stands in the calldata; transferFrom has it behind
AMOUNT_PLACE_LATER = 0x44


def is_about_amount(entry: str, term: Word) -> bool:
    """Return whether a word contains the amount of the transfer."""
    place = AMOUNT_PLACE.get(entry, AMOUNT_PLACE_LATER)
    return "arg" in operators(term) and any(inner.op == "arg" and inner.args[0] == place for inner in walk(term))
