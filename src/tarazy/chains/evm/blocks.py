"""Blocks, transactions, receipts and logs as a node tells them, each field checked.

Source: Ethereum JSON-RPC specification (execution-apis).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from tarazy.chains.evm import values


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction of a block. `to` is None where it creates a contract."""

    hash: str
    sender: str
    to: str | None
    input: bytes
    nonce: int
    index: int
    value_wei: int = 0

    @property
    def selector(self) -> str | None:
        """Return the first four bytes of the input, which choose the entry point."""
        return values.as_hex(self.input[:4]) if len(self.input) >= 4 else None


@dataclass(frozen=True, slots=True)
class Block:
    """One block. Units: `timestamp_s` as the chain says it."""

    number: int
    hash: str
    parent_hash: str
    timestamp_s: int
    transactions: tuple[Transaction, ...] = ()
    base_fee_wei: int = 0  # zero also where the chain has none


@dataclass(frozen=True, slots=True)
class ChainLog:
    """One entry that a contract wrote into a receipt."""

    address: str
    topics: tuple[str, ...]
    data: bytes
    block_number: int
    block_hash: str
    transaction: str
    index: int


@dataclass(frozen=True, slots=True)
class TransactionReceipt:
    """What a transaction did."""

    transaction: str
    block_hash: str
    succeeded: bool
    created: str | None
    logs: tuple[ChainLog, ...]


def read_block(value: Any, with_transactions: bool) -> Block:
    """Read a block.

    Raises: ValueError, also for null: the node has no such block.
    """
    if value is None:
        raise ValueError("expected a block, found null: the node has no such block")
    found = values.fields(value, "a block")
    block = Block(
        number=values.quantity(found.get("number"), 64),
        hash=values.hash32(found.get("hash")),
        parent_hash=values.hash32(found.get("parentHash")),
        timestamp_s=values.quantity(found.get("timestamp"), 64),
        base_fee_wei=values.quantity(found.get("baseFeePerGas", "0x0")),
    )
    if not with_transactions:
        return block
    given = values.elements(found.get("transactions"), "transactions")
    transactions = tuple(read_transaction(each, block) for each in given)
    if [each.index for each in transactions] != list(range(len(transactions))):
        raise ValueError("expected the transactions of the block in order, found others")
    return dataclasses.replace(block, transactions=transactions)


def read_transaction(value: Any, block: Block) -> Transaction:
    """Read one transaction and see that it says it belongs to the block."""
    found = values.fields(value, "a transaction")
    if values.hash32(found.get("blockHash")) != block.hash:
        raise ValueError(f"expected a transaction of block {block.hash}, found one of {found.get('blockHash')}")
    return Transaction(
        hash=values.hash32(found.get("hash")),
        sender=values.address(found.get("from")),
        to=values.optional_address(found.get("to")),
        input=values.data(found.get("input")),
        nonce=values.quantity(found.get("nonce"), 64),
        index=values.quantity(found.get("transactionIndex"), 32),
        value_wei=values.quantity(found.get("value", "0x0")),
    )


def read_log(value: Any) -> ChainLog:
    """Read one log entry."""
    found = values.fields(value, "a log entry")
    if found.get("removed") is True:
        raise ValueError("expected logs of the chain, found one that a reorganisation removed")
    topics = tuple(values.hash32(each) for each in values.elements(found.get("topics"), "topics"))
    if len(topics) > 4:
        raise ValueError(f"expected at most 4 topics, found {len(topics)}")
    return ChainLog(
        address=values.address(found.get("address")),
        topics=topics,
        data=values.data(found.get("data")),
        block_number=values.quantity(found.get("blockNumber"), 64),
        block_hash=values.hash32(found.get("blockHash")),
        transaction=values.hash32(found.get("transactionHash")),
        index=values.quantity(found.get("logIndex"), 32),
    )


def read_receipt(value: Any) -> TransactionReceipt:
    """Read a receipt; before Byzantium it has no status, and then it counts as succeeded."""
    found = values.fields(value, "a receipt")
    status = found.get("status")
    return TransactionReceipt(
        transaction=values.hash32(found.get("transactionHash")),
        block_hash=values.hash32(found.get("blockHash")),
        succeeded=status is None or values.quantity(status, 8) == 1,
        created=values.optional_address(found.get("contractAddress")),
        logs=tuple(read_log(each) for each in values.elements(found.get("logs"), "logs")),
    )
