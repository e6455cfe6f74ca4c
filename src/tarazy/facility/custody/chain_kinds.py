"""What differs between kinds of chains for the inventory: addresses from keys, and proofs of control."""

from __future__ import annotations

from typing import Any

from tarazy.chains.bitcoin import proof_of_control as bitcoin_proof
from tarazy.chains.bitcoin.addresses import CHAINS
from tarazy.chains.bitcoin.descriptors import DerivedAddress, derived_address, key_address
from tarazy.chains.evm import proof_of_control as evm_proof
from tarazy.chains.evm.transactions import address_of
from tarazy.chains.secp256k1 import SignDigest
from tarazy.facility.custody.errors import CustodyInputError

EVM = "eip155:"
BITCOIN = "bip122:"
# Names that people know, by the chain id of EIP-155 and by the network of Bitcoin; any other keeps its CAIP-2 name.
EVM_NAMES = {
    1: "Ethereum",
    10: "OP Mainnet",
    56: "BNB Smart Chain",
    137: "Polygon",
    8453: "Base",
    42161: "Arbitrum One",
}
BITCOIN_NAMES = {"main": "Bitcoin", "test": "Bitcoin testnet", "regtest": "Bitcoin regtest"}


def bitcoin_network(chain: str) -> str | None:
    """Return the network of a Bitcoin chain, None for a chain of another kind."""
    return next((network for network, name in CHAINS.items() if name == chain), None)


def network_name(chain: str) -> str:
    """Return what people call a chain."""
    network = bitcoin_network(chain)
    if network:
        return BITCOIN_NAMES[network]
    number = chain.removeprefix(EVM)
    return EVM_NAMES.get(int(number), chain) if number.isdecimal() else chain


def check_chain(chain: str) -> None:
    """Refuse a chain that no adapter serves.

    Raises: CustodyInputError.
    """
    if not bitcoin_network(chain) and not (chain.startswith(EVM) and chain[len(EVM) :].isdecimal()):
        expected = f"eip155:NUMBER or one of {', '.join(CHAINS.values())}"
        raise CustodyInputError("chain", expected=expected, found=repr(chain[:60]))


def of_key(chain: str, public_key: bytes) -> DerivedAddress:
    """Return the address of one key."""
    network = bitcoin_network(chain)
    return key_address(public_key, network) if network else DerivedAddress(address_of(public_key), "")


def of_descriptor(chain: str, descriptor: str, place: int, branch: int) -> DerivedAddress:
    """Return an address of a descriptor.

    Raises: CustodyInputError on a chain that has none.
    """
    network = bitcoin_network(chain)
    if not network:
        raise CustodyInputError(chain, expected="a chain with output descriptors", found="another")
    return derived_address(descriptor, place, branch, network)


def proves(chain: str, address: str, message: str, proof: str) -> bool:
    """Say whether a proof shows control of an address over a message (BIP-322, EIP-191 or EIP-712)."""
    network = bitcoin_network(chain)
    if network:
        return bitcoin_proof.proves_control(address, network, message.encode(), proof)
    return evm_proof.proves_control(address, message.encode(), proof, int(chain[len(EVM) :]))


def typed_request(chain: str, message: str) -> dict[str, Any]:
    """Return a message as the typed data that a wallet of a chain signs (EIP-712).

    Raises: CustodyInputError on a chain whose wallets sign none.
    """
    if not chain.startswith(EVM):
        raise CustodyInputError(chain, expected="a chain eip155:NUMBER for typed data", found="another")
    return evm_proof.typed_data(message, int(chain[len(EVM) :]))


def prove(chain: str, address: str, message: str, public_key: bytes, sign: SignDigest) -> str:
    """Return the proof of one key's address over a message."""
    network = bitcoin_network(chain)
    if network:
        return bitcoin_proof.sign_control(address, network, message.encode(), public_key, sign)
    return evm_proof.sign_control(message.encode(), public_key, sign)
