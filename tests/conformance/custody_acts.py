"""Random commands on custody: facts, withdrawals, shortfalls, the house's assets, successions, busts, balances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tarazy.domain.records import (
    COMMANDS,
    AccountRole,
    AccountState,
    ApproveWithdrawal,
    AssetKind,
    AttributeReceipt,
    BustTrade,
    CompensateClient,
    CreditAirdrop,
    CreditDeposit,
    CreditInterest,
    CustodyLocation,
    DeclareUnclaimed,
    DispatchWithdrawal,
    DrawHouse,
    Estate,
    FundHouse,
    LendFloat,
    MigrateAsset,
    MoveCustody,
    OpenAccount,
    ReceiveUnattributed,
    RecordLoss,
    RecordNetworkFee,
    RecordRecovery,
    RefundFee,
    RejectWithdrawal,
    ReportBalance,
    RequestReturn,
    RequestWithdrawal,
    SeizeAssets,
    SetAccountState,
    SettleWithdrawal,
    SweepFees,
    TopUpFromFees,
    TopUpShortfall,
    TransferOwnership,
    UndoDeposit,
    UndoWithdrawal,
    WithdrawalRequested,
)

from .acts import amount
from .world import World

HOT, WARM, COLD, BANK, TRANSIT = CustodyLocation
CLIENT, HOUSE = Estate


# ---------------------------------------------------------------- terms
def fit(world: World, asset_id: int) -> int:
    """Return a custody location that fits the asset, at times one that may not."""
    if world.chance(0.02):
        return 1 + world.below(5)
    kinds = world.custody.kinds
    if 1 <= asset_id <= len(kinds) and kinds[asset_id - 1] == AssetKind.fiat:
        return BANK if world.chance(0.8) else TRANSIT
    return (HOT, HOT, HOT, WARM, COLD, TRANSIT)[world.below(6)]


def when(world: World) -> int:
    """Return when evidence arose: mostly lately, at times long ago or in the future."""
    dice = world.rand()
    if dice < 0.01:
        return min(world.ts_ns + 1 + world.below(1_000), (1 << 64) - 1)
    return world.ts_ns - world.below(1_000_000) if dice < 0.9 else world.below(world.ts_ns)


def small(world: World) -> int:
    """Return a small amount."""
    return amount(world) // (1 << world.below(12))


def pick(world: World, numbers: list[int]) -> int:
    """Return one of the numbers, at times one that is none."""
    if numbers and world.chance(0.96):
        return numbers[world.below(len(numbers))]
    return world.below(5_000)


def short_asset(world: World) -> int:
    """Return an asset with a shortfall where there is one."""
    short = [asset_id for asset_id, minor in world.custody.ledger.shortfall.items() if minor]
    return short[world.below(len(short))] if short and world.chance(0.95) else world.any_asset()


def arrival(world: World, record: type[Any], asset_id: int, minor: int, **terms: int) -> bytes:
    """Return a fact of assets at a location, under new evidence."""
    location = fit(world, asset_id)
    fact = record(location=location, ts_ns=world.tick(), asset_id=asset_id, amount_minor=minor, **terms)
    return fact._replace(evidence_ns=when(world), evidence_hash=world.new_hash()).pack()  # type: ignore[no-any-return]


# ---------------------------------------------------------------- credits
def credit_deposit(world: World) -> bytes:
    """Return a deposit."""
    count = len(world.accounts)
    number = count - world.below(min(5, count)) if world.chance(0.3) else world.any_account()
    return deposit(world, number, world.any_asset(), amount(world) * (1 + world.below(100)))


def deposit(world: World, account_id: int, asset_id: int, minor: int) -> bytes:
    """Return a deposit of an amount, which may be undone later."""
    fact = arrival(world, CreditDeposit, asset_id, minor, account_id=account_id)
    return remember(world, "deposit", fact)


def remember(world: World, kind: str, fact: bytes) -> bytes:
    """Remember a credit of which an undo may come."""
    if world.chance(0.3):
        world.custody.credits.append((kind, fact))
        del world.custody.credits[:-60]
    return fact


def other_credit(world: World) -> bytes:
    """Return a receipt of an unknown owner, an airdrop or interest."""
    asset_id, minor = world.any_asset(), amount(world)
    if world.chance(0.5):
        return remember(world, "receipt", arrival(world, ReceiveUnattributed, asset_id, minor))
    record = (CreditAirdrop, CreditInterest)[world.below(2)]
    return remember(world, "share", arrival(world, record, asset_id, minor, account_id=world.any_account()))


def undo_deposit(world: World) -> bytes:
    """Return the undoing of a credit."""
    known = world.custody
    if not known.credits or world.chance(0.03):
        return UndoDeposit(world.tick(), world.new_hash()).pack()
    kind, fact = known.credits.pop(world.below(len(known.credits)))
    known.undone.append((kind, fact))
    del known.undone[:-40]
    return UndoDeposit(world.tick(), evidence_of(fact)).pack()


def evidence_of(fact: bytes) -> bytes:
    """Return the evidence of a packed credit."""
    return bytes(COMMANDS[fact[0]].unpack(fact).evidence_hash)


def credit_again(world: World) -> bytes:
    """Return an undone credit again, at times with another amount."""
    known = world.custody
    if not known.undone:
        return credit_deposit(world)
    kind, fact = known.undone.pop(world.below(len(known.undone)))
    command = COMMANDS[fact[0]].unpack(fact)._replace(ts_ns=world.tick(), evidence_ns=when(world))
    if world.chance(0.1):
        command = command._replace(amount_minor=command.amount_minor + 1)
    return remember(world, kind, command.pack())


# ---------------------------------------------------------------- receipts and withdrawals
def receipt(world: World) -> tuple[int, int]:
    """Return a receipt and an amount that is mostly open in it."""
    open_ones = [number for number, minor in world.custody.ledger.receipts.items() if minor > 0]
    number = pick(world, open_ones)
    minor = world.custody.ledger.receipts[number] if number in open_ones else 1
    return number, minor if world.chance(0.5) else 1 + world.between(0, minor)


def attribute_receipt(world: World) -> bytes:
    """Return the attribution of a receipt."""
    number, minor = receipt(world)
    return AttributeReceipt(world.tick(), world.any_account(), number, minor, world.new_hash()).pack()


def request_return(world: World) -> bytes:
    """Return a request to send a receipt back."""
    number, minor = receipt(world)
    return RequestReturn(world.tick(), number, minor, world.new_hash()).pack()


def request_id(world: World) -> int:
    """Return a client's number of a withdrawal: none, or one of few."""
    return 0 if world.chance(0.7) else 1 + world.below(30)


