"""Who a facility is: `facility.json` (public, the start of the chain) and `facility.key` (private, the operator's)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tarazy.journal.errors import IdentityError, NotAFacilityError
from tarazy.journal.files import reading, storing

FORMAT = 1
IDENTITY_NAME = "facility.json"
KEY_NAME = "facility.key"


@dataclass(frozen=True)
class Identity:
    """What `facility.json` says; `genesis_hash` is SHA-256 of its bytes, which the first frame names as its past."""

    name: str
    facility_id: bytes
    public_key: bytes
    edition: int
    created_ns: int
    genesis_hash: bytes


def encode_identity(name: str, facility_id: bytes, public_key: bytes, edition: int, created_ns: int) -> bytes:
    """Return the bytes of `facility.json`."""
    document = {
        "format": FORMAT,
        "name": name,
        "facility_id": facility_id.hex(),
        "public_key": public_key.hex(),
        "edition": edition,
        "created_ns": created_ns,
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def parse_identity(path: Path, text: bytes) -> Identity:
    """Read the bytes of `facility.json`; `path` is for the error."""
    try:
        document = json.loads(text)
        lengths = (len(document["facility_id"]), len(document["public_key"]), document["format"])
        identity = Identity(
            name=str(document["name"]),
            facility_id=bytes.fromhex(document["facility_id"]),
            public_key=bytes.fromhex(document["public_key"]),
            edition=int(document["edition"]),
            created_ns=int(document["created_ns"]),
            genesis_hash=sha256(text).digest(),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise IdentityError(path, expected="a JSON object with the facility's fields", found=repr(error)) from error
    if lengths != (32, 64, FORMAT):
        raise IdentityError(
            path,
            expected=f"a facility_id of 32 digits, a public_key of 64 digits, format {FORMAT}",
            found=f"{lengths[0]} digits, {lengths[1]} digits, format {lengths[2]}",
        )
    return identity


def load_identity(directory: Path) -> Identity:
    """Read `facility.json`."""
    path = Path(directory) / IDENTITY_NAME
    if not path.exists():
        raise NotAFacilityError(Path(directory), expected=IDENTITY_NAME, found="no such file")
    with reading(path, "read the facility's identity"):
        text = path.read_bytes()
    return parse_identity(path, text)


def write_signing_key(path: Path, private_seed: bytes) -> None:
    """Write the private key so that only its owner can read it."""
    with storing(path, "write the facility's key"):
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(fd, "w", encoding="ascii") as file:
            file.write(private_seed.hex() + "\n")
            file.flush()
            os.fsync(file.fileno())


def load_signing_key(directory: Path, identity: Identity) -> Ed25519PrivateKey:
    """Read the private key and check that it belongs to the facility."""
    path = Path(directory) / KEY_NAME
    if not path.exists():
        raise NotAFacilityError(
            path,
            expected="the facility's private key",
            found="no such file",
            what="the key is not in this folder",
            action="Only the operator's own folder has it; a copy can be verified and replayed, not written.",
        )
    with reading(path, "read the facility's key"):
        text = path.read_text(encoding="ascii", errors="replace")
    try:
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(text.strip()))
    except ValueError as error:
        raise IdentityError(path, expected="64 hexadecimal digits", found=str(error)) from error
    public_key = key.public_key().public_bytes_raw()
    if public_key != identity.public_key:
        raise IdentityError(path, expected=f"the key of {identity.public_key.hex()}", found=public_key.hex())
    return key
