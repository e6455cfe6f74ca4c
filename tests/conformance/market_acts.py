"""Acts on markets beyond their rules and states: bands that follow prices, ends of call phases, own fees."""

from __future__ import annotations

from collections.abc import Callable

from tarazy.domain.records import EventKind, FeeBasis, FeesScheduled, SetFees, SetTradingRules

from .limit_acts import replacing, when
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
        part(1 + shape.halt_ppm // (1 + world.below(8))),
        part(1 + world.below(1_000)),
        part(1 + world.below(max(shape.step_ns // 200_000, 3))),
        1 + world.below(max(shape.step_ns // 400_000, 2)),
    )
    if world.chance(0.1):
        rules = rules._replace(
            **({"dynamic_halt_ppm": 0xFFFFFFFF} if world.chance(0.5) else {"extension_ms": 0, "extension_count_max": 1})
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


WEIGHTS: dict[Callable[[World], bytes], int] = {
    set_trading_rules: 8,
    set_fees: 40,
}


# ---------------------------------------------------------------- events
def learn_scheduled_fees(world: World, events: bytes, at: int) -> None:
    event = FeesScheduled.unpack(events, at)
    world.pending[event.seq] = ("fees", {"account_id": event.account_id, "market_id": event.market_id})


LEARN |= {
    EventKind.fees_scheduled: learn_scheduled_fees,
}
