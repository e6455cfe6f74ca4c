"""State that a simulation begins from: of a node at one block, or supplied with the request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tarazy.chains.evm.state import ChainState, StateQuestion
from tarazy.chains.evm.values import quantity
from tarazy.screening.simulation.engine import BLOCK_TIME_S, BlockContext

ACCOUNT_METHODS = ("eth_getBalance", "eth_getTransactionCount")


@dataclass(frozen=True, slots=True)
class ChainAccount:
    """What an account holds, besides its storage."""

    balance: int = 0
    nonce: int = 0
    code: bytes = b""


class StateSource(Protocol):
    """Where accounts and slots that nothing has touched yet come from."""

    def read_ahead(self, addresses: Iterable[str], places: Iterable[tuple[str, int]]) -> None:
        """Make ready, all at once, what will be asked for next."""

    def accounts(self, addresses: Iterable[str]) -> dict[str, ChainAccount]:
        """Return accounts by address."""

    def slots(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Return storage slots by (address, slot)."""

    def block(self) -> BlockContext:
        """Return the block in which calls run."""


@dataclass(slots=True)
class SuppliedState:
    """State that was given: accounts and slots that are not in it are empty."""

    known: Mapping[str, ChainAccount] = field(default_factory=dict)
    storage: Mapping[tuple[str, int], int] = field(default_factory=dict)
    at: BlockContext = BlockContext()  # noqa: RUF009 - frozen

    def read_ahead(self, addresses: Iterable[str], places: Iterable[tuple[str, int]]) -> None:
        """Do nothing: all is here."""

    def accounts(self, addresses: Iterable[str]) -> dict[str, ChainAccount]:
        """Return accounts by address."""
        return {address: self.known.get(address, ChainAccount()) for address in addresses}

    def slots(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Return storage slots by (address, slot)."""
        return {place: self.storage.get(place, 0) for place in places}

    def block(self) -> BlockContext:
        """Return the block in which calls run."""
        return self.at


class NodeState:
    """State of a node at one pinned block; every answer is kept, so that nothing is asked twice.

    Raises: NodeError from every method.
    """

    def __init__(self, state: ChainState) -> None:
        self.state = state
        self._accounts: dict[str, ChainAccount] = {}
        self._slots: dict[tuple[str, int], int] = {}

    def block(self) -> BlockContext:
        """Return the block after the pinned one, as a transaction sent now would see it."""
        pinned = self.state.block
        return BlockContext(
            number=pinned.number + 1,
            time_s=pinned.timestamp_s + BLOCK_TIME_S,
            gas_price_wei=max(2 * pinned.base_fee_wei, BlockContext().gas_price_wei),
            base_fee_wei=pinned.base_fee_wei or None,
            chain_id=self.state.chain_id,
        )

    def read_ahead(self, addresses: Iterable[str], places: Iterable[tuple[str, int]]) -> None:
        """Read what is not known yet in one question to the node."""
        node, tag = self.state.node, hex(self.state.block.number)
        missing = [address for address in dict.fromkeys(addresses) if address not in self._accounts]
        slots = [place for place in dict.fromkeys(places) if place not in self._slots]
        asked = [StateQuestion("eth_getCode", address) for address in missing]
        asked += [StateQuestion("eth_getStorageAt", address, hex(slot)) for address, slot in slots]
        further = [(method, (address, tag)) for address in missing for method in ACCOUNT_METHODS]
        answers = self.state.ask_ahead(asked, further)
        for place, address in enumerate(missing):
            balance = node.checked(ACCOUNT_METHODS[0], answers[2 * place], quantity)
            nonce = node.checked(ACCOUNT_METHODS[1], answers[2 * place + 1], quantity)
            self._accounts[address] = ChainAccount(balance, nonce, self.state.code(address))
        for address, slot in slots:
            self._slots[(address, slot)] = int.from_bytes(self.state.storage(slot, address), "big")

    def accounts(self, addresses: Iterable[str]) -> dict[str, ChainAccount]:
        """Return accounts by address."""
        wanted = list(dict.fromkeys(addresses))
        self.read_ahead(wanted, ())
        return {address: self._accounts[address] for address in wanted}

    def slots(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Return storage slots by (address, slot)."""
        wanted = list(dict.fromkeys(places))
        self.read_ahead((), wanted)
        return {place: self._slots[place] for place in wanted}
