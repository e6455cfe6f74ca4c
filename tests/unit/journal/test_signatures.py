"""Ed25519 against the first vectors of RFC 8032, and many checks at once in processes of their own."""

from __future__ import annotations

from tarazy.domain.signer import KeySigner
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
    key = KeySigner.from_seed(SEED)
    assert key.public_key == PUBLIC
    assert key.sign(MESSAGE) == SIGNATURE
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


# The curve of RFC 8032, section 5.1: -x^2 + y^2 = 1 + d x^2 y^2 over the integers modulo P.
P = 2**255 - 19
D = -121665 * pow(121666, P - 2, P) % P
ORDER = 2**252 + 27742317777372353535851937790883648493


def added(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    """Return the sum of two points."""
    k = D * a[0] * b[0] * a[1] * b[1] % P
    x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + k, P - 2, P)
    return x % P, (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, P - 2, P) % P


def times(number: int, point: tuple[int, int]) -> tuple[int, int]:
    """Return a multiple of a point."""
    result = (0, 1)
    while number:
        if number & 1:
            result = added(result, point)
        point, number = added(point, point), number >> 1
    return result


def point_of_order_eight() -> tuple[int, int]:
    """Return the part of the first point found that the prime order does not reach, if its order is 8."""
    for y in range(2, 1000):
        square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
        x = pow(square, (P + 3) // 8, P)
        x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
        if x * x % P == square and times(4, times(ORDER, (x, y))) != (0, 1):
            return times(ORDER, (x, y))
    raise AssertionError("no point of order 8 below y = 1000")


def test_nobodys_key_signs_nothing() -> None:
    """For a key of small order the signature R = identity, S = 0 satisfies the equation for many or all messages."""
    torsion = point_of_order_eight()
    heights = {times(number, torsion)[1] for number in range(8)}
    written = {y + more for y in heights for more in (0, P) if y + more < 2**255}
    keys = [(y | sign << 255).to_bytes(32, "little") for y in written for sign in (0, 1)]
    assert len(keys) == 14
    empty = (1).to_bytes(32, "little") + bytes(32)
    assert not any(signatures.is_signed(key, empty, bytes([number])) for key in keys for number in range(32))
