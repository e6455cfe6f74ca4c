"""Create a facility: key, first segment, and `facility.json` last, so that a folder with that file is complete."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tarazy.domain.signer import KeySigner
from tarazy.journal.allocation import allocate_spare, place_segment
from tarazy.journal.errors import FacilityExistsError, FrameTooLargeError
from tarazy.journal.files import Files, write_whole
from tarazy.journal.identity import (
    IDENTITY_NAME,
    SECTOR_BYTES,
    SEGMENT_BYTES,
    SEGMENT_BYTES_MIN,
    GenesisOfficer,
    Identity,
    encode_identity,
    identity_document,
    parse_identity,
    signed_bytes,
)
from tarazy.journal.keys import write_signing_key
from tarazy.journal.opening import is_there
from tarazy.journal.segment import first_segment_header, segment_path

SignAll = Callable[[bytes], Sequence[bytes]]


def create_facility(
    directory: Path,
    name: str,
    *,
    edition: int,
    segment_bytes: int = SEGMENT_BYTES,
    sector_bytes: int = SECTOR_BYTES,
    created_ns: int | None = None,
    seed: bytes | None = None,
    officers: Sequence[GenesisOfficer] = (),
    sign_officers: SignAll = lambda message: [],
    files: Files | None = None,
) -> Identity:
    """Make a new facility in an empty folder, and its key in the folder `<directory>.keys` beside it.

    `sign_officers` returns one signature for each of `officers`, in their order, over the bytes that it is given;
    with `created_ns` and `seed` fixed these bytes are known beforehand.
    Units: `created_ns` UTC nanoseconds, None = now; `seed` 48 bytes that fix its number and its key, None = random.
    Raises: FacilityExistsError, KeyExistsError, IdentityError, StorageError.
    """
    directory, files = Path(directory), files or Files()
    for name_found in (IDENTITY_NAME, segment_path(directory, 1).relative_to(directory)):
        if is_there(directory / name_found):
            raise FacilityExistsError(directory, expected="an empty folder", found=str(name_found))
    if segment_bytes < SEGMENT_BYTES_MIN:
        found = f"segment_bytes {segment_bytes}"
        raise FrameTooLargeError(directory, expected=f"segments of at least {SEGMENT_BYTES_MIN} bytes", found=found)
    facility_id, private_seed = _split_seed(secrets.token_bytes(48) if seed is None else seed)
    key = KeySigner.from_seed(private_seed)
    document = identity_document(
        name,
        facility_id,
        key.public_key,
        edition=edition,
        created_ns=time.time_ns() if created_ns is None else created_ns,
        segment_bytes=segment_bytes,
        sector_bytes=sector_bytes,
        officers=officers,
    )
    message = signed_bytes(document)
    text = encode_identity(document, [key.sign(message), *sign_officers(message)])
    identity = parse_identity(directory / IDENTITY_NAME, text)
    for folder in (directory / "segments", directory / "snapshots"):
        files.make_folder(folder)
    write_signing_key(files, directory, private_seed)
    fd = allocate_spare(files, directory, segment_bytes)
    try:
        place_segment(files, directory, fd, first_segment_header(identity))
    finally:
        files.close(fd)
    write_whole(files, directory / IDENTITY_NAME, [text])
    return identity


def _split_seed(seed: bytes) -> tuple[bytes, bytes]:
    """Return the facility's number and its private key."""
    if len(seed) != 48:
        raise ValueError(f"a facility's seed has 48 bytes, this one has {len(seed)}")
    return seed[:16], seed[16:]
