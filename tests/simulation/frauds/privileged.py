"""A day after which every privileged command that exists could be done, and one example of each."""

from __future__ import annotations

from typing import Any

from tarazy.domain import records as r
from tarazy.domain.records import COMMANDS, PRIVILEGES
from tarazy.domain.signer import KeySigner

from ...floor import ALICE, APPROVER, BOB, BTC, CAROL, END_OF_TIME, MARKET, MILLION, OFFICER, USD, Floor, open_floor
from .history import Recorder, SigningFloor, digest, order

ETH, NEW, OLD = 3, 4, 5
CLOSED = MARKET + 1
DAY_NS = 86_400 * 10**9
WATCHERS = {number: KeySigner.from_seed(bytes([number]) * 32) for number in (3, 4)}
HOT, COLD = r.CustodyLocation.hot, r.CustodyLocation.cold
MANDATE_MAX = 1_000
# What a limit counts, whom it binds, over which period, of which class and residency.
BOBS_DAY = (r.LimitKind.withdrawals, r.LimitScope.account, r.LimitPeriod.day, 0, 0)
ALL_DAY = (r.LimitKind.withdrawals, r.LimitScope.everybody, r.LimitPeriod.day, 0, 0)


class Numbers:
    """What the day's commands were numbered, for those who name them later."""

    def __init__(self) -> None:
        self.receipt = self.requested = self.approved = self.dispatched = self.trade = self.mandate = 0
        self.approval = r.ApproveWithdrawal()
        self.now_ns = 0


def busy_day() -> tuple[Recorder, Numbers]:
    """Return the venue at the end of the day, which kept its commands, and the numbers."""
    floor, numbers = open_floor(Recorder, SigningFloor, maker_fee_ppm=10_000, taker_fee_ppm=20_000), Numbers()
    for number, key in WATCHERS.items():
        floor.keys[number] = key.public_key
        floor.act(r.RegisterOfficer(r.ROLE_MACHINE, 0, 0, END_OF_TIME, floor.keys[number]))
    for number in WATCHERS:
        kind = r.CommandKind.credit_deposit
        floor.act(r.GrantMandate(2, kind, 0, number, BTC, END_OF_TIME, MANDATE_MAX, 2 * MANDATE_MAX))
        numbers.mandate = floor.venue.next_seq - 1
    floor.asset("ETH")
    floor.asset("NEW", admitted=False)
    floor.asset("OLD")
    floor.act(r.ScheduleDelisting(0, OLD, *leaving(floor.now), floor.new_hash()))
    floor.act(r.OpenMarket(0, ETH, BTC, 10, 10, floor.new_hash()))
    floor.deposit(ALICE, ETH, 500)
    for asset_id in (BTC, USD, ETH):
        floor.act(r.FundHouse(HOT, 0, asset_id, 0, MILLION, floor.new_hash()))
    floor.act(r.LendFloat(HOT, HOT, 0, ETH, 0, 100, floor.new_hash()))
    floor.act(r.RecordLoss(r.LossReason.theft, HOT, 0, ETH, 0, 50, floor.new_hash()))
    floor.do(order(2, ALICE, 1_000, 100))
    floor.do(order(1, BOB, 1_000, 100))
    numbers.trade = floor.venue.next_seq - 1
    floor.act(r.CreditDeposit(HOT, 0, CAROL, BTC, 0, 700, digest(701)))
    floor.act(r.ReceiveUnattributed(HOT, 0, BTC, 0, 900, digest(702)))
    numbers.receipt = floor.venue.next_seq - 1
    numbers.requested, numbers.approved, numbers.dispatched, _ = withdrawals(floor)
    numbers.approval = floor.approval(numbers.requested)
    floor.act(r.SetLimit(*BOBS_DAY, 0, 0, USD, BOB, 0, 0, MILLION, floor.new_hash()))
    numbers.now_ns = floor.now
    return venue_of(floor), numbers


def leaving(now_ns: int) -> tuple[int, int, int]:
    """Return dates of a delisting: cancel only, closed, end of withdrawals."""
    return now_ns + DAY_NS, now_ns + 2 * DAY_NS, now_ns + 60 * DAY_NS


def withdrawals(floor: Floor) -> list[int]:
    """Return the numbers of four withdrawals: requested, approved, dispatched and settled."""
    found = []
    for steps in range(4):
        floor.act(r.RequestWithdrawal(0, CAROL, USD, 100, floor.new_hash()))
        number = floor.venue.next_seq - 1
        path = (
            floor.approval(number),
            r.DispatchWithdrawal(HOT, 0, number, floor.new_hash()),
            r.SettleWithdrawal(0, number, 0, digest(703)),
        )
        for command in path[:steps]:
            floor.act(command)
        found.append(number)
    return found


def venue_of(floor: Floor) -> Recorder:
    """Return the floor's venue."""
    assert isinstance(floor.venue, Recorder)
    return floor.venue


