"""Transactions played in a worker: what was fetched of a block's state lies ready for all that rest on it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from tarazy.chains.errors import ChainError
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.state import ChainState
from tarazy.chains.evm.values import ZERO_ADDRESS
from tarazy.screening.model import to_plain
from tarazy.screening.simulation.base_state import BaseState
from tarazy.screening.simulation.engine import EngineError
from tarazy.screening.simulation.fork import StateUnavailableError
from tarazy.screening.simulation.sources import NodeState
from tarazy.screening.simulation.transaction import TransactionOutcome, simulate_on
from tarazy.screening.simulation.transaction_request import TransactionRequest

NODE_TIMEOUT_S = 3.0
BASE_STATES_MAX = 4  # blocks
SIZE_MAX = 20_000  # accounts and slots of one block, beyond which what was fetched is let go

Key = tuple[str, int, str]  # URL of the node, number and hash of the block
_base_states: OrderedDict[Key, BaseState] = OrderedDict()


@dataclass(frozen=True, slots=True)
class PlayWork:
    """A transaction and the block of the chain that it rests on."""

    rpc_url: str
    block_number: int
    block_hash: str
    request: TransactionRequest
    form: Callable[[TransactionOutcome], dict[str, Any]] = to_plain  # makes the data that are sent; of a module


@dataclass(frozen=True)  # without slots, for which unpickling takes a detour
class Played:
    """What a transaction would do, as plain data, and every address that takes part."""

    result: dict[str, Any]
    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotPlayed:
    """Why a transaction could not be played; `again` where the node is the cause and asking again may help."""

    reason: str
    again: bool


def play(work: PlayWork) -> Played | NotPlayed:
    """Play one transaction, and put it into the form that is sent: that is less to hand over than the outcome."""
    outcome = outcome_of(work)
    if isinstance(outcome, NotPlayed):
        return outcome
    return Played(work.form(outcome), tuple(parties(outcome, work.request.to)))


def outcome_of(work: PlayWork) -> TransactionOutcome | NotPlayed:
    """Return what a transaction would do, or why that is not known."""
    key = (work.rpc_url, work.block_number, work.block_hash)
    try:
        base_state = _base_states.pop(key, None) or base_state_at(work)  # comes back only where all went well
        played = simulate_on(base_state, work.request)
    except ChainError as error:
        return NotPlayed(str(error), True)
    except (StateUnavailableError, EngineError, ValueError) as error:
        return NotPlayed(str(error)[:300], False)
    if base_state.size <= SIZE_MAX:
        _base_states[key] = base_state
        while len(_base_states) > BASE_STATES_MAX:
            _base_states.popitem(last=False)
    return played


def base_state_at(work: PlayWork) -> BaseState:
    """Return the state of a block.

    Raises: ChainError.
    """
    return BaseState(NodeState(ChainState(node(work.rpc_url), ZERO_ADDRESS, work.block_number)))


@cache
def node(rpc_url: str) -> Node:
    """Return the client of a node, whose connections are kept."""
    return Node(rpc_url, timeout_s=NODE_TIMEOUT_S)


def parties(outcome: TransactionOutcome, to: str | None) -> list[str]:
    """Return every address that takes part, each once."""
    found = [
        *([to] if to else []),
        *(each.account for each in outcome.balances),
        *(each.asset for each in outcome.balances if each.standard != "native"),
        *(each.spender for each in outcome.allowances),
        *(each.code for each in outcome.calls),
    ]
    return list(dict.fromkeys(address.lower() for address in found))
