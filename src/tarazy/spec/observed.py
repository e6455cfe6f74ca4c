"""Observed balances: what lies at a custody location according to a chain or a bank, compared with the ledger."""

from __future__ import annotations

from tarazy.domain.arithmetic import AMOUNT_MAX
from tarazy.domain.records import BalanceReported, ReportBalance
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.custody import check_location
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.state import State


def check_no_break(state: State, asset_id: int) -> None:
    """Refuse while a reported balance of the asset differs from the ledger."""
    count = sum(key[0] == asset_id for key in state.breaks)
    if count:
        raise Refusal(RejectCode.balance_break, 0, count)


def lifts_break(state: State, record: bytes) -> bool:
    """Return whether a reported balance would end an open break."""
    command = ReportBalance.unpack(record)
    key = (command.asset_id, command.estate, command.location)
    return key in state.breaks and command.amount_minor == state.ledger.custody(*key[1:], command.asset_id).minor


def report_balance(state: State, command: ReportBalance) -> None:
    """Compare what was observed with the ledger; a difference is a break until a report matches.

    One officer or machine may open a break; two people end it, which the authority checks by `lifts_break`. A report is
    no evidence of a transfer: the same hash may be reported again and is not remembered.
    """
    asset_id, amount_minor = command.asset_id, command.amount_minor
    # GATE
    check_location(state, asset_id, command.location)
    if amount_minor > AMOUNT_MAX:
        raise Refusal(RejectCode.amount_too_large, AMOUNT_MAX, amount_minor)
    require_hash(command.evidence_hash, RejectCode.evidence_missing)
    if command.evidence_ns > state.last_ts_ns:
        raise Refusal(RejectCode.evidence_in_future, state.last_ts_ns, command.evidence_ns)
    key = (asset_id, command.estate, command.location)
    _, since_ns = state.breaks.get(key, (0, 0))
    if command.evidence_ns < since_ns:
        raise Refusal(RejectCode.evidence_too_old, since_ns, command.evidence_ns)
    # POST
    ledger_minor = state.ledger.custody(command.estate, command.location, asset_id).minor
    state.breaks.pop(key, None)
    if amount_minor != ledger_minor:
        state.breaks[key] = (amount_minor, command.evidence_ns)
    # EMIT
    state.emit(
        BalanceReported(
            balance_matches=int(amount_minor == ledger_minor),
            estate=command.estate,
            location=command.location,
            seq=state.seq,
            asset_id=asset_id,
            amount_minor=amount_minor,
            ledger_minor=ledger_minor,
            evidence_hash=command.evidence_hash,
        )
    )
