"""When a contract came to be, and who made it, without traces.

The block is found by halving the range in which the code is first there, which takes an archive of old states. In the
block, the maker is the sender whose address and nonce give the contract's address; where a contract made it, the sender
of the transaction that called that contract, or in which the new contract wrote its first log.
Known limits: code that was destroyed and made again shows its last making or none; a factory's CREATE2 is found
through logs alone.
Source: yellow paper, section 7 (address of a new account).
"""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.chains.errors import NodeError, NodeInconsistentError
from tarazy.chains.evm.blocks import Block, Transaction
from tarazy.chains.evm.code import create_address
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.state import ChainState

CALLED_MAX = 200
RECEIPTS_MAX = 500
NONCES_MAX = 50


@dataclass(frozen=True, slots=True)
class Creation:
    """Who made a contract, when. `creator` signed the transaction; `factory` is the contract that ran the creation."""

    block_number: int | None = None
    transaction: str | None = None
    creator: str | None = None
    factory: str | None = None
    reason: str = ""  # why something above is None


def find_creation(state: ChainState) -> Creation:
    """Return who made the contract.

    Raises: NodeInconsistentError.
    """
    try:
        number = first_block_with_code(state.node, state.address, state.block.number)
        if number is None:
            return Creation(reason="there is no code")
        if number == 0:
            return Creation(0, reason="the contract is there since the first block")
        return find_maker(state.node, state.address, state.node.block(number, transactions=True))
    except NodeInconsistentError:
        raise
    except NodeError as error:
        return Creation(reason=str(error))


def first_block_with_code(node: Node, address: str, last_block: int) -> int | None:
    """Return the first block at whose end the code is there. Cost: a read for each halving of the range."""
    if not node.code(address, last_block):
        return None
    without, with_code = -1, last_block
    while with_code - without > 1:
        middle = (without + with_code) // 2
        if node.code(address, middle):
            with_code = middle
        else:
            without = middle
    return with_code


def find_maker(node: Node, address: str, block: Block) -> Creation:
    """Return which transaction of the block made the contract."""
    for each in block.transactions:
        if each.to is None and create_address(each.sender, each.nonce) == address:
            return Creation(block.number, each.hash, each.sender)
    called = list(dict.fromkeys(each.to for each in block.transactions if each.to))
    for factory in called[:CALLED_MAX]:
        if made(node, factory, address, block.number):
            callers = [each for each in block.transactions if each.to == factory]
            found = callers[0] if len(callers) == 1 else first_log(node, address, callers)
            return _creation(block.number, found, factory)
    found = first_log(node, address, block.transactions[:RECEIPTS_MAX])
    if found is None and len(block.transactions) == 1:
        found = block.transactions[0]
    return _creation(block.number, found, None)


def _creation(block_number: int, found: Transaction | None, factory: str | None) -> Creation:
    if found is None:
        reason = "no transaction of the block shows that it made the contract"
        return Creation(block_number, factory=factory, reason=reason)
    return Creation(block_number, found.hash, found.sender, factory or found.to)


def made(node: Node, factory: str, address: str, block_number: int) -> bool:
    """Return whether a contract's nonces of this block give the address."""
    before, after = (node.transaction_count(factory, number) for number in (block_number - 1, block_number))
    if after == before:
        return False
    return any(
        create_address(factory, nonce) == address for nonce in range(before, min(after, before + NONCES_MAX) + 1)
    )


def first_log(
    node: Node, address: str, transactions: list[Transaction] | tuple[Transaction, ...]
) -> Transaction | None:
    """Return the first transaction in which the contract wrote a log."""
    for each in transactions:
        receipt = node.receipt(each.hash)
        if receipt and any(log.address == address for log in receipt.logs):
            return each
    return None
