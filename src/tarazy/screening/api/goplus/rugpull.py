"""GET /api/v1/rugpull_detecting/{chain_id}: numbers instead of text, and -1 for unknown."""

from __future__ import annotations

from typing import Any

from tarazy.chains.evm.facts import Ownership
from tarazy.screening.api.goplus.values import BLACK_HOLES, known, number_flag
from tarazy.screening.model import Report

UNKNOWN = -1


def rugpull(report: Report, owner_has_code: bool | None = None) -> dict[str, Any]:
    """Return the result of one contract. `owner_has_code` says whether the owner is a contract; None: not looked at.

    `withdraw_missing` is always -1: whether what was paid in can be taken out again is not looked at.
    """
    source = report.is_open_source
    pairs: dict[str, Any] = {
        "contract_name": report.token.name,
        "owner": owner(report.ownership or Ownership(), owner_has_code),
        "is_open_source": UNKNOWN if source is None else int(source),
        "is_proxy": number_flag(report, "proxy"),
        "privilege_withdraw": number_flag(report, "privileged_withdraw"),
        "withdraw_missing": UNKNOWN,
        "approval_abuse": number_flag(report, "approval_abuse"),
        "blacklist": number_flag(report, "blacklist"),
        "selfdestruct": number_flag(report, "selfdestruct"),
    }
    return known(pairs)


def owner(ownership: Ownership, has_code: bool | None) -> dict[str, Any]:
    """Return the owner and what it is; an unknown owner has no address, a contract without one has an empty address."""
    address = ownership.owner_address
    if not address:
        return {"owner_name": "", "owner_address": address, "owner_type": None}
    if address in BLACK_HOLES:
        kind: str | None = "blackhole"
    else:
        kind = None if has_code is None else "contract" if has_code else "eoa"
    return {"owner_name": "owner", "owner_address": address, "owner_type": kind}
