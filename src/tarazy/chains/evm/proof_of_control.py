"""Proof of control of an account, 65 bytes r | s | v over a message, in either of the forms that wallets show.

EIP-191 (version 0x45, `personal_sign`) signs the message as a text; EIP-712 (`eth_signTypedData_v4`) signs it as the
`statement` of a `ProofOfControl` under a domain that names the chain, so that a wallet on another chain refuses.

Known limit: accounts of contracts (EIP-1271) sign nothing themselves; a test transfer shows who controls them.
"""

from __future__ import annotations

from typing import Any

from tarazy.chains.evm.code import keccak256
from tarazy.chains.evm.transactions import address_of
from tarazy.chains.secp256k1 import SignDigest, low_s, parity_of, recovered

PREFIX = b"\x19Ethereum Signed Message:\n"
V_FIRST = 27
TYPED_PREFIX = b"\x19\x01"
DOMAIN = {"name": "Tarazy", "version": "1"}
DOMAIN_TYPE = "EIP712Domain(string name,string version,uint256 chainId)"
STATEMENT_TYPE = "ProofOfControl(string statement)"


def control_digest(message: bytes) -> bytes:
    """Return the 32 bytes that a key signs."""
    return keccak256(PREFIX + str(len(message)).encode() + message)


def sign_control(message: bytes, public_key: bytes, sign: SignDigest) -> str:
    """Return the proof of a key as hexadecimal digits."""
    digest = control_digest(message)
    signature = low_s(sign(digest))
    return "0x" + (signature + bytes((V_FIRST + parity_of(signature, digest, public_key),))).hex()


def typed_data(message: str, chain_id: int) -> dict[str, Any]:
    """Return what a wallet is asked to sign by `eth_signTypedData_v4`."""
    return {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
            ],
            "ProofOfControl": [{"name": "statement", "type": "string"}],
        },
        "primaryType": "ProofOfControl",
        "domain": {**DOMAIN, "chainId": chain_id},
        "message": {"statement": message},
    }


def typed_digest(message: bytes, chain_id: int) -> bytes:
    """Return the 32 bytes that a key signs of `typed_data` (EIP-712)."""
    name, version = (keccak256(text.encode()) for text in DOMAIN.values())
    domain = keccak256(keccak256(DOMAIN_TYPE.encode()) + name + version + chain_id.to_bytes(32, "big"))
    statement = keccak256(keccak256(STATEMENT_TYPE.encode()) + keccak256(message))
    return keccak256(TYPED_PREFIX + domain + statement)


def proves_control(address: str, message: bytes, proof: str, chain_id: int) -> bool:
    """Say whether a proof shows control of an account over a message, signed as a text or as typed data."""
    try:
        raw = bytes.fromhex(proof.removeprefix("0x"))
        if len(raw) != 65 or low_s(raw[:64]) != raw[:64]:
            return False
        digests = (control_digest(message), typed_digest(message, chain_id))
        signers = [address_of(recovered(raw[:64], raw[64] - V_FIRST, digest)) for digest in digests]
    except (ValueError, OverflowError):
        return False
    return address.lower() in signers
