"""What all commands on custody check, and moves between two custody locations of one estate."""

from __future__ import annotations

from tarazy.domain.arithmetic import AMOUNT_MAX
from tarazy.domain.records import (
    AccountRole,
    AccountState,
    AssetKind,
    CustodyLocation,
    CustodyMoved,
    Estate,
    MoveCustody,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.evidence import check_new_evidence, keep_evidence
from tarazy.spec.ledger import MOVE_CLIENT, MOVE_HOUSE, Kind, LedgerAccount
from tarazy.spec.lookup import find_account, find_asset
from tarazy.spec.refusal import Refusal
from tarazy.spec.state import Account, State


def check_amount(amount_minor: int, limit_minor: int = AMOUNT_MAX) -> None:
    """Refuse no amount, and more than a limit."""
    if amount_minor == 0:
        raise Refusal(RejectCode.amount_zero, 1, 0)
    if amount_minor > limit_minor:
        raise Refusal(RejectCode.amount_too_large, limit_minor, amount_minor)


def check_inflow(state: State, estate: int, asset_id: int, amount_minor: int) -> None:
    """Refuse an inflow that would take what an estate has, or should have, of an asset over the limit."""
    check_amount(amount_minor)
    totals = state.ledger.asset(asset_id).totals
    total = totals[Kind.house_custody]
    if estate == Estate.client:
        total = totals[Kind.client_custody] + totals[Kind.shortfall]
    if total + amount_minor > AMOUNT_MAX:
        raise Refusal(RejectCode.amount_too_large, AMOUNT_MAX, total + amount_minor)


def check_location(state: State, asset_id: int, location: int) -> None:
    """Refuse an unknown asset, and a custody location where its kind does not lie."""
    asset = find_asset(state, asset_id)
    fits = location in (CustodyLocation.bank, CustodyLocation.transit)
    if asset.asset_kind != AssetKind.fiat:
        fits = location != CustodyLocation.bank
    if not fits:
        expected = CustodyLocation.bank if asset.asset_kind == AssetKind.fiat else CustodyLocation.hot
        raise Refusal(RejectCode.location_unfit, expected, location)


def check_custody(source: LedgerAccount, amount_minor: int) -> None:
    """Refuse to take from a custody location more than it holds."""
    if source.minor < amount_minor:
        raise Refusal(RejectCode.insufficient_custody, amount_minor, source.minor)


def check_no_shortfall(state: State, asset_id: int) -> None:
    """Refuse while a shortfall of the asset is open."""
    shortfall = state.ledger.asset(asset_id).shortfall.minor
    if shortfall:
        raise Refusal(RejectCode.shortfall_open, 0, shortfall)


def check_available(available: LedgerAccount, amount_minor: int) -> None:
    """Refuse to take from a client more than is available."""
    if available.minor < amount_minor:
        raise Refusal(RejectCode.insufficient_balance, amount_minor, available.minor)


def find_client(state: State, account_id: int) -> Account:
    """Return an account that may be given client assets; refuse the house's and a closed one."""
    account = find_account(state, account_id)
    if account.account_role == AccountRole.house:
        raise Refusal(RejectCode.house_assets_in_client_estate, 0, account_id)
    if account.account_state == AccountState.closed:
        raise Refusal(RejectCode.account_not_active, AccountState.active, account.account_state)
    return account


def move_custody(state: State, command: MoveCustody) -> None:
    """Move assets between two custody locations of one estate."""
    asset_id, amount_minor = command.asset_id, command.amount_minor
    # GATE
    check_location(state, asset_id, command.from_location)
    check_location(state, asset_id, command.to_location)
    check_amount(amount_minor)
    if command.from_location == command.to_location:
        raise Refusal(RejectCode.locations_equal, 2, 1)
    check_new_evidence(state, command.evidence_hash, command.evidence_ns)
    source = state.ledger.custody(command.estate, command.from_location, asset_id)
    check_custody(source, amount_minor)
    # POST
    target = state.ledger.custody(command.estate, command.to_location, asset_id)
    transfer_type = MOVE_CLIENT if command.estate == Estate.client else MOVE_HOUSE
    state.ledger.post(transfer_type, asset_id, amount_minor, target, source)
    keep_evidence(state, command.evidence_hash)
    # EMIT
    state.emit(
        CustodyMoved(
            estate=command.estate,
            from_location=command.from_location,
            to_location=command.to_location,
            seq=state.seq,
            asset_id=asset_id,
            amount_minor=amount_minor,
            evidence_hash=command.evidence_hash,
        )
    )
