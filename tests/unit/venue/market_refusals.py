"""One situation for every refusal of fees, tick sizes and delistings; see refusals."""

from __future__ import annotations

from tarazy.domain.records import (
    AmendOrder,
    CancelDelisting,
    ChangeIncrements,
    DeclareUnclaimed,
    FeeBasis,
    MarketState,
    RequestWithdrawal,
    ScheduleDelisting,
    SetFees,
    SetTickBand,
    TimeInForce,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BTC, MARKET, SECOND_NS, Floor
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


DAY_NS = 86_400 * SECOND_NS


def delisting(floor: Floor, **dates: int) -> ScheduleDelisting:
    """Return a delisting of bitcoin in 1, 2 and 60 days."""
    now = floor.now
    return ScheduleDelisting(0, BTC, now + DAY_NS, now + 2 * DAY_NS, now + 60 * DAY_NS, HASH)._replace(**dates)


@refuses(RejectCode.delisting_dates_invalid)
def delisting_dates_invalid(floor: Floor) -> Refused:
    return Refused(delisting(floor, close_ns=floor.now), floor.now + DAY_NS, floor.now)


@refuses(RejectCode.delisting_under_way)
def delisting_under_way(floor: Floor) -> Refused:
    floor.act(delisting(floor))
    return Refused(delisting(floor), 0, 1)


@refuses(RejectCode.delisting_unknown)
def delisting_unknown(floor: Floor) -> Refused:
    return Refused(CancelDelisting(0, BTC, HASH), 2, 0)


@refuses(RejectCode.withdrawal_window_over)
def withdrawal_window_over(floor: Floor) -> Refused:
    begun = floor.now
    floor.act(delisting(floor))
    floor.wait(61 * DAY_NS)
    return Refused(RequestWithdrawal(0, ALICE, BTC, 5, HASH), begun + 60 * DAY_NS - 1, floor.now)


@refuses(RejectCode.withdrawal_window_open)
def withdrawal_window_open(floor: Floor) -> Refused:
    begun = floor.now
    floor.act(delisting(floor))
    return Refused(DeclareUnclaimed(0, ALICE, BTC, 5, HASH), begun + 60 * DAY_NS, floor.now)


@refuses(RejectCode.quantity_unfit_for_slice)
def quantity_unfit_for_slice(floor: Floor) -> Refused:
    number = floor.buy(ALICE, 10, 100, display_lots=3).order_id
    return Refused(AmendOrder(0, MARKET, ALICE, number, 100, 3), 4, 3)


@refuses(RejectCode.time_in_force_not_in_auction)
def time_in_force_not_in_auction(floor: Floor) -> Refused:
    floor.to(MarketState.auction)
    return Refused(order(time_in_force=TimeInForce.ioc), TimeInForce.gtc, TimeInForce.ioc)
