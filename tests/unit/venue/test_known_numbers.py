"""Numbers that the engine assigns: a server that orders instructions another way makes none of them mean another thing.

The right values follow from the rule alone (docs/decisions/2026-11-30-numbers-that-signers-knew.md): an instruction
names what its signers knew, and what it makes itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tarazy.domain.records import (
    ASSIGNED_NUMBERS,
    COMMANDS,
    PRIVILEGES,
    AccountRole,
    AdmitAsset,
    AttributeReceipt,
    BustTrade,
    CommandRejected,
    CreditDeposit,
    InstructionAccepted,
    LimitKind,
    LimitPeriod,
    LimitScope,
    MarketState,
    NumberSpace,
    OpenAccount,
    OpenMarket,
    ParameterTable,
    RegisterAsset,
    RemoveLimit,
    RequestReturn,
    SetAccountTier,
    SetLimit,
    SetMarketState,
    SetOfficerState,
    SetParameter,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, APPROVER, BOB, BTC, MARKET, OFFICER, USD, Floor, Result
from .authority_refusals import FINANCE, HASH
from .desk import Desk

NOBODY_KNEW = RejectCode.number_not_known


def opened(owner: int, role: int = AccountRole.client) -> OpenAccount:
    """Return the opening of an owner's account."""
    return OpenAccount(1, role, owner_id=owner, approval_id=7 * (role == AccountRole.affiliate), leaf_salt=owner)


def asset(code: bytes) -> RegisterAsset:
    """Return the registration of an asset."""
    return RegisterAsset(2, 8, asset_code=code.ljust(16, b"\0"))


def ordered(floor: Floor, known: int, *commands: Any) -> list[Result]:
    """Present an instruction whose signers knew the record up to a command; return what each of its commands did."""
    floor.instruct(OFFICER, APPROVER, len(commands), known_seq=known)
    return [floor.send(command) for command in commands]


def known(floor: Floor) -> int:
    """Return the last command of the record."""
    return floor.venue.next_seq - 1


def why(result: Result) -> RejectCode | None:
    """Return why a command was refused, None where it was not."""
    found = result.of(CommandRejected)
    return RejectCode(found[0].reject_code) if found else None


def test_two_instructions_in_the_other_order_credit_nobody_whom_their_signers_did_not_mean(floor: Floor) -> None:
    """Both were signed when there were four accounts, and both call their new account the fifth."""
    before = known(floor)
    carol = (opened(77), CreditDeposit(1, 0, 5, BTC, 0, 70, b"\x01" * 32))
    david = (opened(88), CreditDeposit(1, 0, 5, BTC, 0, 80, b"\x02" * 32))
    assert [why(result) for result in ordered(floor, before, *david)] == [None, None]
    assert [why(result) for result in ordered(floor, before, *carol)] == [None, NOBODY_KNEW]
    assert [account.owner_id for account in floor.state.accounts[4:]] == [88, 77]
    assert floor.balance(5, BTC) == (80, 0)
    assert floor.balance(6, BTC) == (0, 0)


def test_signers_who_take_numbers_as_they_come_are_not_protected(floor: Floor) -> None:
    """What the rule is for: without known_seq the same order credits another client."""
    floor.account(owner=88)
    results = ordered(floor, 0, opened(77), CreditDeposit(1, 0, 5, BTC, 0, 70, b"\x01" * 32))
    assert [why(result) for result in results] == [None, None]
    assert floor.balance(5, BTC) == (70, 0)


def test_what_the_signers_knew_is_named_however_much_came_in_between(floor: Floor) -> None:
    before = known(floor)
    for owner in range(200, 210):
        floor.account(owner=owner)
    assert why(ordered(floor, before, SetAccountTier(3, account_id=BOB))[0]) is None


def test_last_known_command_is_known_and_the_next_is_not(floor: Floor) -> None:
    made = floor.account(owner=77)
    seq = known(floor)
    assert why(ordered(floor, seq, SetAccountTier(3, account_id=made))[0]) is None
    result = ordered(floor, seq - 1, SetAccountTier(4, account_id=made))[0]
    assert why(result) == NOBODY_KNEW
    assert (result[0].expected, result[0].found) == (seq - 1, seq)


def test_refused_command_takes_the_numbers_of_its_instruction_with_it(floor: Floor) -> None:
    """The first registration is refused for its code, so that the second asset gets the number meant for the first."""
    before, count = known(floor), len(floor.state.assets)
    admit = AdmitAsset(asset_id=count + 1, decision_hash=HASH)
    results = ordered(floor, before, asset(b"BTC"), asset(b"ETH"), admit)
    assert [why(result) for result in results] == [RejectCode.asset_code_taken, None, NOBODY_KNEW]


