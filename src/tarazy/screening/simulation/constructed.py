"""What a constructor left: whose balances, whose allowances, and what it wrote at places that nobody is known for.

Storage says where, never whose: an entry of a mapping stands at a hash. So the accounts that can be known (who
deployed, the contract itself, accounts of events, numbers in the code, accounts stored in variables) are hashed and
compared with the slots that were written. What is left over belongs to accounts that the constructor worked out.

Known limit: an entry of an account that was worked out is told as one of a balance only where the constructor's own
code says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tarazy.chains.evm.abi import selector
from tarazy.chains.evm.code import Code
from tarazy.screening.bytecode.bits import WORD
from tarazy.screening.bytecode.creation import embedded_runtime
from tarazy.screening.bytecode.explore import explore
from tarazy.screening.bytecode.layout import Layout
from tarazy.screening.bytecode.locations import LISTS, Location, locate
from tarazy.screening.bytecode.term import Word
from tarazy.screening.bytecode.terms import TermPool
from tarazy.screening.simulation.actors import BYSTANDER, OWNER
from tarazy.screening.simulation.engine import CallOutcome, EvmEngine, address_of, view
from tarazy.screening.simulation.holders import mapping_slot, nested_slot
from tarazy.screening.simulation.listing import receivers
from tarazy.screening.simulation.market import balance_of

ACCOUNTS_MAX = 96
SMALL_SLOT = 1 << 64  # variables lie below, entries of mappings and lists do not
ADDRESS = (1 << 160) - 1
BURN_MAX = 0xFFFF
UNLIMITED = 1 << 255  # an allowance of as much or more is of everything
LIST_WORDS = 64
STRUCT_WORDS = 4
WORTH = 10_000  # amounts of less than this part of the supply are flags and times
ROOTS = range(64)
ARGUMENT_WORDS_MAX = 32  # of the arguments behind a constructor


@dataclass(frozen=True, slots=True)
class Constructed:
    """What a constructor gave.

    Units: balances, allowances and supply in units of the token. `hidden` are holders whom no event shows, other than
    who deployed. `allowances` are (owner, spender, amount) over what is neither the deployer's nor the contract's own
    nor burnt. `computed` are amounts in the balances of accounts that are not known, `computed_allowances` what is
    allowed over such accounts. `unseen` are amounts at places that are hashes of what the code does not say: balances
    or allowances of an account that nobody sees, or neither.
    """

    supply: int
    balances: Mapping[str, int]
    hidden: tuple[str, ...] = ()
    allowances: tuple[tuple[str, str, int], ...] = ()
    computed: tuple[int, ...] = ()
    computed_allowances: tuple[int, ...] = ()
    unseen: tuple[int, ...] = ()

    @property
    def beyond(self) -> int:
        """Return by how much the balances are more than the supply, zero where they are not."""
        return max(0, sum(self.balances.values()) + sum(self.computed) - self.supply)


def constructed(engine: EvmEngine, creation: bytes, done: CallOutcome, layout: Layout) -> Constructed | None:
    """Return what a constructor gave, None where the balances or the supply are not understood.

    Cost: a few milliseconds; a call for each known account.
    """
    token = done.created
    if token is None or layout.balances is None:
        return None
    supply = view(engine, token, selector("totalSupply()"), BYSTANDER).word
    if supply is None:
        return None
    written = {slot: value for slot, value in engine.accessed().get(token, {}).items() if value and slot >= SMALL_SLOT}
    accounts = known_accounts(engine, creation, done, token)
    balances = {a: held for a in accounts if (held := balance_of(engine, token, a))}
    shown = {OWNER, *receivers(done)}
    left = unexplained(written, accounts, layout)
    pairs = nested_entries(left, accounts, layout)
    allowances = tuple(allowed(pairs, token))
    rest = {slot: value for slot, value in left.items() if slot not in pairs and value > supply // WORTH}
    kinds = given_to_others(creation, layout, accounts, rest) if rest else Gifts()
    return Constructed(
        supply,
        balances,
        tuple(account for account in balances if account not in shown),
        allowances,
        tuple(left.values()) if kinds.balances else (),
        tuple(rest.values()) if kinds.allowances else (),
        tuple(value for slot, value in rest.items() if slot in kinds.folded),
    )


def known_accounts(engine: EvmEngine, creation: bytes, done: CallOutcome, token: str) -> list[str]:
    """Return the accounts that may hold something: actors, arguments, those of events, stored ones, numbers."""
    numbers = [item.operand for item in Code(creation).instructions if item.operand and item.operand > SMALL_SLOT]
    stored = [value for slot, value in engine.accessed().get(token, {}).items() if slot < SMALL_SLOT]
    topics = [int.from_bytes(topic, "big") for log in done.logs for topic in log.topics[1:]]
    actors = [int(OWNER, 16), int(token, 16), 0xDEAD, 1]
    found = [*actors, *constructor_arguments(creation), *topics, *stored, *(value >> 8 for value in stored), *numbers]
    return list(dict.fromkeys(address_of(number & ADDRESS) for number in found if number & ADDRESS))[:ACCOUNTS_MAX]


def constructor_arguments(creation: bytes) -> list[int]:
    """Return the accounts among the constructor's arguments, which stand in whole words behind the code."""
    ends = range(len(creation), max(31, len(creation) - 32 * ARGUMENT_WORDS_MAX), -32)
    words = (int.from_bytes(creation[end - 32 : end], "big") for end in ends)
    return [word for word in words if BURN_MAX < word <= ADDRESS]


