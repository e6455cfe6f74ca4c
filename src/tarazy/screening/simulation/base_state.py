"""State on which transactions are played one after another, each as if nothing had run before it.

Two engines hold it: one with the contracts as they are, one with recorders in front of them. What was fetched stays in
both, below their journals, where it costs a transaction what it costs on a chain; what a transaction changes is undone.

Invariant: between two transactions no snapshot is open. After an error in the middle of one that may not hold: the
base state is then thrown away.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tarazy.screening.simulation.actors import BYSTANDER, FUNDS_WEI
from tarazy.screening.simulation.calls import RECORDER, RECORDER_CODE, moved, recorder_for
from tarazy.screening.simulation.engine import BlockContext, Reads
from tarazy.screening.simulation.engines import load_engine
from tarazy.screening.simulation.fork import PRECOMPILED_MAX, ForkedEngine
from tarazy.screening.simulation.sources import ChainAccount, StateSource


class BaseState:
    """The state of a source, ready for many transactions."""

    def __init__(self, source: StateSource, engine: str = "revm") -> None:
        self.source, self.name, self.block = source, engine, source.block()
        self.plain = ForkedEngine(load_engine(engine, self.block), source, cold=True)
        self.plain.fill(BYSTANDER, FUNDS_WEI, 0, b"")
        self.recorded = ForkedEngine(load_engine(engine, self.block), RecordedState(source), cold=True)

    @property
    def size(self) -> int:
        """Return how many accounts and slots are held."""
        return self.plain.size + self.recorded.size

    def record(self, seen: Reads) -> ForkedEngine:
        """Return the engine with recorders, with all in place that a run without them looked at."""
        accounts = self.source.accounts(address for address in seen if int(address, 16) > PRECOMPILED_MAX)
        recorded: Reads = {moved(address): {} for address, account in accounts.items() if account.code}
        self.recorded.provide({RECORDER: {}, **seen, **recorded})
        return self.recorded

    def with_nonce(self, address: str, nonce: int) -> BaseState:
        """Return the same state, on which an account has sent another number of transactions."""
        return BaseState(OtherNonce(self.source, address, nonce), self.name)


@dataclass(slots=True)
class OtherNonce:
    """A state in which one account has another nonce."""

    source: StateSource
    address: str
    nonce: int

    def block(self) -> BlockContext:
        """Return the block in which calls run."""
        return self.source.block()

    def read_ahead(self, addresses: Iterable[str], places: Iterable[tuple[str, int]]) -> None:
        """Make ready what will be asked for next."""
        self.source.read_ahead(addresses, places)

    def accounts(self, addresses: Iterable[str]) -> dict[str, ChainAccount]:
        """Return accounts by address."""
        found = self.source.accounts(addresses)
        if self.address in found:
            found[self.address] = replace(found[self.address], nonce=self.nonce)
        return found

    def slots(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Return storage slots by (address, slot)."""
        return self.source.slots(places)


@dataclass(slots=True)
class RecordedState:
    """A state in which a recorder stands in front of each contract, whose own code lies at another address."""

    source: StateSource
    recorded: dict[str, str] = field(default_factory=dict)  # where code was moved -> the contract

    def block(self) -> BlockContext:
        """Return the block in which calls run."""
        return self.source.block()

    def read_ahead(self, addresses: Iterable[str], places: Iterable[tuple[str, int]]) -> None:
        """Do nothing: what is asked for here was looked at without recorders before."""

    def accounts(self, addresses: Iterable[str]) -> dict[str, ChainAccount]:
        """Return accounts by address, those of contracts with recorders."""
        return {address: self._account(address) for address in addresses}

    def _account(self, address: str) -> ChainAccount:
        if address == RECORDER:
            return ChainAccount(0, 1, RECORDER_CODE)
        contract = self.recorded.get(address)
        found = self.source.accounts([contract or address])[contract or address]
        if contract is not None:
            return ChainAccount(0, 1, found.code)
        if not found.code or int(address, 16) <= PRECOMPILED_MAX:
            return found
        self.recorded[moved(address)] = address
        return replace(found, code=recorder_for(address))

    def slots(self, places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Return storage slots by (address, slot)."""
        return self.source.slots(places)
