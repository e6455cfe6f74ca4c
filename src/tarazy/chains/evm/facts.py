"""What is read of a token, its holders and its pools: plain data, without any judgement."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """What the token says of itself. None: not read or not answered."""

    name: str | None = None
    symbol: str | None = None
    decimals: int | None = None
    total_supply: int | None = None


@dataclass(frozen=True, slots=True)
class HolderShare:
    """One holder's part. `percent_ppm` is parts per million of the supply; locks as (amount, start_s, end_s)."""

    address: str
    balance: int
    percent_ppm: int
    is_contract: bool | None = None
    is_locked: bool | None = None
    tag: str = ""
    locks: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class PoolFacts:
    """A pool in which the token trades; `liquidity_minor` in minor units of `quote`."""

    address: str
    name: str  # "UniswapV2", ...
    quote: str
    liquidity_minor: int
    lp_total_supply: int | None = None
    lp_holders: tuple[HolderShare, ...] = ()


@dataclass(frozen=True, slots=True)
class Ownership:
    """Creator, owner, holders and pools, from the node or from supplied tables; None: not known."""

    owner_address: str | None = None  # "" where the contract has no owner
    owner_balance: int | None = None
    creator_address: str | None = None
    creator_balance: int | None = None
    holder_count: int | None = None
    holders: tuple[HolderShare, ...] = ()
    pools: tuple[PoolFacts, ...] | None = None
    source: str = ""  # "node", "table NAME"
