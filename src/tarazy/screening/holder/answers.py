"""Many contracts asked at one block, some of them hostile: in batches, each call bounded in gas, all within a deadline.

A batch that a node cannot answer is halved until the contract that spoils it stands alone. No answer is None, never
zero: a contract may revert, spend all its gas, or answer endlessly.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from tarazy.chains.errors import NodeError, NodeMalformedError, NodeRefusedError, NodeTimeoutError, NodeTooLargeError
from tarazy.chains.evm import values
from tarazy.chains.evm.node import BlockTag, Node, block_tag, call_request

BATCH = 40
QUESTION_GAS = 1_000_000  # a balance or an allowance costs a few thousand, in a rebasing proxy some ten thousand
Call = tuple[str, bytes]  # whom, and the data of the call


class ContractAnswers:
    """What contracts answer at one block. Units: `ends_s` on the clock, after which nothing more is asked."""

    def __init__(self, node: Node, block: BlockTag, ends_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.node = node
        self.block = block
        self.ends_s = ends_s
        self.clock = clock
        self.unasked = 0

    def calls(self, asked: Sequence[Call]) -> list[bytes | None]:
        """Return what each call returns, None where it gives no answer.

        Raises: NodeError where the node cannot be reached or contradicts itself.
        """
        return self._all([call_request(to, data, self.block, gas=QUESTION_GAS) for to, data in asked])

    def codes(self, addresses: Sequence[str]) -> list[bytes | None]:
        """Return the code of each address, None where it could not be read.

        Raises: NodeError as `calls`.
        """
        return self._all([("eth_getCode", address, block_tag(self.block)) for address in addresses])

    def _all(self, requests: Sequence[tuple[Any, ...]]) -> list[bytes | None]:
        found: list[bytes | None] = []
        for start in range(0, len(requests), BATCH):
            found += self._some(requests[start : start + BATCH])
        return found

    def _some(self, requests: Sequence[tuple[Any, ...]]) -> list[bytes | None]:
        if self.clock() > self.ends_s:
            self.unasked += len(requests)
            return [None] * len(requests)
        try:
            answers = self.node.batch([(method, parameters) for method, *parameters in requests])
        except (NodeRefusedError, NodeTimeoutError, NodeTooLargeError, NodeMalformedError):
            if len(requests) == 1:
                return [None]
            middle = len(requests) // 2
            return self._some(requests[:middle]) + self._some(requests[middle:])
        return [self._bytes(answer) for answer in answers]

    def _bytes(self, answer: Any) -> bytes | None:
        if isinstance(answer, NodeError):
            return None
        try:
            return values.data(answer)
        except ValueError:
            return None
