"""What a trailing stop or an order list would hold, and whether the venue would refuse it, before it is sent.

The engine's own checks say it (`spec/order_lists.py`), as for single orders (`order_preview.py`). A pending order holds
nothing yet, and a pair holds the larger of its two needs.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import PlaceOco, PlaceOrder, PlaceOto, PlaceTrailingStop, Side
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.feeds.book import BookDepth
from tarazy.facility.gateway.order_preview import (
    CONTINUOUS,
    POST_ONLY,
    Reached,
    crossing_refusal,
    market_now,
    plain,
    refusal_plain,
    rules_refusal,
    walk,
)
from tarazy.facility.gateway.rates import Rates
from tarazy.facility.projections.venue import VenueTerms
from tarazy.oversight.requests.order_requests import OrderRequest
from tarazy.spec.book import TRIGGER_TYPES
from tarazy.spec.legs import OCO_LIMIT, OCO_STOP, OTO_PENDING, OTO_WORKING
from tarazy.spec.order_lists import (
    Leg,
    check_leg,
    check_pair,
    leg_terms,
    new_leg,
    placed_needs,
    stop_terms,
    working_terms,
)
from tarazy.spec.orders import check_market
from tarazy.spec.refusal import Refusal
from tarazy.spec.settlement import paying_asset
from tarazy.spec.state import Account

DependentCommand = PlaceTrailingStop | PlaceOco | PlaceOto


def preview_list(
    venue: VenueTerms,
    request: OrderRequest,
    rates: Rates,
    available: dict[int, tuple[int, int]],
    book: BookDepth,
    last_price_ticks: int,
) -> dict[str, Any]:
    """Return what the orders of one command would hold together, and what the first would trade and pay at once."""
    symbol = request.symbol
    state, market = market_now(venue, symbol.market_id, last_price_ticks)
    account = Account(request.party.account_id)
    legs = legs_of(request.command)
    orders = [new_leg(state, market, account, leg) for leg in legs]
    first = orders[0]
    asset_id, held = paying_asset(market, first.side), sum(placed_needs(market, legs, orders))
    free = available.get(asset_id, (0, 0))[0]
    reached = Reached(0, 0, 0)
    if market.market_state == CONTINUOUS and first.order_type not in TRIGGER_TYPES:
        reached = walk(symbol, first, first.price_ticks, 0, rates.taker_ppm, book)
    refusal: dict[str, Any] | None = None
    try:
        check_market(state, market)
        for leg in legs:
            check_leg(state, account, market, leg, legs[0].terms.price_ticks)
        check_pair(market, legs)
        if free < held:
            raise Refusal(RejectCode.insufficient_balance, held, free)
        if first.order_type == POST_ONLY and reached.lots:
            raise crossing_refusal(first, book)
    except Refusal as refused:
        refusal = refusal_plain(refused)
    found = plain(symbol, first, asset_id == market.quote_asset_id, held, free, reached, rates)
    return found | {"waits": True, "refusal": refusal}


def refused_by_rules(venue: VenueTerms, request: OrderRequest, last_price_ticks: int) -> Refusal | None:
    """Return why a market's rules would refuse an order, or a trailing stop, of anybody; None where they would not."""
    state, market = market_now(venue, request.symbol.market_id, last_price_ticks)
    if isinstance(request.command, PlaceOrder):
        return rules_refusal(state, market, request.command)
    try:
        check_market(state, market)
        for leg in legs_of(request.command):
            check_leg(state, Account(request.party.account_id), market, leg, leg.terms.price_ticks)
    except Refusal as refused:
        return refused
    return None


def legs_of(command: DependentCommand) -> list[Leg]:
    """Return the orders that a command places, as the engine reads it."""
    if isinstance(command, PlaceTrailingStop):
        return [Leg(0, PlaceOrder(*command[:-1]), command.trailing_bp)]
    if isinstance(command, PlaceOco):
        limit = leg_terms(command, 0, POST_ONLY, command.side, command.price_ticks, command.quantity_lots)
        stop = stop_terms(command, 1, command.side, command.quantity_lots)
        return [Leg(OCO_LIMIT, limit), Leg(OCO_STOP, stop, command.trailing_bp)]
    side = int(Side.sell if command.side == Side.buy else Side.buy)
    price, lots = command.pending_price_ticks, command.pending_quantity_lots
    pending = leg_terms(command, 1, command.pending_type, side, price, lots)
    pending = pending._replace(trigger_price_ticks=command.trigger_price_ticks)
    return [Leg(OTO_WORKING, working_terms(command)), Leg(OTO_PENDING, pending, command.trailing_bp, True)]
