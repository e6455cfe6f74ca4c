"""Commands on client assets and on the house's own: deposits, withdrawals, moves, sweeps."""

from __future__ import annotations

from tarazy.domain.arithmetic import AMOUNT_MAX
from tarazy.domain.records import (
    AccountRole,
    AccountState,
    CreditDeposit,
    CustodyMoved,
    DepositCredited,
    DrawHouse,
    Estate,
    FeesSwept,
    FundHouse,
    HouseDrawn,
    HouseFunded,
    MoveCustody,
    ParameterTable,
    RejectWithdrawal,
    RequestWithdrawal,
    SettleWithdrawal,
    SweepFees,
    WithdrawalRejected,
    WithdrawalRequested,
    WithdrawalSettled,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.cancel import require_canceling
from tarazy.spec.ledger import (
    DEPOSIT,
    DRAW_HOUSE,
    FUND_HOUSE,
    HOLD,
    MOVE_CLIENT,
    MOVE_HOUSE,
    RELEASE,
    SWEEP_ASSETS,
    SWEEP_CLAIM,
    WITHDRAW,
    Kind,
    LedgerAccount,
)
from tarazy.spec.lookup import find_account, find_asset
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.state import State, Withdrawal


def check_amount(amount_minor: int, limit_minor: int = AMOUNT_MAX) -> None:
    """Refuse no amount, and more than a limit."""
    if amount_minor == 0:
        raise Refusal(RejectCode.amount_zero, 1, 0)
    if amount_minor > limit_minor:
        raise Refusal(RejectCode.amount_too_large, limit_minor, amount_minor)


def check_inflow(state: State, asset_id: int, kind: Kind, amount_minor: int) -> None:
    """Refuse an inflow that would take an estate's total of an asset over the limit."""
    check_amount(amount_minor)
    total = state.ledger.asset(asset_id).totals[kind] + amount_minor
    if total > AMOUNT_MAX:
        raise Refusal(RejectCode.amount_too_large, AMOUNT_MAX, total)


def check_evidence(state: State, evidence_hash: bytes) -> None:
    """Refuse missing evidence, and evidence that has already counted."""
    require_hash(evidence_hash, RejectCode.evidence_missing)
    if evidence_hash in state.evidence:
        raise Refusal(RejectCode.evidence_already_used, 0, 1)


def check_place(source: LedgerAccount, amount_minor: int) -> None:
    """Refuse to take from a place more than it holds."""
    if source.minor < amount_minor:
        raise Refusal(RejectCode.insufficient_custody, amount_minor, source.minor)


def credit_deposit(state: State, command: CreditDeposit) -> None:
    """Credit assets that have arrived for a client."""
    # GATE
    account = find_account(state, command.account_id)
    if account.account_role == AccountRole.house:
        raise Refusal(RejectCode.house_assets_in_client_estate, 0, account.account_id)
    if account.account_state == AccountState.closed:
        raise Refusal(RejectCode.account_not_active, AccountState.active, account.account_state)
    find_asset(state, command.asset_id)
    check_inflow(state, command.asset_id, Kind.client_custody, command.amount_minor)
    check_evidence(state, command.evidence_hash)
    # POST
    balance = state.ledger.balance(account.account_id, command.asset_id)
    place = state.ledger.place(Estate.client, command.place, command.asset_id)
    state.ledger.post(DEPOSIT, command.asset_id, command.amount_minor, place, balance.available)
    state.evidence.add(command.evidence_hash)
    # EMIT
    state.out.append(
        DepositCredited(
            place=command.place,
            seq=state.seq,
            account_id=account.account_id,
            asset_id=command.asset_id,
            amount_minor=command.amount_minor,
            available_minor=balance.available.minor,
            evidence_hash=command.evidence_hash,
        ).pack()
    )


def request_withdrawal(state: State, command: RequestWithdrawal) -> None:
    """Hold an amount that a client asks for."""
    # GATE
    account = find_account(state, command.account_id)
    require_canceling(account)
    find_asset(state, command.asset_id)
    limit = state.parameter(ParameterTable.withdrawal_max_minor, command.asset_id)
    check_amount(command.amount_minor, limit or AMOUNT_MAX)
    require_hash(command.destination_hash, RejectCode.destination_missing)
    # HOLD
    balance = state.ledger.balance(account.account_id, command.asset_id)
    if balance.available.minor < command.amount_minor:
        raise Refusal(RejectCode.insufficient_balance, command.amount_minor, balance.available.minor)
    state.ledger.post(HOLD, command.asset_id, command.amount_minor, balance.available, balance.held)
    # POST
    state.withdrawals[state.seq] = Withdrawal(
        state.seq, account.account_id, command.asset_id, command.amount_minor, command.destination_hash
    )
    # EMIT
    state.out.append(
        WithdrawalRequested(
            seq=state.seq,
            account_id=account.account_id,
            asset_id=command.asset_id,
            withdrawal_id=state.seq,
            amount_minor=command.amount_minor,
            destination_hash=command.destination_hash,
        ).pack()
    )


def find_withdrawal(state: State, withdrawal_id: int) -> Withdrawal:
    """Return a requested withdrawal; refuse an unknown number."""
    withdrawal = state.withdrawals.get(withdrawal_id)
    if withdrawal is None:
        raise Refusal(RejectCode.withdrawal_unknown, 0, withdrawal_id)
    return withdrawal


def settle_withdrawal(state: State, command: SettleWithdrawal) -> None:
    """Record that a withdrawal left."""
    # GATE
    withdrawal = find_withdrawal(state, command.withdrawal_id)
    require_canceling(find_account(state, withdrawal.account_id))
    check_evidence(state, command.evidence_hash)
    place = state.ledger.place(Estate.client, command.place, withdrawal.asset_id)
    check_place(place, withdrawal.amount_minor)
    # POST
    balance = state.ledger.balance(withdrawal.account_id, withdrawal.asset_id)
    state.permitted_exit = (withdrawal.asset_id, withdrawal.amount_minor)
    state.ledger.post(WITHDRAW, withdrawal.asset_id, withdrawal.amount_minor, balance.held, place)
    state.evidence.add(command.evidence_hash)
    del state.withdrawals[withdrawal.withdrawal_id]
    # EMIT
    state.out.append(
        WithdrawalSettled(
            place=command.place,
            seq=state.seq,
            account_id=withdrawal.account_id,
            asset_id=withdrawal.asset_id,
            withdrawal_id=withdrawal.withdrawal_id,
            amount_minor=withdrawal.amount_minor,
            evidence_hash=command.evidence_hash,
        ).pack()
    )


def reject_withdrawal(state: State, command: RejectWithdrawal) -> None:
    """Give a requested withdrawal back."""
    # GATE
    withdrawal = find_withdrawal(state, command.withdrawal_id)
    # POST
    balance = state.ledger.balance(withdrawal.account_id, withdrawal.asset_id)
    state.ledger.post(RELEASE, withdrawal.asset_id, withdrawal.amount_minor, balance.held, balance.available)
    del state.withdrawals[withdrawal.withdrawal_id]
    # EMIT
    state.out.append(
        WithdrawalRejected(
            withdrawal_reason=command.withdrawal_reason,
            seq=state.seq,
            account_id=withdrawal.account_id,
            asset_id=withdrawal.asset_id,
            withdrawal_id=withdrawal.withdrawal_id,
            amount_minor=withdrawal.amount_minor,
        ).pack()
    )


def move_custody(state: State, command: MoveCustody) -> None:
    """Move assets between two places of one estate."""
    # GATE
    find_asset(state, command.asset_id)
    check_amount(command.amount_minor)
    if command.from_place == command.to_place:
        raise Refusal(RejectCode.places_equal, command.from_place, command.to_place)
    check_evidence(state, command.evidence_hash)
    source = state.ledger.place(command.estate, command.from_place, command.asset_id)
    check_place(source, command.amount_minor)
    # POST
    target = state.ledger.place(command.estate, command.to_place, command.asset_id)
    movement = MOVE_CLIENT if command.estate == Estate.client else MOVE_HOUSE
    state.ledger.post(movement, command.asset_id, command.amount_minor, target, source)
    state.evidence.add(command.evidence_hash)
    # EMIT
    state.out.append(
        CustodyMoved(
            estate=command.estate,
            from_place=command.from_place,
            to_place=command.to_place,
            seq=state.seq,
            asset_id=command.asset_id,
            amount_minor=command.amount_minor,
            evidence_hash=command.evidence_hash,
        ).pack()
    )


def sweep_fees(state: State, command: SweepFees) -> None:
    """Move earned fees, and the assets behind them, to the house's estate."""
    # GATE
    find_asset(state, command.asset_id)
    check_inflow(state, command.asset_id, Kind.house_custody, command.amount_minor)
    check_evidence(state, command.evidence_hash)
    asset = state.ledger.asset(command.asset_id)
    if asset.fees_earned.minor < command.amount_minor:
        raise Refusal(RejectCode.insufficient_fees, command.amount_minor, asset.fees_earned.minor)
    source = state.ledger.place(Estate.client, command.from_place, command.asset_id)
    check_place(source, command.amount_minor)
    # POST
    target = state.ledger.place(Estate.house, command.to_place, command.asset_id)
    state.permitted_exit = (command.asset_id, min(command.amount_minor, asset.fees_earned.minor))
    state.ledger.post(SWEEP_CLAIM, command.asset_id, command.amount_minor, asset.fees_earned, asset.house_equity)
    state.ledger.post(SWEEP_ASSETS, command.asset_id, command.amount_minor, target, source)
    state.evidence.add(command.evidence_hash)
    # EMIT
    state.out.append(
        FeesSwept(
            from_place=command.from_place,
            to_place=command.to_place,
            seq=state.seq,
            asset_id=command.asset_id,
            amount_minor=command.amount_minor,
            evidence_hash=command.evidence_hash,
        ).pack()
    )


def fund_house(state: State, command: FundHouse) -> None:
    """Record the house's own assets arriving."""
    # GATE
    find_asset(state, command.asset_id)
    check_inflow(state, command.asset_id, Kind.house_custody, command.amount_minor)
    check_evidence(state, command.evidence_hash)
    # POST
    place = state.ledger.place(Estate.house, command.place, command.asset_id)
    equity = state.ledger.asset(command.asset_id).house_equity
    state.ledger.post(FUND_HOUSE, command.asset_id, command.amount_minor, place, equity)
    state.evidence.add(command.evidence_hash)
    # EMIT
    state.out.append(
        HouseFunded(
            place=command.place,
            seq=state.seq,
            asset_id=command.asset_id,
            amount_minor=command.amount_minor,
            evidence_hash=command.evidence_hash,
        ).pack()
    )


def draw_house(state: State, command: DrawHouse) -> None:
    """Record the house's own assets leaving."""
    # GATE
    find_asset(state, command.asset_id)
    check_amount(command.amount_minor)
    check_evidence(state, command.evidence_hash)
    place = state.ledger.place(Estate.house, command.place, command.asset_id)
    check_place(place, command.amount_minor)
    # POST
    equity = state.ledger.asset(command.asset_id).house_equity
    state.ledger.post(DRAW_HOUSE, command.asset_id, command.amount_minor, equity, place)
    state.evidence.add(command.evidence_hash)
    # EMIT
    state.out.append(
        HouseDrawn(
            place=command.place,
            seq=state.seq,
            asset_id=command.asset_id,
            amount_minor=command.amount_minor,
            evidence_hash=command.evidence_hash,
        ).pack()
    )
