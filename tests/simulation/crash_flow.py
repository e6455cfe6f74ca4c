"""The flow of the crash tests: a market is opened, then the n-th order is the same in every process and every life.

An order carries the hash of its client's text as its number; two people sign what opens the market and more accounts.
"""

from __future__ import annotations

from pathlib import Path

from tarazy.domain.records import (
    EDITION,
    AccountRole,
    AdmitAsset,
    AssetKind,
    CancelAll,
    ClientClass,
    CreditDeposit,
    CustodyLocation,
    MarketState,
    OpenAccount,
    OpenMarket,
    OrderType,
    PlaceOrder,
    RegisterAsset,
    SelfTradePrevention,
    SetMarketRules,
    SetMarketState,
    Side,
    TimeInForce,
)
from tarazy.facility.officers.founding import Founder, found_facility
from tarazy.journal.create import create_facility
from tarazy.journal.sections import client_order_number
from tarazy.market_data.acting import Desk

ACCOUNTS = 8
GENESIS_COUNT = 2
CANCEL_EVERY = 50
_PRIME = 1_000_003


def opening() -> list[bytes]:
    """Return the commands that open a market with funded accounts."""
    hashes = iter(number.to_bytes(32, "big") for number in range(1, 1000))
    commands = []
    for asset_id, code in ((1, b"BTC"), (2, b"USD")):
        asset = RegisterAsset(AssetKind.digital, 8)
        commands.append(asset._replace(asset_code=code.ljust(16, b"\0")).pack())
        commands.append(AdmitAsset(asset_id=asset_id, decision_hash=next(hashes)).pack())
    market = OpenMarket(base_asset_id=1, quote_asset_id=2)
    commands.append(market._replace(lot_size_minor=1, tick_value_minor=1, rulebook_hash=next(hashes)).pack())
    rules = SetMarketRules(market_id=1, collar_ppm=900_000, corridor_ppm=900_000)
    rules = rules._replace(auction_duration_ms=1000, quantity_max_lots=1 << 30, notional_max_minor=1 << 100)
    commands.append(rules.pack())
    commands.append(SetMarketState(MarketState.continuous, market_id=1).pack())
    for account_id in range(1, ACCOUNTS + 1):
        account = OpenAccount(ClientClass.retail, AccountRole.client)
        commands.append(account._replace(owner_id=account_id, leaf_salt=account_id).pack())
        for asset_id in (1, 2):
            deposit = CreditDeposit(CustodyLocation.hot, account_id=account_id, asset_id=asset_id)
            commands.append(deposit._replace(amount_minor=1 << 60, evidence_hash=next(hashes)).pack())
    return commands


def found(directory: Path, segment_bytes: int, *, has_officers: bool) -> None:
    """Create the facility; its founders are the desk's people."""
    if has_officers:
        founders = [Founder(person.key) for person in Desk.of_names().people]
        found_facility(directory, "Crash test", founders, segment_bytes=segment_bytes)
    else:
        create_facility(directory, "Crash test", edition=EDITION, segment_bytes=segment_bytes)


def desk(facility_id: bytes, first_number: int) -> Desk:
    """Return the officers who sign, with numbers of instructions that no other life uses."""
    officers = Desk.of_names(facility_id)
    officers.next_number = first_number
    return officers


def further_account(number: int) -> OpenAccount:
    """Return the command that opens one more account, of an owner of its own."""
    return OpenAccount(ClientClass.retail, AccountRole.client, owner_id=1000 + number, leaf_salt=1 + number)


def text_of(number: int) -> str:
    """Return what the client calls the n-th order."""
    return f"order {number}"


def order(number: int) -> bytes:
    """Return the n-th command: limit orders around one price, and at times all of an account is canceled."""
    draw = number * _PRIME
    account_id = draw % ACCOUNTS + 1
    if number % CANCEL_EVERY == CANCEL_EVERY - 1:
        return CancelAll(market_id=1, account_id=account_id).pack()
    return PlaceOrder(
        OrderType.limit,
        Side.buy if draw >> 3 & 1 else Side.sell,
        TimeInForce.gtc,
        SelfTradePrevention.expire_taker,
        market_id=1,
        account_id=account_id,
        client_order_id=client_order_number(text_of(number)),
        price_ticks=1000 + draw % 21,
        quantity_lots=draw % 9 + 1,
    ).pack()


def batch(first: int, count: int) -> bytes:
    """Return `count` commands of the flow."""
    return b"".join(order(number) for number in range(first, first + count))
