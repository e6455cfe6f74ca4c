"""One situation for every refusal: what is set up, the command that is refused, and what the refusal says.

A situation starts on the usual floor: BTC and USD, one open market, four rich accounts. It returns the refused command
with the expected and the found value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from tarazy.domain.records import (
    AccountRole,
    AdmitAsset,
    AmendOrder,
    AssetKind,
    AssetStatus,
    CancelAll,
    CancelOrder,
    CommandKind,
    CreditDeposit,
    DrawHouse,
    MarketState,
    MoveCustody,
    OpenAccount,
    OpenMarket,
    OrderType,
    ParameterTable,
    PlaceOrder,
    RefundFee,
    RegisterAsset,
    RequestWithdrawal,
    SetAccountState,
    SetAccountTier,
    SetMarketRules,
    SetMarketState,
    SetParameter,
    SettleWithdrawal,
    SetTradingRules,
    SuspendAsset,
    SweepFees,
    TimeInForce,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, MARKET, MILLION, USD, WIDE_PPM, Floor

HASH = b"\xee" * 32
AMOUNT_MAX = 1 << 120


class Refused(NamedTuple):
    """The command (a record, or raw bytes where no record could say it) and what its refusal says.

    `is_signed`: the situation itself presented an instruction, or meant to present none.
    """

    command: Any
    expected: int
    found: int
    is_signed: bool = False


Situation = Callable[[Floor], Refused]
SITUATIONS: dict[RejectCode, Situation] = {}


def refuses(code: RejectCode) -> Callable[[Situation], Situation]:
    """Enter a situation in the table."""

    def enter(situation: Situation) -> Situation:
        assert code not in SITUATIONS, f"{code.name} has a situation already"
        SITUATIONS[code] = situation
        return situation

    return enter


def order(lots: int = 5, price: int = 100, **fields: int) -> PlaceOrder:
    """Return Alice's limit buy with other fields."""
    return PlaceOrder(1, 1, 1, 1, 0, 0, MARKET, ALICE, 0, price, lots)._replace(**fields)


def deposit(**fields: Any) -> CreditDeposit:
    """Return a deposit for Alice with other fields."""
    return CreditDeposit(1, 0, ALICE, BTC, 0, 5, HASH)._replace(**fields)


# ---------------------------------------------------------------- records
@refuses(RejectCode.unknown_command)
def unknown_command(floor: Floor) -> Refused:
    return Refused((999).to_bytes(2, "little") + CancelAll(0, 0, floor.now, 0, ALICE).pack()[2:], max(CommandKind), 999)


@refuses(RejectCode.reserved_not_zero)
def reserved_not_zero(floor: Floor) -> Refused:
    return Refused(CancelAll(0, 0, floor.now, 0, ALICE).pack()[:95] + b"\1", 0, 95)


@refuses(RejectCode.time_went_back)
def time_went_back(floor: Floor) -> Refused:
    return Refused(CancelAll(0, 0, floor.now - 1, 0, ALICE), floor.now, floor.now - 1)


@refuses(RejectCode.field_not_in_list)
def field_not_in_list(floor: Floor) -> Refused:
    return Refused(order(side=7), 2, 7)


# ---------------------------------------------------------------- officers and documents
@refuses(RejectCode.decision_missing)
def decision_missing(floor: Floor) -> Refused:
    return Refused(SuspendAsset(0, BTC), 1, 0)


@refuses(RejectCode.rulebook_hash_missing)
def rulebook_hash_missing(floor: Floor) -> Refused:
    return Refused(SetParameter(ParameterTable.open_orders_max, 0, 0, 0, 0, 5), 1, 0)


@refuses(RejectCode.evidence_missing)
def evidence_missing(floor: Floor) -> Refused:
    return Refused(deposit(evidence_hash=bytes(32)), 1, 0)


@refuses(RejectCode.evidence_already_used)
def evidence_already_used(floor: Floor) -> Refused:
    floor.act(deposit())
    return Refused(deposit(account_id=BOB, amount_minor=9), 0, 1)


# ---------------------------------------------------------------- assets
def register(**fields: Any) -> RegisterAsset:
    """Return the registration of a third asset with other fields."""
    return RegisterAsset(AssetKind.digital, 8, 0, b"ETH".ljust(16, b"\0"))._replace(**fields)


@refuses(RejectCode.asset_unknown)
def asset_unknown(floor: Floor) -> Refused:
    return Refused(deposit(asset_id=42), 2, 42)


