"""Fees of an account or a market in place of the standard ones, and the maker's rebate.

Which fees apply to a side of a trade: those of its account in this market, else those of its account in every market,
else those of the market for every account, else the market's rules less the discount of the account's tier.

A rebate is a part of the taker's fee of the same trade, in the asset of that fee, and never more than it: the house
lends nothing, and no client pays but the taker. Source: docs/concepts/fees.md
"""

from __future__ import annotations

from tarazy.domain.arithmetic import PPM, fee_minor, scale_ceil
from tarazy.domain.records import FeeBasis, FeesScheduled, FeesSet, SetFees
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.lookup import find_account, find_market
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.settings import check_setting, keep_setting
from tarazy.spec.state import Market, State
from tarazy.spec.state_parts import Fees

OWN = int(FeeBasis.own)


def check_fees(command: SetFees) -> None:
    """Refuse fees of nobody, rates out of range, and rates that contradict each other."""
    maker, rebate, taker = command.maker_fee_ppm, command.maker_rebate_ppm, command.taker_fee_ppm
    if command.account_id == 0 and command.market_id == 0:
        raise Refusal(RejectCode.fees_invalid, 1, 0)
    for rate_ppm in (maker, rebate, taker):
        largest = PPM if command.fee_basis == OWN else 0
        if rate_ppm > largest:
            raise Refusal(RejectCode.fees_invalid, largest, rate_ppm)
    if maker and rebate:
        raise Refusal(RejectCode.fees_invalid, 0, rebate)
    if command.account_id == 0 and rebate > taker:
        raise Refusal(RejectCode.fees_invalid, taker, rebate)
    require_hash(command.rulebook_hash, RejectCode.rulebook_hash_missing)


def set_fees(state: State, command: SetFees) -> None:
    """Set or end fees of an account, a market or both, at once or later."""
    # GATE
    if command.account_id:
        find_account(state, command.account_id)
    if command.market_id:
        find_market(state, command.market_id)
    check_fees(command)
    check_setting(state, command)
    # POST EMIT
    if keep_setting(state, command):
        state.out.append(
            FeesScheduled(
                fee_basis=command.fee_basis,
                seq=state.seq,
                account_id=command.account_id,
                market_id=command.market_id,
                maker_fee_ppm=command.maker_fee_ppm,
                maker_rebate_ppm=command.maker_rebate_ppm,
                taker_fee_ppm=command.taker_fee_ppm,
                effective_ns=command.effective_ns,
                rulebook_hash=command.rulebook_hash,
            ).pack()
        )
    else:
        apply_fees(state, command, 0)


def apply_fees(state: State, command: SetFees, scheduled_seq: int) -> None:
    """Let fees take effect."""
    # POST
    key = (command.account_id, command.market_id)
    if command.fee_basis == OWN:
        maker_rate_ppm = command.maker_fee_ppm - command.maker_rebate_ppm
        state.fees[key] = Fees(maker_rate_ppm, command.taker_fee_ppm, command.rulebook_hash)
    else:
        state.fees.pop(key, None)
    for market in [state.markets[command.market_id - 1]] if command.market_id else state.markets:
        state.derive_rates(market)
        market.has_account_fees = has_account_fees(state, market.market_id)
    # EMIT
    state.out.append(
        FeesSet(
            fee_basis=command.fee_basis,
            seq=state.seq,
            account_id=command.account_id,
            market_id=command.market_id,
            maker_fee_ppm=command.maker_fee_ppm,
            maker_rebate_ppm=command.maker_rebate_ppm,
            taker_fee_ppm=command.taker_fee_ppm,
            scheduled_seq=scheduled_seq,
            rulebook_hash=command.rulebook_hash,
        ).pack()
    )


def has_account_fees(state: State, market_id: int) -> bool:
    """Return whether some account has fees of its own that apply in a market."""
    return any(account_id and number in (0, market_id) for account_id, number in state.fees)


def rates_of(state: State, market: Market, account_id: int) -> tuple[int, int]:
    """Return the maker's and the taker's rate of an account in a market; a maker's rate below zero is a rebate."""
    if market.has_account_fees:
        own = state.fees.get((account_id, market.market_id)) or state.fees.get((account_id, 0))
        if own:
            return own.maker_rate_ppm, own.taker_rate_ppm
    tier = state.accounts[account_id - 1].fee_tier
    return market.maker_rates[tier], market.taker_rates[tier]


def charge_minor(received_minor: int, rate_ppm: int) -> int:
    """Return the fee of a side, rounded down; one whose rate is a rebate pays none."""
    return fee_minor(received_minor, rate_ppm) if rate_ppm > 0 else 0


def rebate_minor(received_minor: int, rate_ppm: int, taker_fee_minor: int) -> int:
    """Return the maker's rebate, rounded up so that no client is short, and at most the taker's fee.

    Units: minor units of the asset that the taker received; rate in parts per million, below zero.
    """
    return min(scale_ceil(received_minor, -rate_ppm, PPM), taker_fee_minor) if rate_ppm < 0 else 0
