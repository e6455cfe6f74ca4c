"""`GET /v1/account/confirmation`: what was traded, on what terms and at what charge, of one trade or of an order.

Its fields are those that the rules of brokers name for a confirmation (aifc_daa, section 3.9.1, as a sister text):
who executed and in which capacity, asset, side, price, that it was execution only, when, the total, and the charges.
"""

from __future__ import annotations

from typing import Any

from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.endpoint import Body, GatewayRequest, Security
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.native.lines import LedgerLine
from tarazy.facility.gateway.native.months import in_words, zone_of
from tarazy.facility.gateway.native.operation import (
    CSV,
    DOCUMENT,
    PDF,
    Given,
    Operation,
    amount_schema,
    fields,
    format_given,
    listed,
    number_schema,
    text_schema,
    time_schema,
    words,
)
from tarazy.facility.gateway.native.signing import signed_paper
from tarazy.facility.gateway.native.statement import PDF_LINES_MAX, amount_text
from tarazy.facility.gateway.native.tables import FileForm, csv_bytes, wanted_form
from tarazy.facility.projections.venue import ASSET_CODE
from tarazy.facility.statements.paper import Paper, PaperTable
from tarazy.oversight.requests.errors import NO_SUCH_ORDER, DialectError
from tarazy.oversight.requests.names import SIDE_WORDS
from tarazy.oversight.requests.parameters import missing

CAPACITY = "operator of the market; not a party to the trade"
SERVICE = "execution only, without advice"
SETTLEMENT = "delivery against payment in the facility's ledger, with the trade"
COLUMNS = (
    *"symbol orderId tradeId side role price quantity received receivedAsset given givenAsset".split(),
    *"fee feeAsset time seq".split(),
)


async def confirmation(asked: GatewayRequest) -> Any:
    """Return the confirmation of a trade, or of all trades of an order."""
    form = wanted_form(asked, FileForm.json, FileForm.csv, FileForm.pdf)
    symbol, parameters, gateway = asked.symbol(), asked.parameters, asked.gateway
    trade_id, order_id = parameters.integer("tradeId"), parameters.integer("orderId")
    if trade_id is None and order_id is None:
        raise missing("tradeId")
    if trade_id is not None:
        parameters.refuse("orderId")
        lines = await asked.read(gateway.history.trade, asked.account_id, symbol.market_id, trade_id)
    else:
        lines = await asked.read(gateway.history.trades_of_order, asked.account_id, order_id)
    if not lines or any(line.trade and line.trade.market_id != symbol.market_id for line in lines):
        raise DialectError(NO_SUCH_ORDER, "No such trade of this account.")
    trades = [trade_plain(gateway, *lines[at : at + 2]) for at in range(0, len(lines), 2)]
    name = f"confirmation-{asked.account_id}-{symbol.name}-{f'order-{order_id}' if trade_id is None else trade_id}"
    if form is FileForm.csv:
        content = csv_bytes(COLUMNS, [[each[column] for column in COLUMNS] for each in trades])
        return signed_paper(asked, "confirmation", Body(content, CSV, f"{name}.csv"))
    if form is FileForm.pdf:
        paper = confirmation_paper(asked, trades, lines)
        content = await gateway.print_paper(paper)
        return signed_paper(asked, "confirmation", Body(content, PDF, f"{name}.pdf"))
    terms = {"capacity": CAPACITY, "service": SERVICE, "settlement": SETTLEMENT}
    return {"facility": gateway.identity.name, "account": asked.account_id, **terms, "trades": trades}


def trade_plain(gateway: Gateway, received: LedgerLine, given: LedgerLine) -> dict[str, Any]:
    """Return one trade from its two lines."""
    terms = received.trade
    assert terms is not None  # noqa: S101 - lines of trades
    symbol = gateway.symbols.at(terms.market_id, received.cursor.seq)
    assert symbol is not None  # noqa: S101 - it was asked for by its symbol
    assets = gateway.models.venue.assets.rows
    return {
        "symbol": symbol.name,
        "orderId": terms.order_id,
        "tradeId": terms.trade_number,
        "side": SIDE_WORDS[terms.side],
        "role": "maker" if terms.is_maker else "taker",
        "price": symbol.price(terms.price_ticks),
        "quantity": symbol.quantity(terms.quantity_lots),
        "received": amount_text(gateway, received.asset_id, received.change_minor),
        "receivedAsset": assets[received.asset_id][ASSET_CODE],
        "given": amount_text(gateway, given.asset_id, -given.change_minor),
        "givenAsset": assets[given.asset_id][ASSET_CODE],
        "fee": amount_text(gateway, received.asset_id, terms.fee_minor),
        "feeAsset": assets[received.asset_id][ASSET_CODE],
        "time": received.ts_ns // NS_PER_MS,
        "seq": received.cursor.seq,
    }


def confirmation_paper(asked: GatewayRequest, trades: list[dict[str, Any]], lines: list[LedgerLine]) -> Paper:
    """Return a confirmation as a paper."""
    gateway = asked.gateway
    zone, last_ns = zone_of(gateway.models.venue), lines[-1].ts_ns
    facts = (
        ("Account", str(asked.account_id)),
        ("Executed by", gateway.identity.name),
        ("Capacity", CAPACITY),
        ("Service", SERVICE),
        ("Settlement", SETTLEMENT),
        ("Times", zone.tzname(None) or "UTC"),
    )
    rows = tuple(
        (
            in_words(line.ts_ns, zone),
            f"{each['side']} {each['quantity']} {each['symbol']}",
            each["price"],
            f"{each['received']} {each['receivedAsset']}",
            f"{each['given']} {each['givenAsset']}",
            f"{each['fee']} {each['feeAsset']}",
            f"{each['orderId']}, {each['tradeId']}",
        )
        for each, line in zip(trades[:PDF_LINES_MAX], lines[: 2 * PDF_LINES_MAX : 2], strict=True)
    )
    left = (f"{len(trades) - len(rows)} trades more are in CSV.",) if len(trades) > len(rows) else ()
    columns = ("Time", "What", "Price", "Received", "Given", "Fee in it", "Order, trade")
    table = PaperTable("Trades", columns, rows, (22, 24, 16, 20, 20, 16, 16), frozenset(columns[2:6]))
    notes = (
        *left,
        f"Each trade is a command of the record {gateway.identity.facility_id.hex()}, which is signed.",
    )
    return Paper("Confirmation", gateway.identity.name, facts, (table,), notes, last_ns)


TRADE = fields(
    **{name: text_schema for name in COLUMNS if name not in ("orderId", "tradeId", "side", "role", "time", "seq")},
    orderId=number_schema,
    tradeId=number_schema,
    side=words("BUY", "SELL"),
    role=words("maker", "taker"),
    time=time_schema,
    seq=number_schema,
) | {"description": "`received` is after the fee; `fee` is within it", "x-amounts": amount_schema["description"]}
OPERATIONS = (
    Operation(
        "GET",
        "/v1/account/confirmation",
        confirmation,
        Security.READ,
        "Confirmation of a trade, or of all trades of an order",
        fields(
            facility=text_schema,
            account=number_schema,
            capacity=text_schema,
            service=text_schema,
            settlement=text_schema,
            trades=listed(TRADE),
        ),
        (
            Given("symbol", text_schema, "market", True),
            Given("tradeId", number_schema, "public number of the trade; or:"),
            Given("orderId", number_schema, "number of the order"),
            format_given(DOCUMENT),
        ),
        20,
        DOCUMENT,
    ),
)
