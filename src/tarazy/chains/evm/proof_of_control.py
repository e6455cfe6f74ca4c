"""Proof of control of an account by EIP-191 (version 0x45, `personal_sign`): 65 bytes r | s | v over a message.

Known limit: accounts of contracts (EIP-1271) sign nothing themselves; a test transfer shows who controls them.
"""

from __future__ import annotations

from tarazy.chains.evm.code import keccak256
from tarazy.chains.evm.transactions import address_of
from tarazy.chains.secp256k1 import SignDigest, low_s, parity_of, recovered

PREFIX = b"\x19Ethereum Signed Message:\n"
V_FIRST = 27


def control_digest(message: bytes) -> bytes:
    """Return the 32 bytes that a key signs."""
    return keccak256(PREFIX + str(len(message)).encode() + message)


def sign_control(message: bytes, public_key: bytes, sign: SignDigest) -> str:
    """Return the proof of a key as hexadecimal digits."""
    digest = control_digest(message)
    signature = low_s(sign(digest))
    return "0x" + (signature + bytes((V_FIRST + parity_of(signature, digest, public_key),))).hex()


def proves_control(address: str, message: bytes, proof: str) -> bool:
    """Say whether a proof shows control of an account over a message."""
    try:
        raw = bytes.fromhex(proof.removeprefix("0x"))
        if len(raw) != 65 or low_s(raw[:64]) != raw[:64]:
            return False
        return address_of(recovered(raw[:64], raw[64] - V_FIRST, control_digest(message))) == address.lower()
    except ValueError:
        return False
