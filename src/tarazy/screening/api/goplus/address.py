"""GET /api/v1/address_security/{address}: what supplied lists and own screenings say of an address.

A key of crime or sanction is answered from supplied lists alone. "0" is sent only where a list states that it is
complete; otherwise an address that no list holds has no key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tarazy.screening.api.goplus.values import boolean_flag, flag, known
from tarazy.screening.model import Answer, Report, answer_of
from tarazy.screening.service.lists import LISTED_KEYS


class CreatorRecord(NamedTuple):
    """What own screenings say of an address as a creator of tokens."""

    screened: int
    malicious: int
    honeypots: int


def address_security(
    listed: Mapping[str, bool],
    sources: tuple[str, ...],
    is_contract: bool | None,
    report: Report | None,
    record: CreatorRecord | None,
) -> dict[str, Any]:
    """Return the result of one address.

    `listed` maps a key to whether a list holds the address; a key that no list can answer is missing. `report` is the
    screening of the contract at the address, `record` what is known of it as a creator.
    """
    pairs: dict[str, Any] = {key: boolean_flag(listed.get(key)) for key in LISTED_KEYS}
    pairs["contract_address"] = boolean_flag(is_contract)
    pairs["data_source"] = ", ".join(sources)
    if report is not None:
        own = {"gas_abuse": flag(report, "gas_abuse"), "fake_token": flag(report, "impersonation")}
        pairs |= {key: worse(pairs[key], value) for key, value in own.items()}
        if answer_of(report, "honeypot") is Answer.YES:
            pairs["honeypot_related_address"] = "1"
    if record is not None and record.screened:
        pairs["number_of_malicious_contracts_created"] = str(record.malicious)
        if record.honeypots:
            pairs["honeypot_related_address"] = "1"
    return known(pairs)


def worse(one: str | None, other: str | None) -> str | None:
    """Return "1" where either says so, else what is known."""
    return max((each for each in (one, other) if each is not None), default=None)
