"""What an order would hold and pay, and whether the venue would refuse it, before it is sent.

The engine's own functions say it (`spec/orders.py`), over the terms and the book that read models have. What only the
engine knows is left to it: limits over time, used client order ids, what other orders do meanwhile.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tarazy.domain.records import MarketState, OrderType
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.feeds.book import BookDepth, Level
from tarazy.facility.gateway.dialect.refusals import why
from tarazy.facility.gateway.rates import Rates, rate_text
from tarazy.facility.projections.venue import (
    ASSET_STATUS,
    BASE,
    COLLAR,
    CORRIDOR,
    LOT_SIZE,
    NOTIONAL_MAX,
    NOTIONAL_MIN,
    QUANTITY_MAX,
    QUOTE,
    REFERENCE,
    STATE,
    TICK_VALUE,
    VenueTerms,
)
from tarazy.oversight.requests.decimals import text_of
from tarazy.oversight.requests.order_requests import OrderRequest
from tarazy.oversight.requests.symbol import Symbol
from tarazy.spec.book import BUY, TRIGGER_MARKET_TYPES, Order
from tarazy.spec.fees import charge_minor
from tarazy.spec.orders import (
    check_fields,
    check_in_auction,
    check_market,
    check_price,
    check_size,
    new_order,
    price_hold,
)
from tarazy.spec.refusal import Refusal
from tarazy.spec.settlement import paying_asset
from tarazy.spec.state import Account, Asset, Market, State

CONTINUOUS = int(MarketState.continuous)
POST_ONLY = int(OrderType.post_only)
WAITING = frozenset(
    map(
        int,
        (
            OrderType.stop_loss,
            OrderType.stop_loss_limit,
            OrderType.take_profit,
            OrderType.take_profit_limit,
        ),
    )
)


class Reached(NamedTuple):
    """What an order would trade at once with the book as it is. Units: lots, quote minor units, fee of the taker."""

    lots: int
    cost_minor: int
    fee_minor: int


def preview(
    venue: VenueTerms,
    request: OrderRequest,
    rates: Rates,
    available: dict[int, tuple[int, int]],
    book: BookDepth,
    last_price_ticks: int,
) -> dict[str, Any]:
    """Return what an order would hold, trade at once and pay; `refusal` where the venue would refuse it now."""
    symbol, command = request.symbol, request.command
    state, market = market_now(venue, symbol.market_id, last_price_ticks)
    account = Account(request.party.account_id)
    order = new_order(state, market, account, command)
    asset_id = paying_asset(market, order.side)
    free = available.get(asset_id, (0, 0))[0]
    refused = rules_refusal(state, market, command)
    refusal = refusal_plain(refused) if refused is not None else None
    taker, held = price_hold(market, order, command, free)
    if refusal is None and free < held:
        refusal = refusal_plain(Refusal(RejectCode.insufficient_balance, held, free))
    trades_now = market.market_state == CONTINUOUS and order.order_type not in WAITING
    reached = Reached(0, 0, 0)
    if trades_now:
        cash = getattr(command, "cash_order_quantity_minor", 0)
        reached = walk(symbol, order, taker.limit_ticks, cash, rates.taker_ppm, book)
    if refusal is None and order.order_type == POST_ONLY and reached.lots:
        refusal = refusal_plain(crossing_refusal(order, book))
    found = plain(symbol, order, asset_id == market.quote_asset_id, held, free, reached, rates)
    return found | {"waits": order.order_type in WAITING, "refusal": refusal}


def rules_refusal(state: State, market: Market, command: Any) -> Refusal | None:
    """Return why the market's rules refuse an order whatever the account holds, None where they do not."""
    try:
        check_market(state, market)
        check_fields(command)
        check_in_auction(market, command)
        check_size(market, command)
        check_price(market, command)
    except Refusal as refused:
        return refused
    return None


def crossing_refusal(order: Order, book: BookDepth) -> Refusal:
    """Return the refusal of an order that must rest and would trade."""
    best = (book.asks if order.side == BUY else book.bids)[0][0]
    return Refusal(RejectCode.post_only_would_cross, best, order.price_ticks)


