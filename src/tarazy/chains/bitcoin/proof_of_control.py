"""Proof of control of a Bitcoin address by BIP-322 in its simple form: a message signed as if it spent the address.

Two transactions are made that no chain takes: one that would pay the address with the message's hash in its input, one
that would spend it. The witness of the second is the proof, as base64. Taken are P2WPKH and P2WSH with a plain multisig
script; so one rule checks a single key and a 2-of-3.
Source: BIP-322 (signed message hash tag, to_spend, to_sign).
"""

from __future__ import annotations

import base64
import binascii
from hashlib import sha256
from io import BytesIO

from embit import script as scripts
from embit.ec import PublicKey, Signature
from embit.finalizer import parse_multisig
from embit.script import Script, Witness
from embit.transaction import SIGHASH, Transaction, TransactionInput, TransactionOutput

from tarazy.chains.bitcoin.addresses import script_of
from tarazy.chains.secp256k1 import SignDigest, der, low_s

TAG = sha256(b"BIP0322-signed-message").digest()
PROOF_CHARACTERS_MAX = 4096
OP_RETURN = b"\x6a"


def to_sign(script: bytes, message: bytes) -> Transaction:
    """Return the transaction whose only input is signed."""
    digest = sha256(TAG + TAG + message).digest()
    challenge = TransactionInput(bytes(32), 0xFFFFFFFF, Script(b"\0\x20" + digest), 0)
    to_spend = Transaction(0, [challenge], [TransactionOutput(0, Script(script))], 0)
    spending = TransactionInput(to_spend.txid(), 0, sequence=0)
    return Transaction(0, [spending], [TransactionOutput(0, Script(OP_RETURN))], 0)


def control_digest(script: bytes, message: bytes, witness_script: bytes = b"") -> bytes:
    """Return the 32 bytes that a key signs; `witness_script` is the multisig script behind a P2WSH address."""
    code = Script(witness_script) if witness_script else scripts.p2pkh_from_p2wpkh(Script(script))
    found: bytes = to_sign(script, message).sighash_segwit(0, code, 0, SIGHASH.ALL)
    return found


def sign_control(address: str, network: str, message: bytes, public_key: bytes, sign: SignDigest) -> str:
    """Return the proof of one key's address (P2WPKH)."""
    digest = control_digest(script_of(address, network), message)
    signature = der(low_s(sign(digest))) + bytes((SIGHASH.ALL,))
    return encoded([signature, public_key])


def encoded(items: list[bytes]) -> str:
    """Return a witness as the text of a proof."""
    return base64.b64encode(Witness(items).serialize()).decode()


def proves_control(address: str, network: str, message: bytes, proof: str) -> bool:
    """Say whether a proof shows control of an address over a message."""
    try:
        script = script_of(address, network)
        items = _witness(proof)
    except ValueError:
        return False
    kind = Script(script).script_type()
    if kind == "p2wpkh" and len(items) == 2:
        signature, key = items
        found = _key(key)
        is_own = found is not None and bool(scripts.p2wpkh(found).data == script)
        return is_own and _holds(signature, control_digest(script, message), [found]) is not None
    if kind == "p2wsh" and len(items) >= 3 and items[0] == b"":
        return _is_multisig(script, message, items[1:-1], items[-1])
    return False


def _is_multisig(script: bytes, message: bytes, signatures: list[bytes], witness_script: bytes) -> bool:
    """Say whether enough keys of a multisig script signed, in the order of the script."""
    if scripts.p2wsh(Script(witness_script)).data != script:
        return False
    try:
        threshold, keys = parse_multisig(Script(witness_script))
    except Exception:  # another kind of script
        return False
    digest, left = control_digest(script, message, witness_script), list(keys)
    for signature in signatures:
        place = _holds(signature, digest, left)
        if place is None:
            return False
        left = left[place + 1 :]
    return bool(len(signatures) == threshold)


def _holds(signature: bytes, digest: bytes, keys: list[PublicKey | None]) -> int | None:
    """Return the place of the first key whose signature it is, None where it is nobody's."""
    if signature[-1:] != bytes((SIGHASH.ALL,)):
        return None
    try:
        parsed = Signature.parse(signature[:-1])
    except Exception:  # not DER
        return None
    found = (place for place, key in enumerate(keys) if key is not None and key.verify(parsed, digest))
    return next(found, None)


def _key(data: bytes) -> PublicKey | None:
    try:
        return PublicKey.parse(data) if len(data) == 33 else None
    except Exception:  # not on the curve
        return None


def _witness(proof: str) -> list[bytes]:
    if len(proof) > PROOF_CHARACTERS_MAX:
        raise ValueError("expected a shorter proof")
    try:
        stream = BytesIO(base64.b64decode(proof, validate=True))
        items: list[bytes] = Witness.read_from(stream).items
    except (binascii.Error, IndexError, RuntimeError, ValueError) as error:
        raise ValueError("expected a witness in base64") from error
    if stream.read(1):
        raise ValueError("expected nothing behind the witness")
    return items
