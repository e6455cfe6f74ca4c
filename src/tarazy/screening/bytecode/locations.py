"""Storage places: where a key leads (root slot, mapping keys, offset) and which field of a word a write changes."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import NamedTuple

from tarazy.chains.evm.code import keccak256
from tarazy.screening.bytecode.bits import WORD, power_of_two
from tarazy.screening.bytecode.graph import Write
from tarazy.screening.bytecode.term import Term, Word, operators, width
from tarazy.screening.bytecode.terms import TermPool

# Where the entries of lists declared at the first slots begin: optimisers put the hash into the code.
LISTS = {int.from_bytes(keccak256(slot.to_bytes(32, "big")), "big"): slot for slot in range(128)}
CHOSEN = ("arg", "calldata", "sload", "ret")
HASHES = ("map", "array", "keccak", "memory", "top")
HASHED_BITS = 64  # numbers of more bits are hashes, or chosen to collide with none
ADDRESS_WORD_BITS = 96  # zeros before an address in a word
FORMAT_DEPTH = 4  # how deep a word is told to a reader


class Location(NamedTuple):
    """A place in storage.

    `root` is the slot at which the variable was declared; `keys` are the mapping keys and array indices that lead on
    from it; `offset` counts words within a struct. `root` is None where the key was not understood, and where somebody
    chooses the slot by its number: then that number is the one key. `list_index` is how far a list's entry is from
    where the list begins, zero where there is no list: one that nothing bounds leads to any slot.
    """

    root: int | None
    keys: tuple[Word, ...] = ()
    offset: int = 0
    list_index: Word = 0

    def __str__(self) -> str:
        return self.formatted(FORMAT_DEPTH)

    def formatted(self, depth: int) -> str:
        """Return the place in words, its keys to a depth."""
        root = "?" if self.root is None else hex(self.root)
        keys = "".join(f"[{format_word(key, depth)}]" for key in self.keys)
        return root + keys + (f"+{self.offset}" if self.offset else "")


class Field(NamedTuple):
    """Bits of a place: `bits` of them from bit `low`."""

    root: int | None
    depth: int  # number of mapping keys
    offset: int
    low: int
    bits: int

    def overlaps(self, other: Field) -> bool:
        """Return whether two fields share a bit."""
        same = (self.root, self.depth, self.offset) == (other.root, other.depth, other.offset)
        return same and self.low < other.low + other.bits and other.low < self.low + self.bits

    def __str__(self) -> str:
        text = ("?" if self.root is None else hex(self.root)) + "[]" * self.depth
        text += f"+{self.offset}" if self.offset else ""
        return text if self.bits >= 256 else f"{text} bits {self.low}..{self.low + self.bits - 1}"


def locate(key: Word) -> Location:
    """Return the place to which a storage key leads."""
    if type(key) is int:
        return Location(LISTS[key], (0,)) if key in LISTS else Location(key)
    assert type(key) is Term
    if key.place is None:
        key.place = find_place(key)
    place: Location = key.place
    return place


def find_place(key: Term) -> Location:
    """Work out `locate`; a slot that somebody chooses is its own key, at no root."""
    found = placed(key)
    if found.root is not None or found.list_index:
        return found
    chosen = is_chosen_slot(key) or is_free_hash(key) or (key.op == "add" and any(map(is_free_hash, key.args)))
    return Location(None, (key,)) if chosen else found


def is_chosen_slot(key: Term) -> bool:
    """Return whether a key is a number that a caller gives or that is stored, with no hash around or beside it."""
    kinds = operators(key)
    if kinds.isdisjoint(CHOSEN) or not kinds.isdisjoint(HASHES):
        return False
    return not any(type(part) is int and part >> HASHED_BITS for part in key.args if key.op == "add")


def is_free_hash(key: Word) -> bool:
    """Return whether a key is the hash of bytes of any number: the bytes may be an account and a mapping's slot.

    Bytes that begin with letters are none: a word that names an account begins with zeros.
    """
    if type(key) is not Term or key.op != "keccak" or key.args[0] != 0 or len(key.args) == 1:
        return False
    first = key.args[1]
    begins = type(first) is int and first >> (256 - ADDRESS_WORD_BITS)
    return not begins and not operators(key).isdisjoint(("arg", "calldata", "memory"))


def placed(key: Term) -> Location:
    """Return the place that a key is counted from."""
    op, args = key.op, key.args
    if op == "map":
        base = locate(args[0])
        return Location(base.root, base.keys + (args[1],))
    if op == "array":
        base = locate(args[0])
        return Location(base.root, base.keys)
    if op == "phi":
        return placed_in_list(args)
    if op == "sub" and is_hash(args[0]):
        return Location(None, (args[1],), list_index=args[1])
    return placed_beside(args[0], args[1]) if op == "add" else Location(None)


def placed_in_list(parts: tuple[Word, ...]) -> Location:
    """Return the place of an entry of one list, which a loop goes through; the index that can lead farthest counts."""
    places = [locate(part) for part in parts]
    if (
        not all("array" in operators(part) for part in parts)
        or places[0].root is None
        or len({place.root for place in places}) > 1
    ):
        return Location(None)
    return max(places, key=lambda place: width(place.list_index))


def is_hash(word: Word) -> bool:
    """Return whether a word is a hash, as the code has it or worked out."""
    return word >> HASHED_BITS > 0 if type(word) is int else type(word) is Term and word.op in ("array", "map")


def placed_beside(left: Word, right: Word) -> Location:
    """Return the place of a sum: a field of a structure, or an entry of a list."""
    if type(left) is int:
        if left in LISTS:
            return Location(LISTS[left], (right,), list_index=right)
        base = locate(right)
        if base.root is not None and base.keys and left < 1 << 16:
            return Location(base.root, base.keys, base.offset + left, base.list_index)
        if base.root is not None:
            return Location(base.root, base.keys + (left,), list_index=base.list_index)
        return (
            Location(None, (right,), list_index=right)
            if left >> HASHED_BITS and not base.list_index
            else Location(None)
        )
    for base_word, index in ((left, right), (right, left)):
        if type(base_word) is Term and base_word.op in ("array", "map", "add"):
            base = locate(base_word)
            if base.root is not None:
                return Location(base.root, base.keys + (index,), base.offset, index)
            if is_hash(base_word):
                return Location(None, (index,), list_index=index)
    return Location(None)


def field_of(term: Term) -> Field | None:
    """Return the field that a load, or a part of a load, reads."""
    low, bits, load = 0, 256, term
    if term.op == "field":
        inner = term.args[0]
        if type(inner) is not Term:
            return None
        load = inner
        assert type(term.args[1]) is int and type(term.args[2]) is int
        low, bits = term.args[1], term.args[2]
    if load.op != "sload":
        return None
    place = locate(load.args[0])
    return Field(place.root, len(place.keys), place.offset, low, bits)


class StorageChange(NamedTuple):
    """One field that a write changes, from what and to what."""

    offset: int
    place: Location
    field: Field
    value: Word
    before: Word


def changes(pool: TermPool, write: Write) -> list[StorageChange]:
    """Return the fields that one SSTORE changes; bits that are only copied back do not count."""
    value = write.value
    place = locate(write.key)
    whole = pool.term("sload", write.key)
    mask = 0 if value is write.before else WORD ^ (preserved(value, whole) & preserved(write.before, whole))
    if mask == WORD:
        return [
            StorageChange(
                write.offset, place, Field(place.root, len(place.keys), place.offset, 0, 256), value, write.before
            )
        ]
    found = []
    low = 0
    while mask >> low:
        rest = mask >> low
        low += (rest & -rest).bit_length() - 1  # the next bit that is set
        unset = ~(mask >> low)
        bits = (unset & -unset).bit_length() - 1  # and how many follow it
        field = Field(place.root, len(place.keys), place.offset, low, bits)
        before = pool.extract(write.before, low, bits)
        found.append(StorageChange(write.offset, place, field, pool.extract(value, low, bits), before))
        low += bits
    return found


def preserved(value: Word, whole: Term) -> int:
    """Return the mask of bits that a written value copies from the word that was there."""
    if value is whole:
        return WORD
    if type(value) is not Term:
        return 0
    if value.op == "or":
        left, right = value.args
        return (preserved(left, whole) & ~possible(right)) | (preserved(right, whole) & ~possible(left))
    if value.op == "and" and type(value.args[0]) is int:
        return value.args[0] & preserved(value.args[1], whole)
    if value.op == "phi":
        return reduce(and_, (preserved(part, whole) for part in value.args))
    if value.op == "field" and value.args[0] is whole and value.args[1] == 0:
        assert type(value.args[2]) is int
        return (1 << value.args[2]) - 1
    return 0


def possible(word: Word) -> int:
    """Return the mask of bits that a word may have set, as far as masks and shifts around it tell."""
    if type(word) is int:
        return word
    assert type(word) is Term
    first = word.args[0] if word.args else 0
    if word.op == "and":
        return possible(first) & possible(word.args[1])
    if word.op == "phi":
        return reduce(or_, map(possible, word.args))
    if word.op == "or":
        return possible(first) | possible(word.args[1])
    if word.op == "shl" and type(first) is int:
        return possible(word.args[1]) << first & WORD
    if word.op == "mul" and type(first) is int and power_of_two(first) > 0:
        return possible(word.args[1]) << power_of_two(first) & WORD
    return (1 << width(word)) - 1


def format_word(word: Word, depth: int = FORMAT_DEPTH) -> str:
    """Return a word as a reader would name it; what lies deeper is left out."""
    if isinstance(word, int):
        return hex(word)
    if word.op == "arg":
        place = word.args[0]
        assert type(place) is int
        return f"arg{(place - 4) // 32}" if place >= 4 else "selector"
    if word.op == "field":
        return format_word(word.args[0], depth)
    if not word.args:
        return word.op
    if depth == 0:
        return "..."
    if word.op == "sload":
        return f"storage {locate(word.args[0]).formatted(depth - 1)}"
    return f"{word.op}({', '.join(format_word(a, depth - 1) for a in word.args[:2])})"


def load_of(term: Term) -> Term:
    """Return the load of which a term is a part, or which it is."""
    inner = term.args[0]
    return inner if term.op == "field" and type(inner) is Term else term
