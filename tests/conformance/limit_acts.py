"""Random commands on limits over time, rates, clients' status and settings that take effect later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tarazy.domain.records import (
    AdvanceTime,
    ClientStatusSet,
    EventKind,
    LimitKind,
    LimitPeriod,
    LimitRemovalScheduled,
    LimitRemoved,
    LimitScheduled,
    LimitScope,
    LimitSet,
    MarketRulesScheduled,
    ParameterScheduled,
    ParameterTable,
    RemoveLimit,
    SetClientStatus,
    SetLimit,
    SetMarketRules,
    SetParameter,
    SetRate,
    SettingReplaced,
)

from .acts import AMOUNT_MAX, U64_MAX, amount, set_market_rules
from .world import LEARN, World

DAY_NS = 86_400_000_000_000
TERMS = (
    "limit_kind",
    "limit_scope",
    "limit_period",
    "limit_class",
    "limit_residency",
    "limit_asset_id",
    "limit_subject",
)


def any_owner(world: World) -> int:
    """Return an owner's number, at times one without an account."""
    if world.chance(0.03):
        return world.below(2) * 1_000_000
    return world.accounts[world.below(len(world.accounts))].owner_id


def any_terms(world: World) -> dict[str, int]:
    """Return the terms of a limit: of one owner or account, seldom of everybody; at times ones that do not fit."""
    scope = (1, 2, 2, 2, 3, 3)[world.below(6)]
    terms = {
        "limit_kind": 1 + world.below(5),
        "limit_scope": scope,
        "limit_period": 1 + world.below(2),
        "limit_class": world.below(4) if scope == LimitScope.everybody else 0,
        "limit_residency": world.below(3) if scope == LimitScope.everybody else 0,
        "limit_asset_id": 0 if world.chance(0.6) else world.any_asset(),
        "limit_subject": (0, any_owner(world), world.any_account())[scope - 1],
    }
    if terms["limit_kind"] > LimitKind.withdrawals and world.chance(0.97):
        terms["limit_period"] = LimitPeriod.each
    elif terms["limit_kind"] == LimitKind.withdrawals or world.chance(0.03):
        terms["limit_period"] = 1 + world.below(3)
    if world.chance(0.03):
        terms[TERMS[3 + world.below(4)]] = 1 + world.below(2)
    return terms


def when(world: World, chance: float) -> dict[str, int]:
    """Return when a setting takes effect: mostly at once, at times later, seldom in the past."""
    if not world.chance(chance):
        return {}
    return {"effective_ns": world.later(40) if world.chance(0.95) else world.ts_ns - world.below(2)}


def replacing(world: World, table: str, setting: Any) -> Any:
    """Return the setting, at times made to replace one that is pending: of its table, or any number."""
    mine = [(seq, row) for seq, (kind, row) in world.pending.items() if kind == table]
    if mine and world.chance(0.4):
        seq, row = mine[world.below(len(mine))]
        return setting._replace(**(row if world.chance(0.9) else {}), replaces_seq=seq)
    return setting._replace(replaces_seq=world.below(2_000)) if world.chance(0.02) else setting


def set_limit(world: World) -> bytes:
    """Return a limit: mostly wide, at times one that is soon used up."""
    ts_ns = world.tick()
    most = amount(world) * (200 if world.chance(0.7) else 1 + world.below(5))
    if world.chance(0.03):
        most = world.between(0, (1 << 128) - 1)
    limit = SetLimit(
        ts_ns=ts_ns,
        exemptible=world.below(2),
        amount_max_minor=most,
        rulebook_hash=world.new_hash(),
        **any_terms(world),
        **when(world, 0.25),
    )
    packed: bytes = replacing(world, "limit", limit).pack()
    return packed


def remove_limit(world: World) -> bytes:
    """Return the removal of a limit, mostly of one that binds."""
    ts_ns = world.tick()
    known = list(world.limits)
    terms = any_terms(world)
    if known and world.chance(0.9):
        terms = dict(zip(TERMS, known[world.below(len(known))], strict=True))
    removal = RemoveLimit(ts_ns=ts_ns, rulebook_hash=world.new_hash(), **terms, **when(world, 0.2))
    packed: bytes = replacing(world, "limit", removal).pack()
    return packed


def set_rate(world: World) -> bytes:
    """Return a rate: near one, at times a tiny or a huge one."""
    value, of = 1 + world.below(100), 1 + world.below(100)
    dice = world.rand()
    if dice < 0.04:
        value = world.between(0, AMOUNT_MAX + 1)
    elif dice < 0.08:
        of = world.between(0, AMOUNT_MAX + 1)
    elif dice < 0.1:
        value *= world.below(2)
    return SetRate(world.tick(), world.any_asset(), value, of, world.new_hash()).pack()


