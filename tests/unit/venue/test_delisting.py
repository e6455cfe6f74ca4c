"""Delisting in steps: announced, cancel only, closed, window for withdrawals over.

The order of the steps and what each leaves open is that of published notices (OKX, November 2023: deposits end, pairs
close and open orders are canceled, withdrawals end two months later, balances stay visible); each step happens once,
at its time, also after a restart.
"""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    AdmitAsset,
    AssetStatus,
    AssetStatusChanged,
    CancelDelisting,
    CancelReason,
    CommandRejected,
    DeclareUnclaimed,
    DelistingCanceled,
    DelistingScheduled,
    DelistingStage,
    DelistingStepped,
    DepositCredited,
    MarketState,
    MarketStateChanged,
    OrderCanceled,
    ReceiptHeld,
    ReceiptReason,
    RemoveAsset,
    RequestWithdrawal,
    ScheduleDelisting,
    SuspendAsset,
    WithdrawalRequested,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, MARKET, MILLION, SECOND_NS, USD, Floor, Result, open_floor
from .desk import Desk

DAY_NS = 86_400 * SECOND_NS
CANCEL_ONLY, CLOSE, UNTIL = 10 * DAY_NS, 11 * DAY_NS, 71 * DAY_NS


def schedule(floor: Floor, asset: int = BTC) -> int:
    """Announce a delisting of bitcoin, 10, 11 and 71 days from now, and return now."""
    dates = (floor.now + CANCEL_ONLY, floor.now + CLOSE, floor.now + UNTIL)
    floor.act(ScheduleDelisting(0, asset, *dates, floor.new_hash()))
    return floor.now


def pass_to(floor: Floor, ns: int) -> Result:
    """Let time pass until then."""
    return floor.wait(ns - floor.now)


def withdrawal(floor: Floor) -> RequestWithdrawal:
    """Return a withdrawal of Alice's."""
    return RequestWithdrawal(0, ALICE, BTC, 1, floor.new_hash())


def unclaimed(floor: Floor, amount: int) -> Result:
    """Declare a part of Alice's bitcoin unclaimed."""
    return floor.attempt(DeclareUnclaimed(0, ALICE, BTC, amount, floor.new_hash()))


def test_life_of_a_delisting(floor: Floor) -> None:
    now = schedule(floor)
    desk = Desk(floor)
    bid, ask = floor.buy(ALICE, 5, 90).order_id, floor.sell(BOB, 7, 110).order_id
    assert floor.buy(ALICE, 1, 110).fills

    steps = pass_to(floor, now + CANCEL_ONLY)
    assert steps.kinds == ["DelistingStepped", "AssetStatusChanged", "MarketStateChanged"]
    stepped = steps.one(DelistingStepped)
    assert (stepped.delisting_stage, stepped.next_step_ns) == (DelistingStage.cancel_only, now + CLOSE)
    assert steps.one(MarketStateChanged).market_state == MarketState.halted
    assert floor.buy(ALICE, 1, 90).reject_code == RejectCode.asset_not_admitted
    assert floor.cancel(ALICE, bid).of(OrderCanceled)
    assert desk.deposit(ALICE, 10).of(DepositCredited)

    steps = pass_to(floor, now + CLOSE)
    assert steps.kinds == ["DelistingStepped", "AssetStatusChanged", "OrderCanceled", "MarketStateChanged"]
    canceled = steps.one(OrderCanceled)
    assert (canceled.order_id, canceled.cancel_reason) == (ask, CancelReason.delisted)
    assert steps.one(AssetStatusChanged).asset_status == AssetStatus.removed
    assert floor.balance(BOB, BTC)[1] == 0
    late = desk.deposit(ALICE, 30).one(ReceiptHeld)
    assert (late.receipt_reason, late.amount_minor) == (ReceiptReason.asset_delisted, 30)
    assert unclaimed(floor, 5).reject_code == RejectCode.withdrawal_window_open
    number = desk.request(ALICE, 400_000)

    clients = sum(sum(floor.balance(account, BTC)) for account in range(1, 5))
    steps = pass_to(floor, now + UNTIL)
    assert steps.kinds == ["DelistingStepped"]
    assert steps.one(DelistingStepped).amount_minor == clients
    refused = floor.do(withdrawal(floor)).one(CommandRejected)
    assert RejectCode(refused.reject_code) == RejectCode.withdrawal_window_over
    assert (refused.expected, refused.found) == (now + UNTIL - 1, floor.now)
    # What was asked for inside the window goes on its way; what remains is the client's until it is declared.
    assert not desk.send(number).of(CommandRejected)
    left = floor.balance(ALICE, BTC)[0]
    held = unclaimed(floor, left).one(ReceiptHeld)
    assert (held.receipt_reason, held.amount_minor) == (ReceiptReason.unclaimed, left)
    assert floor.wait(1_000 * DAY_NS) == []
    floor.venue.audit()


def test_client_withdraws_until_the_last_moment(floor: Floor) -> None:
    now = schedule(floor)
    pass_to(floor, now + UNTIL - 1)
    assert floor.do(withdrawal(floor)).of(WithdrawalRequested)
    assert unclaimed(floor, 1).reject_code == RejectCode.withdrawal_window_open
    pass_to(floor, now + UNTIL)
    assert unclaimed(floor, 1).of(ReceiptHeld)


