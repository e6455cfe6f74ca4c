"""Mandates: what a machine officer may do, to the last unit and the last moment; two watchers for credits."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.domain.records import (
    PRIVILEGES,
    ROLE_ADMINISTRATOR,
    AccountRole,
    AccountState,
    BustTrade,
    CommandKind,
    CommandRejected,
    DepositCredited,
    Estate,
    GrantMandate,
    MandateGranted,
    MarketState,
    MoveCustody,
    OfficerState,
    OpenAccount,
    RevokeMandate,
    SetAccountState,
    SetMarketState,
    SetOfficerState,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, APPROVER, BTC, MARKET, OFFICER, USD, Floor, Result
from .authority_refusals import CUSTODY, HASH, SECOND_WATCHER, WATCHER, WEEK_NS, empty_terms, mandate, watchers
from .refusals import AMOUNT_MAX, deposit

MOVE = int(CommandKind.move_custody)
UNDO = int(CommandKind.undo_withdrawal)  # WITHDRAW_UNDONE credits what is held, or a receipt
HALT = int(CommandKind.set_market_state)
# 2023-11-14 00:00 UTC, in nanoseconds: days of mandates begin there.
MIDNIGHT_NS, DAY_NS = 1_699_920_000_000_000_000, 86_400_000_000_000


@pytest.fixture
def watched(floor: Floor) -> Floor:
    """Return a floor on which two machines may credit BTC: 10 at a time, 25 a day."""
    floor.wait(MIDNIGHT_NS - floor.now)
    watchers(floor)
    for officer in (WATCHER, SECOND_WATCHER):
        floor.act(mandate(floor, officer_id=officer))
    return floor


def credit(floor: Floor, amount: int, *signers: int, **fields: Any) -> Result:
    """Credit a deposit of BTC as the act of these officers, of the two watchers where none are named."""
    command = deposit(**{"amount_minor": amount, "evidence_hash": floor.new_hash(), "evidence_ns": floor.now, **fields})
    return floor.signed(command, *(signers or (WATCHER, SECOND_WATCHER)))


def test_two_watchers_credit_up_to_the_amount(watched: Floor) -> None:
    assert credit(watched, 10).of(DepositCredited)
    refusal = credit(watched, 11)
    assert refusal.reject_code == RejectCode.mandate_amount_exceeded
    assert (refusal[0].expected, refusal[0].found) == (10, 11)


@pytest.mark.parametrize("signer", [WATCHER, SECOND_WATCHER])
def test_one_watcher_credits_nothing(watched: Floor, signer: int) -> None:
    refused = credit(watched, 1, signer)
    assert (refused.reject_code, refused[0].expected, refused[0].found) == (RejectCode.four_eyes_required, 2, 1)


def test_watcher_and_person_of_custody_credit_together(watched: Floor) -> None:
    watched.officer(5, CUSTODY)
    assert credit(watched, 10, WATCHER, 5).of(DepositCredited)
    assert credit(watched, 11, WATCHER, 5).reject_code == RejectCode.mandate_amount_exceeded


def test_day_is_full_and_the_next_one_is_empty_again(watched: Floor) -> None:
    assert [bool(credit(watched, 10).of(DepositCredited)) for _ in range(2)] == [True, True]
    refusal = credit(watched, 6)
    assert refusal.reject_code == RejectCode.mandate_day_exceeded
    assert (refusal[0].expected, refusal[0].found) == (25, 26)
    assert credit(watched, 5).of(DepositCredited)
    watched.wait(DAY_NS - 1)
    assert credit(watched, 1).reject_code == RejectCode.mandate_day_exceeded
    watched.wait(1)
    assert credit(watched, 10).of(DepositCredited)


def test_refused_command_uses_nothing_of_the_day(watched: Floor) -> None:
    for _ in range(5):
        assert credit(watched, 10, account_id=99).reject_code == RejectCode.account_unknown
    assert credit(watched, 10).of(DepositCredited)
    assert [m.used_minor for m in watched.state.authority.mandates.values()] == [10, 10]


def test_persons_use_nothing_of_a_mandate(watched: Floor) -> None:
    assert credit(watched, 1_000, OFFICER, APPROVER).of(DepositCredited)
    assert [m.used_minor for m in watched.state.authority.mandates.values()] == [0, 0]


def test_mandate_is_for_its_kind_and_its_asset_only(watched: Floor) -> None:
    assert credit(watched, 1, asset_id=USD).reject_code == RejectCode.mandate_missing
    move = MoveCustody(Estate.client, 1, 2, 0, BTC, watched.now, 1, HASH)
    assert watched.signed(move, WATCHER, SECOND_WATCHER).reject_code == RejectCode.mandate_missing


def test_mandate_ends_with_its_validity(watched: Floor) -> None:
    watched.wait(WEEK_NS - 1)
    assert credit(watched, 1).of(DepositCredited)
    watched.wait(1)
    assert credit(watched, 1).reject_code == RejectCode.mandate_missing


def test_mandate_ends_when_it_is_revoked_by_one_officer(watched: Floor) -> None:
    number = next(iter(watched.state.authority.mandates))
    assert watched.signed(RevokeMandate(0, number), OFFICER).kinds == ["MandateRevoked"]
    assert credit(watched, 1).reject_code == RejectCode.mandate_missing


def test_suspended_machine_does_nothing(watched: Floor) -> None:
    watched.signed(SetOfficerState(OfficerState.suspended, 0, WATCHER, HASH), OFFICER)
    assert watched.instruct(WATCHER, SECOND_WATCHER).reject_code == RejectCode.officer_not_active


@pytest.mark.parametrize(("signers_needed", "alone"), [(1, True), (2, False)])
def test_mandate_says_how_many_sign_where_nothing_is_credited(floor: Floor, signers_needed: int, alone: bool) -> None:
    watchers(floor)
    terms = mandate(floor, signers_needed=signers_needed, mandated_kind=MOVE)
    floor.act(terms)
    floor.act(terms._replace(officer_id=SECOND_WATCHER))
    move = MoveCustody(Estate.client, 1, 2, 0, BTC, floor.now, 10, HASH)
    assert (floor.signed(move, WATCHER).kinds == ["CustodyMoved"]) == alone
    move = move._replace(evidence_hash=floor.new_hash())
    assert floor.signed(move, WATCHER, SECOND_WATCHER).kinds == ["CustodyMoved"]


def test_kind_without_an_asset_is_mandated_without_one(floor: Floor) -> None:
    watchers(floor)
    floor.act(mandate(floor, signers_needed=1, mandated_kind=HALT, asset_id=0, amount_max_minor=0, day_max_minor=0))
    close = SetMarketState(1, market_id=MARKET)
    assert floor.signed(close, WATCHER).kinds == ["MarketStateChanged"]


def test_second_mandate_serves_where_the_first_is_used_up(watched: Floor) -> None:
    for officer in (WATCHER, SECOND_WATCHER):
        watched.act(mandate(watched, officer_id=officer, amount_max_minor=100, day_max_minor=100))
    assert credit(watched, 100).of(DepositCredited)
    assert [m.used_minor for m in watched.state.authority.mandates.values()] == [0, 0, 100, 100]


def test_use_of_the_day_survives_a_snapshot(watched: Floor) -> None:
    credit(watched, 10)
    credit(watched, 10)
    watched.venue = watched.engine.restore(watched.venue.snapshot())
    assert credit(watched, 6).reject_code == RejectCode.mandate_day_exceeded


def test_mandate_is_numbered_by_its_grant_and_an_old_one_is_forgotten(watched: Floor) -> None:
    granted = watched.act(mandate(watched)).one(MandateGranted)
    assert granted.mandate_id == granted.seq
    watched.wait(WEEK_NS)
    fresh = watched.act(mandate(watched)).one(MandateGranted)
    assert list(watched.state.authority.mandates) == [fresh.mandate_id]


@pytest.mark.parametrize(
    ("fields", "expected", "found"),
    [
        ({"signers_needed": 0}, 2, 0),
        ({"signers_needed": 1}, 2, 1),
        ({"signers_needed": 3}, 2, 3),
        ({"signers_needed": 1, "mandated_kind": UNDO}, 2, 1),
        ({"signers_needed": 0, "mandated_kind": MOVE}, 1, 0),
        ({"signers_needed": 1, "mandated_kind": int(CommandKind.seize_assets)}, 2, 1),
        ({"signers_needed": 1, "mandated_kind": int(CommandKind.admit_asset)}, 2, 1),
        ({"signers_needed": 1, "mandated_kind": int(CommandKind.set_parameter), "asset_id": 0}, 2, 1),
        ({"amount_max_minor": AMOUNT_MAX + 1}, AMOUNT_MAX, AMOUNT_MAX + 1),
        ({"day_max_minor": AMOUNT_MAX + 1}, AMOUNT_MAX, AMOUNT_MAX + 1),
    ],
)
def test_terms_out_of_range_are_refused(floor: Floor, fields: dict[str, int], expected: int, found: int) -> None:
    watchers(floor)
    refused = floor.do(mandate(floor, **fields))
    assert refused.reject_code == RejectCode.mandate_terms_invalid
    assert (refused[0].expected, refused[0].found) == (expected, found)


def test_mandate_that_is_over_before_it_begins_is_refused(floor: Floor) -> None:
    watchers(floor)
    assert floor.do(mandate(floor, valid_until_ns=floor.now)).reject_code == RejectCode.mandate_terms_invalid


@pytest.mark.parametrize("kind", [0, 9, 10, 14, 17, 50, 999])
def test_what_needs_no_officer_or_an_administrator_is_not_mandated(floor: Floor, kind: int) -> None:
    watchers(floor)
    assert floor.do(mandate(floor, mandated_kind=kind)).reject_code == RejectCode.mandated_kind_not_allowed


def test_mandate_of_an_unknown_asset_is_refused(floor: Floor) -> None:
    watchers(floor)
    granted: GrantMandate = mandate(floor, asset_id=42)
    assert floor.do(granted).reject_code == RejectCode.asset_unknown


# ---------------------------------------------------------------- never weaker than two people
# What two officers are needed for stays so under any mandate (record_and_ledger, "Instructions and mandates"), unless
# the mandate itself, which two administrators signed, bounds the amount: these kinds, read off the list of records.
ALONE_BY_AMOUNT = {
    "settle_withdrawal",
    "move_custody",
    "sweep_fees",
    "fund_house",
    "draw_house",
    "approve_withdrawal",
    "dispatch_withdrawal",
    "request_return",
    "undo_deposit",
    "record_loss",
    "record_network_fee",
    "lend_float",
    "top_up_shortfall",
    "top_up_from_fees",
}
# One person may do these, always or with some content.
ALONE_AS_PERSONS = {"suspend_asset", "reject_withdrawal", "report_balance"}
ALONE_BY_CONTENT = {"set_market_state", "open_account", "set_account_state"}
MANDATED = [kind for kind, privilege in PRIVILEGES.items() if privilege.roles != ROLE_ADMINISTRATOR]


@pytest.mark.parametrize("kind", MANDATED, ids=lambda kind: CommandKind(kind).name)
def test_one_machine_may_be_mandated_only_where_the_table_says_so(floor: Floor, kind: int) -> None:
    watchers(floor)
    alone = floor.do(empty_terms(floor, kind, signers_needed=1))
    if CommandKind(kind).name in ALONE_BY_AMOUNT | ALONE_AS_PERSONS | ALONE_BY_CONTENT:
        assert alone.kinds == ["MandateGranted"]
    else:
        assert alone.reject_code == RejectCode.mandate_terms_invalid
    assert floor.do(empty_terms(floor, kind, signers_needed=2)).kinds == ["MandateGranted"]


# Content that one person may sign, and content of the same kind that needs two.
CONTENTS = [
    (OpenAccount(1, AccountRole.client, owner_id=77), OpenAccount(1, AccountRole.house, owner_id=78)),
    (OpenAccount(1, AccountRole.client, owner_id=77), OpenAccount(1, AccountRole.client, 3, owner_id=78)),
    (SetMarketState(MarketState.halted, market_id=MARKET), SetMarketState(MarketState.auction, 4, market_id=MARKET)),
    (
        SetAccountState(AccountState.restricted, 0, ALICE, HASH),
        SetAccountState(AccountState.active, 0, ALICE, HASH),
    ),
]


@pytest.mark.parametrize(("protects", "needs_two"), CONTENTS, ids=lambda command: type(command).__name__)
def test_one_signer_mandate_leaves_two_person_content_to_two(floor: Floor, protects: Any, needs_two: Any) -> None:
    watchers(floor)
    kind = int.from_bytes(protects.pack()[:2], "little")
    for officer in (WATCHER, SECOND_WATCHER):
        floor.act(empty_terms(floor, kind, signers_needed=1, officer_id=officer))
    assert not floor.signed(protects, WATCHER).of(CommandRejected)
    refused = floor.signed(needs_two, WATCHER)
    assert (refused.reject_code, refused[0].expected, refused[0].found) == (RejectCode.four_eyes_required, 2, 1)
    assert not floor.signed(needs_two, WATCHER, SECOND_WATCHER).of(CommandRejected)


@pytest.mark.parametrize("kind", MANDATED, ids=lambda kind: CommandKind(kind).name)
def test_mandate_names_an_asset_exactly_where_its_kind_is_about_one(floor: Floor, kind: int) -> None:
    watchers(floor)
    terms = empty_terms(floor, kind)
    wrong = terms._replace(asset_id=0 if terms.asset_id else BTC)
    refused = floor.do(wrong)
    assert refused.reject_code == RejectCode.mandate_asset_mismatch
    assert (refused[0].expected, refused[0].found) == (int(terms.asset_id != 0), wrong.asset_id)


def test_bust_of_a_trade_that_its_own_command_brings_about_is_under_no_mandate(floor: Floor) -> None:
    """A due auction trades before the handler runs: at the gate the trade is not there, and so has no asset."""
    watchers(floor)
    for officer in (WATCHER, SECOND_WATCHER):
        floor.act(empty_terms(floor, int(CommandKind.bust_trade), officer_id=officer))
    floor.to(MarketState.auction, auction_end_ns=floor.now + 1_000)
    floor.buy(ALICE, 5, 100)
    floor.sell(2, 5, 100)
    floor.instruct(WATCHER, SECOND_WATCHER)
    floor.now += 1_000
    result = floor.send(BustTrade(0, 0, floor.venue.next_seq, HASH))
    assert result.reject_code == RejectCode.mandate_missing
