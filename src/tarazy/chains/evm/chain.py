"""An Ethereum-like chain as custody sees it: native currency and tokens, over one node or several that must agree.

A token's arrival is a Transfer entry of a receipt whose amount the balance bears out. What the balance does not show
did not arrive: a token may write entries without moving anything, or keep a fee from what it moves. Amounts that change
without an entry (rebasing) are no arrivals: comparing balances finds them. Native currency that a contract passes on is
seen where the nodes trace (`traces`); without it, the same comparison finds it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tarazy.chains.adapter import NATIVE, TRACED, Arrival, BlockChanges, BlockReference, Mined, agreed
from tarazy.chains.errors import NodeInconsistentError, NodeRefusedError, ReorganisedError
from tarazy.chains.evm import values
from tarazy.chains.evm.abi import call_data, number, topic
from tarazy.chains.evm.blocks import ChainLog, read_log
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.transactions import checksummed, transaction_hash

TRANSFER_TOPIC = topic("Transfer(address,address,uint256)")
LOGS_MAX = 100_000
CALLS_MAX = 100_000


class EvmChain:
    """The adapter; assets are `native` and the addresses of token contracts."""

    def __init__(self, nodes: Sequence[Node], chain_id: int, *, traces: bool = False) -> None:
        self.nodes = tuple(nodes)
        self.chain_id = chain_id
        self.chain = f"eip155:{chain_id}"
        self.traces = traces

    def close(self) -> None:
        """Close the connections to the nodes."""
        for node in self.nodes:
            node.close()

    @property
    def wheres(self) -> list[str]:
        """Return the nodes by host and port."""
        return [node.where for node in self.nodes]

    def check_chain(self) -> None:
        """Refuse nodes of another chain. Raises: NodeInconsistentError."""
        for node in self.nodes:
            found = node.chain_id()
            if found != self.chain_id:
                raise NodeInconsistentError(node.where, f"a node of chain {self.chain_id}", f"one of chain {found}")

    def height(self) -> int:
        """Return the height that every node has reached."""
        return min(node.block_number() for node in self.nodes)

    def block(self, height: int) -> BlockReference:
        """Return the block of the best chain at a height."""

        def ask(place: int) -> BlockReference:
            found = self.nodes[place].block(height)
            return BlockReference(found.number, found.hash, found.parent_hash, found.timestamp_s)

        return agreed(f"block {height}", self.wheres, ask)

    def changes(
        self,
        block: BlockReference,
        addresses: frozenset[str],
        assets: frozenset[str],
        outputs: frozenset[tuple[str, int]] = frozenset(),
    ) -> BlockChanges:
        """Return what a block paid to these addresses in these assets; every node is asked for all of it."""

        def ask(place: int) -> tuple[Arrival, ...]:
            return tuple(self._arrivals(self.nodes[place], block, addresses, assets))

        return BlockChanges(agreed(f"what block {block.height} paid to our addresses", self.wheres, ask))

    def _arrivals(
        self, node: Node, block: BlockReference, addresses: frozenset[str], assets: frozenset[str]
    ) -> Iterator[Arrival]:
        if NATIVE in assets:
            yield from self._native(node, block, addresses)
        tokens = assets - {NATIVE}
        if tokens:
            yield from self._tokens(node, block, addresses, tokens)

    # ------------------------------------------------------------ native currency

    def _native(self, node: Node, block: BlockReference, addresses: frozenset[str]) -> Iterator[Arrival]:
        found = node.block(block.height, transactions=True)
        if found.hash != block.block_hash:
            raise ReorganisedError(node.where, f"block {block.block_hash}", f"block {found.hash}")
        if self.traces:
            yield from self._traced(node, block, addresses)
            return
        for each in found.transactions:
            if each.to in addresses and each.value_wei and self._succeeded(node, each.hash, block):
                yield Arrival(each.hash, 0, NATIVE, each.to, each.value_wei, True, (each.sender,))

    def _succeeded(self, node: Node, transaction: str, block: BlockReference) -> bool:
        receipt = node.receipt(transaction)
        if receipt is None or receipt.block_hash != block.block_hash:
            raise ReorganisedError(node.where, f"the receipt of {transaction} in {block.block_hash}", "another or none")
        return receipt.succeeded

    def _traced(self, node: Node, block: BlockReference, addresses: frozenset[str]) -> Iterator[Arrival]:
        """Yield every call that carried value to an address and was not undone, contracts' calls too."""
        told = node.call("debug_traceBlockByHash", block.block_hash, {"tracer": "callTracer"})
        for each in node.checked("debug_traceBlockByHash", told, lambda value: values.elements(value, "traces")):
            trace = values.fields(each, "a trace")
            transaction = values.hash32(trace.get("txHash"))
            for place, call in enumerate(lasting_calls(values.fields(trace.get("result"), "a call"))):
                sender, to, value = call
                if to in addresses and value:
                    yield Arrival(transaction, TRACED + place if place else 0, NATIVE, to, value, True, (sender,))

    # ------------------------------------------------------------ tokens

    def _tokens(
        self, node: Node, block: BlockReference, addresses: frozenset[str], tokens: frozenset[str]
    ) -> Iterator[Arrival]:
        logs = [each for each in self._transfer_logs(node, block, tokens) if set(parties(each)) & addresses]
        moved: dict[tuple[str, str], list[tuple[int, ChainLog]]] = {}
        for each in logs:
            sender, receiver = parties(each)
            for party, sign in ((sender, -1), (receiver, 1)):
                if party in addresses:
                    moved.setdefault((each.address, party), []).append((sign * log_amount(each), each))
        for (token, party), entries in sorted(moved.items()):
            yield from self._borne_out(node, block, token, party, entries)

    def _borne_out(
        self, node: Node, block: BlockReference, token: str, party: str, entries: list[tuple[int, ChainLog]]
    ) -> Iterator[Arrival]:
        """Yield the arrivals of one token at one address as far as the balance shows them.

        Where several entries and the balance differ nobody can say which of them is short: the first ones count as far
        as the balance grew.
        """
        after = self._token_balance(node, token, party, block.height)
        before = self._token_balance(node, token, party, block.height - 1)
        out = -sum(amount for amount, _ in entries if amount < 0)
        left = max(0, after - before + out)
        is_exact = left == sum(amount for amount, _ in entries if amount > 0)
        for amount, log in entries:
            arrived = min(amount, left)
            if arrived > 0:
                left -= arrived
                place = self._place_in_receipt(node, log, block)
                yield Arrival(log.transaction, place, token, party, arrived, is_exact, (parties(log)[0],))

    def _transfer_logs(self, node: Node, block: BlockReference, tokens: frozenset[str]) -> list[ChainLog]:
        wanted = {"blockHash": block.block_hash, "address": sorted(tokens), "topics": [TRANSFER_TOPIC]}

        def check(value: Any) -> list[ChainLog]:
            return [read_log(each) for each in values.elements(value, "logs")]

        found = node.checked("eth_getLogs", node.call("eth_getLogs", wanted), check)
        for log in found:
            if log.block_hash != block.block_hash or log.address not in tokens:
                raise NodeInconsistentError(node.where, f"logs of block {block.block_hash}", values.show(log))
        # A token of another standard has the same first topic and its number among the topics (ERC-721).
        return [log for log in found if log.topics[:1] == (TRANSFER_TOPIC,) and is_transfer(log)]

    def _place_in_receipt(self, node: Node, log: ChainLog, block: BlockReference) -> int:
        """Return the log's place among those of its transaction, which a reorganisation leaves as it is."""
        receipt = node.receipt(log.transaction)
        if receipt is None or receipt.block_hash != block.block_hash or not receipt.succeeded:
            raise ReorganisedError(node.where, f"the receipt of {log.transaction}", "another or none")
        places = [place for place, each in enumerate(receipt.logs) if each.index == log.index]
        if len(places) != 1 or receipt.logs[places[0]] != log:
            raise NodeInconsistentError(node.where, f"log {log.index} in its receipt", "another receipt")
        return places[0]

    def _token_balance(self, node: Node, token: str, address: str, height: int) -> int:
        answer = node.eth_call(token, call_data("balanceOf(address)", address), max(height, 0))
        found = number(answer)
        if found is None and answer:
            raise NodeInconsistentError(node.where, f"the balance of {address}", values.show(answer))
        return found or 0  # no contract there yet

    # ------------------------------------------------------------ transactions

    def mined(self, transaction: str) -> Mined | None:
        """Return where a transaction was mined and what its gas cost."""

        def ask(place: int) -> Mined | None:
            node = self.nodes[place]
            told = node.call("eth_getTransactionReceipt", transaction)
            receipt = node.receipt(transaction) if told is not None else None
            if receipt is None:
                return None
            fields = values.fields(told, "a receipt")
            height = values.quantity(fields.get("blockNumber"), 64)
            price = values.quantity(fields.get("effectiveGasPrice"), 128)
            fee = values.quantity(fields.get("gasUsed"), 64) * price
            return Mined(height, receipt.block_hash, not receipt.succeeded, fee)

        found = agreed(f"the receipt of {transaction}", self.wheres, ask)
        if found is not None and self.block(found.height).block_hash != found.block_hash:
            return None
        return found

    def is_known(self, transaction: str) -> bool:
        """Say whether the transaction waits at the first node or was mined."""
        return self.nodes[0].call("eth_getTransactionByHash", transaction) is not None

    def broadcast(self, raw: bytes) -> None:
        """Hand a signed transaction to every node."""
        name = transaction_hash(raw)
        for place, node in enumerate(self.nodes):
            try:
                node.call("eth_sendRawTransaction", values.as_hex(raw))
            except NodeRefusedError:
                if self.nodes[place].call("eth_getTransactionByHash", name) is None:
                    raise

    def nonce(self, address: str) -> int:
        """Return how many transactions of an account were mined: the number of the next one."""
        return agreed(f"the nonce of {address}", self.wheres, lambda at: self.nodes[at].transaction_count(address))

    def base_fee_wei(self) -> int:
        """Return the base fee of the newest block at the first node."""
        return self.nodes[0].block("latest").base_fee_wei

    def gas_for(self, sender: str, to: str, value_wei: int, data: bytes) -> int:
        """Return the gas that a call needs now. Raises: NodeRevertedError where it would fail."""
        request = {"from": sender, "to": to, "value": hex(value_wei), "data": values.as_hex(data)}
        return self.nodes[0].checked(
            "eth_estimateGas", self.nodes[0].call("eth_estimateGas", request), lambda value: values.quantity(value, 64)
        )

    def balance(self, asset: str, address: str, height: int) -> int:
        """Return what an address holds at a height, as every node tells it."""

        def ask(place: int) -> int:
            node = self.nodes[place]
            return (
                node.balance(address, height) if asset == NATIVE else self._token_balance(node, asset, address, height)
            )

        return agreed(f"the balance of {address}", self.wheres, ask)

    def canonical(self, address: str) -> str:
        """Return an address in lower case; mixed case must be EIP-55's. Raises: ValueError."""
        found = values.address(address)
        digits = address[2:]
        if digits not in (digits.lower(), digits.upper()) and checksummed(found) != address:
            raise ValueError(f"expected an address whose upper and lower case check it (EIP-55), found {address}")
        return found


