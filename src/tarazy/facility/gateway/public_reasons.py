"""What a client is told where a refusal may come of checks against laundering, sanctions or abuse: a coarse reason.

Who is told that it is looked at is warned, and warning it is an offence where a report is being made. So refusals that
such checks bring about are told in the same few words as harmless ones, without what was expected and found. The record
has the whole reason, and officers read it there (`tarazy explain`).
"""

from __future__ import annotations

from tarazy.domain.records import WithdrawalReason
from tarazy.domain.reject_codes import RejectCode

# An account is restricted or frozen for many reasons, of which a check is one; the state by itself would tell which.
COARSE_REFUSALS = frozenset({RejectCode.account_not_active})
COARSE_NAME = "not_available"
COARSE_ADVICE = "The account cannot do this now. Write to client service, which answers what can be told."
# What a withdrawal was refused for by officers: a destination on a list and a client under a check are told alike.
COARSE_WITHDRAWALS = frozenset({WithdrawalReason.compliance, WithdrawalReason.destination})
DECLINED = "declined"


def is_coarse(code: RejectCode) -> bool:
    """Return whether a refusal is told to the client in coarse words."""
    return code in COARSE_REFUSALS


def withdrawal_reason(reason: int) -> str | None:
    """Return why a withdrawal was refused, as its client is told; None where it was not."""
    if not reason:
        return None
    return DECLINED if reason in COARSE_WITHDRAWALS else WithdrawalReason(reason).name
