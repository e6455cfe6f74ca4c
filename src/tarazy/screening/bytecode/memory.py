"""Memory of one path: words at constant places, words at places counted from an unknown base, and what is unknown.

Words are kept where they were written. A read across two of them is put together; a read of what was never written is
zero, and of what an unknown copy may have covered an unknown word.
"""

from __future__ import annotations

from tarazy.chains.evm.code import Code
from tarazy.chains.evm.opcodes import (
    CALLDATACOPY,
    CODECOPY,
    RETURNDATACOPY,
)
from tarazy.screening.bytecode.bits import WORD
from tarazy.screening.bytecode.term import Term, Word
from tarazy.screening.bytecode.terms import TermPool

SCRATCH = 0x40  # below it is what nobody allocates
MemoryKey = int | tuple[Term, int]


class MachineState:
    """One path: where it is and what it knows."""

    __slots__ = (
        "answered",
        "blocks",
        "decided",
        "memory",
        "node",
        "offset",
        "ordinal",
        "returned",
        "sites",
        "smear",
        "stack",
        "storage",
    )

    def __init__(self) -> None:
        self.offset = 0
        self.stack: list[Word] = []
        self.memory: dict[MemoryKey, Word] = {}
        self.smear = 1 << 62  # from this constant offset on, memory that was not written since is unknown
        self.storage: dict[Word, Word] = {}
        self.decided: dict[Term, bool] = {}
        self.sites = 0
        self.ordinal = 0  # calls made so far
        self.answered = -1  # the call that answered last
        self.returned: Word = 0  # RETURNDATASIZE
        self.node = 0
        self.blocks = 0

    def branch(self, offset: int) -> MachineState:
        """Return a copy that goes on at another place."""
        other = MachineState.__new__(MachineState)
        other.offset = offset
        other.stack = self.stack[:]
        other.memory = self.memory.copy()
        other.smear = self.smear
        other.storage = self.storage.copy()
        other.decided = self.decided.copy()
        other.sites = self.sites
        other.ordinal = self.ordinal
        other.answered = self.answered
        other.returned = self.returned
        other.node = self.node
        other.blocks = self.blocks
        return other


