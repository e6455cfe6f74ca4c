"""Writers of block trades."""

from __future__ import annotations

from tarazy.domain.records import ExecuteBlockTrade

from .orders import near_price, trading_account, trading_market
from .world import World


def execute_block_trade(world: World) -> bytes:
    """Return a block trade near the last price: mostly of two clients, mostly large enough, its consent mostly new."""
    market_id = trading_market(world)
    market = world.markets[market_id - 1]
    side = 1 + world.below(2)
    asker, quoter = trading_account(world), trading_account(world)
    price = near_price(world, market, side) if world.chance(0.98) else 0
    lots = 1 + world.below(world.shape.lots) if world.chance(0.98) else 0
    consent = world.new_hash() if world.chance(0.9) else bytes(31) + bytes([world.below(2)])
    parties = (asker.account_id, quoter.account_id)
    return ExecuteBlockTrade(side, world.tick(), market_id, *parties, price, lots, consent).pack()


WEIGHTS = {execute_block_trade: 60}
