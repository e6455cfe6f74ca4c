"""What every chain adapter offers to custody: blocks, what arrived in them, what became of a transaction.

An adapter asks its nodes within bounds and believes none: what can be checked against a block's hash is checked, the
rest is asked of every node. Nodes that contradict each other are an error (`NodesDisagreeError`), never a value.

Units: amounts in the asset's smallest unit (satoshi, wei, token units); heights count from the first block, 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import NamedTuple, Protocol, TypeVar

from tarazy.chains.errors import NodeInconsistentError

NATIVE = "native"
T = TypeVar("T")


class NodesDisagreeError(NodeInconsistentError):
    """Two nodes of one chain tell different things."""

    what = "two nodes of the chain disagree"
    action = "Nothing is credited, sent or settled until they agree; find out which of them is right."


class BlockReference(NamedTuple):
    """A block by its place and name. Units: `time_s` as the chain says it."""

    height: int
    block_hash: str
    previous_hash: str
    time_s: int


class Arrival(NamedTuple):
    """One output that pays one of our addresses.

    `output` names it within its transaction, the same wherever that is mined: the output's index (Bitcoin), the log's
    place among the transaction's logs (token), 0 for the transaction's own value, and the place of the call in the
    trace from `TRACED` on for what a contract passed on. `is_exact` is false where the balance of the address grew by
    less than the log says (a token that keeps a fee): `amount_minor` is what arrived. `senders` are the addresses that
    paid, as far as the transaction itself tells them.
    """

    transaction: str
    output: int
    asset: str
    address: str
    amount_minor: int
    is_exact: bool = True
    senders: tuple[str, ...] = ()


TRACED = 1 << 20


class BlockChanges(NamedTuple):
    """What one block did to our addresses: arrivals, and our outputs that it spent (output, spending transaction)."""

    arrivals: tuple[Arrival, ...]
    spent: tuple[tuple[tuple[str, int], str], ...] = ()


class Mined(NamedTuple):
    """Where a transaction stands in the chain, and what it cost. `has_failed`: it was mined and its effect undone."""

    height: int
    block_hash: str
    has_failed: bool
    fee_minor: int


class ChainAdapter(Protocol):
    """One chain through its nodes. `chain` is its CAIP-2 name.

    Raises: NodeError from every method that asks; ValueError for an address that is none.
    """

    @property
    def chain(self) -> str:
        """Return the chain's name."""

    def close(self) -> None:
        """Close the connections to the nodes."""

    def height(self) -> int:
        """Return the height that every node has reached."""

    def block(self, height: int) -> BlockReference:
        """Return the block of the best chain at a height."""

    def changes(
        self,
        block: BlockReference,
        addresses: frozenset[str],
        assets: frozenset[str],
        outputs: frozenset[tuple[str, int]] = frozenset(),
    ) -> BlockChanges:
        """Return what a block did to these addresses in these assets, and which of our outputs it spent."""

    def mined(self, transaction: str) -> Mined | None:
        """Return where a transaction was mined, None where it was not."""

    def is_known(self, transaction: str) -> bool:
        """Say whether the transaction waits at the first node or was mined."""

    def broadcast(self, raw: bytes) -> None:
        """Hand a signed transaction to the nodes; one that they have already is no fault."""

    def balance(self, asset: str, address: str, height: int) -> int:
        """Return what an address holds at a height."""

    def canonical(self, address: str) -> str:
        """Return an address in its one spelling."""


def evidence_hash(chain: str, arrival: Arrival) -> bytes:
    """Return the 32 bytes that name an arrival in the record: chain, transaction, output, asset, address, amount.

    The block is not part of it: a transaction that is mined again after a reorganisation is the same evidence.
    """
    words = (arrival.transaction, str(arrival.output), arrival.asset, arrival.address, str(arrival.amount_minor))
    return sha256("\n".join(("tarazy arrival 1", chain, *words, "")).encode()).digest()


def settlement_hash(chain: str, transaction: str, withdrawal_id: int) -> bytes:
    """Return the 32 bytes that name, in the record, the mined transaction that settled a withdrawal."""
    words = ("tarazy settlement 1", chain, transaction, str(withdrawal_id), "")
    return sha256("\n".join(words).encode()).digest()


def agreed(what: str, wheres: Sequence[str], ask: Callable[[int], T]) -> T:
    """Return what every node says; `ask(i)` asks the i-th.

    Raises: NodesDisagreeError, which names the two nodes; NodeError of any of them.
    """
    first = ask(0)
    for place in range(1, len(wheres)):
        other = ask(place)
        if other != first:
            expected = f"{what} as {wheres[0]} tells it: {str(first)[:200]}"
            raise NodesDisagreeError(wheres[place], expected, str(other)[:200])
    return first
