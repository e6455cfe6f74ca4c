"""One situation for every refusal of order control; see refusals."""

from __future__ import annotations

from tarazy.domain.records import RequestWithdrawal, SetCancelTimer
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BTC, Floor
from .refusals import HASH, Refused, refuses


@refuses(RejectCode.cancel_timer_too_long)
def cancel_timer_too_long(floor: Floor) -> Refused:
    return Refused(SetCancelTimer(0, ALICE, 86_400_001), 86_400_000, 86_400_001)


@refuses(RejectCode.client_request_id_taken)
def client_request_id_taken(floor: Floor) -> Refused:
    request = RequestWithdrawal(0, ALICE, BTC, 5, HASH, 7)
    seq = floor.do(request)[0].seq
    return Refused(request, seq, floor.venue.next_seq)
