"""Facts that bring assets into the client estate: deposits, receipts of unknown owners, airdrops, interest.

A fact is recorded whatever the account's state: what the account may not take waits unattributed. Under evidence that
an undo has freed the same assets arrive again: they first close what the undo left as a shortfall, then give the
account back what it gave up, and the rest (the house has paid for it) waits unattributed.
"""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import (
    AccountRole,
    AccountState,
    CreditAirdrop,
    CreditDeposit,
    CreditInterest,
    CreditReason,
    DepositCredited,
    Estate,
    LossRecovered,
    ReceiptReason,
    ReceiveUnattributed,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.custody import check_inflow, check_location
from tarazy.spec.evidence import EvidenceKind, check_evidence, keep_evidence
from tarazy.spec.ledger import AIRDROP, DEPOSIT, INTEREST, RECOVER, TransferType
from tarazy.spec.limits import admit_deposit
from tarazy.spec.lookup import find_account
from tarazy.spec.receipts import receive_at
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import Account, State
from tarazy.spec.state_parts import Evidence
from tarazy.spec.withdrawal_windows import is_closed_to_deposits

CREDITS: dict[int, tuple[TransferType, CreditReason]] = {
    EvidenceKind.deposit: (DEPOSIT, CreditReason.deposit),
    EvidenceKind.receipt: (DEPOSIT, CreditReason.deposit),
    EvidenceKind.airdrop: (AIRDROP, CreditReason.airdrop),
    EvidenceKind.interest: (INTEREST, CreditReason.interest),
}


def credit_deposit(state: State, command: CreditDeposit) -> None:
    """Credit assets that have arrived for a client."""
    credit(state, EvidenceKind.deposit, command)


def credit_airdrop(state: State, command: CreditAirdrop) -> None:
    """Credit a client's share of tokens that a network handed out."""
    credit(state, EvidenceKind.airdrop, command)


def credit_interest(state: State, command: CreditInterest) -> None:
    """Credit a client's share of interest on client money."""
    credit(state, EvidenceKind.interest, command)


def credit(state: State, kind: int, command: Any) -> None:
    """Record assets that have arrived for a client, and credit what the account may take."""
    account_id, asset_id, location = command.account_id, command.asset_id, command.location
    amount_minor, evidence_hash = command.amount_minor, command.evidence_hash
    # GATE
    account = find_account(state, account_id)
    undone = check_arrival(state, kind, command, account_id)
    if undone is not None:
        credit_again(state, undone, evidence_hash)
        return
    # POST EMIT
    credited, reason = admitted_part(state, kind, account, asset_id, amount_minor)
    post_credit(state, kind, location, account_id, asset_id, credited, evidence_hash)
    rest = amount_minor - credited
    if rest:
        receive_at(state, reason, location, account_id, asset_id, rest, evidence_hash)
    number = state.seq if rest else 0
    keep_evidence(state, evidence_hash, kind, location, account_id, asset_id, number, amount_minor, credited)


def receive_unattributed(state: State, command: ReceiveUnattributed) -> None:
    """Record assets that have arrived and whose owner is not known."""
    asset_id, location, evidence_hash = command.asset_id, command.location, command.evidence_hash
    # GATE
    undone = check_arrival(state, EvidenceKind.receipt, command, 0)
    if undone is not None:
        credit_again(state, undone, evidence_hash)
        return
    # POST EMIT
    receive_at(state, ReceiptReason.unknown_owner, location, 0, asset_id, command.amount_minor, evidence_hash)
    number = state.seq
    keep_evidence(state, evidence_hash, EvidenceKind.receipt, location, 0, asset_id, number, command.amount_minor, 0)


def check_arrival(state: State, kind: int, command: Any, account_id: int) -> Evidence | None:
    """Refuse what cannot have arrived so; return what was undone under its evidence, None for new evidence."""
    check_location(state, command.asset_id, command.location)
    check_inflow(state, Estate.client, command.asset_id, command.amount_minor)
    check_evidence(state, command.evidence_hash, command.evidence_ns)
    undone = state.evidence.get(command.evidence_hash)
    if undone is not None:
        before = (undone.kind, undone.location, undone.asset_id, undone.amount_minor, undone.account_id)
        now = (kind, command.location, command.asset_id, command.amount_minor, account_id or undone.account_id)
        if before != now:
            same = sum(first == second for first, second in zip(before, now, strict=True))
            raise Refusal(RejectCode.evidence_differs, len(before), same)
    return undone


def admitted_part(state: State, kind: int, account: Account, asset_id: int, amount_minor: int) -> tuple[int, int]:
    """Return how much the account may take, and why the rest waits."""
    if account.account_role == AccountRole.house:
        return 0, ReceiptReason.house_account
    if account.account_state == AccountState.closed:
        return 0, ReceiptReason.account_closed
    if kind != EvidenceKind.deposit:
        return amount_minor, 0
    if is_closed_to_deposits(state, asset_id):
        return 0, ReceiptReason.asset_delisted
    return admit_deposit(state, account, asset_id, amount_minor), ReceiptReason.above_limit


def credit_again(state: State, undone: Evidence, evidence_hash: bytes) -> None:
    """Record that assets whose credit was undone are there again."""
    account_id, asset_id, location = undone.account_id, undone.asset_id, undone.location
    # POST EMIT
    covered = min(undone.lost_minor, state.ledger.asset(asset_id).shortfall.minor)
    post_recovery(state, location, asset_id, covered, evidence_hash)
    credited = min(undone.credited_minor, undone.amount_minor - covered)
    if account_id and state.accounts[account_id - 1].account_state == AccountState.closed:
        credited = 0
    post_credit(state, undone.kind, location, account_id, asset_id, credited, evidence_hash)
    rest = undone.amount_minor - covered - credited
    if rest:
        receive_at(state, reason_again(state, undone), location, account_id, asset_id, rest, evidence_hash)
    number = state.seq if rest else 0
    terms = (location, account_id, asset_id, number, undone.amount_minor, credited)
    keep_evidence(state, evidence_hash, undone.kind, *terms)


def reason_again(state: State, undone: Evidence) -> int:
    """Return why the rest of what arrived again waits.

    What no account ever had waits as it did before, and comes under the limits when it is attributed.
    """
    if undone.amount_minor == undone.credited_minor + undone.lost_minor:
        return ReceiptReason.recovered
    if undone.kind == EvidenceKind.receipt:
        return ReceiptReason.unknown_owner
    account = state.accounts[undone.account_id - 1]
    if account.account_role == AccountRole.house:
        return ReceiptReason.house_account
    is_closed = account.account_state == AccountState.closed
    return ReceiptReason.account_closed if is_closed else ReceiptReason.above_limit


def post_credit(
    state: State, kind: int, location: int, account_id: int, asset_id: int, amount_minor: int, evidence_hash: bytes
) -> None:
    """Credit an amount to an account and say so; nothing for no amount."""
    if amount_minor == 0:
        return
    transfer_type, reason = CREDITS[kind]
    # POST
    available = state.ledger.balance(account_id, asset_id).available
    source = state.ledger.custody(Estate.client, location, asset_id)
    state.ledger.post(transfer_type, asset_id, amount_minor, source, available)
    # EMIT
    state.emit(
        DepositCredited(
            credit_reason=reason,
            location=location,
            seq=state.seq,
            account_id=account_id,
            asset_id=asset_id,
            amount_minor=amount_minor,
            available_minor=available.minor,
            evidence_hash=evidence_hash,
        )
    )


def post_recovery(state: State, location: int, asset_id: int, amount_minor: int, evidence_hash: bytes) -> None:
    """Close a part of the shortfall with what came back and say so; nothing for no amount."""
    if amount_minor == 0:
        return
    # POST
    source, shortfall = state.ledger.custody(Estate.client, location, asset_id), state.ledger.asset(asset_id).shortfall
    state.ledger.post(RECOVER, asset_id, amount_minor, source, shortfall)
    # EMIT
    state.emit(
        LossRecovered(
            location=location,
            seq=state.seq,
            asset_id=asset_id,
            amount_minor=amount_minor,
            evidence_hash=evidence_hash,
        )
    )
