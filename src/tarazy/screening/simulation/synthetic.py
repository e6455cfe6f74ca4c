"""Storage made up for code whose state is not at hand: owners, supply, and balances that the token itself confirms.

Where an amount belongs is found by asking: the token's own `balanceOf` is called for an account that was never seen
before, and storage that this call read holds the balance if writing there changes the answer as expected. So it works
for any layout, with the one that static reading found as the first guess. A made-up state proves what can happen in the
code; it proves nothing of what the deployed token does today.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tarazy.chains.evm.abi import selector
from tarazy.screening.simulation.abi import UINT_MAX, call_data
from tarazy.screening.simulation.actors import BYSTANDER
from tarazy.screening.simulation.engine import EvmEngine, sandbox, view
from tarazy.screening.simulation.holders import mapping_slot
from tarazy.screening.simulation.market import balance_of
from tarazy.screening.simulation.target import Facts

TOKENS = 10**9  # supply made up where there is none, times the unit
VIEW_GAS = 2_000_000
CANDIDATES_MAX = 16
SMALL_SLOT = 1 << 20  # variables lie below it, entries of mappings do not


@dataclass(frozen=True, slots=True)
class WrittenCode:
    """Where a balance lies and how much one unit is in storage."""

    slot: int
    factor: int


def slots_read(engine: EvmEngine, token: str, data: bytes) -> list[int]:
    """Return the token's slots that a call reads."""
    return list(engine.reads(BYSTANDER, token, data, gas=VIEW_GAS).get(token, {}))


def make_supply(engine: EvmEngine, token: str, facts: Facts) -> tuple[int, bool]:
    """Return the token's supply and whether the token confirms it; write one where it is zero."""
    now = view(engine, token, selector("totalSupply()"), BYSTANDER).word
    if now:
        return now, True
    decimals = view(engine, token, selector("decimals()"), BYSTANDER).word or 0
    supply: int = TOKENS * 10 ** (decimals if 0 < decimals <= 18 else 18)
    known = facts.layout.total_supply
    read = slots_read(engine, token, selector("totalSupply()")) if known is None else [known]
    for slot in read[:CANDIDATES_MAX]:
        with sandbox(engine):
            engine.set_storage(token, {slot: supply})
            fits = view(engine, token, selector("totalSupply()"), BYSTANDER).word == supply
        if fits:
            engine.set_storage(token, {slot: supply})
            return supply, True
    return supply, False


def write_balance(engine: EvmEngine, token: str, facts: Facts, account: str, amount: int) -> bool:
    """Write an account's balance; say whether the token confirms it."""
    asked = call_data("balanceOf(address)", account)
    for slot in candidates(engine, token, facts, account, asked):
        place = find_factor(engine, token, account, slot, amount)
        if place is not None:
            engine.set_storage(token, {slot: amount * place.factor})
            return True
    return False


def candidates(engine: EvmEngine, token: str, facts: Facts, account: str, asked: bytes) -> Iterator[int]:
    """Yield slots that may hold an account's balance: the one that static reading found, then those that are read."""
    known = facts.layout.balances
    first = None if known is None else mapping_slot(int(account, 16), known, facts.layout.balances_style)
    if first is not None:
        yield first
    read = [slot for slot in slots_read(engine, token, asked) if slot >= SMALL_SLOT and slot != first]
    yield from read[:CANDIDATES_MAX]


def find_factor(engine: EvmEngine, token: str, account: str, slot: int, amount: int) -> WrittenCode | None:
    """Return how a balance is kept in a slot: as it is, shifted, or scaled; None where the slot is not a balance."""
    for probe in (amount, 1 << 100, 1 << 230):
        with sandbox(engine):
            engine.set_storage(token, {slot: probe})
            seen = balance_of(engine, token, account)
        if seen == probe:
            return WrittenCode(slot, 1)
        if not seen or seen > probe:
            continue
        factor = probe // seen
        if amount * factor > UINT_MAX:
            continue
        with sandbox(engine):
            engine.set_storage(token, {slot: amount * factor})
            confirmed = balance_of(engine, token, account)
        if confirmed is not None and abs(confirmed - amount) * 1000 <= amount:
            return WrittenCode(slot, factor)
    return None


def fill_rates(engine: EvmEngine, token: str, supply: int) -> None:
    """Fill the variable by which tokens of the reflecting kind scale balances, where it is zero.

    Their balanceOf divides by a rate that the constructor made from the largest number and the supply.
    """
    asked = call_data("balanceOf(address)", BYSTANDER)
    if view(engine, token, asked, BYSTANDER).succeeded:
        return
    for slot in slots_read(engine, token, asked)[:CANDIDATES_MAX]:
        if slot < SMALL_SLOT and engine.storage(token, slot) == 0:
            engine.set_storage(token, {slot: UINT_MAX - UINT_MAX % supply})
            if view(engine, token, asked, BYSTANDER).succeeded:
                return
            engine.set_storage(token, {slot: 0})
