"""State that a simulation begins from: of a node at one block, or supplied with the request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from tarazy.screening.chain.errors import NodeError
from tarazy.screening.chain.state import ChainState, Question
from tarazy.screening.chain.values import quantity
from tarazy.screening.simulation.engine import BLOCK_TIME_S, Block


@dataclass(frozen=True, slots=True)
class Account:
    """What an account holds, besides its storage."""

    balance: int = 0
    nonce: int = 0
    code: bytes = b""


class StateSource(Protocol):
    """Where accounts and slots that nothing has touched yet come from."""

    def accounts(self, addresses: Iterable[str]) -> dict[str, Account]:
        """Return accounts by address."""

    def slots(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Return storage slots by (address, slot)."""

    def block(self) -> Block:
        """Return the block in which calls run."""


@dataclass(slots=True)
class SuppliedState:
    """State that was given: accounts and slots that are not in it are empty."""

    known: Mapping[str, Account] = field(default_factory=dict)
    storage: Mapping[tuple[str, int], int] = field(default_factory=dict)
    at: Block = Block()  # noqa: RUF009 - frozen

    def accounts(self, addresses: Iterable[str]) -> dict[str, Account]:
        """Return accounts by address."""
        return {address: self.known.get(address, Account()) for address in addresses}

    def slots(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Return storage slots by (address, slot)."""
        return {place: self.storage.get(place, 0) for place in places}

    def block(self) -> Block:
        """Return the block in which calls run."""
        return self.at


class NodeState:
    """State of a node at one pinned block; every answer is kept, so that nothing is asked twice.

    Raises: NodeError from every method.
    """

    def __init__(self, state: ChainState) -> None:
        self.state = state
        self._accounts: dict[str, Account] = {}
        self._slots: dict[tuple[str, int], int] = {}

    def block(self) -> Block:
        """Return the block after the pinned one, as a transaction sent now would see it."""
        pinned = self.state.block
        return Block(
            number=pinned.number + 1,
            time_s=pinned.timestamp_s + BLOCK_TIME_S,
            gas_price_wei=max(2 * pinned.base_fee_wei, Block().gas_price_wei),
            base_fee_wei=pinned.base_fee_wei or None,
            chain_id=self.state.chain_id,
        )

    def accounts(self, addresses: Iterable[str]) -> dict[str, Account]:
        """Return accounts by address."""
        wanted = list(dict.fromkeys(addresses))
        missing = [address for address in wanted if address not in self._accounts]
        if missing:
            self._read_accounts(missing)
        return {address: self._accounts[address] for address in wanted}

    def _read_accounts(self, addresses: list[str]) -> None:
        node, tag = self.state.node, hex(self.state.block.number)
        self.state.ask_ahead(Question("eth_getCode", address) for address in addresses)
        methods = ("eth_getBalance", "eth_getTransactionCount")
        answers = node.batch([(method, (address, tag)) for address in addresses for method in methods])
        for answer in answers:
            if isinstance(answer, NodeError):
                raise answer
        for place, address in enumerate(addresses):
            balance = node.checked("eth_getBalance", answers[2 * place], quantity)
            nonce = node.checked("eth_getTransactionCount", answers[2 * place + 1], quantity)
            self._accounts[address] = Account(balance, nonce, self.state.code(address))

    def slots(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Return storage slots by (address, slot)."""
        wanted = list(dict.fromkeys(places))
        missing = [place for place in wanted if place not in self._slots]
        self.state.ask_ahead(Question("eth_getStorageAt", address, hex(slot)) for address, slot in missing)
        for address, slot in missing:
            self._slots[(address, slot)] = int.from_bytes(self.state.storage(slot, address), "big")
        return {place: self._slots[place] for place in wanted}
