"""Snapshots with one fact that no commands lead to: both engines refuse them with the same sentence.

Each fact is bent on the readable venue, whose snapshot is then restored: what a part is more than its whole, what names
another thing than it should, what is out of its order or ahead of its time.
"""

from __future__ import annotations

from collections import deque

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import AccountState, MarketState, RequestWithdrawal, SetCancelTimer, TimeInForce
from tarazy.spec.book import BUY, SELL, Book, Order
from tarazy.spec.cancel_timers import TIMEOUT_MAX_MS
from tarazy.spec.legs import OCO_STOP, OTO_PENDING, role_of
from tarazy.spec.state import NS_PER_MS, State
from tarazy.spec.state_parts import REQUESTED, Evidence, Receipt, Withdrawal
from tarazy.spec.venue import Venue

from ...floor import ALICE, APPROVER, BOB, BTC, USD, Floor, open_floor, public_key
from .desk import Desk

EVIDENCE = b"\x01" * 32


def busy_floor() -> Floor:
    """Return a floor with a credit, a receipt that is sent back, a settled one, orders, a trade, a timer."""
    floor = open_floor(Venue)
    desk = Desk(floor)
    desk.deposit(ALICE, 50, EVIDENCE)
    number = desk.request(ALICE, 5)
    desk.send(number)
    desk.settle(number)
    desk.ask_return(desk.receive(50), 20)
    floor.buy(ALICE, 5, 100, client_order_id=7)
    floor.buy(BOB, 5, 100, time_in_force=TimeInForce.day)
    floor.sell(BOB + 1, 2, 100)
    floor.attempt(SetCancelTimer(account_id=ALICE, timeout_ms=1_000))
    floor.act(RequestWithdrawal(0, ALICE, BTC, 1, EVIDENCE, client_request_id=9))
    floor.oco(SELL, BOB, 4, 120, 80)
    floor.oto(BUY, BOB, 4, 90, 130)
    return floor


def credit(state: State) -> Evidence:
    """Return the credit's evidence."""
    return state.evidence[EVIDENCE]


def settled(state: State) -> Withdrawal:
    """Return the settled withdrawal."""
    return next(iter(state.settled.values()))


def returning(state: State) -> Withdrawal:
    """Return the return that is open."""
    return next(iter(state.withdrawals.values()))


def receipt(state: State) -> Receipt:
    """Return the open receipt."""
    return next(iter(state.receipts.values()))


def book(state: State) -> Book:
    """Return the market's book."""
    return state.markets[0].book


def leg(state: State, role: int) -> Order:
    """Return the open order with a role in a list."""
    return next(order for number, order in orders(state).items() if role_of(number) == role)


def orders(state: State) -> dict[int, Order]:
    """Return the market's open orders."""
    return {**book(state).resting, **book(state).untriggered}


def hand_over(state: State, order: Order) -> None:
    """Give an order to another client."""
    order.account_id, order.owner_id = BOB + 1, state.accounts[BOB].owner_id


def remember_of(state: State, account_id: int) -> None:
    """Let the remembered number of a withdrawal be another account's."""
    entry = state.named_requests.pop(ALICE)[0]
    state.named_requests[account_id] = deque([entry._replace(account_id=account_id)])


def set_priorities(state: State, *priorities: int) -> None:
    """Give the resting orders, in their order, these places."""
    for order, priority in zip(book(state).resting.values(), priorities, strict=True):
        order.priority = priority


BENT = {
    "part of a credit": lambda state: setattr(credit(state), "credited_minor", 51),
    "amount of a credit": lambda state: setattr(credit(state), "amount_minor", 0),
    "account of a credit": lambda state: setattr(credit(state), "account_id", 0),
    "evidence of a settlement": lambda state: setattr(settled(state), "amount_minor", 6),
    "location of a withdrawal": lambda state: setattr(settled(state), "withdrawal_state", REQUESTED),
    "kind of a withdrawal": lambda state: setattr(returning(state), "kind", 1),
    "receipt of a withdrawal": lambda state: setattr(returning(state), "asset_id", USD),
    "number or time of evidence": lambda state: setattr(credit(state), "number", state.next_seq),
    "trade": lambda state: state.trades.append(state.trades.pop()._replace(buyer_account_id=0)),
    "queue of a price": lambda state: set_priorities(state, 2, 1, 3, 4),
    "account of an order": lambda state: setattr(state.accounts[BOB - 1], "account_state", AccountState.restricted),
    "state of a market": lambda state: setattr(state.assets[BTC - 1], "asset_status", 3),
    "next state of a market": lambda state: setattr(state.markets[0], "next_market_state", MarketState.closed),
    "time of a market's last trade": lambda state: setattr(state.markets[0], "last_trade_ns", state.last_ts_ns + 1),
    "rules of a market": lambda state: setattr(state.markets[0], "collar_ppm", 0),
    "time of a cancel timer": lambda state: state.cancel_timers.update(
        {ALICE: state.last_ts_ns + TIMEOUT_MAX_MS * NS_PER_MS + 1}
    ),
    "list of a leg": lambda state: hand_over(state, leg(state, OTO_PENDING)),
    "leg beside others": lambda state: setattr(leg(state, OCO_STOP), "quantity_lots", 5),
    "price of an order": lambda state: state.markets[0].tick_bands.append((0, 20)),
    "number of a withdrawal that is remembered": lambda state: remember_of(state, BOB),
    "key of an officer": lambda state: setattr(state.authority.officers[0], "public_key", public_key(APPROVER)),
    "officer": lambda state: setattr(state.authority.officers[0], "valid_until_ns", 0),
    "account": lambda state: setattr(state.accounts[ALICE - 1], "last_order_id", state.next_seq),
    "next sequence number": lambda state: setattr(state, "next_seq", 1 << 48),
    "receipt": lambda state: setattr(receipt(state), "amount_minor", 1 << 121),
}


def test_busy_floor_is_restored_by_both_engines(engine: type[Engine]) -> None:
    snapshot = busy_floor().venue.snapshot()
    assert engine.restore(snapshot).snapshot() == snapshot


@pytest.mark.parametrize("what", BENT)
def test_fact_that_no_commands_lead_to_is_refused_in_the_same_words(engine: type[Engine], what: str) -> None:
    venue = busy_floor().venue
    assert isinstance(venue, Venue)
    BENT[what](venue.state)
    with pytest.raises(ValueError, match=f"^the snapshot's {what} is not possible$"):
        engine.restore(venue.snapshot())
