"""A small language for golden books: one command a line, what happened indented below it.

alice sells 5 @ 100 iceberg 2        limit, GTC; also: ioc, fok, post-only, gtd 5s, stop 90, take 110, stp maker
bob buys 5 market                    by lots
bob buys market for 500              by cash order quantity
alice amends o1 to 3                 `@ 99` moves its price
alice cancels o1                     orders are numbered as they are accepted
alice cancels all
market auction leads_to=closed       any state of the market
rules corridor_ppm=50000                 all other rules stay wide
account erin owner=alice usd=500     alice, bob, carol and dave are there and rich
freeze alice
suspend BTC
wait 5s
book
balances alice bob
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    AccountState,
    CancelReason,
    MarketReason,
    MarketState,
    OrderType,
    SelfTradePrevention,
    SetAccountState,
    SuspendAsset,
    TimeInForce,
)
from tarazy.domain.reject_codes import RejectCode

from ..floor import MARKET, SECOND_NS, Floor, Result, open_floor, resting

INDENT = "    "
NAMES = ("alice", "bob", "carol", "dave")


def run(engine: type[Engine], text: str) -> str:
    """Return the script with what happens now below every command."""
    script = Script(engine)
    lines = []
    for line in text.splitlines():
        if line.startswith(INDENT):
            continue
        lines.append(line)
        if line and not line.startswith("#"):
            lines += [f"{INDENT}{told}".rstrip() for told in script.command(line)]
    return "\n".join(lines) + "\n"


class Script:
    """A floor with names for accounts and orders."""

    def __init__(self, engine: type[Engine]) -> None:
        self.floor: Floor = open_floor(engine)
        self.accounts = {name: number for number, name in enumerate(NAMES, 1)}
        self.orders: list[int] = []

    def command(self, line: str) -> Iterator[str]:
        """Run one line and yield what it did."""
        first, *rest = line.split()
        if first in self.accounts:
            yield from self.told(self.trade(self.accounts[first], rest))
        else:
            yield from WORDS[first](self, rest)

    # ------------------------------------------------------------ commands
    def trade(self, account: int, words: list[str]) -> Result:
        """Do what a trader asks for."""
        verb, *words = words
        if verb == "cancels":
            return (
                self.floor.cancel_all(account)
                if words == ["all"]
                else self.floor.cancel(account, self.number(words[0]))
            )
        if verb == "amends":
            price = int(words[4]) if len(words) > 3 else 0
            return self.floor.amend(account, self.number(words[0]), int(words[2]), price)
        place = self.floor.buy if verb == "buys" else self.floor.sell
        if words[:2] == ["market", "for"]:
            return place(account, 0, cash_order_quantity_minor=int(words[2]), **self.options(words[3:], ""))
        if words[1] == "market":
            return place(account, int(words[0]), **self.options(words[2:], ""))
        return place(account, int(words[0]), int(words[2]), **self.options(words[3:], "_limit"))

    def options(self, words: list[str], form: str) -> dict[str, int]:
        """Return the fields that the words after the price stand for; `form` is how a trigger's type ends."""
        options: dict[str, int] = {}
        pending = list(words)
        while pending:
            word = pending.pop(0)
            if word in ("ioc", "fok"):
                options["time_in_force"] = TimeInForce[word]
            elif word == "post-only":
                options["order_type"] = OrderType.post_only
            elif word == "iceberg":
                options["display_lots"] = int(pending.pop(0))
            elif word == "gtd":
                options |= {"time_in_force": TimeInForce.gtd, "expire_ns": self.floor.now + duration(pending.pop(0))}
            elif word in ("stop", "take"):
                kind = "stop_loss" if word == "stop" else "take_profit"
                options |= {"order_type": OrderType[kind + form], "trigger_price_ticks": int(pending.pop(0))}
            elif word == "stp":
                options["self_trade_prevention"] = SelfTradePrevention[pending.pop(0)]
            else:
                raise ValueError(f"expected an option of an order, found {word!r} in {words}")
        return options

    def market(self, words: list[str]) -> Iterator[str]:
        """Move the market to a state."""
        terms = dict(word.split("=") for word in words[1:])
        fields: dict[str, int] = {"leads_to": MarketState[terms["leads_to"]]} if "leads_to" in terms else {}
        if "for" in terms:
            fields["auction_end_ns"] = self.floor.now + duration(terms["for"])
        if "reference" in terms:
            fields["reference_price_ticks"] = int(terms["reference"])
        yield from self.told(self.floor.to(MarketState[words[0]], **fields))

    def rules(self, words: list[str]) -> Iterator[str]:
        """Set the market's rules."""
        self.floor.rules(**{name: int(value) for name, value in (word.split("=") for word in words)})
        yield from ()

    def account(self, words: list[str]) -> Iterator[str]:
        """Open an account."""
        terms = dict(word.split("=") for word in words[1:])
        owner = terms.pop("owner", "")
        owner_id = 1_000 + self.accounts[owner] if owner else 0
        funds = {code: int(amount) for code, amount in terms.items()}
        self.accounts[words[0]] = self.floor.account(owner=owner_id, **funds)
        yield from ()

    def freeze(self, words: list[str]) -> Iterator[str]:
        """Freeze an account."""
        yield from self.told(
            self.floor.act(SetAccountState(AccountState.frozen, 0, self.accounts[words[0]], self.floor.new_hash()))
        )

    def suspend(self, words: list[str]) -> Iterator[str]:
        """Suspend an asset."""
        asset_id = self.floor.asset_id(words[0])
        yield from self.told(self.floor.act(SuspendAsset(asset_id=asset_id, decision_hash=self.floor.new_hash())))

    def wait(self, words: list[str]) -> Iterator[str]:
        """Let time pass."""
        yield from self.told(self.floor.wait(duration(words[0])))

    # ------------------------------------------------------------ tables
    def book(self, words: list[str]) -> Iterator[str]:
        """Yield the book: asks from the worst to the best, then bids from the best."""
        market = self.floor.state.markets[MARKET - 1]
        asks, bids = self.levels(resting(market, 2)), self.levels(resting(market, 1))
        yield f"{MarketState(market.market_state).name}, last {market.last_price_ticks}"
        for side, levels in (("ask", asks[::-1]), ("bid", bids)):
            for price, orders in levels:
                lots = sum(order.visible_lots for order in orders)
                yield f"{side} {price:6} {lots:6}  {', '.join(self.resting_words(order) for order in orders)}"
        for number in sorted(market.book.untriggered):
            order = market.book.untriggered[number]
            kind = OrderType(order.order_type).name
            yield f"untriggered  {self.order(number)} {self.name(order.account_id)} {kind} {order.trigger_price_ticks}"

    def levels(self, orders: list[Any]) -> list[tuple[int, list[Any]]]:
        """Return orders in priority by price."""
        prices = dict.fromkeys(order.price_ticks for order in orders)
        return [(price, [order for order in orders if order.price_ticks == price]) for price in prices]

    def resting_words(self, order: Any) -> str:
        """Return an order of the book: its number, owner and lots, and of how many for an iceberg."""
        hidden = f" of {order.leaves_lots}" if order.visible_lots != order.leaves_lots else ""
        return f"{self.order(order.order_id)} {self.name(order.account_id)} {order.visible_lots}{hidden}"

    def balances(self, words: list[str]) -> Iterator[str]:
        """Yield balances: available and held of both assets."""
        yield f"{'account':8} {'btc':>9} {'held':>7} {'usd':>9} {'held':>7}"
        for name in words:
            btc, usd = (self.floor.balance(self.accounts[name], asset) for asset in (1, 2))
            yield f"{name:8} {btc[0]:9} {btc[1]:7} {usd[0]:9} {usd[1]:7}"
        fees = [self.floor.state.ledger.asset(asset).fees_earned.minor for asset in (1, 2)]
        if any(fees):
            yield f"{'fees':8} {fees[0]:9} {'':7} {fees[1]:9}"

    # ------------------------------------------------------------ events in words
    def told(self, events: Result) -> Iterator[str]:
        """Yield events in words."""
        for event in events:
            kind = type(event).__name__
            if kind == "OrderAccepted":
                self.orders.append(event.order_id)
            if kind in SENTENCES:
                yield SENTENCES[kind](self, event)

    def number(self, name: str) -> int:
        """Return the order that a script calls `o1`."""
        return self.orders[int(name[1:]) - 1]

    def order(self, number: int) -> str:
        """Return what a script calls an order."""
        return f"o{self.orders.index(number) + 1}"

    def name(self, account: int) -> str:
        """Return an account's name."""
        return next(name for name, number in self.accounts.items() if number == account)


