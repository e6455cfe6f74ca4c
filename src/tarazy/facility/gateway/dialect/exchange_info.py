"""A symbol with its filters as exchangeInfo has it: each filter states a bound that the venue enforces.

The tick of PRICE_FILTER is that of the market's lowest band; where prices are higher a band may have a larger one, and
`tickBands` has them all. A market without a reference price has no PERCENT_PRICE_BY_SIDE.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.arithmetic import PPM
from tarazy.domain.records import ParameterTable
from tarazy.facility.projections.venue import (
    COLLAR,
    NOTIONAL_MAX,
    NOTIONAL_MIN,
    QUANTITY_MAX,
    REFERENCE,
    STATE,
    VenueTerms,
)
from tarazy.oversight.requests.decimals import text_of
from tarazy.oversight.requests.names import STATUS_WORDS, DialectPrevention, DialectType
from tarazy.oversight.requests.order_requests import DEFAULT_PREVENTION
from tarazy.oversight.requests.symbol import Symbol

OPEN_ORDERS_MAX = (int(ParameterTable.open_orders_max), 0)
SLICES_MAX = 100
TRAILING_BP = (10, 2_000)
COMMISSION_PLACES = 8


def symbol_plain(venue: VenueTerms, symbol: Symbol) -> dict[str, Any]:
    """Return a symbol."""
    row = venue.markets.rows[symbol.market_id]
    return {
        "symbol": symbol.name,
        "status": STATUS_WORDS[row[STATE]],
        "baseAsset": symbol.base,
        "baseAssetPrecision": symbol.base_places,
        "quoteAsset": symbol.quote,
        "quotePrecision": symbol.quote_places,
        "quoteAssetPrecision": symbol.quote_places,
        "baseCommissionPrecision": COMMISSION_PLACES,
        "quoteCommissionPrecision": COMMISSION_PLACES,
        "orderTypes": [each.name for each in DialectType],
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": filters(venue, symbol),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": DEFAULT_PREVENTION.name,
        "allowedSelfTradePreventionModes": [each.name for each in DialectPrevention],
        "tickBands": tick_bands(venue, symbol),
    }


def tick_bands(venue: VenueTerms, symbol: Symbol) -> list[dict[str, str]]:
    """Return the market's table of tick sizes, lowest price first."""
    bands = sorted((key[1], row[0]) for key, row in list(venue.bands.rows.items()) if key[0] == symbol.market_id)
    return [{"fromPrice": symbol.price(start), "tickSize": symbol.price(step)} for start, step in bands]


def filters(venue: VenueTerms, symbol: Symbol) -> list[dict[str, Any]]:
    """Return the filters of a symbol."""
    bands = tick_bands(venue, symbol)
    starts_low = bands and symbol.ticks_of("price", bands[0]["fromPrice"]) <= 1 if bands else False
    tick = bands[0]["tickSize"] if starts_low else symbol.price(1)
    found: list[dict[str, Any]] = [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": tick,
            "maxPrice": symbol.price((1 << 63) // symbol.tick),
            "tickSize": tick,
        }
    ]
    rules = venue.rules.rows.get(symbol.market_id)
    if rules is None:
        return found
    lot, most = symbol.quantity(1), symbol.quantity(rules[QUANTITY_MAX])
    least, largest = symbol.amount(rules[NOTIONAL_MIN]), symbol.amount(rules[NOTIONAL_MAX])
    found += [
        {"filterType": "LOT_SIZE", "minQty": lot, "maxQty": most, "stepSize": lot},
        {"filterType": "MARKET_LOT_SIZE", "minQty": lot, "maxQty": most, "stepSize": lot},
        {"filterType": "ICEBERG_PARTS", "limit": SLICES_MAX},
        {
            "filterType": "NOTIONAL",
            "minNotional": least,
            "applyMinToMarket": True,
            "maxNotional": largest,
            "applyMaxToMarket": True,
            "avgPriceMins": 0,
        },
        trailing_filter(),
    ]
    if rules[COLLAR] and venue.markets.rows[symbol.market_id][REFERENCE]:
        found.append(collar_filter(rules[COLLAR]))
    most_orders = venue.parameters.rows.get(OPEN_ORDERS_MAX, (0,))[0]
    if most_orders:
        found.append({"filterType": "MAX_NUM_ORDERS", "maxNumOrders": most_orders})
        found.append({"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": most_orders})
    return found


def trailing_filter() -> dict[str, Any]:
    """Return how far a trailing stop may trail, basis points."""
    low, high = TRAILING_BP
    bounds = {"minTrailingAboveDelta": low, "maxTrailingAboveDelta": high}
    return {"filterType": "TRAILING_DELTA", **bounds, "minTrailingBelowDelta": low, "maxTrailingBelowDelta": high}


def collar_filter(collar_ppm: int) -> dict[str, Any]:
    """Return the price collar: how far through the reference price a buy or a sell may be priced."""
    up, down = text_of(PPM + collar_ppm, 6), text_of(max(PPM - collar_ppm, 0), 6)
    return {
        "filterType": "PERCENT_PRICE_BY_SIDE",
        "bidMultiplierUp": up,
        "bidMultiplierDown": "0",
        "askMultiplierUp": "1000000000",
        "askMultiplierDown": down,
        "avgPriceMins": 0,
    }
