"""A venue under test: commands by keyword, events decoded.

`Floor` fills in what a command needs and a test does not talk about: time, officers, hashes, numbers, rules. `do`
presents an instruction of two officers with every role before a privileged command, and gives only the command's own
events; `send`, `signed` and `instruct` are for tests of authority itself. A market made here has lots and tick values
of one minor unit, so that a price times a quantity is an amount, no fees, and bands so wide that they never act.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    EVENTS,
    PRIVILEGES,
    RECORD_SIZE,
    AccountRole,
    AdmitAsset,
    AdvanceTime,
    AmendOrder,
    ApproveWithdrawal,
    AssetKind,
    CancelAll,
    CancelOrder,
    CancelOrderList,
    ClientClass,
    CommandRejected,
    CreditDeposit,
    CustodyLocation,
    MarketState,
    OpenAccount,
    OpenMarket,
    OrderAccepted,
    OrderType,
    PlaceOco,
    PlaceOrder,
    PlaceOto,
    PlaceOtoco,
    PlaceTrailingStop,
    PresentInstruction,
    RegisterAsset,
    RegisterOfficer,
    RotateFacilityKey,
    SelfTradePrevention,
    SetMarketRules,
    SetMarketState,
    Side,
    TakeCheckpoint,
    TimeInForce,
    TradeExecuted,
    WithdrawalRequested,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.book import BUY, SELL, Order
from tarazy.spec.snapshot import decode
from tarazy.spec.state import Market, State

OFFICER, APPROVER = 1, 2
BTC, USD = 1, 2
MARKET = 1
ALICE, BOB, CAROL, DAVE = 1, 2, 3, 4
MILLION = 1_000_000
SECOND_NS = 1_000_000_000
WIDE_PPM = 100 * MILLION
MINUTE_NS = 60 * SECOND_NS
ALL_ROLES = 31
END_OF_TIME = (1 << 64) - 1
E = TypeVar("E")


class Lots(NamedTuple):
    """An order as a test names it: its number, price and lots."""

    order_id: int
    price_ticks: int
    lots: int


class Result(list[Any]):
    """The events of one command."""

    def of(self, kind: type[E]) -> list[E]:
        """Return the events of one kind."""
        return [event for event in self if isinstance(event, kind)]

    def one(self, kind: type[E]) -> E:
        """Return the only event of a kind."""
        found = self.of(kind)
        assert len(found) == 1, f"expected one {kind.__name__}, found {list(self)}"
        return found[0]

    @property
    def order_id(self) -> int:
        """Return the number of the accepted order."""
        return self.one(OrderAccepted).order_id

    @property
    def fills(self) -> list[Lots]:
        """Return what was traded: the maker's order, the price, the lots."""
        return [Lots(t.maker_order_id, t.price_ticks, t.quantity_lots) for t in self.of(TradeExecuted)]

    @property
    def kinds(self) -> list[str]:
        """Return the names of the events in order."""
        return [type(event).__name__ for event in self]

    @property
    def reject_code(self) -> RejectCode:
        """Return why the command was refused."""
        assert len(self) == 1, f"expected one refusal, found {list(self)}"
        return RejectCode(self.one(CommandRejected).reject_code)


def decode_events(events: bytes) -> Result:
    """Return events as records."""
    return Result(
        EVENTS[int.from_bytes(events[at : at + 2], "little")].unpack(events, at)
        for at in range(0, len(events), RECORD_SIZE)
    )


def public_key(number: int) -> bytes:
    """Return the public key of the officer whom a test calls by a number."""
    return sha256(b"officer %d" % number).digest()


def signers_hash(*keys: bytes) -> bytes:
    """Return how an instruction names the keys that signed it."""
    return sha256(b"".join(keys)).digest()


