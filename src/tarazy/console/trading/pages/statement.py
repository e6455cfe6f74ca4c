"""Statements: a month of the account, what it owned at both ends and every change between; as CSV and PDF as well."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi.responses import Response

from tarazy.console.layout.page_layout import HEADERS, Page, PageError, PageRequest
from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.refusal_words import trimmed
from tarazy.console.trading.visit import Visit
from tarazy.facility.gateway.endpoint import Body
from tarazy.facility.gateway.native.statement import OPERATIONS
from tarazy.facility.gateway.person_requests import answered_for_person, request_of

SHOWN_MAX = 500
MONTHS_SHOWN = 12
FORMS = ("csv", "pdf")


async def show(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Page:
    """Return the page of a month."""
    month = asked.query.get("month", "") or this_month(desk)
    plain = await statement(desk, visit, {"month": month})
    lines = [line_words(visit, line) for line in plain["lines"][-SHOWN_MAX:]][::-1]
    data = {
        "account": visit.account_id,
        "month": month,
        "months": months_before(this_month(desk)),
        "zone": plain["timeZone"],
        "is_over": plain["isOver"],
        "reached_seq": plain["reachedSeq"],
        "assets": [{name: trimmed(value) for name, value in row.items()} for row in plain["assets"]],
        "lines": lines,
        "left_out": plain["linesLeftOut"] + max(len(plain["lines"]) - SHOWN_MAX, 0),
    }
    return Page("statement.html", visit.words("Statement"), data)


async def download(desk: TradingDesk, visit: Visit, asked: PageRequest) -> Response:
    """Return the statement of a month as a file, with the facility's note over its bytes in a header."""
    form = asked.path["form"]
    if form not in FORMS:
        raise PageError(404, visit.words("No such page"), visit.words("A statement is there as CSV and as PDF."))
    month = asked.query.get("month", "") or this_month(desk)
    body = await statement(desk, visit, {"month": month, "format": form})
    disposition = {"Content-Disposition": f'attachment; filename="{body.file_name}"'}
    note = {name.decode(): value.decode() for name, value in body.headers}
    return Response(body.content, 200, {**HEADERS, **disposition, **note}, body.media_type)


async def statement(desk: TradingDesk, visit: Visit, values: dict[str, str]) -> Any:
    """Return what the native API says. Raises: DialectError for a month that is none."""
    request = request_of(desk.gateway, visit.account_id, visit.person.name, values, visit.address)
    answer: dict[str, Any] | Body = await answered_for_person(OPERATIONS[0].endpoint, request)
    return answer


def line_words(visit: Visit, line: dict[str, Any]) -> dict[str, Any]:
    """Return a line as the page shows it."""
    words = visit.words
    what = words(str(line["event"]).replace("_", " "))
    if line["tradeId"] is not None:
        side = words("Buy") if line["side"] == "BUY" else words("Sell")
        what = f"{side} {trimmed(line['quantity'])} {line['symbol']} · {trimmed(line['price'])}"
    return {
        "at_s": line["time"] // 1_000,
        "what": what,
        "asset": line["asset"],
        "change": trimmed(line["change"]),
        "fee": trimmed(line["fee"]) if line["tradeId"] is not None else "",
        "command": line["cursor"].partition("-")[0],
    }


def this_month(desk: TradingDesk) -> str:
    """Return the month that runs."""
    return datetime.fromtimestamp(desk.feeds.views.now_ns() // 1_000_000_000, UTC).strftime("%Y-%m")


def months_before(month: str) -> list[str]:
    """Return a month and those before it, the newest first."""
    year, number = map(int, month.split("-"))
    counted = [year * 12 + number - 1 - back for back in range(MONTHS_SHOWN)]
    return [f"{each // 12}-{each % 12 + 1:02}" for each in counted]
