"""The facility's private key: in `<directory>.keys/` beside the folder, so that copying the record copies no key."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tarazy.journal.errors import IdentityError, KeyExistsError, NotAFacilityError, OpenKeyError, ReadFailedError
from tarazy.journal.files import Files, reading
from tarazy.journal.identity import Identity
from tarazy.journal.opening import check_folder, is_there, open_plain, read_fully, reason

KEY_NAME = "facility.key"
KEYS_SUFFIX = ".keys"
KEY_BYTES_MAX = 1000


def keys_folder(directory: Path) -> Path:
    """Return the folder of a facility's keys, beside its own."""
    whole = Path(os.path.abspath(directory))
    return whole.with_name(whole.name + KEYS_SUFFIX)


def key_path(directory: Path) -> Path:
    """Return the file of the facility's private key."""
    return keys_folder(directory) / KEY_NAME


def write_signing_key(files: Files, directory: Path, private_seed: bytes) -> None:
    """Write the private key, durable and for its owner only, where there is none yet.

    Raises: KeyExistsError, StorageError.
    """
    path = key_path(directory)
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


def load_signing_key(directory: Path, identity: Identity) -> Ed25519PrivateKey:
    """Read the private key and check that it is the facility's and that nobody else can read it.

    Raises: NotAFacilityError without a key, OpenKeyError, IdentityError, NotAPlainFileError, ReadFailedError.
    """
    path = key_path(directory)
    check_folder(path.parent)
    if not is_there(path):
        raise NotAFacilityError(
            path,
            expected="the facility's private key",
            found="no such file",
            what="the key is not beside this folder",
            action="Only the operator's own machine has it; a copy can be verified and replayed, not written.",
        )
    text = _read_private(path).decode("ascii", "replace").strip()
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text))
    except ValueError as error:
        raise IdentityError(path, expected="64 hexadecimal digits", found="something else") from error
    public_key = key.public_key().public_bytes_raw()
    if public_key != identity.public_key:
        raise IdentityError(path, expected=f"the key of {identity.public_key.hex()}", found=public_key.hex())
    return key


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
