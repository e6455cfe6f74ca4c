"""The venue's refusals in the dialect: its code and message, and beside them our reject code and the rule it cites.

Source of codes and messages: binance/binance-spot-api-docs, errors.md and filters.md.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import CommandRejected
from tarazy.domain.reject_codes import REJECT_INFO, RejectCode
from tarazy.domain.reject_codes import RejectCode as R
from tarazy.facility.gateway.public_reasons import COARSE_ADVICE, COARSE_NAME, is_coarse
from tarazy.oversight.requests.errors import INVALID_MESSAGE, NEW_ORDER_REJECTED, DialectError

MARKET_CLOSED = (INVALID_MESSAGE, "Market is closed.")
# Refusals of the venue for which the dialect has words of its own.
MEANINGS: dict[RejectCode, tuple[int, str]] = {
    R.insufficient_balance: (NEW_ORDER_REJECTED, "Account has insufficient balance for requested action."),
    R.client_order_id_taken: (NEW_ORDER_REJECTED, "Duplicate order sent."),
    R.post_only_would_cross: (NEW_ORDER_REJECTED, "Order would immediately match and take."),
    R.trigger_already_reached: (NEW_ORDER_REJECTED, "Order would trigger immediately."),
    R.account_not_active: (NEW_ORDER_REJECTED, "This action is disabled on this account."),
    R.owner_cannot_trade: (NEW_ORDER_REJECTED, "This action is disabled on this account."),
    R.house_cannot_trade: (NEW_ORDER_REJECTED, "This action is disabled on this account."),
    R.list_prices_crossed: (NEW_ORDER_REJECTED, "The relationship of the prices for the orders is not correct."),
    R.market_not_open: MARKET_CLOSED,
    R.asset_not_admitted: MARKET_CLOSED,
    R.market_rules_missing: MARKET_CLOSED,
    R.price_outside_collar: (INVALID_MESSAGE, "Filter failure: PERCENT_PRICE_BY_SIDE"),
    R.price_off_grid: (INVALID_MESSAGE, "Filter failure: PRICE_FILTER"),
    R.quantity_too_large: (INVALID_MESSAGE, "Filter failure: LOT_SIZE"),
    R.quantity_missing: (INVALID_MESSAGE, "Filter failure: LOT_SIZE"),
    R.notional_too_small: (INVALID_MESSAGE, "Filter failure: NOTIONAL"),
    R.notional_too_large: (INVALID_MESSAGE, "Filter failure: NOTIONAL"),
    R.open_orders_limit: (INVALID_MESSAGE, "Filter failure: MAX_NUM_ORDERS"),
    R.display_not_allowed: (INVALID_MESSAGE, "Filter failure: ICEBERG_PARTS"),
    R.trailing_delta_out_of_range: (INVALID_MESSAGE, "Filter failure: TRAILING_DELTA"),
}


def refusal(event: CommandRejected, otherwise: int = NEW_ORDER_REJECTED) -> DialectError:
    """Return the venue's refusal in the dialect; `otherwise` is the code where the dialect has no word for it.

    A refusal that may come of a check on the client is told in coarse words, without number, rule and figures.
    """
    return refusal_of(RejectCode(event.reject_code), event.expected, event.found, otherwise)


def refusal_of(code: RejectCode, expected: int, found: int, otherwise: int = NEW_ORDER_REJECTED) -> DialectError:
    """Return a refusal of a code with its two figures in the dialect."""
    if code is R.order_unknown or code is R.order_list_unknown:
        number, message = otherwise, "Unknown order sent."
    else:
        number, message = MEANINGS.get(code, (otherwise, REJECT_INFO[code].doc))
    if is_coarse(code):
        return DialectError(number, message, reject=COARSE_NAME, advice=COARSE_ADVICE)
    return DialectError(number, message, **why(code), expected=str(expected), found=str(found))


def why(code: RejectCode) -> dict[str, Any]:
    """Return our reject code with its name, what to do, and the rule that refuses where it cites one."""
    info = REJECT_INFO[code]
    found = {"rejectCode": int(code), "reject": code.name, "advice": info.advice}
    return found | ({"rule": info.citation} if info.citation else {})
