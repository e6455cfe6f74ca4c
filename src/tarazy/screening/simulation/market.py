"""Pools of the token under test, and trades in them whose cost is read from what the pool saw.

A tax is the part of an amount that did not arrive: of what the pool paid out when the trader bought, of what the trader
sent when he sold. The pools are ours, so their Swap events are evidence; a token's own Transfer events are not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

from tarazy.chains.evm.abi import selector
from tarazy.screening.simulation.abi import call_data, topic, word, words
from tarazy.screening.simulation.actors import BYSTANDER
from tarazy.screening.simulation.engine import CallOutcome, EvmEngine, address_of, view
from tarazy.screening.simulation.venues import RANGE_FACTORY, RANGE_FEE_PPM, RANGE_ROUTER, WETH_MAINNET, TradingVenue

PPM = 1_000_000
PATIENCE_S = 1_200
RANGE_FEES_PPM = (RANGE_FEE_PPM, 10_000, 500)
SWAP_PAIR = "Swap(address,uint256,uint256,uint256,uint256,address)"
SWAP_RANGE = "Swap(address,address,int256,int256,uint160,uint128,int24)"
BUY = "swapExactETHForTokensSupportingFeeOnTransferTokens(uint256,address[],address,uint256)"
SELL = "swapExactTokensForETHSupportingFeeOnTransferTokens(uint256,uint256,address[],address,uint256)"
EXACT_INPUT = "exactInputSingle((address,address,uint24,address,uint256,uint256,uint256,uint160))"


@dataclass(frozen=True, slots=True)
class Deal:
    """What one trade or transfer did.

    Units: minor units of what goes in and comes out; `tax_ppm` in parts per million, None where nothing moved.
    """

    succeeded: bool
    amount_in: int = 0
    amount_out: int = 0
    tax_ppm: int | None = None
    gas_used: int = 0
    reason: str = ""
    calldata: bytes = b""


class PoolMarket(Protocol):
    """A pool in which the token is traded against ether."""

    kind: str  # "v2" | "v3"
    pool: str
    router: str

    def buy(self, trader: str, wei: int) -> Deal:
        """Buy for an amount of ether."""

    def sell(self, trader: str, amount: int) -> Deal:
        """Sell an amount of the token; the router's allowance is given first."""

    def depth(self) -> tuple[int, int]:
        """Return the pool's (token, ether) in minor units."""


