"""Who made, owns and holds a token and where it trades, read from a node within bounds.

Everything may be unknown by itself; the reasons come with the result and nothing unknown is written as none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tarazy.chains.evm.contract import Reading, read_owner
from tarazy.chains.evm.creation import Creation, find_creation
from tarazy.chains.evm.facts import HolderShare, Ownership, PoolFacts
from tarazy.chains.evm.holders import TOP, read_holders, share
from tarazy.chains.evm.logs import DEFAULT_BOUNDS, Bounds
from tarazy.chains.evm.markets import Markets, markets_of
from tarazy.chains.evm.pools import LockReader, PoolReader, read_locks
from tarazy.chains.evm.state import ChainState
from tarazy.chains.evm.time_lock import read_time_lock


@dataclass(frozen=True, slots=True)
class OwnershipOptions:
    """How ownership is read. `markets` None takes the known ones of the chain."""

    markets: Markets | None = None
    first_block: int | None = None  # where the token's logs begin; None: since its creation
    bounds: Bounds = DEFAULT_BOUNDS
    lock_readers: Sequence[LockReader] = (read_time_lock,)
    with_pool_logs: bool = False


DEFAULT_OPTIONS = OwnershipOptions()


@dataclass(frozen=True, slots=True)
class OwnershipReading:
    """Ownership with the creation it rests on, and why something in it is unknown."""

    ownership: Ownership
    creation: Creation
    unknown: tuple[str, ...] = ()


def read_ownership(
    state: ChainState, supply: int | None, options: OwnershipOptions = DEFAULT_OPTIONS
) -> OwnershipReading:
    """Read creator, owner, holders and pools at the block of the state, and confirm the block at the end.

    Raises: NodeInconsistentError where answers contradict each other or the chain reorganised.
    """
    reading = Reading()
    creation = find_creation(state)
    if creation.reason:
        reading.unknown.append(f"the creator is unknown: {creation.reason}")
    first_block = creation.block_number or 0 if options.first_block is None else options.first_block
    owner = reading.attempt("the owner", lambda: read_owner(state))
    pools = read_pools(state, first_block, options, reading)
    known = [each for each in (owner, creation.creator, *(pool.address for pool in pools or ())) if each]
    holding = reading.attempt(
        "the holders", lambda: read_holders(state, state.address, supply, first_block, known, options.bounds)
    )
    if holding is not None and holding.reason:
        reading.unknown.append(f"the holders are not complete: {holding.reason}")
    tags = {pool.address: f"pool {pool.name}" for pool in pools or ()}
    tags |= {each: tag for each, tag in ((creation.creator, "creator"), (owner, "owner")) if each}
    tags[state.address] = "the token itself"
    held = holding.balances if holding else ()
    shares = reading.attempt("the holders", lambda: describe(state, held, supply, tags, options.lock_readers))
    state.confirm()
    balances = dict(held) if holding else {}
    ownership = Ownership(
        owner_address=owner,
        owner_balance=balances.get(owner, 0) if holding and owner else None,
        creator_address=creation.creator,
        creator_balance=balances.get(creation.creator, 0) if holding and creation.creator else None,
        holder_count=holding.count if holding else None,
        holders=shares or (),
        pools=pools,
        source="node",
    )
    return OwnershipReading(ownership, creation, tuple(reading.unknown))


def read_pools(
    state: ChainState, first_block: int, options: OwnershipOptions, reading: Reading
) -> tuple[PoolFacts, ...] | None:
    """Return the pools; None where no market of the chain is known or the node did not answer."""
    markets = markets_of(state.chain_id) if options.markets is None else options.markets
    if not markets.factories and not markets.pairs:
        reading.unknown.append(f"pools are unknown: no market of chain {state.chain_id} is known")
        return None
    reader = PoolReader(state, markets, first_block, options.bounds, options.lock_readers)
    found = reading.attempt("pools", lambda: reader.read(options.with_pool_logs))
    reading.unknown += reader.unknown
    return found


def describe(
    state: ChainState,
    held: Sequence[tuple[str, int]],
    supply: int | None,
    tags: Mapping[str, str],
    lock_readers: Sequence[LockReader],
) -> tuple[HolderShare, ...]:
    """Describe the largest holders."""
    return tuple(
        share(state, each, amount, supply, tags.get(each, ""), read_locks(state, each, state.address, lock_readers))
        for each, amount in held[:TOP]
    )
