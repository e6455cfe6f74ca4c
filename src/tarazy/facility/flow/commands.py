"""Write commands as bytes with their sequence numbers and a clock that never goes back."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from tarazy.domain.records import (
    AmendOrder,
    CancelOrder,
    OrderType,
    PlaceOrder,
    SelfTradePrevention,
    Side,
    TimeInForce,
)

BUY = int(Side.buy)
SELL = int(Side.sell)
LIMIT = int(OrderType.limit)
MARKET = int(OrderType.market)
LIMIT_MAKER = int(OrderType.limit_maker)
GTC = int(TimeInForce.gtc)
IOC = int(TimeInForce.ioc)
EXPIRE_TAKER = int(SelfTradePrevention.expire_taker)
MARKET_ID = 1
BATCH_COMMANDS = 2048


class Packable(Protocol):
    """A command record."""

    def pack(self) -> bytes:
        """Return the record as 96 bytes."""


class Order(NamedTuple):
    """What a flow knows of an order that it plays. `reference` is the client's number: the recorded order's own."""

    reference: int
    side: int
    price_ticks: int
    quantity_lots: int
    order_type: int = LIMIT
    time_in_force: int = GTC
    account_id: int = 0


class CommandWriter:
    """Collect commands into batches; `next_seq` is the number that the next one gets, `written` how many there are."""

    def __init__(self, first_seq: int = 1, ts_ns: int = 0) -> None:
        self.next_seq = first_seq
        self.ts_ns = ts_ns
        self.pending: list[bytes] = []
        self.written = 0

    def advance(self, ts_ns: int) -> None:
        """Set the clock; a time in the past leaves it where it is."""
        if ts_ns > self.ts_ns:
            self.ts_ns = ts_ns

    def write(self, command: Packable) -> int:
        """Append a command; return its sequence number."""
        self.pending.append(command.pack())
        seq = self.next_seq
        self.next_seq = seq + 1
        self.written += 1
        return seq

    def place(self, order: Order) -> int:
        """Append a PlaceOrder; return its sequence number, which is the order's number."""
        return self.write(
            PlaceOrder(
                order.order_type,
                order.side,
                order.time_in_force,
                EXPIRE_TAKER,
                self.ts_ns,
                MARKET_ID,
                order.account_id,
                order.reference,
                0 if order.order_type == MARKET else order.price_ticks,
                order.quantity_lots,
            )
        )

    def cancel(self, account_id: int, reference: int) -> int:
        """Append a CancelOrder by the client's number; return its sequence number."""
        return self.write(CancelOrder(self.ts_ns, MARKET_ID, account_id, 0, reference))

    def amend(self, account_id: int, order_id: int, price_ticks: int, quantity_lots: int) -> int:
        """Append an AmendOrder; the quantity is the order's new total. Return its sequence number."""
        return self.write(AmendOrder(self.ts_ns, MARKET_ID, account_id, order_id, price_ticks, quantity_lots))

    def take_batch(self) -> bytes:
        """Return the collected commands and start a new batch."""
        batch = b"".join(self.pending)
        self.pending.clear()
        return batch
