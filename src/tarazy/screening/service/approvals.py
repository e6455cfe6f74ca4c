"""A wallet's open approvals, read from the logs of its node and then asked of each token as they are now.

Calls block; the service makes them in a thread. What could not be read is said in `reason`, and then the list may be
incomplete: nothing missing is taken for nothing approved.
Known limits: approvals given without a log, by signature or by a token that keeps to no standard, are not seen.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tarazy.chains.errors import NodeRefusedError, NodeRevertedError
from tarazy.chains.evm import abi
from tarazy.chains.evm.blocks import ChainLog
from tarazy.chains.evm.logs import newest_logs
from tarazy.chains.evm.node import Node
from tarazy.screening.model import Report

APPROVAL = abi.topic("Approval(address,address,uint256)")
APPROVAL_FOR_ALL = abi.topic("ApprovalForAll(address,address,bool)")
ERC721, ERC1155 = 0x80AC58CD, 0xD9B67A26


@dataclass(frozen=True, slots=True)
class OpenApproval:
    """One approval that still stands. Units: `amount` in minor units of the token, None for an NFT."""

    token: str
    spender: str
    amount: int | None = None
    token_id: int | None = None  # None: all tokens of the collection
    first_time_s: int | None = None
    first_transaction: str = ""
    last_time_s: int | None = None
    last_transaction: str = ""


@dataclass(frozen=True, slots=True)
class ApprovedToken:
    """The token that was approved, with all its open approvals. Units: `balance` in minor units."""

    address: str
    name: str | None
    symbol: str | None
    decimals: int | None
    balance: int | None
    report: Report | None
    approvals: tuple[OpenApproval, ...]


@dataclass(frozen=True, slots=True)
class WalletBounds:
    """How much is read for one wallet. Units: seconds for all of it."""

    blocks_max: int
    logs_max: int = 10_000
    pairs_max: int = 300
    seconds: float = 8.0


@dataclass(frozen=True, slots=True)
class WalletApprovals:
    """What was found. `reason` is empty where the list is complete."""

    tokens: tuple[ApprovedToken, ...]
    reason: str = ""


def wallet_approvals(node: Node, wallet: str, standard: str, bounds: WalletBounds) -> WalletApprovals:
    """Return the approvals of a wallet that still stand; `standard` is "20", "721" or "1155".

    Raises: NodeError.
    """
    reader = WalletReader(node, wallet, bounds)
    if standard == "20":
        found = reader.allowances()
    else:
        found = reader.collections(standard)
    tokens = tuple(reader.token(address, group) for address, group in grouped(found).items())
    return WalletApprovals(tokens, "; ".join(reader.reasons))


def grouped(approvals: Iterable[OpenApproval]) -> dict[str, tuple[OpenApproval, ...]]:
    """Return approvals by token, in order."""
    groups: dict[str, tuple[OpenApproval, ...]] = {}
    for each in sorted(approvals, key=lambda each: (each.token, each.spender, each.token_id or 0)):
        groups[each.token] = (*groups.get(each.token, ()), each)
    return groups


class WalletReader:
    """Reads for one wallet at one block."""

    def __init__(self, node: Node, wallet: str, bounds: WalletBounds) -> None:
        self.node = node
        self.wallet = wallet
        self.bounds = bounds
        self.reasons: list[str] = []
        self.block = node.block_number()
        self._ends_s = time.monotonic() + bounds.seconds
        self._times: dict[int, int] = {}

    # ------------------------------------------------------------ what stands

    def allowances(self) -> list[OpenApproval]:
        """Return the allowances of fungible tokens that are not zero."""
        seen = first_and_last(
            (log.address, address_of(log.topics[2]), None, log)
            for log in self.logs([APPROVAL, word(self.wallet)])
            if len(log.topics) == 3
        )
        standing = []
        for each in self.bounded(seen):
            amount = self.number(each.token, abi.call_data("allowance(address,address)", self.wallet, each.spender))
            if amount:
                standing.append(self.with_times(replace(each, amount=amount)))
        return standing

    def collections(self, standard: str) -> list[OpenApproval]:
        """Return the approvals of collections: of all pieces, and in ERC-721 of one piece."""
        for_all = first_and_last(
            (log.address, address_of(log.topics[2]), None, log)
            for log in self.logs([APPROVAL_FOR_ALL, word(self.wallet)])
            if len(log.topics) == 3
        )
        pieces = []
        if standard == "721":
            pieces = first_and_last(
                (log.address, address_of(log.topics[2]), int(log.topics[3], 16), log)
                for log in self.logs([APPROVAL, word(self.wallet)])
                if len(log.topics) == 4
            )
        wanted = ERC721 if standard == "721" else ERC1155
        supports: dict[str, bool] = {}
        standing = []
        for each in self.bounded([*for_all, *pieces]):
            if each.token not in supports:
                supports[each.token] = self.supports(each.token, wanted)
            if supports[each.token] and self.still_stands(each):
                standing.append(self.with_times(each))
        return standing

    def still_stands(self, each: OpenApproval) -> bool:
        """Say whether an approval of a collection is in force."""
        if each.token_id is None:
            asked = abi.call_data("isApprovedForAll(address,address)", self.wallet, each.spender)
            return self.number(each.token, asked) == 1
        owner = self.number(each.token, abi.call_data("ownerOf(uint256)", each.token_id))
        approved = self.number(each.token, abi.call_data("getApproved(uint256)", each.token_id))
        return owner == int(self.wallet, 16) and approved == int(each.spender, 16)

    def supports(self, token: str, interface: int) -> bool:
        """Say whether a contract states an interface (ERC-165)."""
        padded = interface << 224
        return self.number(token, abi.call_data("supportsInterface(bytes4)", padded)) == 1

    # ------------------------------------------------------------ reading

    def token(self, address: str, approvals: tuple[OpenApproval, ...]) -> ApprovedToken:
        """Return a token's own facts with its approvals."""
        name, symbol = (self.ask(address, abi.call_data(each)) for each in ("name()", "symbol()"))
        return ApprovedToken(
            address=address,
            name=abi.text(name) if name else None,
            symbol=abi.text(symbol) if symbol else None,
            decimals=abi.decimals(self.ask(address, abi.call_data("decimals()")) or b""),
            balance=self.number(address, abi.call_data("balanceOf(address)", self.wallet)),
            report=None,
            approvals=approvals,
        )

    def number(self, to: str, data: bytes) -> int | None:
        """Return the number that a call returns, None where it returns none."""
        return abi.number(self.ask(to, data) or b"")

    def ask(self, to: str, data: bytes) -> bytes | None:
        """Return what a call returns, None where the contract refuses."""
        try:
            return self.node.eth_call(to, data, self.block)
        except NodeRevertedError:
            return None

    def with_times(self, each: OpenApproval) -> OpenApproval:
        """Put the times of the blocks in place of their numbers."""
        return replace(each, first_time_s=self.time(each.first_time_s), last_time_s=self.time(each.last_time_s))

    def time(self, block: int | None) -> int | None:
        """Return the time of a block, None where the node does not say."""
        if block is not None and block not in self._times:
            try:
                self._times[block] = self.node.block(block).timestamp_s
            except NodeRefusedError:
                return None
        return self._times[block] if block is not None else None

    def bounded(self, found: Sequence[OpenApproval]) -> Sequence[OpenApproval]:
        """Return as many as are asked about, and say where there are more."""
        if len(found) > self.bounds.pairs_max:
            self.reasons.append(f"more than {self.bounds.pairs_max} approvals; the newest are shown")
        return sorted(found, key=lambda each: each.last_time_s or 0)[-self.bounds.pairs_max :]

    def logs(self, topics: list[str]) -> list[ChainLog]:
        """Return the logs of any contract with these topics, newest chunks first, until a bound is met."""
        floor = max(0, self.block - self.bounds.blocks_max)
        if floor:
            self.reasons.append(f"blocks before {floor} were not looked at")
        scan = newest_logs(self.node, topics, floor, self.block, self.bounds.logs_max, self._ends_s)
        self.reasons += [scan.reason] if scan.reason else []
        return list(scan.logs)


def first_and_last(seen: Iterable[tuple[str, str, int | None, ChainLog]]) -> list[OpenApproval]:
    """Return one approval for each token, spender and piece; its times are still numbers of blocks."""
    found: dict[tuple[str, str, int | None], OpenApproval] = {}
    for token, spender, piece, log in seen:
        known = found.get((token, spender, piece))
        first = known or OpenApproval(
            token=token,
            spender=spender,
            token_id=piece,
            first_time_s=log.block_number,
            first_transaction=log.transaction,
        )
        found[(token, spender, piece)] = replace(first, last_time_s=log.block_number, last_transaction=log.transaction)
    return list(found.values())


def word(address: str) -> str:
    """Return an address as a topic."""
    return "0x" + address[2:].rjust(64, "0")


def address_of(topic: str) -> str:
    """Return the address in a topic."""
    return "0x" + topic[-40:]
