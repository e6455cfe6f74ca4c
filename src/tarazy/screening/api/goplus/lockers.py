"""GET /open/api/v1/locks/token, lpv3, lpv3s, lpv4, lpv4s: locks of tokens and of positions in pools, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tarazy.chains.evm.locks import PositionLock, TokenLock
from tarazy.screening.api.goplus.values import share

UNKNOWN = -1


def page(items: Sequence[dict[str, Any]], total: int, number: int, size: int) -> dict[str, Any]:
    """Return one page."""
    return {"list": list(items), "totalCount": total, "pageNum": number, "pageSize": size}


def token_lock(lock: TokenLock) -> dict[str, Any]:
    """Return one lock of a token; amounts are minor units as text."""
    return {
        "lockId": lock.id,
        "owner": lock.owner,
        "token": lock.token,
        "amount": str(lock.amount),
        "unlockedAmount": str(lock.unlocked),
        "startTime": lock.start_s,
        "endTime": lock.end_s,
        "isLpToken": UNKNOWN if lock.is_pool_share is None else int(lock.is_pool_share),
        "lockedPercent": share(lock.remaining, lock.supply),
    }


def position_lock(lock: PositionLock, pool_key: str = "pool") -> dict[str, Any]:
    """Return one lock of a position; `pool_key` is poolId for pools of the fourth version."""
    return {
        "lockId": lock.id,
        "owner": lock.owner,
        "nftPositionManager": lock.position_manager,
        "nftId": str(lock.position),
        pool_key: lock.pool,
        "startTime": lock.start_s,
        "endTime": lock.end_s,
        "liquidity": lock.liquidity,
        "lockedPercent": share(lock.liquidity, lock.pool_liquidity),
    }


def position_page(locks: Sequence[tuple[int, PositionLock]], total: int, number: int, size: int) -> dict[str, Any]:
    """Return a page of locks in pools of the fourth version: one entry for each pool with its locks."""
    pools: dict[tuple[int, str, str], list[dict[str, Any]]] = {}
    for chain_id, lock in locks:
        pools.setdefault((chain_id, lock.position_manager, lock.pool), []).append(position_lock(lock))
    items = [
        {"chainId": str(chain_id), "nftPositionManager": manager, "poolId": pool, "lockList": found, "url": None}
        for (chain_id, manager, pool), found in pools.items()
    ]
    return page(items, total, number, size)
