"""Withdrawals: asked for with the scope `withdraw`, and listed; also in the dialect's words under `/sapi/v1/capital`.

A request holds the amount at once; officers approve, and a signer sends (docs/concepts/withdrawals.md). The client's
own number makes a retry safe: a second request with it is refused as long as the venue remembers the first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from tarazy.domain.records import CustodyLocation, WithdrawalRequested
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.endpoint import Endpoint, GatewayRequest, Security, accepted
from tarazy.facility.gateway.native.history_reads import WithdrawalRow
from tarazy.facility.gateway.native.operation import (
    TABLE,
    Given,
    Operation,
    amount_schema,
    fields,
    format_given,
    number_schema,
    or_nothing,
    text_schema,
    time_schema,
    words,
)
from tarazy.facility.gateway.native.tables import (
    LIMIT,
    FileForm,
    PageColumn,
    RowPage,
    page_schema,
    wanted_form,
    wanted_rows,
    written,
)
from tarazy.facility.gateway.public_reasons import withdrawal_reason
from tarazy.facility.projections.venue import ASSET_CODE, ASSET_SCALE
from tarazy.facility.projections.withdrawals import WithdrawalStep
from tarazy.oversight.requests.decimals import text_of
from tarazy.oversight.requests.errors import NO_SUCH_ORDER, DialectError
from tarazy.oversight.requests.parameters import Parameters, missing
from tarazy.oversight.requests.withdrawal_requests import (
    DESTINATION_LEGAL,
    NUMBER_MAX,
    FindAsset,
    WithdrawalRequest,
    dialect_withdrawal_request,
    withdrawal_request,
)

ReadWithdrawal = Callable[[Parameters, int, FindAsset], WithdrawalRequest]
# The dialect's numbers: 0 email sent, 2 awaiting approval, 3 rejected, 4 processing, 5 failure, 6 completed.
DIALECT_STATUS = {
    WithdrawalStep.requested: 2,
    WithdrawalStep.approved: 4,
    WithdrawalStep.dispatched: 4,
    WithdrawalStep.settled: 6,
    WithdrawalStep.rejected: 3,
    WithdrawalStep.undone_to_receipt: 5,
}
COLUMNS = (
    PageColumn("withdrawalId", number_schema, "command that asked for it; ask on behind it with `after`"),
    PageColumn("clientRequestId", or_nothing(number_schema), "the client's own number"),
    PageColumn("asset", text_schema, "code of the asset"),
    PageColumn("amount", amount_schema, "held until it is settled or rejected"),
    PageColumn("destination", or_nothing(text_schema), "as the client sent it"),
    PageColumn("destinationHash", text_schema, "SHA-256 of the destination, as the record has it"),
    PageColumn("state", words(*(each.name for each in WithdrawalStep)), "how far it is"),
    PageColumn("reason", or_nothing(text_schema), "why it was rejected"),
    PageColumn("location", or_nothing(text_schema), "where it leaves from"),
    PageColumn("evidenceHash", text_schema, "SHA-256 of the transaction's evidence"),
    PageColumn("requestTime", time_schema, "of the record"),
    PageColumn("updateTime", time_schema, "of the record"),
)


async def request_withdrawal(asked: GatewayRequest) -> Any:
    """Ask for assets back; answered when the request is durable and the amount held."""
    return await ask_for(asked, withdrawal_request)


async def ask_for(asked: GatewayRequest, read: ReadWithdrawal) -> dict[str, Any]:
    """Order a request that `read` makes of the parameters.

    Raises: DialectError.
    """
    request = read(asked.parameters, asked.account_id, partial(find_asset, asked))
    asked.parameters.finish()
    await asyncio.to_thread(asked.gateway.destinations.keep, asked.account_id, request.destination)
    number = request.command.client_request_id
    ordered = await asked.order(request.command, clientRequestId=str(number))
    event = next(each for each in accepted(ordered) if isinstance(each, WithdrawalRequested))
    return {
        "withdrawalId": event.withdrawal_id,
        "clientRequestId": number or None,
        "state": WithdrawalStep.requested.name,
        "time": ordered.ts_ns // NS_PER_MS,
    }


def find_asset(asked: GatewayRequest, code: str) -> tuple[int, int] | None:
    """Return the number of an asset and its places, None where there is none."""
    for asset_id, row in list(asked.gateway.models.venue.assets.rows.items()):
        if row[ASSET_CODE] == code:
            return asset_id, row[ASSET_SCALE]
    return None


async def list_withdrawals(asked: GatewayRequest) -> Any:
    """Return withdrawals behind a number, oldest first."""
    form, limit = wanted_form(asked, FileForm.json, FileForm.csv, FileForm.parquet), wanted_rows(asked)
    after = asked.parameters.integer("after", 0, high=NUMBER_MAX) or 0
    found = await asked.read(asked.gateway.history.withdrawals, asked.account_id, after, limit)
    rows = [[plain[column.name] for column in COLUMNS] for plain in withdrawals_plain(asked, found)]
    following = str(found[-1].withdrawal_id) if len(found) == limit else None
    return written(RowPage(COLUMNS, rows, following), form, f"withdrawals-{asked.account_id}")


async def query_withdrawal(asked: GatewayRequest) -> Any:
    """Return one withdrawal, by its number or by the client's own."""
    parameters, history = asked.parameters, asked.gateway.history
    number, own = (parameters.integer(name, low=1) for name in ("withdrawalId", "clientRequestId"))
    if number is None and own is None:
        raise missing("withdrawalId")
    found = await asked.read(history.withdrawal, asked.account_id, number, own)
    if found is None:
        raise DialectError(NO_SUCH_ORDER, "Withdrawal does not exist.")
    return next(iter(withdrawals_plain(asked, [found])))


