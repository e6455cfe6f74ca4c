"""Routes of the GoPlus format about contracts: tokens, rug pulls, addresses, spenders."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from tarazy.chains.errors import ChainError
from tarazy.platform.refusals import NOT_READY, RefusedError
from tarazy.platform.web.middleware import Caller
from tarazy.platform.web.responding import caller_of, middleware_of
from tarazy.screening.api import parameters
from tarazy.screening.api.goplus.address import CreatorRecord, address_security
from tarazy.screening.api.goplus.approval import Spender, approval_security
from tarazy.screening.api.goplus.chains import supported_chains
from tarazy.screening.api.goplus.envelope import GoplusCode, code_of
from tarazy.screening.api.goplus.responding import answer_envelope
from tarazy.screening.api.goplus.rugpull import rugpull
from tarazy.screening.api.goplus.token_security import token_security
from tarazy.screening.api.goplus.values import BLACK_HOLES
from tarazy.screening.api.state import service_of
from tarazy.screening.service.entries import Place, ReportEntry
from tarazy.screening.service.reasons import NOT_A_CONTRACT
from tarazy.screening.service.service import LookupResult, ScreeningService

router = APIRouter(tags=["GoPlus format"])

NONE: list[str] = []

ChainId = Annotated[str, Path(description="Number of an EVM chain that this service reads; see supported_chains.")]
Contracts = Annotated[list[str], Query(description="Addresses, separated by commas, or the parameter repeated.")]
Contract = Annotated[str, Query(description="One address.")]


@router.get("/api/v1/token_security/{chain_id}", summary="Security of tokens: 45 keys, three-valued by absence")
async def token_security_route(request: Request, chain_id: ChainId, contract_addresses: Contracts = NONE) -> Response:
    """Screen tokens, or answer from what is in force.

    `result` maps each address in lower case to its keys. A flag is "1" or "0"; what is unknown has no key. Code 2 says
    that a screening is under way: what is known is there, ask again. Code 2020: none of the addresses is a contract.
    """
    service, caller = service_of(request), caller_of(request)
    caller.need("read")
    chain = parameters.chain(chain_id)
    found = parameters.addresses(",".join(contract_addresses), service.config.batch_max)
    middleware_of(request).charge(caller, len(found) - 1)
    looks = await asyncio.gather(*(service.look(chain, each, caller.name) for each in found))
    known = [((chain, address), look.entry) for address, look in zip(found, looks, strict=True) if look.entry]
    result = {address: await token_result(service, chain, address, entry) for (_, address), entry in known}
    code, detail = together(looks)
    return answer_envelope(request, code, result or None, detail, known, len(found))


async def token_result(service: ScreeningService, chain: int, address: str, entry: ReportEntry) -> dict[str, object]:
    """Return the keys of one token."""
    honeypots = None
    ownership = entry.report.ownership
    if ownership is not None and ownership.creator_address:
        record = await service.in_thread(service.store.of_creator, chain, ownership.creator_address, address)
        honeypots = record[2]
    return token_security(entry.report, honeypots)


def together(looks: list[LookupResult]) -> tuple[GoplusCode, str]:
    """Return the code of several looks: syncing where any is, success where any succeeded, else the first refusal."""
    codes = [code_of(look.reason) for look in looks]
    known = any(look.entry is not None for look in looks)
    if GoplusCode.SYNCING in codes or (known and GoplusCode.RATE_LIMIT in codes):
        return GoplusCode.SYNCING, next((look.detail for look in looks if look.reason is NOT_READY), "")
    if known:
        return GoplusCode.OK, ""
    return codes[0], looks[0].detail


async def one(
    request: Request, chain_id: str, contract: str
) -> tuple[ScreeningService, Caller, int, str, LookupResult]:
    """Look at one contract.

    Raises: RefusedError for parameters that are not as expected.
    """
    service, caller = service_of(request), caller_of(request)
    caller.need("read")
    chain, address = parameters.chain(chain_id), parameters.addresses(contract, 1)[0]
    return service, caller, chain, address, await service.look(chain, address, caller.name)


def about(chain: int, address: str, look: LookupResult) -> list[tuple[Place, ReportEntry]]:
    """Return what an answer rests on."""
    return [((chain, address), look.entry)] if look.entry is not None else []


async def has_code(service: ScreeningService, chain: int, address: str, block: int | None = None) -> bool | None:
    """Say whether an address holds code; None where the chain is not read or its node does not answer."""
    source = service.sources.get(chain)
    if source is None:
        return None
    try:
        at = (await service.in_thread(source.head)).number if block is None else block
        return bool(await service.in_thread(source.code, address, at))
    except ChainError:
        return None


@router.get("/api/v1/rugpull_detecting/{chain_id}", summary="Signs of a rug pull: 1, 0, and -1 for unknown")
async def rugpull_route(request: Request, chain_id: ChainId, contract_addresses: Contract = "") -> Response:
    """Answer whether the owner may take what others paid in, and what kind of account the owner is."""
    service, _, chain, address, look = await one(request, chain_id, contract_addresses)
    if look.entry is None:
        return answer_envelope(request, code_of(look.reason), None, look.detail)
    report = look.entry.report
    owner = report.ownership.owner_address if report.ownership is not None else None
    owner_has_code = None
    if owner and owner not in BLACK_HOLES:
        owner_has_code = await has_code(service, chain, owner, look.entry.block_number)
    result = rugpull(report, owner_has_code)
    return answer_envelope(request, code_of(look.reason), result, look.detail, about(chain, address, look))


@router.get("/api/v1/approval_security/{chain_id}", summary="A spender that a wallet is asked to approve")
async def approval_route(request: Request, chain_id: ChainId, contract_addresses: Contract = "") -> Response:
    """Answer what is known of a spender: code, creator, lists, powers over what was approved."""
    service, _, chain, address, look = await one(request, chain_id, contract_addresses)
    listed, _ = service.lists.of(address)
    if look.reason is NOT_A_CONTRACT:
        return answer_envelope(request, GoplusCode.OK, approval_security(Spender(address, False, None, listed)))
    if look.entry is None:
        return answer_envelope(request, code_of(look.reason), None, look.detail)
    result = approval_security(Spender(address, True, look.entry.report, listed))
    return answer_envelope(request, code_of(look.reason), result, look.detail, about(chain, address, look))


@router.get("/api/v1/address_security/{address}", summary="An address on supplied lists and in own screenings")
async def address_route(
    request: Request,
    address: Annotated[str, Path(description="The address.")],
    chain_id: Annotated[str, Query(description="Chain on which it is looked at; without one, the lists alone.")] = "",
) -> Response:
    """Answer what lists and screenings say; a key that nothing answers is absent, and says nothing."""
    service, caller = service_of(request), caller_of(request)
    caller.need("read")
    found = parameters.address(address)
    listed, sources = service.lists.of(found)
    chains = [parameters.chain(chain_id)] if chain_id else sorted(service.sources)
    look = None
    if chain_id:
        service.source(chains[0])
        look = await service.look(chains[0], found, caller.name)
        if look.reason not in (None, NOT_READY, NOT_A_CONTRACT):
            raise RefusedError(look.reason, look.detail)
    records = [await service.in_thread(service.store.of_creator, each, found) for each in chains]
    record = CreatorRecord(*(sum(each) for each in zip(*records, strict=True))) if records else None
    if record is not None and record.screened:
        sources = (*sources, "own screenings")
    is_contract = None
    if look is not None:
        is_contract = False if look.reason is NOT_A_CONTRACT else True if look.entry is not None else None
    report = look.entry.report if look is not None and look.entry is not None else None
    result = address_security(listed, sources, is_contract, report, record)
    code = GoplusCode.SYNCING if look is not None and look.reason is NOT_READY else GoplusCode.OK
    return answer_envelope(
        request, code, result, look.detail if look is not None and code is GoplusCode.SYNCING else ""
    )


@router.get("/api/v1/supported_chains", summary="Chains that this service reads")
async def chains_route(
    request: Request, name: Annotated[str, Query(description="Name of an API, such as token_security.")] = ""
) -> Response:
    """List the chains, of one API or of all; an API that is not answered has none."""
    caller_of(request).need("read")
    return answer_envelope(request, GoplusCode.OK, supported_chains(service_of(request).sources, name))
