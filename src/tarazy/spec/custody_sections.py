"""The snapshot's sections on custody: withdrawals, receipts, evidence, breaks, and the trades that can be busted.

Each section is a count and its rows. Withdrawals are listed by number, first the open ones, then the settled ones that
an undo could open again; receipts by number; evidence by the number of the command that recorded it; breaks by asset,
estate and location; trades oldest first.
"""

from __future__ import annotations

import struct
from itertools import pairwise
from typing import TYPE_CHECKING

from tarazy.domain.arithmetic import PPM
from tarazy.spec.busts import trade_number
from tarazy.spec.evidence import EvidenceKind
from tarazy.spec.ledger import LOCATION_COUNT
from tarazy.spec.snapshot_bytes import SnapshotError, split
from tarazy.spec.state import TRADES_MAX, State
from tarazy.spec.state_parts import APPROVED, DISPATCHED, REQUESTED, Evidence, Receipt, Trade, Withdrawal

if TYPE_CHECKING:
    from tarazy.spec.snapshot_bytes import Reader

M64 = (1 << 64) - 1
COUNT64 = struct.Struct("<Q")
WITHDRAWAL = struct.Struct("<QBBBIIQQQ32s")
RECEIPT = struct.Struct("<QBIIQQQQ32s")
EVIDENCE = struct.Struct("<32sQQBBBIIQQQQQQQ")
BREAK = struct.Struct("<IBBQQQ")
TRADE = struct.Struct("<QIIIIiiQQQQ")


def encode_custody(state: State) -> list[bytes]:
    """Return the sections as pieces."""
    out: list[bytes] = []
    for withdrawals in (state.withdrawals, state.settled):
        out.append(COUNT64.pack(len(withdrawals)))
        for _, w in sorted(withdrawals.items()):
            head = (w.withdrawal_id, w.kind, w.withdrawal_state, w.location, w.account_id, w.asset_id, w.receipt_id)
            out.append(WITHDRAWAL.pack(*head, *split(w.amount_minor), w.destination_hash))
    out.append(COUNT64.pack(len(state.receipts)))
    for _, r in sorted(state.receipts.items()):
        amounts = (*split(r.amount_minor), *split(r.returning_minor))
        out.append(RECEIPT.pack(r.receipt_id, r.reason, r.account_id, r.asset_id, *amounts, r.evidence_hash))
    out += [COUNT64.pack(state.evidence_from_ns), COUNT64.pack(len(state.evidence))]
    out += [encode_evidence(evidence_hash, entry) for evidence_hash, entry in state.evidence.items()]
    out.append(COUNT64.pack(len(state.breaks)))
    for key, (amount_minor, since_ns) in sorted(state.breaks.items()):
        out.append(BREAK.pack(*key, *split(amount_minor), since_ns))
    out.append(COUNT64.pack(len(state.trades)))
    out += [TRADE.pack(*t[:7], *split(t.quantity_minor), *split(t.cost_minor)) for t in state.trades]
    return out


def encode_evidence(evidence_hash: bytes, e: Evidence) -> bytes:
    """Return one piece of evidence as bytes."""
    head = (evidence_hash, e.seq, e.recorded_ns, e.kind, e.is_undone, e.location, e.account_id, e.asset_id, e.number)
    return EVIDENCE.pack(*head, *split(e.amount_minor), *split(e.credited_minor), *split(e.lost_minor))