def set_client_status(world: World) -> bytes:
    """Return the status of an owner."""
    terms = (1 + world.below(3), 1 + world.below(2), world.below(2))
    return SetClientStatus(*terms, world.tick(), any_owner(world), world.new_hash()).pack()


def set_parameter_later(world: World) -> bytes:
    """Return a fee discount or a number of open orders that takes effect later, at times in place of another."""
    ts_ns = world.tick()
    table, key, value = ParameterTable.fee_discount_ppm, world.below(16), world.below(1_000_001)
    if world.chance(0.3):
        table, key, value = ParameterTable.open_orders_max, 0, 30 + world.below(40)
    setting = SetParameter(table, ts_ns, key, parameter_value=value, rulebook_hash=world.new_hash(), **when(world, 0.8))
    packed: bytes = replacing(world, "parameter", setting).pack()
    return packed


def set_market_rules_later(world: World) -> bytes:
    """Return rules of a market that take effect later."""
    rules = SetMarketRules.unpack(set_market_rules(world))
    packed: bytes = replacing(world, "rules", rules._replace(**when(world, 0.8))).pack()
    return packed


def set_time_zone(world: World) -> bytes:
    """Return the time zone of the periods: a real one."""
    minutes = (0, 1440 + 300, 1440 + 360, 1440 - 720, 1440 + 840)[world.below(5)]
    table = ParameterTable.time_zone_offset_minutes
    return SetParameter(table, world.tick(), 0, 0, 0, minutes, world.new_hash()).pack()


def pass_a_day(world: World) -> bytes:
    """Return a moment some days later, near midnight of some zone."""
    days = 1 + (world.below(40) if world.chance(0.3) else 0)
    hours = (0, 5, 6, 12)[world.below(4)]
    midnight = (world.ts_ns // DAY_NS + days) * DAY_NS - hours * DAY_NS // 24
    world.ts_ns = min(max(midnight - world.below(2), world.ts_ns), U64_MAX)
    return AdvanceTime(world.ts_ns).pack()


WEIGHTS: dict[Callable[[World], bytes], int] = {
    set_limit: 40,
    remove_limit: 45,
    set_rate: 60,
    set_client_status: 25,
    set_parameter_later: 15,
    set_market_rules_later: 8,
    set_time_zone: 4,
    pass_a_day: 5,
}


# ---------------------------------------------------------------- events
def learn_limit(world: World, events: bytes, at: int) -> None:
    event = LimitSet.unpack(events, at)
    world.limits[tuple(getattr(event, term) for term in TERMS)] = None
    world.pending.pop(event.scheduled_seq, None)
    world.seen[f"limit kind {event.limit_kind} scope {event.limit_scope} period {event.limit_period}"] += 1


def learn_removal(world: World, events: bytes, at: int) -> None:
    event = LimitRemoved.unpack(events, at)
    world.limits.pop(tuple(getattr(event, term) for term in TERMS), None)
    world.pending.pop(event.scheduled_seq, None)


def learn_scheduled_limit(world: World, events: bytes, at: int) -> None:
    kind = LimitScheduled if events[at] == EventKind.limit_scheduled else LimitRemovalScheduled
    event = kind.unpack(events, at)
    world.pending[event.seq] = ("limit", {term: getattr(event, term) for term in TERMS})


def learn_scheduled_parameter(world: World, events: bytes, at: int) -> None:
    event = ParameterScheduled.unpack(events, at)
    row = {"parameter_table": event.parameter_table, "parameter_key": event.parameter_key}
    world.pending[event.seq] = ("parameter", row)


def learn_scheduled_rules(world: World, events: bytes, at: int) -> None:
    event = MarketRulesScheduled.unpack(events, at)
    world.pending[event.seq] = ("rules", {"market_id": event.market_id})


def learn_replacement(world: World, events: bytes, at: int) -> None:
    world.pending.pop(SettingReplaced.unpack(events, at).scheduled_seq, None)


def learn_status(world: World, events: bytes, at: int) -> None:
    event = ClientStatusSet.unpack(events, at)
    world.seen[f"client residency {event.residency} exempt {event.cap_exempt}"] += 1


LEARN |= {
    EventKind.limit_set: learn_limit,
    EventKind.limit_removed: learn_removal,
    EventKind.limit_scheduled: learn_scheduled_limit,
    EventKind.limit_removal_scheduled: learn_scheduled_limit,
    EventKind.parameter_scheduled: learn_scheduled_parameter,
    EventKind.market_rules_scheduled: learn_scheduled_rules,
    EventKind.setting_replaced: learn_replacement,
    EventKind.client_status_set: learn_status,
}
