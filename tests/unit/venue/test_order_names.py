"""Amend by the client's number, and cancels of one market, side or session."""

from __future__ import annotations

import pytest

from tarazy.domain.records import OrderAccepted, OrderAmended, OrderCanceled
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, MARKET, Floor


def test_amend_by_the_clients_number(floor: Floor) -> None:
    """FIX 4.4, OrderCancelReplaceRequest: OrigClOrdID names the order."""
    number = floor.buy(ALICE, 5, 100, client_order_id=77).order_id
    amended = floor.amend(ALICE, 0, 3, client_order_id=77).one(OrderAmended)
    assert (amended.order_id, amended.quantity_lots, amended.priority_kept) == (number, 3, 1)


def test_amend_by_the_venues_number_ignores_the_clients(floor: Floor) -> None:
    number = floor.buy(ALICE, 5, 100, client_order_id=77).order_id
    assert floor.amend(ALICE, number, 3, client_order_id=78).one(OrderAmended).order_id == number


@pytest.mark.parametrize("named", [0, 78])
def test_amend_of_an_unknown_number_is_refused_and_says_which(floor: Floor, named: int) -> None:
    floor.buy(ALICE, 5, 100, client_order_id=77)
    refused = floor.amend(ALICE, 0, 3, client_order_id=named)
    assert (refused.reject_code, refused[0].found) == (RejectCode.order_unknown, named)
    assert refused[0].client_order_id == named


def test_amend_by_anothers_number_is_refused(floor: Floor) -> None:
    floor.buy(ALICE, 5, 100, client_order_id=77)
    assert floor.amend(BOB, 0, 3, client_order_id=77).reject_code == RejectCode.order_unknown


def test_accepted_order_says_its_session(floor: Floor) -> None:
    assert floor.buy(ALICE, 5, 100, session_id=65_535).one(OrderAccepted).session_id == 65_535


@pytest.mark.parametrize(
    ("filters", "left"),
    [
        ({}, []),
        ({"market": MARKET}, [4, 5]),
        ({"side": 1}, [1, 3, 5]),
        ({"side": 2}, [0, 2, 4]),
        ({"session": 7}, [0, 1, 4, 5]),
        ({"session": 9}, [0, 1, 2, 3, 4]),
        ({"market": MARKET, "side": 1, "session": 7}, [0, 1, 3, 4, 5]),
        ({"session": 8}, [0, 1, 2, 3, 4, 5]),
    ],
)
def test_cancel_all_takes_what_the_filters_name_and_nothing_else(
    floor: Floor, filters: dict[str, int], left: list[int]
) -> None:
    other = floor.market()
    orders = [
        floor.buy(ALICE, 1, 90),
        floor.sell(ALICE, 1, 110),
        floor.buy(ALICE, 1, 91, session_id=7),
        floor.sell(ALICE, 1, 111, session_id=7),
        floor.buy(ALICE, 1, 92, market_id=other),
        floor.sell(ALICE, 1, 112, market_id=other, session_id=9),
    ]
    floor.buy(BOB, 1, 89, session_id=7)
    numbers = [order.order_id for order in orders]
    canceled = {event.order_id for event in floor.cancel_all(ALICE, **filters).of(OrderCanceled)}
    assert [at for at, number in enumerate(numbers) if number not in canceled] == left
    assert canceled <= set(numbers)


def test_session_outlives_a_fill_an_amendment_and_a_snapshot(floor: Floor) -> None:
    number = floor.buy(ALICE, 5, 100, session_id=7).order_id
    floor.sell(BOB, 1, 100)
    floor.amend(ALICE, number, 9, 99)
    floor.venue = type(floor.venue).restore(floor.venue.snapshot())  # type: ignore[attr-defined]
    assert floor.cancel_all(ALICE, session=6).of(OrderCanceled) == []
    assert floor.cancel_all(ALICE, session=7).one(OrderCanceled).order_id == number
