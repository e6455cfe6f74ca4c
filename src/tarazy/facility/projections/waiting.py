"""Which orders wait outside the book when they are accepted."""

from __future__ import annotations

from tarazy.domain.records import OrderAccepted, OrderType, TimeInForce

WAITING_TYPES = frozenset(
    map(int, (OrderType.stop_loss, OrderType.stop_loss_limit, OrderType.take_profit, OrderType.take_profit_limit))
)
AUCTION_TIMES = frozenset(map(int, (TimeInForce.at_the_opening, TimeInForce.at_the_close)))


def waits_at_first(event: OrderAccepted) -> bool:
    """Return whether an order waits until OrderTriggered or OrderJoined says that it acts, maybe at once."""
    return event.order_type in WAITING_TYPES or event.time_in_force in AUCTION_TIMES
