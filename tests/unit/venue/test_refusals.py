"""Every refusal is tested: the code, what it says, and that it changed nothing."""

from __future__ import annotations

import struct

import pytest

from tarazy.domain.records import (
    COMMANDS,
    ENUM_FIELDS,
    LAYOUT,
    PRIVILEGES,
    RECORD_SIZE,
    RESERVED_MASKS,
    AssetStatus,
    CommandRejected,
    MarketState,
    OrderType,
    SetMarketRules,
    SetMarketState,
    SuspendAsset,
    TimeInForce,
)
from tarazy.domain.reject_codes import REJECT_INFO, RejectCode

from ...floor import ALICE, APPROVER, BOB, BTC, MARKET, MILLION, OFFICER, USD, WIDE_PPM, Floor, decode_events
from . import (  # noqa: F401 - enter their situations
    authority_refusals,
    block_refusals,
    custody_refusals,
    limit_refusals,
    market_refusals,
    order_refusals,
)
from .desk import Desk
from .refusals import AMOUNT_MAX, HASH, SITUATIONS, order, register

# Behind the snapshot's magic and edition: next_seq and last_ts_ns; genesis and facility's key; the open instruction.
HEAD, CLOCK, INSTRUCTION = 8 + 16 + 33, struct.Struct("<QQ"), struct.Struct("<QIIIQQB")


def without_clock(snapshot: bytes) -> bytes:
    """Return a snapshot without what every command moves: the clock, and what the open instruction still covers."""
    return snapshot[:8] + snapshot[8 + CLOCK.size : HEAD] + snapshot[HEAD + INSTRUCTION.size :]


def test_every_refusal_has_a_situation() -> None:
    assert set(SITUATIONS) == set(RejectCode) == {RejectCode(number) for number in REJECT_INFO}


@pytest.mark.parametrize("code", RejectCode, ids=lambda code: code.name)
def test_refusal_says_why_and_changes_nothing(floor: Floor, code: RejectCode) -> None:
    command, expected, found, is_signed = SITUATIONS[code](floor)
    if not isinstance(command, bytes):
        command = (command if command.ts_ns else command._replace(ts_ns=floor.now)).pack()
    if command[0] in PRIVILEGES and not is_signed:
        floor.instruct(OFFICER, APPROVER)
    before, seq = without_clock(floor.venue.snapshot()), floor.venue.next_seq
    events = floor.venue.apply(command)
    assert len(events) == RECORD_SIZE
    refusal = CommandRejected.unpack(events)
    assert RejectCode(refusal.reject_code) == code
    assert (refusal.seq, refusal.command_kind) == (seq, int.from_bytes(command[:2], "little"))
    assert (refusal.expected, refusal.found) == (expected, found)
    assert refusal.expected != refusal.found
    assert without_clock(floor.venue.snapshot()) == before
    assert floor.venue.next_seq == seq + 1
    assert decode_events(floor.venue.apply(floor_checkpoint(floor)))[0].seq == seq + 1
    floor.venue.audit()


def floor_checkpoint(floor: Floor) -> bytes:
    """Return a checkpoint, which is never refused."""
    return (10).to_bytes(2, "little") + bytes(6) + floor.now.to_bytes(8, "little") + bytes(80)


# Other ways into the same code, by its name and then the way.
MORE = {
    "asset_code_invalid, empty": (register(asset_code=bytes(16)), 0, 1),
    "asset_code_invalid, zero inside": (register(asset_code=b"E\0H".ljust(16, b"\0")), 0, 2),
    "asset_status_not_reachable, suspend": (SuspendAsset(0, 3, HASH), AssetStatus.admitted, AssetStatus.registered),
    "auction_end_invalid, leads nowhere": (SetMarketState(3, 0, 0, MARKET), 4, 0),
    "auction_end_invalid, leads to a halt": (SetMarketState(3, 5, 0, MARKET), 4, 5),
    "auction_end_invalid, terms of an auction on a halt": (SetMarketState(5, 4, 0, MARKET), 0, 4),
    "expiry_invalid, not GTD": (order(expire_ns=5), 0, 5),
    "display_not_allowed, IOC": (order(display_lots=2, time_in_force=2), 0, 2),
    "display_not_allowed, too many slices": (order(lots=1_000, price=1, display_lots=9), 10, 9),
    "cash_order_quantity_not_allowed, with lots": (
        order(price=0, order_type=OrderType.market, time_in_force=2, cash_order_quantity_minor=6),
        0,
        6,
    ),
    "quantity_missing, market": (order(lots=0, price=0, order_type=OrderType.market, time_in_force=2), 1, 0),
    "price_not_allowed, stop": (order(order_type=OrderType.stop_loss, trigger_price_ticks=5), 0, 100),
    "time_in_force_not_allowed, post-only": (order(order_type=OrderType.post_only, time_in_force=2), 1, 2),
    "time_in_force_not_allowed, stop": (
        order(price=0, order_type=OrderType.stop_loss, trigger_price_ticks=5),
        TimeInForce.ioc,
        TimeInForce.gtc,
    ),
}


@pytest.mark.parametrize("case", MORE)
def test_other_ways_into_a_refusal(floor: Floor, case: str) -> None:
    floor.asset("SOL", admitted=False)
    command, expected, found = MORE[case]
    refusal = floor.do(command).one(CommandRejected)
    assert RejectCode(refusal.reject_code).name == case.split(",")[0]
    assert (refusal.expected, refusal.found) == (expected, found)


