"""Situations of the refusals by authority: instructions, officers, mandates, the clock, owners."""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import (
    AccountRole,
    AdvanceTime,
    CommandKind,
    CreditDeposit,
    GrantMandate,
    OfficerState,
    ParameterTable,
    PresentInstruction,
    RegisterOfficer,
    RevokeMandate,
    RotateFacilityKey,
    RotateOfficerKey,
    SetAccountTier,
    SetMarketState,
    SetOfficerState,
    SetParameter,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import (
    ALICE,
    ALL_ROLES,
    APPROVER,
    BTC,
    END_OF_TIME,
    MARKET,
    MINUTE_NS,
    OFFICER,
    SECOND_NS,
    Floor,
    public_key,
    signers_hash,
)
from .refusals import HASH, Refused, deposit, order, refuses

ADMINISTRATOR, OPERATIONS, CUSTODY, FINANCE, COMPLIANCE, MACHINE = (1 << bit for bit in range(6))
WEEK_NS = 7 * 86_400 * SECOND_NS
CREDIT_DEPOSIT = int(CommandKind.credit_deposit)
WATCHER, SECOND_WATCHER = 3, 4


def watchers(floor: Floor) -> None:
    """Register two machine officers, the third and the fourth."""
    floor.officer(WATCHER, MACHINE)
    floor.officer(SECOND_WATCHER, MACHINE)


def mandate(floor: Floor, **fields: Any) -> GrantMandate:
    """Return a mandate for the third officer to credit deposits of 10 BTC at a time and 25 a day, with other fields."""
    until = floor.now + WEEK_NS
    return GrantMandate(2, CREDIT_DEPOSIT, 0, WATCHER, BTC, until, 10, 25)._replace(**fields)


NO_ASSET = {
    CommandKind.register_asset,
    CommandKind.open_market,
    CommandKind.set_market_rules,
    CommandKind.set_market_state,
    CommandKind.set_parameter,
    CommandKind.open_account,
    CommandKind.set_account_state,
    CommandKind.set_account_tier,
    CommandKind.set_trading_rules,
    CommandKind.set_limit,
    CommandKind.remove_limit,
    CommandKind.set_client_status,
    CommandKind.set_fees,
    CommandKind.set_tick_band,
    CommandKind.change_increments,
}


def empty_terms(floor: Floor, kind: int, **fields: Any) -> GrantMandate:
    """Return a mandate of two signers for the third officer and a kind, with its asset where it is about one."""
    return mandate(floor, mandated_kind=int(kind), asset_id=0 if kind in NO_ASSET else BTC)._replace(**fields)


def watched(floor: Floor, **fields: Any) -> CreditDeposit:
    """Return a deposit with fields of its own, after an instruction of both watchers under equal mandates."""
    watchers(floor)
    for officer in (WATCHER, SECOND_WATCHER):
        floor.act(mandate(floor, officer_id=officer))
    floor.instruct(WATCHER, SECOND_WATCHER)
    return deposit(**fields)


def state_of(officer: int, officer_state: int) -> SetOfficerState:
    """Return a change of an officer's state."""
    return SetOfficerState(officer_state, 0, officer, HASH)


# ---------------------------------------------------------------- instructions
@refuses(RejectCode.four_eyes_required)
def four_eyes_required(floor: Floor) -> Refused:
    floor.instruct(OFFICER)
    return Refused(deposit(), 2, 1, True)


@refuses(RejectCode.instruction_missing)
def instruction_missing(floor: Floor) -> Refused:
    return Refused(SetMarketState(5, market_id=MARKET), OPERATIONS, 0, True)


@refuses(RejectCode.instruction_empty)
def instruction_empty(floor: Floor) -> Refused:
    return Refused(floor.instruction(OFFICER, command_count=0), 1, 0)


@refuses(RejectCode.instruction_expired)
def instruction_expired(floor: Floor) -> Refused:
    return Refused(floor.instruction(OFFICER, valid_until_ns=floor.now), floor.now + 1, floor.now)


@refuses(RejectCode.instruction_validity_too_long)
def instruction_validity_too_long(floor: Floor) -> Refused:
    until = floor.now + WEEK_NS + 1
    return Refused(floor.instruction(OFFICER, valid_until_ns=until), until - 1, until)


@refuses(RejectCode.instruction_number_used)
def instruction_number_used(floor: Floor) -> Refused:
    floor.instruct(OFFICER, instruction_number=77)
    return Refused(floor.instruction(APPROVER, instruction_number=77), 0, 1)


@refuses(RejectCode.known_seq_ahead)
def known_seq_ahead(floor: Floor) -> Refused:
    seq = floor.venue.next_seq
    return Refused(floor.instruction(OFFICER, known_seq=seq), seq - 1, seq)


@refuses(RejectCode.number_not_known)
def number_not_known(floor: Floor) -> Refused:
    known = floor.venue.next_seq - 1
    floor.account()
    floor.instruct(OFFICER, APPROVER, known_seq=known)
    return Refused(SetAccountTier(1, account_id=5), known, known + 2, True)


@refuses(RejectCode.signers_hash_mismatch)
def signers_hash_mismatch(floor: Floor) -> Refused:
    keys = public_key(OFFICER), public_key(APPROVER)
    words = [int.from_bytes(signers_hash(*order)[:16], "little") for order in (keys, keys[::-1])]
    swapped: PresentInstruction = floor.instruction(OFFICER, APPROVER, signers_hash=signers_hash(*keys[::-1]))
    return Refused(swapped, *words)


# ---------------------------------------------------------------- officers
@refuses(RejectCode.officer_unknown)
def officer_unknown(floor: Floor) -> Refused:
    return Refused(floor.instruction(9), 2, 9)


@refuses(RejectCode.officer_not_active)
def officer_not_active(floor: Floor) -> Refused:
    floor.officer(3, FINANCE)
    floor.act(state_of(3, OfficerState.suspended))
    return Refused(floor.instruction(3), OfficerState.active, OfficerState.suspended)


@refuses(RejectCode.officer_not_valid)
def officer_not_valid(floor: Floor) -> Refused:
    floor.officer(3, FINANCE, begin_ns=floor.now + 1)
    return Refused(floor.instruction(3), floor.now + 1, floor.now)


@refuses(RejectCode.officer_role_missing)
def officer_role_missing(floor: Floor) -> Refused:
    floor.officer(3, FINANCE)
    floor.instruct(OFFICER, 3)
    return Refused(deposit(), CUSTODY, FINANCE, True)


def new_officer(**fields: Any) -> RegisterOfficer:
    """Return the registration of a third officer with other fields."""
    return RegisterOfficer(FINANCE, 0, 0, END_OF_TIME, public_key(3))._replace(**fields)


@refuses(RejectCode.officer_roles_invalid)
def officer_roles_invalid(floor: Floor) -> Refused:
    return Refused(new_officer(officer_roles=MACHINE + ADMINISTRATOR), MACHINE, MACHINE + ADMINISTRATOR)


@refuses(RejectCode.officer_validity_invalid)
def officer_validity_invalid(floor: Floor) -> Refused:
    return Refused(new_officer(valid_until_ns=floor.now), floor.now + 1, floor.now)


@refuses(RejectCode.public_key_missing)
def public_key_missing(floor: Floor) -> Refused:
    return Refused(RotateFacilityKey(), 1, 0)


@refuses(RejectCode.public_key_taken)
def public_key_taken(floor: Floor) -> Refused:
    return Refused(RotateOfficerKey(0, OFFICER, public_key(APPROVER)), 0, 1)


@refuses(RejectCode.officer_state_not_reachable)
def officer_state_not_reachable(floor: Floor) -> Refused:
    floor.officer(3, FINANCE)
    floor.act(state_of(3, OfficerState.revoked))
    return Refused(state_of(3, OfficerState.active), 0, OfficerState.active)


@refuses(RejectCode.administrators_too_few)
def administrators_too_few(floor: Floor) -> Refused:
    floor.officer(3, FINANCE)
    return Refused(state_of(APPROVER, OfficerState.suspended), 2, 1)


# ---------------------------------------------------------------- mandates
@refuses(RejectCode.mandate_missing)
def mandate_missing(floor: Floor) -> Refused:
    return Refused(watched(floor, asset_id=2), 1, 0, True)


@refuses(RejectCode.mandate_amount_exceeded)
def mandate_amount_exceeded(floor: Floor) -> Refused:
    return Refused(watched(floor, amount_minor=11), 10, 11, True)


@refuses(RejectCode.mandate_day_exceeded)
def mandate_day_exceeded(floor: Floor) -> Refused:
    floor.send(watched(floor, amount_minor=10))
    second, third = (deposit(amount_minor=10, evidence_hash=floor.new_hash()) for _ in range(2))
    floor.instruct(WATCHER, SECOND_WATCHER)
    floor.send(second)
    floor.instruct(WATCHER, SECOND_WATCHER)
    return Refused(third, 25, 30, True)


@refuses(RejectCode.mandate_unknown)
def mandate_unknown(floor: Floor) -> Refused:
    return Refused(RevokeMandate(0, 7), 0, 7)


@refuses(RejectCode.mandated_kind_not_allowed)
def mandated_kind_not_allowed(floor: Floor) -> Refused:
    watchers(floor)
    kind = int(CommandKind.grant_mandate)
    return Refused(mandate(floor, mandated_kind=kind), CREDIT_DEPOSIT, kind)


@refuses(RejectCode.mandate_terms_invalid)
def mandate_terms_invalid(floor: Floor) -> Refused:
    watchers(floor)
    return Refused(mandate(floor, signers_needed=1), 2, 1)


@refuses(RejectCode.mandate_asset_mismatch)
def mandate_asset_mismatch(floor: Floor) -> Refused:
    watchers(floor)
    return Refused(mandate(floor, asset_id=0), 1, 0)


@refuses(RejectCode.mandate_officer_not_machine)
def mandate_officer_not_machine(floor: Floor) -> Refused:
    return Refused(mandate(floor, officer_id=OFFICER), MACHINE, ALL_ROLES)


# ---------------------------------------------------------------- the clock, owners
@refuses(RejectCode.time_jumped)
def time_jumped(floor: Floor) -> Refused:
    minute_ms = MINUTE_NS // 1_000_000
    floor.act(SetParameter(ParameterTable.clock_jump_max_ms, parameter_value=minute_ms, rulebook_hash=HASH))
    late = floor.now + MINUTE_NS + 1
    return Refused(AdvanceTime(late), late - 1, late)


@refuses(RejectCode.owner_cannot_trade)
def owner_cannot_trade(floor: Floor) -> Refused:
    owner = floor.state.accounts[ALICE - 1].owner_id
    floor.account(owner=owner, role=AccountRole.affiliate, approval=55)
    return Refused(order(), AccountRole.affiliate, AccountRole.client)
