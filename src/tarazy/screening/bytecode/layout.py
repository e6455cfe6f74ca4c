"""The token's layout, read from what its view functions return: balances, allowances, supply, owner fields.

The standard interface is the anchor: `balanceOf(a)` must read what holders have, whatever the variables are called.
Source: ERC-20 (function selectors), Solidity documentation (layout of state variables in storage).
"""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.bytecode.graph import Graph
from tarazy.screening.bytecode.locations import Field, Location, field_of, locate
from tarazy.screening.bytecode.term import Term, Word, loads, order, walk

BALANCE_OF = 0x70A08231
ALLOWANCE = 0xDD62ED3E
TOTAL_SUPPLY = 0x18160DDD
TRANSFER = 0xA9059CBB
TRANSFER_FROM = 0x23B872DD
APPROVE = 0x095EA7B3
DECIMALS = 0x313CE567
STYLES = {1: "vyper", 2: "packed"}  # the slot first; an account of twenty bytes before a seed of twelve
OWNER_VIEWS = (0x8DA5CB5B, 0x893D20E8, 0xF851A440, 0x5AA6E675, 0x3408E470)  # owner getOwner admin governance ...


@dataclass(frozen=True)
class Layout:
    """Where a token keeps what matters.

    `balances` is the slot of the mapping that `balanceOf` reads first, None where it is not one mapping of slots known
    from the code; `balance_roots` are all that it reads. `owners` are the address fields that are compared with the
    caller, as (slot, byte offset from the right).
    """

    balances: int | None = None
    balances_style: str = "solidity"
    balance_field: tuple[int, int] = (0, 256)  # (low bit, bits) of the balance in its word
    balance_offset: int = 0  # words from the mapping's entry
    balance_roots: frozenset[int] = frozenset()
    balance_scales: frozenset[Field] = frozenset()  # fields that balanceOf scales by
    allowances: int | None = None
    allowance_roots: frozenset[int] = frozenset()
    total_supply: int | None = None
    supply_fields: frozenset[Field] = frozenset()
    owners: tuple[tuple[int, int], ...] = ()
    shown_owners: frozenset[Field] = frozenset()  # address fields that a public view returns
    supply_shown: int | None = None  # what totalSupply and decimals answer where the code alone says it
    decimals_shown: int | None = None
    inferred: bool = False  # no balanceOf: the mappings of accounts were told from how they are written

    def keeps_balance(self, field: Field) -> bool:
        """Return whether a field is, or is part of, what balanceOf reads of a holder."""
        if field.root not in self.balance_roots or not field.depth:
            return False
        return field.root != self.balances or _overlap(field.low, field.bits, self.balance_field)

    def keeps_books(self, field: Field) -> bool:
        """Return whether a field is a balance, an allowance or the supply."""
        return self.keeps_balance(field) or field.root in self.allowance_roots or field in self.supply_fields


def _overlap(low: int, bits: int, part: tuple[int, int]) -> bool:
    return low < part[0] + part[1] and part[0] < low + bits


