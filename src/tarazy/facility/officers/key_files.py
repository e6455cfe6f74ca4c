"""An officer's key: one file with an Ed25519 private key in PKCS 8, readable by its owner alone.

With a passphrase the key is encrypted by the library's best scheme (PBES2: PBKDF2 or scrypt with AES-256). An existing
file is never overwritten, a link is not followed, and a key that group or others can read is refused: it must be taken
for known. The first line names the owner and the public key; it is for people and is not trusted.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tarazy.domain.signer import KeySigner
from tarazy.facility.officers.errors import OfficerKeyError, file_error, shown

KEY_BYTES_MAX = 1 << 14
PEM_START = b"-----BEGIN "
NAME_LETTERS_MAX = 100


def new_key_file(
    path: Path, name: str = "", passphrase: bytes | None = None, key: KeySigner | None = None
) -> KeySigner:
    """Make an officer's key and write it; `key` is one that exists already.

    Raises: OfficerKeyError where the file exists or cannot be written.
    """
    if len(name) > NAME_LETTERS_MAX or not name.isprintable():
        expected = f"a name of at most {NAME_LETTERS_MAX} printable letters"
        raise OfficerKeyError(path, expected=expected, found=shown(name))
    key = key or KeySigner.generate()
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase is not None:
        encryption = serialization.BestAvailableEncryption(_passphrase(path, passphrase))
    pem = key.private_key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    words = f"tarazy officer{' ' + name if name else ''}, public key {key.public_key.hex()}\n"
    _write_new(path, words.encode() + pem)
    return key


def load_key_file(path: Path, passphrase: bytes | None = None) -> KeySigner:
    """Read an officer's key.

    Raises: OfficerKeyError where others can read it, where it is no such key, or for a wrong passphrase.
    """
    pem = _pem(path)
    if passphrase is None and is_encrypted(pem):
        raise OfficerKeyError(path, expected="the passphrase of this key", found="none", action="Give the passphrase.")
    if passphrase is not None and not is_encrypted(pem):
        passphrase = None
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        expected = "an Ed25519 private key in PKCS 8" + (" and its passphrase" if passphrase is not None else "")
        raise OfficerKeyError(path, expected=expected, found=shown(str(error).split(".")[0])) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise OfficerKeyError(path, expected="an Ed25519 key", found=type(key).__name__.lstrip("_"))
    return KeySigner(key)


def is_encrypted(pem: bytes) -> bool:
    """Say whether a key asks for a passphrase."""
    return pem.startswith(PEM_START + b"ENCRYPTED ")


def needs_passphrase(path: Path) -> bool:
    """Say whether a key file asks for a passphrase.

    Raises: OfficerKeyError.
    """
    return is_encrypted(_pem(path))


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on the device."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _passphrase(path: Path, passphrase: bytes) -> bytes:
    """Refuse a passphrase that protects nothing."""
    if len(passphrase) < 8:
        raise OfficerKeyError(path, expected="a passphrase of 8 bytes or more", found=f"{len(passphrase)} bytes")
    return passphrase


def _write_new(path: Path, text: bytes) -> None:
    """Write a file that was not there, so that it and its name are on the device."""
    try:
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.fchmod(fd, 0o600)
            written = os.write(fd, text)
            if written < len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(fd)
        except OSError:
            os.unlink(path)  # a part of a key is none, and its name stays free
            raise
        finally:
            os.close(fd)
        sync_folder(path.parent)
    except FileExistsError as error:
        action = "Choose another name: a key is never overwritten."
        raise OfficerKeyError(path, expected="no file of this name", found="one", action=action) from error
    except OSError as error:
        raise file_error(OfficerKeyError, path, "write the key", error) from error


def _pem(path: Path) -> bytes:
    """Return the key in a file, checked to be a private file of a sensible size."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise file_error(OfficerKeyError, path, "read the key", error) from error
    try:
        facts = os.fstat(fd)
        _check_private(path, facts)
        text = os.read(fd, KEY_BYTES_MAX + 1)
    except OSError as error:
        raise file_error(OfficerKeyError, path, "read the key", error) from error
    finally:
        os.close(fd)
    at = text.find(PEM_START)
    if at < 0 or len(text) > KEY_BYTES_MAX:
        found = f"{len(text)} bytes without one" if at < 0 else "a larger file"
        action = "Give the file that `tarazy officer new` wrote; a facility's own key signs no instructions."
        expected = f"a key in PEM of at most {KEY_BYTES_MAX} bytes"
        raise OfficerKeyError(path, expected=expected, found=found, action=action)
    return text[at:]


def _check_private(path: Path, facts: os.stat_result) -> None:
    """Refuse what is no plain file of its owner alone."""
    if not stat.S_ISREG(facts.st_mode):
        raise OfficerKeyError(path, expected="a plain file", found=stat.filemode(facts.st_mode))
    if facts.st_mode & 0o077:
        found = f"mode {stat.S_IMODE(facts.st_mode):04o}"
        action = "Others may have read it: revoke this officer's key and make a new one."
        raise OfficerKeyError(path, expected="a key that only its owner can read (0600)", found=found, action=action)
