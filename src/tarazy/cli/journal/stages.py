"""The five stages of one command in words: what it asked, what was checked, held, matched, posted and said."""

from __future__ import annotations

from typing import Any, NamedTuple

from tarazy.cli.words import Words, enum_word, moment, plain, spaced
from tarazy.domain.records import COMMANDS, PRIVILEGES, CommandRejected, OrderType, PlaceOrder, Side
from tarazy.domain.reject_codes import REJECT_INFO
from tarazy.spec.state import State

STAGES = ("GATE", "HOLD", "MATCH", "POST", "EMIT")
MATCHING = ("TradeExecuted", "OrderReplenished", "OrderReduced", "OrderTriggered", "AuctionUncrossed")
HOLDING = ("OrderAccepted", "OrderAmended", "WithdrawalRequested")
NOTHING = "nothing to do"


class CommandStory(NamedTuple):
    """A command told stage by stage; `refused` is the code's name, empty where it was not."""

    title: str
    command: str
    refused: str
    stages: dict[str, list[str]]


def tell(before: State, after: State, record: bytes, due: list[Any], events: list[Any]) -> CommandStory:
    """Tell a command from the states around it and its events; `due` are the events of what was due before it."""
    kind = int.from_bytes(record[:2], "little")
    words = Words(after)
    command = COMMANDS[kind].unpack(record) if kind in COMMANDS else None
    name = type(command).__name__ if command is not None else f"unknown kind {kind}"
    rejected = next((event for event in events if isinstance(event, CommandRejected)), None)
    stages = {"DUE": [event_line(words, event) for event in due]} if due else {}
    if rejected is not None:
        told = tell_refusal(Words(before), command, rejected)
    else:
        told = tell_stages(Words(before), words, command, events)
    stages |= told | {"EMIT": [event_line(words, event) for event in events] or ["no event"]}
    refused = REJECT_NAMES[rejected.reject_code] if rejected is not None else ""
    return CommandStory(title(words, command, name), name, refused, stages)


REJECT_NAMES = {number: enum_word("RejectCode", number).split(" ")[0] for number in REJECT_INFO}


def title(words: Words, command: Any, name: str) -> str:
    """Return what the command asks, in one line."""
    if isinstance(command, PlaceOrder):
        return order_title(words, command)
    fields = ", ".join(f"{field} {value}" for field, value in words.fields(command)) if command is not None else ""
    return f"{spaced(name)} ({fields})" if fields else spaced(name)


def order_title(words: Words, command: PlaceOrder) -> str:
    """Return what an order asks."""
    buys = command.side == Side.buy
    what = words.quantity(command.market_id, command.quantity_lots)
    if command.cash_order_quantity_minor:
        amount = words.amount(words.asset_of(command, "cash_order_quantity_minor"), command.cash_order_quantity_minor)
        what = f"{words.market(command.market_id)} for {amount}"
    price = f" at {words.price(command.market_id, command.price_ticks)}" if command.price_ticks else ""
    at_trigger = ""
    if command.trigger_price_ticks:
        at_trigger = f", once the last price reaches {words.price(command.market_id, command.trigger_price_ticks)}"
    terms = [enum_word("OrderType", command.order_type), enum_word("TimeInForce", command.time_in_force)]
    if command.expire_ns:
        terms.append(f"until {moment(command.expire_ns)}")
    if command.display_lots:
        terms.append(f"showing {words.quantity(command.market_id, command.display_lots)} at a time")
    verb = "buys" if buys else "sells"
    return f"account {command.account_id} {verb} {what}{price}{at_trigger} ({', '.join(terms)})"


def tell_refusal(words: Words, command: Any, rejected: CommandRejected) -> dict[str, list[str]]:
    """Tell a refused command: the stages that it passed, and the check that stopped it."""
    info = REJECT_INFO[rejected.reject_code]
    stages: dict[str, list[str]] = {}
    for stage in STAGES[: STAGES.index(info.stage)]:
        stages[stage] = gate_facts(words, command) if stage == "GATE" else ["passed"]
    stages[info.stage] = [
        f"REFUSED with {REJECT_NAMES[rejected.reject_code]} ({rejected.reject_code}): {info.doc}",
        f"expected {bound(words, command, info.expected, rejected.expected)}: {info.expected}",
        f"found {bound(words, command, info.found, rejected.found)}: {info.found}",
        f"what to do: {info.advice}",
    ]
    if info.citation:
        stages[info.stage].append(f"by rule {info.citation} (docs/reference/sources.md)")
    stages["POST"] = ["nothing was posted"]
    return stages


