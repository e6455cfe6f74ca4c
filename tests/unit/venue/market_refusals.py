"""One situation for every refusal of fees, tick sizes and delistings; see refusals."""

from __future__ import annotations

from tarazy.domain.records import ChangeIncrements, FeeBasis, MarketState, SetFees, SetTickBand
from tarazy.domain.reject_codes import RejectCode

from ...floor import MARKET, Floor
from .refusals import HASH, Refused, order, refuses


@refuses(RejectCode.fees_invalid)
def fees_invalid(floor: Floor) -> Refused:
    return Refused(SetFees(FeeBasis.own, 0, 0, MARKET, 0, 300, 200, 0, 0, HASH), 200, 300)


def band(floor: Floor, start: int, step: int) -> SetTickBand:
    """Return a band of the first market."""
    return SetTickBand(0, MARKET, start, step, 0, 0, HASH)


@refuses(RejectCode.price_off_grid)
def price_off_grid(floor: Floor) -> Refused:
    floor.act(band(floor, 50, 10))
    return Refused(order(price=105), 10, 105)


@refuses(RejectCode.tick_band_invalid)
def tick_band_invalid(floor: Floor) -> Refused:
    return Refused(band(floor, 1_002, 5), 1_000, 1_002)


def increments(lot: int = 10, tick: int = 10) -> ChangeIncrements:
    """Return other increments of the first market."""
    return ChangeIncrements(0, MARKET, lot, tick, HASH)


@refuses(RejectCode.market_not_at_rest)
def market_not_at_rest(floor: Floor) -> Refused:
    return Refused(increments(), MarketState.halted, MarketState.continuous)


@refuses(RejectCode.setting_pending)
def setting_pending(floor: Floor) -> Refused:
    seq = floor.act(band(floor, 50, 10)._replace(effective_ns=floor.now + 5))[0].seq
    floor.to(MarketState.halted)
    return Refused(increments(), 0, seq)


@refuses(RejectCode.increments_invalid)
def increments_invalid(floor: Floor) -> Refused:
    floor.act(band(floor, 50, 5))
    floor.to(MarketState.halted)
    return Refused(increments(1, 2), 2, 5)
