"""What happened to orders and lists, as ExecutionReport and ListStatus: made of what user data streams say.

One statement of the venue has one text for all sessions and for all times: ExecID is made of the command's number in
the record, the order and the trade, so a report that is read from the record again is the same report.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tarazy.facility.gateway.fix.codec import Stamps, printable
from tarazy.facility.gateway.fix.message import MessageBody
from tarazy.facility.gateway.fix.session import Fields
from tarazy.oversight.requests.errors import DialectError

US_PER_MS = 1_000
STATUSES = {
    "NEW": "0",
    "PARTIALLY_FILLED": "1",
    "FILLED": "2",
    "CANCELED": "4",
    "EXPIRED": "C",
    "EXPIRED_IN_MATCH": "C",
    "PENDING_NEW": "A",
}
EXECUTIONS = {"NEW": "0", "CANCELED": "4", "REPLACED": "5", "TRADE": "F", "EXPIRED": "C", "ORDER_STATUS": "I"}
SIDES = {"BUY": "1", "SELL": "2"}
FORCES = {"GTC": "1", "IOC": "3", "FOK": "4", "DAY": "0", "GTD": "6"}
PREVENTIONS = {"EXPIRE_TAKER": "2", "EXPIRE_MAKER": "3", "EXPIRE_BOTH": "4", "DECREMENT": "5"}
TYPES = {
    "MARKET": "1",
    "LIMIT": "2",
    "LIMIT_MAKER": "2",
    "STOP_LOSS": "3",
    "TAKE_PROFIT": "3",
    "STOP_LOSS_LIMIT": "4",
    "TAKE_PROFIT_LIMIT": "4",
}
UP = (("STOP_LOSS", "BUY"), ("TAKE_PROFIT", "SELL"))
CONTINGENCIES = {"OCO": 1, "OTO": 2, "OTOCO": 2}
LIST_TYPES, LIST_STATUSES = {"EXEC_STARTED": 4, "ALL_DONE": 5}, {"EXECUTING": 3, "ALL_DONE": 6}
OPEN = ("0", "1", "A")
Plain = dict[str, Any]
_STAMPS = Stamps()


def execution_report(plain: Plain, *, is_copy: bool = False, names: tuple[str, str] | None = None) -> Fields:
    """Return what happened to an order. `names`: the request's own ClOrdID and that of its order, where they differ."""
    status, execution = STATUSES[plain["X"]], execution_of(plain)
    name, original = names or (plain["c"], "")
    fields: Fields = [(17, exec_id(plain, execution, status)), (11, name)]
    fields += [(41, original)] if original else []
    fields += [(37, plain["i"]), (38, plain["q"]), *terms(plain)]
    fields += [(60, stamp(plain["T"])), (25018, stamp(plain["O"]))]
    if plain["g"] != -1:
        fields.append((66, plain["g"]))
    leaves = format(Decimal(plain["q"]) - Decimal(plain["z"]), "f") if status in OPEN else zero_of(plain["q"])
    fields += [(25001, PREVENTIONS[plain["V"]]), (150, execution), (14, plain["z"]), (151, leaves), (25017, plain["Z"])]
    if execution == "F":
        aggressor = "N" if plain["m"] else "Y"
        fields += [(1057, aggressor), (1003, plain["t"]), (31, plain["L"])]
    fields += [(32, plain["l"]), (39, status), (636, "Y" if plain["w"] else "N")]
    if "W" in plain:
        fields.append((25023, stamp(plain["W"])))
    if execution == "F" and plain["N"]:
        fields += [(136, 1), (137, plain["n"]), (138, plain["N"]), (139, 4)]
    fields += [(797, "Y")] if is_copy else []
    return fields + ([(25056, plain["eR"])] if "eR" in plain else [])


def execution_of(plain: Plain) -> str:
    """Return the type of a report. An order that was made smaller to keep its owner from itself is replaced."""
    if plain["x"] == "TRADE_PREVENTION":
        return "5" if STATUSES[plain["X"]] in OPEN else "C"
    return EXECUTIONS[plain["x"]]


def exec_id(plain: Plain, execution: str, status: str) -> str:
    """Return the name of a report."""
    trade = f"-{plain['t']}" if execution == "F" else ""
    return f"{plain['I']}-{plain['i']}-{execution}{status}{trade}"


def terms(plain: Plain) -> Fields:
    """Return what an order is."""
    kind, side = plain["o"], plain["S"]
    fields: Fields = [(40, TYPES[kind]), (54, SIDES[side]), (55, plain["s"])]
    if kind == "LIMIT_MAKER":
        fields.append((18, "6"))
    if TYPES[kind] in "24":
        fields.append((44, plain["p"]))
    if TYPES[kind] in "34":
        trails = [(25009, plain["d"])] if "d" in plain else []
        price = [(1102, plain["P"])] if Decimal(plain["P"]) else []
        direction = "U" if (kind.removesuffix("_LIMIT"), side) in UP else "D"
        fields += [(1100, "4"), (1101, "1"), *price, (1107, "2"), (1109, direction), *trails]
    fields += [(59, FORCES[plain["f"]])] if plain["f"] in FORCES else []
    fields += [(111, plain["F"])] if Decimal(plain["F"]) else []
    return fields + ([(152, plain["Q"])] if Decimal(plain["Q"]) else [])


def list_status(plain: Plain, *, is_copy: bool = False) -> Fields:
    """Return what became of an order list."""
    fields: Fields = [(66, plain["g"]), (25014, plain["C"]), (1385, CONTINGENCIES[plain["c"]])]
    fields += [(429, LIST_TYPES[plain["l"]]), (431, LIST_STATUSES[plain["L"]]), (60, stamp(plain["T"]))]
    fields += [(797, "Y")] if is_copy else []
    fields.append((73, len(plain["O"])))
    for order in plain["O"]:
        fields += [(11, order["c"]), (55, order["s"]), (37, order["i"])]
    return fields


def order_refused(asked: MessageBody, error: DialectError, name: str = "") -> Fields:
    """Return the answer to a new order, or to a question about one, that was refused."""
    echoed = asked.fields
    fields: Fields = [(11, name or echoed[11])]
    fields += [(tag, echoed[tag]) for tag in (38, 40, 54, 55, 44, 59) if tag in echoed]
    for tag, spare in ((40, "2"), (54, "1")):  # required, and not in the question for an order
        fields += [] if tag in echoed else [(tag, spare)]
    return [*fields, (150, "8"), (14, "0"), (32, "0"), (39, "8"), (103, 99), *why(error)]


def why(error: DialectError) -> Fields:
    """Return code and text of an error: the dialect's words, then our reject code with the rule that it cites."""
    return [(25016, error.code), (58, printable(text_of(error)))]


def text_of(error: DialectError) -> str:
    """Return what an error says, in one line."""
    extra = error.extra
    parts = [error.message]
    if "reject" in extra:
        parts.append(f"[{extra['reject']}]")
    parts += [str(extra[name]) for name in ("rule",) if name in extra]
    if "expected" in extra:
        parts.append(f"expected {extra['expected']}")
    if "found" in extra:
        parts.append(f"found {extra['found']}")
    return " ".join([*parts, *([str(extra["advice"])] if "advice" in extra else [])])


def stamp(time_ms: int) -> str:
    """Return a time as text."""
    return _STAMPS.of_us(time_ms * US_PER_MS)


def zero_of(quantity: str) -> str:
    """Return nothing with as many places as a quantity has."""
    _, point, places = quantity.partition(".")
    return f"0{point}{'0' * len(places)}"
