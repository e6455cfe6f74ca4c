"""Cancel timers: the orders of a client who falls silent leave; those of one who speaks up in time stay.

Source: Kraken, Cancel All Orders After X: a new request pushes the time back, 0 deactivates it, and once it has expired
it stays off until a new one. Binance futures, countdownCancelAll: the same, 0 cancels the timer.
"""

from __future__ import annotations

from tarazy.domain.records import (
    AccountState,
    AdvanceTime,
    CancelReason,
    CancelTimerElapsed,
    CancelTimerSet,
    OrderCanceled,
    OrderType,
    SetAccountState,
    SetCancelTimer,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, MILLION, USD, Floor, Result

MS = 1_000_000


def set_timer(floor: Floor, timeout_ms: int, account: int = ALICE) -> Result:
    """Set an account's timer."""
    return floor.do(SetCancelTimer(0, account, timeout_ms))


def pass_ms(floor: Floor, milliseconds: int) -> Result:
    """Let time pass."""
    floor.now += milliseconds * MS
    return floor.do(AdvanceTime(0))


def test_silence_cancels_all_open_orders_in_every_market_and_gives_back_what_they_held(floor: Floor) -> None:
    other = floor.market()
    numbers = [floor.buy(ALICE, 5, 100).order_id, floor.buy(ALICE, 5, 90, market_id=other).order_id]
    stop = {"order_type": OrderType.stop_loss_limit, "trigger_price_ticks": 90}
    numbers.append(floor.sell(ALICE, 5, 80, **stop).order_id)
    bobs = floor.buy(BOB, 5, 99).order_id
    answer = set_timer(floor, 60_000).one(CancelTimerSet)
    assert answer.cancel_due_ns == floor.now + 60_000 * MS
    assert pass_ms(floor, 59_000).of(OrderCanceled) == []
    events = pass_ms(floor, 1_000)
    assert events.one(CancelTimerElapsed).account_id == ALICE
    canceled = events.of(OrderCanceled)
    assert sorted(event.order_id for event in canceled) == sorted(numbers)
    assert {event.cancel_reason for event in canceled} == {CancelReason.cancel_timer}
    assert floor.balance(ALICE, USD) == (MILLION, 0)
    assert [bid.order_id for bid in floor.bids] == [bobs]


def test_setting_it_again_pushes_the_end_back(floor: Floor) -> None:
    number = floor.buy(ALICE, 5, 100).order_id
    set_timer(floor, 60_000)
    for _ in range(5):
        assert pass_ms(floor, 50_000).of(OrderCanceled) == []
        set_timer(floor, 60_000)
    assert pass_ms(floor, 60_000).one(OrderCanceled).order_id == number


def test_zero_ends_it(floor: Floor) -> None:
    floor.buy(ALICE, 5, 100)
    set_timer(floor, 1_000)
    assert set_timer(floor, 0).one(CancelTimerSet).cancel_due_ns == 0
    assert pass_ms(floor, 2_000).of(OrderCanceled) == []


def test_once_elapsed_it_is_off_until_it_is_set_anew(floor: Floor) -> None:
    set_timer(floor, 1_000)
    pass_ms(floor, 1_000)
    number = floor.buy(ALICE, 5, 100).order_id
    assert pass_ms(floor, 90_000).of(OrderCanceled) == []
    assert floor.cancel(ALICE, number).one(OrderCanceled).cancel_reason == CancelReason.requested


def test_it_elapses_before_the_command_that_comes_too_late(floor: Floor) -> None:
    floor.sell(ALICE, 5, 100)
    set_timer(floor, 1_000)
    floor.now += 1_000 * MS
    late = floor.buy(BOB, 5, 100)
    assert late.kinds == ["CancelTimerElapsed", "OrderCanceled", "OrderAccepted"]
    assert late.fills == []


def test_a_restricted_account_may_set_it_and_a_frozen_one_may_not(floor: Floor) -> None:
    floor.act(SetAccountState(AccountState.restricted, account_id=ALICE, decision_hash=floor.new_hash()))
    assert set_timer(floor, 1_000).one(CancelTimerSet)
    floor.act(SetAccountState(AccountState.frozen, account_id=ALICE, decision_hash=floor.new_hash()))
    assert set_timer(floor, 1_000).reject_code == RejectCode.account_not_active


def test_one_day_is_the_most(floor: Floor) -> None:
    assert set_timer(floor, 86_400_000).one(CancelTimerSet)
    assert set_timer(floor, 86_400_001).reject_code == RejectCode.cancel_timer_too_long


def test_it_goes_on_from_a_snapshot(floor: Floor) -> None:
    floor.buy(ALICE, 5, 100)
    set_timer(floor, 1_000)
    floor.venue = type(floor.venue).restore(floor.venue.snapshot())  # type: ignore[attr-defined]
    assert pass_ms(floor, 999).of(OrderCanceled) == []
    assert pass_ms(floor, 1).one(OrderCanceled).cancel_reason == CancelReason.cancel_timer
