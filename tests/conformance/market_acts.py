"""Acts on markets beyond their rules and states: how bands follow prices and how call phases end."""

from __future__ import annotations

from tarazy.domain.records import SetTradingRules

from .world import World


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
