"""What random commands must have reached, by the labels under which the generator counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tarazy.domain.records import (
    AccountRole,
    AccountState,
    AssetStatus,
    CancelReason,
    ClientClass,
    CommandKind,
    CreditReason,
    CustodyLocation,
    DelistingStage,
    Estate,
    EventKind,
    LossReason,
    MarketReason,
    MarketState,
    OfficerState,
    OrderType,
    ParameterTable,
    ReceiptReason,
    SelfTradePrevention,
    TimeInForce,
    TradeKind,
    WithdrawalKind,
    WithdrawalReason,
)
from tarazy.domain.reject_codes import RejectCode

# Which times in force an order type takes.
ANY = tuple(TimeInForce)
UNBOUND = ANY[:5]
STYLES: dict[OrderType, tuple[TimeInForce, ...]] = {
    OrderType.limit: ANY,
    OrderType.market: (
        TimeInForce.ioc,
        TimeInForce.fok,
        TimeInForce.gtc,
        TimeInForce.at_the_opening,
        TimeInForce.at_the_close,
    ),
    OrderType.post_only: (TimeInForce.gtc, TimeInForce.gtd, TimeInForce.day),
    OrderType.stop_loss: (TimeInForce.ioc,),
    OrderType.stop_loss_limit: UNBOUND,
    OrderType.take_profit: (TimeInForce.ioc,),
    OrderType.take_profit_limit: UNBOUND,
}
# In edition 1's list and never given: no limit on deposits is set; an undone withdrawal's receipt is in its own event.
NEVER_GIVEN = {ReceiptReason.above_limit, ReceiptReason.withdrawal_undone}


def required() -> Iterator[str]:
    """Yield every label that must be counted at least once."""
    yield from (f"refusal {int(code)}" for code in RejectCode)
    yield from (f"event {kind.name}" for kind in EventKind)
    yield from (f"cancel reason {int(reason)}" for reason in CancelReason if reason not in NEVER_GIVEN)
    for order_type, times in STYLES.items():
        for time in times:
            yield from (f"order {int(order_type)} time {int(time)} mode {int(mode)}" for mode in SelfTradePrevention)
    yield from (f"market reason {int(reason)}" for reason in MarketReason)
    yield from (f"trade {int(kind)}" for kind in TradeKind)
    yield from (f"auction imbalance side {side}" for side in (0, 1, 2))
    yield from (f"amend priority {kept}" for kept in (0, 1))
    yield from (f"asset status {int(status)}" for status in AssetStatus if status != AssetStatus.registered)
    yield from (f"account state {int(state)}" for state in AccountState)
    yield from (f"officer state {int(state)}" for state in OfficerState)
    yield from (f"account role {int(role)}" for role in AccountRole)
    yield from (f"account class {int(client_class)}" for client_class in ClientClass)
    yield from (f"delisting stage {int(stage)}" for stage in DelistingStage if stage != DelistingStage.announced)
    yield from (f"parameter table {int(table)}" for table in ParameterTable)
    yield from (f"deposit to {int(location)}" for location in CustodyLocation)
    yield from (f"credit reason {int(reason)}" for reason in CreditReason)
    yield from (f"receipt reason {int(reason)}" for reason in ReceiptReason if reason not in NEVER_GIVEN)
    yield from (f"withdrawal kind {int(kind)}" for kind in WithdrawalKind)
    yield from (f"settled kind {int(kind)}" for kind in WithdrawalKind)
    yield from (f"undone kind {kind} unattributed" for kind in (1, 2))
    yield from (f"undone {part}" for part in ("kind 1 held", "taken", "unattributed", "lost"))
    yield from (f"loss reason {int(reason)}" for reason in LossReason)
    yield from (f"balance matches {matches}" for matches in (0, 1))
    yield from (f"withdrawal reason {int(reason)}" for reason in WithdrawalReason)
    yield from (f"move in estate {int(e)} to {int(location)}" for e in Estate for location in CustodyLocation)


def missed(seen: Counter[str]) -> list[str]:
    """Return what should have been reached and was not, in words."""
    missing = [label for label in required() if not seen[label]]
    for kind in CommandKind:
        if seen[f"sent kind {int(kind)}"] <= seen[f"refused kind {int(kind)}"]:
            missing.append(f"accepted {kind.name}")
    for state in MarketState:
        if not any(seen[f"market state {int(before)} to {int(state)}"] for before in MarketState):
            missing.append(f"market state {state.name}")
    return missing
