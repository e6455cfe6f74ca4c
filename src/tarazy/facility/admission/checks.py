"""What is wrong with admissions and disclosures on a day: the desk's papers against the record of trading.

The record is read as it is: each `AdmitAsset` that was ordered, and the status that assets have now. So whoever has
both folders, a supervisor too, finds what was listed past the committee.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple

from tarazy.domain.records import AssetKind, AssetStatus
from tarazy.facility.admission.delistings import steps_due
from tarazy.facility.admission.desk import AdmissionDesk
from tarazy.facility.admission.gate import decision_with
from tarazy.facility.admission.state import AdmissionState, require_fresh, require_permitted
from tarazy.oversight.publications.disclosures import disclosure_findings
from tarazy.oversight.publications.public_statement import PublicFinding
from tarazy.platform.signed_acts.errors import ActRefusedError

ADMISSION_RULE, LIST_RULE = "aifc_daa/2.8.1(3)(a)", "green list of the authority; aifc_daa/2.9 (title)"


class AdmissionSeen(NamedTuple):
    """An admission in the record: which asset, when, under which decision."""

    asset_id: int
    ts_ns: int
    decision: str


class AssetSeen(NamedTuple):
    """An asset as the record has it now."""

    kind: int
    code: str
    status: int


def admission_findings(
    desk: AdmissionDesk, seen: Iterable[AdmissionSeen], assets: Mapping[int, AssetSeen], day: str
) -> list[PublicFinding]:
    """Return what does not hold on a day."""
    state = desk.state
    found = [
        PublicFinding("desk.stranger", "high", "a key of the officer in the record", f"act {number}", ADMISSION_RULE)
        for number in desk.strangers
    ]
    for each in seen:
        asset = assets[each.asset_id]
        if asset.kind == AssetKind.digital:
            found += _of_admission(state, each, asset.code)
    try:
        require_fresh(state, day)
    except ActRefusedError as error:
        found.append(PublicFinding("list.stale", "high", error.expected, error.found, LIST_RULE))
    trading = {each.code for each in assets.values() if each.status == AssetStatus.admitted}
    for token, step in steps_due(state).items():
        code = next(p.body["asset_code"] for p in state.proposals.values() if p.token == token)
        if code in trading:
            expected = f"that {code} is to {step}, as the list of {state.green_list['on']} asks"
            found.append(PublicFinding(f"list.{step}", "high", expected, "no order of the desk", LIST_RULE))
    found += _unpermitted(state, trading, day)
    return [*found, *disclosure_findings(state.papers, day)]


def _of_admission(state: AdmissionState, seen: AdmissionSeen, code: str) -> list[PublicFinding]:
    decision = decision_with(state, seen.decision)
    at = datetime.fromtimestamp(seen.ts_ns // 10**9, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if decision is None or decision.body["asset_code"] != code:
        expected = f"a decision of the committee before {code} was admitted"
        found = f"none with the hash {seen.decision[:16]}"
    elif decision.decided_at > at:
        expected, found = f"a decision on {code} before {at}", f"one of {decision.decided_at}"
    else:
        return []
    return [PublicFinding("admission.undecided", "high", expected, found, ADMISSION_RULE)]


def _unpermitted(state: AdmissionState, trading: set[str], day: str) -> list[PublicFinding]:
    found = []
    for code in sorted(trading):
        decision = state.adopted(code)
        if decision is None:
            continue
        try:
            require_permitted(state, decision.body["investment_type"], day)
        except ActRefusedError as error:
            rule = "aifc_daa/2.1, permitted investment types"
            found.append(PublicFinding("licence.type", "high", f"{code}: {error.expected}", error.found, rule))
    return found
