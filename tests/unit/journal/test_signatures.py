"""Ed25519 against the first vectors of RFC 8032, and many checks at once in processes of their own."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tarazy.journal import signatures

# RFC 8032, section 7.1, test 2: secret key, public key, message, signature.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
MESSAGE = bytes.fromhex("72")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_signature_is_the_standards() -> None:
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    assert signatures.public_key_of(key) == PUBLIC
    assert signatures.sign(key, MESSAGE) == SIGNATURE
    assert signatures.is_signed(PUBLIC, SIGNATURE, MESSAGE)


def test_what_is_changed_or_of_a_wrong_form_does_not_hold() -> None:
    assert not signatures.is_signed(PUBLIC, SIGNATURE, b"s")
    assert not signatures.is_signed(PUBLIC, SIGNATURE[:-1], MESSAGE)
    assert not signatures.is_signed(PUBLIC[:-1], SIGNATURE, MESSAGE)
    assert not signatures.is_signed(bytes([2] * 32), SIGNATURE, MESSAGE)
    assert not signatures.is_signed(PUBLIC, SIGNATURE[:32] + b"\xff" * 32, MESSAGE)


def test_many_are_answered_in_their_order_also_by_several_processes() -> None:
    good, bad = (PUBLIC, SIGNATURE, MESSAGE), (PUBLIC, SIGNATURE, b"s")
    checks = [bad if at % 997 == 0 else good for at in range(signatures.IN_PLACE_MAX + 1)]
    expected = [at % 997 != 0 for at in range(len(checks))]
    assert signatures.verify_many(checks, jobs=1) == expected
    assert signatures.verify_many(checks, jobs=2) == expected
