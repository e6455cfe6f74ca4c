"""The admission desk: takes acts of the facility's officers, checks and writes them, and lets them take effect.

Officers and their keys are those of the facility's record of trading. The record of this desk stands beside it, in
`FACILITY.admission`; its chain starts at a hash of the facility's id. A replay takes keys as they stand in the lines:
`strangers` names the lines whose key the record of trading does not give to that officer now.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.domain.signer import Signer
from tarazy.facility.admission import charter, costs, delistings, disclosing, listings
from tarazy.facility.admission.state import AdmissionState, DeskAct, DeskOccasion
from tarazy.facility.officers.roles import roles_text
from tarazy.platform.signed_acts.errors import ActRecordError, ActRefusedError
from tarazy.platform.signed_acts.fields import check_fields
from tarazy.platform.signed_acts.record import ActLine, ActRecord, UnsignedAct

SKEW_S = 600
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


class AdmissionDesk:
    """The desk of one facility. May be used from several threads."""

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
        self.record, self.officers, self.state = record, officers, AdmissionState()
        self.strangers: list[int] = []
        self._clock, self._lock = clock, threading.Lock()
        try:
            for line in record.lines:
                if until and line.unsigned.at[:10] > until:
                    break
                self._replay(line)
        except BaseException:
            record.close()
            raise

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

    def __enter__(self) -> AdmissionDesk:
        return self

    def __exit__(self, *_: object) -> None:
        self.record.close()

    def now(self) -> str:
        """Return the time, UTC, to the second."""
        return datetime.fromtimestamp(int(self._clock()), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def today(self) -> str:
        """Return the day, UTC."""
        return self.now()[:10]

    def prepare(self, officer_id: int, act: str, subject: str, body: dict[str, Any]) -> UnsignedAct:
        """Return what an officer signs, checked. Raises: ActRefusedError."""
        with self._lock:
            number = len(self.record.lines) + 1
            unsigned = UnsignedAct(number, self.now(), officer_id, act, subject, body, self.record.head)
            self._check_officer(unsigned, None)
            self._check(unsigned)
            return unsigned

    def commit(self, unsigned: UnsignedAct, public_key: bytes, signature: bytes) -> ActLine:
        """Write a signed act and let it take effect.

        Raises: ActRefusedError, ActRecordError; nothing is written then.
        """
        with self._lock:
            if unsigned.previous != self.record.head:
                action = "Look at it once more and sign again"
                raise ActRefusedError("the record", expected="no act since", found="another act", action=action)
            self._check_time(unsigned)
            self._check_officer(unsigned, public_key.hex())
            self._check(unsigned)
            line = self.record.append(unsigned, public_key, signature)
            self._apply(unsigned)
            return line

    def act(self, officer_id: int, signer: Signer, act: str, subject: str, body: dict[str, Any]) -> ActLine:
        """Prepare, sign and commit in one step, where the key is at hand. Raises: as both."""
        unsigned = self.prepare(officer_id, act, subject, body)
        return self.commit(unsigned, signer.public_key, signer.sign(unsigned.message))

    def _replay(self, line: ActLine) -> None:
        act = line.unsigned
        try:
            self._check(act)
        except ActRefusedError as error:
            where = f"{self.record.path}, act {act.number}"
            raise ActRecordError(where, expected="an act that the rules allow", found=str(error)) from error
        officer = self.officers.get(act.officer_id)
        if officer is None or officer.public_key != line.public_key:
            self.strangers.append(act.number)
        self._apply(act)

    def _check_time(self, unsigned: UnsignedAct) -> None:
        last = self.record.lines[-1].unsigned.at if self.record.lines else ""
        try:
            written = datetime.strptime(unsigned.at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise ActRefusedError("at", expected="a time as 2026-01-31T12:00:00Z", found=unsigned.at[:40]) from None
        if unsigned.at < last or abs(written - self._clock()) > SKEW_S:
            expected = f"a time not before {last or 'now'} and within {SKEW_S} s of now"
            raise ActRefusedError("at", expected=expected, found=unsigned.at, action="Prepare it anew")

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

    def _check(self, unsigned: UnsignedAct) -> None:
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
