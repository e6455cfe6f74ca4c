"""The part of the snapshot that holds fees of accounts and markets; see snapshot.

A count and its rows, sorted by account and market. A row: account, market, the maker's fee, the maker's rebate, the
taker's fee, hash of the rulebook release.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from tarazy.domain.records import FeeBasis, SetFees
from tarazy.spec.fees import check_fees
from tarazy.spec.snapshot_bytes import SnapshotError
from tarazy.spec.state import State
from tarazy.spec.state_parts import Fees

if TYPE_CHECKING:
    from tarazy.spec.snapshot_bytes import Reader

COUNT = struct.Struct("<Q")
FEES = struct.Struct("<IIIII32s")


def encode_fees(state: State) -> list[bytes]:
    """Return the section as bytes."""
    out = [COUNT.pack(len(state.fees))]
    for key, fees in sorted(state.fees.items()):
        rate = fees.maker_rate_ppm
        out.append(FEES.pack(*key, max(rate, 0), max(-rate, 0), fees.taker_rate_ppm, fees.rulebook_hash))
    return out


def decode_fees(reader: Reader, state: State) -> None:
    """Read the section."""
    for _ in reader.count():
        account_id, market_id, maker_fee_ppm, maker_rebate_ppm, taker_fee_ppm, rulebook_hash = reader.take(FEES)
        maker_rate_ppm = maker_fee_ppm - maker_rebate_ppm
        state.fees[account_id, market_id] = Fees(maker_rate_ppm, taker_fee_ppm, _as_bytes(rulebook_hash))


def check_own_fees(state: State) -> None:
    """Refuse fees that could not have been set. Raises: SnapshotError, Refusal."""
    for (account_id, market_id), fees in state.fees.items():
        if account_id > len(state.accounts) or market_id > len(state.markets):
            raise SnapshotError(f"fees of account {account_id} in market {market_id}, which are not both there")
        rate = fees.maker_rate_ppm
        rates = (max(rate, 0), max(-rate, 0), fees.taker_rate_ppm)
        check_fees(SetFees(FeeBasis.own, 0, account_id, market_id, *rates, 0, 0, fees.rulebook_hash))


def _as_bytes(value: Any) -> bytes:
    """Return a field of bytes."""
    return bytes(value)
