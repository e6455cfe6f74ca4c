"""A market's states and the one place that changes them.

A timed auction ends at its stated time plus a random part that nobody knows before: SHA-256 over the market, the number
and the time of the command that began it, so that a replay finds the same. Source: Xetra and LSE, random end of calls.
"""

from __future__ import annotations

from hashlib import sha256

from tarazy.domain.arithmetic import saturate_u64
from tarazy.domain.records import MarketReason, MarketState, MarketStateChanged
from tarazy.spec.state import AUCTION_DUE, NS_PER_MS, Market, State

CLOSED = MarketState.closed
PRE_OPEN = MarketState.pre_open
AUCTION = MarketState.auction
CONTINUOUS = MarketState.continuous
HALTED = MarketState.halted

# What an operator may ask for. A halted market reopens only through an auction.
REACHABLE: dict[int, tuple[int, ...]] = {
    CLOSED: (PRE_OPEN, AUCTION, CONTINUOUS),
    PRE_OPEN: (AUCTION, CONTINUOUS, HALTED, CLOSED),
    AUCTION: (CONTINUOUS, HALTED, CLOSED),
    CONTINUOUS: (AUCTION, HALTED, CLOSED),
    HALTED: (PRE_OPEN, AUCTION, CLOSED),
}
ORDER_STATES = (PRE_OPEN, AUCTION, CONTINUOUS)


def change_state(
    state: State, market: Market, new_state: int, reason: int, next_state: int = 0, auction_end_ns: int = 0
) -> None:
    """Set the market's state and what its auction leads to, keep the auction's timer, and say so."""
    state.touch(market)
    before = market.market_state
    market.reopen_ns = earliest_reopening(market, new_state, reason, state.last_ts_ns)
    market.market_state = new_state
    market.next_market_state = next_state
    market.extension_count = 0
    set_auction_end(state, market, auction_end_ns)
    state.out.append(
        MarketStateChanged(
            market_state=new_state,
            from_market_state=before,
            market_reason=reason,
            next_market_state=next_state,
            seq=state.seq,
            market_id=market.market_id,
            reference_price_ticks=market.reference_price_ticks,
            auction_end_ns=auction_end_ns,
        ).pack()
    )


def earliest_reopening(market: Market, new_state: int, reason: int, now_ns: int) -> int:
    """Return when a call phase that follows a halt may end at the earliest, 0 for every other state."""
    if new_state not in (PRE_OPEN, AUCTION):
        return 0
    if market.market_state == HALTED or reason == MarketReason.volatility:
        return saturate_u64(now_ns + market.auction_duration_ms * NS_PER_MS)
    return market.reopen_ns


def set_auction_end(state: State, market: Market, auction_end_ns: int) -> None:
    """Set when the auction ends, 0 = only by command, and keep its timer."""
    if market.auction_due_ns:
        state.drop_timer(market.auction_due_ns, AUCTION_DUE, market.market_id, market.market_id)
    market.auction_end_ns = auction_end_ns
    market.auction_due_ns = saturate_u64(auction_end_ns + random_part_ns(state, market)) if auction_end_ns else 0
    if market.auction_due_ns:
        state.add_timer(market.auction_due_ns, AUCTION_DUE, market.market_id, market.market_id)


def random_part_ns(state: State, market: Market) -> int:
    """Return by how much an auction ends later than stated."""
    longest = market.trading_rules.random_end_max_ms
    if longest == 0:
        return 0
    words = (market.market_id, state.seq, state.last_ts_ns)
    seed = sha256(b"".join(word.to_bytes(8, "little") for word in words)).digest()
    return int.from_bytes(seed[:8], "little") % (longest + 1) * NS_PER_MS
