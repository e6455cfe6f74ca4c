"""The venue that a recorded market is played on: two assets, one market, and the accounts whose orders these are.

Recorded order flow names no owners. Every buy order goes to one of the buyers' accounts and every sell order to one of
the sellers', each account with an owner of its own, chosen by the order's number: so a buy and a sell never share an
owner and self-trade prevention never interferes. Buyers hold the quote asset, sellers the base asset.

Two people set the venue up; two watchers credit deposits, under mandates of the people. Deposits follow need: before an
order that an account could not cover, a deposit is credited. `free` is a lower bound of
what is available (price improvement and proceeds are not counted), so no order of the flow lacks cover.

Rules: the collar and the volatility interruption corridor are as wide as the venue allows, because the recorded prices
have already passed the recorded exchange's own limits; fees are the plan's.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from tarazy.domain.records import (
    AccountRole,
    AdmitAsset,
    AssetKind,
    ClientClass,
    CreditDeposit,
    CustodyLocation,
    MarketState,
    OpenAccount,
    OpenMarket,
    RegisterAsset,
    SetMarketRules,
    SetMarketState,
)
from tarazy.market_data.acting import Packable
from tarazy.market_data.commands import BUY, MARKET_ID, CommandWriter

BASE_ASSET_ID = 1
QUOTE_ASSET_ID = 2
BAND_PPM = 100_000_000
QUANTITY_MAX_LOTS = 1 << 60
NOTIONAL_MAX_MINOR = 1 << 120
MANDATE_MINOR = 1 << 120
AUCTION_DURATION_MS = 120_000
SPREAD = 0x9E3779B97F4A7C15
M64 = (1 << 64) - 1


@dataclass(frozen=True)
class MarketPlan:
    """The market to play on. Scales are decimal places: one lot costs `tick_value_minor` quote units per tick.

    `mandate_deposits` is how many usual deposits the watchers may credit at once, a hundred times as many a day; 0 is
    any amount, for recorded flow, whose needs nobody knows before.
    """

    source: str
    base_code: str
    base_scale: int
    quote_code: str
    quote_scale: int
    base_kind: int = int(AssetKind.digital)
    quote_kind: int = int(AssetKind.fiat)
    lot_size_minor: int = 1
    tick_value_minor: int = 1
    maker_fee_ppm: int = 1000
    taker_fee_ppm: int = 2000
    accounts_per_side: int = 32
    collar_ppm: int = BAND_PPM
    corridor_ppm: int = BAND_PPM
    auction_duration_ms: int = AUCTION_DURATION_MS
    base_deposit_minor: int = 0
    quote_deposit_minor: int = 0
    mandate_deposits: int = 0

    def digest(self, what: str) -> bytes:
        """Return the 32 bytes that stand for a document of this flow (decision, rulebook, evidence)."""
        return hashlib.sha256(f"{self.source}/{what}".encode()).digest()


def write_setup(writer: CommandWriter, plan: MarketPlan, market_state: int = MarketState.continuous) -> None:
    """Let the people register the watchers, both assets and the market, and bring it to its first state.

    This is a batch of its own: the sequencer knows the watchers' keys once it is done.
    """
    commands: list[Packable] = writer.desk.staff()
    base = (int(plan.base_kind), plan.base_scale, BASE_ASSET_ID, plan.base_code)
    quote = (int(plan.quote_kind), plan.quote_scale, QUOTE_ASSET_ID, plan.quote_code)
    for kind, scale, asset_id, code in (base, quote):
        commands.append(RegisterAsset(kind, scale, asset_code=code.encode().ljust(16, b"\0"), dti=bytes(16)))
        commands.append(AdmitAsset(asset_id=asset_id, decision_hash=plan.digest(f"admit {code}")))
    for asset_id, deposit_minor in (
        (BASE_ASSET_ID, plan.base_deposit_minor),
        (QUOTE_ASSET_ID, plan.quote_deposit_minor),
    ):
        at_once = plan.mandate_deposits * deposit_minor or MANDATE_MINOR
        commands += writer.desk.mandates(asset_id, at_once, min(100 * at_once, MANDATE_MINOR))
    writer.instruct([*commands, *market_commands(plan), *opening_commands(market_state)])


def market_commands(plan: MarketPlan) -> list[Packable]:
    """Return the commands that open the market and set its rules."""
    return [
        OpenMarket(
            base_asset_id=BASE_ASSET_ID,
            quote_asset_id=QUOTE_ASSET_ID,
            lot_size_minor=plan.lot_size_minor,
            tick_value_minor=plan.tick_value_minor,
            rulebook_hash=plan.digest("rulebook"),
        ),
        SetMarketRules(
            market_id=MARKET_ID,
            maker_fee_ppm=plan.maker_fee_ppm,
            taker_fee_ppm=plan.taker_fee_ppm,
            collar_ppm=plan.collar_ppm,
            corridor_ppm=plan.corridor_ppm,
            auction_duration_ms=plan.auction_duration_ms,
            quantity_max_lots=QUANTITY_MAX_LOTS,
            notional_min_minor=0,
            notional_max_minor=NOTIONAL_MAX_MINOR,
        ),
    ]


def state_command(market_state: int, next_market_state: int = 0) -> SetMarketState:
    """Return the command that moves the market to a state."""
    return SetMarketState(int(market_state), int(next_market_state), market_id=MARKET_ID)


def opening_commands(market_state: int) -> list[Packable]:
    """Return the commands that bring a new market to its first state; without a reference price through pre-open."""
    first = [MarketState.pre_open] if market_state == MarketState.continuous else []
    return [state_command(state) for state in (*first, market_state)]


def account_command(plan: MarketPlan, account_id: int, owner_id: int) -> OpenAccount:
    """Return the command that opens a client's account; it gets the next number, which is `account_id`."""
    return OpenAccount(
        client_class=int(ClientClass.professional),
        account_role=int(AccountRole.client),
        fee_tier=0,
        owner_id=owner_id,
        approval_id=0,
        leaf_salt=int.from_bytes(plan.digest(f"salt {account_id}")[:16], "little"),
    )


