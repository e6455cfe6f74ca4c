"""The first frame of a journal: it names the facility's key and registers the officers of the signed identity."""

from __future__ import annotations

from tarazy.domain.records import CommandKind, RegisterOfficer, RotateFacilityKey
from tarazy.journal.identity import Identity

GENESIS_KINDS = (CommandKind.register_officer, CommandKind.rotate_facility_key)


def genesis_commands(identity: Identity) -> bytes:
    """Return the commands of the first frame, n * 96 bytes; empty where the identity names no officer.

    The key comes first, so that the engine refuses an officer who has it.
    """
    if not identity.officers:
        return b""
    officers = (
        RegisterOfficer(
            officer.roles, identity.created_ns, officer.valid_from_ns, officer.valid_until_ns, officer.public_key
        ).pack()
        for officer in identity.officers
    )
    return RotateFacilityKey(identity.created_ns, identity.public_key).pack() + b"".join(officers)
