"""The part of the snapshot that holds tick-size tables; see snapshot.

A count and its rows, sorted by market and price. A row: market, lowest price of the band, its step.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from tarazy.spec.state import State

if TYPE_CHECKING:
    from tarazy.spec.snapshot_bytes import Reader

COUNT = struct.Struct("<Q")
BAND = struct.Struct("<IQQ")


def encode_terms(state: State) -> list[bytes]:
    """Return the section as bytes."""
    bands = [BAND.pack(market.market_id, *band) for market in state.markets for band in market.tick_bands]
    return [COUNT.pack(len(bands)), *bands]


def decode_terms(reader: Reader, state: State) -> None:
    """Read the section. Raises: LookupError for what could not have been set."""
    for _ in reader.count():
        market_id, start, step = reader.take(BAND)
        if not 1 <= market_id <= len(state.markets) or step == 0 or start % step:
            raise LookupError(f"a price band from {start} in steps of {step} in market {market_id}")
        bands = state.markets[market_id - 1].tick_bands
        if bands and bands[-1][0] >= start:
            raise LookupError(f"a price band from {start} out of order in market {market_id}")
        bands.append((start, step))