def test_whole_venue_is_set_up_by_one_instruction(floor: Floor) -> None:
    count = len(floor.state.assets)
    commands = (
        asset(b"ETH"),
        AdmitAsset(asset_id=count + 1, decision_hash=HASH),
        OpenMarket(0, count + 1, USD, 1, 1, HASH),
        SetMarketState(MarketState.pre_open, market_id=MARKET + 1),
    )
    reasons = [why(result) for result in ordered(floor, known(floor), *commands)]
    assert reasons == [None, None, None, RejectCode.market_rules_missing]


def receipt(floor: Floor) -> int:
    """Let assets of somebody unknown arrive, and return the receipt."""
    return Desk(floor).receive(50)


def limit(floor: Floor, record: Any, account: int) -> Any:
    """Return a limit of one account, set or removed."""
    terms = record(LimitKind.deposits, LimitScope.account, LimitPeriod.month, limit_asset_id=BTC)
    return terms._replace(limit_subject=account, rulebook_hash=HASH)


# What makes a thing of each space, and a command that names it.
NAMED: dict[str, Callable[[Floor], Any]] = {
    "account": lambda f: SetAccountTier(3, account_id=f.account(owner=77)),
    "limit of an account": lambda f: limit(f, SetLimit, f.account(owner=77)),
    "limit of an account, removed": lambda f: limit(f, RemoveLimit, f.account(owner=77)),
    "asset": lambda f: AdmitAsset(asset_id=f.asset("ETH", admitted=False), decision_hash=HASH),
    "asset of a market": lambda f: OpenMarket(0, f.asset("ETH"), USD, 1, 1, HASH),
    "asset of a parameter": lambda f: SetParameter(
        ParameterTable.withdrawal_max_minor, parameter_key=f.asset("ETH"), rulebook_hash=HASH
    ),
    "market": lambda f: SetMarketState(MarketState.halted, market_id=f.market(USD, BTC)),
    "officer": lambda f: SetOfficerState(2, 0, (f.officer(3, FINANCE), 3)[1], HASH),
    "receipt": lambda f: AttributeReceipt(0, ALICE, receipt(f), 50, HASH),
    "receipt to be returned": lambda f: RequestReturn(0, receipt(f), 50, HASH),
}


@pytest.mark.parametrize("case", NAMED)
def test_thing_that_came_after_what_the_signers_knew_is_not_named(floor: Floor, case: str) -> None:
    before = known(floor)
    command = NAMED[case](floor)
    assert why(ordered(floor, before, command)[0]) == NOBODY_KNEW
    assert why(ordered(floor, known(floor), command)[0]) != NOBODY_KNEW


def test_parameter_of_a_fee_tier_names_no_asset(floor: Floor) -> None:
    before = known(floor)
    assert floor.asset("ETH") == 3
    tier = SetParameter(ParameterTable.fee_discount_ppm, parameter_key=3, rulebook_hash=HASH)
    assert why(ordered(floor, before, tier)[0]) is None


def test_trade_of_the_commands_own_due_auction_is_not_named(floor: Floor) -> None:
    """The auction is due at the command's time: its trade gets the number of the command that would bust it."""
    floor.to(MarketState.auction, auction_end_ns=floor.now + 1_000)
    floor.buy(ALICE, 5, 100)
    floor.sell(BOB, 5, 100)
    floor.instruct(OFFICER, APPROVER)
    floor.now += 1_000
    assert floor.send(BustTrade(0, 0, floor.venue.next_seq, HASH)).reject_code == NOBODY_KNEW


def test_every_number_that_the_engine_assigns_is_in_the_table() -> None:
    """By the names of fields, read off the list of records: a new command that names one is in it at once."""
    of_space = {
        NumberSpace.command: {"receipt_id", "withdrawal_id", "mandate_id", "trade_seq", "replaces_seq"},
        NumberSpace.asset: {"asset_id", "base_asset_id", "quote_asset_id", "to_asset_id", "limit_asset_id"},
        NumberSpace.market: {"market_id"},
        NumberSpace.account: {"account_id", "from_account_id"},
        NumberSpace.officer: {"officer_id"},
    }
    assert set(ASSIGNED_NUMBERS) == set(PRIVILEGES)
    for kind, numbers in ASSIGNED_NUMBERS.items():
        named = {name for names in of_space.values() for name in names} & set(COMMANDS[kind]._fields)
        assert len(numbers) == len(named), COMMANDS[kind].__name__
        for space, names in of_space.items():
            assert sum(found == space for _, found in numbers) == len(names & named)


def test_what_signers_knew_survives_a_snapshot_and_is_told_by_the_event(floor: Floor) -> None:
    before = known(floor)
    floor.account(owner=77)
    accepted = floor.instruct(OFFICER, APPROVER, 2, known_seq=before).one(InstructionAccepted)
    assert accepted.known_seq == before
    floor.venue = floor.engine.restore(floor.venue.snapshot())
    assert why(floor.send(SetAccountTier(3, account_id=5))) == NOBODY_KNEW
    floor.venue = floor.engine.restore(floor.venue.snapshot())
    assert why(floor.send(SetAccountTier(3, account_id=BOB))) is None
