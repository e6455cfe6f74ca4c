"""The flow of the crash tests: a market is opened, then the n-th order is the same in every process and every life."""

from __future__ import annotations

from tarazy.domain.records import (
    AccountRole,
    AdmitAsset,
    AssetKind,
    CancelAll,
    ClientClass,
    CreditDeposit,
    MarketState,
    OpenAccount,
    OpenMarket,
    OrderType,
    Place,
    PlaceOrder,
    RegisterAsset,
    SelfTradePrevention,
    SetMarketRules,
    SetMarketState,
    Side,
    TimeInForce,
)

ACCOUNTS = 8
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
    rules = SetMarketRules(market_id=1, collar_ppm=900_000, halt_ppm=900_000)
    rules = rules._replace(auction_duration_ms=1000, quantity_max_lots=1 << 30, notional_max_minor=1 << 100)
    commands.append(rules.pack())
    commands.append(SetMarketState(MarketState.continuous, market_id=1).pack())
    for account_id in range(1, ACCOUNTS + 1):
        account = OpenAccount(ClientClass.retail, AccountRole.client)
        commands.append(account._replace(owner_id=account_id, leaf_salt=account_id).pack())
        for asset_id in (1, 2):
            deposit = CreditDeposit(Place.hot, account_id=account_id, asset_id=asset_id)
            commands.append(deposit._replace(amount_minor=1 << 60, evidence_hash=next(hashes)).pack())
    return commands


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
        client_order_id=number + 1,
        price_ticks=1000 + draw % 21,
        quantity_lots=draw % 9 + 1,
    ).pack()


def batch(first: int, count: int) -> bytes:
    """Return `count` commands of the flow."""
    return b"".join(order(number) for number in range(first, first + count))
