"""Everything that can go wrong between us and a node, or with tables given instead of one, as typed exceptions.

One root. Every sentence has the same order: where, what, expected, found, what to do. No sentence holds credentials:
`where` is the node's host and port, never its URL.
"""

from __future__ import annotations


class ChainError(Exception):
    """Root of all errors of reading a chain."""

    what = "the chain cannot be read"
    action = "Read docs/concepts/reading-a-chain.md."

    def __init__(self, where: str, expected: str, found: str, action: str = "") -> None:
        super().__init__(where, expected, found, action)
        self.where = where
        self.expected = expected
        self.found = found
        self.action = action or type(self).action

    def __str__(self) -> str:
        return f"{self.where}: {self.what}: expected {self.expected}, found {self.found}. {self.action}"


class NodeError(ChainError):
    """Root of the errors of a node."""

    what = "the node did not answer as a node does"
    action = "Try another node."


class NodeAddressError(NodeError):
    """The URL of the node cannot be used."""

    what = "this is no address of a node"
    action = "Give a URL such as http://127.0.0.1:8545 or https://node.example/path."


class NodeUnreachableError(NodeError):
    """No connection, or it broke."""

    what = "the node cannot be reached"
    action = "Look whether it runs and whether host and port are right."


class NodeTimeoutError(NodeError):
    """The whole answer was not there in time."""

    what = "the node took too long"
    action = "Try again, allow more time, or try another node."


class NodeTooLargeError(NodeError):
    """The answer is longer than what is read."""

    what = "the node's answer is too large"
    action = "Ask for less at once, or allow more bytes if this node is trusted."


class NodeMalformedError(NodeError):
    """The answer is not what the protocol says."""

    what = "the node's answer is malformed"


class NodeRefusedError(NodeError):
    """The node answered with an error of its own."""

    what = "the node refused"
    action = "Read what the node said; some nodes keep no old state and limit ranges of logs."

    def __init__(self, where: str, expected: str, found: str, action: str = "", code: int = 0) -> None:
        super().__init__(where, expected, found, action)
        self.args = (where, expected, found, action, code)
        self.code = code


class NodeRevertedError(NodeRefusedError):
    """The call ran and reverted: an answer of the contract, not a fault of the node."""

    what = "the contract reverted"
    action = "Nothing is wrong with the node."


class NodeInconsistentError(NodeError):
    """Two answers contradict each other."""

    what = "the node contradicts itself or another node"
    action = "Trust neither answer; try again, or try another node."


class ReorganisedError(NodeInconsistentError):
    """The block that was read is no longer part of the chain."""

    what = "the chain reorganised while it was read"
    action = "Read again at the new block."


class TableError(ChainError):
    """A supplied table does not have the stated shape."""

    what = "the table cannot be used"
    action = "Bring it into the shape that docs/reference/ownership-tables.md states."


class OwnContractError(Exception):
    """One of our own contracts cannot be asked: what was asked, what was expected, what was found, what to do."""

    def __init__(self, what: str, expected: str, found: str, action: str = "") -> None:
        self.what, self.expected, self.found, self.action = what, expected, found, action
        super().__init__(what, expected, found, action)

    def __str__(self) -> str:
        action = f"; {self.action}" if self.action else ""
        return f"{self.what}: expected {self.expected}, found {self.found}{action}"
