"""Found a facility: its first officers sign who they are, and are the first commands of its record.

Two people at least are administrators, because every later officer needs two of them. All founders sign the identity:
nobody can be made an officer of a facility without knowing it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.records import EDITION, ROLE_ADMINISTRATOR, ROLE_MACHINE
from tarazy.domain.signer import Signer
from tarazy.facility.officers.errors import OfficersError
from tarazy.facility.officers.roles import EVERY_PERSONS_ROLE, roles_text
from tarazy.journal.create import create_facility
from tarazy.journal.identity import SEGMENT_BYTES, GenesisOfficer, Identity

ADMINISTRATORS_MIN = 2
NS_PER_YEAR = 365 * 86_400 * 10**9
FOR_EVER_NS = (1 << 63) - 1


class Founder(NamedTuple):
    """An officer from the first command on; `roles` is a sum of roles."""

    key: Signer
    roles: int = EVERY_PERSONS_ROLE


class FoundingError(OfficersError):
    """Founders who cannot found a facility."""


def found_facility(
    directory: Path,
    name: str,
    founders: Sequence[Founder],
    *,
    created_ns: int | None = None,
    valid_until_ns: int = FOR_EVER_NS,
    seed: bytes | None = None,
    segment_bytes: int = SEGMENT_BYTES,
) -> Identity:
    """Make a new facility whose officers are the founders, numbered from 1.

    Units: times UTC nanoseconds, `created_ns` None = now; `seed` as for `create_facility`.
    Raises: FoundingError, FacilityExistsError, StorageError.
    """
    check_founders(directory, founders)
    created_ns = time.time_ns() if created_ns is None else created_ns
    officers = [
        GenesisOfficer(founder.key.public_key, founder.roles, created_ns, valid_until_ns) for founder in founders
    ]
    return create_facility(
        directory,
        name,
        edition=EDITION,
        created_ns=created_ns,
        segment_bytes=segment_bytes,
        seed=seed,
        officers=officers,
        sign_officers=lambda message: [founder.key.sign(message) for founder in founders],
    )


def check_founders(directory: Path, founders: Sequence[Founder]) -> None:
    """Refuse founders who could not go on: fewer than two administrators, or one key for two.

    Raises: FoundingError.
    """
    keys = [founder.key.public_key for founder in founders]
    if len(set(keys)) < len(keys):
        action = "Two signatures of one key are not four eyes"
        raise FoundingError(directory, expected="a key of its own for every officer", found="one twice", action=action)
    for founder in founders:
        if not founder.roles or (founder.roles & ROLE_MACHINE and founder.roles != ROLE_MACHINE):
            expected = "roles of a person, or machine alone"
            raise FoundingError(directory, expected=expected, found=roles_text(founder.roles))
    administrators = sum(bool(founder.roles & ROLE_ADMINISTRATOR) for founder in founders)
    if administrators < ADMINISTRATORS_MIN:
        expected = f"at least {ADMINISTRATORS_MIN} administrators among the officers"
        raise FoundingError(directory, expected=expected, found=str(administrators))
