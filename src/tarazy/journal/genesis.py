"""The first frame of a journal: it registers the officers of the signed identity, in their order, and nothing else."""

from __future__ import annotations

from tarazy.domain.records import RegisterOfficer
from tarazy.journal.identity import Identity


def genesis_commands(identity: Identity) -> bytes:
    """Return the commands of the first frame, n * 96 bytes; empty where the identity names no officer."""
    return b"".join(
        RegisterOfficer(
            officer.roles, identity.created_ns, officer.valid_from_ns, officer.valid_until_ns, officer.public_key
        ).pack()
        for officer in identity.officers
    )
