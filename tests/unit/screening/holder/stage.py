"""A development chain with wallets that nobody used before, real tokens of the corpus, and contracts that misbehave."""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ....devchain import DevChain

HERE = Path(__file__).parent
HOSTILE = HERE / "contracts" / "Hostile.json"
COLLECTIONS = HERE.parent / "service" / "contracts" / "Collections.json"
TOKENS = HERE.parents[2] / "corpus" / "tokens"
UNLIMITED = 2**256 - 1
ETHER = 10**18
_numbers = itertools.count(1)


def new_address() -> str:
    """Return an address that nobody used before."""
    return "0x" + secrets.token_hex(16) + f"{next(_numbers):08x}"


@dataclass
class HolderStage:
    """A chain, and the wallet of one test."""

    chain: DevChain
    wallet: str = field(default_factory=new_address)

    def __post_init__(self) -> None:
        self.chain.ask("anvil_setBalance", self.wallet, hex(100 * ETHER))
        self.chain.ask("anvil_impersonateAccount", self.wallet)

    def token(self, name: str = "plain-safe", held: int = 0) -> str:
        """Deploy a token of the corpus, of which the wallet holds some."""
        address = self.chain.deploy(TOKENS / name / "plain.json", "Token")
        if held:
            self.chain.do(address, "transfer(address,uint256)", self.wallet, held)
        return address

    def hostile(self, name: str) -> str:
        """Deploy a contract that misbehaves."""
        return self.chain.deploy(HOSTILE, name)

    def collection(self, name: str = "Pieces") -> str:
        """Deploy a collection."""
        return self.chain.deploy(COLLECTIONS, name)

    def do(self, to: str, signature: str, *arguments: int | str | bool) -> dict[str, Any]:
        """Send a transaction of the wallet."""
        return self.chain.do(to, signature, *arguments, sender=self.wallet)

    def approve(self, token: str, spender: str, amount: int) -> None:
        """Let somebody take some of a token."""
        self.do(token, "approve(address,uint256)", spender, amount)