def lost_ppm(sent: int, arrived: int) -> int | None:
    """Return the part that did not arrive, to the nearest part per million; more than was sent counts as none lost."""
    if sent <= 0:
        return None
    return max(0, ((sent - arrived) * PPM + sent // 2) // sent)


def balance_of(engine: EvmEngine, token: str, account: str) -> int | None:
    """Return a token balance, None where the token does not answer."""
    return view(engine, token, call_data("balanceOf(address)", account), BYSTANDER).word


def approve(engine: EvmEngine, token: str, holder: str, spender: str, amount: int) -> str:
    """Give an allowance unless it is there, as a wallet does; return why it reverted, nothing where it was not.

    Some tokens want the allowance at zero before it changes.
    """
    now = view(engine, token, call_data("allowance(address,address)", holder, spender), BYSTANDER).word or 0
    if now >= amount:
        return ""
    done = CallOutcome(True)
    for wanted in (0, amount) if now else (amount,):
        done = engine.call(holder, token, call_data("approve(address,uint256)", spender, wanted))
    return "" if accepted(done) else f"approve: {done.reason or 'the token answered no'}"


def accepted(done: CallOutcome) -> bool:
    """Return whether a token's answer to transfer, approve or the like means yes: no answer counts as yes."""
    return done.succeeded and (not done.output or done.word == 1)


def transfer(engine: EvmEngine, token: str, sender: str, receiver: str, amount: int) -> Deal:
    """Send tokens and see what arrives."""
    before = balance_of(engine, token, receiver) or 0
    data = call_data("transfer(address,uint256)", receiver, amount)
    done = engine.call(sender, token, data)
    if not accepted(done):
        return Deal(False, amount, gas_used=done.gas_used, reason=done.reason or "the token answered no", calldata=data)
    arrived = (balance_of(engine, token, receiver) or 0) - before
    return Deal(True, amount, arrived, lost_ppm(amount, arrived), done.gas_used, calldata=data)


class PairMarket:
    """A pool of the pair kind (V2)."""

    kind = "v2"

    def __init__(self, engine: EvmEngine, token: str, venue: TradingVenue, pool: str) -> None:
        self.engine, self.token, self.venue, self.pool, self.router = engine, token, venue, pool, venue.router
        self.token_is_0 = int(token, 16) < int(venue.weth, 16)

    @classmethod
    def find(cls, engine: EvmEngine, token: str, venue: TradingVenue) -> PairMarket | None:
        """Return the pool of the token at a venue, None where there is none."""
        found = view(engine, venue.factory, call_data("getPair(address,address)", token, venue.weth), BYSTANDER).word
        return cls(engine, token, venue, address_of(found)) if found else None

    @classmethod
    def create(cls, engine: EvmEngine, token: str, venue: TradingVenue, creator: str) -> PairMarket | None:
        """Return the pool of the token at a venue, made where there is none; None where it cannot be made."""
        existing = cls.find(engine, token, venue)
        if existing is None:
            data = call_data("createPair(address,address)", token, venue.weth)
            engine.call(creator, venue.factory, data)
            existing = cls.find(engine, token, venue)
        return existing

    def depth(self) -> tuple[int, int]:
        """Return the pool's (token, ether)."""
        answer = view(self.engine, self.pool, selector("getReserves()"), BYSTANDER)
        reserves = words(answer.output)[:2] if answer.succeeded else ()
        if len(reserves) < 2:
            return 0, 0
        return (reserves[0], reserves[1]) if self.token_is_0 else (reserves[1], reserves[0])

    def provide(self, provider: str, amount: int, wei: int) -> CallOutcome:
        """Add liquidity through the router, as an owner does."""
        approve(self.engine, self.token, provider, self.router, amount)
        deadline = self.engine.block.time_s + PATIENCE_S
        signature = "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)"
        data = call_data(signature, self.token, amount, 0, 0, provider, deadline)
        return self.engine.call(provider, self.router, data, value=wei)

    def provide_written(self, provider: str, wei: int) -> CallOutcome:
        """Add liquidity for tokens that were written into the pool's balance."""
        weth = self.venue.weth
        self.engine.call(provider, weth, selector("deposit()"), value=wei)
        self.engine.call(provider, weth, call_data("transfer(address,uint256)", self.pool, wei))
        return self.engine.call(provider, self.pool, call_data("mint(address)", provider))

    def buy(self, trader: str, wei: int) -> Deal:
        """Buy for an amount of ether."""
        before = balance_of(self.engine, self.token, trader) or 0
        deadline = self.engine.block.time_s + PATIENCE_S
        path = word(2) + word(self.venue.weth) + word(self.token)
        data = call_data(BUY, 0, 128, trader, deadline) + path
        done = self.engine.call(trader, self.router, data, value=wei)
        paid = self._swapped(done)
        if paid is None:
            return Deal(
                False, wei, gas_used=done.gas_used, reason=done.reason or "the pool did not trade", calldata=data
            )
        received = (balance_of(self.engine, self.token, trader) or 0) - before
        return Deal(True, wei, received, lost_ppm(paid[1], received), done.gas_used, calldata=data)

    def sell(self, trader: str, amount: int) -> Deal:
        """Sell an amount of the token."""
        reverted = approve(self.engine, self.token, trader, self.router, amount)
        return Deal(False, amount, reason=reverted) if reverted else self.sell_allowed(trader, amount)

    def sell_allowed(self, trader: str, amount: int) -> Deal:
        """Sell an amount for which the router has an allowance already."""
        before = self.engine.balance(trader)
        deadline = self.engine.block.time_s + PATIENCE_S
        path = word(2) + word(self.token) + word(self.venue.weth)
        data = call_data(SELL, amount, 0, 160, trader, deadline) + path
        done = self.engine.call(trader, self.router, data)
        paid = self._swapped(done)
        if paid is None:
            reason = done.reason or "the pool did not trade"
            return Deal(False, amount, gas_used=done.gas_used, reason=reason, calldata=data)
        received = self.engine.balance(trader) - before
        return Deal(True, amount, received, lost_ppm(amount, paid[0]), done.gas_used, calldata=data)

    def _swapped(self, done: CallOutcome) -> tuple[int, int] | None:
        """Return (what the pool received, what it paid) in the last trade of a call.

        Tokens may sell their own taxes on the way, in trades of their own before this one.
        """
        for log in reversed(done.logs):
            if log.address == self.pool and log.topics and log.topics[0] == topic(SWAP_PAIR):
                in0, in1, out0, out1 = words(log.data)[:4]
                return in0 or in1, out0 or out1
        return None


class RangeMarket:
    """A pool of the range kind (V3), with one full-range position."""

    kind = "v3"
    router = RANGE_ROUTER
    weth = WETH_MAINNET

    def __init__(self, engine: EvmEngine, token: str, pool: str, fee_ppm: int = RANGE_FEE_PPM) -> None:
        self.engine, self.token, self.pool, self.fee_ppm = engine, token, pool, fee_ppm
        self.token_is_0 = int(token, 16) < int(self.weth, 16)

    @classmethod
    def find(cls, engine: EvmEngine, token: str) -> RangeMarket | None:
        """Return the pool of the token, of several the one with most ether; None where there is none."""
        found = []
        for fee_ppm in RANGE_FEES_PPM:
            data = call_data("getPool(address,address,uint24)", token, cls.weth, fee_ppm)
            pool = view(engine, RANGE_FACTORY, data, BYSTANDER).word
            if pool:
                found.append(cls(engine, token, address_of(pool), fee_ppm))
        return max(found, key=lambda market: market.depth()[1], default=None)

    @classmethod
    def create(cls, engine: EvmEngine, token: str, creator: str) -> RangeMarket | None:
        """Make a pool of the token; None where it cannot be made."""
        data = call_data("createPool(address,address,uint24)", token, cls.weth, RANGE_FEE_PPM)
        engine.call(creator, RANGE_FACTORY, data)
        return cls.find(engine, token)

    def provide(self, provider: str, amount: int, wei: int) -> CallOutcome:
        """Add liquidity over the full range of prices, the price being that of the amounts."""
        amount0, amount1 = (amount, wei) if self.token_is_0 else (wei, amount)
        price = math.isqrt((amount1 << 192) // amount0)
        self.engine.call(provider, self.pool, call_data("initialize(uint160)", price))
        self.engine.call(provider, self.weth, selector("deposit()"), value=wei + wei // 1000 + 1)
        approve(self.engine, self.token, provider, self.router, amount + amount // 1000 + 1)
        approve(self.engine, self.weth, provider, self.router, wei + wei // 1000 + 1)
        liquidity = min((amount0 * price) >> 96, (amount1 << 96) // price if price else 0)
        fields = (self.token, self.weth, self.fee_ppm, liquidity)
        return self.engine.call(provider, self.router, call_data("add(address,address,uint24,uint128)", *fields))

    def depth(self) -> tuple[int, int]:
        """Return the pool's (token, ether)."""
        return (
            balance_of(self.engine, self.token, self.pool) or 0,
            balance_of(self.engine, self.weth, self.pool) or 0,
        )

    def buy(self, trader: str, wei: int) -> Deal:
        """Buy for an amount of ether, wrapped first."""
        self.engine.call(trader, self.weth, selector("deposit()"), value=wei)
        before = balance_of(self.engine, self.token, trader) or 0
        deal, paid = self._trade(trader, self.weth, self.token, wei)
        if not deal.succeeded:
            return deal
        received = (balance_of(self.engine, self.token, trader) or 0) - before
        return Deal(True, wei, received, lost_ppm(paid, received), deal.gas_used, calldata=deal.calldata)

    def sell(self, trader: str, amount: int) -> Deal:
        """Sell an amount of the token. The pool insists on the whole amount, so a sale that works had no tax."""
        deal, paid = self._trade(trader, self.token, self.weth, amount)
        if not deal.succeeded:
            return deal
        return Deal(True, amount, paid, 0, deal.gas_used, calldata=deal.calldata)

    def _trade(self, trader: str, paying: str, wanted: str, amount: int) -> tuple[Deal, int]:
        reverted = approve(self.engine, paying, trader, self.router, amount)
        if reverted:
            return Deal(False, amount, reason=reverted), 0
        deadline = self.engine.block.time_s + PATIENCE_S
        data = call_data(EXACT_INPUT, paying, wanted, self.fee_ppm, trader, deadline, amount, 0, 0)
        done = self.engine.call(trader, self.router, data)
        for log in reversed(done.logs):
            if log.address == self.pool and log.topics and log.topics[0] == topic(SWAP_RANGE):
                moved = [value - (1 << 256) if value >> 255 else value for value in words(log.data)[:2]]
                return Deal(True, amount, gas_used=done.gas_used, calldata=data), -min(moved)
        reason = done.reason or "the pool did not trade"
        return Deal(False, amount, gas_used=done.gas_used, reason=RANGE_REASONS.get(reason, reason), calldata=data), 0


RANGE_REASONS = {"IIA": "IIA: the pool did not receive the whole amount, as with a token that taxes transfers"}
