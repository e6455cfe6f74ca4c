"""Try values: what a condition answers when its words are given numbers.

Not a solver: a condition that needs an unusual combination is not met by it. What evaluation finds, it shows.
"""

from __future__ import annotations

from collections.abc import Callable

from tarazy.screening.bytecode.bits import SIGN, WORD, signed
from tarazy.screening.bytecode.term import Term, Word

SUPPLY = 10**27
BALANCE = 10**24
AMOUNT = 10**17
SENDER, RECEIVER, TOKEN = 0xA11CE, 0xB0B0, 0x70CE  # addresses of nobody
NOW_S = 1_700_000_000
BLOCK = 18_500_000
FAR = 1 << 33  # a time, and a block, long after anybody's launch

Leaf = Callable[[Term], int | None]


def evaluate(word: Word, leaf: Leaf, known: dict[Term, int] | None = None) -> int:
    """Return a word's value where `leaf` gives values to terms; None from it means: work it out from the arguments."""
    if type(word) is int:
        return word
    assert type(word) is Term
    known = {} if known is None else known
    if word in known:
        return known[word]
    value = leaf(word)
    if value is None and word.op == "phi":
        value = max(evaluate(argument, leaf, known) for argument in word.args)
    if value is None:
        value = apply(word.op, [evaluate(argument, leaf, known) for argument in word.args]) & WORD
    known[word] = value
    return value


def apply(operator: str, values: list[int]) -> int:
    """Return the result of one operator; what is not arithmetic is one, so that it neither vanishes nor dominates."""
    a, b, c = (*values, 0, 0, 0)[:3]
    match operator:
        case "add":
            return a + b
        case "sub":
            return a - b
        case "mul":
            return a * b
        case "div":
            return a // b if b else 0
        case "mod":
            return a % b if b else 0
        case "exp":
            return pow(a, b, WORD + 1)
        case "and":
            return a & b
        case "or":
            return a | b
        case "xor":
            return a ^ b
        case "not":
            return a ^ WORD
        case "iszero":
            return int(a == 0)
        case "eq":
            return int(a == b)
        case "lt":
            return int(a < b)
        case "slt":
            return int(signed(a) < signed(b))
        case "shl":
            return b << a if a < 256 else 0
        case "shr":
            return b >> a if a < 256 else 0
        case "field":
            return (a >> b) & ((1 << c) - 1)
        case "signextend":
            return b - (1 << 8 * (a + 1)) if a < 31 and b >> (8 * a + 7) & 1 else b
        case "sar":
            return signed(b) >> min(a, 255)
        case "sdiv":
            return int(signed(a) / signed(b)) if signed(b) and abs(signed(a)) < SIGN >> 192 else 0
        case "mulmod":
            return a * b % c if c else 0
        case "addmod":
            return (a + b) % c if c else 0
        case "extcodesize":
            return int(a != 0)
        case "calldatasize":
            return 0x204
        case "timestamp":
            return NOW_S
        case "number":
            return BLOCK
        case _:
            return 1
