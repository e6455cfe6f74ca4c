"""One situation for every refusal of limits over time and of settings that take effect later; see refusals."""

from __future__ import annotations

from tarazy.domain.records import (
    ParameterTable,
    RemoveLimit,
    SetClientStatus,
    SetLimit,
    SetParameter,
    SetRate,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, USD, Floor
from .limiting import ACCOUNT, MONTH, OWNER, PURCHASES, limit, rate
from .refusals import AMOUNT_MAX, HASH, Refused, order, refuses

# The limit of one owner on purchases in a month; 1001 owns Alice's account.
TERMS = (PURCHASES, OWNER, MONTH, 0, 0)


@refuses(RejectCode.effective_time_past)
def effective_time_past(floor: Floor) -> Refused:
    setting = SetParameter(ParameterTable.open_orders_max, 0, 0, floor.now, 0, 5, HASH)
    return Refused(setting, floor.now + 1, floor.now)


@refuses(RejectCode.pending_setting_unknown)
def pending_setting_unknown(floor: Floor) -> Refused:
    table = ParameterTable.fee_discount_ppm
    seq = floor.act(SetParameter(table, 0, 3, floor.now + 1, 0, 5, HASH))[0].seq
    return Refused(SetParameter(table, 0, 4, 0, seq, 5, HASH), 0, seq)


@refuses(RejectCode.limit_invalid)
def limit_invalid(floor: Floor) -> Refused:
    return Refused(SetLimit(PURCHASES, ACCOUNT, MONTH, 2, 0, 0, 0, 0, ALICE, 0, 0, 5, HASH), 0, 2)


@refuses(RejectCode.limit_unknown)
def limit_unknown(floor: Floor) -> Refused:
    return Refused(RemoveLimit(*TERMS, 0, 0, 1_001, 0, 0, HASH), 1, 0)


@refuses(RejectCode.rate_invalid)
def rate_invalid(floor: Floor) -> Refused:
    return Refused(SetRate(0, USD, 1, AMOUNT_MAX + 1, HASH), AMOUNT_MAX, AMOUNT_MAX + 1)


@refuses(RejectCode.rate_missing)
def rate_missing(floor: Floor) -> Refused:
    limit(floor, 1_000, PURCHASES)
    return Refused(order(), USD, 0)


@refuses(RejectCode.limit_reached)
def limit_reached(floor: Floor) -> Refused:
    rate(floor, USD)
    limit(floor, 400, PURCHASES)
    return Refused(order(), 400, 500)


@refuses(RejectCode.owner_unknown)
def owner_unknown(floor: Floor) -> Refused:
    return Refused(SetClientStatus(1, 1, 0, 0, 77, HASH), 0, 77)
