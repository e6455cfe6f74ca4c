"""Who a facility is: `facility.json`, public, signed by its key and by its first officers, the start of the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.journal.documents import canonical, parse_document, shown
from tarazy.journal.errors import IdentityError, NotAFacilityError
from tarazy.journal.opening import is_there, read_plain

FORMAT = 1
IDENTITY_NAME = "facility.json"
IDENTITY_BYTES_MAX = 1 << 20
OFFICERS_MAX = 1000
NAME_CHARACTERS_MAX = 200
SECTOR_BYTES = 4096
SECTOR_BYTES_MIN, SECTOR_BYTES_MAX = 512, 65536
SEGMENT_BYTES = 64 << 20
SEGMENT_BYTES_MIN, SEGMENT_BYTES_MAX = 8192, 1 << 30
SIGNED_PREFIX = b"tarazy facility 1\n"

_FIELDS = {
    "format",
    "name",
    "facility_id",
    "public_key",
    "edition",
    "created_ns",
    "segment_bytes",
    "sector_bytes",
    "officers",
    "signatures",
}
_OFFICER_FIELDS = {"public_key", "roles", "valid_from_ns", "valid_until_ns"}


class GenesisOfficer(NamedTuple):
    """An officer whom the facility begins with; the number is the place in the list, from 1.

    Units: `roles` a bit mask; times UTC nanoseconds, `valid_until_ns` 0 = without end.
    """

    public_key: bytes
    roles: int
    valid_from_ns: int = 0
    valid_until_ns: int = 0


@dataclass(frozen=True)
class Identity:
    """What `facility.json` says; `genesis_hash` is SHA-256 of its bytes, which the first frame names as its past."""

    name: str
    facility_id: bytes
    public_key: bytes
    edition: int
    created_ns: int
    segment_bytes: int
    sector_bytes: int
    officers: tuple[GenesisOfficer, ...]
    genesis_hash: bytes


def identity_document(
    name: str,
    facility_id: bytes,
    public_key: bytes,
    *,
    edition: int,
    created_ns: int,
    segment_bytes: int = SEGMENT_BYTES,
    sector_bytes: int = SECTOR_BYTES,
    officers: Sequence[GenesisOfficer] = (),
) -> dict[str, Any]:
    """Return what `facility.json` says before it is signed."""
    return {
        "format": FORMAT,
        "name": name,
        "facility_id": facility_id.hex(),
        "public_key": public_key.hex(),
        "edition": edition,
        "created_ns": created_ns,
        "segment_bytes": segment_bytes,
        "sector_bytes": sector_bytes,
        "officers": [{**officer._asdict(), "public_key": officer.public_key.hex()} for officer in officers],
    }


def signed_bytes(document: dict[str, Any]) -> bytes:
    """Return what the facility and every officer of the list sign: the document without its signatures."""
    return SIGNED_PREFIX + canonical({name: value for name, value in document.items() if name != "signatures"})


def encode_identity(document: dict[str, Any], signatures: Sequence[bytes]) -> bytes:
    """Return the bytes of `facility.json`; the signatures are the facility's and then the officers', in their order."""
    return shown({**document, "signatures": [signature.hex() for signature in signatures]})


def parse_identity(path: Path, text: bytes) -> Identity:
    """Read the bytes of `facility.json` and check its signatures; `path` is for the error.

    Raises: IdentityError.
    """
    try:
        document = parse_document(text)
        identity = _read(document, sha256(text).digest())
        signatures = [_hex(signature, 64) for signature in document["signatures"]]
        _check_sizes(identity)
    except (ValueError, KeyError, TypeError) as error:
        raise IdentityError(path, expected="a JSON object with the facility's fields", found=str(error)) from error
    _check_signatures(path, identity, signed_bytes(document), signatures)
    return identity


def load_identity(directory: Path) -> Identity:
    """Read `facility.json`."""
    path = Path(directory) / IDENTITY_NAME
    if not is_there(path):
        raise NotAFacilityError(Path(directory), expected=IDENTITY_NAME, found="no such file")
    return parse_identity(path, read_plain(path, IDENTITY_BYTES_MAX, "read the facility's identity"))


def _read(document: dict[str, Any], genesis_hash: bytes) -> Identity:
    """Return what a document says; anything missing, more, or of another type is a ValueError."""
    if set(document) != _FIELDS:
        odd = ", ".join(sorted(set(document) ^ _FIELDS))
        raise ValueError(f"fields missing or unknown: {odd[:100]}")
    if _number(document["format"], 1 << 32) != FORMAT:
        raise ValueError(f"format {document['format']}, expected {FORMAT}")
    name = document["name"]
    if not isinstance(name, str) or len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
        raise ValueError(f"a name that is no text of at most {NAME_CHARACTERS_MAX} characters that can be printed")
    if not isinstance(document["officers"], list) or len(document["officers"]) > OFFICERS_MAX:
        raise ValueError(f"officers that are no list of at most {OFFICERS_MAX}")
    return Identity(
        name=name,
        facility_id=_hex(document["facility_id"], 16),
        public_key=_hex(document["public_key"], 32),
        edition=_number(document["edition"], 1 << 32),
        created_ns=_number(document["created_ns"], 1 << 64),
        segment_bytes=_number(document["segment_bytes"], 1 << 64),
        sector_bytes=_number(document["sector_bytes"], 1 << 32),
        officers=tuple(_officer(officer) for officer in document["officers"]),
        genesis_hash=genesis_hash,
    )


def _officer(document: Any) -> GenesisOfficer:
    """Return one officer of the list."""
    if not isinstance(document, dict) or set(document) != _OFFICER_FIELDS:
        raise ValueError("an officer without exactly public_key, roles, valid_from_ns and valid_until_ns")
    return GenesisOfficer(
        _hex(document["public_key"], 32),
        _number(document["roles"], 1 << 16),
        _number(document["valid_from_ns"], 1 << 64),
        _number(document["valid_until_ns"], 1 << 64),
    )


def _number(value: Any, limit: int) -> int:
    """Return an integer of a document."""
    if type(value) is not int or not 0 <= value < limit:
        raise ValueError(f"expected an integer from 0 to {limit - 1}, found {str(value)[:40]}")
    return value


def _hex(value: Any, size: int) -> bytes:
    """Return bytes of a document."""
    if not isinstance(value, str) or len(value) != 2 * size:
        raise ValueError(f"expected {2 * size} hexadecimal digits, found {str(value)[:140]}")
    return bytes.fromhex(value)


def _check_sizes(identity: Identity) -> None:
    """Refuse sizes that no facility is created with."""
    sector, segment = identity.sector_bytes, identity.segment_bytes
    if not SECTOR_BYTES_MIN <= sector <= SECTOR_BYTES_MAX or sector & (sector - 1):
        raise ValueError(f"expected sector_bytes a power of two from 512 to 65536, found {sector}")
    if not SEGMENT_BYTES_MIN <= segment <= SEGMENT_BYTES_MAX or segment % sector or segment < 2 * sector:
        allowed = f"from {SEGMENT_BYTES_MIN} to {SEGMENT_BYTES_MAX}"
        raise ValueError(f"expected segment_bytes a multiple of {sector}, two or more, {allowed}, found {segment}")


def _check_signatures(path: Path, identity: Identity, message: bytes, signatures: list[bytes]) -> None:
    """Refuse an identity that the facility, or one of its first officers, did not sign."""
    keys = [identity.public_key, *(officer.public_key for officer in identity.officers)]
    if len(signatures) != len(keys):
        raise IdentityError(path, expected=f"{len(keys)} signatures", found=f"{len(signatures)}")
    for number, (key, signature) in enumerate(zip(keys, signatures, strict=True)):
        try:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        except (InvalidSignature, ValueError) as error:
            who = f"officer {number}" if number else "the facility"
            raise IdentityError(
                path, expected=f"a signature by {who} with the key {key.hex()}", found="another signature"
            ) from error
