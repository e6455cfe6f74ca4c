"""What is due before the command that brings the time: settings, auctions, expiries, cancel timers, delistings."""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import COMMANDS, CancelReason, CommandKind, MarketReason, MarketState
from tarazy.spec.auction import extend_auction, open_continuous, uncross
from tarazy.spec.cancel import close_order
from tarazy.spec.cancel_timers import elapse
from tarazy.spec.contingencies import settle_legs
from tarazy.spec.delistings import step_delisting
from tarazy.spec.fees import apply_fees
from tarazy.spec.limit_settings import apply_limit, apply_removal
from tarazy.spec.market_states import change_state
from tarazy.spec.markets import apply_market_rules
from tarazy.spec.parameters import apply_parameter
from tarazy.spec.session_orders import end_session
from tarazy.spec.settings import drop_setting
from tarazy.spec.state import AUCTION_DUE, CANCEL_DUE, DELISTING_DUE, SETTING_DUE, Market, State
from tarazy.spec.ticks import apply_tick_band


def run_timers(state: State) -> None:
    """Do everything that is due at the state's time: earliest first, then kind by kind, then by number."""
    while state.timers and state.timers[0][0] <= state.last_ts_ns:
        _, due_kind, number, market_id = state.timers[0]
        if due_kind == SETTING_DUE:
            apply_setting(state, number)
        elif due_kind == DELISTING_DUE:
            step_delisting(state, number)
        elif due_kind == CANCEL_DUE:
            elapse(state, number)
        elif due_kind == AUCTION_DUE:
            end_auction(state, state.markets[market_id - 1])
        else:
            market = state.markets[market_id - 1]
            close_order(state, market, market.book.get(number), CancelReason.expired)
        settle_legs(state)


def apply_setting(state: State, seq: int) -> None:
    """Let a pending setting take effect; `seq` is the number of the command that scheduled it."""
    record = drop_setting(state, seq)
    kind = int.from_bytes(record[0:2], "little")
    command: Any = COMMANDS[kind].unpack(record)
    if kind == CommandKind.set_parameter:
        apply_parameter(state, command, seq)
    elif kind == CommandKind.set_market_rules:
        apply_market_rules(state, command, seq)
    elif kind == CommandKind.set_fees:
        apply_fees(state, command, seq)
    elif kind == CommandKind.set_tick_band:
        apply_tick_band(state, command, seq)
    elif kind == CommandKind.set_limit:
        apply_limit(state, command, seq)
    else:
        apply_removal(state, command, seq)


def end_auction(state: State, market: Market) -> None:
    """Uncross an auction whose time is over and go where it leads, or extend it."""
    if extend_auction(state, market):
        return
    if market.next_market_state == MarketState.continuous:
        open_continuous(state, market, MarketReason.auction_end)
        return
    uncross(state, market)
    change_state(state, market, MarketState.closed, MarketReason.auction_end)
    end_session(state, market)
