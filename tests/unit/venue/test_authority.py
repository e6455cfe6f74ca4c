"""Every privileged command, one by one: nothing but enough signers who may do it gets it past the gate."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.domain.records import (
    COMMANDS,
    LAYOUT,
    PRIVILEGES,
    AccountRole,
    AccountState,
    CommandKind,
    CommandRejected,
    MarketState,
    OfficerState,
    OpenAccount,
    SetAccountState,
    SetMarketState,
    SetOfficerState,
    SuspendAsset,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import (
    ALICE,
    ALL_ROLES,
    APPROVER,
    BTC,
    MARKET,
    MINUTE_NS,
    OFFICER,
    Floor,
    Result,
    public_key,
    signers_hash,
)
from .authority_refusals import ADMINISTRATOR, HASH, MACHINE

KINDS = list(PRIVILEGES)
THIRD, FOURTH = 3, 4
# What the gate says; every other code comes from the handler, so the command got past it.
GATE = {
    RejectCode.four_eyes_required,
    RejectCode.instruction_missing,
    RejectCode.instruction_expired,
    RejectCode.officer_not_active,
    RejectCode.officer_not_valid,
    RejectCode.officer_role_missing,
    RejectCode.mandate_missing,
    RejectCode.mandate_amount_exceeded,
    RejectCode.mandate_day_exceeded,
}


def empty_record(kind: int) -> Any:
    """Return a well-formed record of a kind: zeros, and the first number of every list."""
    record = COMMANDS[kind]()
    enums = [name for name, _, enum, _ in LAYOUT[type(record).__name__] if enum]
    return record._replace(**dict.fromkeys(enums, 1))


# What the content decides: the kind's record, and how many persons must sign it (record_and_ledger, "Instructions and
# mandates": one officer is enough for what only protects).
BY_CONTENT = {
    "halting a market": (SetMarketState(MarketState.halted, market_id=MARKET), 1),
    "closing a market": (SetMarketState(MarketState.closed, market_id=MARKET), 1),
    "halting with a reference price": (SetMarketState(5, market_id=MARKET, reference_price_ticks=100), 2),
    "an auction": (SetMarketState(MarketState.auction, MarketState.continuous, market_id=MARKET), 2),
    "a client's account": (OpenAccount(1, AccountRole.client, owner_id=77), 1),
    "a client's account in a fee tier": (OpenAccount(1, AccountRole.client, 3, owner_id=77), 2),
    "an affiliate's account": (OpenAccount(1, AccountRole.affiliate, owner_id=77, approval_id=5), 2),
    "an account of the house": (OpenAccount(1, AccountRole.house, owner_id=77), 2),
    "restricting an account": (SetAccountState(AccountState.restricted, 0, ALICE, HASH), 1),
    "freezing an account": (SetAccountState(AccountState.frozen, 0, ALICE, HASH), 2),
    "suspending an officer": (SetOfficerState(OfficerState.suspended, 0, THIRD, HASH), 1),
    "revoking an officer": (SetOfficerState(OfficerState.revoked, 0, THIRD, HASH), 2),
    "suspending an asset": (SuspendAsset(0, BTC, HASH), 1),
}


def persons_needed(kind: int) -> int:
    """Return how many persons an empty record of a kind needs: closing a market and a client's account need one."""
    return 1 if kind in (CommandKind.set_market_state, CommandKind.open_account) else PRIVILEGES[kind].signers


def code_of(result: Result) -> RejectCode | None:
    """Return why the last command was refused, None where it was not."""
    refusals = result.of(CommandRejected)
    return RejectCode(refusals[-1].reject_code) if refusals else None