def decode_custody(reader: Reader, state: State) -> None:
    """Read the sections."""
    for _ in reader.count(COUNT64):
        state.open_withdrawal(decode_withdrawal(reader, state))
    for _ in reader.count(COUNT64):
        withdrawal = decode_withdrawal(reader, state)
        state.settled[withdrawal.withdrawal_id] = withdrawal
    for _ in reader.count(COUNT64):
        number, reason, account_id, asset_id, low, high, low2, high2, evidence_hash = reader.take(RECEIPT)
        check_numbers(state, account_id, asset_id)
        receipt = Receipt(number, reason, account_id, asset_id, low | high << 64, bytes(evidence_hash))
        receipt.returning_minor = low2 | high2 << 64
        state.receipts[number] = receipt
    last_seq, (state.evidence_from_ns,) = 0, reader.take(COUNT64)
    if state.evidence_from_ns > state.last_ts_ns:
        raise SnapshotError(f"evidence dropped up to {state.evidence_from_ns}, later than now")
    for _ in reader.count(COUNT64):
        seq = decode_evidence(reader, state)
        if seq <= last_seq:
            raise SnapshotError(f"evidence of command {seq} after that of command {last_seq}")
        last_seq = seq
    for _ in reader.count(COUNT64):
        asset_id, estate, location, low, high, since_ns = reader.take(BREAK)
        check_numbers(state, 0, asset_id)
        if estate not in (1, 2) or not 1 <= location <= LOCATION_COUNT:
            raise SnapshotError(f"a break in estate {estate} at location {location}")
        state.breaks[asset_id, estate, location] = (low | high << 64, since_ns)
    trades = reader.count(COUNT64)
    if len(trades) > TRADES_MAX:
        raise SnapshotError(f"{len(trades)} trades, expected at most {TRADES_MAX}")
    for _ in trades:
        *head, low, high, low2, high2 = reader.take(TRADE)
        check_numbers(state, head[3], 1)
        check_numbers(state, head[4], 1)
        seq, trade_index, market_id, *parties = head
        amounts = (low | high << 64, low2 | high2 << 64)
        state.trades.append(
            Trade(seq, trade_index, market_id, parties[0], parties[1], parties[2], parties[3], *amounts)
        )


def decode_withdrawal(reader: Reader, state: State) -> Withdrawal:
    """Read one withdrawal."""
    number, kind, withdrawal_state, location, *terms, low, high, destination = reader.take(WITHDRAWAL)
    account_id, asset_id, receipt_id = terms
    check_numbers(state, account_id, asset_id)
    withdrawal = Withdrawal(number, kind, account_id, asset_id, receipt_id, low | high << 64, bytes(destination))
    withdrawal.withdrawal_state, withdrawal.location = withdrawal_state, location
    return withdrawal


def decode_evidence(reader: Reader, state: State) -> int:
    """Read one piece of evidence and return the number of the command that recorded it."""
    evidence_hash, seq, recorded_ns, kind, is_undone, location, *terms = reader.take(EVIDENCE)
    account_id, asset_id, number, low, high, low2, high2, low3, high3 = terms
    if asset_id:
        check_numbers(state, account_id, asset_id)
    if recorded_ns > state.last_ts_ns:
        raise SnapshotError(f"evidence of command {seq} recorded at {recorded_ns}, later than now")
    amounts = (low | high << 64, low2 | high2 << 64)
    entry = Evidence(kind, location, account_id, asset_id, number, *amounts)
    entry.seq, entry.recorded_ns, entry.is_undone = seq, recorded_ns, bool(is_undone)
    entry.lost_minor = low3 | high3 << 64
    state.evidence[bytes(evidence_hash)] = entry
    return seq


def check_numbers(state: State, account_id: int, asset_id: int) -> None:
    """Refuse an account (0: none) or an asset that is not there. Raises: SnapshotError."""
    if account_id > len(state.accounts) or not 1 <= asset_id <= len(state.assets):
        raise SnapshotError(f"account {account_id} and asset {asset_id}, which are not both there")


def check_references(state: State) -> None:
    """Refuse custody that names what is not there, once the whole state is read. Raises: SnapshotError."""
    for withdrawals, is_open in ((state.withdrawals, True), (state.settled, False)):
        for w in withdrawals.values():
            stated = w.withdrawal_state in (REQUESTED, APPROVED, DISPATCHED) and w.location <= LOCATION_COUNT
            placed = w.location != 0 or w.withdrawal_state != DISPATCHED
            waits = w.receipt_id == 0 or not is_open or w.receipt_id in state.receipts
            if not (stated and placed and waits):
                raise SnapshotError(f"withdrawal {w.withdrawal_id} is not one that can be")
    for entry in state.evidence.values():
        placed = entry.kind == EvidenceKind.other or 1 <= entry.location <= LOCATION_COUNT
        if not placed or (entry.kind == EvidenceKind.settlement and entry.number not in state.settled):
            raise SnapshotError(f"evidence of command {entry.seq} is not one that can be")
    numbers = [trade_number(trade) for trade in state.trades]
    if any(before >= after for before, after in pairwise(numbers)):
        raise SnapshotError("trades that are not in their order")
    for trade in state.trades:
        if trade.market_id > len(state.markets):
            raise SnapshotError(f"a trade in market {trade.market_id}, which is not there")
        if max(abs(trade.buyer_rate_ppm), abs(trade.seller_rate_ppm)) > PPM:
            raise SnapshotError(f"a trade of command {trade.seq} with a fee of more than the whole")
