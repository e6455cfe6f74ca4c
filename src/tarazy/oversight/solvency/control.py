"""Which proofs of control are checked here: EIP-191 and EIP-712 of EVM accounts, BIP-322 of Bitcoin addresses.

A chain is named as in CAIP-2: `eip155:1`, `bip122:000000000019d6689c085ae165831e93`.
"""

from __future__ import annotations

from tarazy.chains.bitcoin import proof_of_control as bitcoin
from tarazy.chains.bitcoin.addresses import CHAINS
from tarazy.chains.evm import proof_of_control as evm
from tarazy.oversight.solvency.reserves import ControlChecks


def control_checks() -> ControlChecks:
    """Return the checks by the part of a chain's name before the colon."""
    return {"eip155": _evm, "bip122": _bitcoin}


def _evm(chain: str, address: str, message: bytes, proof: str) -> bool:
    """Say whether a signature over a message is an account's; a chain without a number proves nothing."""
    number = chain.partition(":")[2]
    return number.isdecimal() and evm.proves_control(address, message, proof, int(number))


def _bitcoin(chain: str, address: str, message: bytes, proof: str) -> bool:
    """Say whether a witness over a message is an address's; a chain that is not known proves nothing."""
    network = next((name for name, known in CHAINS.items() if known == chain), None)
    return network is not None and bitcoin.proves_control(address, network, message, proof)
