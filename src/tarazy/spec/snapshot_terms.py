"""The part of the snapshot that holds tick-size tables and delistings; see snapshot.

Two sections, each a count and its rows. Tick sizes, sorted by market and price: market, lowest price of the band, its
step. Delistings, sorted by asset: asset, stage, the times of the three steps, hash of the decision.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from tarazy.domain.arithmetic import saturate_u64
from tarazy.domain.records import AssetStatus, DelistingStage
from tarazy.spec.delistings import WINDOW_MIN_NS, keep_delisting
from tarazy.spec.snapshot_bytes import SnapshotError
from tarazy.spec.state import State
from tarazy.spec.state_parts import Delisting

if TYPE_CHECKING:
    from tarazy.spec.snapshot_bytes import Reader

COUNT = struct.Struct("<Q")
BAND = struct.Struct("<IQQ")
DELISTING = struct.Struct("<IBQQQ32s")
# What an asset may be at a stage of its delisting.
STATUSES: dict[int, tuple[int, ...]] = {
    DelistingStage.announced: (AssetStatus.admitted, AssetStatus.suspended),
    DelistingStage.cancel_only: (AssetStatus.suspended,),
    DelistingStage.closed: (AssetStatus.removed,),
    DelistingStage.window_over: (AssetStatus.removed,),
}


def encode_terms(state: State) -> list[bytes]:
    """Return the sections as bytes."""
    bands = [BAND.pack(market.market_id, *band) for market in state.markets for band in market.tick_bands]
    delistings = [
        DELISTING.pack(d.asset_id, d.stage, d.cancel_only_ns, d.close_ns, d.withdraw_until_ns, d.decision_hash)
        for _, d in sorted(state.delistings.items())
    ]
    return [COUNT.pack(len(bands)), *bands, COUNT.pack(len(delistings)), *delistings]


def decode_terms(reader: Reader, state: State) -> None:
    """Read the sections. Raises: SnapshotError for what could not have been set."""
    for _ in reader.count():
        market_id, start, step = reader.take(BAND)
        if not 1 <= market_id <= len(state.markets) or step == 0 or start % step:
            raise SnapshotError(f"a price band from {start} in steps of {step} in market {market_id}")
        bands = state.markets[market_id - 1].tick_bands
        if bands and bands[-1][0] >= start:
            raise SnapshotError(f"a price band from {start} out of order in market {market_id}")
        bands.append((start, step))
    for _ in reader.count():
        decode_delisting(reader, state)


def decode_delisting(reader: Reader, state: State) -> None:
    """Read one delisting. Raises: SnapshotError for one that could not be."""
    asset_id, stage, cancel_only_ns, close_ns, withdraw_until_ns, decision_hash = reader.take(DELISTING)
    if not (1 <= asset_id <= len(state.assets) and 1 <= stage <= max(DelistingStage)):
        raise SnapshotError(f"a delisting of asset {asset_id} at stage {stage}")
    ordered = cancel_only_ns <= close_ns and saturate_u64(close_ns + WINDOW_MIN_NS) <= withdraw_until_ns
    delisting = Delisting(asset_id, cancel_only_ns, close_ns, withdraw_until_ns, _as_bytes(decision_hash))
    delisting.stage = stage
    is_late = stage != DelistingStage.window_over and delisting.due_ns() <= state.last_ts_ns
    begun_ns = (0, 0, cancel_only_ns, close_ns, withdraw_until_ns)[stage]
    if (
        is_late
        or begun_ns > state.last_ts_ns
        or not ordered
        or state.assets[asset_id - 1].asset_status not in STATUSES[stage]
    ):
        raise SnapshotError(f"a delisting of asset {asset_id} that is not at stage {stage}")
    keep_delisting(state, delisting)


def _as_bytes(value: Any) -> bytes:
    """Return a field of bytes."""
    return bytes(value)