def withdrawals_plain(asked: GatewayRequest, rows: Iterable[WithdrawalRow]) -> Iterable[dict[str, Any]]:
    """Return withdrawals as plain data."""
    gateway = asked.gateway
    for row in rows:
        asset = gateway.models.venue.assets.rows[row.asset_id]
        yield {
            "withdrawalId": row.withdrawal_id,
            "clientRequestId": row.client_request_id or None,
            "asset": asset[ASSET_CODE],
            "amount": text_of(row.amount_minor, asset[ASSET_SCALE]),
            "destination": gateway.destinations.find(row.account_id, row.destination_hash),
            "destinationHash": row.destination_hash,
            "state": WithdrawalStep(row.withdrawal_state).name,
            "reason": withdrawal_reason(row.withdrawal_reason),
            "location": CustodyLocation(row.location).name if row.location else None,
            "evidenceHash": row.evidence_hash,
            "requestTime": row.requested_ns // NS_PER_MS,
            "updateTime": row.changed_ns // NS_PER_MS,
        }


# ---------------------------------------------------------------- in the dialect's words
async def dialect_apply(asked: GatewayRequest) -> Any:
    """Ask for assets back as `POST /sapi/v1/capital/withdraw/apply` does; network and tag belong to the destination."""
    return {"id": str((await ask_for(asked, dialect_withdrawal_request))["withdrawalId"])}


async def dialect_history(asked: GatewayRequest) -> Any:
    """Return the newest withdrawals as `GET /sapi/v1/capital/withdraw/history` does."""
    parameters = asked.parameters
    coin, limit = parameters.text("coin"), parameters.count("limit", 1_000, 1_000)
    start, end = (parameters.integer(name) for name in ("startTime", "endTime"))
    rows = await asked.read(asked.gateway.history.newest_withdrawals, asked.account_id, limit)
    found = [
        {
            "id": str(each["withdrawalId"]),
            "amount": each["amount"],
            "transactionFee": "0",
            "coin": each["asset"],
            "status": DIALECT_STATUS[WithdrawalStep[each["state"]]],
            "address": each["destination"] or each["destinationHash"],
            "txId": each["evidenceHash"],
            "applyTime": each["requestTime"],
            "withdrawOrderId": str(each["clientRequestId"] or ""),
            "info": each["reason"] or "",
        }
        for each in withdrawals_plain(asked, rows)
    ]
    low, high = start or 0, end if end is not None else 1 << 62
    return [each for each in found if coin in (None, each["coin"]) and low <= each["applyTime"] <= high]


REQUEST = fields(
    withdrawalId=number_schema,
    clientRequestId=or_nothing(number_schema),
    state=text_schema,
    time=time_schema,
)
ONE = fields(**{each.name: {**each.schema, "description": each.doc} for each in COLUMNS})
OPERATIONS = (
    Operation(
        "POST",
        "/v1/withdrawals",
        request_withdrawal,
        Security.WITHDRAW,
        "Ask for assets back",
        REQUEST,
        (
            Given("asset", text_schema, "code of the asset", True),
            Given("amount", {"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$"}, "exact decimal text", True),
            Given("destination", {"type": "string", "pattern": DESTINATION_LEGAL}, "address or bank account", True),
            Given("clientRequestId", number_schema, "the client's own number, by which a retry is refused"),
        ),
        1,
    ),
    Operation(
        "GET",
        "/v1/withdrawals",
        list_withdrawals,
        Security.READ,
        "Every withdrawal of the account",
        page_schema(COLUMNS),
        (Given("after", number_schema, "number of the last one that is known"), LIMIT, format_given(TABLE)),
        20,
        TABLE,
    ),
    Operation(
        "GET",
        "/v1/withdrawal",
        query_withdrawal,
        Security.READ,
        "One withdrawal",
        ONE,
        (
            Given("withdrawalId", number_schema, "its number; or:"),
            Given("clientRequestId", number_schema, "the client's own, of that the newest"),
        ),
        4,
    ),
)
ENDPOINTS = {
    ("POST", "/sapi/v1/capital/withdraw/apply"): Endpoint(dialect_apply, Security.WITHDRAW),
    ("GET", "/sapi/v1/capital/withdraw/history"): Endpoint(dialect_history, Security.READ, 20),
}