def bound(words: Words, command: Any, meaning: str, value: int) -> str:
    """Return what a refusing check expected or found, in the unit that its meaning names."""
    market_id = getattr(command, "market_id", 0)
    if words.find_market(market_id) is not None:
        if "ticks" in meaning:
            return f"{value:,} ({words.price(market_id, value)})"
        if "lots" in meaning:
            return f"{value:,} ({words.quantity(market_id, value)})"
    if "minor units" in meaning:
        name = "cash_order_quantity_minor" if "notional" in meaning or "value" in meaning else "held_minor"
        return f"{value:,} ({words.amount(words.asset_of(command, name), value)})"
    return f"{value:,}"


def tell_stages(before: Words, words: Words, command: Any, events: list[Any]) -> dict[str, list[str]]:
    """Tell an accepted command's stages up to POST."""
    return {
        "GATE": gate_facts(before, command) or ["nothing stands in its way"],
        "HOLD": [hold_line(words, event) for event in events if type(event).__name__ in HOLDING] or [NOTHING],
        "MATCH": match_lines(words, command, events),
        "POST": post_lines(words, events),
    }


def gate_facts(words: Words, command: Any) -> list[str]:
    """Return the facts of the state that the checks read."""
    facts = authority_facts(words, command)
    accounts = words.state.accounts
    if 1 <= getattr(command, "account_id", 0) <= len(accounts):
        account = accounts[command.account_id - 1]
        role = enum_word("AccountRole", account.account_role)
        traits = [enum_word("ClientClass", account.client_class), enum_word("AccountState", account.account_state)]
        facts.append(f"account {account.account_id} of owner {account.owner_id}: {role}, {', '.join(traits)}")
    market = words.find_market(getattr(command, "market_id", 0))
    if market is not None:
        facts += market_facts(words, market.market_id)
    asset_id = getattr(command, "asset_id", 0)
    if 1 <= asset_id <= len(words.state.assets):
        status = enum_word("AssetStatus", words.state.assets[asset_id - 1].asset_status)
        facts.append(f"asset {words.asset(asset_id)} is {status}")
    return facts


def authority_facts(words: Words, command: Any) -> list[str]:
    """Return whose instruction covers a privileged command."""
    kind = int.from_bytes(command.pack()[:2], "little") if command is not None else 0
    instruction = words.state.authority.instruction
    if kind not in PRIVILEGES or not instruction.remaining:
        return []
    signers = [number for number in (instruction.officer_id, instruction.approver_id) if number]
    names = " and ".join(f"officer {number}" for number in signers)
    return [f"the instruction of command {instruction.seq:,} covers it, signed by {names}"]


def market_facts(words: Words, market_id: int) -> list[str]:
    """Return a market's state and the bounds that its reference price sets."""
    market = words.state.markets[market_id - 1]
    facts = [f"market {words.market(market_id)} is {enum_word('MarketState', market.market_state)}"]
    if market.reference_price_ticks:
        reference, low, high = (
            words.price(market_id, ticks)
            for ticks in (market.reference_price_ticks, market.collar_low, market.collar_high)
        )
        facts.append(f"reference price {reference}: buys up to {high}, sells down to {low}")
    else:
        facts.append("no reference price yet, so no collar")
    return facts


def hold_line(words: Words, event: Any) -> str:
    """Return what was locked."""
    if type(event).__name__ == "WithdrawalRequested":
        return f"{words.amount(event.asset_id, event.amount_minor)} move from available to held"
    held = words.amount(words.asset_of(event, "held_minor"), event.held_minor)
    if type(event).__name__ == "OrderAmended":
        return f"order {event.order_id} now holds {held}"
    return f"{held} move from available to held"


def match_lines(words: Words, command: Any, events: list[Any]) -> list[str]:
    """Return what matching did."""
    lines = [match_line(words, event) for event in events if type(event).__name__ in MATCHING]
    if lines or not isinstance(command, PlaceOrder):
        return lines or [NOTHING]
    left = any(type(event).__name__ == "OrderCanceled" for event in events)
    if left:
        return ["no trade, and the order does not stay"]
    has_trigger = command.order_type in TRIGGER_TYPES
    return ["no trade: the order waits for its trigger" if has_trigger else "no trade: the order rests in the book"]


TRIGGER_TYPES = (OrderType.stop_loss, OrderType.stop_loss_limit, OrderType.take_profit, OrderType.take_profit_limit)