def duration(word: str) -> int:
    """Return `5s` or `50ms` in nanoseconds."""
    return int(word[:-2]) * 1_000_000 if word.endswith("ms") else int(word[:-1]) * SECOND_NS


WORDS: dict[str, Callable[[Script, list[str]], Iterator[str]]] = {
    "market": Script.market,
    "rules": Script.rules,
    "account": Script.account,
    "freeze": Script.freeze,
    "suspend": Script.suspend,
    "wait": Script.wait,
    "book": Script.book,
    "balances": Script.balances,
}


def trade(script: Script, e: Any) -> str:
    """Return a trade in words: buyer and seller, and fees where there are any."""
    maker = f"{script.order(e.maker_order_id)} {script.name(e.maker_account_id)}"
    taker = f"{script.order(e.taker_order_id)} {script.name(e.taker_account_id)}"
    fees = f", fees {e.maker_fee_minor} and {e.taker_fee_minor}" if e.maker_fee_minor or e.taker_fee_minor else ""
    return f"trade {e.quantity_lots} @ {e.price_ticks}: {maker} with {taker}{fees}"


def market_changed(script: Script, e: Any) -> str:
    """Return a change of the market's state in words."""
    end = f", ends in {(e.auction_end_ns - script.floor.now) // 1_000_000}ms" if e.auction_end_ns else ""
    return f"market {MarketState(e.market_state).name} ({MarketReason(e.market_reason).name}){end}"


