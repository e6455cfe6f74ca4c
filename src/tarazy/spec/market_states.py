"""A market's states and the one place that changes them."""

from __future__ import annotations

from tarazy.domain.records import MarketState, MarketStateChanged
from tarazy.spec.state import AUCTION_DUE, Market, State

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
    if market.auction_end_ns:
        state.drop_timer(market.auction_end_ns, AUCTION_DUE, market.market_id, market.market_id)
    market.market_state = new_state
    market.next_market_state = next_state
    market.auction_end_ns = auction_end_ns
    if auction_end_ns:
        state.add_timer(auction_end_ns, AUCTION_DUE, market.market_id, market.market_id)
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
