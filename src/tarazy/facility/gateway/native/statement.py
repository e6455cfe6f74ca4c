"""`GET /v1/account/statement`: a month of an account, what it owned at both ends and every change between, as JSON,
CSV or PDF.

The closing amounts are those of the read models less what came later, the opening ones less the month's own changes, so
that opening, changes and closing agree by construction with what the account owns now; a test checks them against the
engine. A running month ends at the last command that the answer names.
"""

from __future__ import annotations

from typing import Any

from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.endpoint import Body, GatewayRequest, Security
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.native.history import line_row
from tarazy.facility.gateway.native.history_reads import AccountPeriod, Sums
from tarazy.facility.gateway.native.lines import LedgerLine
from tarazy.facility.gateway.native.months import Month, in_words, read_month, zone_of
from tarazy.facility.gateway.native.operation import (
    CSV,
    DOCUMENT,
    PDF,
    Given,
    Operation,
    Schema,
    amount_schema,
    fields,
    flag_schema,
    format_given,
    listed,
    number_schema,
    text_schema,
    time_schema,
)
from tarazy.facility.gateway.native.signing import signed_paper
from tarazy.facility.gateway.native.tables import FileForm, csv_bytes, wanted_form
from tarazy.facility.projections.venue import ASSET_CODE, ASSET_SCALE
from tarazy.facility.statements.paper import Paper, PaperTable
from tarazy.oversight.requests.decimals import text_of

LINES_MAX = 50_000
PDF_LINES_MAX = 250  # a line costs some 6 ms of one core; more belong into CSV
HEAD = "kind cursor time event asset change fee balance symbol orderId tradeId side role price quantity".split()
TAIL = ["reference", "paperHash"]
SOLD_AS = "Amounts are those of the facility's ledger, available and held together; fees are within the changes."
CHECKED = (
    "Each line is a command of the facility's record, by its number. The record is signed; what this paper says can be "
    "proven from it."
)


async def statement(asked: GatewayRequest) -> Any:
    """Return the statement of a month."""
    form = wanted_form(asked, FileForm.json, FileForm.csv, FileForm.pdf)
    gateway = asked.gateway
    month = read_month(gateway.models.venue, asked.parameters.required("month"))
    most = PDF_LINES_MAX if form is FileForm.pdf else LINES_MAX
    found = await asked.read(gateway.history.in_period, asked.account_id, month.period, most)
    name = f"statement-{asked.account_id}-{month.name}"
    if form is FileForm.csv:
        return signed_paper(asked, "statement", Body(statement_csv(gateway, found), CSV, f"{name}.csv"))
    if form is FileForm.pdf:
        paper = statement_paper(asked, month, found)
        content = await gateway.print_paper(paper)
        return signed_paper(asked, "statement", Body(content, PDF, f"{name}.pdf"))
    return statement_plain(asked, month, found)


def statement_plain(asked: GatewayRequest, month: Month, found: AccountPeriod) -> dict[str, Any]:
    """Return a statement as plain data."""
    gateway = asked.gateway
    return {
        "facility": gateway.identity.name,
        "account": asked.account_id,
        "month": month.name,
        "timeZone": month.zone,
        "from": month.period.from_ns // NS_PER_MS,
        "until": month.period.until_ns // NS_PER_MS,
        "isOver": gateway.views.now_ns() >= month.period.until_ns,
        "reachedSeq": found.reached_seq,
        "assets": [asset_sums(gateway, asset_id, found) for asset_id in assets_of(found)],
        "lines": [dict(zip((*HEAD[1:], *TAIL), line_cells(gateway, line, ""), strict=True)) for line in found.lines],
        "linesLeftOut": found.left_out,
    }


def assets_of(found: AccountPeriod) -> list[int]:
    """Return the assets that the account owned or moved."""
    owned = {each for amounts in (found.opening_minor, found.closing_minor) for each, minor in amounts.items() if minor}
    return sorted(owned | found.sums.keys())


def asset_sums(gateway: Gateway, asset_id: int, found: AccountPeriod) -> dict[str, str]:
    """Return what an asset began with, what came, what went, the fees in that, and what it ended with."""
    row = gateway.models.venue.assets.rows[asset_id]
    opening, closing = found.opening_minor.get(asset_id, 0), found.closing_minor.get(asset_id, 0)
    names = ("opening", "credits", "debits", "fees", "closing")
    amounts = (opening, *found.sums.get(asset_id, Sums()), closing)
    plain = {name: text_of(minor, row[ASSET_SCALE]) for name, minor in zip(names, amounts, strict=True)}
    return {"asset": row[ASSET_CODE], **plain}


def line_cells(gateway: Gateway, line: LedgerLine, balance: str) -> list[Any]:
    """Return a line as a row of a statement; it goes without `held`, which changes nothing of what is owned."""
    cursor, _, time, event, asset, change, _, fee, *rest = line_row(gateway, line)
    return [cursor, time, event, asset, change, fee, balance, *rest]


