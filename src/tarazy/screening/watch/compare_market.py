"""What got worse around the token: supply that grew, pools that lost their coin, liquidity that is no longer locked."""

from __future__ import annotations

from collections.abc import Iterator

from tarazy.screening.watch.comparison import Change, SnapshotComparison, doublings, percent
from tarazy.screening.watch.thresholds import PPM

TAMPER_PPM = 1_000  # of what the pool holds; less may be a token's own rounding


def supply(now: SnapshotComparison) -> Iterator[Change]:
    """Find growth of the supply beyond the threshold within the span."""
    after = now.after.total_supply
    past = [each.total_supply for each in (*now.recent, now.before) if each.total_supply]
    if not after or not past or (now.before.total_supply is not None and after <= now.before.total_supply):
        return
    grown = (after - min(past)) * PPM // min(past)
    if grown >= now.thresholds.supply_ppm:
        yield Change(
            "supply_grew",
            "",
            f"The supply grew by {percent(grown)} within {now.thresholds.drain_blocks} blocks",
            "New tokens were made.",
            {"total_supply": str(min(past))},
            {"total_supply": str(after)},
            doublings(grown // now.thresholds.supply_ppm),
        )


def pools(now: SnapshotComparison) -> Iterator[Change]:
    """Find pools that lost their quote coin within the span, and liquidity that is no longer locked."""
    for pool, after in now.after.pools.items():
        past = [each.pools[pool] for each in (*now.recent, now.before) if pool in each.pools]
        if not past:
            continue
        most = max(each.quote_held for each in past)
        lost = (most - after.quote_held) * PPM // most if most else 0
        if lost >= now.thresholds.drain_ppm and after.quote_held < past[-1].quote_held:
            yield Change(
                "pool_drained",
                pool,
                f"A pool lost {percent(lost)} of its quote coin within {now.thresholds.drain_blocks} blocks",
                "Holders can sell into it for little or nothing.",
                {"pool": pool, "quote": after.quote, "quote_held": str(most)},
                {"pool": pool, "quote": after.quote, "quote_held": str(after.quote_held)},
                doublings(PPM // max(1, PPM - lost)),
            )
        missing = past[-1].token_held - after.token_held
        if past[-1].quote_held == after.quote_held and missing * PPM >= TAMPER_PPM * past[-1].token_held > 0:
            yield Change(
                "pool_tampered",
                pool,
                "Tokens left a pool and nothing came in for them",
                "No trade does that: the token took from the pool's balance, which moves the price.",
                {"pool": pool, "token_held": str(past[-1].token_held)},
                {"pool": pool, "token_held": str(after.token_held)},
            )
        locked = past[-1].locked_ppm
        if locked is None or after.locked_ppm is None:
            continue
        if locked - after.locked_ppm >= now.thresholds.unlock_ppm:
            yield Change(
                "liquidity_unlocked",
                pool,
                f"Liquidity of a pool is no longer locked: {percent(after.locked_ppm)} is left",
                "Whoever holds the LP tokens may take the liquidity away.",
                {"pool": pool, "locked_ppm": locked},
                {"pool": pool, "locked_ppm": after.locked_ppm},
                PPM - after.locked_ppm,
            )