def match_line(words: Words, event: Any) -> str:
    """Return one step of matching."""
    name = type(event).__name__
    if name == "TradeExecuted":
        quantity = words.quantity(event.market_id, event.quantity_lots)
        price = words.price(event.market_id, event.price_ticks)
        return (
            f"trade {event.trade_index}: {quantity} at {price}, resting order {event.maker_order_id} of account "
            f"{event.maker_account_id} with order {event.taker_order_id} of account {event.taker_account_id}"
        )
    if name == "AuctionUncrossed":
        volume = words.quantity(event.market_id, event.volume_lots)
        return f"auction clears {volume} at {words.price(event.market_id, event.price_ticks)}"
    if name == "OrderTriggered":
        return f"order {event.order_id} reaches its trigger and acts"
    lots = words.quantity(event.market_id, event.leaves_lots)
    if name == "OrderReduced":
        return f"self-trade prevention reduces order {event.order_id}; {lots} remain"
    return f"iceberg order {event.order_id} shows its next slice; {lots} remain"


def post_lines(words: Words, events: list[Any]) -> list[str]:
    """Return what was posted to the ledger, besides the holds."""
    lines = []
    for event in events:
        name = type(event).__name__
        if name == "TradeExecuted":
            lines += trade_postings(words, event)
        elif name in ("OrderCanceled", "OrderReduced") and event.released_minor:
            released = words.amount(words.asset_of(event, "released_minor"), event.released_minor)
            lines.append(f"account {event.account_id}: {released} go back from held to available")
        elif name in PARTS:
            lines += part_lines(words, event)
        elif name in POSTINGS:
            lines.append(f"{words.amount(event.asset_id, event.amount_minor)} {POSTINGS[name]}")
    return lines or [NOTHING]


POSTINGS = {
    "BlockLegSettled": "pass from one party of the block trade to the other",
    "AssetMigrated": "take the place of as much of another asset",
    "ClientCompensated": "of the house's own become the client's",
    "CustodyMoved": "move between two locations of one estate",
    "DepositCredited": "enter the client estate and are available to their owner",
    "FeeRefunded": "of fees earned go back to the client",
    "FeesSwept": "of fees earned move from the client estate to the house's",
    "FloatLent": "of the house's own become the float for network fees",
    "HouseDrawn": "leave the house estate",
    "HouseFunded": "enter the house estate",
    "LossRecorded": "of the client pool are gone: a shortfall",
    "LossRecovered": "come back and close a shortfall",
    "OwnershipTransferred": "pass to a successor",
    "ReceiptAttributed": "of unattributed receipts become the client's",
    "ReceiptHeld": "wait unattributed",
    "ShortfallToppedUp": "of the house's own close a shortfall",
    "TradeBusted": "go back from one side of the trade to the other",
    "WithdrawalRejected": "go back to where they were held from",
    "WithdrawalSettled": "leave the client estate",
    "WithdrawalUndone": "come back into the client estate",
}
# Events whose parts are named one by one: what each part is.
PARTS = {
    "DepositUndone": {
        "taken_minor": "are taken back from the account",
        "unattributed_minor": "are taken back from the receipt",
        "lost_minor": "are no longer there: a shortfall",
    },
    "NetworkFeePaid": {
        "float_minor": "of the float pay the network",
        "fees_minor": "of fees earned pay the network",
        "lost_minor": "are paid by nobody: a shortfall",
    },
    "ShortfallToppedUpFromFees": {
        "fees_minor": "of fees earned close a shortfall",
        "float_minor": "of the float close a shortfall",
    },
}


def part_lines(words: Words, event: Any) -> list[str]:
    """Return the postings of an event that names several amounts."""
    parts = PARTS[type(event).__name__].items()
    return [
        f"{words.amount(event.asset_id, getattr(event, part))} {told}" for part, told in parts if getattr(event, part)
    ]


def trade_postings(words: Words, event: Any) -> list[str]:
    """Return the postings of one trade."""
    market = words.state.markets[event.market_id - 1]
    cost = words.amount(market.quote_asset_id, market.cost_minor(event.price_ticks, event.quantity_lots))
    quantity = words.quantity(event.market_id, event.quantity_lots)
    taker_buys = event.side != Side.sell
    buyer, seller = event.taker_account_id, event.maker_account_id
    fees = (event.taker_fee_minor, event.maker_fee_minor)
    if not taker_buys:
        buyer, seller, fees = seller, buyer, fees[::-1]
    buyer_fee = words.amount(market.base_asset_id, fees[0])
    seller_fee = words.amount(market.quote_asset_id, fees[1])
    return [
        f"trade {event.trade_index}: account {buyer} pays {cost} to account {seller}, receives {quantity}",
        f"trade {event.trade_index}: fees earned {buyer_fee} from account {buyer}, {seller_fee} from account {seller}",
    ]


def event_line(words: Words, event: Any) -> str:
    """Return an event with its fields."""
    fields = ", ".join(f"{name} {value}" for name, value in words.fields(event))
    return f"{plain(type(event).__name__)}: {fields}" if fields else type(event).__name__