def statement_csv(gateway: Gateway, found: AccountPeriod) -> bytes:
    """Return a statement as CSV: the opening amounts, the lines with what was owned after each, the closing amounts."""
    balances = dict(found.opening_minor)
    rows: list[list[Any]] = [end_row(gateway, "opening", asset_id, balances) for asset_id in assets_of(found)]
    for line in found.lines:
        balances[line.asset_id] = balances.get(line.asset_id, 0) + line.change_minor
        balance = amount_text(gateway, line.asset_id, balances[line.asset_id])
        rows.append(["line", *line_cells(gateway, line, balance)])
    if found.left_out:
        rows.append(["left out", f"{found.left_out} lines: see /v1/account/history", *[""] * (len(HEAD) - 2), "", ""])
    rows += [end_row(gateway, "closing", asset_id, found.closing_minor) for asset_id in assets_of(found)]
    return csv_bytes([*HEAD, *TAIL], rows)


def end_row(gateway: Gateway, kind: str, asset_id: int, amounts: dict[int, int]) -> list[Any]:
    """Return the row that says what is owned of an asset at one end."""
    code = gateway.models.venue.assets.rows[asset_id][ASSET_CODE]
    amount = amount_text(gateway, asset_id, amounts.get(asset_id, 0))
    cells = {"kind": kind, "asset": code, "balance": amount}
    return [cells.get(name, "") for name in (*HEAD, *TAIL)]


def amount_text(gateway: Gateway, asset_id: int, minor: int) -> str:
    """Return an amount of an asset as text."""
    return text_of(minor, gateway.models.venue.assets.rows[asset_id][ASSET_SCALE])


def statement_paper(asked: GatewayRequest, month: Month, found: AccountPeriod) -> Paper:
    """Return a statement as a paper."""
    gateway = asked.gateway
    zone = zone_of(gateway.models.venue)
    sums = [asset_sums(gateway, asset_id, found) for asset_id in assets_of(found)]
    names = ("asset", "opening", "credits", "debits", "fees", "closing")
    totals = tuple(tuple(each[name] for name in names) for each in sums)
    lines = tuple(paper_row(gateway, line, zone) for line in found.lines)
    end = min(month.period.until_ns, gateway.views.now_ns())
    left = (f"{found.left_out} lines more are in the statement as CSV.",) if found.left_out else ()
    facts = (
        ("Account", str(asked.account_id)),
        ("Month", f"{month.name} ({month.zone})"),
        ("Until", in_words(end, zone)),
        ("Last command", f"{found.reached_seq:,} of the record {gateway.identity.facility_id.hex()}"),
    )
    columns = tuple(name.capitalize() for name in names)
    tables = (
        PaperTable("Assets", columns, totals, (14, 20, 20, 20, 14, 20), frozenset(columns[1:]), "Nothing is owned."),
        PaperTable(
            "Changes",
            ("Time", "What", "Asset", "Change", "Fee", "Order, trade", "Command"),
            lines,
            (22, 32, 8, 20, 13, 17, 14),
            frozenset(("Change", "Fee", "Command")),
            "Nothing changed.",
        ),
    )
    return Paper(f"Statement {month.name}", gateway.identity.name, facts, tables, (SOLD_AS, *left, CHECKED), end)


def paper_row(gateway: Gateway, line: LedgerLine, zone: Any) -> tuple[str, ...]:
    """Return a line as a row of the paper."""
    row = line_row(gateway, line)
    event, asset, change, fee, symbol, order_id, trade_id, side, _, price, quantity = (*row[3:6], *row[7:15])
    what = f"{side} {quantity} {symbol} at {price}" if line.trade else event.replace("_", " ")
    number = f"{order_id}, {trade_id}" if line.trade else str(line.reference or "")
    shown = fee if line.trade and line.trade.fee_minor else ""
    return (in_words(line.ts_ns, zone), what, asset, change, shown, number, f"{line.cursor.seq:,}")


SUMS = dict.fromkeys(("opening", "credits", "debits", "fees", "closing"), amount_schema)
LINE: Schema = {"type": "object", "description": "as a row of /v1/account/history; `balance` is filled in CSV alone"}
OPERATIONS = (
    Operation(
        "GET",
        "/v1/account/statement",
        statement,
        Security.READ,
        "Statement of a month: what was owned at both ends, and every change between",
        fields(
            **{"from": time_schema},
            facility=text_schema,
            account=number_schema,
            month=text_schema,
            timeZone=text_schema,
            until=time_schema,
            isOver=flag_schema,
            reachedSeq=number_schema,
            assets=listed(fields(asset=text_schema, **SUMS)),
            lines=listed(LINE),
            linesLeftOut=number_schema,
        ),
        (
            Given("month", {"type": "string", "pattern": "^20[0-9]{2}-(0[1-9]|1[0-2])$"}, "such as 2026-11", True),
            format_given(DOCUMENT),
        ),
        40,
        DOCUMENT,
    ),
)
