"""Rates: what an asset is worth in the reference currency, as a ratio of two amounts.

A ratio is exact whichever way a rate is quoted: 1 USD = 447.85 KZT is 100 cents for 44785 tiyn, and a token of which
10^18 minor units are worth a thousandth of a cent is 1 for 10^21. A fixed power of ten as denominator would round one
of the two. The reference currency has no number of its own: the asset that is the same currency has the rate 1 for 1.
"""

from __future__ import annotations

from tarazy.domain.arithmetic import AMOUNT_MAX, scale_ceil, scale_floor
from tarazy.domain.records import RateSet, SetRate
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.lookup import find_asset
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.state import State
from tarazy.spec.state_parts import Rate

# No value of the reference currency is larger: sums of a billion values fit 128 bits.
VALUE_MAX = 1 << 96
NO_RATE = Rate(0, 0)


def set_rate(state: State, command: SetRate) -> None:
    """State an asset's rate. What was counted before keeps the value it was counted at."""
    # GATE
    find_asset(state, command.asset_id)
    for amount in (command.rate_value_minor, command.rate_amount_minor):
        if amount == 0:
            raise Refusal(RejectCode.rate_invalid, 1, 0)
        if amount > AMOUNT_MAX:
            raise Refusal(RejectCode.rate_invalid, AMOUNT_MAX, amount)
    require_hash(command.evidence_hash, RejectCode.evidence_missing)
    # POST
    rate = Rate(command.rate_value_minor, command.rate_amount_minor)
    state.rates[command.asset_id] = (rate, command.evidence_hash)
    # EMIT
    state.out.append(
        RateSet(
            seq=state.seq,
            asset_id=command.asset_id,
            rate_value_minor=command.rate_value_minor,
            rate_amount_minor=command.rate_amount_minor,
            evidence_hash=command.evidence_hash,
        ).pack()
    )


def rate_of(state: State, asset_id: int) -> Rate:
    """Return an asset's rate, NO_RATE where none was stated."""
    row = state.rates.get(asset_id)
    return row[0] if row else NO_RATE


def is_known(rate: Rate) -> bool:
    """Return whether a rate was stated."""
    return rate.amount_minor != 0


def value_minor(rate: Rate, amount_minor: int) -> int:
    """Return what an amount is worth, rounded up so that nothing slips under a limit.

    An amount without a rate is worth VALUE_MAX, which no limit allows.
    """
    if amount_minor == 0 or not is_known(rate):
        return VALUE_MAX if amount_minor else 0
    return min(scale_ceil(amount_minor, rate.value_minor, rate.amount_minor), VALUE_MAX)


def amount_within(rate: Rate, value: int) -> int:
    """Return the largest amount that is worth no more than a value; 0 without a rate."""
    return scale_floor(value, rate.amount_minor, rate.value_minor) if is_known(rate) else 0