def examples(n: Numbers) -> dict[str, Any]:
    """Return a command of every kind that would be done if two officers signed it, by its name."""
    proof, paper, moved = digest(801), digest(802), (HOT, COLD, 0, BTC, 0, 10, digest(801))
    commands = [
        r.RegisterAsset(2, 8, 0, b"XYZ" + bytes(13)),
        r.AdmitAsset(0, NEW, paper),
        r.SuspendAsset(0, BTC, paper),
        r.RemoveAsset(0, ETH, paper),
        r.OpenMarket(0, ETH, USD, 1, 1, paper),
        r.SetMarketRules(0, MARKET, 0, 500_000, 10, 10, 1_000, 1 << 40, 0, 1 << 120),
        r.SetMarketState(r.MarketState.halted, 0, 0, MARKET),
        r.SetParameter(r.ParameterTable.withdrawal_max_minor, 0, BTC, 0, 0, 1, paper),
        r.SetTradingRules(0, 0, MARKET, 10),
        r.SetFees(1, 0, BOB, MARKET, rulebook_hash=paper),
        r.SetTickBand(0, MARKET, 10, 5, rulebook_hash=paper),
        r.ChangeIncrements(0, CLOSED, 5, 10, paper),
        r.ScheduleDelisting(0, BTC, *leaving(n.now_ns), paper),
        r.CancelDelisting(0, OLD, paper),
        r.SetLimit(*ALL_DAY, 0, 0, USD, 0, 0, 0, 1, paper),
        r.RemoveLimit(*BOBS_DAY, 0, USD, BOB, 0, 0, paper),
        r.SetRate(0, BTC, 1, 1, proof),
        r.SetClientStatus(3, r.Residency.resident, 1, 0, 1_000 + BOB, paper),
        r.OpenAccount(1, 1, 0, 0, 77, 0, 77),
        r.SetAccountState(r.AccountState.frozen, 0, BOB, paper),
        r.SetAccountTier(3, 0, BOB),
        r.CreditDeposit(HOT, 0, BOB, BTC, 0, MILLION, proof),
        r.SettleWithdrawal(0, n.dispatched, 0, proof),
        r.RejectWithdrawal(1, 0, n.requested),
        r.MoveCustody(r.Estate.client, *moved),
        r.SweepFees(HOT, HOT, 0, USD, 0, 10, proof),
        r.FundHouse(HOT, 0, USD, 0, 10, proof),
        r.DrawHouse(HOT, 0, USD, 0, 10, proof),
        r.RegisterOfficer(31, 0, 0, END_OF_TIME, digest(803)),
        r.SetOfficerState(r.OfficerState.revoked, 0, 3, paper),
        r.RotateOfficerKey(0, OFFICER, digest(803)),
        r.GrantMandate(1, r.CommandKind.draw_house, 0, 3, USD, END_OF_TIME, MILLION, MILLION),
        r.RevokeMandate(0, n.mandate),
        r.RotateFacilityKey(0, digest(803)),
        n.approval,
        r.DispatchWithdrawal(HOT, 0, n.approved, proof),
        r.UndoWithdrawal(0, digest(703)),
        r.ReceiveUnattributed(HOT, 0, BTC, 0, 10, proof),
        r.AttributeReceipt(0, BOB, n.receipt, 900, paper),
        r.RequestReturn(0, n.receipt, 900, paper),
        r.UndoDeposit(0, digest(701)),
        r.RecordLoss(1, HOT, 0, BTC, 0, 10, proof),
        r.RecordRecovery(HOT, 0, ETH, 0, 10, proof),
        r.RecordNetworkFee(HOT, 0, BTC, 0, 10, proof),
        r.LendFloat(HOT, HOT, 0, BTC, 0, 10, proof),
        r.TopUpShortfall(HOT, HOT, 0, ETH, 0, 10, proof),
        r.TopUpFromFees(0, ETH, 10, paper),
        r.CompensateClient(HOT, HOT, 0, BOB, USD, 0, 10, proof),
        r.RefundFee(0, BOB, USD, 10, paper),
        r.SeizeAssets(0, BOB, USD, 10, paper),
        r.TransferOwnership(0, ALICE, BOB, USD, 10, paper),
        r.CreditAirdrop(HOT, 0, BOB, BTC, 0, 10, proof),
        r.MigrateAsset(HOT, 0, ALICE, ETH, BTC, 0, 10, proof),
        r.CreditInterest(HOT, 0, BOB, USD, 0, 10, proof),
        r.DeclareUnclaimed(0, BOB, USD, 10, paper),
        r.ReportBalance(r.Estate.client, HOT, 0, BTC, 0, 1, proof),
        r.BustTrade(0, 0, n.trade, paper),
    ]
    return {type(command).__name__: command for command in commands}


NAMES = [COMMANDS[kind].__name__ for kind in PRIVILEGES]
SIGNERS = (OFFICER, APPROVER)
