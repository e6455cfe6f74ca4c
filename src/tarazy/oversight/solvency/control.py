"""Which chains' proofs of control are checked here: EIP-191 for EVM accounts, BIP-322 for Bitcoin addresses.

A chain is named as in CAIP-2: `eip155:1`, `bip122:000000000019d6689c085ae165831e93`.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from tarazy.oversight.solvency.reserves import ControlChecks

EVM, BITCOIN = "tarazy.chains.evm.proof_of_control", "tarazy.chains.bitcoin.proof_of_control"
# The first 32 digits of a chain's genesis hash (CAIP-4) and the network's name.
NETWORKS = {
    "bip122:000000000019d6689c085ae165831e93": "main",
    "bip122:000000000933ea01ad0ee984209779ba": "test",
    "bip122:0f9188f13cb7b2c71f2a335e3a4fc328": "regtest",
}


def control_checks() -> ControlChecks:
    """Return the checks that this installation has, by the part of a chain's name before the colon."""
    checks = {"eip155": (EVM, _evm), "bip122": (BITCOIN, _bitcoin)}
    return {name: check for name, (module, check) in checks.items() if _is_there(module)}


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


def _evm(_: str, address: str, message: bytes, proof: str) -> bool:
    """Say whether a signature over a message is an account's."""
    return bool(import_module(EVM).proves_control(address, message, proof))


def _bitcoin(chain: str, address: str, message: bytes, proof: str) -> bool:
    """Say whether a witness over a message is an address's; a chain that is not known proves nothing."""
    network = NETWORKS.get(chain)
    return network is not None and bool(import_module(BITCOIN).proves_control(address, network, message, proof))