def deposit_command(
    plan: MarketPlan, number: int, account_id: int, asset_id: int, amount: int, ts_ns: int
) -> CreditDeposit:
    """Return the flow's deposit of this number: fiat arrives at a bank account, digital assets in the cold wallet.

    Units: `ts_ns` when it arrived, UTC nanoseconds.
    """
    kind = plan.base_kind if asset_id == BASE_ASSET_ID else plan.quote_kind
    return CreditDeposit(
        location=int(CustodyLocation.bank if kind == AssetKind.fiat else CustodyLocation.cold),
        account_id=account_id,
        asset_id=asset_id,
        evidence_ns=ts_ns,
        amount_minor=amount,
        evidence_hash=plan.digest(f"deposit {number}"),
    )


def open_accounts(writer: CommandWriter, plan: MarketPlan, owners: list[int], poor_accounts: int) -> None:
    """Open accounts that trade both ways, each with both assets; the first ones get a ten thousandth of it."""
    writer.instruct([account_command(plan, number, owner) for number, owner in enumerate(owners, 1)])
    deposits, ts_ns = [], writer.ts_ns
    for number in range(1, len(owners) + 1):
        share = 10_000 if number <= poor_accounts else 1
        base, quote = plan.base_deposit_minor // share, plan.quote_deposit_minor // share
        deposits.append(deposit_command(plan, 2 * number, number, BASE_ASSET_ID, base, ts_ns))
        deposits.append(deposit_command(plan, 2 * number + 1, number, QUOTE_ASSET_ID, quote, ts_ns))
    writer.watch(deposits)


class AccountPool:
    """The buyers' and the sellers' accounts, numbered 1..n and n+1..2n, and what each has free at least."""

    def __init__(self, writer: CommandWriter, plan: MarketPlan) -> None:
        self.writer = writer
        self.plan = plan
        self.size = plan.accounts_per_side
        self.free = [0] * (2 * self.size + 1)
        self.deposits = 0

    def open(self) -> None:
        """Open the accounts, each with its own owner and its first deposit."""
        numbers = range(1, 2 * self.size + 1)
        self.writer.instruct([account_command(self.plan, number, number) for number in numbers])
        self.deposit([(number, self.usual_minor(number)) for number in numbers])

    def account_of(self, reference: int, side: int) -> int:
        """Return the account that owns an order, always the same for the same number and side."""
        chosen = ((reference * SPREAD & M64) >> 32) % self.size
        return chosen + 1 if side == BUY else chosen + 1 + self.size

    def usual_minor(self, account_id: int) -> int:
        """Return the usual deposit of an account, minor units of the asset it pays with."""
        return self.plan.quote_deposit_minor if account_id <= self.size else self.plan.base_deposit_minor

    def cost_minor(self, side: int, price_ticks: int, lots: int) -> int:
        """Return what an order holds, minor units of the asset it pays with."""
        return price_ticks * lots * self.plan.tick_value_minor if side == BUY else lots * self.plan.lot_size_minor

    def cover(self, account_id: int, cost_minor: int) -> None:
        """Credit a deposit where the account might lack cover, and count the cost as held."""
        if self.free[account_id] < cost_minor:
            self.deposit([(account_id, max(2 * cost_minor, self.usual_minor(account_id)))])
        self.free[account_id] -= cost_minor

    def give_back(self, account_id: int, cost_minor: int) -> None:
        """Count what a canceled order held as free again."""
        self.free[account_id] += cost_minor

    def deposit(self, amounts: list[tuple[int, int]]) -> None:
        """Let the watchers credit deposits of the assets that the accounts pay with: (account, minor units) each."""
        deposits = []
        for account_id, amount_minor in amounts:
            if amount_minor == 0:
                continue
            self.deposits += 1
            asset_id = QUOTE_ASSET_ID if account_id <= self.size else BASE_ASSET_ID
            deposit = (self.plan, self.deposits, account_id, asset_id, amount_minor, self.writer.ts_ns)
            deposits.append(deposit_command(*deposit))
            self.free[account_id] += amount_minor
        if deposits:
            self.writer.watch(deposits)
