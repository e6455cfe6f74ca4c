"""Disassembly as the pages show it: lines around the places that evidence points to, those lines lit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tarazy.chains.evm.code import Code, CodeInstruction, keccak256
from tarazy.console.screening.services import Plain
from tarazy.screening.bytecode.creation import embedded_runtime

LINES_AROUND = 7
LINES_A_PAGE = 400  # of the page that shows the whole code
HEX_SHOWN = 8  # bytes of an instruction beside it; the operand says the rest


@dataclass(frozen=True, slots=True)
class Line:
    """One instruction as it is shown; `gap` where instructions before it are left out."""

    offset: int
    hex: str
    name: str
    operand: str
    comment: str
    lit: bool
    gap: bool = False


@lru_cache(maxsize=32)
def instructions(runtime: bytes) -> tuple[CodeInstruction, ...]:
    """Return the instructions of runtime code."""
    return Code(runtime).instructions


def line(item: CodeInstruction, runtime: bytes, lit: bool, names: Mapping[str, str], gap: bool = False) -> Line:
    """Return one line."""
    raw = runtime[item.offset : item.offset + item.size]
    operand = "" if item.size == 1 else f"0x{item.operand or 0:0{2 * (item.size - 1)}x}"
    known = names.get(operand, "") if item.size == 5 else ""
    shown = raw[:HEX_SHOWN].hex() + ("…" if len(raw) > HEX_SHOWN else "")
    return Line(item.offset, shown, item.name, operand, known or COMMENTS.get(item.name, ""), lit, gap)


# What an instruction means to a reader who asks about powers.
COMMENTS = {
    "CALLER": "who calls",
    "ORIGIN": "who signed the transaction",
    "SLOAD": "reads storage",
    "SSTORE": "writes storage",
    "CALL": "calls another contract",
    "CALLCODE": "runs other code as itself",
    "DELEGATECALL": "runs other code as itself",
    "STATICCALL": "asks another contract",
    "CREATE": "makes a contract",
    "CREATE2": "makes a contract",
    "REVERT": "refuses",
    "INVALID": "refuses, and takes the gas",
    "SELFDESTRUCT": "destroys itself",
    "TIMESTAMP": "the time of the block",
    "NUMBER": "the number of the block",
    "GASPRICE": "the price of gas",
}


def read_code(report: Plain, given: bytes | None) -> bytes | None:
    """Return the runtime code whose offsets the evidence of a report means, or None where it is not at hand.

    Behind a proxy evidence speaks of the implementation, never of the proxy's own code. Creation code holds its
    runtime code; what the constructor writes into it (immutable values) is zero there, the offsets are the same.
    """
    if not given:
        return None
    is_reported = "0x" + keccak256(given).hex() == report["code_hash"]
    if report["proxy_implementation"]:
        return None if is_reported else given
    if is_reported:
        return given
    inside = embedded_runtime(given)
    return inside if inside is not None and len(inside) == report["code_bytes"] else None


def window(runtime: bytes, offsets: Iterable[int], names: Mapping[str, str]) -> list[Line]:
    """Return the lines around offsets, in order; what lies between two windows is left out."""
    items = instructions(runtime)
    lit = {place for offset in offsets if (place := index_of(items, offset)) is not None}
    wanted = sorted(
        {
            near
            for place in lit
            for near in range(max(0, place - LINES_AROUND), min(len(items), place + LINES_AROUND + 1))
        }
    )
    return [
        line(items[place], runtime, place in lit, names, gap=bool(number) and wanted[number - 1] != place - 1)
        for number, place in enumerate(wanted)
    ]


def index_of(items: Sequence[CodeInstruction], offset: int) -> int | None:
    """Return which instruction covers an offset, or None where none does."""
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle].offset + items[middle].size <= offset:
            low = middle + 1
        else:
            high = middle
    return low if low < len(items) and items[low].offset <= offset else None


def page_of(runtime: bytes, number: int, lit: Iterable[int], names: Mapping[str, str]) -> list[Line]:
    """Return one page of the whole code; pages count from 1."""
    items = instructions(runtime)
    places = {index_of(items, offset) for offset in lit}
    start = (number - 1) * LINES_A_PAGE
    return [
        line(items[place], runtime, place in places, names)
        for place in range(start, min(start + LINES_A_PAGE, len(items)))
    ]


def pages(runtime: bytes) -> int:
    """Return how many pages the whole code takes."""
    return max(1, -(-len(instructions(runtime)) // LINES_A_PAGE))


def page_with(runtime: bytes, offset: int) -> int:
    """Return the page on which an offset stands; the first where it is not in the code."""
    place = index_of(instructions(runtime), offset)
    return 1 if place is None else place // LINES_A_PAGE + 1
