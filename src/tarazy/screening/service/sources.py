"""Where the code of a chain's addresses comes from: a node, or a folder of code files where there is no node.

Calls block; the service makes them in threads. A folder holds files named by address (`0x....hex` or `.bin`); its
tokens have no state, so their simulations are synthetic and a report stays true as long as the file is the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tarazy.chains.evm.code import keccak256
from tarazy.chains.evm.node import Node
from tarazy.screening.request import ScreenRequest

ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
CODE_BYTES_MAX = 1 << 20
NODE_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The newest block of a chain; number -1 where there are no blocks."""

    number: int
    hash: str


class Source(Protocol):
    """What the service asks of one chain."""

    chain_id: int
    rpc_url: str | None
    node: Node | None

    def head(self) -> ChainHead:
        """Return the newest block."""

    def code(self, address: str, block: int) -> bytes:
        """Return the code at an address, nothing where there is none."""

    def request(self, report_id: str, address: str, code: bytes, block: int, criteria: str | None) -> ScreenRequest:
        """Return what the screening is asked."""


class NodeSource:
    """A chain read through its node."""

    def __init__(self, chain_id: int, rpc_url: str) -> None:
        self.chain_id = chain_id
        self.rpc_url: str | None = rpc_url
        self._node = Node(rpc_url, timeout_s=NODE_TIMEOUT_S)
        self.node: Node | None = self._node

    def head(self) -> ChainHead:
        """Return the newest block.

        Raises: NodeError.
        """
        found = self._node.block("latest")
        return ChainHead(found.number, found.hash)

    def code(self, address: str, block: int) -> bytes:
        """Return the code at an address.

        Raises: NodeError.
        """
        return self._node.code(address, block)

    def request(self, report_id: str, address: str, code: bytes, block: int, criteria: str | None) -> ScreenRequest:
        """Return a request to read the state at this block from the node."""
        return ScreenRequest(
            id=report_id,
            rpc_url=self.rpc_url,
            address=address,
            block=block,
            chain_id=self.chain_id,
            criteria=criteria,
        )


class CodeFolder:
    """A chain of which only code is at hand."""

    def __init__(self, chain_id: int, folder: Path) -> None:
        self.chain_id = chain_id
        self.rpc_url: str | None = None
        self.node: Node | None = None
        self._files = {
            path.stem.lower(): path
            for path in sorted(folder.iterdir())
            if path.suffix in (".hex", ".bin") and ADDRESS.fullmatch(path.stem)
        }
        if not self._files:
            raise ValueError(f"{folder}: expected files named 0xADDRESS.hex or 0xADDRESS.bin, found none")

    def head(self) -> ChainHead:
        """Return that there are no blocks."""
        return ChainHead(-1, "")

    def code(self, address: str, block: int) -> bytes:
        """Return the code of an address's file."""
        path = self._files.get(address)
        if path is None:
            return b""
        content = path.read_bytes()[: 2 * CODE_BYTES_MAX + 2]
        if path.suffix == ".bin":
            return content
        return bytes.fromhex(content.decode("ascii", "replace").strip().removeprefix("0x"))

    def addresses(self) -> list[str]:
        """Return the addresses that have a file."""
        return list(self._files)

    def request(self, report_id: str, address: str, code: bytes, block: int, criteria: str | None) -> ScreenRequest:
        """Return a request with the code itself."""
        return ScreenRequest(id=report_id, runtime=code, address=address, chain_id=self.chain_id, criteria=criteria)


def code_hash(code: bytes) -> str:
    """Return keccak-256 of code as a report states it."""
    return "0x" + keccak256(code).hex()