def uncrossed(script: Script, e: Any) -> str:
    """Return an auction's outcome in words."""
    imbalance = {0: "", 1: " of buyers", 2: " of sellers"}[e.side]
    return f"auction at {e.price_ticks}: {e.volume_lots} lots, {e.imbalance_lots} left over{imbalance}"


SENTENCES: dict[str, Callable[[Script, Any], str]] = {
    "CommandRejected": lambda s, e: (
        f"refused: {RejectCode(e.reject_code).name}, expected {e.expected}, found {e.found}"
    ),
    "OrderAccepted": lambda s, e: f"{s.order(e.order_id)} holds {e.held_minor}",
    "OrderCanceled": lambda s, e: (
        f"{s.order(e.order_id)} canceled ({CancelReason(e.cancel_reason).name}), {e.leaves_lots} lots left, "
        f"{e.released_minor} released"
    ),
    "OrderAmended": lambda s, e: (
        f"{s.order(e.order_id)} amended to {e.quantity_lots} @ {e.price_ticks}, "
        f"{'keeps' if e.priority_kept else 'loses'} its place, holds {e.held_minor}"
    ),
    "OrderTriggered": lambda s, e: f"{s.order(e.order_id)} triggered at {e.last_price_ticks}",
    "OrderReduced": lambda s, e: f"{s.order(e.order_id)} reduced by {e.reduced_lots}, {e.leaves_lots} left",
    "OrderReplenished": lambda s, e: f"{s.order(e.order_id)} shows {e.visible_lots} of {e.leaves_lots}",
    "TradeExecuted": trade,
    "MarketStateChanged": market_changed,
    "AuctionUncrossed": uncrossed,
}
