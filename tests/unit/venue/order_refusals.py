"""One situation for every refusal of order control; see refusals."""

from __future__ import annotations

from tarazy.domain.records import (
    CancelOrderList,
    OrderType,
    PlaceOco,
    PlaceOto,
    PlaceTrailingStop,
    RegisterClientKey,
    RequestWithdrawal,
    RevokeClientKey,
    SetCancelTimer,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BTC, MARKET, Floor
from .refusals import HASH, Refused, refuses


@refuses(RejectCode.cancel_timer_too_long)
def cancel_timer_too_long(floor: Floor) -> Refused:
    return Refused(SetCancelTimer(0, ALICE, 86_400_001), 86_400_000, 86_400_001)


@refuses(RejectCode.client_request_id_taken)
def client_request_id_taken(floor: Floor) -> Refused:
    request = RequestWithdrawal(0, ALICE, BTC, 5, HASH, 7)
    seq = floor.do(request)[0].seq
    return Refused(request, seq, floor.venue.next_seq)


def oco(**fields: int) -> PlaceOco:
    """Return Alice's pair that sells ten lots at 110, or at market once 90 prints, with other fields."""
    return PlaceOco(2, 1, 0, 0, MARKET, ALICE, 0, 110, 10, 90)._replace(**fields)


@refuses(RejectCode.trailing_delta_out_of_range)
def trailing_delta_out_of_range(floor: Floor) -> Refused:
    stop = PlaceTrailingStop(4, 2, 2, 1, 0, 0, MARKET, ALICE, 0, 0, 5, 90, trailing_bp=2_001)
    return Refused(stop, 2_000, 2_001)


@refuses(RejectCode.trailing_price_missing)
def trailing_price_missing(floor: Floor) -> Refused:
    return Refused(PlaceTrailingStop(4, 2, 2, 1, 0, 0, MARKET, ALICE, 0, 0, 5, trailing_bp=100), 1, 0)


@refuses(RejectCode.list_prices_crossed)
def list_prices_crossed(floor: Floor) -> Refused:
    return Refused(oco(price_ticks=90, trigger_price_ticks=95), 96, 90)


@refuses(RejectCode.list_type_not_allowed)
def list_type_not_allowed(floor: Floor) -> Refused:
    market = PlaceOto(2, 1, 1, 1, 0, 0, MARKET, ALICE, 0, 0, 5, 110, 5)
    return Refused(market, OrderType.limit, OrderType.market)


@refuses(RejectCode.list_number_too_large)
def list_number_too_large(floor: Floor) -> Refused:
    last = (1 << 64) - 1
    return Refused(oco(client_order_id=last), last - 1, last)


@refuses(RejectCode.order_list_unknown)
def order_list_unknown(floor: Floor) -> Refused:
    return Refused(CancelOrderList(0, MARKET, ALICE, 5), 0, 5)


# ---------------------------------------------------------------- keys with which clients sign
def client_key(**fields: int) -> RegisterClientKey:
    """Return the registration of Alice's key number 7, with other fields."""
    return RegisterClientKey(1, 0, 0, ALICE, 7, 0, HASH)._replace(**fields)


@refuses(RejectCode.client_key_scopes_invalid)
def client_key_scopes_invalid(floor: Floor) -> Refused:
    return Refused(client_key(client_key_scopes=4), 3, 4)


@refuses(RejectCode.client_key_number_taken)
def client_key_number_taken(floor: Floor) -> Refused:
    floor.do(client_key())
    return Refused(client_key(), 0, 7)


@refuses(RejectCode.client_key_unknown)
def client_key_unknown(floor: Floor) -> Refused:
    return Refused(RevokeClientKey(0, ALICE, 7), 0, 7)


@refuses(RejectCode.client_key_expired)
def client_key_expired(floor: Floor) -> Refused:
    return Refused(client_key(valid_until_ns=1), floor.now + 1, 1)