@refuses(RejectCode.asset_code_invalid)
def asset_code_invalid(floor: Floor) -> Refused:
    return Refused(register(asset_code=b"ET H".ljust(16, b"\0")), 0, 3)


@refuses(RejectCode.asset_code_taken)
def asset_code_taken(floor: Floor) -> Refused:
    return Refused(register(asset_code=b"USD".ljust(16, b"\0")), 0, USD)


@refuses(RejectCode.asset_scale_too_large)
def asset_scale_too_large(floor: Floor) -> Refused:
    return Refused(register(scale=30), 24, 30)


@refuses(RejectCode.asset_status_not_reachable)
def asset_status_not_reachable(floor: Floor) -> Refused:
    return Refused(AdmitAsset(0, BTC, HASH), AssetStatus.suspended, AssetStatus.admitted)


@refuses(RejectCode.asset_not_admitted)
def asset_not_admitted(floor: Floor) -> Refused:
    floor.act(SuspendAsset(asset_id=BTC, decision_hash=HASH))
    return Refused(order(), AssetStatus.admitted, AssetStatus.suspended)


# ---------------------------------------------------------------- markets
def new_market(**fields: Any) -> OpenMarket:
    """Return a second market with other fields."""
    return OpenMarket(0, BTC, USD, 1, 1, HASH)._replace(**fields)


@refuses(RejectCode.market_unknown)
def market_unknown(floor: Floor) -> Refused:
    return Refused(order(market_id=0), 1, 0)


@refuses(RejectCode.market_assets_equal)
def market_assets_equal(floor: Floor) -> Refused:
    return Refused(new_market(quote_asset_id=BTC), 2, 1)


@refuses(RejectCode.market_increment_zero)
def market_increment_zero(floor: Floor) -> Refused:
    return Refused(new_market(lot_size_minor=0), 1, 0)


@refuses(RejectCode.market_rules_missing)
def market_rules_missing(floor: Floor) -> Refused:
    floor.act(new_market())
    return Refused(SetMarketState(MarketState.pre_open, 0, 0, 2), 1, 0)


@refuses(RejectCode.market_rules_invalid)
def market_rules_invalid(floor: Floor) -> Refused:
    rules = SetMarketRules(0, MARKET, 0, 2 * MILLION, WIDE_PPM, WIDE_PPM, 1, 1, 0, AMOUNT_MAX)
    return Refused(rules, MILLION, 2 * MILLION)


@refuses(RejectCode.market_state_not_reachable)
def market_state_not_reachable(floor: Floor) -> Refused:
    floor.to(MarketState.halted)
    continuous = SetMarketState(MarketState.continuous, 0, 0, MARKET)
    return Refused(continuous, MarketState.pre_open, MarketState.continuous)


@refuses(RejectCode.market_not_open)
def market_not_open(floor: Floor) -> Refused:
    floor.to(MarketState.closed)
    return Refused(order(), MarketState.continuous, MarketState.closed)


@refuses(RejectCode.order_not_in_auction)
def order_not_in_auction(floor: Floor) -> Refused:
    floor.to(MarketState.auction)
    return Refused(order(order_type=OrderType.post_only), OrderType.limit, OrderType.post_only)


@refuses(RejectCode.auction_end_invalid)
def auction_end_invalid(floor: Floor) -> Refused:
    terms = SetMarketState(MarketState.auction, MarketState.continuous, 0, MARKET, 0, floor.now)
    return Refused(terms, floor.now + 1, floor.now)


@refuses(RejectCode.parameter_key_unknown)
def parameter_key_unknown(floor: Floor) -> Refused:
    return Refused(SetParameter(ParameterTable.fee_discount_ppm, 0, 16, 0, 0, 5, HASH), 15, 16)


@refuses(RejectCode.parameter_out_of_range)
def parameter_out_of_range(floor: Floor) -> Refused:
    value = (1 << 128) - 1
    return Refused(SetParameter(ParameterTable.fee_discount_ppm, 0, 0, 0, 0, value, HASH), MILLION, value)


# ---------------------------------------------------------------- accounts
def new_account(**fields: Any) -> OpenAccount:
    """Return a fifth account with other fields."""
    return OpenAccount(1, AccountRole.client, 0, 0, 77)._replace(**fields)


@refuses(RejectCode.account_unknown)
def account_unknown(floor: Floor) -> Refused:
    return Refused(order(account_id=5), 4, 5)


@refuses(RejectCode.owner_missing)
def owner_missing(floor: Floor) -> Refused:
    return Refused(new_account(owner_id=0), 1, 0)


