"""Addresses from output descriptors (BIP-380): of one key, or of several with a wildcard and two branches."""

from __future__ import annotations

from typing import NamedTuple

from embit.descriptor import Descriptor

from tarazy.chains.bitcoin.addresses import network_of

RECEIVE, CHANGE = 0, 1
DESCRIPTOR_CHARACTERS_MAX = 4096


class DerivedAddress(NamedTuple):
    """An address, and the descriptor of it alone, which a signer needs to spend from it."""

    address: str
    descriptor: str


def read_descriptor(text: str) -> Descriptor:
    """Return a descriptor of one key or a sorted multisig behind P2WSH.

    Raises: ValueError for any other, and for one that holds a private key.
    """
    wrong = "expected wpkh(KEY) or wsh(sortedmulti(N,KEY,...)) with public keys"
    if len(text) > DESCRIPTOR_CHARACTERS_MAX:
        raise ValueError(f"{wrong}, found {len(text)} characters")
    try:
        found = Descriptor.from_string(text)
        kind = found.scriptpubkey_type()
    except Exception as error:  # embit raises what it stumbles over
        raise ValueError(f"{wrong}, found {text[:60]!r}") from error
    if any(key.is_private for key in found.keys):
        raise ValueError(f"{wrong}, found a private key: it has been shown here and is not safe any more")
    if kind not in ("p2wpkh", "p2wsh") or (kind == "p2wsh" and not found.is_sorted):
        raise ValueError(f"{wrong}, found {text[:60]!r}")
    return found


def threshold_of(text: str) -> tuple[int, int]:
    """Return how many keys must sign, and how many there are."""
    found = read_descriptor(text)
    return (int(str(found.miniscript.args[0])), len(found.keys)) if found.miniscript else (1, 1)


def key_address(public_key: bytes, network: str) -> DerivedAddress:
    """Return the address of one key (P2WPKH)."""
    found = Descriptor.from_string(f"wpkh({public_key.hex()})")
    return DerivedAddress(found.address(network_of(network)), str(found))


def derived_address(text: str, place: int, branch: int, network: str) -> DerivedAddress:
    """Return an address of a descriptor with a wildcard; `branch` is RECEIVE or CHANGE.

    Raises: ValueError for a descriptor without wildcard and branches.
    """
    found = read_descriptor(text)
    if not found.is_wildcard or found.num_branches != 2:
        raise ValueError("expected a descriptor with <0;1>/* in each key, found another")
    own = found.derive(place, branch_index=branch)
    return DerivedAddress(own.address(network_of(network)), str(own))
