"""A client that has logged on for market data: books, trades, instruments, and the state of markets.

Streams are those of the WebSocket: one snapshot, then what changes, with update ids that come from the record. Of a
book's levels the client is told which are new to it, which changed and which are gone.
"""

from __future__ import annotations

import logging
from typing import Any, NamedTuple

from tarazy.domain.records import MarketState
from tarazy.facility.accounts.api_keys import READ
from tarazy.facility.feeds.service import Feeds
from tarazy.facility.feeds.streams.hub import StreamMessage
from tarazy.facility.feeds.streams.messages import snapshot_plain
from tarazy.facility.feeds.streams.names import FAST, Stream
from tarazy.facility.gateway.dialect.exchange_info import filters
from tarazy.facility.gateway.fix.codec import printable
from tarazy.facility.gateway.fix.logon import LogonTerms
from tarazy.facility.gateway.fix.message import ClientMessage, MessageBody
from tarazy.facility.gateway.fix.reports import stamp, why
from tarazy.facility.gateway.fix.session import Fields, FixSession
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.limits import Limit, LimitWindow
from tarazy.facility.projections.venue import STATE
from tarazy.oversight.requests.errors import DialectError
from tarazy.oversight.requests.symbol import Symbol

BID, OFFER, TRADE = "0", "1", "2"
NEW, CHANGE, DELETE = 0, 1, 2
DUPLICATE_NAME, TOO_MANY, BAD_TYPE, BAD_DEPTH, BAD_ENTRY = "1", "2", "4", "5", "8"
SIMILAR_SUBSCRIPTION, TOO_MANY_SUBSCRIPTIONS, UNKNOWN = -1191, -1190, -1000
DEPTH_MAX = 5_000
NAME_MAX = 36
LOG = logging.getLogger("tarazy.gateway")
# FIX 4.4 of a market's states: SecurityTradingStatus and TradSesStatus.
TRADING_STATUS = {
    int(MarketState.closed): (18, 3),
    int(MarketState.pre_open): (21, 4),
    int(MarketState.auction): (22, 4),
    int(MarketState.continuous): (17, 2),
    int(MarketState.halted): (2, 1),
}


class SubscriptionError(Exception):
    """A request for market data is refused: the reason, the dialect's code, a text."""

    def __init__(self, reason: str, code: int, text: str) -> None:
        super().__init__(reason, code, text)
        self.reason, self.code, self.text = reason, code, text


