"""Cancels: one, all, by either number, in any state of the market; and client order numbers."""

from __future__ import annotations

import pytest

from tarazy.domain.records import AccountState, CancelReason, MarketState, OrderCanceled, OrderType, SetAccountState
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, MILLION, USD, Floor, Lots


def test_cancel_gives_back_what_was_held(floor: Floor) -> None:
    bid = floor.buy(ALICE, 5, 100).order_id
    canceled = floor.cancel(ALICE, bid).one(OrderCanceled)
    assert (canceled.cancel_reason, canceled.leaves_lots) == (CancelReason.requested, 5)
    assert canceled.released_minor == 500
    assert floor.balance(ALICE, USD) == (MILLION, 0)
    assert floor.bids == []


@pytest.mark.parametrize("position", [0, 1, 2])
def test_cancel_anywhere_in_the_queue_keeps_the_order_of_the_rest(floor: Floor, position: int) -> None:
    orders = [(account, floor.sell(account, 5, 100).order_id) for account in (ALICE, BOB, CAROL)]
    account, number = orders.pop(position)
    floor.cancel(account, number)
    assert [fill.order_id for fill in floor.buy(floor.account(usd=MILLION), 10, 100).fills] == [n for _, n in orders]


def test_cancel_that_empties_the_best_level_leaves_the_next_as_best(floor: Floor) -> None:
    best = floor.sell(ALICE, 5, 100).order_id
    next_best = floor.sell(ALICE, 5, 101).order_id
    floor.cancel(ALICE, best)
    assert floor.buy(BOB, 5, 100).fills == []
    assert floor.buy(BOB, 5, 101).fills == [Lots(next_best, 101, 5)]


def test_cancel_of_a_partly_filled_order_gives_back_the_rest(floor: Floor) -> None:
    ask = floor.sell(ALICE, 5, 100).order_id
    floor.buy(BOB, 2, 100)
    assert floor.cancel(ALICE, ask).one(OrderCanceled).leaves_lots == 3
    assert floor.balance(ALICE, BTC) == (MILLION - 2, 0)


def test_second_cancel_is_refused_and_gives_nothing_back_twice(floor: Floor) -> None:
    bid = floor.buy(ALICE, 5, 100).order_id
    floor.cancel(ALICE, bid)
    assert floor.cancel(ALICE, bid).reject_code == RejectCode.order_unknown
    assert floor.balance(ALICE, USD) == (MILLION, 0)


def test_cancel_of_a_filled_order_is_refused(floor: Floor) -> None:
    ask = floor.sell(ALICE, 5, 100).order_id
    floor.buy(BOB, 5, 100)
    assert floor.cancel(ALICE, ask).reject_code == RejectCode.order_unknown


def test_cancel_of_a_number_that_was_never_given_is_refused(floor: Floor) -> None:
    assert floor.cancel(ALICE, 999_999).reject_code == RejectCode.order_unknown
    assert floor.cancel(ALICE, 0, 0).reject_code == RejectCode.order_unknown


def test_cancel_of_another_accounts_order_is_refused(floor: Floor) -> None:
    ask = floor.sell(ALICE, 5, 100).order_id
    assert floor.cancel(BOB, ask).reject_code == RejectCode.order_unknown
    assert floor.asks == [Lots(ask, 100, 5)]


def test_cancel_in_the_wrong_market_is_refused(floor: Floor) -> None:
    other = floor.market()
    ask = floor.sell(ALICE, 5, 100).order_id
    assert floor.cancel(ALICE, ask, market=other).reject_code == RejectCode.order_unknown


def test_cancel_by_the_clients_number(floor: Floor) -> None:
    ask = floor.sell(ALICE, 5, 100, client_order_id=77).order_id
    canceled = floor.cancel(ALICE, 0, 77).one(OrderCanceled)
    assert (canceled.order_id, canceled.client_order_id) == (ask, 77)


@pytest.mark.parametrize("state", [MarketState.auction, MarketState.halted, MarketState.closed])
def test_cancel_works_in_every_state_of_the_market(floor: Floor, state: int) -> None:
    ask = floor.sell(ALICE, 5, 100).order_id
    floor.to(state)
    assert floor.cancel(ALICE, ask).kinds == ["OrderCanceled"]


def test_cancel_of_an_untriggered_stop(floor: Floor) -> None:
    stop = floor.sell(ALICE, 5, 89, order_type=OrderType.stop_loss_limit, trigger_price_ticks=90).order_id
    assert floor.cancel(ALICE, stop).one(OrderCanceled).released_minor == 5


def test_cancel_all_in_one_market_leaves_the_others(floor: Floor) -> None:
    other = floor.market()
    here = [floor.sell(ALICE, 1, price).order_id for price in (102, 100, 101)]
    there = floor.sell(ALICE, 1, 100, market_id=other).order_id
    floor.sell(BOB, 1, 100)
    canceled = floor.cancel_all(ALICE, 1).of(OrderCanceled)
    assert [event.order_id for event in canceled] == here
    assert {event.cancel_reason for event in canceled} == {CancelReason.cancel_all}
    assert [lots.order_id for lots in floor.queue(2, other)] == [there]


def test_cancel_all_in_all_markets_takes_untriggered_orders_too(floor: Floor) -> None:
    other = floor.market()
    orders = [
        floor.sell(ALICE, 1, 100).order_id,
        floor.sell(ALICE, 1, 89, order_type=OrderType.stop_loss_limit, trigger_price_ticks=90).order_id,
        floor.buy(ALICE, 1, 50, market_id=other).order_id,
    ]
    assert [event.order_id for event in floor.cancel_all(ALICE)] == orders
    assert floor.balance(ALICE, BTC) == (MILLION, 0)
    assert floor.balance(ALICE, USD) == (MILLION, 0)


def test_cancel_all_of_nothing_gives_no_event(floor: Floor) -> None:
    assert floor.cancel_all(ALICE) == []


def test_restricted_account_cancels_and_frozen_account_does_not(floor: Floor) -> None:
    floor.act(SetAccountState(AccountState.restricted, 0, ALICE, floor.new_hash()))
    assert floor.cancel_all(ALICE) == []
    floor.act(SetAccountState(AccountState.frozen, 0, ALICE, floor.new_hash()))
    assert floor.cancel_all(ALICE).reject_code == RejectCode.account_not_active


def test_clients_number_of_an_open_order_is_taken(floor: Floor) -> None:
    floor.sell(ALICE, 5, 100, client_order_id=7)
    floor.sell(ALICE, 5, 100, client_order_id=8)
    assert floor.sell(ALICE, 5, 100, client_order_id=7).reject_code == RejectCode.client_order_id_taken
    assert floor.sell(BOB, 5, 100, client_order_id=7).kinds == ["OrderAccepted"]


def test_clients_number_of_the_last_order_is_taken_even_when_that_is_gone(floor: Floor) -> None:
    floor.sell(ALICE, 5, 100)
    floor.buy(BOB, 5, 100, client_order_id=7)
    assert floor.buy(BOB, 5, 100, client_order_id=7).reject_code == RejectCode.client_order_id_taken


def test_clients_number_is_free_again_after_another_order(floor: Floor) -> None:
    first = floor.sell(ALICE, 5, 100, client_order_id=7).order_id
    floor.cancel(ALICE, first)
    floor.sell(ALICE, 5, 100, client_order_id=8)
    again = floor.sell(ALICE, 5, 100, client_order_id=7).order_id
    assert again != first
