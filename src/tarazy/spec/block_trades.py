"""Block trades: two clients agreed off the book, and the trade settles whole, at once, or not at all.

The command carries what both consented to and the hash of the document that proves it; a consent counts once, as
evidence does. The book does not notice: no order trades, the last and the reference price stay. The party that asked
pays the taker's rate, the one that quoted the maker's, which is never a rebate here. Affiliates trade on the book only.
"""

from __future__ import annotations

from tarazy.domain.arithmetic import saturate_u128
from tarazy.domain.records import (
    BlockLegSettled,
    BlockTradeExecuted,
    ExecuteBlockTrade,
    MarketState,
    ParameterTable,
    Side,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.evidence import check_new_evidence, keep_evidence
from tarazy.spec.fees import charge_minor, rates_of
from tarazy.spec.grid import check_grid
from tarazy.spec.ledger import FEE, HOLD, TRADE
from tarazy.spec.limits import PURCHASES, ask, check_order, count
from tarazy.spec.lookup import find_account, find_market
from tarazy.spec.orders import check_collar, check_market, check_notional, check_trader
from tarazy.spec.purchases import check_purchase, is_limited_purchase
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import Account, Market, State
from tarazy.spec.state_parts import Trade

BUY, SELL = int(Side.buy), int(Side.sell)
CONTINUOUS = int(MarketState.continuous)


def execute_block_trade(state: State, command: ExecuteBlockTrade) -> None:
    """Settle a block trade."""
    # GATE
    check_parties(state, command)
    asker, quoter = (state.accounts[number - 1] for number in (command.account_id, command.counterparty_account_id))
    market = find_market(state, command.market_id)
    check_market(state, market)
    check_terms(state, market, command)
    check_new_evidence(state, command.consent_hash, state.last_ts_ns)
    cost = market.cost_minor(command.price_ticks, command.quantity_lots)
    quantity = command.quantity_lots * market.lot_size_minor
    buyer, seller = (asker, quoter) if command.side == BUY else (quoter, asker)
    sides = ((buyer, BUY, market.quote_asset_id, cost), (seller, SELL, market.base_asset_id, quantity))
    for account, side, asset_id, minor in sides:
        if account.limited:
            check_order(state, account, market, command.price_ticks, command.quantity_lots, 0)
        if is_limited_purchase(state, market, account, side):
            check_purchase(state, account, asset_id, minor)
    # HOLD
    for account, _, asset_id, minor in sides:
        available = state.ledger.balance(account.account_id, asset_id).available.minor
        if available < minor:
            raise Refusal(RejectCode.insufficient_balance, minor, available)
    # POST
    keep_evidence(state, command.consent_hash)
    state.invariants.counts["ADMIT"] += 1
    state.invariants.counts["OWN"] += 1
    for account, side, asset_id, minor in sides:
        if is_limited_purchase(state, market, account, side):
            count(state, account, PURCHASES, ask(state, asset_id, minor))
    rates = {
        asker.account_id: max(rates_of(state, market, asker.account_id)[1], 0),
        quoter.account_id: max(rates_of(state, market, quoter.account_id)[0], 0),
    }
    buyer_rate, seller_rate = rates[buyer.account_id], rates[seller.account_id]
    parties = (buyer.account_id, seller.account_id, buyer_rate, seller_rate)
    state.trades.append(Trade(state.seq, state.trade_index, market.market_id, *parties, quantity, cost))
    # EMIT
    state.emit(
        BlockTradeExecuted(
            side=command.side,
            seq=state.seq,
            market_id=market.market_id,
            account_id=asker.account_id,
            counterparty_account_id=quoter.account_id,
            trade_index=state.trade_index,
            price_ticks=command.price_ticks,
            quantity_lots=command.quantity_lots,
            consent_hash=command.consent_hash,
        )
    )
    state.trade_index += 1
    settle_leg(state, market.quote_asset_id, buyer, seller, cost, charge_minor(cost, seller_rate))
    settle_leg(state, market.base_asset_id, seller, buyer, quantity, charge_minor(quantity, buyer_rate))


def check_parties(state: State, command: ExecuteBlockTrade) -> None:
    """Refuse parties who may not trade, and one owner on both sides."""
    for account_id in (command.account_id, command.counterparty_account_id):
        check_trader(state, find_account(state, account_id), 0)
    asker, quoter = (state.accounts[number - 1] for number in (command.account_id, command.counterparty_account_id))
    if asker.owner_id == quoter.owner_id:
        raise Refusal(RejectCode.block_parties_equal, 0, quoter.owner_id)


def check_terms(state: State, market: Market, command: ExecuteBlockTrade) -> None:
    """Refuse a block where there are none now, and a price or a size out of bounds.

    The collar binds on both sides: a block is never far from what the book does.
    """
    if market.market_state != CONTINUOUS:
        raise Refusal(RejectCode.market_not_open, CONTINUOUS, market.market_state)
    smallest = state.parameter(ParameterTable.block_value_min_minor, market.market_id)
    if smallest == 0:
        raise Refusal(RejectCode.block_not_allowed, 1, 0)
    if command.price_ticks == 0:
        raise Refusal(RejectCode.price_missing, 1, 0)
    if command.quantity_lots == 0:
        raise Refusal(RejectCode.quantity_missing, 1, 0)
    if market.reference_price_ticks == 0:
        raise Refusal(RejectCode.reference_missing, 1, 0)
    check_grid(market, command.price_ticks)
    check_collar(market, BUY, command.price_ticks)
    check_collar(market, SELL, command.price_ticks)
    if command.quantity_lots > market.quantity_max_lots:
        raise Refusal(RejectCode.quantity_too_large, market.quantity_max_lots, command.quantity_lots)
    value = saturate_u128(market.cost_minor(command.price_ticks, command.quantity_lots))
    check_notional(market, value)
    if value < smallest:
        raise Refusal(RejectCode.block_value_too_small, smallest, value)


def settle_leg(state: State, asset_id: int, giver: Account, receiver: Account, amount_minor: int, fee: int) -> None:
    """Hold and move what one party gives, take the fee of the one that receives it, and say so."""
    # POST
    ledger = state.ledger
    source = ledger.balance(giver.account_id, asset_id)
    target = ledger.balance(receiver.account_id, asset_id).available
    ledger.post(HOLD, asset_id, amount_minor, source.available, source.held)
    ledger.post(TRADE, asset_id, amount_minor, source.held, target)
    if fee:
        ledger.post(FEE, asset_id, fee, target, ledger.asset(asset_id).fees_earned)
    # EMIT
    state.emit(
        BlockLegSettled(
            seq=state.seq,
            from_account_id=giver.account_id,
            account_id=receiver.account_id,
            asset_id=asset_id,
            amount_minor=amount_minor,
            fee_minor=fee,
        )
    )
