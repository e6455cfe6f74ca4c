"""Transactions before they are signed, in the GoPlus format and in the native one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from tarazy.platform.web.refusals import BAD_PARAMETER, NOT_READY, RefusedError
from tarazy.platform.web.responding import answer_json, caller_of, json_body
from tarazy.screening.api import parameters
from tarazy.screening.api.goplus.approval import is_malicious
from tarazy.screening.api.goplus.envelope import Code
from tarazy.screening.api.goplus.responding import answer_envelope
from tarazy.screening.api.goplus.transaction import not_simulated, with_suspicious
from tarazy.screening.api.state import service_of
from tarazy.screening.service.playing import NotPlayed, Played, PlayWork
from tarazy.screening.service.reasons import CHAIN_UNSUPPORTED
from tarazy.screening.service.service import LOG, ScreeningService
from tarazy.screening.simulation.transaction import TransactionRequest

router = APIRouter()

DATA_BYTES_MAX = 128 * 1024
ACCESS_MAX = 256
GAS_MAX = 60_000_000


class Transaction(BaseModel):
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


def transaction_of(body: dict[str, Any]) -> TransactionRequest:
    """Return what is played.

    Raises: RefusedError.
    """
    to = body.get("to")
    price = body.get("gas_price") or body.get("max_fee_per_gas")
    gas = parameters.quantity(body.get("gas_limit"), "gas_limit")
    if gas is not None and gas > GAS_MAX:
        raise RefusedError(BAD_PARAMETER, f"gas_limit: expected at most {GAS_MAX:,}, found {gas:,}")
    return TransactionRequest(
        chain_id=parameters.chain(body.get("chain_id", "")),
        sender=parameters.address(body.get("from"), "from"),
        to=parameters.address(to, "to") if to else None,
        data=parameters.hex_bytes(body.get("data") or "0x", "data", DATA_BYTES_MAX),
        value=parameters.quantity(body.get("value"), "value") or 0,
        gas=gas,
        gas_price=parameters.quantity(price, "gas_price"),
        nonce=parameters.quantity(body.get("nonce"), "nonce"),
        access_list=access_list(body.get("access_list")),
    )


def access_list(given: Any) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return the accounts and slots that the transaction names ahead.

    Raises: RefusedError.
    """
    if not given:
        return ()
    if not isinstance(given, list) or len(given) > ACCESS_MAX or not all(isinstance(each, dict) for each in given):
        raise RefusedError(BAD_PARAMETER, f"access_list: expected at most {ACCESS_MAX} objects")
    found = []
    for each in given:
        keys = each.get("storage_keys") or each.get("storageKeys") or []
        if not isinstance(keys, list) or len(keys) > ACCESS_MAX:
            raise RefusedError(BAD_PARAMETER, f"storage_keys: expected a list of at most {ACCESS_MAX}")
        slots = tuple(parameters.quantity(key, "storage_keys") or 0 for key in keys)
        found.append((parameters.address(each.get("address"), "access_list"), slots))
    return tuple(found)


async def played(service: ScreeningService, asked: TransactionRequest, native: bool) -> Played | NotPlayed:
    """Play a transaction on the newest block.

    Raises: RefusedError.
    """
    source = service.source(asked.chain_id)
    if source.rpc_url is None:
        text = f"chain {asked.chain_id} is read from code files, a simulation needs its node"
        raise RefusedError(CHAIN_UNSUPPORTED, text)
    head = await service.head(source)
    found = await service.helper.run(PlayWork(source.rpc_url, head.number, head.hash, asked, native))
    if isinstance(found, NotPlayed) and found.again:
        LOG.warning("chain %d: %s", asked.chain_id, found.reason)
        return NotPlayed("the node of this chain does not answer as it should", True)
    return found  # type: ignore[no-any-return]


def suspicious_of(service: ScreeningService, chain: int, parties: Iterable[str]) -> dict[str, str]:
    """Return the addresses that take part and are on a list or malicious by their report, with the reason."""
    found: dict[str, str] = {}
    for address in parties:
        listed, _ = service.lists.of(address)
        held = [key for key, on_list in listed.items() if on_list]
        entry = service.in_memory(chain, address)
        if held:
            found[address] = f"it is listed as {', '.join(held)}"
        elif entry is not None and is_malicious(entry.report):
            found[address] = "it is malicious under the criteria of this service"
    return found


@router.post(
    "/api/v1/transaction_simulation",
    tags=["GoPlus format"],
    summary="A transaction before it is signed",
)
async def goplus_route(request: Request) -> Response:
    """Play a transaction on the newest block and tell what it would change, whom it would allow what, and its risks.

    Body: chain_id, from, to, value, data, and where wanted gas_limit, gas_price or max_fee_per_gas, nonce, access_list.
    """
    service, caller = service_of(request), caller_of(request)
    caller.need("simulate")
    body = await json_body(request)
    parameters.text(body, "url", 2_000)
    asked = transaction_of(body)
    found = await played(service, asked, native=False)
    if isinstance(found, NotPlayed):
        code = Code.SYNCING if found.again else Code.OK
        return answer_envelope(request, code, not_simulated(found.reason))
    suspicious = suspicious_of(service, asked.chain_id, found.parties)
    return answer_envelope(request, Code.OK, with_suspicious(found.result, suspicious))


@router.post("/v1/screening/transactions", tags=["Screening"], summary="A transaction before it is signed")
async def native_route(request: Request, asked: Transaction) -> Response:
    """Play a transaction on the newest block: balances, allowances, calls inside, events, decoded input, risks."""
    service, caller = service_of(request), caller_of(request)
    caller.need("simulate")
    transaction = transaction_of(asked.model_dump(by_alias=True))
    found = await played(service, transaction, native=True)
    if isinstance(found, NotPlayed):
        raise RefusedError(NOT_READY if found.again else BAD_PARAMETER, found.reason)
    suspicious = suspicious_of(service, transaction.chain_id, found.parties)
    return answer_json(request, {"outcome": found.result, "suspicious": suspicious})


DIRECT = {("POST", "/api/v1/transaction_simulation"): goplus_route}  # asked so often that a router's look costs