def read_layout(graphs: list[Graph]) -> Layout:
    """Return the layout that the standard views show."""
    by_selector = {graph.selector: graph for graph in graphs}
    balances = returned_loads(by_selector.get(BALANCE_OF))
    keyed = [load for load in balances if keyed_by(load, 4)]
    roots = [place.root for place in map(place_of, keyed) if place.root is not None]
    inner = {load for outer in keyed for load in loads(outer.args[0])}  # lengths and indices on the path to a balance
    main = next((load for load in keyed if place_of(load).root is not None and load not in inner), None)
    field = (0, 256)
    if main is not None:
        for graph_word in returned_words(by_selector.get(BALANCE_OF)):
            for term in walk(graph_word):
                if term.op == "field" and term.args[0] is main:
                    assert type(term.args[1]) is int and type(term.args[2]) is int
                    field = (term.args[1], term.args[2])
    allowances = [load for load in returned_loads(by_selector.get(ALLOWANCE)) if keyed_by(load, 4)]
    allowance_roots = [place.root for place in map(place_of, allowances) if place.root is not None]
    supply = frozenset(
        found for word in returned_words(by_selector.get(TOTAL_SUPPLY)) for found in fields_in(word) if found.depth == 0
    )
    supply_slots = sorted(f.root for f in supply if f.root is not None)
    return Layout(
        balances=place_of(main).root if main is not None and len(place_of(main).keys) == 1 else None,
        balances_style=style_of(main),
        balance_field=field,
        balance_offset=place_of(main).offset if main is not None else 0,
        balance_roots=frozenset(roots),
        balance_scales=frozenset(
            f for word in returned_words(by_selector.get(BALANCE_OF)) for f in fields_in(word) if f.depth == 0
        ),
        allowances=allowance_roots[0] if allowance_roots else None,
        allowance_roots=frozenset(allowance_roots),
        total_supply=supply_slots[0] if len(supply_slots) == 1 else None,
        supply_fields=supply,
        shown_owners=shown_addresses(graphs),
        supply_shown=shown_number(by_selector.get(TOTAL_SUPPLY)),
        decimals_shown=shown_number(by_selector.get(DECIMALS)),
    )


def returned_words(graph: Graph | None) -> list[Word]:
    """Return the first word of every path a view returns."""
    if graph is None:
        return []
    return [node.returned[0] for node in graph.nodes if node.end == "return" and node.returned]


def shown_number(graph: Graph | None) -> int | None:
    """Return the number that a view returns on every path, None where it is none that the code tells."""
    words = returned_words(graph)
    return words[0] if words and type(words[0]) is int and all(word == words[0] for word in words) else None


def returned_loads(graph: Graph | None) -> list[Term]:
    """Return the loads in what a view returns, in order of finding."""
    found: dict[Term, None] = {}
    for word in returned_words(graph):
        for term in sorted(loads(word), key=order):
            found[term] = None
    return list(found)


def place_of(load: Term) -> Location:
    """Return the place of a load."""
    return locate(load.args[0])


def keyed_by(load: Term, argument: int) -> bool:
    """Return whether a load's place is keyed by an argument."""
    return any(
        type(key) is Term and any(term.op == "arg" and term.args[0] == argument for term in walk(key))
        for key in place_of(load).keys
    )


def style_of(load: Term | None) -> str:
    """Return in which order the mapping's entry was hashed."""
    if load is None:
        return "solidity"
    made = next((term.args[2:] for term in walk(load) if term.op == "map"), ())
    return STYLES.get(made[0], "solidity") if made and type(made[0]) is int else "solidity"


def fields_in(word: Word) -> tuple[Field, ...]:
    """Return every field that a word reads, each once."""
    if type(word) is not Term:
        return ()
    if word.fields is None:
        found: dict[Field, None] = {}
        inside: set[Term] = set()
        whole: list[Term] = []
        for term in walk(word):
            if term.op == "field" and type(term.args[0]) is Term and term.args[0].op == "sload":
                inside.add(term.args[0])
                found[known_field(term)] = None
            elif term.op == "sload":
                whole.append(term)
        for term in whole:
            if term not in inside:
                found[known_field(term)] = None
        word.fields = tuple(found)
    return word.fields


def known_field(term: Term) -> Field:
    """Return the field of a term that is known to be a load or a part of one."""
    field = field_of(term)
    assert field is not None
    return field


def shown_addresses(graphs: list[Graph]) -> frozenset[Field]:
    """Return the address fields that some view without arguments returns as they are."""
    found = set()
    for graph in graphs:
        for word in returned_words(graph):
            if type(word) is Term:
                field = field_of(word)
                if field is not None and field.depth == 0 and field.bits in (160, 256):
                    found.add(field)
    return frozenset(found)
