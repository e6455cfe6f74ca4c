"""The admission desk: takes acts of the facility's officers, checks and writes them, and lets them take effect.

Officers and their keys are those of the facility's record of trading. The record of this desk stands beside it, in
`FACILITY.admission`; its chain starts at a hash of the facility's id. A replay takes keys as they stand in the lines:
`strangers` names the lines whose key the record of trading does not give to that officer now.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

from tarazy.facility.admission import charter, costs, delistings, disclosing, listings
from tarazy.facility.admission.state import AdmissionState, DeskAct, DeskOccasion
from tarazy.facility.officers.roles import roles_text
from tarazy.platform.signed_acts.desk import SignedActDesk
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import check_fields
from tarazy.platform.signed_acts.record import ActLine, ActRecord, UnsignedAct

DESK_ACTS: dict[str, DeskAct] = {
    act.name: act for module in (charter, listings, delistings, disclosing, costs) for act in module.ACTS
}


class DeskOfficer(NamedTuple):
    """An officer as the record of trading knows it; `public_key` in hexadecimal digits."""

    officer_id: int
    public_key: str
    roles: int
    is_active: bool


def admission_beside(facility: Path) -> Path:
    """Return the folder of a facility's admission desk: `<facility>.admission` beside its record."""
    return facility.with_name(f"{facility.name}.admission")


def chain_start(facility_id: bytes) -> str:
    """Return what the first line of this facility's desk follows."""
    return sha256(b"tarazy admission desk 1\n" + facility_id).hexdigest()


class AdmissionDesk(SignedActDesk):
    """The desk of one facility."""

    def __init__(
        self,
        record: ActRecord,
        officers: Mapping[int, DeskOfficer],
        clock: Callable[[], float] = time.time,
        until: str = "",
    ) -> None:
        """Replay the record, to the end of a day where `until` names one and the record is only read.

        Raises: ActRecordError where a line could not have been written.
        """
        super().__init__(record, clock)
        self.officers, self.state = officers, AdmissionState()
        self.strangers: list[int] = []
        self._replay(takewhile(lambda line: not until or line.unsigned.at[:10] <= until, record.lines))

    @classmethod
    def open(
        cls,
        facility: Path,
        facility_id: bytes,
        officers: Mapping[int, DeskOfficer],
        *,
        new: bool = False,
        reads_only: bool = False,
        until: str = "",
    ) -> AdmissionDesk:
        """Open the desk beside a facility's record; as it was at the end of the day `until` it is only read.

        Raises: ActRecordError.
        """
        start = chain_start(facility_id)
        record = ActRecord(admission_beside(facility), new=new, reads_only=reads_only or bool(until), start=start)
        return cls(record, officers, until=until)

    def _check(self, unsigned: UnsignedAct, public_key: bytes | None) -> None:
        self._check_officer(unsigned, public_key.hex() if public_key is not None else None)
        self._check_act(unsigned)

    def _check_replayed(self, line: ActLine) -> None:
        act = line.unsigned
        self._check_act(act)
        officer = self.officers.get(act.officer_id)
        if officer is None or officer.public_key != line.public_key:
            self.strangers.append(act.number)

    def _check_officer(self, unsigned: UnsignedAct, public_key: str | None) -> None:
        """Check who acts, as the record of trading knows it now; `public_key` None: it is not signed yet."""
        known = DESK_ACTS.get(unsigned.act)
        if known is None:
            raise ActRefusedError("act", expected=f"one of {', '.join(DESK_ACTS)}", found=unsigned.act[:80])
        officer = self.officers.get(unsigned.officer_id)
        if officer is None or not officer.is_active or not officer.roles & known.roles:
            expected = f"an active officer with one of {roles_text(known.roles)}"
            raise ActRefusedError(unsigned.act, expected=expected, found=f"officer {unsigned.officer_id}")
        if public_key is not None and public_key != officer.public_key:
            expected = f"the key {officer.public_key[:16]} of officer {officer.officer_id}"
            raise ActRefusedError(unsigned.act, expected=expected, found=public_key[:16])

    def _check_act(self, unsigned: UnsignedAct) -> None:
        known = DESK_ACTS.get(unsigned.act)
        if known is None:
            raise ActRefusedError("act", expected=f"one of {', '.join(DESK_ACTS)}", found=unsigned.act[:80])
        check_fields(known.name, known.fields, unsigned.body)
        known.check(self.state, occasion_of(unsigned))

    def _apply(self, unsigned: UnsignedAct) -> None:
        DESK_ACTS[unsigned.act].apply(self.state, occasion_of(unsigned))


def occasion_of(unsigned: UnsignedAct) -> DeskOccasion:
    """Return an act as its kind's functions take it."""
    return DeskOccasion(unsigned.subject, unsigned.body, unsigned.at, unsigned.officer_id, unsigned.number)
