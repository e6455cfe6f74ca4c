"""A contract's state at one block, pinned by number and hash.

Reads go by number; `confirm` looks at the end whether that number still names the same block, and says so where it
does not: then nothing that was read may be used. With a witness, a second node, every code, storage and call is read
from both, and a difference is an error that names both.
Known limits: a node that lies in all that it says is only caught by a witness that does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tarazy.chains.errors import NodeError, NodeInconsistentError, NodeRevertedError, ReorganisedError
from tarazy.chains.evm import values
from tarazy.chains.evm.blocks import Block
from tarazy.chains.evm.node import BlockTag, Node, block_tag, call_request

Request = tuple[str, Sequence[Any]]  # method and parameters


@dataclass(frozen=True, slots=True)
class StateQuestion:
    """One thing that a state can be asked. `detail` is a slot, or the data of a call."""

    method: str
    address: str
    detail: str = ""
    sender: str = values.ZERO_ADDRESS

    def __str__(self) -> str:
        what = {"eth_getCode": "the code", "eth_getStorageAt": f"slot {self.detail}"}
        return f"{what.get(self.method, f'the answer to {self.detail[:10]}')} of {self.address}"

    def request(self, block: int) -> tuple[str, tuple[Any, ...]]:
        """Return method and parameters of the question at a block."""
        if self.method == "eth_call":
            method, *parameters = call_request(self.address, values.data(self.detail), block, self.sender)
            return str(method), tuple(parameters)
        details = (self.detail,) if self.detail else ()
        return self.method, (self.address, *details, block_tag(block))

    def check(self, result: Any) -> bytes:
        """Return the bytes of an answer; ValueError where it is none."""
        return values.word(result) if self.method == "eth_getStorageAt" else values.data(result)

    def ask(self, node: Node, block: int) -> bytes | None:
        """Return the answer of a node, None where the contract reverted."""
        method, parameters = self.request(block)
        try:
            return node.checked(method, node.call(method, *parameters), self.check)
        except NodeRevertedError:
            return None


class ChainState:
    """What an address holds at a block. Raises: NodeError from every method."""

    def __init__(
        self,
        node: Node,
        address: str,
        block: Block | BlockTag = "latest",
        witness: Node | None = None,
        chain_id: int | None = None,
    ) -> None:
        self.node = node
        self.witness = witness
        self.address = values.address(address)
        self.chain_id = node.chain_id() if chain_id is None else chain_id
        self.block = block if isinstance(block, Block) else node.block(block)
        self._known: dict[StateQuestion, bytes | None] = {}
        if witness is not None:
            self._agree("the number of the chain", self.chain_id, witness.chain_id(), witness)
            self._agree_on_block(witness)

    @property
    def questions(self) -> tuple[StateQuestion, ...]:
        """Return what was asked so far; a state of another block may ask it ahead, all at once."""
        return tuple(self._known)

    def ask_ahead(self, questions: Iterable[StateQuestion], further: Sequence[Request] = ()) -> list[Any]:
        """Ask for much at once, so that what is read later is there; what was not answered is asked again then.

        `further` are other reads at the block that go along, of the node alone; their results are returned.
        """
        asked = [each for each in questions if each not in self._known]
        found, results = self._ask_all(self.node, asked, further)
        if self.witness is not None:
            for question, other in self._ask_all(self.witness, asked)[0].items():
                if question in found:
                    self._agree(str(question), found[question], other, self.witness)
        self._known |= found
        return results

    def _ask_all(
        self, node: Node, questions: list[StateQuestion], further: Sequence[Request] = ()
    ) -> tuple[dict[StateQuestion, bytes | None], list[Any]]:
        answers = node.batch([*(question.request(self.block.number) for question in questions), *further])
        found: dict[StateQuestion, bytes | None] = {}
        for question, answer in zip(questions, answers, strict=False):
            if isinstance(answer, NodeRevertedError):
                found[question] = None
            elif not isinstance(answer, NodeError):
                found[question] = node.checked(question.method, answer, question.check)
        return found, answers[len(questions) :]

    def code(self, address: str | None = None) -> bytes:
        """Return the runtime code of the contract, or of another address, at the block."""
        return self._answer(StateQuestion("eth_getCode", address or self.address)) or b""

    def storage(self, slot: int, address: str | None = None) -> bytes:
        """Return the 32 bytes of a slot at the block."""
        return self._answer(StateQuestion("eth_getStorageAt", address or self.address, hex(slot))) or bytes(32)

    def number(self, slot: int) -> int:
        """Return the word in a slot of the contract as a number."""
        return int.from_bytes(self.storage(slot), "big")

    def call(self, data: bytes, to: str | None = None, sender: str = values.ZERO_ADDRESS) -> bytes | None:
        """Return what a call returns at the block, or None where the contract reverted."""
        return self._answer(StateQuestion("eth_call", to or self.address, values.as_hex(data), sender))

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

    def _answer(self, question: StateQuestion) -> bytes | None:
        if question not in self._known:
            found = question.ask(self.node, self.block.number)
            if self.witness is not None:
                self._agree(str(question), found, question.ask(self.witness, self.block.number), self.witness)
            self._known[question] = found
        return self._known[question]

    def _agree(self, what: str, found: object, other: object, witness: Node) -> None:
        if found != other:
            shown = [values.show(values.as_hex(each) if isinstance(each, bytes) else each) for each in (found, other)]
            raise NodeInconsistentError(
                f"{self.node.where} and {witness.where}", f"one answer for {what}", f"{shown[0]} and {shown[1]}"
            )
