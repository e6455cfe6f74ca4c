"""One situation for every refusal of fees, tick sizes and delistings; see refusals."""

from __future__ import annotations

from tarazy.domain.records import FeeBasis, SetFees
from tarazy.domain.reject_codes import RejectCode

from ...floor import MARKET, Floor
from .refusals import HASH, Refused, refuses


@refuses(RejectCode.fees_invalid)
def fees_invalid(floor: Floor) -> Refused:
    return Refused(SetFees(FeeBasis.own, 0, 0, MARKET, 0, 300, 200, 0, 0, HASH), 200, 300)
