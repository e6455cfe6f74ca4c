"""Which fee rates apply to an account in a market, as the engine works them out (docs/concepts/fees.md)."""

from __future__ import annotations

from typing import NamedTuple

from tarazy.domain.arithmetic import PPM, div_floor
from tarazy.domain.records import ParameterTable
from tarazy.facility.projections.venue import MAKER_FEE, TAKER_FEE, TIER, VenueTerms
from tarazy.oversight.requests.decimals import text_of

DISCOUNT = int(ParameterTable.fee_discount_ppm)
PPM_PLACES = 6


class Rates(NamedTuple):
    """Rates in parts per million of what is received; a maker's below zero is a rebate. `discount_ppm` is in them."""

    maker_ppm: int
    taker_ppm: int
    discount_ppm: int


def rates_of(venue: VenueTerms, account_id: int, market_id: int) -> Rates:
    """Return the rates: the account's own in the market or in every market, the market's own, or its rules'."""
    for key in ((account_id, market_id), (account_id, 0), (0, market_id)):
        own = venue.fees.rows.get(key)
        if own is not None:
            maker_ppm, rebate_ppm, taker_ppm = own
            return Rates(maker_ppm - rebate_ppm, taker_ppm, 0)
    rules = venue.rules.rows.get(market_id)
    if rules is None:
        return Rates(0, 0, 0)
    tier = venue.accounts.rows[account_id][TIER]
    discount = venue.parameters.rows.get((DISCOUNT, tier), (0,))[0]
    maker, taker = (div_floor(rules[column] * (PPM - discount), PPM) for column in (MAKER_FEE, TAKER_FEE))
    return Rates(maker, taker, discount)


def rate_text(rate_ppm: int) -> str:
    """Return a rate as the dialect has it, a decimal part of one."""
    return text_of(rate_ppm * 100, PPM_PLACES + 2)