@refuses(RejectCode.approval_mismatch)
def approval_mismatch(floor: Floor) -> Refused:
    floor.account(role=AccountRole.affiliate, approval=55)
    return Refused(order(account_id=5), 55, 0)


@refuses(RejectCode.account_state_not_reachable)
def account_state_not_reachable(floor: Floor) -> Refused:
    floor.act(SetAccountState(4, 0, floor.account(), HASH))
    return Refused(SetAccountState(1, 0, 5), 0, 1)


@refuses(RejectCode.account_not_empty)
def account_not_empty(floor: Floor) -> Refused:
    return Refused(SetAccountState(4, 0, ALICE, HASH), 0, 2)


@refuses(RejectCode.account_not_active)
def account_not_active(floor: Floor) -> Refused:
    floor.act(SetAccountState(3, 0, ALICE, HASH))
    return Refused(order(), 1, 3)


@refuses(RejectCode.fee_tier_unknown)
def fee_tier_unknown(floor: Floor) -> Refused:
    return Refused(SetAccountTier(16, 0, ALICE), 15, 16)


@refuses(RejectCode.house_cannot_trade)
def house_cannot_trade(floor: Floor) -> Refused:
    return Refused(order(account_id=floor.account(role=AccountRole.house)), 0, 5)


@refuses(RejectCode.house_assets_in_client_estate)
def house_assets_in_client_estate(floor: Floor) -> Refused:
    house = floor.account(role=AccountRole.house)
    return Refused(RefundFee(0, house, BTC, 5, HASH), 0, 5)


# ---------------------------------------------------------------- amounts
@refuses(RejectCode.amount_zero)
def amount_zero(floor: Floor) -> Refused:
    return Refused(deposit(amount_minor=0), 1, 0)


@refuses(RejectCode.amount_too_large)
def amount_too_large(floor: Floor) -> Refused:
    return Refused(deposit(amount_minor=AMOUNT_MAX), AMOUNT_MAX, AMOUNT_MAX + 4 * MILLION)


@refuses(RejectCode.withdrawal_unknown)
def withdrawal_unknown(floor: Floor) -> Refused:
    return Refused(SettleWithdrawal(0, 8, 0, HASH), 0, 8)


@refuses(RejectCode.locations_equal)
def locations_equal(floor: Floor) -> Refused:
    return Refused(MoveCustody(1, 3, 3, 0, BTC, 0, 5, HASH), 2, 1)


@refuses(RejectCode.destination_missing)
def destination_missing(floor: Floor) -> Refused:
    return Refused(RequestWithdrawal(0, ALICE, BTC, 5), 1, 0)


# ---------------------------------------------------------------- fields of orders
@refuses(RejectCode.price_missing)
def price_missing(floor: Floor) -> Refused:
    return Refused(order(price=0), 1, 0)


@refuses(RejectCode.price_not_allowed)
def price_not_allowed(floor: Floor) -> Refused:
    return Refused(order(order_type=OrderType.market), 0, 100)


@refuses(RejectCode.quantity_missing)
def quantity_missing(floor: Floor) -> Refused:
    return Refused(order(lots=0), 1, 0)


@refuses(RejectCode.cash_order_quantity_not_allowed)
def cash_order_quantity_not_allowed(floor: Floor) -> Refused:
    return Refused(order(cash_order_quantity_minor=6), 0, 6)


@refuses(RejectCode.trigger_missing)
def trigger_missing(floor: Floor) -> Refused:
    return Refused(order(order_type=OrderType.stop_loss_limit), 1, 0)


@refuses(RejectCode.trigger_not_allowed)
def trigger_not_allowed(floor: Floor) -> Refused:
    return Refused(order(trigger_price_ticks=90), 0, 90)


@refuses(RejectCode.trigger_already_reached)
def trigger_already_reached(floor: Floor) -> Refused:
    floor.sell(ALICE, 1, 100)
    floor.buy(BOB, 1, 100)
    return Refused(order(order_type=OrderType.stop_loss_limit, side=2, trigger_price_ticks=110), 99, 110)


@refuses(RejectCode.display_not_allowed)
def display_not_allowed(floor: Floor) -> Refused:
    return Refused(order(display_lots=5), 4, 5)


@refuses(RejectCode.expiry_invalid)
def expiry_invalid(floor: Floor) -> Refused:
    return Refused(order(time_in_force=4, expire_ns=floor.now), floor.now + 1, floor.now)


@refuses(RejectCode.time_in_force_not_allowed)
def time_in_force_not_allowed(floor: Floor) -> Refused:
    return Refused(order(order_type=OrderType.post_only, time_in_force=2), TimeInForce.gtc, TimeInForce.ioc)