class Memory:
    """What the machine does to a path's memory."""

    code: Code
    pool: TermPool

    def split(self, start: Word) -> MemoryKey:
        """Return a memory place as a constant, or as a base and a constant."""
        if type(start) is int:
            return start
        assert type(start) is Term
        if start.op == "add" and type(start.args[0]) is int and type(start.args[1]) is Term:
            return (start.args[1], start.args[0])
        return (start, 0)

    def store(self, state: MachineState, start: Word, value: Word) -> None:
        """Write one word; in the first two words of memory the order of writes is kept, because they may overlap."""
        key = self.split(start)
        if type(key) is int and key < SCRATCH:
            state.memory.pop(key, None)
        state.memory[key] = value

    def store_byte(self, state: MachineState, start: Word, value: Word) -> None:
        """Write one byte: the word around it becomes unknown."""
        key = self.split(start)
        if isinstance(key, int):
            state.memory[key - key % 32] = self.pool.term("bytes", key, value)

    def load(self, state: MachineState, start: Word, offset: int) -> Word:
        """Read one word; memory never written is zero, memory written at places not known is an unknown word."""
        key: MemoryKey = start if type(start) is int else self.split(start)
        if type(key) is int and key < SCRATCH and key % 32:
            return self.assembled(state, key)
        value = state.memory.get(key)
        if value is not None:
            return value
        if type(key) is int:
            if key < state.smear:
                return self.unaligned(state, key)
            return self.pool.term("memory", key, offset)
        assert isinstance(key, tuple)
        return self.pool.term("memory", key[0], key[1], offset)

    def unaligned(self, state: MachineState, key: int) -> Word:
        """Read a word that lies across two written ones, where it can be told; else zero."""
        memory = state.memory
        for back in range(1, 32):
            earlier = memory.get(key - back)
            if earlier is not None:
                upper = self.pool.shl(8 * back, earlier)
                later = memory.get(key - back + 32, 0)
                return self.pool.either(upper, self.pool.shr(256 - 8 * back, later))
        return self.assembled(state, key) if key < SCRATCH else 0

    def assembled(self, state: MachineState, key: int) -> Word:
        """Put a word together from all that was written across it, what was written later on top."""
        near = {k: v for k, v in state.memory.items() if isinstance(k, int) and abs(k - key) < 32}
        on_top: list[int | None] = [None] * 32
        for place in near:
            for byte in range(max(0, place - key), min(32, place - key + 32)):
                on_top[byte] = place
        word: Word = 0
        for place, value in near.items():
            shown = [byte for byte in range(32) if on_top[byte] == place]
            if shown:  # what lies on top of a word covers one of its ends
                first, last = shown[0], shown[-1]
                part = self.pool.extract(value, 8 * (31 - (key + last - place)), 8 * (last - first + 1))
                word = self.pool.either(word, self.pool.shl(8 * (31 - last), part))
        return word

    def words(self, state: MachineState, start: Word, size: Word, most: int) -> tuple[Word, ...]:
        """Read the words of a region, as many as `most`."""
        if type(size) is int:
            count = min((size + 31) // 32, most)
        else:
            count = most
        return tuple([self.load(state, self.pool.add(start, 32 * place), -1) for place in range(count)])

    def copy(self, state: MachineState, opcode: int, target: Word, source: Word, size: Word) -> None:
        """Copy calldata, code, returned data or memory into memory, word by word where all is constant."""
        key, pool, found = self.split(target), self.pool, list[Word]()
        if type(key) is int and key < SCRATCH and type(size) is int and 0 < size <= 32 and type(source) is Term:
            state.memory.pop(key, None)  # a table's entry, from a place that was worked out
            state.memory[key] = pool.both(WORD ^ ((1 << 8 * (32 - size)) - 1), pool.term("top", source))
            return
        if type(size) is not int or size > 2_048 or type(source) is not int:
            self.forget(state, target, size)
            return
        for place in range(0, size, 32):
            if opcode == CALLDATACOPY:
                word: Word = self.calldata(source + place)
            elif opcode == CODECOPY:
                piece = self.code.runtime[source + place : source + place + 32]
                word = int.from_bytes(piece.ljust(32, b"\0"), "big")
            elif opcode == RETURNDATACOPY:
                word = pool.term("ret", state.answered, source + place)
            else:
                word = self.load(state, source + place, -1)
            if size - place < 32:
                word = pool.both(word, WORD ^ ((1 << 8 * (32 - size + place)) - 1))
            found.append(word)
        for index, word in enumerate(found):
            if isinstance(key, int):
                if key < SCRATCH:
                    state.memory.pop(key + 32 * index, None)
                state.memory[key + 32 * index] = word
            else:
                state.memory[key[0], key[1] + 32 * index] = word

    def forget(self, state: MachineState, target: Word, size: Word) -> None:
        """Make a region of memory unknown."""
        if size == 0:
            return
        key = self.split(target)
        if isinstance(key, int):
            end = key + size if type(size) is int else 1 << 62
            for place in [k for k in state.memory if isinstance(k, int) and key <= k < end and k >= 0x80]:
                del state.memory[place]
            state.smear = min(state.smear, max(key, 0x80))
        else:
            for other in [k for k in state.memory if not isinstance(k, int) and k[0] is key[0] and k[1] >= key[1]]:
                del state.memory[other]

    def calldata(self, place: Word) -> Word:
        """Return a word of calldata."""
        return self.pool.term("arg" if type(place) is int else "calldata", place)

    def keccak(self, state: MachineState, start: Word, size: Word, offset: int) -> Word:
        """Return a hash: a mapping's entry, an array's beginning, or a hash of known words."""
        pool = self.pool
        if type(size) is not int or size > 512:
            words = self.words(state, start, 128, 4)
            last = state.memory.get(self.split(pool.add(start, pool.add(size, WORD - 31))))
            if type(last) is int:  # a text, and behind it the slot of the mapping that it is a key of
                return pool.term("map", last, pool.term("keccak", 0, *words, offset))
            return pool.term("keccak", 0, *words, offset)
        words = self.words(state, start, size, 16)
        if size == 64:
            first, second = words
            if isinstance(second, int) or second.op in ("map", "array", "add"):
                return pool.term("map", second, strip(pool, first))
            if isinstance(first, int) or first.op == "map":
                return pool.term("map", first, strip(pool, second), 1)  # Vyper hashes the slot first
            return pool.term("map", second, strip(pool, first))
        if size == 32:
            keyed = packed(words[0])
            return pool.term("map", keyed[0], strip(pool, keyed[1]), 2) if keyed else pool.term("array", words[0])
        if size == 52 and (keyed := packed(words[0])):  # an owner, what the mapping is told by, and a spender
            inner = pool.term("map", keyed[0], strip(pool, keyed[1]), 2)
            return pool.term("map", inner, strip(pool, pool.extract(words[1], 96, 160)), 2)
        return pool.term("keccak", size, *words)


def packed(word: Word) -> tuple[int, Word] | None:
    """Return the number and the account where a word is an account with a number of 96 bits behind it.

    So are the mappings kept that hash twenty bytes and a seed in the first words of memory (Solady).
    """
    if type(word) is not Term or word.op != "or":
        return None
    for number, account in (word.args, word.args[::-1]):
        if type(number) is int and 0 < number < 1 << 96 and type(account) is Term:
            if account.op == "shl" and account.args[0] == 96:
                return number, account.args[1]
            if account.op == "and" and account.args[0] == WORD ^ ((1 << 96) - 1):
                return number, account.args[1]
    return None


def strip(pool: TermPool, key: Word) -> Word:
    """Return a mapping's key without a mask to twenty bytes, so that all spellings of one key are one term."""
    if type(key) is Term and key.op == "field" and key.args[1] == 0 and key.args[2] == 160:
        inner = key.args[0]
        if type(inner) is Term and inner.op in ("arg", "calldata", "ret", "memory"):
            return inner
    return key
