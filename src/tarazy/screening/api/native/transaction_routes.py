"""The route of our own format about a transaction before it is signed."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from tarazy.platform.refusals import BAD_PARAMETER, NOT_READY, RefusedError
from tarazy.platform.web.responding import answer_json, caller_of
from tarazy.screening.api.state import service_of
from tarazy.screening.api.transactions import DATA_BYTES_MAX, transaction_of
from tarazy.screening.model import to_plain
from tarazy.screening.service.playing import NotPlayed
from tarazy.screening.service.transactions import played, suspicious_of

router = APIRouter()


class AskedTransaction(BaseModel):
    """A transaction that somebody is asked to sign. Numbers as numbers, decimal text or 0x text; none: the state's."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    chain_id: int | str = Field(description="Chain with a node.")
    sender: str = Field(alias="from", max_length=80)
    to: str | None = Field(None, max_length=80, description="None creates a contract.")
    value: int | str | None = Field(None, description="Wei.")
    data: str | None = Field(None, description=f"0x text, at most {DATA_BYTES_MAX:,} bytes.")
    gas_limit: int | str | None = None
    gas_price: int | str | None = None
    nonce: int | str | None = None
    access_list: list[dict[str, Any]] | None = Field(None, description="address and storage_keys.")


@router.post("/v1/screening/transactions", tags=["Screening"], summary="A transaction before it is signed")
async def native_route(request: Request, asked: AskedTransaction) -> Response:
    """Play a transaction on the newest block: balances, allowances, calls inside, events, decoded input, risks."""
    service, caller = service_of(request), caller_of(request)
    caller.need("simulate")
    transaction = transaction_of(asked.model_dump(by_alias=True))
    found = await played(service, transaction, to_plain)
    if isinstance(found, NotPlayed):
        raise RefusedError(NOT_READY if found.again else BAD_PARAMETER, found.reason)
    suspicious = suspicious_of(service, transaction.chain_id, found.parties)
    return answer_json(request, {"outcome": found.result, "suspicious": suspicious})