def parties(log: ChainLog) -> tuple[str, str]:
    """Return sender and receiver of a Transfer entry."""
    return tuple("0x" + each[26:] for each in log.topics[1:3])  # type: ignore[return-value]


def is_transfer(log: ChainLog) -> bool:
    """Say whether an entry is a Transfer of an amount: two addresses among the topics, one word of data."""
    return len(log.topics) == 3 and len(log.data) == values.WORD_BYTES


def log_amount(log: ChainLog) -> int:
    """Return the amount of a Transfer entry."""
    return int.from_bytes(log.data, "big")


def lasting_calls(call: dict[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Yield (sender, receiver, wei) of a call and all calls inside it, in order; nothing of what was undone.

    A delegate call moves nothing, whatever value it repeats; a contract that ends itself pays what it had.
    Raises: ValueError for a trace of another shape or size.
    """
    left, count = [call], 0
    while left:
        each = left.pop()
        count += 1
        if count > CALLS_MAX:
            raise ValueError(f"expected at most {CALLS_MAX} calls in a transaction, found more")
        if each.get("error") is not None:
            yield "", "", 0
            continue
        kind = each.get("type")
        carries = kind in ("CALL", "CREATE", "CREATE2", "SELFDESTRUCT")
        value = values.quantity(each.get("value", "0x0")) if carries else 0
        yield values.address(each.get("from")), values.optional_address(each.get("to")) or "", value
        inner = values.elements(each.get("calls", []), "calls")
        left += [values.fields(one, "a call") for one in reversed(inner)]
