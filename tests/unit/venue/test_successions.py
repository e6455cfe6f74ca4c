"""Stories of receipts that wait, withdrawals that a chain undoes, and assets that pass by law or change their token."""

from __future__ import annotations

import pytest

from tarazy.domain.records import (
    AccountRole,
    AccountState,
    AssetMigrated,
    BustTrade,
    CreditAirdrop,
    CreditInterest,
    CreditReason,
    DeclareUnclaimed,
    DepositCredited,
    LimitKind,
    LimitPeriod,
    LimitScope,
    MigrateAsset,
    ReceiptHeld,
    ReceiptReason,
    RefundFee,
    RemoveLimit,
    SeizeAssets,
    SetAccountState,
    SetLimit,
    TradeBusted,
    TradeExecuted,
    TransferOwnership,
    WithdrawalKind,
    WithdrawalSettled,
    WithdrawalUndone,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, CAROL, MARKET, MILLION, USD, Floor, Result
from .desk import HOT, Desk

EVIDENCE = b"\xcc" * 32
ALL = 4 * MILLION


@pytest.fixture
def desk(floor: Floor) -> Desk:
    """Return the desk of a floor whose four clients have a million of both assets."""
    return Desk(floor)


def set_state(desk: Desk, account: int, state: int) -> Result:
    """Change an account's state."""
    return desk.floor.act(SetAccountState(state, account_id=account, decision_hash=desk.floor.new_hash()))


# ---------------------------------------------------------------- receipts
def test_receipt_that_nobody_claims_is_sent_back_the_way_of_withdrawals(desk: Desk) -> None:
    receipt = desk.receive(100)
    assert desk.books == {"CC": ALL + 100, "AV": ALL, "UN": 100}
    number = desk.ask_return(receipt, 60)
    assert desk.attribute(receipt, ALICE, 41).reject_code == RejectCode.insufficient_receipt
    desk.send(number)
    settled = desk.settle(number, EVIDENCE).one(WithdrawalSettled)
    assert (settled.withdrawal_kind, settled.account_id, settled.amount_minor) == (WithdrawalKind.receipt_return, 0, 60)
    assert desk.books == {"CC": ALL + 40, "AV": ALL, "UN": 40}
    assert desk.undo_settlement(EVIDENCE).one(WithdrawalUndone).receipt_id == receipt
    assert desk.books == {"CC": ALL + 100, "AV": ALL, "UN": 100}
    assert desk.settle(number).kinds == ["WithdrawalSettled"]


def test_receipt_is_attributed_in_parts_and_then_gone(desk: Desk) -> None:
    receipt = desk.receive(100)
    assert desk.attribute(receipt, ALICE, 70).kinds == ["ReceiptAttributed"]
    assert desk.attribute(receipt, BOB, 30).kinds == ["ReceiptAttributed"]
    assert desk.attribute(receipt, BOB, 1).reject_code == RejectCode.receipt_unknown
    assert desk.books == {"CC": ALL + 100, "AV": ALL + 100}
    assert not desk.floor.state.receipts


def test_rejected_return_is_open_again(desk: Desk) -> None:
    receipt = desk.receive(100)
    desk.reject(desk.ask_return(receipt, 100))
    assert desk.attribute(receipt, ALICE, 100).kinds == ["ReceiptAttributed"]


def test_airdrop_and_interest_are_credited_share_by_share(desk: Desk) -> None:
    for record, reason in ((CreditAirdrop, CreditReason.airdrop), (CreditInterest, CreditReason.interest)):
        credited = desk.fact(record, 5, account_id=BOB).one(DepositCredited)
        assert (credited.account_id, credited.credit_reason, credited.amount_minor) == (BOB, reason, 5)
    assert desk.floor.balance(BOB, BTC) == (MILLION + 10, 0)


# ---------------------------------------------------------------- undone withdrawals
def test_withdrawal_undone_by_the_chain_is_held_and_dispatched_again(desk: Desk) -> None:
    number = desk.request(ALICE, 300)
    desk.send(number)
    desk.settle(number, EVIDENCE)
    assert desk.undo_settlement(EVIDENCE).one(WithdrawalUndone).receipt_id == 0
    assert desk.floor.balance(ALICE, BTC) == (MILLION - 300, 300)
    assert desk.reject(number).reject_code == RejectCode.withdrawal_state_not_reachable
    assert desk.dispatch(number).kinds == ["WithdrawalDispatched"]
    assert desk.settle(number, EVIDENCE).kinds == ["WithdrawalSettled"]
    assert desk.books == {"CC": ALL - 300, "AV": ALL - 300}


def test_withdrawal_of_a_closed_account_undone_waits_unattributed(desk: Desk) -> None:
    account = desk.floor.account(btc=300)
    number = desk.request(account, 300)
    desk.send(number)
    desk.settle(number, EVIDENCE)
    set_state(desk, account, AccountState.closed)
    receipt = desk.undo_settlement(EVIDENCE).one(WithdrawalUndone).receipt_id
    assert desk.floor.state.receipts[receipt].reason == ReceiptReason.withdrawal_undone
    assert desk.books == {"CC": ALL + 300, "AV": ALL, "UN": 300}
    back = desk.ask_return(receipt, 300)
    desk.send(back)
    assert desk.settle(back).kinds == ["WithdrawalSettled"]
    assert desk.books == {"CC": ALL, "AV": ALL}


# ---------------------------------------------------------------- law and tokens
def test_seized_assets_leave_only_as_a_seizure(desk: Desk) -> None:
    set_state(desk, ALICE, AccountState.frozen)
    seized = desk.floor.attempt(SeizeAssets(0, ALICE, BTC, 400, EVIDENCE)).one(ReceiptHeld)
    assert (seized.receipt_reason, seized.account_id, seized.location) == (ReceiptReason.seized, ALICE, 0)
    assert desk.books == {"CC": ALL, "AV": ALL - 400, "UN": 400}
    number = desk.ask_return(seized.receipt_id, 400)
    desk.send(number)
    assert desk.settle(number).one(WithdrawalSettled).withdrawal_kind == WithdrawalKind.seizure
    assert desk.books == {"CC": ALL - 400, "AV": ALL - 400}


def waiting(desk: Desk, reason: ReceiptReason) -> int:
    """Let 400 of an owner's wait for a reason, and return the receipt's number; its account is the last one."""
    floor, account = desk.floor, desk.floor.account(btc=400)
    if reason in (ReceiptReason.seized, ReceiptReason.unclaimed):
        take = SeizeAssets if reason == ReceiptReason.seized else DeclareUnclaimed
        return floor.act(take(0, account, BTC, 400, EVIDENCE)).one(ReceiptHeld).receipt_id
    if reason == ReceiptReason.above_limit:
        everybody = SetLimit(LimitKind.deposits, LimitScope.account, LimitPeriod.month, limit_asset_id=BTC)
        floor.act(everybody._replace(limit_subject=account, rulebook_hash=EVIDENCE, amount_max_minor=1))
        held = desk.deposit(account, 401).one(ReceiptHeld).receipt_id
        floor.act(RemoveLimit(*everybody[:3], limit_asset_id=BTC, limit_subject=account, rulebook_hash=EVIDENCE))
        return held
    number = desk.request(account, 400)
    desk.send(number)
    desk.settle(number, EVIDENCE)
    set_state(desk, account, AccountState.closed)
    if reason == ReceiptReason.withdrawal_undone:
        return desk.undo_settlement(EVIDENCE).one(WithdrawalUndone).receipt_id
    return desk.deposit(account, 400).one(ReceiptHeld).receipt_id


KNOWN_OWNER = (
    ReceiptReason.seized,
    ReceiptReason.unclaimed,
    ReceiptReason.above_limit,
    ReceiptReason.account_closed,
    ReceiptReason.withdrawal_undone,
)


@pytest.mark.parametrize("reason", KNOWN_OWNER, ids=lambda reason: reason.name)
def test_what_waits_of_a_known_owner_is_attributed_to_nobody_else(desk: Desk, reason: ReceiptReason) -> None:
    """Another client gets it by TransferOwnership alone, whose document names both (record_and_ledger, the table)."""
    receipt = waiting(desk, reason)
    account = desk.floor.state.accounts[-1]
    refused = desk.attribute(receipt, BOB, 400)
    assert refused.reject_code == RejectCode.receipt_owner_mismatch
    assert (refused[0].expected, refused[0].found) == (account.owner_id, desk.floor.state.accounts[BOB - 1].owner_id)
    heir = desk.floor.account(owner=account.owner_id)
    assert desk.attribute(receipt, heir, 400).kinds == ["ReceiptAttributed"]
    passed = desk.floor.attempt(TransferOwnership(0, heir, BOB, BTC, 400, EVIDENCE))
    assert passed.kinds == ["OwnershipTransferred"]
    assert desk.floor.balance(BOB, BTC)[0] == MILLION + 400


def test_what_waits_of_the_houses_account_is_returned_and_given_to_no_client(desk: Desk) -> None:
    house = desk.floor.account(role=AccountRole.house)
    receipt = desk.deposit(house, 100).one(ReceiptHeld).receipt_id
    assert desk.attribute(receipt, ALICE, 100).reject_code == RejectCode.receipt_owner_mismatch
    number = desk.ask_return(receipt, 100)
    desk.send(number)
    assert desk.settle(number).kinds == ["WithdrawalSettled"]


def test_seizure_that_was_lifted_goes_back_to_the_client(desk: Desk) -> None:
    receipt = desk.floor.attempt(SeizeAssets(0, ALICE, BTC, 400, EVIDENCE)).one(ReceiptHeld).receipt_id
    assert desk.attribute(receipt, ALICE, 400).kinds == ["ReceiptAttributed"]
    assert desk.floor.balance(ALICE, BTC) == (MILLION, 0)


def test_inheritance_moves_all_assets_to_the_heir_of_a_frozen_account(desk: Desk) -> None:
    set_state(desk, ALICE, AccountState.frozen)
    for asset in (BTC, USD):
        command = TransferOwnership(0, ALICE, BOB, asset, MILLION, EVIDENCE)
        assert desk.floor.attempt(command).kinds == ["OwnershipTransferred"]
        assert desk.floor.balance(BOB, asset) == (2 * MILLION, 0)
    set_state(desk, ALICE, AccountState.closed)
    refused = desk.floor.attempt(TransferOwnership(0, BOB, ALICE, BTC, 1, EVIDENCE))
    assert refused.reject_code == RejectCode.account_not_active


def test_token_migration_exchanges_assets_one_to_one(desk: Desk) -> None:
    new = desk.floor.asset("BTC2", 8)
    migrated = desk.fact(MigrateAsset, 700, account_id=ALICE, to_asset_id=new).one(AssetMigrated)
    assert (migrated.asset_id, migrated.to_asset_id, migrated.amount_minor) == (BTC, new, 700)
    assert desk.floor.balance(ALICE, BTC) == (MILLION - 700, 0)
    assert desk.floor.balance(ALICE, new) == (700, 0)
    assert desk.books == {"CC": ALL - 700, "AV": ALL - 700}
    assert Desk(desk.floor, new).books == {"CC": 700, "AV": 700}


def test_unclaimed_assets_wait_and_are_given_back_when_the_client_comes(desk: Desk) -> None:
    receipt = desk.floor.attempt(DeclareUnclaimed(0, ALICE, BTC, MILLION, EVIDENCE)).one(ReceiptHeld)
    assert receipt.receipt_reason == ReceiptReason.unclaimed
    assert desk.books == {"CC": ALL, "AV": ALL - MILLION, "UN": MILLION}
    assert desk.attribute(receipt.receipt_id, ALICE, MILLION).kinds == ["ReceiptAttributed"]


# ---------------------------------------------------------------- busts
def trade(desk: Desk) -> TradeExecuted:
    """Let Bob buy 100 bitcoin of Alice at 7 dollars; both pay 10 % of what they receive."""
    desk.floor.rules(MARKET, maker_fee_ppm=100_000, taker_fee_ppm=100_000)
    desk.floor.buy(BOB, 100, 7)
    return desk.floor.sell(ALICE, 100, 7).one(TradeExecuted)


def bust(desk: Desk, traded: TradeExecuted) -> Result:
    """Bust a trade."""
    return desk.floor.attempt(BustTrade(0, traded.trade_index, traded.seq, EVIDENCE))


def test_busted_trade_leaves_both_sides_as_before_it(desk: Desk) -> None:
    traded = trade(desk)
    assert desk.floor.balance(BOB, BTC) == (MILLION + 90, 0)
    legs = bust(desk, traded).of(TradeBusted)
    assert [(leg.from_account_id, leg.account_id, leg.asset_id, leg.amount_minor, leg.fee_minor) for leg in legs] == [
        (BOB, ALICE, BTC, 100, 10),
        (ALICE, BOB, USD, 700, 70),
    ]
    for account in (ALICE, BOB):
        assert desk.floor.balance(account, BTC) == desk.floor.balance(account, USD) == (MILLION, 0)
    assert desk.books == {"CC": ALL, "AV": ALL}
    assert bust(desk, traded).reject_code == RejectCode.trade_unknown


def test_bust_needs_what_was_received_or_a_compensation_by_the_house(desk: Desk) -> None:
    traded = trade(desk)
    desk.fund(50)
    desk.request(BOB, MILLION + 60)
    refused = bust(desk, traded)
    assert refused.reject_code == RejectCode.insufficient_balance
    assert (refused[0].expected, refused[0].found) == (90, 30)
    assert desk.compensate(BOB, 60).reject_code == RejectCode.insufficient_custody
    desk.fund(10)
    assert desk.compensate(BOB, 60).kinds == ["ClientCompensated"]
    assert bust(desk, traded).kinds == ["TradeBusted", "TradeBusted"]
    assert desk.floor.balance(BOB, BTC) == (0, MILLION + 60)


def test_bust_gives_back_the_fees_that_are_still_there(desk: Desk) -> None:
    traded = trade(desk)
    desk.floor.attempt(RefundFee(0, CAROL, BTC, 8, EVIDENCE))
    base, quote = bust(desk, traded).of(TradeBusted)
    assert (base.fee_minor, quote.fee_minor) == (2, 70)
    assert desk.floor.balance(BOB, BTC) == (MILLION - 8, 0)
    assert desk.books == {"CC": ALL, "AV": ALL}


def test_any_of_several_trades_of_one_command_is_busted(desk: Desk) -> None:
    desk.floor.sell(ALICE, 5, 7)
    desk.floor.sell(CAROL, 5, 7)
    first, second = desk.floor.buy(BOB, 10, 7).of(TradeExecuted)
    assert bust(desk, second).kinds == ["TradeBusted", "TradeBusted"]
    assert desk.floor.balance(CAROL, BTC) == (MILLION, 0)
    assert desk.floor.balance(ALICE, BTC) == (MILLION - 5, 0)
    assert bust(desk, first).kinds == ["TradeBusted", "TradeBusted"]


# ---------------------------------------------------------------- observed balances
def test_break_stops_what_leaves_until_a_report_matches(desk: Desk) -> None:
    approved, asked = desk.request(ALICE, 5), desk.request(ALICE, 6)
    desk.approve(approved)
    (found,) = desk.report(ALL - 1, evidence_ns=desk.floor.now)
    assert (found.balance_matches, found.amount_minor, found.ledger_minor) == (0, ALL - 1, ALL)
    assert desk.dispatch(approved).reject_code == RejectCode.balance_break
    assert desk.approve(asked).reject_code == RejectCode.balance_break
    assert desk.report(ALL, evidence_ns=desk.floor.now)[0].balance_matches == 1
    assert desk.dispatch(approved).kinds == ["WithdrawalDispatched"]
    assert desk.at(HOT) == ALL
