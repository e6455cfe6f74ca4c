"""A retry within the horizon finds the first outcome and never does it a second time.

The right values come from the parameter's own definition: client_id_horizon_ms, from the acceptance of the number; not
set, a number is taken while its order is open or the account's last. FIX requires a ClOrdID to be unique within a
trading day; Binance Spot only among open orders, which lets a retry after a fill trade twice.
"""

from __future__ import annotations

import pytest

from tarazy.domain.records import OrderCanceled, ParameterTable, RejectWithdrawal, RequestWithdrawal, SetParameter, Side
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.client_ids import REMEMBERED_MAX, Remembered, keep_order
from tarazy.spec.snapshot import encode

from ...floor import ALICE, BOB, BTC, MILLION, USD, Floor, Result

MS = 1_000_000
HORIZON = 300_000 * MS
TAKEN = RejectCode.client_order_id_taken


def set_horizon(floor: Floor, milliseconds: int) -> None:
    """Set the horizon."""
    table = ParameterTable.client_id_horizon_ms
    floor.act(SetParameter(table, parameter_value=milliseconds, rulebook_hash=b"\1" * 32))


@pytest.fixture
def remembering(floor: Floor) -> Floor:
    """A floor where numbers are remembered for five minutes."""
    set_horizon(floor, 300_000)
    return floor


def restart(floor: Floor) -> None:
    """Let the venue go on from its own snapshot."""
    floor.venue = type(floor.venue).restore(floor.venue.snapshot())  # type: ignore[attr-defined]


def assert_taken(result: Result, number: int) -> None:
    """Assert that the retry found the first order."""
    assert (result.reject_code, result[0].expected) == (TAKEN, number)


def test_without_a_horizon_a_number_is_free_when_its_order_is_gone_and_another_came(floor: Floor) -> None:
    first = floor.buy(ALICE, 5, 100, client_order_id=7).order_id
    floor.cancel(ALICE, first)
    assert_taken(floor.buy(ALICE, 5, 100, client_order_id=7), first)
    floor.buy(ALICE, 5, 100, client_order_id=8)
    assert floor.buy(ALICE, 5, 100, client_order_id=7).order_id > first
    assert not floor.state.named_orders


@pytest.mark.parametrize("over_a_restart", [False, True])
def test_retry_after_a_fill_trades_no_second_time(remembering: Floor, over_a_restart: bool) -> None:
    floor = remembering
    floor.sell(BOB, 10, 100)
    first = floor.buy(ALICE, 5, 100, client_order_id=7)
    floor.buy(ALICE, 1, 90, client_order_id=8)
    if over_a_restart:
        restart(floor)
    floor.now += HORIZON - 1 - 10 * MS
    assert_taken(floor.buy(ALICE, 5, 100, client_order_id=7), first.order_id)
    assert floor.balance(ALICE, BTC) == (MILLION + 5, 0)


def test_retry_after_a_cancel_or_an_expiry_places_no_second_order(remembering: Floor) -> None:
    floor = remembering
    first = floor.buy(ALICE, 5, 100, client_order_id=7).order_id
    floor.cancel(ALICE, first)
    assert_taken(floor.buy(ALICE, 5, 100, client_order_id=7), first)
    floor.buy(ALICE, 5, 90)
    second = floor.buy(ALICE, 5, 100, time_in_force=2, client_order_id=9).order_id
    assert_taken(floor.buy(ALICE, 5, 100, time_in_force=2, client_order_id=9), second)


def test_refused_order_leaves_its_number_free(floor: Floor) -> None:
    assert floor.buy(ALICE, MILLION, 100, client_order_id=7).reject_code == RejectCode.insufficient_balance
    assert floor.buy(ALICE, 5, 100, client_order_id=7).order_id


def test_number_of_another_account_is_free(floor: Floor) -> None:
    floor.buy(ALICE, 5, 100, client_order_id=7)
    assert floor.buy(BOB, 5, 100, client_order_id=7).order_id


def test_number_is_free_when_the_horizon_is_over_and_the_order_is_gone(floor: Floor) -> None:
    set_horizon(floor, 1_000)
    begin = floor.now
    first = floor.buy(ALICE, 5, 100, client_order_id=7).order_id
    floor.cancel(ALICE, first)
    floor.buy(ALICE, 5, 90, client_order_id=8)
    floor.now = begin + 999 * MS
    assert_taken(floor.buy(ALICE, 5, 100, client_order_id=7), first)
    floor.now = begin + 1_000 * MS + 10 * MS
    assert floor.buy(ALICE, 5, 100, client_order_id=7).order_id > first


def test_number_of_an_open_order_is_taken_however_old_it_is(remembering: Floor) -> None:
    floor = remembering
    first = floor.buy(ALICE, 5, 100, client_order_id=7).order_id
    floor.now += 10 * HORIZON
    floor.buy(ALICE, 5, 100, client_order_id=8)
    assert_taken(floor.buy(ALICE, 5, 100, client_order_id=7), first)
    restart(floor)
    assert floor.cancel(ALICE, 0, 7).one(OrderCanceled).order_id == first
    assert floor.buy(ALICE, 5, 100, client_order_id=7).order_id > first


