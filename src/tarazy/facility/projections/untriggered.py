"""Which orders are untriggered when they are accepted."""

from __future__ import annotations

from tarazy.domain.records import OrderType, TimeInForce

TRIGGER_TYPES = frozenset(
    map(int, (OrderType.stop_loss, OrderType.stop_loss_limit, OrderType.take_profit, OrderType.take_profit_limit))
)
# Roles of pending orders of lists, above this bit of their numbers.
LEG_SHIFT = 48
PENDING_ROLES = (4, 6, 7)
AUCTION_TIMES = frozenset(map(int, (TimeInForce.at_the_opening, TimeInForce.at_the_close)))


def is_untriggered_at_first(order_type: int, time_in_force: int, order_id: int) -> bool:
    """Return whether an order is off the book until OrderTriggered or OrderJoined says that it acts, maybe at once."""
    by_terms = order_type in TRIGGER_TYPES or time_in_force in AUCTION_TIMES
    return by_terms or order_id >> LEG_SHIFT in PENDING_ROLES
