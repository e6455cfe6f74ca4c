"""Writers of order lists and trailing stops."""

from __future__ import annotations

from tarazy.domain.records import (
    CancelOrderList,
    OrderType,
    PlaceOco,
    PlaceOto,
    PlaceOtoco,
    PlaceTrailingStop,
    Side,
    TimeInForce,
)
from tarazy.spec.legs import is_leg, list_of

from .orders import (
    GTD,
    LIMIT,
    POST_ONLY,
    TRIGGER_MARKET,
    U64_MAX,
    client_order_id,
    near_price,
    session,
    sizes,
    trading_account,
    trading_market,
    trigger_price,
)
from .world import World

STOP_TYPES = (OrderType.stop_loss, OrderType.stop_loss_limit, OrderType.take_profit, OrderType.take_profit_limit)
PENDING_TYPES = (LIMIT, LIMIT, POST_ONLY, *STOP_TYPES)


def trailing_bp(world: World) -> int:
    """Return a distance in basis points, rarely one out of range."""
    return world.below(2_100) if world.chance(0.1) else 10 + world.below(60)


def place_trailing_stop(world: World) -> bytes:
    """Return a trailing stop, half of them with a price at which they begin."""
    market_id, account = trading_market(world), trading_account(world)
    market, side = world.markets[market_id - 1], 1 + world.below(2)
    order_type = STOP_TYPES[world.below(4)] if world.chance(0.99) else LIMIT
    time_in_force = TimeInForce.ioc if order_type in TRIGGER_MARKET else 1 + world.below(5)
    command = PlaceTrailingStop(
        order_type,
        side,
        time_in_force,
        1 + world.below(4),
        session(world),
        world.tick(),
        market_id,
        account.account_id,
        client_order_id(world),
        0 if order_type in TRIGGER_MARKET else near_price(world, market, side),
        sizes(world, market, LIMIT, time_in_force)[0],
        trigger_price(world, market, order_type, side) if world.chance(0.5) else 0,
        0,
        world.later(300) if time_in_force == GTD else 0,
        account.approval_id,
        trailing_bp(world),
    )
    return command.pack()


def pair_prices(world: World, market_id: int, side: int) -> tuple[int, int, int]:
    """Return limit price, trigger and limit of the stop (mostly 0) around the last price, rarely on one side of it."""
    market, width = world.markets[market_id - 1], max(world.shape.width >> 1, 1)
    up, down = 1 + world.below(width), 1 + world.below(width)
    if world.chance(0.05):
        up = -up
    low, high = max(market.price_ticks - down, 1), min(max(market.price_ticks + up, 1), U64_MAX)
    limit, trigger = (high, low) if side == Side.sell else (low, high)
    away = world.below(width) if world.chance(0.5) else 0
    stop = max(trigger - away, 1) if side == Side.sell else min(trigger + away, U64_MAX)
    return limit, trigger, stop if away else 0


def number_of_list(world: World) -> int:
    """Return a client's number of a list, rarely one with none after it."""
    return U64_MAX - world.below(2) if world.chance(0.004) else client_order_id(world)


def trails(world: World) -> int:
    """Return how far the stop of a list trails: mostly not."""
    return trailing_bp(world) if world.chance(0.2) else 0


def place_oco(world: World) -> bytes:
    """Return a pair of which one cancels the other."""
    market_id, account, side = trading_market(world), trading_account(world), 1 + world.below(2)
    limit, trigger, stop = pair_prices(world, market_id, side)
    lots, bp = sizes(world, world.markets[market_id - 1], LIMIT, GTD)[0], trails(world)
    command = PlaceOco(
        side,
        1 + world.below(4),
        session(world),
        world.tick(),
        market_id,
        account.account_id,
        number_of_list(world),
        limit,
        lots,
        0 if bp and world.chance(0.7) else trigger,
        stop,
        world.later(300) if world.chance(0.1) else 0,
        account.approval_id,
        bp,
    )
    return command.pack()


def working_type(world: World) -> int:
    """Return the type of a working order, rarely one that cannot work first."""
    return LIMIT if world.chance(0.8) else POST_ONLY if world.chance(0.95) else OrderType.market


def place_oto(world: World) -> bytes:
    """Return an order that lets another one begin."""
    market_id, account, side = trading_market(world), trading_account(world), 1 + world.below(2)
    market, other, order_type = world.markets[market_id - 1], 3 - side, working_type(world)
    kind = PENDING_TYPES[world.below(len(PENDING_TYPES))] if world.chance(0.99) else OrderType.market
    is_stop, lots = kind in STOP_TYPES, sizes(world, market, LIMIT, GTD)[0]
    bp = trails(world) if is_stop else 0
    command = PlaceOto(
        order_type,
        side,
        1 + world.below(4),
        kind,
        session(world),
        world.tick(),
        market_id,
        account.account_id,
        number_of_list(world),
        near_price(world, market, side),
        lots,
        0 if kind in TRIGGER_MARKET else near_price(world, market, other),
        lots if world.chance(0.8) else 1 + world.below(world.shape.lots),
        0 if bp and world.chance(0.7) else trigger_price(world, market, kind, other),
        world.later(300) if world.chance(0.1) else 0,
        account.approval_id,
        bp,
    )
    return command.pack()


def place_otoco(world: World) -> bytes:
    """Return an order that lets a pair begin of which one cancels the other."""
    market_id, account, side = trading_market(world), trading_account(world), 1 + world.below(2)
    market, other = world.markets[market_id - 1], 3 - side
    limit, trigger, stop = pair_prices(world, market_id, other)
    lots, bp = sizes(world, market, LIMIT, GTD)[0], trails(world)
    command = PlaceOtoco(
        working_type(world),
        side,
        1 + world.below(4),
        session(world),
        world.tick(),
        market_id,
        account.account_id,
        number_of_list(world),
        near_price(world, market, side),
        lots,
        limit,
        lots if world.chance(0.8) else 1 + world.below(world.shape.lots),
        0 if bp and world.chance(0.7) else trigger,
        stop,
        account.approval_id,
        bp,
    )
    return command.pack()


def cancel_order_list(world: World) -> bytes:
    """Return a cancel of a list that was seen, by its number or the client's, rarely of another's or of none."""
    numbers = [number for number in world.orders if is_leg(number)]
    if not numbers or world.chance(0.1):
        return CancelOrderList(world.tick(), 1, world.any_account(), world.below(1_000), 0).pack()
    number = numbers[world.below(len(numbers))]
    order = world.orders[number]
    by_client = order.client_order_id and world.chance(0.4)
    names = (0, order.client_order_id) if by_client else (list_of(number), 0)
    return CancelOrderList(world.tick(), order.market_id, order.account_id, *names).pack()


WEIGHTS = {
    place_trailing_stop: 260,
    place_oco: 180,
    place_oto: 150,
    place_otoco: 120,
    cancel_order_list: 40,
}
