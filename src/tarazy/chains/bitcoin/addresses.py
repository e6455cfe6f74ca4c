"""Addresses of Bitcoin: scripts that pay them, one spelling each, and the networks by their CAIP-2 names.

Taken are witness programs of version 0 and 1 and the older forms, so that a withdrawal may go to any of them.
Source: BIP-173, BIP-350; CAIP-2 namespace bip122 (the first 32 hex digits of the genesis block's hash).
"""

from __future__ import annotations

from typing import Any

from embit import script as scripts
from embit.ec import PublicKey
from embit.networks import NETWORKS
from embit.script import Script, address_to_scriptpubkey

CHAINS = {
    "main": "bip122:000000000019d6689c085ae165831e93",
    "test": "bip122:000000000933ea01ad0ee984209779ba",
    "regtest": "bip122:0f9188f13cb7b2c71f2a335e3a4fc328",
}
ADDRESS_CHARACTERS_MAX = 90


def network_of(name: str) -> dict[str, Any]:
    """Return the prefixes of a network.

    Raises: ValueError for a network that is none of CHAINS.
    """
    if name not in CHAINS:
        raise ValueError(f"expected a network of {', '.join(CHAINS)}, found {name!r}")
    found: dict[str, Any] = NETWORKS[name]
    return found


def script_of(address: str, network: str) -> bytes:
    """Return the script that pays an address of a network.

    Raises: ValueError.
    """
    prefixes = network_of(network)
    wrong = f"expected an address of the network {network}, found {address[:100]!r}"
    if len(address) > ADDRESS_CHARACTERS_MAX or not address.isascii():
        raise ValueError(wrong)
    text = canonical_text(address, network)
    try:
        script = address_to_scriptpubkey(text)
        again = script.address(prefixes)
    except Exception as error:  # embit raises what it stumbles over
        raise ValueError(wrong) from error
    if again != text:
        raise ValueError(wrong)
    data: bytes = script.data
    return data


def canonical_text(address: str, network: str) -> str:
    """Return an address in lower case where it is one of the kind that may be in either, all of it (BIP-173)."""
    is_bech32 = address.lower().startswith(network_of(network)["bech32"] + "1")
    return address.lower() if is_bech32 and address.isupper() else address


def address_of(script: bytes, network: str) -> str | None:
    """Return the address that a script pays, None where it pays none."""
    try:
        found: str = Script(script).address(network_of(network))
    except ValueError:
        return None
    return found


def senders_of(transaction: Any, network: str) -> tuple[str, ...]:
    """Return the addresses that paid a transaction, as far as its witnesses tell them: of one key, or of a script."""
    found = []
    for each in transaction.vin:
        items = each.witness.items if each.witness else []
        if len(items) == 2 and len(items[1]) == 33 and items[1][0] in (2, 3):
            found.append(scripts.p2wpkh(PublicKey.parse(items[1])).address(network_of(network)))
        elif len(items) > 2 and not each.script_sig.data:
            found.append(scripts.p2wsh(Script(items[-1])).address(network_of(network)))
    return tuple(sorted(set(found)))
