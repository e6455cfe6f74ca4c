"""Settings that take effect later: parameters, market rules, limits."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.domain.records import (
    CommandRejected,
    LimitRemovalScheduled,
    LimitRemoved,
    LimitScheduled,
    LimitSet,
    MarketRulesScheduled,
    MarketRulesSet,
    OrderAccepted,
    OrderCanceled,
    ParameterScheduled,
    ParameterSet,
    ParameterTable,
    RemoveLimit,
    SetParameter,
    SettingReplaced,
    TradeExecuted,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, CAROL, SECOND_NS, USD, Floor, Result
from .limiting import DEPOSITS, EVERYBODY, MONTH, PURCHASES, admitted, limit, rate, terms

OPEN_ORDERS, DISCOUNT = ParameterTable.open_orders_max, ParameterTable.fee_discount_ppm


def parameter(floor: Floor, value: int, table: int = OPEN_ORDERS, key: int = 0, **fields: int) -> Result:
    """Set a parameter."""
    command = SetParameter(table, parameter_key=key, parameter_value=value, rulebook_hash=floor.new_hash())
    return floor.act(command._replace(**fields))


def test_parameter_takes_effect_before_the_first_command_at_its_time(floor: Floor) -> None:
    due = floor.now + 10 * SECOND_NS
    scheduled = parameter(floor, 1, effective_ns=due).one(ParameterScheduled)
    assert (scheduled.effective_ns, scheduled.parameter_value) == (due, 1)
    floor.now = due - 1
    floor.buy(ALICE, 1, 100)
    assert floor.buy(ALICE, 1, 100).order_id
    floor.now = due
    events = floor.buy(ALICE, 1, 100)
    assert events.kinds == ["ParameterSet", "CommandRejected"]
    assert events.one(ParameterSet).scheduled_seq == scheduled.seq
    assert events.one(CommandRejected).reject_code == RejectCode.open_orders_limit
    assert floor.state.pending == {}


def test_parameter_at_once_says_that_nothing_was_scheduled(floor: Floor) -> None:
    assert parameter(floor, 1).one(ParameterSet).scheduled_seq == 0


def test_market_rules_with_notice_leave_fees_until_then(floor: Floor) -> None:
    due = floor.now + SECOND_NS
    rules = floor.rules(taker_fee_ppm=10_000, maker_fee_ppm=0, effective_ns=due)
    assert rules.one(MarketRulesScheduled).effective_ns == due
    floor.sell(BOB, 200, 100)
    assert floor.buy(ALICE, 100, 100).one(TradeExecuted).taker_fee_minor == 0
    assert floor.wait(SECOND_NS).one(MarketRulesSet).scheduled_seq == rules[0].seq
    assert floor.buy(ALICE, 100, 100).one(TradeExecuted).taker_fee_minor == 1


def test_two_pending_settings_of_one_row_take_effect_in_turn(floor: Floor) -> None:
    first = parameter(floor, 5, effective_ns=floor.now + 2)[0].seq
    second = parameter(floor, 6, effective_ns=floor.now + 1)[0].seq
    assert set(floor.state.pending) == {first, second}
    events = floor.wait(2)
    assert [(event.scheduled_seq, event.parameter_value) for event in events.of(ParameterSet)] == [
        (second, 6),
        (first, 5),
    ]
    assert floor.state.parameter(OPEN_ORDERS, 0) == 5


def test_setting_at_the_same_time_as_another_takes_effect_after_it(floor: Floor) -> None:
    for value in (7, 8):
        parameter(floor, value, effective_ns=floor.now + 1)
    assert [event.parameter_value for event in floor.wait(1).of(ParameterSet)] == [7, 8]


def test_setting_replaces_a_pending_one_only_when_it_names_it(floor: Floor) -> None:
    pending = parameter(floor, 1, effective_ns=floor.now + 9)[0].seq
    assert not parameter(floor, 2).of(SettingReplaced)
    later = parameter(floor, 3, effective_ns=floor.now + 5, replaces_seq=pending)
    assert later.one(SettingReplaced).scheduled_seq == pending
    assert [event.parameter_value for event in floor.wait(20).of(ParameterSet)] == [3]


def test_setting_at_once_takes_the_place_of_a_pending_one(floor: Floor) -> None:
    pending = parameter(floor, 1, effective_ns=floor.now + 9)[0].seq
    now = parameter(floor, 2, replaces_seq=pending)
    assert now.kinds == ["SettingReplaced", "ParameterSet"]
    assert not floor.wait(20)


@pytest.mark.parametrize("fields", [{"parameter_key": 4}, {"parameter_table": OPEN_ORDERS, "parameter_key": 0}])
def test_setting_cannot_replace_one_of_another_row(floor: Floor, fields: dict[str, Any]) -> None:
    pending = parameter(floor, 1, DISCOUNT, 3, effective_ns=floor.now + 9)[0].seq
    other = SetParameter(DISCOUNT, 0, 3, 0, pending, 1, floor.new_hash())._replace(**fields)
    assert floor.do(other).reject_code == RejectCode.pending_setting_unknown


def test_setting_that_took_effect_cannot_be_replaced(floor: Floor) -> None:
    pending = parameter(floor, 1, effective_ns=floor.now + 1)[0].seq
    floor.wait(1)
    command = SetParameter(OPEN_ORDERS, 0, 0, 0, pending, 1, floor.new_hash())
    assert floor.do(command).reject_code == RejectCode.pending_setting_unknown


def test_limit_with_notice_binds_from_its_time_and_cancels_what_it_newly_binds(floor: Floor) -> None:
    rate(floor, USD)
    scheduled = limit(floor, 1_000, PURCHASES, effective_ns=floor.now + SECOND_NS).one(LimitScheduled)
    order_id = floor.buy(ALICE, 50, 100).order_id
    events = floor.wait(SECOND_NS)
    assert events.kinds == ["LimitSet", "OrderCanceled"]
    assert events.one(LimitSet).scheduled_seq == scheduled.seq
    assert events.one(OrderCanceled).order_id == order_id
    assert floor.buy(ALICE, 11, 100).reject_code == RejectCode.limit_reached


def test_removal_with_notice_ends_a_limit_at_its_time(floor: Floor) -> None:
    rate(floor, USD)
    limit(floor, 100)
    named = terms(DEPOSITS, EVERYBODY, MONTH, 0, 0, 0, 0)
    removal = RemoveLimit(effective_ns=floor.now + SECOND_NS, rulebook_hash=floor.new_hash(), **named)
    assert floor.act(removal).one(LimitRemovalScheduled)
    assert admitted(floor, ALICE, USD, 500) == 100
    assert floor.wait(SECOND_NS).one(LimitRemoved)
    assert admitted(floor, ALICE, USD, 500) == 500


def test_removal_may_replace_a_pending_change_of_its_limit(floor: Floor) -> None:
    limit(floor, 100)
    pending = limit(floor, 900, effective_ns=floor.now + 9)[0].seq
    named = terms(DEPOSITS, EVERYBODY, MONTH, 0, 0, 0, 0)
    removal = RemoveLimit(replaces_seq=pending, rulebook_hash=floor.new_hash(), **named)
    assert floor.act(removal).kinds == ["SettingReplaced", "LimitRemoved"]
    assert not floor.wait(20)


def test_setting_takes_effect_before_an_order_expires_at_the_same_time(floor: Floor) -> None:
    due = floor.now + SECOND_NS
    floor.buy(ALICE, 1, 100, time_in_force=4, expire_ns=due)
    parameter(floor, 9, effective_ns=due)
    assert floor.wait(SECOND_NS).kinds == ["ParameterSet", "OrderCanceled"]


def test_pending_settings_are_in_the_snapshot(floor: Floor) -> None:
    parameter(floor, 1, effective_ns=floor.now + SECOND_NS)
    floor.rules(collar_ppm=5, effective_ns=floor.now + 2 * SECOND_NS)
    snapshot = floor.venue.snapshot()
    floor.venue = floor.engine.restore(snapshot)
    assert floor.venue.snapshot() == snapshot
    assert floor.wait(2 * SECOND_NS).kinds == ["ParameterSet", "MarketRulesSet"]
    floor.sell(CAROL, 1, 100)
    floor.buy(BOB, 1, 100)
    # Five parts per million of 100 round to nothing; a collar is never less than a tick.
    assert floor.buy(ALICE, 1, 102).reject_code == RejectCode.price_outside_collar
    assert floor.buy(ALICE, 1, 101).of(OrderAccepted)