def unexplained(written: Mapping[int, int], accounts: list[str], layout: Layout) -> dict[int, int]:
    """Return the slots that are no entry of a known account and no part of a list or a text."""
    style, left = layout.balances_style, dict(written)
    for slot in list(left):
        if any(slot - word in LISTS for word in range(LIST_WORDS)):
            del left[slot]
    for account in accounts:
        for root in (*ROOTS, *sorted(layout.balance_roots)) if left else ():
            entry = mapping_slot(int(account, 16), root, style)
            for word in range(STRUCT_WORDS):
                left.pop(entry + word, None)
    return left


def nested_entries(left: Mapping[int, int], accounts: list[str], layout: Layout) -> dict[int, tuple[str, str, int]]:
    """Return the slots that are allowances between known accounts: (owner, spender, amount)."""
    if layout.allowances is None or not left:
        return {}
    found = {}
    for owner in accounts:
        for spender in accounts:
            slot = nested_slot(int(owner, 16), int(spender, 16), layout.allowances, layout.balances_style)
            if slot in left:
                found[slot] = owner, spender, left[slot]
    return found


def allowed(pairs: Mapping[int, tuple[str, str, int]], token: str) -> Iterator[tuple[str, str, int]]:
    """Yield the allowances over what belongs to others."""
    for owner, spender, amount in pairs.values():
        if owner not in (OWNER, token) and int(owner, 16) > BURN_MAX and spender != owner:
            yield owner, spender, amount


class Gifts(NamedTuple):
    """What a constructor's own code says that it gives to accounts which it works out."""

    balances: bool = False
    allowances: bool = False
    folded: frozenset[int] = frozenset()  # slots that the compiler worked out: nothing says what they are


def given_to_others(creation: bytes, layout: Layout, accounts: list[str], rest: Mapping[int, int]) -> Gifts:
    """Return which gifts to accounts that are worked out the constructor's own code shows."""
    known = {int(account, 16) for account in accounts}
    graphs, _ = explore(Code(creation), TermPool())
    places = [locate(write.key) for node in graphs[0].nodes for write in node.writes if write.value != 0]
    named = [item.operand for item in Code(embedded_runtime(creation) or b"").instructions if item.operand is not None]
    runtime = {*named, *(number ^ WORD for number in named)}  # a place of its own is often written as a complement
    folded_owner = any(is_entry_of_entry(place) for place in places) and bool(layout.allowance_roots)
    return Gifts(
        any(p.root in layout.balance_roots and len(p.keys) == 1 and is_worked_out(p.keys[0], known) for p in places),
        any(p.root in layout.allowance_roots and len(p.keys) == 2 and is_worked_out(p.keys[0], known) for p in places)
        or (folded_owner and max(rest.values()) >= UNLIMITED),
        frozenset(p.root for p in places if p.root is not None and p.root in rest and p.root not in runtime),
    )


def is_entry_of_entry(place: Location) -> bool:
    """Return whether a place is the entry of a mapping whose own place is a hash that the compiler worked out."""
    return place.root is not None and place.root > SMALL_SLOT and len(place.keys) == 1


def is_worked_out(key: Word, known: set[int]) -> bool:
    """Return whether an account is one that the code works out, none of those that are known."""
    if isinstance(key, int):
        return key & ADDRESS not in known
    return key.op not in ("caller", "origin", "address")
