"""What a node says of one contract, read as a whole at one block: code, proxies, token facts, owner.

What could not be read is named in `unknown`, never left out and never guessed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tarazy.chains.errors import NodeError, NodeInconsistentError
from tarazy.chains.evm import abi, values
from tarazy.chains.evm.facts import TokenFacts
from tarazy.chains.evm.node import BlockTag, Node
from tarazy.chains.evm.proxies import ResolvedProxy, SlotReader, delegates, no_slots, resolve
from tarazy.chains.evm.state import ChainState

OWNER_CALLS = ("owner()", "getOwner()", "admin()")

NOTHING_SAID = TokenFacts()

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ContractReading:
    """One contract at one block.

    `code` is what the address holds, `implementation_code` what runs: the same where there is no proxy.
    `owner` is "" where the contract has no owner function, the zero address where it was renounced, None where unknown.
    """

    chain_id: int
    address: str
    block_number: int
    block_hash: str
    block_time_s: int
    code: bytes
    implementation_code: bytes
    proxies: tuple[ResolvedProxy, ...] = ()
    token: TokenFacts = NOTHING_SAID
    owner: str | None = None
    unknown: tuple[str, ...] = ()

    @property
    def implementation(self) -> str | None:
        """Return the address whose code runs, or None where it is the contract itself."""
        return self.proxies[-1].implementation if self.proxies else None


class Reading:
    """Reads that may each fail for itself: the reason is kept and the value is None."""

    def __init__(self) -> None:
        self.unknown: list[str] = []

    def attempt(self, what: str, read: Callable[[], T]) -> T | None:
        """Return what `read` returns, or None where the node did not give it.

        Raises: NodeInconsistentError, because then nothing that was read can be relied on.
        """
        try:
            return read()
        except NodeInconsistentError:
            raise
        except NodeError as error:
            self.unknown.append(f"{what} is unknown: {error}")
            return None


def read_contract(
    node: Node,
    address: str,
    block: BlockTag = "latest",
    witness: Node | None = None,
    target_slots: SlotReader = no_slots,
) -> ContractReading:
    """Read a contract at a block and confirm at the end that the block still stands.

    Raises: NodeError where not even the code can be read, nodes contradict each other, or the chain reorganised.
    """
    state = ChainState(node, address, block, witness)
    return read_state(state, target_slots)


def read_state(state: ChainState, target_slots: SlotReader = no_slots) -> ContractReading:
    """Read the contract of a state."""
    reading = Reading()
    code = state.code()
    proxies = reading.attempt("the implementation", lambda: resolve(state, target_slots)) or ()
    implementation_code = state.code(proxies[-1].implementation) if proxies else code
    if delegates(code) and not proxies:
        reading.unknown.append(
            "the code can delegate calls, and no place where proxies keep their target leads to a contract"
        )
    token = read_token(state, reading) if code else NOTHING_SAID
    owner = reading.attempt("the owner", lambda: read_owner(state)) if code else ""
    state.confirm()
    return ContractReading(
        state.chain_id,
        state.address,
        state.block.number,
        state.block.hash,
        state.block.timestamp_s,
        code,
        implementation_code,
        proxies,
        token,
        owner,
        tuple(reading.unknown),
    )


def read_token(state: ChainState, reading: Reading) -> TokenFacts:
    """Read what a token says of itself; None where it does not answer or answers nonsense."""

    def ask(signature: str) -> bytes:
        return reading.attempt(signature, lambda: state.call(abi.selector(signature))) or b""

    return TokenFacts(
        name=abi.text(ask("name()")),
        symbol=abi.text(ask("symbol()")),
        decimals=abi.decimals(ask("decimals()")),
        total_supply=abi.number(ask("totalSupply()")),
    )


def read_owner(state: ChainState) -> str:
    """Return what the first owner function that answers says; "" where none does."""
    for signature in OWNER_CALLS:
        found = abi.address(state.call(abi.selector(signature)) or b"")
        if found is not None:
            return found
    return ""


def is_no_one(owner: str | None) -> bool:
    """Return whether an owner is known and is no one: there is none, or the power was given up."""
    return owner is not None and owner in ("", values.ZERO_ADDRESS)
