"""Transactions played in a worker: the state of a block is fetched once and used again for all that rest on it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from functools import cache

from tarazy.screening.chain.errors import ChainError
from tarazy.screening.chain.node import Node
from tarazy.screening.chain.state import ChainState
from tarazy.screening.chain.values import ZERO_ADDRESS
from tarazy.screening.simulation.engine import EngineError
from tarazy.screening.simulation.fork import StateUnavailableError
from tarazy.screening.simulation.sources import NodeState
from tarazy.screening.simulation.transaction import TransactionOutcome, TransactionRequest, simulate_transaction

NODE_TIMEOUT_S = 3.0
STATES_MAX = 4  # blocks
USES_MAX = 5_000  # of one state: what it fetched is then let go

_states: OrderedDict[tuple[str, int, str], tuple[NodeState, list[int]]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class PlayWork:
    """A transaction and the block of the chain that it rests on."""

    rpc_url: str
    block_number: int
    block_hash: str
    request: TransactionRequest


@dataclass(frozen=True, slots=True)
class NotPlayed:
    """Why a transaction could not be played; `again` where the node is the cause and asking again may help."""

    reason: str
    again: bool


def play(work: PlayWork) -> TransactionOutcome | NotPlayed:
    """Play one transaction."""
    try:
        return simulate_transaction(work.request, state_at(work))
    except ChainError as error:
        return NotPlayed(str(error), True)
    except (StateUnavailableError, EngineError, ValueError) as error:
        return NotPlayed(str(error)[:300], False)


def state_at(work: PlayWork) -> NodeState:
    """Return the state of a block, with what was fetched of it before.

    Raises: ChainError.
    """
    key = (work.rpc_url, work.block_number, work.block_hash)
    held = _states.get(key)
    if held is None or held[1][0] >= USES_MAX:
        held = _states[key] = (NodeState(ChainState(node(work.rpc_url), ZERO_ADDRESS, work.block_number)), [0])
        while len(_states) > STATES_MAX:
            _states.popitem(last=False)
    held[1][0] += 1
    _states.move_to_end(key)
    return held[0]


@cache
def node(rpc_url: str) -> Node:
    """Return the client of a node, whose connections are kept."""
    return Node(rpc_url, timeout_s=NODE_TIMEOUT_S)