class MarketSubscription:
    """One stream of one symbol, by the name that the client gave its request."""

    def __init__(self, session: FixSession, name: str, symbol: Symbol, stream: Stream) -> None:
        self._session, self.name, self._symbol, self.stream = session, name, symbol.name, stream
        self._reached = 0
        self._known: set[tuple[str, str]] = set()

    def offer(self, message: StreamMessage) -> None:
        """Tell what a stream says."""
        entries = {"trade": self._trade, "depth": self._diff, "bookTicker": self._best}[self.stream.kind](message.plain)
        if entries:
            fields: Fields = [(262, self.name), (268, len(entries))]
            self._session.send("X", fields + [field for entry in entries for field in entry])

    def snapshot(self, plain: dict[str, Any]) -> None:
        """Tell how the book is; changes that are in it already are not told again."""
        self._reached = plain["lastUpdateId"]
        levels = [(side, *level) for side, key in ((BID, "bids"), (OFFER, "asks")) for level in plain[key]]
        self._known = {(side, price) for side, price, _ in levels}
        fields: Fields = [(262, self.name), (55, self._symbol), (25044, self._reached), (268, len(levels))]
        for side, price, quantity in levels:
            fields += [(269, side), (270, price), (271, quantity)]
        self._session.send("W", fields)

    def _trade(self, plain: dict[str, Any]) -> list[Fields]:
        aggressor = "2" if plain["m"] else "1"
        entry: Fields = [(279, NEW), (269, TRADE), (270, plain["p"]), (271, plain["q"]), (55, self._symbol)]
        return [[*entry, (60, stamp(plain["T"])), (1003, plain["t"]), (2446, aggressor)]]

    def _diff(self, plain: dict[str, Any]) -> list[Fields]:
        """Return the levels of a diff."""
        if plain["u"] <= self._reached:
            return []
        entries = [
            self._level(side, price, quantity)
            for side, key in ((BID, "b"), (OFFER, "a"))
            for price, quantity in plain[key]
        ]
        found = [entry for entry in entries if entry]
        if found:
            first = max(plain["U"], self._reached + 1)
            found[0] += [(55, self._symbol), (25043, first), (25044, plain["u"])]
        self._reached = plain["u"]
        return found

    def _level(self, side: str, price: str, quantity: str) -> Fields:
        """Return one level, nothing of one that the client was never told of and that is gone."""
        key, is_gone = (side, price), not quantity.strip("0.")
        if is_gone and key not in self._known:
            return []
        if is_gone:
            self._known.discard(key)
            return [(279, DELETE), (269, side), (270, price)]
        action = CHANGE if key in self._known else NEW
        self._known.add(key)
        return [(279, action), (269, side), (270, price), (271, quantity)]

    def _best(self, plain: dict[str, Any]) -> list[Fields]:
        """Return the best prices, each in place of the one before."""
        if plain["u"] <= self._reached:
            return []
        self._reached = plain["u"]
        found: list[Fields] = []
        for side, price, quantity in ((BID, plain["b"], plain["B"]), (OFFER, plain["a"], plain["A"])):
            is_gone = not quantity.strip("0.")
            if is_gone and all(known[0] != side for known in self._known):
                continue
            action = DELETE if is_gone else CHANGE if any(known[0] == side for known in self._known) else NEW
            last = next((known[1] for known in self._known if known[0] == side), price)
            self._known = {known for known in self._known if known[0] != side} | (set() if is_gone else {(side, price)})
            size: Fields = [] if is_gone else [(271, quantity)]
            found.append([(279, action), (269, side), (270, last if is_gone else price), *size])
        if found:
            found[0] += [(55, self._symbol), (25044, plain["u"])]
        return found


class StatusQuestion(NamedTuple):
    """A wish to be told of a market's state: by `f` or by `h`."""

    kind: str
    name: str
    symbol: Symbol