@pytest.fixture
def staffed(floor: Floor) -> Floor:
    """Return a floor with a third and a fourth officer who have every role."""
    floor.officer(THIRD, ALL_ROLES)
    floor.officer(FOURTH, ALL_ROLES)
    return floor


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: COMMANDS[kind].__name__)
class TestEveryPrivilegedCommand:
    """The same situations for every kind in the table of privileges."""

    def test_unsigned_is_refused(self, floor: Floor, kind: int) -> None:
        assert floor.send(empty_record(kind)).reject_code == RejectCode.instruction_missing

    def test_with_enough_signers_it_gets_past_the_gate(self, staffed: Floor, kind: int) -> None:
        signers = (THIRD, FOURTH)[: persons_needed(kind)]
        assert code_of(staffed.signed(empty_record(kind), *signers)) not in GATE

    def test_one_signer_is_refused_where_two_are_needed(self, staffed: Floor, kind: int) -> None:
        code = code_of(staffed.signed(empty_record(kind), THIRD))
        assert (code == RejectCode.four_eyes_required) == (persons_needed(kind) == 2)
        assert code == RejectCode.four_eyes_required or code not in GATE

    def test_signers_of_another_role_are_refused(self, floor: Floor, kind: int) -> None:
        other = ALL_ROLES & ~PRIVILEGES[kind].roles
        floor.officer(THIRD, other)
        floor.officer(FOURTH, other)
        refusal = floor.signed(empty_record(kind), THIRD, FOURTH).one(CommandRejected)
        assert RejectCode(refusal.reject_code) == RejectCode.officer_role_missing
        assert (refusal.expected, refusal.found) == (PRIVILEGES[kind].roles, other)

    @pytest.mark.parametrize("state", [OfficerState.suspended, OfficerState.revoked], ids=lambda state: state.name)
    def test_signer_who_is_no_longer_active_is_refused(self, staffed: Floor, kind: int, state: int) -> None:
        staffed.act(SetOfficerState(state, 0, THIRD, HASH))
        assert staffed.instruct(THIRD, FOURTH).reject_code == RejectCode.officer_not_active
        assert staffed.send(empty_record(kind)).reject_code == RejectCode.instruction_missing

    def test_used_number_is_refused(self, floor: Floor, kind: int) -> None:
        floor.instruct(OFFICER, APPROVER, instruction_number=9)
        floor.send(empty_record(kind))
        again = floor.instruct(OFFICER, APPROVER, instruction_number=9)
        assert again.reject_code == RejectCode.instruction_number_used
        assert floor.send(empty_record(kind)).reject_code == RejectCode.instruction_missing

    def test_instruction_after_its_validity_is_refused(self, floor: Floor, kind: int) -> None:
        late = floor.instruction(OFFICER, APPROVER)
        floor.wait(MINUTE_NS)
        assert floor.send(late._replace(ts_ns=floor.now)).reject_code == RejectCode.instruction_expired
        assert floor.send(empty_record(kind)).reject_code == RejectCode.instruction_missing

    def test_command_after_the_validity_of_its_instruction_is_refused(self, floor: Floor, kind: int) -> None:
        floor.instruct(OFFICER, APPROVER)
        floor.now += MINUTE_NS
        assert floor.send(empty_record(kind)).reject_code == RejectCode.instruction_expired

    def test_wrong_keys_are_refused(self, floor: Floor, kind: int) -> None:
        stolen = signers_hash(public_key(OFFICER), public_key(99))
        assert floor.instruct(OFFICER, APPROVER, signers_hash=stolen).reject_code == RejectCode.signers_hash_mismatch
        assert floor.send(empty_record(kind)).reject_code == RejectCode.instruction_missing

    def test_machine_without_a_mandate_is_refused(self, floor: Floor, kind: int) -> None:
        floor.officer(THIRD, MACHINE)
        floor.officer(FOURTH, MACHINE)
        refused = floor.signed(empty_record(kind), THIRD, FOURTH)
        assert refused.reject_code == RejectCode.mandate_missing


@pytest.mark.parametrize("case", BY_CONTENT)
def test_content_decides_how_many_sign(staffed: Floor, case: str) -> None:
    command, needed = BY_CONTENT[case]
    alone = code_of(staffed.signed(command, FOURTH))
    if needed == 2:
        assert alone == RejectCode.four_eyes_required
        alone = code_of(staffed.signed(command, FOURTH, OFFICER))
    assert alone not in GATE


def test_clients_own_commands_need_no_instruction(floor: Floor) -> None:
    assert floor.buy(ALICE, 5, 100).kinds == ["OrderAccepted"]
    own = {"place_order", "amend_order", "cancel_order", "cancel_all", "request_withdrawal"}
    keeping = {"advance_time", "take_checkpoint", "present_instruction"}
    assert all(CommandKind[name] not in PRIVILEGES for name in own | keeping)


def test_instruction_covers_as_many_commands_as_it_says_refused_ones_too(floor: Floor) -> None:
    halt, order = SetMarketState(MarketState.halted, market_id=MARKET), SuspendAsset(0, 42, HASH)
    floor.instruct(OFFICER, APPROVER, count=2)
    assert floor.send(order).reject_code == RejectCode.asset_unknown
    assert floor.send(halt).kinds == ["MarketStateChanged"]
    assert floor.send(halt).reject_code == RejectCode.instruction_missing


def test_command_that_needs_no_officer_uses_up_its_place_under_an_instruction(floor: Floor) -> None:
    floor.instruct(OFFICER, APPROVER)
    floor.buy(ALICE, 5, 100)
    assert floor.send(SuspendAsset(0, BTC, HASH)).reject_code == RejectCode.instruction_missing


def test_malformed_record_uses_up_its_place_under_an_instruction(floor: Floor) -> None:
    floor.instruct(OFFICER, APPROVER)
    floor.venue.apply(b"\xff\xff" + bytes(94))
    assert floor.send(SuspendAsset(0, BTC, HASH)).reject_code == RejectCode.instruction_missing


def test_next_instruction_ends_the_one_before_it_even_where_it_is_refused(floor: Floor) -> None:
    floor.instruct(OFFICER, APPROVER, count=5)
    assert floor.instruct(9).reject_code == RejectCode.officer_unknown
    assert floor.send(SuspendAsset(0, BTC, HASH)).reject_code == RejectCode.instruction_missing


def test_officer_who_is_revoked_by_a_covered_command_signs_none_behind_it(staffed: Floor) -> None:
    staffed.instruct(THIRD, FOURTH, count=2)
    assert staffed.send(SetOfficerState(OfficerState.revoked, 0, FOURTH, HASH)).kinds == ["OfficerStateChanged"]
    refused = staffed.send(SetMarketState(MarketState.continuous, market_id=MARKET))
    assert refused.reject_code == RejectCode.officer_not_active


def test_open_instruction_survives_a_snapshot(floor: Floor) -> None:
    floor.instruct(OFFICER, APPROVER)
    floor.venue = floor.engine.restore(floor.venue.snapshot())
    assert floor.send(SuspendAsset(0, BTC, HASH)).kinds[0] == "AssetStatusChanged"


def test_no_command_of_an_administrator_can_be_mandated() -> None:
    administrators = {kind for kind, privilege in PRIVILEGES.items() if privilege.roles & ADMINISTRATOR}
    assert {11, 12, 13, 14, 15, 16} <= administrators
    assert all(PRIVILEGES[kind].roles == ADMINISTRATOR for kind in administrators)
