"""The facility's private keys: in `<directory>.keys/` beside the folder, so that copying the record copies no key.

`facility.key` is the first; `facility-<first 16 digits of the public key>.key` are those that follow it after a signed
RotateFacilityKey. A key file is never overwritten. The facility signs with a new key from the first start on that
finds the act in the journal.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from tarazy.domain.signer import KeySigner, Signer
from tarazy.journal.errors import IdentityError, KeyExistsError, NotAFacilityError, OpenKeyError, ReadFailedError
from tarazy.journal.files import Files, reading
from tarazy.journal.identity import Identity
from tarazy.journal.opening import check_folder, is_there, open_plain, read_fully, reason

KEY_NAME = "facility.key"
KEYS_SUFFIX = ".keys"
KEY_BYTES_MAX = 1000
_KEY_NAMES = re.compile(r"facility(-[0-9a-f]{16})?\.key")


def keys_folder(directory: Path) -> Path:
    """Return the folder of a facility's keys, beside its own."""
    whole = Path(os.path.abspath(directory))
    return whole.with_name(whole.name + KEYS_SUFFIX)


def key_path(directory: Path) -> Path:
    """Return the file of the facility's first private key."""
    return keys_folder(directory) / KEY_NAME


def next_key_path(directory: Path, public_key: bytes) -> Path:
    """Return the file of a private key that follows the first."""
    return keys_folder(directory) / f"facility-{public_key.hex()[:16]}.key"


def write_signing_key(files: Files, directory: Path, private_seed: bytes) -> None:
    """Write the first private key, durable and for its owner only, where there is none yet.

    Raises: KeyExistsError, StorageError.
    """
    _write(files, key_path(directory), private_seed)


def add_signing_key(files: Files, directory: Path, private_seed: bytes) -> bytes:
    """Write a key to which the facility's officers may rotate; return its public key, for the instruction.

    Raises: KeyExistsError, StorageError.
    """
    public_key = KeySigner.from_seed(private_seed).public_key
    _write(files, next_key_path(directory, public_key), private_seed)
    return public_key


def _write(files: Files, path: Path, private_seed: bytes) -> None:
    """Write a key file where there is none."""
    files.make_folder(path.parent, mode=0o700)
    with reading(path.parent, "read the folder's rights"):
        check_private(path.parent, path.parent.lstat())
    try:
        fd = files.open_new(path, 0o600)
    except FileExistsError as error:
        raise KeyExistsError(path, expected="no file", found="a key") from error
    try:
        files.write(fd, path, [private_seed.hex().encode() + b"\n"], 0)
        files.sync(fd, path)
    finally:
        files.close(fd)
    files.sync_folder(path.parent)


def load_signing_key(directory: Path, identity: Identity, public_key: bytes | None = None) -> Signer:
    """Read the private key of a public key, None = the one in facility.json; nobody else may be able to read it.

    Raises: NotAFacilityError without a key, OpenKeyError, IdentityError, NotAPlainFileError, ReadFailedError.
    """
    expected = identity.public_key if public_key is None else public_key
    path = key_path(directory) if expected == identity.public_key else next_key_path(directory, expected)
    check_folder(path.parent)
    if not is_there(path):
        raise missing_key_error(path, expected)
    text = _read_private(path).decode("ascii", "replace").strip()
    try:
        key = KeySigner.from_seed(bytes.fromhex(text))
    except ValueError as error:
        raise IdentityError(path, expected="64 hexadecimal digits", found="something else") from error
    found = key.public_key
    if found != expected:
        raise IdentityError(path, expected=f"the key of {expected.hex()}", found=found.hex())
    return key


def missing_key_error(path: Path, public_key: bytes) -> NotAFacilityError:
    """Return the error for a private key that is not here."""
    return NotAFacilityError(
        path,
        expected=f"the private key of {public_key.hex()}",
        found="no such file",
        what="the key is not beside this folder",
        action="Only the operator's own machine has it; a copy can be verified and replayed, not written.",
    )


def own_public_keys(directory: Path) -> set[bytes]:
    """Return the public keys of all the facility's private keys that lie here.

    Raises: OpenKeyError, IdentityError, NotAPlainFileError, ReadFailedError.
    """
    folder = keys_folder(directory)
    check_folder(folder)
    if not is_there(folder):
        return set()
    with reading(folder, "list the keys"):
        names = sorted(name for name in os.listdir(folder) if _KEY_NAMES.fullmatch(name))
    found = set()
    for name in names:
        text = _read_private(folder / name).decode("ascii", "replace").strip()
        try:
            found.add(KeySigner.from_seed(bytes.fromhex(text)).public_key)
        except ValueError as error:
            raise IdentityError(folder / name, expected="64 hexadecimal digits", found="something else") from error
    return found


def check_private(path: Path, found: os.stat_result) -> None:
    """Refuse a key, or a folder of keys, that others than its owner can read or change."""
    if stat.S_IMODE(found.st_mode) & 0o077:
        mode = f"{stat.S_IMODE(found.st_mode):o}"
        raise OpenKeyError(path, expected="rights for the owner only", found=f"mode {mode}")


def _read_private(path: Path) -> bytes:
    """Return the bytes of a key file."""
    try:
        check_private(path.parent, path.parent.lstat())
        fd = open_plain(path)
        try:
            check_private(path, os.fstat(fd))
            return read_fully(fd, 0, KEY_BYTES_MAX)
        finally:
            os.close(fd)
    except OSError as error:
        raise ReadFailedError(path, expected="to read the facility's key", found=reason(error)) from error
