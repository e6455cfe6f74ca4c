"""The facility's key after a rotation: the event that an engine gives is what makes it the facility's, not the command.

`verify` knows no state: a RotateFacilityKey that officers signed counts for it, even where the engine refused it. A
replay has the events, and refuses a record in which a key signed that no engine accepted.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from tarazy.domain.records import RECORD_SIZE, EventKind, FacilityKeyRotated
from tarazy.journal.errors import SignatureError
from tarazy.journal.identity import Identity


def rotated_keys(events: bytes) -> list[bytes]:
    """Return the keys that the FacilityKeyRotated of some events name, in order."""
    low, found = events[::RECORD_SIZE], []
    at = low.find(EventKind.facility_key_rotated)
    while at >= 0:
        if events[at * RECORD_SIZE + 1] == 0:
            found.append(FacilityKeyRotated.unpack(events, at * RECORD_SIZE).public_key)
        at = low.find(EventKind.facility_key_rotated, at + 1)
    return found


def rotated_key(events: bytes) -> bytes:
    """Return the key that the last FacilityKeyRotated of some events names; empty where there is none."""
    return (rotated_keys(events) or [b""])[-1]


def check_rotations(directory: Path, identity: Identity, used: Collection[bytes], accepted: Collection[bytes]) -> None:
    """Refuse a record that was signed with a key to which the facility never rotated.

    `used` are the keys that signed its statements and heads, `accepted` those of the events of a whole replay.
    Raises: SignatureError.
    """
    for key in sorted(set(used) - {identity.public_key, *accepted}):
        raise SignatureError(
            Path(directory),
            expected="statements and heads signed by the facility's key, or by one that a rotation in the record named",
            found=f"some signed by {key.hex()}, whose rotation was refused",
        )