def request_withdrawal(world: World) -> bytes:
    """Return a request to withdraw."""
    minor = amount(world) // (1 + world.below(9))
    return RequestWithdrawal(
        world.tick(), world.any_account(), world.any_asset(), minor, world.new_hash(), request_id(world)
    ).pack()


def any_withdrawal(world: World, *states: int) -> int:
    """Return the number of a withdrawal in one of these states where there is one."""
    known = world.custody.withdrawals
    return pick(world, [number for state in (states if world.chance(0.95) else (1, 2, 3)) for number in known[state]])


def approve_withdrawal(world: World) -> bytes:
    """Return an approval, at times of other terms than were asked."""
    approval = approval_of(world, any_withdrawal(world, 1))
    if world.chance(0.05):
        field = ("account_id", "asset_id", "amount_minor")[world.below(3)]
        approval = approval._replace(**{field: getattr(approval, field) + 1})
    elif world.chance(0.02):
        approval = approval._replace(destination_hash=world.new_hash())
    return approval._replace(ts_ns=world.tick()).pack()


def approval_of(world: World, number: int) -> ApproveWithdrawal:
    """Return the approval of a withdrawal as it was asked for."""
    asked = world.custody.requests.get(number, WithdrawalRequested())
    return ApproveWithdrawal(0, asked.account_id, asked.asset_id, number, asked.amount_minor, asked.destination_hash)


def dispatch_withdrawal(world: World) -> bytes:
    """Return a dispatch, at times of what was dispatched before."""
    number = any_withdrawal(world, 2) if world.chance(0.8) else any_withdrawal(world, 3)
    location = (HOT, HOT, WARM, COLD, BANK, TRANSIT)[world.below(6)]
    return DispatchWithdrawal(location, world.tick(), number, world.new_hash()).pack()


def settle_withdrawal(world: World) -> bytes:
    """Return the end of a withdrawal: it left."""
    return SettleWithdrawal(world.tick(), any_withdrawal(world, 3), when(world), world.new_hash()).pack()


