"""Batches of orders in a fixed form: how an order and its outcome lie in bytes, and what becomes what. No I/O.

All numbers are little-endian. An order is 48 bytes, an outcome 32 behind a head of 24; both are tables in
`docs/reference/order-batches.md`. A batch becomes commands, and events become outcomes, column by column and not order
by order.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np

from tarazy.domain.records import (
    LAYOUT,
    RECORD_SIZE,
    CommandKind,
    EventKind,
    OrderType,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.gateway.order_entry import Ordered
from tarazy.oversight.requests.order_requests import OrderParty

ORDERS_MAX = 2_048
ORDER = np.dtype(
    [
        *((name, "u1") for name in ("action", "order_type", "side", "time_in_force")),
        ("market_id", "<u4"),
        *((name, "<u8") for name in ("client_order_id", "price_ticks", "quantity_lots", "display_lots", "order_id")),
    ]
)
HEAD = np.dtype([("first_seq", "<u8"), ("ts_ns", "<u8"), ("orders", "<u4"), ("outcome_bytes", "<u4")])
OUTCOME = np.dtype(
    [
        *((name, "<u8") for name in ("order_id", "filled_lots", "leaves_lots")),
        ("reject_code", "<u2"),
        ("status", "u1"),
        ("cancel_reason", "u1"),
        ("trades", "<u4"),
    ]
)
TYPES = (OrderType.limit, OrderType.market, OrderType.post_only)
TIMES = (TimeInForce.gtc, TimeInForce.ioc, TimeInForce.fok)
OF_PLACES = ("order_type", "side", "time_in_force", "price_ticks", "quantity_lots", "display_lots")
RAW = np.dtype((np.void, RECORD_SIZE))  # whole records: columns leave out what lies between them
Table = np.ndarray[Any, np.dtype[Any]]


class BatchAction(IntEnum):
    """What is wanted of an order."""

    place = 1
    cancel = 2


class BatchStatus(IntEnum):
    """What came of an order of a batch; `taken`: an earlier order of the account has its client order id."""

    open = 1
    filled = 2
    canceled = 3
    refused = 4
    taken = 5


class BatchError(ValueError):
    """A batch is not well formed; nothing of it was ordered."""


def record_type(name: str) -> np.dtype[Any]:
    """Return the columns of a record; of an amount of 128 bits the lower half."""
    codes = {"u8": "u1", "u16": "<u2", "u32": "<u4", "u64": "<u8", "u128": "<u8"}
    fields = [(field, codes[wire], at) for field, wire, _, at in LAYOUT[name] if wire in codes]
    names, formats, offsets = zip(("kind", "<u2", 0), *fields, strict=True)
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": RECORD_SIZE})


PLACE, CANCEL = record_type("PlaceOrder"), record_type("CancelOrder")
ACCEPTED, TRADED, CANCELED = (record_type(name) for name in ("OrderAccepted", "TradeExecuted", "OrderCanceled"))
REDUCED, REJECTED = record_type("OrderReduced"), record_type("CommandRejected")


def read_orders(body: bytes) -> Table:
    """Return the orders of a batch, each of a form that can be ordered.

    Raises: BatchError.
    """
    count, rest = divmod(len(body), ORDER.itemsize)
    if rest or not 0 < count <= ORDERS_MAX:
        expected = f"1 to {ORDERS_MAX:,} orders of {ORDER.itemsize} bytes"
        raise BatchError(f"expected {expected}, found {len(body):,} bytes")
    orders = np.frombuffer(body, ORDER)
    places = orders["action"] == BatchAction.place
    check(places | (orders["action"] == BatchAction.cancel), "an action, 1 to place and 2 to cancel")
    check(~places | known(orders["order_type"], TYPES), "order_type 1 limit, 2 market or 3 post only")
    check(~places | known(orders["side"], tuple(Side)), "side 1 buy or 2 sell")
    check(~places | known(orders["time_in_force"], TIMES), "time_in_force 1 GTC, 2 IOC or 3 FOK")
    check(~places | (orders["client_order_id"] != 0), "a client_order_id other than 0, by which a retry is known")
    check(~places | (orders["order_id"] == 0), "order_id 0 of an order that is placed")
    for name in OF_PLACES:
        check(places | (orders[name] == 0), f"{name} 0 of a cancel")
    check(places | ((orders["order_id"] != 0) ^ (orders["client_order_id"] != 0)), "one of order_id, client_order_id")
    return orders


def known(values: Table, words: tuple[int, ...]) -> Table:
    """Say of each small number whether it is one of some."""
    is_known = np.zeros(256, bool)
    is_known[list(words)] = True
    return is_known[values]


def check(is_well: Table, expected: str) -> None:
    """Raise BatchError for the first order that is not well formed."""
    if not is_well.all():
        raise BatchError(f"order {int(np.argmin(is_well))}: expected {expected}, found another value")


def commands_of(orders: Table, party: OrderParty, session_id: int = 0) -> bytes:
    """Return the commands of a batch, of one account, in its order."""
    commands = np.zeros(len(orders), PLACE)
    places = orders["action"] == BatchAction.place
    commands["kind"] = CommandKind.place_order
    for name in (*OF_PLACES, "market_id", "client_order_id"):
        commands[name] = orders[name]
    commands["self_trade_prevention"] = SelfTradePrevention.expire_maker
    commands["account_id"], commands["approval_id"] = party
    commands["session_id"] = session_id
    if not places.all():
        cancels = np.zeros(int((~places).sum()), CANCEL)
        cancels["kind"] = CommandKind.cancel_order
        cancels["account_id"] = party.account_id
        for name in ("market_id", "order_id", "client_order_id"):
            cancels[name] = orders[name][~places]
        raw = commands.view(RAW)
        raw[~places] = cancels.view(RAW)
        return raw.tobytes()
    return commands.tobytes()


def outcomes_of(orders: Table, ordered: Ordered) -> bytes:
    """Return the answer to a batch: the head, then what its own command did to each order."""
    found = np.zeros(len(orders), OUTCOME)
    raw, kinds = np.frombuffer(ordered.events, RAW), np.frombuffer(ordered.events, "<u2")[:: RECORD_SIZE // 2]
    of_kind = {kind: np.frombuffer(raw[kinds == kind].tobytes(), columns) for kind, columns in READ.items()}
    take_accepted(found, of_kind[EventKind.order_accepted], ordered.first_seq)
    take_trades(found, of_kind[EventKind.trade_executed], ordered.first_seq)
    take_reduced(found, of_kind[EventKind.order_reduced], ordered.first_seq)
    take_canceled(found, of_kind[EventKind.order_canceled], orders, ordered.first_seq)
    done = (found["status"] == BatchStatus.open) & (found["leaves_lots"] == 0)
    found["status"][done] = BatchStatus.filled
    take_refused(found, of_kind[EventKind.command_rejected], ordered.first_seq)
    head = np.array([(ordered.first_seq, ordered.ts_ns, len(orders), OUTCOME.itemsize)], HEAD)
    return head.tobytes() + found.tobytes()


def canceled_nothing(orders: Table, content: bytes) -> int:
    """Return how many cancels of a batch found nothing to cancel, by the answer to it."""
    found = np.frombuffer(content, OUTCOME, offset=HEAD.itemsize)
    return int(((orders["action"] == BatchAction.cancel) & (found["status"] == BatchStatus.refused)).sum())


READ = {
    EventKind.order_accepted: ACCEPTED,
    EventKind.trade_executed: TRADED,
    EventKind.order_reduced: REDUCED,
    EventKind.order_canceled: CANCELED,
    EventKind.command_rejected: REJECTED,
}


def places_of(events: Table, first_seq: int) -> Table:
    """Return which order of the batch each event belongs to."""
    return (events["seq"] - np.uint64(first_seq)).astype(np.int64)


def take_accepted(found: Table, events: Table, first_seq: int) -> None:
    """Take in the orders that were accepted; an order has the number of its command."""
    at = places_of(events, first_seq)
    found["order_id"][at], found["leaves_lots"][at] = events["order_id"], events["quantity_lots"]
    found["status"][at] = BatchStatus.open


def take_trades(found: Table, events: Table, first_seq: int) -> None:
    """Add up what each order traded in its own command."""
    own = events[(events["taker_order_id"] == events["seq"]) | (events["maker_order_id"] == events["seq"])]
    at = places_of(own, first_seq)
    np.add.at(found["filled_lots"], at, own["quantity_lots"])
    np.add.at(found["trades"], at, 1)
    found["leaves_lots"] -= found["filled_lots"]


def take_reduced(found: Table, events: Table, first_seq: int) -> None:
    """Take off what self-trade prevention took off an order."""
    own = events[events["order_id"] == events["seq"]]
    np.subtract.at(found["leaves_lots"], places_of(own, first_seq), own["reduced_lots"])


def take_canceled(found: Table, events: Table, orders: Table, first_seq: int) -> None:
    """Take in the orders that left: of a placed one itself, of a cancel the one that it names."""
    at = places_of(events, first_seq)
    named = (events["order_id"] == orders["order_id"][at]) | (
        (orders["order_id"][at] == 0) & (events["client_order_id"] == orders["client_order_id"][at])
    )
    is_own = np.where(orders["action"][at] == BatchAction.place, events["order_id"] == events["seq"], named)
    own, at = events[is_own], at[is_own]
    found["order_id"][at], found["leaves_lots"][at] = own["order_id"], own["leaves_lots"]
    found["cancel_reason"][at], found["status"][at] = own["cancel_reason"], BatchStatus.canceled


def take_refused(found: Table, events: Table, first_seq: int) -> None:
    """Take in refusals; one because the client order id is taken names the order that has it."""
    at = places_of(events, first_seq)
    found["reject_code"][at], found["status"][at] = events["reject_code"], BatchStatus.refused
    is_taken = events["reject_code"] == RejectCode.client_order_id_taken
    found["order_id"][at[is_taken]] = events["expected"][is_taken]
    found["status"][at[is_taken]] = BatchStatus.taken
