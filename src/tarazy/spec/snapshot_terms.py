"""The part of the snapshot that holds tick-size tables, delistings and clients' keys; see snapshot.

Three sections, each a count and its rows. Tick sizes, sorted by market and price: market, lowest price of the band, its
step. Delistings, sorted by asset: asset, stage, the times of the three steps, hash of the decision.
Clients' keys, sorted by number: number, account, scopes, whether all is signed, whether it was revoked, end, key.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from tarazy.domain.arithmetic import saturate_u64
from tarazy.domain.records import ZERO32, AssetStatus, DelistingStage
from tarazy.spec.client_keys import SCOPES_MAX, keep_client_key
from tarazy.spec.delistings import WINDOW_MIN_NS, keep_delisting
from tarazy.spec.snapshot_bytes import SnapshotError
from tarazy.spec.state import State
from tarazy.spec.state_parts import ClientKey, Delisting

if TYPE_CHECKING:
    from tarazy.spec.snapshot_bytes import Reader

COUNT = struct.Struct("<Q")
BAND = struct.Struct("<IQQ")
DELISTING = struct.Struct("<IBQQQ32s")
CLIENT_KEY = struct.Struct("<IIBBBQ32s")
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
    keys = [
        CLIENT_KEY.pack(
            number, k.account_id, k.client_key_scopes, k.signed_only, k.is_revoked, k.valid_until_ns, k.public_key
        )
        for number, k in sorted(state.client_keys.items())
    ]
    rows = [COUNT.pack(len(bands)), *bands, COUNT.pack(len(delistings)), *delistings]
    return [*rows, COUNT.pack(len(keys)), *keys]


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
    for _ in reader.count():
        decode_client_key(reader, state)


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


def decode_client_key(reader: Reader, state: State) -> None:
    """Read one client's key. Raises: SnapshotError for one that could not be."""
    number, account_id, scopes, signed_only, is_revoked, valid_until_ns, public_key = reader.take(CLIENT_KEY)
    key = ClientKey(account_id, scopes, signed_only, valid_until_ns, _as_bytes(public_key), bool(is_revoked))
    is_known = 1 <= account_id <= len(state.accounts) and 1 <= scopes <= SCOPES_MAX
    is_flagged = signed_only <= 1 and is_revoked <= 1
    is_taken = number == 0 or number in state.client_keys or key.public_key in state.client_public_keys
    if not is_known or not is_flagged or is_taken or key.public_key == ZERO32:
        raise SnapshotError(f"a client's key {number} of account {account_id} with scopes {scopes}")
    keep_client_key(state, number, key)


def _as_bytes(value: Any) -> bytes:
    """Return a field of bytes."""
    return bytes(value)
