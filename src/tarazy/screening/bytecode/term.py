"""What a symbolic word of the EVM is made of, and questions to it.

A word is a Python int when it is known and a `Term` when it is not. Names of operators:

    caller origin callvalue address timestamp number ...   the environment
    arg(offset)            the calldata word at a constant offset; arg(0) >> 224 is `selector`
    calldata(offset)       the calldata word at an offset that is not constant
    sload(key)             storage as it was when the call began
    map(base, key)         keccak of key and base: a mapping's entry (Solidity or Vyper order)
    array(base)            keccak of a slot: where a dynamic array begins
    field(word, k, n)      n bits of a word from bit k: a packed storage field
    call(site) ret(site,i) whether a call succeeded; a word of what it returned
    phi(...)               one of several words; top(...): not modelled, its arguments are what it depends on
"""

from __future__ import annotations

from typing import Any, Union

PARTS_KEPT_MAX = 500

Word = Union[int, "Term"]

BOOLEAN = frozenset({"eq", "lt", "gt", "slt", "sgt", "iszero", "call"})


class Term:
    """One symbolic word: an operator, its arguments, the size of the tree beneath, and its place in order of making."""

    __slots__ = ("args", "cache", "fields", "kinds", "number", "op", "parts", "place", "size")

    def __init__(self, op: str, args: tuple[Word, ...], size: int, number: int) -> None:
        self.op = op
        self.args = args
        self.size = size
        self.number = number
        self.cache: frozenset[Term] | None = None
        self.kinds: frozenset[str] | None = None  # kept by operators
        self.parts: tuple[Term, ...] | None = None  # kept by walk
        self.fields: tuple[Any, ...] | None = None  # kept by layout.fields_in
        self.place: Any = None  # kept by locations.locate

    def __repr__(self) -> str:
        if not self.args:
            return self.op
        return f"{self.op}({', '.join(hex(a) if isinstance(a, int) else repr(a) for a in self.args)})"


def width(word: Word) -> int:
    """Return how many low bits a word may use."""
    if isinstance(word, int):
        return word.bit_length()
    op = word.op
    if op in BOOLEAN:
        return 1
    if op == "field":
        bits = word.args[2]
        assert type(bits) is int
        return bits
    if op in ("caller", "address", "origin", "coinbase"):
        return 160
    if op == "selector":
        return 32
    if op in ("timestamp", "number", "calldatasize", "returndatasize", "codesize", "extcodesize"):
        return 64
    if op == "or":
        return max(width(word.args[0]), width(word.args[1]))
    if op == "phi":
        return max(map(width, word.args))
    if op == "and":
        return min(width(word.args[0]), width(word.args[1]))
    if op == "add":
        return min(256, max(width(word.args[0]), width(word.args[1])) + 1)
    if op == "shl" and type(word.args[0]) is int:
        return min(256, word.args[0] + width(word.args[1]))
    return 256


def walk(word: Word) -> tuple[Term, ...]:
    """Return every term of a word, itself first, each once; kept with the term unless it is large."""
    if type(word) is not Term:
        return ()
    if word.parts is not None:
        return word.parts
    found, seen, stack = [], {word}, [word]
    while stack:
        here = stack.pop()
        found.append(here)
        for argument in here.args:
            if type(argument) is Term and argument not in seen:
                seen.add(argument)
                stack.append(argument)
    parts = tuple(found)
    if word.size <= PARTS_KEPT_MAX:
        word.parts = parts
    return parts


def order(word: Word | None) -> int:
    """Return a key that sorts words in one fixed order: numbers first, then terms as they were made."""
    return word.number if type(word) is Term else -1


def loads(word: Word) -> frozenset[Term]:
    """Return every sload of a word, cached with the term."""
    if type(word) is not Term:
        return frozenset()
    if word.cache is None:
        word.cache = frozenset(term for term in walk(word) if term.op == "sload")
    return word.cache


def operators(word: Word) -> frozenset[str]:
    """Return the operators of every term of a word, cached with the term."""
    if type(word) is not Term:
        return frozenset()
    if word.kinds is None:
        word.kinds = frozenset([term.op for term in walk(word)])
    return word.kinds
