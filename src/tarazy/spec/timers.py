"""What is due: ends of auctions and expiries of orders, before the command that brings the time."""

from __future__ import annotations

from tarazy.domain.records import CancelReason, MarketReason, MarketState
from tarazy.spec.auction import extend_auction, open_continuous, uncross
from tarazy.spec.cancel import close_order
from tarazy.spec.market_states import change_state
from tarazy.spec.state import AUCTION_DUE, Market, State


def run_timers(state: State) -> None:
    """Do everything that is due at the state's time: earliest first, auctions before expiries, then by number."""
    while state.timers and state.timers[0][0] <= state.last_ts_ns:
        _, due_kind, number, market_id = state.timers[0]
        market = state.markets[market_id - 1]
        if due_kind == AUCTION_DUE:
            end_auction(state, market)
        else:
            close_order(state, market, market.book.get(number), CancelReason.expired)


def end_auction(state: State, market: Market) -> None:
    """Uncross an auction whose time is over and go where it leads, or extend it."""
    if extend_auction(state, market):
        return
    if market.next_market_state == MarketState.continuous:
        open_continuous(state, market, MarketReason.auction_end)
        return
    uncross(state, market)
    change_state(state, market, MarketState.closed, MarketReason.auction_end)