def test_clock_that_jumps_over_all_steps_takes_each_once_and_in_order(floor: Floor) -> None:
    now = schedule(floor)
    floor.buy(ALICE, 5, 90)
    events = pass_to(floor, now + 10 * UNTIL)
    assert [event.delisting_stage for event in events.of(DelistingStepped)] == [
        DelistingStage.cancel_only,
        DelistingStage.closed,
        DelistingStage.window_over,
    ]
    assert [event.market_state for event in events.of(MarketStateChanged)] == [MarketState.halted, MarketState.closed]
    assert len(events.of(OrderCanceled)) == 1


@pytest.mark.parametrize("stage", [0, 1, 2, 3])
def test_restart_at_every_stage_goes_on_alike(engine: type[Engine], stage: int) -> None:
    """The same life twice: once in one go, once stopped and restored at a stage; then the same events."""
    outcomes = []
    for restarts in (False, True):
        floor = open_floor(engine)
        now = schedule(floor)
        floor.sell(BOB, 7, 110)
        for step in (CANCEL_ONLY, CLOSE, UNTIL)[:stage]:
            pass_to(floor, now + step)
        if restarts:
            snapshot = floor.venue.snapshot()
            floor.venue = engine.restore(snapshot)
            assert floor.venue.snapshot() == snapshot
        outcomes.append([*pass_to(floor, now + 2 * UNTIL), floor.venue.state_digest()])
    assert outcomes[0] == outcomes[1]
    assert len([event for event in outcomes[0] if isinstance(event, DelistingStepped)]) == 3 - stage


def test_delisting_of_the_quote_asset_closes_its_markets(floor: Floor) -> None:
    now = schedule(floor, USD)
    pass_to(floor, now + CLOSE)
    assert floor.market_state(MARKET) == MarketState.closed


def test_suspended_asset_is_delisted_without_being_suspended_again(floor: Floor) -> None:
    now = schedule(floor)
    floor.act(SuspendAsset(0, BTC, floor.new_hash()))
    assert pass_to(floor, now + CANCEL_ONLY).kinds == ["DelistingStepped"]


def test_delisting_is_given_up_before_the_close_and_the_asset_admitted_again(floor: Floor) -> None:
    now = schedule(floor)
    pass_to(floor, now + CANCEL_ONLY)
    admit = AdmitAsset(0, BTC, floor.new_hash())
    assert floor.attempt(admit).reject_code == RejectCode.delisting_under_way
    canceled = floor.act(CancelDelisting(0, BTC, floor.new_hash())).one(DelistingCanceled)
    assert canceled.delisting_stage == DelistingStage.cancel_only
    assert floor.attempt(admit).of(AssetStatusChanged)
    assert floor.wait(2 * UNTIL) == []
    assert schedule(floor)


def test_closed_asset_is_not_brought_back(floor: Floor) -> None:
    now = schedule(floor)
    pass_to(floor, now + CLOSE)
    refused = floor.attempt(CancelDelisting(0, BTC, floor.new_hash()))
    assert refused.reject_code == RejectCode.delisting_unknown


def test_removal_at_once_needs_the_delisting_given_up(floor: Floor) -> None:
    schedule(floor)
    removal = RemoveAsset(0, BTC, floor.new_hash())
    assert floor.attempt(removal).reject_code == RejectCode.delisting_under_way
    floor.act(CancelDelisting(0, BTC, floor.new_hash()))
    assert floor.attempt(removal).of(AssetStatusChanged)


@pytest.mark.parametrize(
    ("dates", "expected", "found"),
    [
        ((0, CLOSE, UNTIL), 1, 0),
        ((CANCEL_ONLY, CANCEL_ONLY - 1, UNTIL), CANCEL_ONLY, CANCEL_ONLY - 1),
        ((CANCEL_ONLY, CLOSE, CLOSE + 30 * DAY_NS - 1), CLOSE + 30 * DAY_NS, CLOSE + 30 * DAY_NS - 1),
    ],
)
def test_dates_follow_one_another_and_leave_thirty_days(
    floor: Floor, dates: tuple[int, int, int], expected: int, found: int
) -> None:
    cancel_only, close, until = (floor.now + ns for ns in dates)
    refused = floor.attempt(ScheduleDelisting(0, BTC, cancel_only, close, until, floor.new_hash()))
    assert refused.reject_code == RejectCode.delisting_dates_invalid
    now = floor.now
    assert (refused[-1].expected - now, refused[-1].found - now) == (expected, found)


def test_delisting_needs_two_officers(floor: Floor) -> None:
    dates = (floor.now + CANCEL_ONLY, floor.now + CLOSE, floor.now + UNTIL)
    command = ScheduleDelisting(0, BTC, *dates, floor.new_hash())
    assert floor.signed(command, 1).reject_code == RejectCode.four_eyes_required
    assert floor.signed(command, 1, 2).of(DelistingScheduled)
    assert floor.balance(ALICE, BTC) == (MILLION, 0)