class Floor:
    """A venue and the short words in which tests talk to it. A journal of it begins with the facility's key."""

    facility_key = b""

    def __init__(self, engine: type[Engine]) -> None:
        self.engine = engine
        self.venue = engine()
        self.now = SECOND_NS
        self.hashes = 0
        self.requests: dict[int, WithdrawalRequested] = {}
        self.instructions = 0
        self.keys: dict[int, bytes] = {}
        if self.facility_key:
            self.send(RotateFacilityKey(0, self.facility_key))
        for number in (OFFICER, APPROVER):
            self.keys[number] = self.key_of(number)
            self.send(RegisterOfficer(ALL_ROLES, 0, 0, END_OF_TIME, self.keys[number]))

    # ------------------------------------------------------------ authority
    def key_of(self, number: int) -> bytes:
        """Return the public key with which an officer is registered."""
        return public_key(number)

    def send(self, command: Any) -> Result:
        """Apply one record as it is, at the floor's time unless it states its own."""
        if not command.ts_ns:
            command = command._replace(ts_ns=self.now)
        result = decode_events(self.venue.apply(command.pack()))
        self.requests |= {event.withdrawal_id: event for event in result.of(WithdrawalRequested)}
        return result

    def officer(self, number: int, roles: int, begin_ns: int = 0, end_ns: int = END_OF_TIME) -> Result:
        """Register the officer who gets this number."""
        self.keys[number] = self.key_of(number)
        return self.do(RegisterOfficer(roles, 0, begin_ns, end_ns, self.keys[number]))

    def instruction(self, officer: int, approver: int = 0, count: int = 1, **fields: Any) -> PresentInstruction:
        """Return an instruction of officers who know all so far, with a number of its own, valid for a minute."""
        self.instructions += 1
        keys = [self.keys.get(number, bytes(32)) for number in (officer, approver) if number]
        until = min(self.now + MINUTE_NS, END_OF_TIME)
        return PresentInstruction(
            self.now, officer, approver, count, self.instructions, until, signers_hash(*keys), self.venue.next_seq - 1
        )._replace(**fields)

    def instruct(self, officer: int, approver: int = 0, count: int = 1, **fields: Any) -> Result:
        """Present an instruction of the officers."""
        return self.send(self.instruction(officer, approver, count, **fields))

    def signed(self, command: Any, officer: int, approver: int = 0) -> Result:
        """Apply one record as the act of these officers."""
        self.instruct(officer, approver)
        return self.send(command)

    # ------------------------------------------------------------ commands
    def do(self, command: Any) -> Result:
        """Apply one record, at the floor's time unless it states its own; a privileged one as two officers' act."""
        kind = int.from_bytes(command.pack()[:2], "little")
        if kind in PRIVILEGES:
            self.instruct(OFFICER, APPROVER, ts_ns=command.ts_ns or self.now)
        return self.send(command)

    def attempt(self, command: Any) -> Result:
        """Apply one record as two officers' act; it may be refused."""
        return self.do(command)

    def approval(self, number: int) -> ApproveWithdrawal:
        """Return the approval of a withdrawal that was requested here, of its number alone where it was not."""
        asked = self.requests.get(number, WithdrawalRequested())
        return ApproveWithdrawal(
            0, asked.account_id, asked.asset_id, number, asked.amount_minor, asked.destination_hash
        )

    def act(self, command: Any) -> Result:
        """Apply one record that must not be refused."""
        result = self.do(command)
        assert not result.of(CommandRejected), f"expected {command} to be accepted, found {result.reject_code.name}"
        return result

    def new_hash(self) -> bytes:
        """Return 32 bytes that were not used before."""
        self.hashes += 1
        return self.hashes.to_bytes(32, "big")

    def wait(self, ns: int) -> Result:
        """Let time pass."""
        self.now += ns
        return self.do(AdvanceTime())

    def checkpoint(self) -> Result:
        """Mark a checkpoint, and audit the state from the ground up as the sequencer's copy does."""
        result = self.do(TakeCheckpoint())
        self.venue.audit()
        return result

    def asset(self, code: str, scale: int = 8, admitted: bool = True, kind: int = AssetKind.digital) -> int:
        """Register an asset (a digital one unless said otherwise), admit it, and return its number."""
        asset_id = len(self.state.assets) + 1
        name = code.encode().ljust(16, b"\0")
        self.act(RegisterAsset(kind, scale, asset_code=name))
        if admitted:
            self.act(AdmitAsset(asset_id=asset_id, decision_hash=self.new_hash()))
        return asset_id

    def market(
        self, base: int = BTC, quote: int = USD, lot: int = 1, tick: int = 1, open_it: bool = True, **rules: int
    ) -> int:
        """Create a market with rules, open it for continuous trading, and return its number."""
        market_id = len(self.state.markets) + 1
        self.act(
            OpenMarket(
                base_asset_id=base,
                quote_asset_id=quote,
                lot_size_minor=lot,
                tick_value_minor=tick,
                rulebook_hash=self.new_hash(),
            )
        )
        self.rules(market_id, **rules)
        if open_it:
            self.to(MarketState.pre_open, market=market_id)
            self.to(MarketState.continuous, market=market_id)
        return market_id

    def rules(self, market: int = MARKET, **rules: int) -> Result:
        """Set a market's rules: those named, wide ones otherwise."""
        wide = SetMarketRules(
            market_id=market,
            collar_ppm=WIDE_PPM,
            corridor_ppm=WIDE_PPM,
            auction_duration_ms=1_000,
            quantity_max_lots=1 << 40,
            notional_max_minor=1 << 120,
        )
        return self.act(wide._replace(**rules))

    def to(self, state: int, market: int = MARKET, leads_to: int = 0, **terms: int) -> Result:
        """Move a market to a state; an auction leads to continuous unless another is named."""
        if state == MarketState.auction and not leads_to:
            leads_to = MarketState.continuous
        return self.act(SetMarketState(state, leads_to, market_id=market, **terms))

    def account(
        self, owner: int = 0, role: int = AccountRole.client, approval: int = 0, tier: int = 0, **funds: int
    ) -> int:
        """Open an account (of a new owner unless one is named), fund it (`btc=5`), and return its number."""
        self.account_opened(owner, role, approval, tier)
        account_id = len(self.state.accounts)
        for code, amount in funds.items():
            self.deposit(account_id, self.asset_id(code), amount)
        return account_id

    def account_opened(
        self, owner: int = 0, role: int = AccountRole.client, approval: int = 0, tier: int = 0
    ) -> Result:
        """Open an account (of a new owner unless one is named) and return what that caused."""
        account_id = len(self.state.accounts) + 1
        opened = OpenAccount(
            ClientClass.retail,
            role,
            tier,
            owner_id=owner or 1_000 + account_id,
            approval_id=approval,
            leaf_salt=account_id << 64,
        )
        return self.act(opened)

    def deposit(self, account: int, asset: int, amount: int, location: int = CustodyLocation.hot) -> Result:
        """Credit a deposit under new evidence."""
        return self.act(
            CreditDeposit(
                location, account_id=account, asset_id=asset, amount_minor=amount, evidence_hash=self.new_hash()
            )
        )

    def order(self, side: int, account: int, lots: int, price: int = 0, **options: int) -> Result:
        """Place an order: limit and GTC with a price, market and IOC without, unless options say otherwise."""
        command = PlaceOrder(
            order_type=OrderType.limit if price else OrderType.market,
            side=side,
            time_in_force=TimeInForce.gtc if price else TimeInForce.ioc,
            self_trade_prevention=SelfTradePrevention.expire_taker,
            market_id=MARKET,
            account_id=account,
            price_ticks=price,
            quantity_lots=lots,
        )
        return self.do(command._replace(**options))

    def buy(self, account: int, lots: int, price: int = 0, **options: int) -> Result:
        """Place a buy order; see `order`."""
        return self.order(Side.buy, account, lots, price, **options)

    def sell(self, account: int, lots: int, price: int = 0, **options: int) -> Result:
        """Place a sell order; see `order`."""
        return self.order(Side.sell, account, lots, price, **options)

    def amend(
        self, account: int, order_id: int, lots: int, price: int = 0, market: int = MARKET, client_order_id: int = 0
    ) -> Result:
        """Amend an order to a new total quantity and, unless it is 0, a new price."""
        return self.do(AmendOrder(0, market, account, order_id, price, lots, client_order_id))

    def cancel(self, account: int, order_id: int, client_order_id: int = 0, market: int = MARKET) -> Result:
        """Cancel an order by its number or, when that is 0, by the client's."""
        return self.do(CancelOrder(0, market, account, order_id, client_order_id))

    def cancel_all(self, account: int, market: int = 0, side: int = 0, session: int = 0) -> Result:
        """Cancel all orders of an account, in every market, on both sides, of every session unless one is named."""
        return self.do(CancelAll(side, session, 0, market, account))

    def trailing(
        self, side: int, account: int, lots: int, bp: int, price: int = 0, begin: int = 0, **options: int
    ) -> Result:
        """Place a trailing stop that begins at a price: limit and GTC with a price, at market and IOC without."""
        command = PlaceTrailingStop(
            order_type=OrderType.stop_loss_limit if price else OrderType.stop_loss,
            side=side,
            time_in_force=TimeInForce.gtc if price else TimeInForce.ioc,
            self_trade_prevention=SelfTradePrevention.expire_taker,
            market_id=MARKET,
            account_id=account,
            price_ticks=price,
            quantity_lots=lots,
            trigger_price_ticks=begin,
            trailing_bp=bp,
        )
        return self.do(command._replace(**options))

    def oco(self, side: int, account: int, lots: int, price: int, trigger: int, **options: int) -> Result:
        """Place a post-only order at a price and a stop (at market unless `stop_price_ticks` is named) as a pair."""
        command = PlaceOco(
            side=side,
            self_trade_prevention=SelfTradePrevention.expire_taker,
            market_id=MARKET,
            account_id=account,
            price_ticks=price,
            quantity_lots=lots,
            trigger_price_ticks=trigger,
        )
        return self.do(command._replace(**options))

    def oto(self, side: int, account: int, lots: int, price: int, pending_price: int, **options: int) -> Result:
        """Place a limit order that, once filled, lets a limit order of as many lots on the other side begin."""
        command = PlaceOto(
            order_type=OrderType.limit,
            side=side,
            self_trade_prevention=SelfTradePrevention.expire_taker,
            pending_type=OrderType.limit,
            market_id=MARKET,
            account_id=account,
            price_ticks=price,
            quantity_lots=lots,
            pending_price_ticks=pending_price,
            pending_quantity_lots=lots,
        )
        return self.do(command._replace(**options))

    def otoco(
        self, side: int, account: int, lots: int, price: int, pending_price: int, trigger: int, **options: int
    ) -> Result:
        """Place a limit order that, once filled, lets a pair of as many lots on the other side begin."""
        command = PlaceOtoco(
            order_type=OrderType.limit,
            side=side,
            self_trade_prevention=SelfTradePrevention.expire_taker,
            market_id=MARKET,
            account_id=account,
            price_ticks=price,
            quantity_lots=lots,
            pending_price_ticks=pending_price,
            pending_quantity_lots=lots,
            trigger_price_ticks=trigger,
        )
        return self.do(command._replace(**options))

    def cancel_list(self, account: int, list_id: int = 0, client_order_id: int = 0) -> Result:
        """Cancel an order list by its number or, when that is 0, by the client's of one of its orders."""
        return self.do(CancelOrderList(0, MARKET, account, list_id, client_order_id))

    def print_at(self, *prices: int) -> list[Any]:
        """Let two accounts of their own trade one lot at each price in turn; return the events."""
        events: list[Any] = []
        for price in prices:
            events += self.sell(CAROL, 1, price)
            events += self.buy(DAVE, 1, price)
        return events

    # ------------------------------------------------------------ what is there afterwards
    @property
    def state(self) -> State:
        """Return the state as the engine's snapshot tells it."""
        return decode(self.venue.snapshot())

    def asset_id(self, code: str) -> int:
        """Return the number of an asset by its code, in any case."""
        codes = [asset.asset_code.rstrip(b"\0").decode() for asset in self.state.assets]
        return codes.index(code.upper()) + 1

    def balance(self, account: int, asset: int) -> tuple[int, int]:
        """Return what is available and what is held."""
        balance = self.state.ledger.balance(account, asset)
        return balance.available.minor, balance.held.minor

    def market_state(self, market: int = MARKET) -> int:
        """Return a market's state."""
        return self.state.markets[market - 1].market_state

    def queue(self, side: int, market: int = MARKET) -> list[Lots]:
        """Return the resting orders of a side in priority, with the lots that each shows."""
        return [Lots(o.order_id, o.price_ticks, o.visible_lots) for o in resting(self.state.markets[market - 1], side)]

    @property
    def bids(self) -> list[Lots]:
        """Return the buy side of the first market."""
        return self.queue(BUY)

    @property
    def asks(self) -> list[Lots]:
        """Return the sell side of the first market."""
        return self.queue(SELL)


def resting(market: Market, side: int) -> list[Order]:
    """Return the resting orders of a side in priority."""
    book = market.book
    return [order for key in reversed(book.keys[side]) for order in book.levels[side][key].values()]


def open_floor(engine: type[Engine], floor_type: type[Floor] = Floor, **rules: Any) -> Floor:
    """Return a floor with BTC, USD, one continuous market and the four accounts, each of its own owner and rich."""
    floor = floor_type(engine)
    floor.asset("BTC", 8)
    floor.asset("USD", 2)
    floor.market(**rules)
    for _ in (ALICE, BOB, CAROL, DAVE):
        floor.account(btc=MILLION, usd=MILLION)
    return floor
