"""Acts on markets beyond their rules and states: trading rules, own fees, ticks and lots, delistings."""

from __future__ import annotations

from collections.abc import Callable

from tarazy.domain.records import (
    CancelDelisting,
    ChangeIncrements,
    DelistingCanceled,
    DelistingScheduled,
    DelistingStage,
    DelistingStepped,
    EventKind,
    FeeBasis,
    FeesScheduled,
    IncrementsChanged,
    MarketState,
    ScheduleDelisting,
    SetFees,
    SetTickBand,
    SetTradingRules,
    TickBandScheduled,
    TickBandSet,
)
from tarazy.spec.increments import scales

from .acts import U64_MAX
from .limit_acts import DAY_NS, replacing, when
from .world import LEARN, World


def set_trading_rules(world: World) -> bytes:
    """Return trading rules; each part is off half of the time, and some are out of range."""
    shape = world.shape

    def part(value: int) -> int:
        return value if world.chance(0.5) else 0

    rules = SetTradingRules(
        part(1 + world.below(3)),
        world.tick(),
        world.any_market(),
        part(1 + shape.corridor_ppm // (1 + world.below(8))),
        part(1 + world.below(1_000)),
        part(1 + world.below(max(shape.step_ns // 200_000, 3))),
        1 + world.below(max(shape.step_ns // 400_000, 2)),
    )
    if world.chance(0.1):
        rules = rules._replace(
            **(
                {"dynamic_corridor_ppm": 0xFFFFFFFF}
                if world.chance(0.5)
                else {"extension_ms": 0, "extension_count_max": 1}
            )
        )
    return rules.pack()


def set_fees(world: World) -> bytes:
    """Return fees of an account, a market or both, or their end; at times later, at times out of range."""
    ts_ns, most = world.tick(), world.shape.fee_ppm
    account = world.any_account() if world.chance(0.7) else 0
    market = world.any_market() if account == 0 or world.chance(0.6) else 0
    basis = FeeBasis.own if world.chance(0.7) else FeeBasis.standard
    maker, rebate, taker = world.below(most + 1), 0, world.below(most + 1)
    if world.chance(0.6):
        maker, rebate = 0, world.below(taker + 1)
    if basis == FeeBasis.standard:
        maker = rebate = taker = 0
    if world.chance(0.05):
        maker, rebate, taker = (world.below(3) * most for _ in range(3))
    fees = SetFees(basis, ts_ns, account, market, maker, rebate, taker, rulebook_hash=world.new_hash())
    packed: bytes = replacing(world, "fees", fees._replace(**when(world, 0.2))).pack()
    return packed


def set_tick_band(world: World) -> bytes:
    """Return a band of a tick-size table: mostly a narrow step, or the end of a band; at times one off its own grid."""
    ts_ns, market = world.tick(), world.any_market()
    price = world.markets[market - 1].price_ticks
    step = world.below(2) * (1 + world.below(4))
    start = max(price - world.below(world.shape.width), 0)
    start -= start % step if step else 0
    if world.bands and world.chance(0.6):
        market, start = list(world.bands)[world.below(len(world.bands))]
        step = 0
    if world.chance(0.05):
        start, step = 7, 3
    band = SetTickBand(ts_ns, market, start, step, rulebook_hash=world.new_hash())
    packed: bytes = replacing(world, "band", band._replace(**when(world, 0.1))).pack()
    return packed


def change_increments(world: World) -> bytes:
    """Return other increments, mostly of a market at rest and a small multiple or part of those it has."""
    ts_ns = world.tick()
    at_rest = [i for i, m in enumerate(world.markets, 1) if m.state in (MarketState.closed, MarketState.halted)]
    number = at_rest[world.below(len(at_rest))] if at_rest and world.chance(0.9) else world.any_market()
    waits = [i for i in at_rest if any(row.get("market_id") == i for _, row in world.pending.values())]
    if waits and world.chance(0.3):
        number = waits[world.below(len(waits))]
    lot, tick = world.increments.get(number, (world.shape.lot_size_minor, world.shape.tick_value_minor))
    factor = (1, 2, 5)[world.below(3)]
    lot = lot * factor if world.chance(0.4) else max(lot // factor, 1)
    tick = tick * factor if world.chance(0.4) else max(tick // factor, 1)
    if world.chance(0.04):
        lot, tick = world.below(2) * ((1 << 64) - 1), tick
    return ChangeIncrements(ts_ns, number, min(lot, 1 << 63), min(tick, 1 << 63), world.new_hash()).pack()


def late_asset(world: World) -> int:
    """Return one of the last assets: the first two go on trading."""
    count = len(world.assets)
    return 3 + world.below(count - 2) if count > 2 else 0


def schedule_delisting(world: World) -> bytes:
    """Return a delisting in steps that are soon due; the window for withdrawals is as short as it may be."""
    ts_ns = world.tick()
    cancel_only, close = sorted((world.later(20), world.later(200)))
    until = min(close + (30 + world.below(3)) * DAY_NS, U64_MAX)
    if world.chance(0.1):
        until = min(close + world.below(DAY_NS), U64_MAX)
    return ScheduleDelisting(ts_ns, late_asset(world), cancel_only, close, until, world.new_hash()).pack()


def cancel_delisting(world: World) -> bytes:
    """Return the end of a delisting, mostly of one that is known."""
    ts_ns, known = world.tick(), list(world.delistings)
    asset = known[world.below(len(known))] if known and world.chance(0.8) else world.any_asset()
    return CancelDelisting(ts_ns, asset, world.new_hash()).pack()


WEIGHTS: dict[Callable[[World], bytes], int] = {
    set_trading_rules: 8,
    set_fees: 40,
    set_tick_band: 12,
    change_increments: 12,
    schedule_delisting: 8,
    cancel_delisting: 10,
}


# ---------------------------------------------------------------- events
def learn_scheduled_fees(world: World, events: bytes, at: int) -> None:
    event = FeesScheduled.unpack(events, at)
    world.pending[event.seq] = ("fees", {"account_id": event.account_id, "market_id": event.market_id})


def learn_band(world: World, events: bytes, at: int) -> None:
    event = TickBandSet.unpack(events, at)
    world.pending.pop(event.scheduled_seq, None)
    world.bands.pop((event.market_id, event.from_price_ticks), None)
    if event.tick_step_ticks:
        world.bands[event.market_id, event.from_price_ticks] = None


def learn_scheduled_band(world: World, events: bytes, at: int) -> None:
    event = TickBandScheduled.unpack(events, at)
    row = {"market_id": event.market_id, "from_price_ticks": event.from_price_ticks}
    world.pending[event.seq] = ("band", row)


def learn_increments(world: World, events: bytes, at: int) -> None:
    event = IncrementsChanged.unpack(events, at)
    market = event.market_id
    world.increments[market] = (event.lot_size_minor, event.tick_value_minor)
    lots = (event.from_lot_size_minor, event.from_tick_value_minor, *world.increments[market])
    price, _ = scales(*lots)
    world.markets[market - 1].price_ticks = price.of(world.markets[market - 1].price_ticks)
    for key in [key for key in world.bands if key[0] == market]:
        del world.bands[key]
        world.bands[market, price.of(key[1])] = None


def learn_delisting(world: World, events: bytes, at: int) -> None:
    world.delistings[DelistingScheduled.unpack(events, at).asset_id] = None


def learn_delisting_end(world: World, events: bytes, at: int) -> None:
    world.delistings.pop(DelistingCanceled.unpack(events, at).asset_id, None)


def learn_delisting_step(world: World, events: bytes, at: int) -> None:
    event = DelistingStepped.unpack(events, at)
    world.seen[f"delisting stage {event.delisting_stage}"] += 1
    if event.delisting_stage > DelistingStage.cancel_only:
        world.delistings.pop(event.asset_id, None)  # too late to cancel it


LEARN |= {
    EventKind.delisting_scheduled: learn_delisting,
    EventKind.delisting_canceled: learn_delisting_end,
    EventKind.delisting_stepped: learn_delisting_step,
    EventKind.fees_scheduled: learn_scheduled_fees,
    EventKind.tick_band_set: learn_band,
    EventKind.tick_band_scheduled: learn_scheduled_band,
    EventKind.increments_changed: learn_increments,
}
