"""Bust a trade: reverse both of its legs, and give back what is there of its fees.

The last 65,536 trades can be busted. Both sides must have what they give back; where one has not, CompensateClient
comes first, in the same instruction.
"""

from __future__ import annotations

from tarazy.domain.arithmetic import fee_minor
from tarazy.domain.records import BustTrade, TradeBusted
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.custody import check_available, find_client
from tarazy.spec.ledger import BUST, FEE_BACK
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.state import State
from tarazy.spec.state_parts import Trade


def find_trade(state: State, trade_seq: int, trade_index: int) -> int:
    """Return the place of a trade among those remembered; refuse one that is not, or was busted."""
    for place, trade in enumerate(state.trades):
        if trade.seq == trade_seq and trade.trade_index == trade_index and trade.market_id:
            return place
    raise Refusal(RejectCode.trade_unknown, trade_seq, trade_index)


def fee_back(state: State, asset_id: int, amount_minor: int, rate_ppm: int) -> int:
    """Return how much of a leg's fee is there to be given back."""
    return min(fee_minor(amount_minor, rate_ppm), state.ledger.asset(asset_id).fees_earned.minor)


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
    base_fee = fee_back(state, base, trade.quantity_minor, trade.buyer_rate_ppm)
    quote_fee = fee_back(state, quote, trade.cost_minor, trade.seller_rate_ppm)
    check_leg(state, trade.buyer_account_id, base, trade.quantity_minor - base_fee)
    check_leg(state, trade.seller_account_id, quote, trade.cost_minor - quote_fee)
    # POST EMIT
    reverse_leg(state, trade, base, trade.buyer_account_id, trade.seller_account_id, trade.quantity_minor, base_fee)
    reverse_leg(state, trade, quote, trade.seller_account_id, trade.buyer_account_id, trade.cost_minor, quote_fee)
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
