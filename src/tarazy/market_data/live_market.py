"""A made-up market that goes on for ever, step by step: makers quote around a price that wanders, takers trade.

It reads no clock and no book: each step is a run of commands that follows from the seed alone. What the venue refuses,
it refuses; the next step quotes anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tarazy.domain.records import CancelAll, OrderType, PlaceOrder, SelfTradePrevention, TimeInForce
from tarazy.market_data.chance import Chance
from tarazy.market_data.commands import BUY, SELL

LEVELS = 8
PARTS_PER_SPREAD = 10_000  # of the price; half a spread is one
TAKES_IN_TEN = 6
EXPIRE_TAKER = int(SelfTradePrevention.expire_taker)
GTC, IOC = int(TimeInForce.gtc), int(TimeInForce.ioc)
POST_ONLY, MARKET = int(OrderType.post_only), int(OrderType.market)


class LiveMarket:
    """One market. Units: `unit_lots` is the size of the smallest order; sizes are 1 to 50 of it."""

    def __init__(
        self, market_id: int, makers: Sequence[int], takers: Sequence[int], price_ticks: int, unit_lots: int, seed: int
    ) -> None:
        self.market_id = market_id
        self.makers, self.takers = tuple(makers), tuple(takers)
        self.start_ticks = self.price_ticks = price_ticks
        self.unit_lots = unit_lots
        self.chance = Chance(seed)
        self.turn = 0

    def step(self) -> list[Any]:
        """Return the commands of the next step: one maker quotes anew, and sometimes somebody takes."""
        gap = max(1, self.price_ticks // PARTS_PER_SPREAD)
        self.price_ticks += self.chance.between(-2, 2) * gap
        self.price_ticks = min(max(self.price_ticks, self.start_ticks // 2, LEVELS + 1), 2 * self.start_ticks)
        maker = self.makers[self.turn % len(self.makers)]
        self.turn += 1
        commands: list[Any] = [CancelAll(market_id=self.market_id, account_id=maker)]
        for level in range(1, LEVELS + 1):
            away = gap * level + self.chance.below(gap)
            commands.append(self._order(POST_ONLY, BUY, maker, self.price_ticks - away))
            commands.append(self._order(POST_ONLY, SELL, maker, self.price_ticks + away))
        if self.chance.below(10) < TAKES_IN_TEN:
            taker = self.takers[self.chance.below(len(self.takers))]
            commands.append(self._order(MARKET, SELL if self.chance.below(2) else BUY, taker, 0))
        return commands

    def _order(self, order_type: int, side: int, account_id: int, price_ticks: int) -> PlaceOrder:
        """Return an order of some size."""
        lots = self.unit_lots * (1 + self.chance.near(49))
        return PlaceOrder(
            order_type=order_type,
            side=side,
            time_in_force=IOC if order_type == MARKET else GTC,
            self_trade_prevention=EXPIRE_TAKER,
            market_id=self.market_id,
            account_id=account_id,
            price_ticks=max(price_ticks, 0),
            quantity_lots=lots,
        )