@refuses(RejectCode.client_order_id_taken)
def client_order_id_taken(floor: Floor) -> Refused:
    number = floor.buy(ALICE, 5, 100, client_order_id=7).order_id
    return Refused(order(client_order_id=7), number, floor.venue.next_seq)


# ---------------------------------------------------------------- limits
@refuses(RejectCode.quantity_too_large)
def quantity_too_large(floor: Floor) -> Refused:
    floor.rules(quantity_max_lots=10)
    return Refused(order(lots=11), 10, 11)


@refuses(RejectCode.notional_too_small)
def notional_too_small(floor: Floor) -> Refused:
    floor.rules(notional_min_minor=501)
    return Refused(order(), 501, 500)


@refuses(RejectCode.notional_too_large)
def notional_too_large(floor: Floor) -> Refused:
    floor.rules(notional_max_minor=499)
    return Refused(order(), 499, 500)


@refuses(RejectCode.price_outside_collar)
def price_outside_collar(floor: Floor) -> Refused:
    floor.rules(collar_ppm=100_000)
    floor.sell(ALICE, 1, 100)
    floor.buy(BOB, 1, 100)
    return Refused(order(price=111), 110, 111)


@refuses(RejectCode.open_orders_limit)
def open_orders_limit(floor: Floor) -> Refused:
    table = ParameterTable.open_orders_max
    floor.act(SetParameter(table, parameter_value=1, rulebook_hash=HASH))
    floor.buy(ALICE, 5, 100)
    return Refused(order(), 1, 2)


# ---------------------------------------------------------------- open orders
@refuses(RejectCode.order_unknown)
def order_unknown(floor: Floor) -> Refused:
    return Refused(CancelOrder(0, MARKET, ALICE, 888), 0, 888)


@refuses(RejectCode.amend_changes_nothing)
def amend_changes_nothing(floor: Floor) -> Refused:
    number = floor.buy(ALICE, 5, 100).order_id
    return Refused(AmendOrder(0, MARKET, ALICE, number, 100, 5), 1, 0)


@refuses(RejectCode.amend_below_filled)
def amend_below_filled(floor: Floor) -> Refused:
    number = floor.buy(ALICE, 5, 100).order_id
    floor.sell(BOB, 3, 100)
    return Refused(AmendOrder(0, MARKET, ALICE, number, 0, 2), 4, 2)


@refuses(RejectCode.amend_not_allowed)
def amend_not_allowed(floor: Floor) -> Refused:
    stop = {"order_type": OrderType.stop_loss_limit, "trigger_price_ticks": 90}
    number = floor.sell(ALICE, 5, 80, **stop).order_id
    return Refused(AmendOrder(0, MARKET, ALICE, number, 0, 2), 1, 0)


# ---------------------------------------------------------------- holds
@refuses(RejectCode.insufficient_balance)
def insufficient_balance(floor: Floor) -> Refused:
    return Refused(order(side=2, lots=MILLION + 1), MILLION + 1, MILLION)


@refuses(RejectCode.insufficient_custody)
def insufficient_custody(floor: Floor) -> Refused:
    return Refused(DrawHouse(1, 0, BTC, 0, 5, HASH), 5, 0)


@refuses(RejectCode.insufficient_fees)
def insufficient_fees(floor: Floor) -> Refused:
    return Refused(SweepFees(1, 1, 0, USD, 0, 10, HASH), 10, 0)


@refuses(RejectCode.post_only_would_cross)
def post_only_would_cross(floor: Floor) -> Refused:
    floor.sell(BOB, 5, 100)
    return Refused(order(order_type=OrderType.post_only), 99, 100)


@refuses(RejectCode.reference_missing)
def reference_missing(floor: Floor) -> Refused:
    market = floor.market(base=USD, quote=BTC, open_it=False)
    return Refused(SetMarketState(MarketState.continuous, market_id=market), 1, 0)


@refuses(RejectCode.call_phase_not_over)
def call_phase_not_over(floor: Floor) -> Refused:
    floor.to(MarketState.halted)
    floor.to(MarketState.auction)
    # The floor's auctions last 1,000 ms.
    return Refused(SetMarketState(MarketState.continuous, market_id=1), floor.now + 1_000_000_000, floor.now)


@refuses(RejectCode.trading_rules_invalid)
def trading_rules_invalid(floor: Floor) -> Refused:
    return Refused(SetTradingRules(extension_count_max=2, market_id=1), 1, 0)
