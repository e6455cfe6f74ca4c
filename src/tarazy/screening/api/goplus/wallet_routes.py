"""Routes of the GoPlus format about wallets: open approvals, decoding of calls, access tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from tarazy.chains.errors import ChainError
from tarazy.chains.evm.node import Node
from tarazy.platform.refusals import BAD_PARAMETER, NOT_READY, RefusedError
from tarazy.platform.web.middleware import WRONG_KEY_COST
from tarazy.platform.web.responding import caller_of, json_body, middleware_of
from tarazy.screening.api import parameters
from tarazy.screening.api.goplus.approval import Spender, nft_approvals, token_approvals
from tarazy.screening.api.goplus.contract_routes import has_code
from tarazy.screening.api.goplus.envelope import GoplusCode
from tarazy.screening.api.goplus.input_decode import input_decode
from tarazy.screening.api.goplus.responding import answer_envelope
from tarazy.screening.api.state import service_of
from tarazy.screening.model import Report
from tarazy.screening.service.approvals import ApprovedToken, WalletApprovals, WalletBounds, wallet_approvals
from tarazy.screening.service.reasons import CHAIN_UNSUPPORTED, NOT_A_CONTRACT
from tarazy.screening.service.service import LOG, ScreeningService

router = APIRouter(tags=["GoPlus format"])

SPENDERS_SCREENED_MAX = 25
CALL_BYTES_MAX = 128 * 1024
ADDRESSES_LOOKED_AT_MAX = 16
ChainId = Annotated[str, Path(description="Number of an EVM chain that this service reads through a node.")]
Wallet = Annotated[str, Query(description="Address of the wallet.")]


def node_of(service: ScreeningService, chain: int) -> Node:
    """Return the node of a chain.

    Raises: RefusedError where there is none.
    """
    node = service.source(chain).node
    if node is None:
        raise RefusedError(CHAIN_UNSUPPORTED, f"chain {chain} is read from code files, this needs its node")
    return node


async def open_approvals(request: Request, chain_id: str, addresses: str, standard: str) -> Response:
    """Answer the approvals of one wallet by one standard."""
    service, caller = service_of(request), caller_of(request)
    caller.need("read")
    chain, wallet = parameters.chain(chain_id), parameters.addresses(addresses, 1, "addresses")[0]
    node = node_of(service, chain)
    bounds = WalletBounds(service.config.approval_blocks_max)
    try:
        found: WalletApprovals = await service.in_thread(wallet_approvals, node, wallet, standard, bounds)
    except ChainError as error:
        LOG.warning("chain %d: %s", chain, error)
        raise RefusedError(NOT_READY, "the node of this chain does not answer as it should") from error
    spenders, complete = await look_at_spenders(service, chain, found.tokens, caller.name)
    tokens = await with_reports(service, chain, found.tokens)
    if standard == "20":
        result = token_approvals(chain, tokens, spenders)
    else:
        result = nft_approvals(chain, tokens, spenders, standard)
    code = GoplusCode.OK if complete and not found.reason else GoplusCode.SYNCING
    return answer_envelope(request, code, result, found.reason)


async def look_at_spenders(
    service: ScreeningService, chain: int, tokens: Sequence[ApprovedToken], caller: str
) -> tuple[dict[str, Spender], bool]:
    """Return what is known of every spender, and whether all of it is in force."""
    addresses = sorted({each.spender for token in tokens for each in token.approvals})
    looked = addresses[:SPENDERS_SCREENED_MAX]
    looks = await asyncio.gather(*(service.look(chain, each, caller) for each in looked))
    spenders: dict[str, Spender] = {}
    for address, look in zip(looked, looks, strict=True):
        is_contract = False if look.reason is NOT_A_CONTRACT else True if look.entry is not None else None
        listed, _ = service.lists.of(address)
        spenders[address] = Spender(address, is_contract, look.entry.report if look.entry else None, listed)
    complete = len(looked) == len(addresses) and all(look.reason in (None, NOT_A_CONTRACT) for look in looks)
    return spenders, complete


async def with_reports(service: ScreeningService, chain: int, tokens: Sequence[ApprovedToken]) -> list[ApprovedToken]:
    """Put the reports that are known beside the tokens; none is screened for this."""
    entries = [await service.recall(chain, token.address) for token in tokens]
    reports = [entry.report if entry is not None else None for entry in entries]
    return [replace(token, report=report) for token, report in zip(tokens, reports, strict=True)]


@router.get("/api/v2/token_approval_security/{chain_id}", summary="Open allowances of a wallet")
async def token_approvals_route(request: Request, chain_id: ChainId, addresses: Wallet = "") -> Response:
    """List the allowances of fungible tokens that still stand, with what is known of each spender."""
    return await open_approvals(request, chain_id, addresses, "20")


@router.get("/api/v2/nft721_approval_security/{chain_id}", summary="Open approvals of ERC-721 collections")
async def nft721_approvals_route(request: Request, chain_id: ChainId, addresses: Wallet = "") -> Response:
    """List the approvals of collections and pieces that still stand."""
    return await open_approvals(request, chain_id, addresses, "721")


@router.get("/api/v2/nft1155_approval_security/{chain_id}", summary="Open approvals of ERC-1155 collections")
async def nft1155_approvals_route(request: Request, chain_id: ChainId, addresses: Wallet = "") -> Response:
    """List the approvals of collections that still stand."""
    return await open_approvals(request, chain_id, addresses, "1155")


@router.post("/api/v1/abi/input_decode", summary="A call in words, with the risk of signing it")
async def input_decode_route(request: Request) -> Response:
    """Decode call data by known signatures, else by the types that the contract's own code reads.

    Body: chain_id, data (0x text), and where known contract_address and signer. Code 2027: nothing is known of the
    function; 2028: the contract has no such function.
    """
    service, caller = service_of(request), caller_of(request)
    caller.need("read")
    body = await json_body(request)
    chain = parameters.chain(body.get("chain_id", ""))
    data = parameters.hex_bytes(body.get("data"), "data", CALL_BYTES_MAX)
    named = body.get("contract_address")
    contract = parameters.address(named, "contract_address") if named else None
    if body.get("signer"):
        parameters.address(body["signer"], "signer")
    source = service.source(chain)
    code = b""
    if contract is not None:
        try:
            head = await service.in_thread(source.head)
            code = await service.in_thread(source.code, contract, head.number)
        except ChainError as error:
            LOG.warning("chain %d: %s", chain, error)
    call = await service.helper.decode(data, code)
    if call.refusal:
        unknown = GoplusCode.ABI_FUNCTION_UNSUPPORTED if call.no_such_function else GoplusCode.ABI_UNKNOWN
        return answer_envelope(request, unknown, None, call.refusal)
    given = [value for kind, value in zip(call.types, call.values, strict=True) if kind == "address"]
    accounts = {each: await has_code(service, chain, each) for each in dict.fromkeys(given[:ADDRESSES_LOOKED_AT_MAX])}
    reports = await known_reports(service, chain, [*accounts, *([contract] if contract else [])])
    result = input_decode(call, reports.get(contract or ""), accounts, reports)
    return answer_envelope(request, GoplusCode.OK, result)


async def known_reports(service: ScreeningService, chain: int, addresses: Sequence[str]) -> Mapping[str, Report]:
    """Return the reports that are known of addresses; none is screened for this."""
    found = [(each, await service.recall(chain, each)) for each in addresses]
    return {address: entry.report for address, entry in found if entry is not None}


@router.post("/api/v1/token", summary="An access token for an app key")
async def access_token_route(request: Request) -> Response:
    """Check `sign` = SHA-1 of app_key, time and app_secret, and give a token for the header `Authorization`.

    Body: app_key, time (seconds since 1970, within 1,000 s of the server's, each once), sign. Codes 4010, 4011, 4012.
    """
    body = await json_body(request)
    app_key, sign = parameters.text(body, "app_key", 100), parameters.text(body, "sign", 100)
    time_s = parameters.quantity(body.get("time"), "time")
    if not app_key or not sign or time_s is None:
        raise RefusedError(BAD_PARAMETER, "expected app_key, time and sign")
    try:
        token, life_s = service_of(request).keys.access_token(app_key, time_s, sign)
    except RefusedError:
        middleware_of(request).charge(caller_of(request), WRONG_KEY_COST)
        raise
    result: dict[str, Any] = {"access_token": token, "expires_in": life_s}
    return answer_envelope(request, GoplusCode.OK, result)
