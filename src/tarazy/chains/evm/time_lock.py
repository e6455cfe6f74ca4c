"""The reader of our own time lock, for pools and holders: only code that is ours, byte for byte, is believed."""

from __future__ import annotations

from tarazy.chains.errors import NodeMalformedError, OwnContractError
from tarazy.chains.evm.locks import TokenLock, locks_of
from tarazy.chains.evm.own_contracts import contract
from tarazy.chains.evm.pools import Lock
from tarazy.chains.evm.state import ChainState


def read_time_lock(state: ChainState, holder: str, token: str) -> tuple[Lock, ...] | None:
    """Return what a time lock holds of a token at the block, None where the holder is no time lock of ours.

    Raises: NodeError.
    """
    if state.code(holder) != contract("TimeLock").runtime:
        return None
    now_s = state.block.timestamp_s
    try:
        locks = locks_of(state.node, holder, token, state.block.number)
    except OwnContractError as error:  # our own code answers in its own types; another answer is the node's
        raise NodeMalformedError(state.node.where, error.expected, error.found) from error
    found = ((held(each, now_s), each) for each in locks)
    return tuple((amount, each.start_s, each.end_s) for amount, each in found if amount)


def held(lock: TokenLock, now_s: int) -> int:
    """Return what nobody can take out of a lock at this time; a linear release sets free as time goes by."""
    if now_s >= lock.end_s:
        return 0
    if lock.release != "linear" or now_s <= lock.start_s or lock.end_s <= lock.start_s:
        return lock.remaining
    return min(lock.remaining, lock.amount * (lock.end_s - now_s) // (lock.end_s - lock.start_s))
