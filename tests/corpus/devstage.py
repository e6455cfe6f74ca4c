"""The stage of the corpus on a development chain: the same sentences, played as transactions."""

from __future__ import annotations

from tests.corpus.loader import CorpusToken
from tests.corpus.stage import DEAD, ETHER, GAS, PEOPLE, POOL, POOL_CODE, Stage
from tests.devchain import DevChain

CONDUCTOR_ETHER = hex(ETHER)


class Balances:
    """The part of an engine that sets balances of ether."""

    def __init__(self, chain: DevChain) -> None:
        self.chain = chain

    def set_balance(self, address: str, amount: int) -> None:
        """Give an account so much ether."""
        self.chain.ask("anvil_setBalance", address, hex(amount))


class DevStage(Stage):
    """One token on a development chain. Only playing is offered, no claims."""

    def __init__(self, token: CorpusToken, chain: DevChain) -> None:
        self.chain = chain
        self.evm = Balances(chain)
        chain.ask("anvil_autoImpersonateAccount", True)
        self.actors = {**PEOPLE, "pool": POOL, "dead": DEAD}
        for address in (*PEOPLE.values(), POOL, "0x00000000000000000000000000000000a1000000"):
            chain.ask("anvil_setBalance", address, CONDUCTOR_ETHER)
        chain.ask("anvil_setCode", POOL, "0x" + POOL_CODE.hex())
        for name, creation in sorted(token.helpers.items()):
            self.actors[name] = chain.deploy_code("0x" + creation.hex(), PEOPLE["owner"])
        self.actors["token"] = chain.deploy_code("0x" + token.creation.hex(), PEOPLE["owner"])

    def advance(self, seconds: int) -> None:
        """Let time pass with one block at its end."""
        self.chain.mine(1, seconds=seconds)

    def send(self, sender: str, receiver: str, data: bytes, value: int) -> bytes:
        """Send a transaction.

        Raises: RuntimeError where it reverts.
        """
        call = {"from": sender, "to": receiver, "data": "0x" + data.hex(), "value": hex(value), "gas": hex(GAS)}
        returned: str = self.chain.ask("eth_call", call, "latest")
        self.chain.ask("anvil_setBalance", sender, CONDUCTOR_ETHER)
        receipt = self.chain.receipt(self.chain.ask("eth_sendTransaction", call))
        if receipt["status"] != "0x1":
            raise RuntimeError("reverted")
        return bytes.fromhex(returned[2:])

    def address(self, actor: str) -> str:
        """Return an actor's address."""
        if actor.startswith("slot:"):
            word: str = self.chain.ask("eth_getStorageAt", self.actors["token"], actor[5:], "latest")
            return "0x" + word[-40:]
        return actor if actor.startswith("0x") else self.actors[actor]
