"""Who acts in a simulated story: ordinary-looking accounts with fixed addresses, so that every run is the same."""

from __future__ import annotations

from tarazy.chains.evm.code import keccak256
from tarazy.screening.simulation.engine import EvmEngine

FUNDS_WEI = 500 * 10**18


def actor(name: str) -> str:
    """Return the address of an actor."""
    return "0x" + keccak256(b"tarazy actor " + name.encode())[12:].hex()


OWNER = actor("owner")  # deploys, and provides the liquidity
TRADER = actor("trader")  # buys and sells
FRESH = actor("fresh")  # receives tokens and sells them; never seen before
BYSTANDER = actor("bystander")  # asks questions, owns nothing
STRANGER = actor("stranger")  # attacks without holding any privilege
MEMBER = actor("member")  # member of a role
ADMIN = actor("proxy admin")
ACCOMPLICE = actor("accomplice")  # where an owner sends what he takes
FUNDED = (OWNER, TRADER, FRESH, BYSTANDER, STRANGER, MEMBER, ADMIN, ACCOMPLICE)


def fund(engine: EvmEngine, *addresses: str) -> None:
    """Give accounts enough to pay for what they do."""
    for address in addresses:
        if engine.balance(address) < FUNDS_WEI:
            engine.set_balance(address, FUNDS_WEI)
