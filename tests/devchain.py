"""A development chain as tests drive it: deploy, send, mine, reorganise. It asks with its own few lines, not with the
client under test."""

from __future__ import annotations

import json
import time
from functools import cached_property
from pathlib import Path
from typing import Any

from Crypto.Hash import keccak

from .servers import rpc

GAS = 12_000_000
RECEIPT_TRIES = 300


def word(value: int | str | bool) -> str:
    """Return an argument as 64 hex digits: a number, a truth value or an address."""
    return f"{int(value, 16) if isinstance(value, str) else int(value):064x}"


def selector(signature: str) -> str:
    """Return 0x and the eight digits that choose an entry point."""
    return "0x" + keccak.new(digest_bits=256, data=signature.encode()).hexdigest()[:8]


def creation_code(artifact: Path, contract: str) -> str:
    """Return creation code as the compile tool wrote it, with 0x."""
    code: str = json.loads(artifact.read_text())["contracts"][contract]["creation"]
    return code if code.startswith("0x") else "0x" + code


class DevChain:
    """A chain whose accounts sign for anyone; account 0 sends where no sender is named."""

    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def accounts(self) -> list[str]:
        """Return the accounts with money."""
        found: list[str] = rpc(self.url, "eth_accounts")
        return [each.lower() for each in found]

    def ask(self, method: str, *parameters: Any) -> Any:
        """Return the result of any method."""
        return rpc(self.url, method, *parameters)

    @property
    def number(self) -> int:
        """Return the number of the newest block."""
        return int(self.ask("eth_blockNumber"), 16)

    def send(
        self, to: str | None, data: str = "0x", sender: str | None = None, value: int = 0, must_succeed: bool = True
    ) -> dict[str, Any]:
        """Send a transaction, which mines a block, and return its receipt."""
        transaction = {"from": sender or self.accounts[0], "data": data, "gas": hex(GAS), "value": hex(value)}
        if to is not None:
            transaction["to"] = to
        receipt = self.receipt(self.ask("eth_sendTransaction", transaction))
        assert receipt["status"] == "0x1" or not must_succeed, f"{data[:10]} of {to} failed"
        return receipt

    def receipt(self, transaction: str) -> dict[str, Any]:
        """Return the receipt of a transaction; a chain that mines at once has it within moments."""
        for _ in range(RECEIPT_TRIES):
            found: dict[str, Any] | None = self.ask("eth_getTransactionReceipt", transaction)
            if found is not None:
                return found
            time.sleep(0.01)
        raise AssertionError(f"{transaction} was not mined")

    def submit(self, to: str, signature: str, *arguments: int | str | bool, sender: str | None = None) -> str:
        """Put a transaction into the pool of a chain that does not mine by itself, and return its hash."""
        data = selector(signature) + "".join(map(word, arguments))
        transaction = {"from": sender or self.accounts[0], "to": to, "data": data, "gas": hex(GAS)}
        found: str = self.ask("eth_sendTransaction", transaction)
        return found

    def deploy(self, artifact: Path, contract: str, *arguments: int | str | bool, sender: str | None = None) -> str:
        """Deploy a contract of an artifact and return its address."""
        return self.deploy_code(creation_code(artifact, contract) + "".join(map(word, arguments)), sender)

    def deploy_code(self, creation: str, sender: str | None = None) -> str:
        """Deploy creation code and return the address."""
        address: str = self.send(None, creation, sender)["contractAddress"]
        return address.lower()

    def deploy_runtime(self, runtime: bytes) -> str:
        """Deploy exactly this runtime code and return the address."""
        assert len(runtime) < 1 << 16
        return self.deploy_code("0x61" + f"{len(runtime):04x}" + "80600a3d393df3" + runtime.hex())

    def do(
        self, to: str, signature: str, *arguments: int | str | bool, sender: str | None = None, **options: Any
    ) -> dict[str, Any]:
        """Call an entry point in a transaction and return the receipt."""
        return self.send(to, selector(signature) + "".join(map(word, arguments)), sender, **options)

    def view(self, to: str, signature: str, *arguments: int | str | bool) -> int:
        """Return the first word that a view returns."""
        call = {"to": to, "data": selector(signature) + "".join(map(word, arguments))}
        answer: str = self.ask("eth_call", call, "latest")
        return int(answer[:66], 16)

    def mine(self, blocks: int = 1, seconds: int | None = None) -> None:
        """Mine empty blocks, the first of them this many seconds later."""
        if seconds is not None:
            self.ask("evm_increaseTime", seconds)
        self.ask("anvil_mine", hex(blocks))

    def reorganise(self, depth: int, *transactions: tuple[dict[str, Any], int]) -> None:
        """Replace the newest blocks by others, with these transactions (transaction, place) in them."""
        self.ask("anvil_reorg", depth, [list(each) for each in transactions])
