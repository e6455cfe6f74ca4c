"""Terms are made here: kept once each and simplified as they are built.

Terms are interned per pool, so `is` compares them.

Known limits: no solver; a condition is decided only when it folds to a constant or was met before on the path.
"""

from __future__ import annotations

from functools import reduce

from tarazy.screening.bytecode.bits import WORD, low_mask, power_of_two
from tarazy.screening.bytecode.term import BOOLEAN, Term, Word, walk, width

ADDRESS = (1 << 160) - 1
TERM_SIZE_MAX = 20_000
PHI_MAX = 6


class TermPool:
    """Makes terms, each once, and simplifies them."""

    def __init__(self) -> None:
        self.known: dict[tuple[object, ...], Term] = {}

    def term(self, op: str, *args: Word) -> Term:
        """Return the one term with this operator and these arguments, as they are."""
        key = (op, *args)
        found = self.known.get(key)
        if found is None:
            size = 1
            for argument in args:
                if type(argument) is Term:
                    size += argument.size
            if size > TERM_SIZE_MAX and op != "top":
                return self.havoc(args)
            found = self.known[key] = Term(op, args, size, len(self.known))
        return found

    def phi(self, known: Word, other: Word) -> Word:
        """Return the phi of two words where paths join, a phi taking in one more."""
        if known is other or (type(known) is int and known == other):
            return known
        parts = known.args if type(known) is Term and known.op == "phi" else (known,)
        more = other.args if type(other) is Term and other.op == "phi" else (other,)
        fresh = tuple(word for word in more if word not in parts)
        if not fresh:
            return known
        return self.term("phi", *parts, *fresh) if len(parts) + len(fresh) <= PHI_MAX else self.havoc(parts)

    def havoc(self, args: tuple[Word, ...]) -> Term:
        """Return a term that says no more than what it depends on."""
        leaves: dict[Term, None] = {}
        for argument in args:
            for leaf in walk(argument):
                if leaf.op in LEAVES and len(leaves) < 40:
                    leaves[leaf] = None
        return self.term("top", *leaves)

    # Arithmetic.

    def add(self, a: Word, b: Word) -> Word:
        """Return a + b; a constant part stands first and is one."""
        if type(a) is int:
            if type(b) is int:
                return (a + b) & WORD
            if a == 0:
                return b
            assert type(b) is Term
            if b.op == "add" and type(b.args[0]) is int:
                return self.add((a + b.args[0]) & WORD, b.args[1])
            return self.term("add", a, b)
        if type(b) is int:
            return self.add(b, a)
        assert type(a) is Term and type(b) is Term
        if b.op == "sub" and b.args[1] is a:
            return b.args[0]
        if a.op == "sub" and a.args[1] is b:
            return a.args[0]
        if a.op == "add" and type(a.args[0]) is int:
            return self.add(a.args[0], self.add(a.args[1], b))
        if b.op == "add" and type(b.args[0]) is int:
            return self.add(b.args[0], self.add(a, b.args[1]))
        return self.term("add", a, b)

    def sub(self, a: Word, b: Word) -> Word:
        """Return a - b."""
        if type(b) is int:
            if type(a) is int:
                return (a - b) & WORD
            return self.add((-b) & WORD, a)
        if a is b:
            return 0
        assert type(b) is Term
        if type(a) is Term and a.op == "add":
            if a.args[1] is b:
                return a.args[0]
            if a.args[0] is b:
                return a.args[1]
        return self.term("sub", a, b)

    def mul(self, a: Word, b: Word) -> Word:
        """Return a * b; a constant stands first."""
        if type(a) is int and type(b) is int:
            return (a * b) & WORD
        if type(b) is int:
            a, b = b, a
        if a == 0:
            return 0
        if a == 1:
            return b
        return self.term("mul", a, b)

    def div(self, a: Word, b: Word) -> Word:
        """Return a // b, zero where b is zero."""
        if a == 0:
            return 0
        if type(b) is int:
            if type(a) is int:
                return a // b if b else 0
            if b == 1:
                return a
            shift = power_of_two(b)
            if shift > 0:
                return self.shr(shift, a)
        return self.term("div", a, b)

    # Bits.

    def shr(self, shift: Word, value: Word) -> Word:
        """Return value >> shift."""
        if type(shift) is int:
            if shift >= 256:
                return 0
            if type(value) is int:
                return value >> shift
            if shift == 0:
                return value
            return self.extract(value, shift, 256 - shift)
        return self.term("shr", shift, value)

    def shl(self, shift: Word, value: Word) -> Word:
        """Return value << shift."""
        if type(shift) is int:
            if shift >= 256:
                return 0
            if type(value) is int:
                return (value << shift) & WORD
            if shift == 0:
                return value
        return self.term("shl", shift, value)

    def extract(self, value: Word, low: int, bits: int) -> Word:
        """Return `bits` bits of a word from bit `low`, moved down to bit zero."""
        if bits <= 0:
            return 0
        bits = min(bits, 256 - low)
        if type(value) is int:
            return (value >> low) & ((1 << bits) - 1)
        assert type(value) is Term
        if low == 0 and bits == 256:
            return value
        op, args = value.op, value.args
        if op == "field":
            inner_low, inner_bits = args[1], args[2]
            assert type(inner_low) is int and type(inner_bits) is int
            if low >= inner_bits:
                return 0
            return self.extract(args[0], inner_low + low, min(bits, inner_bits - low))
        if low == 0 and bits >= width(value):
            return value
        if low >= width(value):
            return 0
        bits = min(bits, width(value) - low) if op in ("add", "shl") else bits
        if op == "and" and type(args[0]) is int:
            part = (args[0] >> low) & ((1 << bits) - 1)
            if part == 0:
                return 0
            if part == (1 << bits) - 1:
                return self.extract(args[1], low, bits)
        if op == "phi":
            return reduce(self.phi, [self.extract(argument, low, bits) for argument in args])
        if op == "or":
            left, right = self.extract(args[0], low, bits), self.extract(args[1], low, bits)
            if left == 0:
                return right
            if right == 0:
                return left
            full = (1 << bits) - 1
            return full if full in (left, right) else self.term("or", left, right)
        if op == "shl" and type(args[0]) is int:
            if low >= args[0]:
                return self.extract(args[1], low - args[0], bits)
            if low + bits <= args[0]:
                return 0
        if op == "mul" and type(args[0]) is int:
            shift = power_of_two(args[0])
            if shift > 0:
                if low >= shift:
                    return self.extract(args[1], low - shift, bits)
                if low + bits <= shift:
                    return 0
        if op == "add" and low and any(shift_of(argument) == low for argument in args):
            left, right = self.extract(args[0], low, 256 - low), self.extract(args[1], low, 256 - low)
            return self.extract(self.add(left, right), 0, bits)
        if op == "arg" and args[0] == 0 and low == 224:
            return self.term("selector")
        return self.term("field", value, low, bits)

    def both(self, a: Word, b: Word) -> Word:
        """Return a & b; a constant stands first and a low mask becomes a field."""
        if type(a) is int and type(b) is int:
            return a & b
        if type(b) is int:
            a, b = b, a
        if type(a) is int:
            if a == 0:
                return 0
            if a == WORD:
                return b
            bits = low_mask(a)
            if bits:
                return self.extract(b, 0, bits)
            assert type(b) is Term
            if b.op == "and" and type(b.args[0]) is int:
                return self.both(a & b.args[0], b.args[1])
            if b.op == "or":
                return self.either(self.both(a, b.args[0]), self.both(a, b.args[1]))
            if b.op == "shl" and type(b.args[0]) is int and (a >> b.args[0]) == WORD >> b.args[0]:
                return b
            if width(b) < 256 and a & ((1 << width(b)) - 1) == 0:
                return 0
            return self.term("and", a, b)
        if a is b:
            return a
        return self.term("and", a, b)

    def either(self, a: Word, b: Word) -> Word:
        """Return a | b."""
        if type(a) is int and type(b) is int:
            return a | b
        if a == 0:
            return b
        if b == 0 or a is b:
            return a
        if type(b) is int:
            a, b = b, a
        return self.term("or", a, b)

    def invert(self, a: Word) -> Word:
        """Return the word with every bit turned."""
        if type(a) is int:
            return a ^ WORD
        assert type(a) is Term
        return a.args[0] if a.op == "not" else self.term("not", a)

    # Comparisons.

    def iszero(self, a: Word) -> Word:
        """Return 1 where the word is zero, else 0; negation of a negation of a truth value is that value."""
        if type(a) is int:
            return int(a == 0)
        assert type(a) is Term
        if a.op == "iszero":
            inner = a.args[0]
            if type(inner) is Term and inner.op in BOOLEAN:
                return inner
        if a.op in ("sub", "xor"):
            return self.eq(a.args[0], a.args[1])
        if a.op == "add" and type(a.args[0]) is int:  # a word less a number
            return self.eq(-a.args[0] & WORD, a.args[1])
        if a.op in ("caller", "origin", "address") or a is self.term("extcodesize", self.term("address")):
            return 0  # nobody has the key of address zero, and this code has a size
        return self.term("iszero", a)

    def eq(self, a: Word, b: Word) -> Word:
        """Return 1 where the words are the same; a constant stands first."""
        if type(a) is int and type(b) is int:
            return int(a == b)
        if a is b:
            return 1
        if type(b) is int:
            a, b = b, a
        if a == 0:
            return self.iszero(b)
        if type(a) is int and type(b) is Term:
            if a == 1 and b.op in BOOLEAN:
                return b
            if a >> width(b):
                return 0
        return self.term("eq", a, b)


def shift_of(word: Word) -> int:
    """Return by how many bits a word was shifted up, -1 where it was not."""
    if type(word) is Term and word.op in ("shl", "mul") and type(word.args[0]) is int:
        return word.args[0] if word.op == "shl" else power_of_two(word.args[0])
    return -1


LEAVES = frozenset({
    "sload", "arg", "calldata", "caller", "origin", "callvalue", "ret", "call", "timestamp", "number", "address",
    "balance", "selfbalance", "gasprice", "coinbase", "tload", "gas", "extcodesize", "extcodehash",
})  # fmt: skip
