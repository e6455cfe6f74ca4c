"""Runtime code inside creation code: what the constructor copies and returns.

Where the constructor can be run it is, and this is not asked; immutable values are zeros here.
"""

from __future__ import annotations

from tarazy.chains.evm.code import Code, CodeInstruction

LOOKBACK = 16
LOOKAHEAD = 16


def embedded_runtime(creation: bytes) -> bytes | None:
    """Return the part of creation code that is copied to memory and returned, or None where none is seen."""
    instructions = Code(creation).instructions
    best: bytes | None = None
    for place, item in enumerate(instructions):
        if item.name != "CODECOPY" or not returns_soon(instructions, place):
            continue
        numbers = [each.operand for each in instructions[max(0, place - LOOKBACK) : place] if each.operand]
        for offset in numbers:
            if item.offset < offset < len(creation):
                sizes = [size for size in numbers if size <= len(creation) - offset and size > 32]
                found = creation[offset : offset + max(sizes, default=len(creation) - offset)]
                if best is None or len(found) > len(best):
                    best = found
    return best


def returns_soon(instructions: tuple[CodeInstruction, ...], place: int) -> bool:
    """Return whether a RETURN follows within a few instructions."""
    return any(each.name == "RETURN" for each in instructions[place : place + LOOKAHEAD])
