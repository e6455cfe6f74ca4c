"""Bust a trade: reverse both of its legs, and give back what is there of its fees.

The last 65,536 trades can be busted. Both sides must have what they give back; where one has not, CompensateClient
comes first, in the same instruction. A maker keeps its rebate as a part of what the taker gives back: the taker gives
that much less, and gets that much less of its fee.
"""

from __future__ import annotations

from bisect import bisect_left

from tarazy.domain.records import BustTrade, TradeBusted
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.custody import check_available, find_client
from tarazy.spec.fees import charge_minor, rebate_minor
from tarazy.spec.ledger import BUST, FEE_BACK
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.state import State
from tarazy.spec.state_parts import Trade


def trade_number(trade: Trade) -> tuple[int, int]:
    """Return what names a trade; later trades have higher numbers."""
    return trade.seq, trade.trade_index


def find_trade(state: State, trade_seq: int, trade_index: int) -> int:
    """Return the place of a trade among those remembered; refuse one that is not, or was busted."""
    place = bisect_left(state.trades, (trade_seq, trade_index), key=trade_number)
    if place < len(state.trades):
        trade = state.trades[place]
        if trade_number(trade) == (trade_seq, trade_index) and trade.market_id:
            return place
    raise Refusal(RejectCode.trade_unknown, 1, 0)


def leg_of(state: State, asset_id: int, received_minor: int, rate_ppm: int, other_rate_ppm: int) -> tuple[int, int]:
    """Return what a side gives back, less a rebate that the other side has, and how much of its fee is there."""
    fee = charge_minor(received_minor, rate_ppm)
    rebate = rebate_minor(received_minor, other_rate_ppm, fee)
    return received_minor - rebate, min(fee - rebate, state.ledger.asset(asset_id).fees_earned.minor)


def bust_trade(state: State, command: BustTrade) -> None:
    """Reverse a trade as if it had not happened."""
    # GATE
    place = find_trade(state, command.trade_seq, command.trade_index)
    trade = state.trades[place]
    require_hash(command.decision_hash, RejectCode.decision_missing)
    find_client(state, trade.buyer_account_id)
    find_client(state, trade.seller_account_id)
    market = state.markets[trade.market_id - 1]
    base, quote = market.base_asset_id, market.quote_asset_id
    buyer_rate, seller_rate = trade.buyer_rate_ppm, trade.seller_rate_ppm
    quantity, base_fee = leg_of(state, base, trade.quantity_minor, buyer_rate, seller_rate)
    cost, quote_fee = leg_of(state, quote, trade.cost_minor, seller_rate, buyer_rate)
    check_leg(state, trade.buyer_account_id, base, quantity - base_fee)
    check_leg(state, trade.seller_account_id, quote, cost - quote_fee)
    # POST EMIT
    reverse_leg(state, trade, base, trade.buyer_account_id, trade.seller_account_id, quantity, base_fee)
    reverse_leg(state, trade, quote, trade.seller_account_id, trade.buyer_account_id, cost, quote_fee)
    state.trades[place] = trade._replace(market_id=0)


def check_leg(state: State, account_id: int, asset_id: int, amount_minor: int) -> None:
    """Refuse where an account no longer has what it must give back."""
    check_available(state.ledger.balance(account_id, asset_id).available, amount_minor)


def reverse_leg(
    state: State, trade: Trade, asset_id: int, from_account_id: int, account_id: int, amount_minor: int, fee: int
) -> None:
    """Give one side its fee back and the other side its amount, and say so."""
    # POST
    ledger = state.ledger
    source = ledger.balance(from_account_id, asset_id).available
    target = ledger.balance(account_id, asset_id).available
    if fee:
        ledger.post(FEE_BACK, asset_id, fee, ledger.asset(asset_id).fees_earned, source)
    ledger.post(BUST, asset_id, amount_minor, source, target)
    # EMIT
    state.emit(
        TradeBusted(
            seq=state.seq,
            from_account_id=from_account_id,
            account_id=account_id,
            asset_id=asset_id,
            trade_index=trade.trade_index,
            trade_seq=trade.seq,
            amount_minor=amount_minor,
            fee_minor=fee,
        )
    )
