"""Locks as they stand on a chain, for pages, reports and the five locker calls.

Only our own time lock is believed: the code at the address must be ours, byte for byte, or nothing it says is read. A
position counts for a pool only where a position manager that the caller trusts says so; a lock proves that a position
stays, not that its manager is honest.
Units: amounts in minor units, times in seconds of the chain, shares in parts per million rounded down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tarazy.chains.errors import NodeRevertedError, OwnContractError
from tarazy.chains.evm import abi, values
from tarazy.chains.evm.abi_values import decode
from tarazy.chains.evm.code import keccak256
from tarazy.chains.evm.node import BlockTag, Node
from tarazy.chains.evm.own_contracts import Contract, contract
from tarazy.domain.arithmetic import PPM, div_floor

PAGE = 100
LOCKS_MAX = 10_000  # of one token or of all positions; more is cut and said
RELEASE_NAMES = ("cliff", "linear")


@dataclass(frozen=True, slots=True)
class TokenLock:
    """One lock of a fungible token."""

    id: str
    owner: str
    token: str
    amount: int
    unlocked: int
    start_s: int
    end_s: int
    release: str
    is_pool_share: bool | None = None  # None: not known
    supply: int | None = None

    @property
    def remaining(self) -> int:
        """Return what the lock still holds."""
        return self.amount - self.unlocked


@dataclass(frozen=True, slots=True)
class PositionLock:
    """One lock of a pool position. `pool` is an address, or an id of 32 bytes; "" where not known."""

    id: str
    owner: str
    position_manager: str
    position: int
    pool: str
    start_s: int
    end_s: int
    liquidity: int | None = None
    pool_liquidity: int | None = None


@dataclass(frozen=True, slots=True)
class LockPage:
    """Locks in the order in which they were made, and how many there are in all."""

    locks: tuple[TokenLock, ...]
    total: int


def is_time_lock(node: Node, address: str, block: BlockTag = "latest") -> bool:
    """Say whether the code at an address is our time lock."""
    return node.code(address, block) == contract("TimeLock").runtime


def locks_of(node: Node, time_lock: str, token: str, block: BlockTag = "latest") -> list[TokenLock]:
    """Return every lock of a token, at most LOCKS_MAX.

    Raises: OwnContractError where the address is no time lock of ours, NodeError.
    """
    return list(token_page(node, time_lock, token, 0, LOCKS_MAX, block).locks)


def token_page(node: Node, time_lock: str, token: str, first: int, count: int, block: BlockTag = "latest") -> LockPage:
    """Return a page of the locks of a token, with what is known of the token itself."""
    require_time_lock(node, time_lock, block)
    ask = asker(node, time_lock, contract("TimeLock"), block)
    total = ask("tokenLockCount", token)
    rows = read_pages(lambda start, size: ask("tokenLocks", token, start, size), first, min(count, LOCKS_MAX), total)
    supply = abi.number(call(node, token, "totalSupply()", block=block)) if rows else None
    pool_share = is_pool_share(node, token, block) if rows else None
    return LockPage(tuple(token_lock(row, pool_share, supply) for row in rows), total)


def read_pages(ask: Callable[[int, int], Any], first: int, count: int, total: int) -> list[Any]:
    """Return rows first to first + count, a page of the contract at a time."""
    rows: list[Any] = []
    for start in range(first, min(first + count, total), PAGE):
        rows += ask(start, min(PAGE, first + count - start))
    return rows


def token_lock(row: tuple[Any, ...], pool_share: bool | None, supply: int | None) -> TokenLock:
    """Return one row of the contract as a lock."""
    number, owner, token, amount, unlocked, start, end, release = row
    return TokenLock(
        str(number), owner, token, amount, unlocked, start, end, RELEASE_NAMES[release], pool_share, supply
    )


def locked_ppm(locks: Iterable[TokenLock], supply: int | None) -> int | None:
    """Return the share of the supply that locks still hold; None where the supply is not known or zero."""
    return div_floor(sum(lock.remaining for lock in locks) * PPM, supply) if supply else None


def locked_percent(locks: Iterable[TokenLock], supply: int | None) -> str | None:
    """Return the share as a decimal fraction of one: "0.25"; None where it is not known."""
    ppm = locked_ppm(locks, supply)
    return None if ppm is None else f"{ppm // PPM}.{ppm % PPM:06d}".rstrip("0").rstrip(".")


def is_pool_share(node: Node, token: str, block: BlockTag = "latest") -> bool | None:
    """Say whether a token is the share of a pool of the second version: its factory must know it as the pair.

    None where it looks like one and its factory cannot be asked.
    """
    parts = [call(node, token, signature, block=block) for signature in ("token0()", "token1()", "factory()")]
    pair = [abi.address(part) for part in parts]
    if None in pair:
        return False
    first, second, factory = (str(each) for each in pair)
    known = abi.address(call(node, factory, "getPair(address,address)", first, second, block=block))
    return None if known is None else known == token.lower()


# ---------------------------------------------------------------- positions


def positions_of(node: Node, time_lock: str, managers: Iterable[str], block: BlockTag = "latest") -> list[PositionLock]:
    """Return every position that is locked now, at most LOCKS_MAX; pool and liquidity only from trusted managers.

    Raises: OwnContractError where the address is no time lock of ours, NodeError.
    """
    require_time_lock(node, time_lock, block)
    trusted = {each.lower() for each in managers}
    ask = asker(node, time_lock, contract("TimeLock"), block)
    rows = read_pages(lambda start, size: ask("positionLocks", start, size), 0, LOCKS_MAX, ask("positionLockCount"))
    found = []
    for number, owner, manager, position, start, end, withdrawn in rows:
        if withdrawn:
            continue
        held = read_position(node, manager, position, block) if manager in trusted else ("", None, None)
        found.append(PositionLock(str(number), owner, manager, position, held[0], start, end, held[1], held[2]))
    return found


def read_position(node: Node, manager: str, position: int, block: BlockTag) -> tuple[str, int | None, int | None]:
    """Return pool, liquidity of the position and active liquidity of the pool, of the third or fourth version."""
    third = take(
        "(uint96,address,address,address,uint24,int24,int24,uint128,uint256,uint256,uint128,uint128)",
        call(node, manager, "positions(uint256)", position, block=block),
    )
    if third is not None:
        factory = abi.address(call(node, manager, "factory()", block=block))
        arguments = (third[2], third[3], third[4])
        pool = factory and abi.address(call(node, factory, "getPool(address,address,uint24)", *arguments, block=block))
        if not pool or pool == values.ZERO_ADDRESS:
            return "", third[7], None
        return pool, third[7], abi.number(call(node, pool, "liquidity()", block=block))
    fourth = take(
        "((address,address,uint24,int24,address),uint256)",
        call(node, manager, "getPoolAndPositionInfo(uint256)", position, block=block),
    )
    if fourth is None:
        return "", None, None
    key = b"".join(values.word_of_address(each) if isinstance(each, str) else signed(each) for each in fourth[0])
    liquidity = abi.number(call(node, manager, "getPositionLiquidity(uint256)", position, block=block))
    return values.as_hex(keccak256(key)), liquidity, None


def signed(number: int) -> bytes:
    """Return a number as a 32-byte word of a signed type."""
    return (number % (1 << 256)).to_bytes(32, "big")


# ---------------------------------------------------------------- asking


def require_time_lock(node: Node, address: str, block: BlockTag) -> None:
    """Refuse an address at which something other than our time lock stands."""
    if not is_time_lock(node, address, block):
        raise OwnContractError(f"locks at {address}", "the code of our time lock", "other code or none")


def asker(node: Node, address: str, of: Contract, block: BlockTag) -> Callable[..., Any]:
    """Return what calls a function of a contract and reads the answer."""

    def ask(function: str, *arguments: Any) -> Any:
        return of.answer(function, node.eth_call(address, of.call_data(function, *arguments), block))

    return ask


def call(node: Node, to: str, signature: str, *arguments: int | str, block: BlockTag) -> bytes:
    """Return the answer of a contract that need not be ours; nothing where it reverts."""
    try:
        return node.eth_call(to, abi.call_data(signature, *arguments), block)
    except NodeRevertedError:
        return b""


def take(types: str, data: bytes) -> tuple[Any, ...] | None:
    """Return an answer of these types, or None where it is of others."""
    try:
        (found,) = decode([types], data)
    except ValueError:
        return None
    return tuple(found)
