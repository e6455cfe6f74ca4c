"""Routes of the GoPlus format about locks: what our own time lock holds, on the chains where one is configured."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from tarazy.chains.errors import ChainError, OwnContractError
from tarazy.chains.evm.locks import LockPage, PositionLock, positions_of, token_page
from tarazy.chains.evm.node import Node
from tarazy.platform.refusals import BAD_PARAMETER, NOT_READY, RefusedError
from tarazy.platform.web.responding import caller_of
from tarazy.screening.api import parameters
from tarazy.screening.api.goplus.envelope import GoplusCode
from tarazy.screening.api.goplus.lockers import page, position_lock, position_page, token_lock
from tarazy.screening.api.goplus.responding import answer_envelope
from tarazy.screening.api.state import service_of
from tarazy.screening.service.reasons import CHAIN_UNSUPPORTED
from tarazy.screening.service.service import LOG, ScreeningService

router = APIRouter(prefix="/open/api/v1/locks", tags=["GoPlus format"])

POOL_ID_CHARS = 66  # 0x and 32 bytes: a pool of the fourth version
PageNumber = Annotated[str, Query(alias="pageNum", description="Page, from 1.")]
PageSize = Annotated[str, Query(alias="pageSize", description="Locks on a page, at most 100.")]
ChainId = Annotated[str, Query(alias="chainId", description="Chain with a time lock.")]


def place_of(service: ScreeningService, chain: int) -> tuple[Node, str]:
    """Return the node of a chain and the address of the time lock on it.

    Raises: RefusedError where one is missing.
    """
    node, address = service.source(chain).node, service.config.lockers.get(chain)
    if node is None or address is None:
        raise RefusedError(CHAIN_UNSUPPORTED, f"no time lock is configured on chain {chain}")
    return node, address


async def asked(service: ScreeningService, chain: int, call: Any, *values: Any) -> Any:
    """Return what a call about locks returns.

    Raises: RefusedError where the node or the time lock cannot be read.
    """
    try:
        return await service.in_thread(call, *values)
    except (ChainError, OwnContractError) as error:
        LOG.warning("chain %d: %s", chain, error)
        raise RefusedError(NOT_READY, "the time lock of this chain cannot be read") from error


async def positions(service: ScreeningService, chain: int) -> list[PositionLock]:
    """Return every position that is locked on a chain."""
    node, address = place_of(service, chain)
    managers = service.config.position_managers.get(chain, ())
    found: list[PositionLock] = await asked(service, chain, positions_of, node, address, managers)
    return found


async def positions_everywhere(service: ScreeningService) -> list[tuple[int, PositionLock]]:
    """Return every position that is locked, on all chains with a time lock.

    Raises: RefusedError where no chain has one.
    """
    if not service.config.lockers:
        raise RefusedError(CHAIN_UNSUPPORTED, "no time lock is configured")
    return [(chain, each) for chain in sorted(service.config.lockers) for each in await positions(service, chain)]


def cut(items: list[Any], number: int, size: int) -> list[Any]:
    """Return the items of one page."""
    return items[(number - 1) * size : number * size]


@router.get("/token", summary="Locks of a token")
async def token_route(
    request: Request,
    chain_id: ChainId = "",
    token_address: Annotated[str, Query(alias="tokenAddress")] = "",
    page_number: PageNumber = "1",
    page_size: PageSize = "10",
) -> Response:
    """List the locks of a fungible token or of a pool's shares; amounts in minor units."""
    service = service_of(request)
    caller_of(request).need("read")
    chain, token = parameters.chain(chain_id), parameters.address(token_address, "tokenAddress")
    number, size = parameters.page(page_number, page_size)
    node, address = place_of(service, chain)
    found: LockPage = await asked(service, chain, token_page, node, address, token, (number - 1) * size, size)
    return answer_envelope(
        request, GoplusCode.OK, page([token_lock(each) for each in found.locks], found.total, number, size)
    )


@router.get("/lpv3", summary="Locks of positions in a pool of the third version")
async def lpv3_route(
    request: Request,
    chain_id: ChainId = "",
    pool_address: Annotated[str, Query(alias="poolAddress")] = "",
    page_number: PageNumber = "1",
    page_size: PageSize = "10",
) -> Response:
    """List the locked positions of one pool."""
    caller_of(request).need("read")
    chain, pool = parameters.chain(chain_id), parameters.address(pool_address, "poolAddress")
    number, size = parameters.page(page_number, page_size)
    found = [each for each in await positions(service_of(request), chain) if each.pool == pool]
    told = [position_lock(each) for each in cut(found, number, size)]
    return answer_envelope(request, GoplusCode.OK, page(told, len(found), number, size))


@router.get("/lpv3s", summary="Locks of positions in all pools of the third version")
async def lpv3s_route(request: Request, page_number: PageNumber = "1", page_size: PageSize = "10") -> Response:
    """List the locked positions of all chains with a time lock; those whose pool is not known are among them."""
    caller_of(request).need("read")
    number, size = parameters.page(page_number, page_size)
    everywhere = await positions_everywhere(service_of(request))
    found = [each for _, each in everywhere if len(each.pool) != POOL_ID_CHARS]
    told = [position_lock(each) for each in cut(found, number, size)]
    return answer_envelope(request, GoplusCode.OK, page(told, len(found), number, size))


@router.get("/lpv4", summary="Locks of positions in a pool of the fourth version")
async def lpv4_route(
    request: Request,
    chain_id: ChainId = "",
    pool_id: Annotated[str, Query(alias="poolId")] = "",
    page_number: PageNumber = "1",
    page_size: PageSize = "10",
) -> Response:
    """Return the first lock of the page, as the format has it, with all locks of the page beside it under `list`."""
    caller_of(request).need("read")
    chain = parameters.chain(chain_id)
    if len(parameters.hex_bytes(pool_id, "poolId", 32)) != 32:
        raise RefusedError(BAD_PARAMETER, f"poolId: expected 0x and 32 bytes, found {parameters.shown(pool_id)}")
    wanted = "0x" + pool_id.lower().removeprefix("0x")
    number, size = parameters.page(page_number, page_size)
    found = [each for each in await positions(service_of(request), chain) if each.pool == wanted]
    told = [position_lock(each, "poolId") for each in cut(found, number, size)]
    first = told[0] if told else {}
    return answer_envelope(request, GoplusCode.OK, first | page(told, len(found), number, size))


@router.get("/lpv4s", summary="Locks of positions in all pools of the fourth version")
async def lpv4s_route(request: Request, page_number: PageNumber = "1", page_size: PageSize = "10") -> Response:
    """List the locked positions of all chains with a time lock, by pool."""
    caller_of(request).need("read")
    number, size = parameters.page(page_number, page_size)
    everywhere = await positions_everywhere(service_of(request))
    found = [(chain, each) for chain, each in everywhere if len(each.pool) == POOL_ID_CHARS]
    told = position_page(cut(found, number, size), len(found), number, size)
    return answer_envelope(request, GoplusCode.OK, told)