def plain(
    symbol: Symbol, order: Order, pays_quote: bool, held: int, free: int, reached: Reached, rates: Rates
) -> dict[str, Any]:
    """Return a preview in the units that people read."""
    places, code = (symbol.quote_places, symbol.quote) if pays_quote else (symbol.base_places, symbol.base)
    is_buy = order.side == BUY
    fee_places, fee_code = (symbol.base_places, symbol.base) if is_buy else (symbol.quote_places, symbol.quote)
    rests = order.price_ticks and order.order_type not in TRIGGER_MARKET_TYPES
    rest = max(order.leaves_lots - reached.lots, 0) if rests else 0
    received = rest * symbol.lot_size_minor if is_buy else symbol.cost_minor(order.price_ticks, rest)
    average = ""
    if reached.lots:
        average = symbol.price(reached.cost_minor // (reached.lots * symbol.tick_value_minor))
    return {
        "asset": code,
        "hold": text_of(held, places),
        "available": text_of(free, places),
        "availableAfter": text_of(max(free - held, 0), places),
        "feeAsset": fee_code,
        "feeNow": text_of(reached.fee_minor, fee_places),
        "feeLater": text_of(charge_minor(received, rates.maker_ppm), fee_places),
        "takerRate": rate_text(rates.taker_ppm),
        "makerRate": rate_text(rates.maker_ppm),
        "tradesNow": symbol.quantity(reached.lots),
        "averagePrice": average,
        "cost": symbol.amount(reached.cost_minor),
        "rests": symbol.quantity(rest),
    }


def walk(symbol: Symbol, order: Order, limit_ticks: int, cash_minor: int, taker_ppm: int, book: BookDepth) -> Reached:
    """Return what an order reaches in a book, each level's fee rounded as a fill's is."""
    is_buy, lots_left = order.side == BUY, order.leaves_lots
    levels: list[Level] = book.asks if is_buy else book.bids
    lots = cost = fee = 0
    for price, shown in levels:
        if (price > limit_ticks) if is_buy else (price < limit_ticks):
            break
        take = min(shown, lots_left - lots)
        if cash_minor:
            take = min(take, (cash_minor - cost) // symbol.cost_minor(price, 1))
        if take <= 0:
            break
        value = symbol.cost_minor(price, take)
        lots, cost = lots + take, cost + value
        fee += charge_minor(take * symbol.lot_size_minor if is_buy else value, taker_ppm)
    return Reached(lots, cost, fee)


def market_now(venue: VenueTerms, market_id: int, last_price_ticks: int) -> tuple[State, Market]:
    """Return a market with its assets as the engine has them, made from the read model, without its book."""
    state, market, row = State(), Market(market_id), venue.markets.rows[market_id]
    for asset_id in range(1, max(venue.assets.rows) + 1):
        asset = Asset(asset_id)
        asset.asset_status = venue.assets.rows[asset_id][ASSET_STATUS]
        state.assets.append(asset)
    market.base_asset_id, market.quote_asset_id, market.market_state = row[BASE], row[QUOTE], row[STATE]
    market.lot_size_minor, market.tick_value_minor = row[LOT_SIZE], row[TICK_VALUE]
    market.reference_price_ticks, market.last_price_ticks = row[REFERENCE], last_price_ticks
    rules = venue.rules.rows.get(market_id)
    if rules is not None:
        market.collar_ppm, market.corridor_ppm = rules[COLLAR], rules[CORRIDOR]
        market.quantity_max_lots = rules[QUANTITY_MAX]
        market.notional_min_minor, market.notional_max_minor = rules[NOTIONAL_MIN], rules[NOTIONAL_MAX]
    bands = [(key[1], each[0]) for key, each in list(venue.bands.rows.items()) if key[0] == market_id]
    market.tick_bands = sorted(bands)
    market.derive_bounds()
    return state, market


def refusal_plain(refused: Refusal) -> dict[str, Any]:
    """Return a refusal as answers carry it."""
    return {**why(refused.code), "expected": str(refused.expected), "found": str(refused.found)}
