"""Mandates: what two administrators allow a machine officer, in one asset, up to an amount and a day's sum."""

from __future__ import annotations

from tarazy.domain.arithmetic import AMOUNT_MAX
from tarazy.domain.records import (
    PRIVILEGES,
    ROLE_ADMINISTRATOR,
    ROLE_MACHINE,
    CommandKind,
    GrantMandate,
    MandateGranted,
    MandateRevoked,
    RevokeMandate,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec import subjects
from tarazy.spec.authority import signers_least
from tarazy.spec.lookup import find_asset, find_officer
from tarazy.spec.refusal import Refusal, unknown
from tarazy.spec.state import State
from tarazy.spec.state_parts import Mandate


def grant_mandate(state: State, command: GrantMandate) -> None:
    """Add a mandate, and forget those whose validity is over."""
    # GATE
    officer = find_officer(state, command.officer_id)
    if officer.officer_roles != ROLE_MACHINE:
        raise Refusal(RejectCode.mandate_officer_not_machine, ROLE_MACHINE, officer.officer_roles)
    check_mandate_kind(command)
    check_mandate_asset(state, command)
    check_mandate_terms(state, command)
    # POST
    mandates = state.authority.mandates
    for over in [number for number, mandate in mandates.items() if mandate.valid_until_ns <= state.last_ts_ns]:
        del mandates[over]
    mandate = Mandate(state.seq)
    mandate.officer_id = command.officer_id
    mandate.mandated_kind = command.mandated_kind
    mandate.asset_id = command.asset_id
    mandate.amount_max_minor = command.amount_max_minor
    mandate.day_max_minor = command.day_max_minor
    mandate.valid_until_ns = command.valid_until_ns
    mandate.signers_needed = command.signers_needed
    mandates[mandate.mandate_id] = mandate
    # EMIT
    state.out.append(
        MandateGranted(
            signers_needed=mandate.signers_needed,
            mandated_kind=mandate.mandated_kind,
            seq=state.seq,
            officer_id=mandate.officer_id,
            asset_id=mandate.asset_id,
            mandate_id=mandate.mandate_id,
            valid_until_ns=mandate.valid_until_ns,
            amount_max_minor=mandate.amount_max_minor,
            day_max_minor=mandate.day_max_minor,
        ).pack()
    )


def revoke_mandate(state: State, command: RevokeMandate) -> None:
    """End a mandate."""
    # GATE
    mandate = state.authority.mandates.get(command.mandate_id)
    if mandate is None:
        raise unknown(RejectCode.mandate_unknown, command.mandate_id)
    # POST
    del state.authority.mandates[command.mandate_id]
    # EMIT
    event = MandateRevoked(seq=state.seq, officer_id=mandate.officer_id, mandate_id=command.mandate_id)
    state.out.append(event.pack())


def check_mandate_kind(command: GrantMandate) -> None:
    """Refuse a mandate for what needs no officer, or for an administrator's acts."""
    privilege = PRIVILEGES.get(command.mandated_kind)
    if privilege is None or privilege.roles & ROLE_ADMINISTRATOR:
        raise Refusal(RejectCode.mandated_kind_not_allowed, CommandKind.credit_deposit, command.mandated_kind)


def check_mandate_asset(state: State, command: GrantMandate) -> None:
    """Refuse a mandate without an asset where the kind is about one, and with one where it is about none."""
    has_asset = subjects.has_asset(command.mandated_kind)
    if has_asset != bool(command.asset_id):
        raise Refusal(RejectCode.mandate_asset_mismatch, has_asset, command.asset_id)
    if has_asset:
        find_asset(state, command.asset_id)


def check_mandate_terms(state: State, command: GrantMandate) -> None:
    """Refuse terms that are out of range."""
    fewest = signers_least(command.mandated_kind)
    if not fewest <= command.signers_needed <= 2:
        raise Refusal(RejectCode.mandate_terms_invalid, fewest, command.signers_needed)
    if command.valid_until_ns <= state.last_ts_ns:
        raise Refusal(RejectCode.mandate_terms_invalid, state.last_ts_ns + 1, command.valid_until_ns)
    for amount_minor in (command.amount_max_minor, command.day_max_minor):
        if amount_minor > AMOUNT_MAX:
            raise Refusal(RejectCode.mandate_terms_invalid, AMOUNT_MAX, amount_minor)
