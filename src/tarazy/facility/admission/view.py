"""The desk's record as the served facility reads it: gate, public pages and the question of a first order.

Another process writes the record. It is replayed anew when the file has grown; a look costs one `stat`. A desk that is
made while the facility is served counts from its next look on; one that was there and is gone is an error, not no desk.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tarazy.facility.admission.acknowledgements import Acknowledgements
from tarazy.facility.admission.desk import AdmissionDesk, DeskOfficer, admission_beside
from tarazy.facility.admission.disclosing import least_version, to_acknowledge
from tarazy.facility.admission.gate import Assets, check_commands, today
from tarazy.facility.admission.state import AdmissionState
from tarazy.platform.signed_acts.record import NAME

Officers = Callable[[], Mapping[int, DeskOfficer]]


class AdmissionView:
    """What one facility's admission desk has decided, as it is now. May be used from several threads."""

    def __init__(self, facility: Path, facility_id: bytes) -> None:
        self._facility, self._facility_id = facility, facility_id
        self._path = admission_beside(facility) / NAME
        self._place = str(self._path)
        self._size, self._state = -1, AdmissionState()
        self._lock = threading.Lock()
        self._turn: float | None = None
        self._confirmed: set[tuple[int, str, int]] = set()  # (account, day, size): who needs no look any more
        self._acknowledgements: Acknowledgements | None = None

    def close(self) -> None:
        """Close what is open."""
        if self._acknowledgements is not None:
            self._acknowledgements.close()

    @property
    def has_desk(self) -> bool:
        """Return whether the facility has, or ever had, a desk."""
        return self._size >= 0 or self._path.is_file()

    @property
    def acknowledgements(self) -> Acknowledgements:
        """Return who has confirmed what; the file is made with the first question after the desk. Raises: OSError."""
        with self._lock:
            if self._acknowledgements is None:
                self._acknowledgements = Acknowledgements(admission_beside(self._facility))
            return self._acknowledgements

    @property
    def state(self) -> AdmissionState:
        """Return the state as the record now has it, empty before there is a desk. Raises: ActRecordError, OSError."""
        with self._lock:
            if self._size < 0 and not os.path.isfile(self._place):  # once for each order: a `Path` costs twice as much
                return self._state
            size = os.stat(self._place).st_size
            if size != self._size:
                with AdmissionDesk.open(self._facility, self._facility_id, {}, reads_only=True) as desk:
                    self._state = desk.state
                self._size = size
                self._confirmed.clear()
            return self._state

    def check(self, commands: Iterable[Any], assets: Assets) -> None:
        """Refuse commands that the desk has not decided. Raises: ActRefusedError, ActRecordError, OSError."""
        state = self.state
        if self.has_desk:
            check_commands(state, commands, assets, today())

    def to_confirm(self, account_id: int, turn: float | None = None) -> dict[str, Mapping[str, Any]]:
        """Return the papers that an account has not confirmed and must, before it orders.

        `turn` names a turn of the caller's loop: within one turn the record is looked at once, for all of its orders.
        """
        state = self._state if turn is not None and turn == self._turn else self.state
        self._turn = turn
        if not state.papers:
            return {}
        day = today()
        key = (account_id, day, self._size)
        if key in self._confirmed:
            return {}
        newest = self.acknowledgements.newest(account_id)
        rows = to_acknowledge(state.papers, day)
        found = {
            head: row for head, row in rows.items() if newest.get(head, 0) < least_version(state.papers, head, day)
        }
        if not found:
            self._confirmed.add(key)
        return found


def view_beside(facility: Path, facility_id: bytes) -> AdmissionView | None:
    """Return the view of a facility's desk, None where it has none."""
    return AdmissionView(facility, facility_id) if (admission_beside(facility) / NAME).is_file() else None
