"""Words of the dialect for the venue's lists, both ways."""

from __future__ import annotations

from enum import Enum

from tarazy.domain.records import CancelReason, MarketState, OrderListKind
from tarazy.domain.records import OrderType as Kind
from tarazy.domain.records import SelfTradePrevention as Prevention
from tarazy.domain.records import Side as VenueSide
from tarazy.domain.records import TimeInForce as Force


class Side(Enum):
    """Side of an order."""

    BUY = int(VenueSide.buy)
    SELL = int(VenueSide.sell)


class DialectType(Enum):
    """Type of an order."""

    LIMIT = int(Kind.limit)
    MARKET = int(Kind.market)
    LIMIT_MAKER = int(Kind.post_only)
    STOP_LOSS = int(Kind.stop_loss)
    STOP_LOSS_LIMIT = int(Kind.stop_loss_limit)
    TAKE_PROFIT = int(Kind.take_profit)
    TAKE_PROFIT_LIMIT = int(Kind.take_profit_limit)


class DialectForce(Enum):
    """How long an order stays; the dialect has these three."""

    GTC = int(Force.gtc)
    IOC = int(Force.ioc)
    FOK = int(Force.fok)


class DialectPrevention(Enum):
    """What happens when an order meets one of the same owner; without `NONE`: owners never trade with themselves."""

    EXPIRE_TAKER = int(Prevention.expire_taker)
    EXPIRE_MAKER = int(Prevention.expire_maker)
    EXPIRE_BOTH = int(Prevention.expire_both)
    DECREMENT = int(Prevention.decrement)


class ResponseType(Enum):
    """How much an answer to a new order says."""

    ACK = 1
    RESULT = 2
    FULL = 3


LIMIT_TYPES = (DialectType.LIMIT, DialectType.STOP_LOSS_LIMIT, DialectType.TAKE_PROFIT_LIMIT)
STOP_TYPES = (
    DialectType.STOP_LOSS,
    DialectType.STOP_LOSS_LIMIT,
    DialectType.TAKE_PROFIT,
    DialectType.TAKE_PROFIT_LIMIT,
)
TYPE_WORDS = {each.value: each.name for each in DialectType}
SIDE_WORDS = {each.value: each.name for each in Side}
PREVENTION_WORDS = {each.value: each.name for each in DialectPrevention}
# Times in force that the dialect has no word for keep the venue's, in capitals.
FORCE_WORDS = {int(each): each.name.upper() for each in Force}
LIST_WORDS = {int(OrderListKind.oco): "OCO", int(OrderListKind.oto): "OTO", int(OrderListKind.otoco): "OTOCO"}
# A market that is halted takes cancels only; one in a call phase takes orders.
STATUS_WORDS = {
    int(MarketState.closed): "BREAK",
    int(MarketState.pre_open): "AUCTION_MATCH",
    int(MarketState.auction): "AUCTION_MATCH",
    int(MarketState.continuous): "TRADING",
    int(MarketState.halted): "CANCEL_ONLY",
}
# Why an order left, as a status: by the client's wish, having got what it asked for, or by the venue's rules.
CANCELED = frozenset(
    map(int, (CancelReason.requested, CancelReason.cancel_all, CancelReason.cancel_timer, CancelReason.order_list))
)
COMPLETE = frozenset(map(int, (CancelReason.amount_spent, CancelReason.amount_received)))
PREVENTED = int(CancelReason.self_trade_prevention)
