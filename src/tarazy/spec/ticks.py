"""Set bands of a market's tick-size table. Resting orders off the new grid are canceled, the others keep their places.

Source: published practice of OKX, whose notices on smaller and larger tick sizes cancel an open order whose price has
more decimals than the new tick size and leave all others; docs/concepts/ticks-and-lots.md
"""

from __future__ import annotations

from tarazy.domain.records import CancelReason, SetTickBand, TickBandScheduled, TickBandSet
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.book import MARKET_TYPES, Order
from tarazy.spec.cancel import cancel_open_orders
from tarazy.spec.grid import grid_floor
from tarazy.spec.lookup import find_market
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.settings import check_setting, keep_setting
from tarazy.spec.state import Market, State


def check_band(command: SetTickBand) -> None:
    """Refuse a band that does not begin on its own grid."""
    start, step = command.from_price_ticks, command.tick_step_ticks
    if step and start % step:
        raise Refusal(RejectCode.tick_band_invalid, start - start % step, start)
    require_hash(command.rulebook_hash, RejectCode.rulebook_hash_missing)


def set_tick_band(state: State, command: SetTickBand) -> None:
    """Set or end a band, at once or later."""
    # GATE
    find_market(state, command.market_id)
    check_band(command)
    check_setting(state, command)
    # POST EMIT
    if keep_setting(state, command):
        state.out.append(
            TickBandScheduled(
                seq=state.seq,
                market_id=command.market_id,
                from_price_ticks=command.from_price_ticks,
                tick_step_ticks=command.tick_step_ticks,
                effective_ns=command.effective_ns,
                rulebook_hash=command.rulebook_hash,
            ).pack()
        )
    else:
        apply_tick_band(state, command, 0)


def apply_tick_band(state: State, command: SetTickBand, scheduled_seq: int) -> None:
    """Let a band take effect, and cancel the orders that are off the new grid."""
    # POST
    market = state.markets[command.market_id - 1]
    bands = [band for band in market.tick_bands if band[0] != command.from_price_ticks]
    if command.tick_step_ticks:
        bands.append((command.from_price_ticks, command.tick_step_ticks))
    market.tick_bands = sorted(bands)
    # EMIT
    state.out.append(
        TickBandSet(
            seq=state.seq,
            market_id=command.market_id,
            from_price_ticks=command.from_price_ticks,
            tick_step_ticks=command.tick_step_ticks,
            scheduled_seq=scheduled_seq,
            rulebook_hash=command.rulebook_hash,
        ).pack()
    )
    orders = [*market.book.resting.values(), *market.book.untriggered.values()]
    off_grid = [order for order in orders if not is_on_grid(market, order)]
    cancel_open_orders(state, market, off_grid, CancelReason.tick_change)


def is_on_grid(market: Market, order: Order) -> bool:
    """Return whether the prices that the client stated, and that still count, are on the grid."""
    is_stated = order.order_id not in market.book.trails
    untriggered = is_stated and order.order_id in market.book.untriggered and order.priority == 0
    trigger = order.trigger_price_ticks if untriggered else 0
    price = 0 if order.order_type in MARKET_TYPES else order.price_ticks
    return grid_floor(market, trigger) == trigger and grid_floor(market, price) == price
