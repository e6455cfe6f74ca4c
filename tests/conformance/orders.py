"""Random commands on orders."""

from __future__ import annotations

from tarazy.domain.records import (
    AccountOpened,
    AccountRole,
    AmendOrder,
    AssetStatus,
    CancelAll,
    CancelOrder,
    MarketState,
    OrderType,
    PlaceOrder,
    SetCancelTimer,
    Side,
    TimeInForce,
)

from .world import KnownMarket, World

U64_MAX = (1 << 64) - 1
U128_MAX = (1 << 128) - 1
SLICES_MAX = 100
LIMIT, MARKET, POST_ONLY = OrderType.limit, OrderType.market, OrderType.post_only
STOPS = (OrderType.stop_loss, OrderType.stop_loss_limit)
TRIGGER_MARKET = (OrderType.stop_loss, OrderType.take_profit)
GTC, IOC, FOK, GTD, DAY, OPENING, CLOSE = TimeInForce
# How often which order type comes with which time in force; the last entries are refused or rare.
STYLES = (
    [(LIMIT, GTC)] * 44
    + [(LIMIT, GTD)] * 6
    + [(LIMIT, IOC)] * 6
    + [(LIMIT, FOK)] * 4
    + [(POST_ONLY, GTC)] * 8
    + [(POST_ONLY, GTD), (POST_ONLY, DAY)]
    + [(LIMIT, DAY)] * 4
    + [(kind, time) for kind in (LIMIT, MARKET) for time in (OPENING, CLOSE)]
    + [(MARKET, IOC)] * 8
    + [(MARKET, FOK)] * 3
    + [(MARKET, GTC)] * 4
    + [
        (waiting, tif)
        for waiting in (OrderType.stop_loss_limit, OrderType.take_profit_limit)
        for tif in (GTC, IOC, FOK, GTD, DAY)
    ]
    + [(OrderType.stop_loss, IOC), (OrderType.take_profit, IOC)] * 3
    + [(OrderType.stop_loss, GTC), (MARKET, GTD), (POST_ONLY, FOK), (OrderType.stop_loss_limit, CLOSE)]
)
CALL_PHASE_TIMES = (GTC, GTC, GTC, GTC, GTC, GTC, OPENING, CLOSE)


def place_order(world: World) -> bytes:
    """Return an order, mostly one that can be accepted."""
    market_id, account = trading_market(world), trading_account(world)
    market = world.markets[market_id - 1]
    order_type, time_in_force = STYLES[world.below(len(STYLES))]
    if market.state != MarketState.continuous and world.chance(0.8):
        order_type, time_in_force = (
            MARKET if world.chance(0.1) else LIMIT,
            CALL_PHASE_TIMES[world.below(len(CALL_PHASE_TIMES))],
        )
    side = 1 + world.below(2)
    price = near_price(world, market, side) if order_type not in (MARKET, *TRIGGER_MARKET) else 0
    lots, amount = sizes(world, market, order_type, time_in_force)
    ts_ns = world.tick()
    command = PlaceOrder(
        order_type,
        side,
        time_in_force,
        1 + world.below(4),
        session(world),
        ts_ns,
        market_id,
        account.account_id,
        client_order_id(world),
        price,
        lots,
        trigger_price(world, market, order_type, side),
        display_lots(world, lots, time_in_force) if price else 0,
        world.later(300) if time_in_force == GTD else 0,
        account.approval_id if world.chance(0.998) else 77,
        amount,
    )
    return (spoil(world, command) if world.chance(0.02) else command).pack()


def trading_market(world: World) -> int:
    """Return a market's number, mostly of one that trades."""
    for _ in range(6):
        market_id = 1 + world.below(world.shape.markets)
        market = world.markets[market_id - 1]
        admitted = all(world.assets[asset_id - 1] == AssetStatus.admitted for asset_id in market.assets)
        if admitted and market.state not in (MarketState.closed, MarketState.halted):
            break
    return market_id if world.chance(0.95) else world.any_market()


def trading_account(world: World) -> AccountOpened:
    """Return an account, mostly one that may trade."""
    for _ in range(4):
        account = world.accounts[world.below(len(world.accounts))]
        idle = account.account_id in world.inactive or account.account_role < world.insiders.get(account.owner_id, 0)
        if not (idle or account.account_role == AccountRole.house) or world.chance(0.1):
            break
    return account


def near_price(world: World, market: KnownMarket, side: int) -> int:
    """Return a price near the last one, mostly on the passive side of it."""
    width = world.shape.width
    away = int(world.rand() * world.rand() * width) if world.chance(0.65) else -int(world.rand() * world.rand() * width)
    price = market.price_ticks - away if side == Side.buy else market.price_ticks + away
    return min(max(price, 1), U64_MAX)


def sizes(world: World, market: KnownMarket, order_type: int, time_in_force: int) -> tuple[int, int]:
    """Return the lots and the cash order quantity of an order."""
    lots = 1 + int(world.rand() * world.rand() * world.shape.lots)
    if world.chance(0.004):
        lots = world.between(0, U64_MAX)
    if order_type == MARKET and world.chance(0.05 if time_in_force == GTC else 0.5):
        lots = min(lots * 64, U64_MAX) if world.chance(0.06) else lots
        return 0, min(lots * market.price_ticks * world.shape.tick_value_minor + world.below(5), U128_MAX)
    return lots, 0