def test_numbers_past_the_horizon_are_forgotten_two_at_a_time(remembering: Floor) -> None:
    floor = remembering
    for number in range(10):
        floor.buy(ALICE, 1, 1, client_order_id=1 + number, time_in_force=2)
    floor.now += HORIZON
    floor.buy(BOB, 1, 1, client_order_id=99, time_in_force=2)
    assert [entry.client_id for entry in floor.state.named_orders] == [3, 4, 5, 6, 7, 8, 9, 10, 99]


def test_number_used_again_outlives_the_end_of_its_first_use(remembering: Floor) -> None:
    floor = remembering
    for number in (1, 2, 3, 4, 5, 6):
        floor.buy(ALICE, 1, 1, client_order_id=number, time_in_force=2)
    floor.now += HORIZON
    again = floor.buy(ALICE, 1, 1, client_order_id=5, time_in_force=2).order_id
    for number in (11, 12, 13):
        floor.buy(ALICE, 1, 1, client_order_id=number, time_in_force=2)
    restart(floor)
    assert [entry.client_id for entry in floor.state.named_orders] == [5, 11, 12, 13]
    assert_taken(floor.buy(ALICE, 1, 1, client_order_id=5, time_in_force=2), again)


def test_facility_has_its_last_numbers_and_no_more(remembering: Floor) -> None:
    floor, state = remembering, remembering.state
    for number in range(1, REMEMBERED_MAX + 1):
        keep_order(state, Remembered(number, number, state.last_ts_ns, BOB))
    state.next_seq = REMEMBERED_MAX + 1
    floor.venue = floor.engine.restore(encode(state))  # type: ignore[attr-defined]
    floor.buy(ALICE, 1, 1, client_order_id=1, time_in_force=2)
    assert_taken(floor.buy(BOB, 1, 1, client_order_id=2, time_in_force=2), 2)
    assert floor.buy(BOB, 1, 1, client_order_id=1, time_in_force=2).order_id


def test_horizon_that_ends_takes_the_memory_with_it(remembering: Floor) -> None:
    floor = remembering
    floor.cancel(ALICE, floor.buy(ALICE, 1, 1, client_order_id=7).order_id)
    floor.buy(ALICE, 1, 1, client_order_id=8)
    assert floor.buy(ALICE, 1, 1, client_order_id=7).reject_code == TAKEN
    set_horizon(floor, 0)
    set_horizon(floor, 300_000)
    assert not floor.state.named_orders
    assert floor.buy(ALICE, 1, 1, client_order_id=7).order_id


def test_cancel_by_a_remembered_number_that_is_gone_is_refused(floor: Floor) -> None:
    floor.buy(ALICE, 1, 1, client_order_id=7, time_in_force=2)
    assert floor.cancel(ALICE, 0, 7).reject_code == RejectCode.order_unknown


def withdraw(floor: Floor, number: int, account: int = ALICE) -> Result:
    """Ask for assets back under the client's number."""
    return floor.do(RequestWithdrawal(0, account, USD, 5, floor.new_hash(), number))


def test_retry_of_a_withdrawal_holds_no_second_time(floor: Floor) -> None:
    first = withdraw(floor, 7)[0].withdrawal_id
    refused = withdraw(floor, 7)
    assert (refused.reject_code, refused[0].expected) == (RejectCode.client_request_id_taken, first)
    assert floor.balance(ALICE, USD) == (MILLION - 5, 5)
    assert withdraw(floor, 0)[0].client_request_id == 0
    assert withdraw(floor, 7, BOB)[0].client_request_id == 7


def test_withdrawals_number_is_taken_while_it_is_open_and_within_the_horizon(remembering: Floor) -> None:
    floor = remembering
    begin = floor.now
    first = withdraw(floor, 7)[0].withdrawal_id
    restart(floor)
    floor.now = begin + 10 * HORIZON
    assert withdraw(floor, 7).reject_code == RejectCode.client_request_id_taken
    floor.act(RejectWithdrawal(1, withdrawal_id=first))
    assert withdraw(floor, 7)[0].client_request_id == 7


def test_withdrawal_that_was_given_back_keeps_its_number_within_the_horizon(floor: Floor) -> None:
    first = withdraw(floor, 7)[0].withdrawal_id
    floor.act(RejectWithdrawal(1, withdrawal_id=first))
    second = withdraw(floor, 7)[0].withdrawal_id
    assert second > first
    set_horizon(floor, 300_000)
    floor.act(RejectWithdrawal(1, withdrawal_id=second))
    refused = withdraw(floor, 7)
    assert (refused.reject_code, refused[0].expected) == (RejectCode.client_request_id_taken, second)


def test_list_of_which_some_numbers_are_forgotten_is_restored(remembering: Floor) -> None:
    """A new number forgets two that are past the horizon; a list of three has then one left that is remembered."""
    floor = remembering
    floor.otoco(Side.buy, ALICE, 5, 90, 120, 80, client_order_id=7)
    floor.now += HORIZON
    floor.sell(BOB, 5, 100, client_order_id=1)
    assert [entry.client_id for entry in floor.state.named_orders] == [7, 1]
    snapshot = floor.venue.snapshot()
    restart(floor)
    assert floor.venue.snapshot() == snapshot
    assert floor.buy(ALICE, 5, 80, client_order_id=8).reject_code == TAKEN
