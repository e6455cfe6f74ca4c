"""The exchanges whose addresses tokens carry as constants, and our own pools put in their places.

Source: the addresses are those that the exchanges' own documentation publishes for each chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tarazy.screening.simulation import artifacts
from tarazy.screening.simulation.engine import EvmEngine

WETH_MAINNET = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
RANGE_FACTORY = "0x1f98431c8ad98523631ae4a59f267346ea31f984"
RANGE_ROUTER = "0xe592427a0aece92de3edee1f18e0157c05861564"
RANGE_FEE_PPM = 3_000


@dataclass(frozen=True, slots=True)
class TradingVenue:
    """One exchange of the pair kind."""

    name: str
    router: str
    factory: str
    weth: str
    chain_ids: tuple[int, ...]


VENUES = (
    TradingVenue(
        "Uniswap V2",
        "0x7a250d5630b4cf539739df2c5dacb4c659f2488d",
        "0x5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f",
        WETH_MAINNET,
        (1,),
    ),
    TradingVenue(
        "Uniswap V2, first router",
        "0xf164fc0ec4e93095b804a4795bbe1e730343ebf9",
        "0x5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f",
        WETH_MAINNET,
        (1,),
    ),
    TradingVenue(
        "SushiSwap",
        "0xd9e1ce17f2641f24ae83637ab66a2cca9c378b9f",
        "0xc0aee478e3658e2610c5f7a4a2e1777ce9e4f2ac",
        WETH_MAINNET,
        (1,),
    ),
    TradingVenue(
        "PancakeSwap V2",
        "0x10ed43c718714eb63d5aa57b78b54704e256024e",
        "0xca143ce32fe78f1f7019d7d551a6402fc5350c73",
        "0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c",
        (56,),
    ),
    TradingVenue(
        "PancakeSwap V1",
        "0x05ff2b0db69458a0750badebc4f9e13add608c7f",
        "0xbcfccbde45ce874adcb698cc183debcf17952812",
        "0xbb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c",
        (56,),
    ),
    TradingVenue(
        "PancakeSwap, test network",
        "0xd99d1c33f9fc3444f8101754abc46c52416550d1",
        "0x6725f303b657a9451d8ba641348b6761a6cc7a17",
        "0xae13d989dac2f0debff460ac112a837c89baa7cd",
        (97,),
    ),
    TradingVenue(
        "Uniswap V2 on Base",
        "0x4752ba5dbc23f44d87826276bf6fd6b1c372ad24",
        "0x8909dc15e40173ff4699343b6eb8132c65e18ec6",
        "0x4200000000000000000000000000000000000006",
        (8453,),
    ),
)


def place_all(engine: EvmEngine) -> None:
    """Put our routers, factories and WETH at the well-known addresses that have no code yet."""
    for venue in VENUES:
        put(engine, venue.router, "PairRouter", {0: int(venue.factory, 16), 1: int(venue.weth, 16)})
        put(engine, venue.factory, "PairFactory")
        put(engine, venue.weth, "WrappedEther")
    put(engine, RANGE_FACTORY, "RangeFactory")
    put(engine, RANGE_ROUTER, "RangeRouter", {0: int(RANGE_FACTORY, 16), 1: int(WETH_MAINNET, 16)})


def put(engine: EvmEngine, address: str, contract: str, slots: Mapping[int, int] | None = None) -> None:
    """Put one of our contracts at an address, unless other code stands there already."""
    if not engine.code(address):
        engine.fill(address, 0, 1, artifacts.runtime(contract), slots)


def venue_for(chain_id: int, code: bytes) -> TradingVenue:
    """Return the exchange whose router the code names, else that of the chain, else the first."""
    named = (v for v in VENUES if bytes.fromhex(v.router[2:]) in code)
    of_chain = (v for v in VENUES if chain_id in v.chain_ids)
    return next(named, next(of_chain, VENUES[0]))