def display_lots(world: World, lots: int, time_in_force: int) -> int:
    """Return the slice of an iceberg, 0 for most orders."""
    if lots < 2 or world.chance(0.88) or (time_in_force not in (GTC, GTD) and world.chance(0.9)):
        return 0
    return max(world.below(lots), -(-lots // SLICES_MAX))


def trigger_price(world: World, market: KnownMarket, order_type: int, side: int) -> int:
    """Return a trigger beyond the last price for the types that have one."""
    if order_type in (LIMIT, MARKET, POST_ONLY):
        return 0
    distance = 1 + world.below(max(world.shape.width >> 1, 1))
    if world.chance(0.1):
        distance = -distance
    rises = (order_type in STOPS) == (side == Side.buy)
    price = market.price_ticks + distance if rises else market.price_ticks - distance
    return min(max(price, 1), U64_MAX)


def client_order_id(world: World) -> int:
    """Return a client's number: none, a new one, or a small one that may be taken."""
    dice = world.rand()
    if dice < 0.6:
        return 0
    if dice < 0.65:
        return 1 + world.below(20)
    world.client_order_ids += 1
    return 1_000 + world.client_order_ids


def spoil(world: World, command: PlaceOrder) -> PlaceOrder:
    """Return the order with one field that does not fit the others."""
    choice = world.below(9)
    ts_ns = command.ts_ns
    if choice == 0:
        return command._replace(price_ticks=0 if command.price_ticks else 5)
    if choice == 1:
        return command._replace(quantity_lots=0)
    if choice == 2:
        return command._replace(cash_order_quantity_minor=command.cash_order_quantity_minor + 1_000)
    if choice == 3:
        return command._replace(trigger_price_ticks=0 if command.trigger_price_ticks else 9)
    if choice == 4:
        return command._replace(display_lots=command.quantity_lots)
    if choice == 5:
        return command._replace(expire_ns=world.between(max(ts_ns - 2, 0), min(ts_ns + 2, U64_MAX)))
    if choice == 6:
        return command._replace(time_in_force=1 + world.below(7))
    if choice == 7:
        lots = world.between(0, U64_MAX) if world.chance(0.5) else command.quantity_lots
        return command._replace(price_ticks=U64_MAX if command.side == Side.buy else 1, quantity_lots=lots)
    return command._replace(account_id=world.any_account(), approval_id=0)


def amend_order(world: World) -> bytes:
    """Return an amendment of an open order: smaller, larger, elsewhere, or one that is refused."""
    number = world.any_order()
    order = world.orders.get(number)
    if order is not None and order.order_type > POST_ONLY and world.chance(0.7):
        number = world.any_order()
        order = world.orders.get(number)
    if order is None:
        return AmendOrder(
            world.tick(), world.any_market(), world.any_account(), number or world.below(1_000), 5, 5
        ).pack()
    dice = world.rand()
    price, quantity = 0, order.quantity
    if dice < 0.4:
        quantity = order.filled + 1 + world.below(max(order.quantity - order.filled - 1, 1))
    elif dice < 0.55:
        most = min(order.display * SLICES_MAX or U64_MAX, U64_MAX)
        quantity = min(order.quantity + 1 + world.below(world.shape.lots), most)
    elif dice < 0.9:
        price = near_price(world, world.markets[order.market_id - 1], order.side)
    elif dice < 0.97:
        quantity = world.below(order.filled + 1)
    else:
        price = U64_MAX if order.side == Side.buy else 1
    by_client = order.client_order_id and world.chance(0.2)
    number, client = (0, order.client_order_id) if by_client else (number, 0)
    return AmendOrder(world.tick(), order.market_id, order.account_id, number, price, quantity, client).pack()


def cancel_order(world: World) -> bytes:
    """Return a cancel of an open order by either number, at times of another account's."""
    number = world.any_order()
    order = world.orders.get(number)
    if order is None:
        return CancelOrder(world.tick(), world.any_market(), world.any_account(), world.below(1_000), 3).pack()
    account = order.account_id if world.chance(0.97) else world.any_account()
    by_client = order.client_order_id and world.chance(0.4)
    names = (0, order.client_order_id) if by_client else (number, 0)
    return CancelOrder(world.tick(), order.market_id, account, *names).pack()


def cancel_all(world: World) -> bytes:
    """Return a cancel of all orders of an account, or of those in one market, on one side or of one session."""
    side, market = world.below(3), world.below(len(world.markets) + 1)
    return CancelAll(side, session(world), world.tick(), market, world.any_account()).pack()


def session(world: World) -> int:
    """Return a session of the client: mostly none, else one of few."""
    return 0 if world.chance(0.7) else 1 + world.below(4)


def set_cancel_timer(world: World) -> bytes:
    """Return a cancel timer of some steps, one that ends it, or one that is too long."""
    steps = 1 + world.below(200)
    timeout_ms = 0 if world.chance(0.2) else max(steps * world.shape.step_ns // 1_000_000, 1)
    if world.chance(0.05):
        timeout_ms = world.between(86_400_000, (1 << 32) - 1)
    return SetCancelTimer(world.tick(), world.any_account(), timeout_ms).pack()
