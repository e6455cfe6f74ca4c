"""Our own pools: they pay what the formulas say, refuse what they must, and are what their sources compile to."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarazy.chains.evm.abi import selector
from tarazy.screening.simulation import artifacts
from tarazy.screening.simulation.abi import call_data, topic, words
from tarazy.screening.simulation.actors import FUNDED, OWNER, STRANGER, TRADER, fund
from tarazy.screening.simulation.engine import EvmEngine, address_of, view
from tarazy.screening.simulation.engines import load_engine
from tarazy.screening.simulation.market import PairMarket, RangeMarket, approve, balance_of, lost_ppm
from tarazy.screening.simulation.venues import RANGE_ROUTER, VENUES, place_all, venue_for

from . import tokens

ROOT = Path(__file__).parents[4]
CONTRACTS = ROOT / "src" / "tarazy" / "screening" / "simulation" / "contracts"
sys.path.insert(0, str(ROOT / "scripts"))
import compile_contracts  # noqa: E402

SUPPLY = 1_000_000 * 10**18
UNISWAP = VENUES[0]


@pytest.fixture
def engine() -> EvmEngine:
    made = load_engine("revm")
    fund(made, *FUNDED)
    place_all(made)
    return made


@pytest.fixture
def token(engine: EvmEngine) -> str:
    done = engine.deploy(OWNER, tokens.creation("plain-lean", "plain"))
    assert done.created is not None
    return done.created


@pytest.fixture
def pair(engine: EvmEngine, token: str) -> PairMarket:
    made = PairMarket.create(engine, token, UNISWAP, OWNER)
    assert made is not None
    assert made.provide(OWNER, SUPPLY // 2, 100 * 10**18).succeeded
    return made


def test_artifacts_are_of_the_sources_that_stand_beside_them() -> None:
    stale = [unit.source for unit in compile_contracts.read_plan(CONTRACTS) if not compile_contracts.is_current(unit)]
    assert not stale, "run: python scripts/compile_contracts.py src/tarazy/screening/simulation/contracts"


@pytest.mark.slow
def test_artifacts_are_what_the_sources_compile_to(node_tools: Path) -> None:
    assert node_tools.is_dir()
    assert compile_contracts.run(CONTRACTS, check=True) == []


def test_first_liquidity_is_the_root_of_the_product_less_the_locked_part(engine: EvmEngine, pair: PairMarket) -> None:
    assert pair.depth() == (SUPPLY // 2, 100 * 10**18)
    shares = math.isqrt(SUPPLY // 2 * 100 * 10**18)
    assert balance_of(engine, pair.pool, OWNER) == shares - 1_000
    assert view(engine, pair.pool, selector("totalSupply()"), OWNER).word == shares


def test_liquidity_is_taken_out_as_it_was_put_in(engine: EvmEngine, token: str, pair: PairMarket) -> None:
    shares = balance_of(engine, pair.pool, OWNER) or 0
    approve(engine, pair.pool, OWNER, pair.router, shares)
    before = engine.balance(OWNER)
    signature = "removeLiquidityETH(address,uint256,uint256,uint256,address,uint256)"
    assert engine.call(OWNER, pair.router, call_data(signature, token, shares, 0, 0, OWNER, 2**40)).succeeded
    assert 100 * 10**18 - (engine.balance(OWNER) - before) < 10**6
    assert SUPPLY - (balance_of(engine, token, OWNER) or 0) < 10**6


@settings(max_examples=30, deadline=None)
@given(paid=st.integers(10**9, 10**20), part=st.integers(1, 10_000))
def test_trades_pay_what_the_formula_says_and_never_shrink_the_product(paid: int, part: int) -> None:
    machine = load_engine("revm")
    fund(machine, *FUNDED)
    place_all(machine)
    created = machine.deploy(OWNER, tokens.creation("plain-lean", "plain")).created or ""
    market = PairMarket.create(machine, created, UNISWAP, OWNER)
    assert market is not None
    market.provide(OWNER, SUPPLY // 2, 100 * 10**18)
    have, ether = market.depth()
    bought = market.buy(TRADER, paid)
    assert bought.amount_out == paid * 997 * have // (ether * 1_000 + paid * 997)
    amount = bought.amount_out * part // 10_000
    now, into = market.depth()
    assert now * into >= have * ether
    sold = market.sell(TRADER, max(amount, 1))
    if sold.succeeded:
        assert sold.amount_out == max(amount, 1) * 997 * into // (now * 1_000 + max(amount, 1) * 997)
        assert math.prod(market.depth()) >= now * into


def test_swap_that_takes_more_than_it_pays_for_is_refused(engine: EvmEngine, token: str, pair: PairMarket) -> None:
    engine.call(OWNER, token, call_data("transfer(address,uint256)", pair.pool, 1_000))
    outs = (0, 10**18) if pair.token_is_0 else (10**18, 0)
    data = call_data("swap(uint256,uint256,address,bytes)", *outs, STRANGER, 128, 0)
    assert engine.call(STRANGER, pair.pool, data).reason == "PairPool: K"


def test_swap_of_nothing_or_of_all_is_refused(engine: EvmEngine, pair: PairMarket) -> None:
    signature = "swap(uint256,uint256,address,bytes)"
    nothing = engine.call(STRANGER, pair.pool, call_data(signature, 0, 0, STRANGER, 128, 0))
    assert nothing.reason == "PairPool: INSUFFICIENT_OUTPUT_AMOUNT"
    everything = engine.call(STRANGER, pair.pool, call_data(signature, 10**26, 10**26, STRANGER, 128, 0))
    assert everything.reason == "PairPool: INSUFFICIENT_LIQUIDITY"


def test_pool_can_be_skimmed_and_synced(engine: EvmEngine, token: str, pair: PairMarket) -> None:
    engine.call(OWNER, token, call_data("transfer(address,uint256)", pair.pool, 500))
    engine.call(STRANGER, pair.pool, call_data("skim(address)", STRANGER))
    assert balance_of(engine, token, STRANGER) == 500
    engine.call(OWNER, token, call_data("transfer(address,uint256)", pair.pool, 700))
    engine.call(STRANGER, pair.pool, selector("sync()"))
    assert pair.depth()[0] == SUPPLY // 2 + 700


def test_second_pool_of_a_pair_is_refused(engine: EvmEngine, token: str, pair: PairMarket) -> None:
    data = call_data("createPair(address,address)", UNISWAP.weth, token)
    assert engine.call(STRANGER, UNISWAP.factory, data).reason == "PairFactory: PAIR_EXISTS"


def test_router_quotes_both_ways_alike(engine: EvmEngine, token: str, pair: PairMarket) -> None:
    path = (2).to_bytes(32, "big") + int(UNISWAP.weth, 16).to_bytes(32, "big") + int(token, 16).to_bytes(32, "big")
    out = words(
        view(engine, pair.router, call_data("getAmountsOut(uint256,address[])", 10**18, 64) + path, OWNER).output
    )[3]
    into = words(view(engine, pair.router, call_data("getAmountsIn(uint256,address[])", out, 64) + path, OWNER).output)[
        2
    ]
    assert 0 <= 10**18 - into < 10**4
    assert pair.buy(TRADER, 10**18).amount_out == out


def test_late_trade_is_refused(engine: EvmEngine, token: str, pair: PairMarket) -> None:
    path = (2).to_bytes(32, "big") + int(UNISWAP.weth, 16).to_bytes(32, "big") + int(token, 16).to_bytes(32, "big")
    data = call_data("swapExactETHForTokens(uint256,address[],address,uint256)", 0, 128, TRADER, 5) + path
    assert engine.call(TRADER, pair.router, data, 10**18).reason == "PairRouter: EXPIRED"


@pytest.mark.parametrize(("tokens_in", "wei"), [(SUPPLY // 2, 10**20), (SUPPLY // 1_000, 10**20), (10**20, 10**17)])
def test_range_pool_trades_along_its_virtual_reserves(engine: EvmEngine, token: str, tokens_in: int, wei: int) -> None:
    market = RangeMarket.create(engine, token, OWNER)
    assert market is not None
    done = market.provide(OWNER, tokens_in, wei)
    assert done.succeeded, done.reason
    have, ether = market.depth()
    assert abs(have - tokens_in) * 10**6 < tokens_in
    assert abs(ether - wei) * 10**6 < wei
    paid = wei // 50
    bought = market.buy(TRADER, paid)
    after_fee = paid * 997 // 1_000
    expected = have * after_fee // (ether + after_fee)
    assert abs(bought.amount_out - expected) * 10**6 <= expected
    sold = market.sell(TRADER, bought.amount_out)
    assert sold.succeeded
    assert paid * 99 // 100 < sold.amount_out < paid


def test_range_pool_shows_the_tick_of_its_price(engine: EvmEngine, token: str) -> None:
    market = RangeMarket.create(engine, token, OWNER)
    assert market is not None
    market.provide(OWNER, SUPPLY // 2, 10**20)
    price, tick = words(view(engine, market.pool, selector("slot0()"), OWNER).output)[:2]
    signed = tick - (1 << 256) if tick >> 255 else tick
    assert abs(signed - 2 * math.log(price / 2**96, 1.0001)) < 2


def test_range_pool_wants_the_whole_amount(engine: EvmEngine, token: str) -> None:
    market = RangeMarket.create(engine, token, OWNER)
    assert market is not None
    market.provide(OWNER, SUPPLY // 2, 10**20)
    data = call_data("uniswapV3SwapCallback(int256,int256,bytes)", 5, 5, 96, 0)
    assert not engine.call(STRANGER, RANGE_ROUTER, data).succeeded


def test_wrapped_ether_is_paid_back(engine: EvmEngine) -> None:
    engine.call(TRADER, UNISWAP.weth, selector("deposit()"), 10**18)
    before = engine.balance(TRADER)
    assert engine.call(TRADER, UNISWAP.weth, call_data("withdraw(uint256)", 10**18)).succeeded
    assert engine.balance(TRADER) - before == 10**18
    assert not engine.call(TRADER, UNISWAP.weth, call_data("withdraw(uint256)", 1)).succeeded


def test_exchange_that_the_code_names_is_chosen_before_that_of_the_chain() -> None:
    pancake = next(venue for venue in VENUES if venue.name == "PancakeSwap V2")
    assert venue_for(1, b"\x73" + bytes.fromhex(pancake.router[2:])) is pancake
    assert venue_for(56, b"") is pancake
    assert venue_for(424_242, b"") is UNISWAP


def test_every_exchange_stands_at_its_place(engine: EvmEngine) -> None:
    for at in VENUES:
        assert address_of(view(engine, at.router, selector("factory()"), OWNER).word or 0) == at.factory
        assert address_of(view(engine, at.router, selector("WETH()"), OWNER).word or 0) == at.weth
        assert engine.code(at.factory) == artifacts.runtime("PairFactory")


def test_code_that_stands_already_is_left_alone() -> None:
    machine = load_engine("revm")
    machine.set_code(UNISWAP.router, b"\x00")
    place_all(machine)
    assert machine.code(UNISWAP.router) == b"\x00"


@pytest.mark.parametrize(
    ("sent", "arrived", "ppm"),
    [(100, 95, 50_000), (3, 2, 333_333), (10**24, 10**24 - 1, 0), (5, 6, 0), (7, 0, 1_000_000)],
)
def test_lost_part_is_rounded_to_the_nearest(sent: int, arrived: int, ppm: int) -> None:
    assert lost_ppm(sent, arrived) == ppm
    assert lost_ppm(0, 0) is None


def test_event_topics_are_those_of_the_interfaces() -> None:
    known = "d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822"
    assert topic("Swap(address,uint256,uint256,uint256,uint256,address)").hex() == known
