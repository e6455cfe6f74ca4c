"""One situation for every refusal of order control; see refusals."""

from __future__ import annotations

from tarazy.domain.records import SetCancelTimer
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, Floor
from .refusals import Refused, refuses


@refuses(RejectCode.cancel_timer_too_long)
def cancel_timer_too_long(floor: Floor) -> Refused:
    return Refused(SetCancelTimer(0, ALICE, 86_400_001), 86_400_000, 86_400_001)
