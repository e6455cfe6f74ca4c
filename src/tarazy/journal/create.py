"""Create a facility: key, first segment, and `facility.json` last, so that a folder with that file is complete."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tarazy.journal.allocation import allocate_spare, place_segment, segment_header
from tarazy.journal.errors import FacilityExistsError, FrameTooLargeError
from tarazy.journal.files import Files, write_whole
from tarazy.journal.identity import (
    IDENTITY_NAME,
    KEY_NAME,
    Identity,
    encode_identity,
    parse_identity,
    write_signing_key,
)
from tarazy.journal.reader import genesis
from tarazy.journal.segment import SEGMENT_BYTES, SEGMENT_BYTES_MIN, segment_path


def create_facility(
    directory: Path,
    name: str,
    *,
    edition: int,
    segment_bytes: int = SEGMENT_BYTES,
    created_ns: int | None = None,
    seed: bytes | None = None,
    files: Files | None = None,
) -> Identity:
    """Make a new facility in an empty folder.

    Units: `created_ns` UTC nanoseconds, None = now; `seed` 48 bytes that fix its number and its key, None = random.
    Raises: FacilityExistsError, StorageError.
    """
    directory, files = Path(directory), files or Files()
    for name_found in (IDENTITY_NAME, segment_path(directory, 1).relative_to(directory)):
        if (directory / name_found).exists():
            raise FacilityExistsError(directory, expected="an empty folder", found=str(name_found))
    if segment_bytes < SEGMENT_BYTES_MIN:
        found = f"segment_bytes {segment_bytes}"
        raise FrameTooLargeError(directory, expected=f"segments of at least {SEGMENT_BYTES_MIN} bytes", found=found)
    facility_id, private_seed = _split_seed(secrets.token_bytes(48) if seed is None else seed)
    public_key = Ed25519PrivateKey.from_private_bytes(private_seed).public_key().public_bytes_raw()
    text = encode_identity(name, facility_id, public_key, edition, time.time_ns() if created_ns is None else created_ns)
    identity = parse_identity(directory / IDENTITY_NAME, text)
    for folder in (directory / "segments", directory / "snapshots"):
        files.make_folder(folder)
    write_signing_key(directory / KEY_NAME, private_seed)
    fd = allocate_spare(files, directory, segment_bytes)
    try:
        place_segment(files, directory, fd, segment_header(identity, genesis(identity), segment_bytes))
    finally:
        files.close(fd)
    write_whole(files, directory / IDENTITY_NAME, [text])
    return identity


def _split_seed(seed: bytes) -> tuple[bytes, bytes]:
    """Return the facility's number and its private key."""
    if len(seed) != 48:
        raise ValueError(f"a facility's seed has 48 bytes, this one has {len(seed)}")
    return seed[:16], seed[16:]
