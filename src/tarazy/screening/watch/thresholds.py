"""From where a change of a listed token is an alert."""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.watch.errors import WatchOptionsError

PPM = 1_000_000
KEPT_BLOCKS = 256  # blocks that can be undone by a reorganisation


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where a change counts. Units: `*_ppm` parts per million, `*_blocks` blocks.

    A pool is drained where the quote coin in it falls by `drain_ppm` within `drain_blocks`; supply grows where it does
    so by `supply_ppm` in the same span; a tax rose where it did so by `tax_ppm`; liquidity is unlocked where the locked
    share of LP tokens falls by `unlock_ppm`. An alert is not repeated within `quiet_blocks` unless it got worse.
    """

    drain_ppm: int = 500_000
    drain_blocks: int = 20
    supply_ppm: int = 10_000
    tax_ppm: int = 1_000
    unlock_ppm: int = 10_000
    quiet_blocks: int = 7_200

    def __post_init__(self) -> None:
        for name in ("drain_ppm", "supply_ppm", "tax_ppm", "unlock_ppm"):
            if not 0 < getattr(self, name) <= PPM * (1000 if name == "supply_ppm" else 1):
                raise WatchOptionsError("thresholds", f"{name} above zero, at most the whole", str(getattr(self, name)))
        if not 0 < self.drain_blocks < KEPT_BLOCKS or self.quiet_blocks < 0:
            found = f"{self.drain_blocks} and {self.quiet_blocks}"
            raise WatchOptionsError(
                "thresholds", f"drain_blocks from 1 to {KEPT_BLOCKS - 1}, quiet_blocks from 0", found
            )