class MarketClient:
    """One client of market data, as long as its connection lasts."""

    def __init__(
        self, session: FixSession, terms: LogonTerms, gateway: Gateway, feeds: Feeds, address: str, limit: Limit
    ) -> None:
        self.session, self.terms, self.address = session, terms, address
        self.window = LimitWindow(limit, gateway.authenticator.clock_us)
        self._gateway, self._feeds = gateway, feeds
        self._subscriptions: dict[tuple[str, int], MarketSubscription] = {}
        self._questions: dict[tuple[str, str, int], StatusQuestion] = {}
        self._told: dict[tuple[str, str, int], int] = {}
        self.subscriptions_max = 1_000
        self._handlers = {"V": self._request, "x": self._instruments, "e": self._security, "g": self._session_status}

    @property
    def under_way(self) -> int:
        """Return how many messages are not answered yet: each is answered as it comes."""
        return 0

    async def settled(self) -> None:
        """Wait for nothing."""

    def take(self, message: ClientMessage) -> None:
        """Answer a message."""
        try:
            handler = self._handlers.get(message.kind)
            if handler is None:
                error = DialectError(UNKNOWN, "This message is not for this session.")
                self.session.send("j", [(45, message.seq), (372, message.kind), (380, 3), *why(error)])
                return
            self._gateway.authenticator.key_of(self.terms.key.key_id, self.address, READ)
            handler(message.body)
        except SubscriptionError as error:
            refused: Fields = [(262, message.body.fields[262]), (281, error.reason), (25016, error.code)]
            self.session.send("Y", [*refused, (58, printable(error.text))])
        except DialectError as error:
            self.session.reject(message, 5, 55, error.message, error.code)
        except Exception:
            LOG.exception("%s over FIX", message.kind)
            self.session.send("j", [(45, message.seq), (372, message.kind), (380, 0), (25016, UNKNOWN)])
        finally:
            self.session.done(message.seq)

    def close(self) -> None:
        """Listen to nothing any more."""
        for each in self._subscriptions.values():
            self._feeds.hub.remove(each.stream, each)
        self._subscriptions.clear()
        self._questions.clear()

    # ------------------------------------------------------------ books and trades

    def _request(self, asked: MessageBody) -> None:
        """V: begin or end a subscription. Raises: SubscriptionError, DialectError."""
        fields = asked.fields
        name = fields[262]
        if len(name) > NAME_MAX:
            raise SubscriptionError(DUPLICATE_NAME, UNKNOWN, f"expected MDReqID of at most {NAME_MAX} characters")
        if fields[263] == "2":
            self._end(name)
            return
        if fields[263] != "1":
            raise SubscriptionError(BAD_TYPE, UNKNOWN, "expected SubscriptionRequestType 1 or 2")
        if any(each == name for each, _ in self._subscriptions):
            raise SubscriptionError(DUPLICATE_NAME, UNKNOWN, f"a subscription {name} is there")
        kind, depth = kind_of(asked)
        symbols = [self._gateway.symbols.find(each.fields[55]) for each in asked.groups.get(146, [])]
        if not symbols:
            raise SubscriptionError("0", UNKNOWN, "expected symbols in NoRelatedSym (146)")
        self._require_room(kind, symbols)
        for symbol in symbols:
            self._begin(name, symbol, kind, depth)

    def _require_room(self, kind: str, symbols: list[Symbol]) -> None:
        """Raise SubscriptionError where a stream is there already, or too many are."""
        markets = {symbol.market_id for symbol in symbols}
        for each in self._subscriptions.values():
            if each.stream.kind == kind and each.stream.market_id in markets:
                text = f"a similar subscription is active: {each.name}"
                raise SubscriptionError(TOO_MANY, SIMILAR_SUBSCRIPTION, text)
        if len(self._subscriptions) + len(symbols) > self.subscriptions_max or len(markets) < len(symbols):
            text = f"expected at most {self.subscriptions_max} subscriptions, each symbol once"
            raise SubscriptionError(TOO_MANY, TOO_MANY_SUBSCRIPTIONS, text)

    def _begin(self, name: str, symbol: Symbol, kind: str, depth: int) -> None:
        """Tell how things are, then what changes."""
        every = FAST if kind == "depth" else 0
        stream = Stream(f"{symbol.name.lower()}@{kind}{'@100ms' if every else ''}", kind, symbol.market_id, "", every)
        found = MarketSubscription(self.session, name, symbol, stream)
        self._subscriptions[name, symbol.market_id] = found
        self._feeds.hub.add(stream, found)
        if kind != "trade":
            views = self._feeds.views
            with views.lock:
                now, book = views.symbol(symbol.market_id) or symbol, views.depth(symbol.market_id, depth)
            found.snapshot(snapshot_plain(now, book))

    def _end(self, name: str) -> None:
        """End the subscriptions of a request. Raises: SubscriptionError."""
        keys = [key for key in self._subscriptions if key[0] == name]
        if not keys:
            raise SubscriptionError("0", UNKNOWN, f"expected the MDReqID of a subscription, found {name}")
        for key in keys:
            found = self._subscriptions.pop(key)
            self._feeds.hub.remove(found.stream, found)

    # ------------------------------------------------------------ instruments and states

    def _instruments(self, asked: MessageBody) -> None:
        """x: tell what can be traded, and in which units. Raises: DialectError."""
        fields, venue = asked.fields, self._gateway.models.venue
        if fields[559] == "0":
            symbols = [self._gateway.symbols.find(fields.get(55, ""))]
        else:
            symbols = [each for each in self._gateway.symbols.all() if venue.markets.rows[each.market_id][STATE] != 1]
        rows = [row for each in symbols if (row := instrument(filters(venue, each), each))]
        answer: Fields = [(320, fields[320]), (146, len(rows))]
        self.session.send("y", answer + [field for row in rows for field in row])

    def _security(self, asked: MessageBody) -> None:
        """e: tell a market's state, and its changes. Raises: DialectError."""
        self._ask("f", asked, asked.fields[324], [self._gateway.symbols.find(asked.fields[55])])

    def _session_status(self, asked: MessageBody) -> None:
        """g: the same of the trading session of a market, which bears its name, or of all. Raises: DialectError."""
        name = asked.fields.get(336)
        symbols = self._gateway.symbols
        self._ask("h", asked, asked.fields[335], [symbols.find(name)] if name is not None else list(symbols.all()))

    def _ask(self, kind: str, asked: MessageBody, name: str, symbols: list[Symbol]) -> None:
        """Begin or end to tell states."""
        for symbol in symbols:
            key = (kind, name, symbol.market_id)
            if asked.fields[263] == "2":
                self._questions.pop(key, None)
                continue
            if len(self._questions) >= self.subscriptions_max:
                raise DialectError(TOO_MANY_SUBSCRIPTIONS, f"At most {self.subscriptions_max} subscriptions.")
            question = StatusQuestion(kind, name, symbol)
            self._tell_state(key, question)
            if asked.fields[263] == "1":
                self._questions[key] = question

    def tick(self) -> None:
        """Tell markets' states that changed."""
        for key, question in self._questions.items():
            if self._gateway.models.venue.markets.rows[question.symbol.market_id][STATE] != self._told.get(key):
                self._tell_state(key, question)

    def _tell_state(self, key: tuple[str, str, int], question: StatusQuestion) -> None:
        """Tell a market's state."""
        state = self._gateway.models.venue.markets.rows[question.symbol.market_id][STATE]
        self._told[key] = state
        security, session = TRADING_STATUS.get(state, (18, 3))
        text = (58, f"market is {MarketState(state).name}")
        name = question.symbol.name
        if question.kind == "f":
            now = (60, stamp(self._gateway.authenticator.clock_us() // 1_000))
            self.session.send("f", [(324, question.name), (55, name), (326, security), now, text])
        else:
            self.session.send("h", [(335, question.name), (336, name), (340, session), text])


def kind_of(asked: MessageBody) -> tuple[str, int]:
    """Return which stream is wanted, and how deep its snapshot is. Raises: SubscriptionError."""
    entries = {each.fields[269] for each in asked.groups.get(267, [])}
    depth = int(asked.fields.get(264, "1"))
    if entries == {TRADE}:
        return "trade", 0
    if entries != {BID, OFFER}:
        raise SubscriptionError(BAD_ENTRY, UNKNOWN, "expected MDEntryType 2, or 0 and 1")
    if not 1 <= depth <= DEPTH_MAX:
        raise SubscriptionError(BAD_DEPTH, UNKNOWN, f"expected MarketDepth from 1 to {DEPTH_MAX}")
    return ("bookTicker", 1) if depth == 1 else ("depth", depth)


def instrument(found: list[dict[str, Any]], symbol: Symbol) -> Fields:
    """Return a symbol with its bounds, nothing of one without rules."""
    by_type = {each["filterType"]: each for each in found}
    if "LOT_SIZE" not in by_type:
        return []
    lot, market, price = by_type["LOT_SIZE"], by_type["MARKET_LOT_SIZE"], by_type["PRICE_FILTER"]
    names: Fields = [(55, symbol.name), (15, symbol.quote)]
    lots: Fields = [(562, lot["minQty"]), (1140, lot["maxQty"]), (25039, lot["stepSize"])]
    markets: Fields = [(25040, market["minQty"]), (25041, market["maxQty"]), (25042, market["stepSize"])]
    return [*names, *lots, *markets, (969, price["tickSize"])]
