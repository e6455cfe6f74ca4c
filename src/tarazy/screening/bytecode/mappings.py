"""What mappings are told by: accounts raised and lowered, members whom others name, slots that callers choose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from tarazy.screening.bytecode.flow import ValueFlow
from tarazy.screening.bytecode.guards import depends_on_caller, recovered
from tarazy.screening.bytecode.locations import Location, StorageChange, locate
from tarazy.screening.bytecode.movements import movement_of
from tarazy.screening.bytecode.term import Term, Word, loads, walk, width
from tarazy.screening.bytecode.writer import Writer

REACH_BITS = 200  # an offset of fewer bits leads from one hash to no other


def is_any_slot(change: StorageChange) -> bool:
    """Return whether the caller chooses where a write goes.

    His number is the key, with no mapping or list around it; or it is added to where a list begins. A hash stays inside
    what the code declares, except one of bytes that he gives (`locations.is_free_hash`).
    """
    place = change.place
    if place.list_index:
        return is_free_index(place.list_index)
    return place.root is None and bool(place.keys)


def is_free_index(index: Word) -> bool:
    """Return whether a caller may choose how far from a list's beginning a write goes, beyond any list's length."""
    if type(index) is not Term or width(index) <= REACH_BITS:
        return False
    return any(term.op in ("arg", "calldata") for term in outside(index))


def chosen_number(place: Location) -> Word:
    """Return the number by which a caller chooses where a write goes."""
    return place.list_index or place.keys[0]


def is_signature_test(term: Term, flow: ValueFlow) -> bool:
    """Return whether a condition compares somebody with who signed."""
    return term.op == "eq" and any(type(side) is Term and recovered(side, flow) for side in term.args)


def account_mappings(writers: Sequence[Writer]) -> frozenset[int]:
    """Return the mappings that keep accounts in a contract without balanceOf: amounts by address, raised and lowered.

    A mapping counts where some entry point writes an amount that is not a constant and some other lowers it or sets it
    to zero, both at an entry keyed by one address.
    """
    raised, lowered, others = set[int](), set[int](), set[int | None]()
    for writer in writers:
        change = writer.change
        place = change.place
        if place.root is None or len(place.keys) != 1 or place.offset or change.field.bits < 64:
            others.add(place.root)  # a structure, a list or flags
            continue
        if not names_address(place.keys[0]):
            continue
        movement = movement_of(writer.node, change)
        if change.value == 0 or movement.lowers:
            lowered.add(place.root)
        elif movement.raises and any(term is not None for term, _ in movement.delta) and not is_time(change.value):
            raised.add(place.root)
    return frozenset(root for root in (raised & lowered) - others if root is not None)


def names_address(key: Word) -> bool:
    """Return whether a mapping key is an address: the caller, an address argument or a stored address."""
    if type(key) is not Term:
        return False
    return key.op in ("caller", "origin", "arg", "calldata", "memory") or (key.op == "field" and key.args[2] == 160)


def is_time(word: Word) -> bool:
    """Return whether a word is taken from the clock."""
    return type(word) is Term and any(term.op in ("timestamp", "number") for term in walk(word))


def open_roles(
    writers: Sequence[Writer], flows: Mapping[str, ValueFlow], happens_once: Callable[[str, int], bool]
) -> frozenset[int]:
    """Return the mappings into which callers can enter themselves: being a member of them guards nothing."""
    found = set()
    for writer in writers:
        place: Location = writer.change.place
        if place.root is None or not place.keys or not writer.open:
            continue
        if happens_once(writer.entry, writer.node):
            continue  # an initialiser names the first members, once
        if writer.change.value == 0 or place.root in found:
            continue
        asked = asked_at(flows, place.root) or range(len(place.keys))
        if any(enters_caller(key) for number, key in enumerate(place.keys) if number in asked):
            found.add(place.root)
    return frozenset(found)


def asked_at(flows: Mapping[str, ValueFlow], root: int) -> set[int]:
    """Return at which places among the keys of a mapping conditions put the caller: those say who is a member."""
    places = (
        locate(load.args[0])
        for flow in flows.values()
        for node in flow.nodes
        if node.condition is not None
        for load in loads(node.condition)
    )
    return {
        number
        for place in places
        if place.root == root
        for number, key in enumerate(place.keys)
        if depends_on_caller(key)
    }


def enters_caller(key: Word) -> bool:
    """Return whether a caller can make a key be itself: the caller, or an argument that nothing binds."""
    return depends_on_caller(key) or (type(key) is Term and any(t.op in ("arg", "calldata") for t in outside(key)))


def outside(word: Term) -> Iterator[Term]:
    """Yield the terms of a word, but not what stands in the keys of its loads: a list's entry is nobody's choice."""
    yield word
    for part in word.args if word.op != "sload" else ():
        if type(part) is Term:
            yield from outside(part)