def undo_withdrawal(world: World) -> bytes:
    """Return the undoing of a settlement."""
    settled = world.custody.settled
    evidence = settled.pop(world.below(len(settled))) if settled and world.chance(0.95) else world.new_hash()
    return UndoWithdrawal(world.tick(), evidence).pack()


def reject_withdrawal(world: World) -> bytes:
    """Return the end of a withdrawal: it was given back."""
    return RejectWithdrawal(1 + world.below(6), world.tick(), any_withdrawal(world, 1, 2)).pack()


# ---------------------------------------------------------------- shortfalls and the house
def record_loss(world: World) -> bytes:
    """Return a loss."""
    return arrival(world, RecordLoss, world.any_asset(), small(world), loss_reason=1 + world.below(5))


def record_recovery(world: World) -> bytes:
    """Return a recovery."""
    return arrival(world, RecordRecovery, short_asset(world), small(world))


def record_network_fee(world: World) -> bytes:
    """Return a network's fee."""
    return arrival(world, RecordNetworkFee, world.any_asset(), small(world) // (1 + world.below(50)))


def house_gives(world: World, record: type[Any], asset_id: int, minor: int, **terms: int) -> bytes:
    """Return assets of the house that go to the clients' estate."""
    places = (fit(world, asset_id), fit(world, asset_id))
    command = record(*places, ts_ns=world.tick(), asset_id=asset_id, amount_minor=minor, **terms)
    return command._replace(evidence_ns=when(world), evidence_hash=world.new_hash()).pack()  # type: ignore[no-any-return]


def lend_float(world: World) -> bytes:
    """Return a loan for network fees."""
    return house_gives(world, LendFloat, world.any_asset(), small(world))


def top_up_shortfall(world: World) -> bytes:
    """Return a top-up, mostly of the whole shortfall."""
    asset_id = short_asset(world)
    missing = world.custody.ledger.shortfall[asset_id]
    return house_gives(world, TopUpShortfall, asset_id, missing if world.chance(0.7) else small(world))


def top_up_from_fees(world: World) -> bytes:
    """Return a top-up out of fees."""
    asset_id = short_asset(world)
    missing = world.custody.ledger.shortfall[asset_id]
    minor = missing if world.chance(0.3) else min(missing, 1 + small(world) // 64)
    return TopUpFromFees(world.tick(), asset_id, minor, world.new_hash()).pack()


def compensate_client(world: World) -> bytes:
    """Return a compensation."""
    return house_gives(world, CompensateClient, world.any_asset(), small(world), account_id=world.any_account())


def refund_fee(world: World) -> bytes:
    """Return a refund of fees."""
    minor = amount(world) // (1 << world.below(24))
    return RefundFee(world.tick(), world.any_account(), world.any_asset(), minor, world.new_hash()).pack()


def move_custody(world: World) -> bytes:
    """Return a move between two locations."""
    asset_id = world.any_asset()
    terms = (1 + world.below(2), fit(world, asset_id), fit(world, asset_id))
    return MoveCustody(*terms, world.tick(), asset_id, when(world), amount(world), world.new_hash()).pack()


def sweep_fees(world: World) -> bytes:
    """Return a sweep of a small amount: fees are small."""
    minor = amount(world) // (1 << world.below(24))
    return house_gives(world, SweepFees, world.any_asset(), minor)


def fund_house(world: World) -> bytes:
    """Return assets of the house arriving."""
    return arrival(world, FundHouse, world.any_asset(), amount(world) * (1 + world.below(4)))


def draw_house(world: World) -> bytes:
    """Return assets of the house leaving."""
    return arrival(world, DrawHouse, world.any_asset(), amount(world) // (1 + world.below(9)))


# ---------------------------------------------------------------- successions, busts, balances
def take(world: World) -> bytes:
    """Return a seizure or a declaration that assets are unclaimed."""
    record = (SeizeAssets, DeclareUnclaimed)[world.below(2)]
    decision = world.new_hash() if world.chance(0.97) else bytes(32)
    return record(world.tick(), world.any_account(), world.any_asset(), small(world), decision).pack()


def transfer_ownership(world: World) -> bytes:
    """Return a succession."""
    accounts = (world.any_account(), world.any_account())
    return TransferOwnership(world.tick(), *accounts, world.any_asset(), small(world), world.new_hash()).pack()


def migrate_asset(world: World) -> bytes:
    """Return a migration, mostly between digital assets of one scale."""
    asset_id = world.any_asset()
    scales = world.custody.scales
    alike = [n for n, scale in enumerate(scales, 1) if n != asset_id and scale == scales[asset_id - 1]]
    target = alike[world.below(len(alike))] if alike and world.chance(0.9) else world.any_asset()
    return arrival(world, MigrateAsset, asset_id, small(world), account_id=world.any_account(), to_asset_id=target)


def report_balance(world: World) -> bytes:
    """Return an observed balance: mostly the ledger's, and soon again where it was not."""
    known = world.custody
    estate, asset_id = 1 + world.below(2), world.any_asset()
    location, at_ns = fit(world, asset_id), when(world)
    if known.breaks and world.chance(0.9):
        found = known.breaks.pop()
        estate, location, asset_id = found.estate, found.location, found.asset_id
        at_ns = world.ts_ns if world.chance(0.8) else at_ns
    minor = known.ledger.custody[estate, location, asset_id]
    if world.chance(0.15):
        minor = amount(world)
    return ReportBalance(estate, location, world.tick(), asset_id, at_ns, minor, world.new_hash()).pack()


def bust_trade(world: World) -> bytes:
    """Return the bust of a recent trade."""
    trades = world.custody.trades
    if not trades or world.chance(0.05):
        return BustTrade(world.tick(), world.below(3), world.below(5_000), world.new_hash()).pack()
    trade = trades[world.below(len(trades))]
    return BustTrade(world.tick(), trade.trade_index, trade.seq, world.new_hash()).pack()


def leave(world: World) -> bytes:
    """Return the next step of a client that comes, takes all back and is closed, whereupon its withdrawal is undone."""
    known, minor = world.custody, 7
    if not known.leaving:
        known.leaver, known.left = len(world.accounts) + 1, 0
        digital = [n for n, kind in enumerate(known.kinds, 1) if kind == AssetKind.digital]
        sound = [n for n in digital if not known.ledger.shortfall[n]] or digital
        known.leaver_asset = sound[world.below(len(sound))]
        known.leaving = [b"open", b"deposit", b"request", b"approve", b"dispatch", b"settle", b"close", b"undo"]
    step, ts_ns, number = known.leaving.pop(0), world.tick(), known.leaver
    asset_id = known.leaver_asset
    evidence = b"leaver".ljust(24, b"-") + number.to_bytes(8, "little")
    if step == b"open":
        opened = OpenAccount(1, AccountRole.client, owner_id=1 + number, leaf_salt=number)._replace(ts_ns=ts_ns)
        given = {"account_id": number, "officer_id": 1}
        return opened._replace(**{k: v for k, v in given.items() if k in opened._fields}).pack()
    if step == b"deposit":
        return CreditDeposit(HOT, ts_ns, number, asset_id, ts_ns, minor, world.new_hash()).pack()
    if step == b"request":
        return RequestWithdrawal(ts_ns, number, asset_id, minor, evidence, request_id(world)).pack()
    if step == b"close":
        close = SetAccountState(AccountState.closed, account_id=number, decision_hash=evidence)._replace(ts_ns=ts_ns)
        return (close._replace(officer_id=1) if "officer_id" in close._fields else close).pack()
    return {
        b"approve": approval_of(world, known.left)._replace(ts_ns=ts_ns),
        b"dispatch": DispatchWithdrawal(HOT, ts_ns, known.left, evidence),
        b"settle": SettleWithdrawal(ts_ns, known.left, ts_ns, evidence),
        b"undo": UndoWithdrawal(ts_ns, evidence),
    }[step].pack()


WEIGHTS: dict[Callable[[World], bytes], int] = {
    credit_deposit: 400,
    other_credit: 70,
    undo_deposit: 50,
    credit_again: 30,
    attribute_receipt: 40,
    request_return: 50,
    request_withdrawal: 120,
    leave: 60,
    approve_withdrawal: 120,
    dispatch_withdrawal: 110,
    settle_withdrawal: 80,
    undo_withdrawal: 20,
    reject_withdrawal: 25,
    record_loss: 12,
    record_recovery: 25,
    record_network_fee: 20,
    lend_float: 25,
    top_up_shortfall: 60,
    top_up_from_fees: 25,
    compensate_client: 20,
    refund_fee: 20,
    move_custody: 60,
    sweep_fees: 60,
    fund_house: 50,
    draw_house: 25,
    take: 25,
    transfer_ownership: 20,
    migrate_asset: 25,
    report_balance: 40,
    bust_trade: 25,
}
