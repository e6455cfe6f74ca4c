"""Keys of one-key wallets by number: in an HSM through PKCS#11, or derived from a seed in a file.

Both give the public key of a number and a signature r | s over a digest; nothing else leaves them. A key that an HSM
makes is sensitive and cannot be exported.
"""

from __future__ import annotations

import threading
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from coincurve import PrivateKey, PublicKey

from tarazy.chains.secp256k1 import low_s
from tarazy.facility.custody.errors import WalletKeyError
from tarazy.platform.signing.key_file import KeyFileError, secret_file

PLACE_MAX = 1 << 31
# The curve as PKCS#11 names it: the object identifier 1.3.132.0.10, in DER.
SECP256K1 = bytes.fromhex("06052b8104000a")


class WalletKeys(Protocol):
    """The holder of a wallet's keys."""

    def public_key(self, place: int) -> bytes:
        """Return the public key of a number, compressed, 33 bytes; it is made where there is none."""

    def sign(self, place: int, digest: bytes) -> bytes:
        """Return the signature r | s, with the lower s, of a key over 32 bytes."""


class SeedKeys:
    """Keys that follow from 32 secret bytes in a file: for tests, and where there is no HSM.

    The key of a number is SHA-256 of a line with the wallet's name and the number, and the secret.
    """

    def __init__(self, path: Path, wallet: str) -> None:
        try:
            self._secret = secret_file(path)
        except KeyFileError as error:
            raise WalletKeyError(path, expected="a key file", found=str(error)) from error
        self._wallet = wallet.encode()

    def _key(self, place: int) -> PrivateKey:
        check_place(place)
        line = b"tarazy wallet key 1\n" + self._wallet + b"\n" + str(place).encode() + b"\n"
        return PrivateKey(sha256(line + self._secret).digest())

    def public_key(self, place: int) -> bytes:
        """Return the public key of a number."""
        found: bytes = self._key(place).public_key.format(compressed=True)
        return found

    def sign(self, place: int, digest: bytes) -> bytes:
        """Return a signature over 32 bytes."""
        return low_s(self._key(place).sign_recoverable(digest, hasher=None)[:64])


class Pkcs11Keys:
    """Keys in a token of an HSM, each labelled with the wallet's name and its number.

    One session, used by one thread at a time.
    Raises: WalletKeyError from everything: no module, token, session or key.
    """

    def __init__(self, module: Path, token: str, pin: str, wallet: str) -> None:
        try:
            import pkcs11
        except ImportError as error:
            action = "pip install 'tarazy[hsm]'"
            raise WalletKeyError(module, expected="the package python-pkcs11", found="none", action=action) from error
        self._pkcs11: Any = pkcs11
        self._wallet = wallet
        self._lock = threading.Lock()
        self._private: dict[int, Any] = {}  # handles of keys, never keys
        self._where = f"token {token!r} of {module}"
        try:
            self._session = pkcs11.lib(str(module)).get_token(token_label=token).open(rw=True, user_pin=pin)
        except Exception as error:  # the library has many, and the module's own
            raise WalletKeyError(self._where, expected="a session", found=type(error).__name__) from error

    def close(self) -> None:
        """Close the session."""
        self._session.close()

    def public_key(self, place: int) -> bytes:
        """Return the public key of a number; the HSM makes the pair where it has none."""
        check_place(place)
        with self._lock:
            found = self._find(place, self._pkcs11.ObjectClass.PUBLIC_KEY) or self._make(place)
            point = bytes(found[self._pkcs11.Attribute.EC_POINT])
        # The attribute is an octet string in DER: tag, length, then 04 | x | y.
        return compressed(point[2:] if len(point) == 67 else point)

    def sign(self, place: int, digest: bytes) -> bytes:
        """Return a signature over 32 bytes."""
        check_place(place)
        with self._lock:
            key = self._private.get(place) or self._find(place, self._pkcs11.ObjectClass.PRIVATE_KEY)
            if key is None:
                raise WalletKeyError(self._where, expected=f"the key {self._label(place)}", found="none")
            self._private[place] = key
            try:
                return low_s(bytes(key.sign(digest, mechanism=self._pkcs11.Mechanism.ECDSA)))
            except (self._pkcs11.PKCS11Error, ValueError) as error:
                raise WalletKeyError(self._where, expected="a signature", found=type(error).__name__) from error

    def _label(self, place: int) -> str:
        return f"{self._wallet}/{place}"

    def _find(self, place: int, kind: Any) -> Any:
        attributes = {
            self._pkcs11.Attribute.CLASS: kind,
            self._pkcs11.Attribute.LABEL: self._label(place),
        }
        found = list(self._session.get_objects(attributes))
        if len(found) > 1:
            raise WalletKeyError(self._where, expected=f"one key {self._label(place)}", found=str(len(found)))
        return found[0] if found else None

    def _make(self, place: int) -> Any:
        attribute = self._pkcs11.Attribute
        parameters = self._session.create_domain_parameters(
            self._pkcs11.KeyType.EC, {attribute.EC_PARAMS: SECP256K1}, local=True
        )
        kept = {attribute.SENSITIVE: True, attribute.EXTRACTABLE: False}
        public, _ = parameters.generate_keypair(store=True, label=self._label(place), private_template=kept)
        return public


def compressed(point: bytes) -> bytes:
    """Return a point 04 | x | y in 33 bytes. Raises: WalletKeyError."""
    try:
        found: bytes = PublicKey(point).format(compressed=True)
    except Exception as error:  # the library raises its own root
        raise WalletKeyError("public key", expected="a point of secp256k1", found=f"{len(point)} bytes") from error
    return found


def check_place(place: int) -> None:
    """Refuse a number that no key has. Raises: WalletKeyError."""
    if not 0 <= place < PLACE_MAX:
        raise WalletKeyError("key", expected=f"a number below {PLACE_MAX}", found=str(place))
