"""A contract's state at one block, pinned by number and hash.

Reads go by number; `confirm` looks at the end whether that number still names the same block, and says so where it
does not: then nothing that was read may be used. With a witness, a second node, every code, storage and call is read
from both, and a difference is an error that names both.
Known limits: a node that lies in all that it says is only caught by a witness that does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from tarazy.screening.chain import values
from tarazy.screening.chain.blocks import Block
from tarazy.screening.chain.errors import NodeInconsistentError, NodeRevertedError, ReorganisedError
from tarazy.screening.chain.node import BlockTag, Node

T = TypeVar("T")


class ChainState:
    """What an address holds at a block. Raises: NodeError from every method."""

    def __init__(self, node: Node, address: str, block: BlockTag = "latest", witness: Node | None = None) -> None:
        self.node = node
        self.witness = witness
        self.address = values.address(address)
        self.chain_id = node.chain_id()
        self.block: Block = node.block(block)
        self._code: dict[str, bytes] = {}
        self._storage: dict[tuple[str, int], bytes] = {}
        if witness is not None:
            self._agree("the number of the chain", self.chain_id, witness.chain_id(), witness)
            self._agree_on_block(witness)

    def code(self, address: str | None = None) -> bytes:
        """Return the runtime code of the contract, or of another address, at the block."""
        where = address or self.address
        if where not in self._code:
            self._code[where] = self._read(f"the code of {where}", lambda node: node.code(where, self.block.number))
        return self._code[where]

    def storage(self, slot: int, address: str | None = None) -> bytes:
        """Return the 32 bytes of a slot at the block."""
        where = address or self.address
        key = where, slot
        if key not in self._storage:
            what = f"slot {hex(slot)} of {where}"
            self._storage[key] = self._read(what, lambda node: node.storage(where, slot, self.block.number))
        return self._storage[key]

    def call(self, data: bytes, to: str | None = None, sender: str = values.ZERO_ADDRESS) -> bytes | None:
        """Return what a call returns at the block, or None where the contract reverted."""
        target = to or self.address

        def ask(node: Node) -> bytes | None:
            try:
                return node.eth_call(target, data, self.block.number, sender)
            except NodeRevertedError:
                return None

        return self._read(f"a call of {target} with {values.as_hex(data[:4])}", ask)

    def address_in(self, slot: int, offset: int = 0, address: str | None = None) -> str | None:
        """Return the address in a storage field, or None where it is zero.

        Units: `offset` in bytes from the right end of the slot.
        """
        found = self.storage(slot, address)[: values.WORD_BYTES - offset][-20:]
        return values.as_hex(found) if any(found) else None

    def owner_fields(self, fields: Iterable[tuple[int, int]]) -> dict[tuple[int, int], str | None]:
        """Return the address in each field (slot, offset) that guards entry points; None where it is zero."""
        return {(slot, offset): self.address_in(slot, offset) for slot, offset in fields}

    def confirm(self) -> None:
        """See that the block is still what it was when the reading began.

        Raises: ReorganisedError where it is not.
        """
        now = self.node.block(self.block.number)
        if now.hash != self.block.hash:
            raise ReorganisedError(
                self.node.where, f"block {self.block.number} with hash {self.block.hash}", f"hash {now.hash}"
            )
        if self.witness is not None:
            self._agree_on_block(self.witness)

    def _agree_on_block(self, witness: Node) -> None:
        other = witness.block(self.block.number)
        self._agree(f"the hash of block {self.block.number}", self.block.hash, other.hash, witness)

    def _read(self, what: str, read: Callable[[Node], T]) -> T:
        found = read(self.node)
        if self.witness is not None:
            self._agree(what, found, read(self.witness), self.witness)
        return found

    def _agree(self, what: str, found: object, other: object, witness: Node) -> None:
        if found != other:
            shown = [values.show(values.as_hex(each) if isinstance(each, bytes) else each) for each in (found, other)]
            raise NodeInconsistentError(
                f"{self.node.where} and {witness.where}", f"one answer for {what}", f"{shown[0]} and {shown[1]}"
            )
