"""Every key that an officer of a record has had, in order: a trail of acts outlives the key of its first lines.

The published events have them all; the state has the newest alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tarazy.domain.records import RECORD_SIZE, EventKind, OfficerKeyRotated, OfficerRegistered
from tarazy.journal.follow_events import EventsFollower

KINDS: dict[int, type[OfficerRegistered] | type[OfficerKeyRotated]] = {
    EventKind.officer_registered: OfficerRegistered,
    EventKind.officer_key_rotated: OfficerKeyRotated,
}


def keys_of_officers(directory: Path, now: Mapping[int, bytes]) -> dict[int, tuple[bytes, ...]]:
    """Return the public keys of each officer, the oldest first; `now` are those that the state has.

    Cost: the events are read once. Raises: DamageError, StorageError.
    """
    found = dict[int, list[bytes]]()
    with EventsFollower(directory) as follower:
        while frames := follower.poll():
            for _, events in frames:
                for each in keys_in(events):
                    found.setdefault(each.officer_id, []).append(each.public_key)
    for officer_id, key in now.items():
        if key not in found.setdefault(officer_id, []):
            found[officer_id].append(key)
    return {officer_id: tuple(keys) for officer_id, keys in found.items()}


def keys_in(events: bytes) -> Iterator[OfficerRegistered | OfficerKeyRotated]:
    """Yield the events of a frame that give an officer a key, in order."""
    low = events[::RECORD_SIZE]
    if not any(kind & 0xFF in low for kind in KINDS):
        return
    for at in range(0, len(events), RECORD_SIZE):
        kind = KINDS.get(int.from_bytes(events[at : at + 2], "little"))
        if kind is not None:
            yield kind.unpack(events, at)