@pytest.mark.parametrize("case", custody_refusals.MORE)
def test_other_ways_into_a_refusal_on_custody(floor: Floor, case: str) -> None:
    steps, command = custody_refusals.MORE[case]
    for step in steps:
        assert not step(Desk(floor)).of(CommandRejected)
    before = floor.state.ledger.asset(BTC).totals
    assert floor.attempt(command).reject_code.name == case.split(",")[0]
    assert floor.state.ledger.asset(BTC).totals == before


RULES = SetMarketRules(0, MARKET, 0, 0, WIDE_PPM, WIDE_PPM, 1, 1, 0, AMOUNT_MAX)


@pytest.mark.parametrize(
    ("field", "value", "bound"),
    [
        ("maker_fee_ppm", MILLION + 1, MILLION),
        ("taker_fee_ppm", MILLION + 1, MILLION),
        ("collar_ppm", WIDE_PPM + 1, WIDE_PPM),
        ("corridor_ppm", WIDE_PPM + 1, WIDE_PPM),
        ("collar_ppm", 0, 1),
        ("corridor_ppm", 0, 1),
        ("auction_duration_ms", 0, 1),
        ("quantity_max_lots", 0, 1),
        ("notional_max_minor", 0, 1),
        ("notional_max_minor", AMOUNT_MAX + 1, AMOUNT_MAX),
        ("notional_min_minor", AMOUNT_MAX + 1, AMOUNT_MAX),
    ],
)
def test_rule_out_of_range_is_refused(floor: Floor, field: str, value: int, bound: int) -> None:
    refusal = floor.do(RULES._replace(**{field: value})).one(CommandRejected)
    assert RejectCode(refusal.reject_code) == RejectCode.market_rules_invalid
    assert (refusal.expected, refusal.found) == (bound, value)


@pytest.mark.parametrize("kind", COMMANDS, ids=lambda kind: COMMANDS[kind].__name__)
def test_every_reserved_byte_of_every_command_must_be_zero(floor: Floor, kind: int) -> None:
    mask = RESERVED_MASKS[kind].to_bytes(RECORD_SIZE, "little")
    record = COMMANDS[kind](ts_ns=floor.now).pack()
    for offset in (at for at in range(RECORD_SIZE) if mask[at]):
        events = decode_events(floor.venue.apply(record[:offset] + b"\1" + record[offset + 1 :]))
        assert events.reject_code == RejectCode.reserved_not_zero
        assert (events[0].expected, events[0].found) == (0, offset)


@pytest.mark.parametrize("kind", [kind for kind in COMMANDS if ENUM_FIELDS[kind]], ids=lambda k: COMMANDS[k].__name__)
def test_every_enum_field_takes_only_its_list(floor: Floor, kind: int) -> None:
    record = COMMANDS[kind](ts_ns=floor.now)
    names = [name for name, _, enum, _ in LAYOUT[type(record).__name__] if enum]
    record = record._replace(**dict.fromkeys(names, 1)).pack()
    for offset, smallest, largest in ENUM_FIELDS[kind]:
        for value in {smallest - 1, largest + 1, 255} - {-1}:
            events = decode_events(floor.venue.apply(record[:offset] + bytes([value]) + record[offset + 1 :]))
            assert events.reject_code == RejectCode.field_not_in_list
            assert (events[0].expected, events[0].found) == (largest, value)


def test_refusal_moves_no_time_where_nothing_was_due(floor: Floor) -> None:
    before = floor.venue.last_ts_ns
    floor.now += 500
    floor.buy(ALICE, 0, 100)
    assert floor.venue.last_ts_ns == before


def test_refusal_by_authority_moves_no_time_even_where_something_was_due(floor: Floor) -> None:
    floor.buy(ALICE, 5, 100, time_in_force=4, expire_ns=floor.now + 5)
    before = floor.venue.last_ts_ns
    floor.now += 5
    assert floor.send(SuspendAsset(0, BTC, HASH)).kinds == ["CommandRejected"]
    assert floor.venue.last_ts_ns == before


def test_malformed_record_does_not_bring_its_time(floor: Floor) -> None:
    before = floor.venue.last_ts_ns
    floor.venue.apply(order(ts_ns=before + 500, side=7).pack())
    assert floor.venue.last_ts_ns == before


def test_what_was_due_happens_before_the_refusal(floor: Floor) -> None:
    floor.buy(ALICE, 5, 100, time_in_force=4, expire_ns=floor.now + 5)
    floor.now += 5
    assert floor.buy(BOB, 0, 100).kinds == ["OrderCanceled", "CommandRejected"]
    assert floor.venue.last_ts_ns == floor.now


def test_amount_too_large_in_one_act(floor: Floor) -> None:
    floor.deposit(ALICE, USD, 5)
    refused = floor.do(SITUATIONS[RejectCode.amount_zero](floor).command._replace(amount_minor=(1 << 128) - 1))
    assert refused.reject_code == RejectCode.amount_too_large
    assert refused[0].found == (1 << 128) - 1
    assert floor.balance(ALICE, BTC)[0] == MILLION
    assert floor.market_state() == MarketState.continuous
