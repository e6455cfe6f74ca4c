"""Keys in an HSM through PKCS#11: the same signatures as any other key's, and no way to take a key out."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.chains.bitcoin.descriptors import key_address
from tarazy.chains.evm.transactions import FeeMarketTransaction, address_of, read_signed
from tarazy.chains.secp256k1 import is_signature, low_s
from tarazy.facility.custody.chain_kinds import prove, proves
from tarazy.facility.custody.errors import WalletKeyError
from tarazy.facility.custody.wallet_keys import Pkcs11Keys, SeedKeys

from ....servers import unavailable
from ....software_hsm import PIN, software_hsm

REGTEST = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328"


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the software HSM's module, with one token in a folder of its own."""
    pytest.importorskip("pkcs11", reason="python-pkcs11 is not here: pip install 'tarazy[hsm]'")
    found = software_hsm(tmp_path_factory.mktemp("hsm"))
    if found is None:
        unavailable("softhsm2 is not here: install the Debian package softhsm2 to run this test")
        raise AssertionError
    return found


@pytest.fixture
def keys(module: Path) -> Iterator[Pkcs11Keys]:
    found = Pkcs11Keys(module, "tarazy", PIN, "hot")
    yield found
    found.close()


def test_keys_are_made_once_and_sign_with_the_lower_s(keys: Pkcs11Keys, module: Path) -> None:
    first = keys.public_key(0)
    assert keys.public_key(0) == first != keys.public_key(1)
    for number in range(8):
        digest = sha256(b"%d" % number).digest()
        signature = keys.sign(0, digest)
        assert signature == low_s(signature)
        assert is_signature(signature, digest, first)
        assert not is_signature(signature, digest, keys.public_key(1))


def test_private_key_is_sensitive_and_stays(keys: Pkcs11Keys) -> None:
    import pkcs11

    keys.public_key(0)
    key = keys._find(0, pkcs11.ObjectClass.PRIVATE_KEY)
    assert key[pkcs11.Attribute.SENSITIVE]
    assert not key[pkcs11.Attribute.EXTRACTABLE]
    with pytest.raises(pkcs11.PKCS11Error):
        key[pkcs11.Attribute.VALUE]


def test_both_chains_take_what_the_hsm_signs(keys: Pkcs11Keys) -> None:
    public_key = keys.public_key(2)
    payment = FeeMarketTransaction(31337, 0, 1, 2, 21_000, "0x" + "11" * 20, 5, b"")
    assert read_signed(payment.signed(keys.sign(2, payment.digest()), public_key)) == (payment, address_of(public_key))
    address = key_address(public_key, "regtest").address
    proof = prove(REGTEST, address, "ours", public_key, lambda digest: keys.sign(2, digest))
    assert proves(REGTEST, address, "ours", proof)


def test_missing_token_wrong_pin_and_unknown_key_are_said(module: Path, keys: Pkcs11Keys) -> None:
    for token, pin in (("nobody", PIN), ("tarazy", "4321")):
        with pytest.raises(WalletKeyError, match="expected a session"):
            Pkcs11Keys(module, token, pin, "hot")
    with pytest.raises(WalletKeyError, match="expected the key hot/77, found none"):
        keys.sign(77, bytes(32))


def test_keys_of_a_seed_follow_from_it_and_differ_by_wallet(tmp_path: Path) -> None:
    first, again, other = (SeedKeys(tmp_path / "seed", name) for name in ("hot", "hot", "cold"))
    assert first.public_key(3) == again.public_key(3)
    assert len({keys.public_key(place) for keys in (first, other) for place in range(4)}) == 8
    assert is_signature(first.sign(3, bytes(32)), bytes(32), first.public_key(3))
    assert (tmp_path / "seed").stat().st_mode & 0o077 == 0
    with pytest.raises(WalletKeyError, match="expected a number"):
        first.public_key(-1)
