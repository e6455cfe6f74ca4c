"""Facts of the admission desk: what was decided, disclosed and changed, and what keeping rules cost, on a day.

The desk's record is read as it was at the end of that day. Each of its acts is signed; where every key is the one that
the record of trading gives to that officer, the grade is `recorded`, else `declared`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.facility.admission.desk import AdmissionDesk, DeskOfficer
from tarazy.facility.admission.state import ADOPTED, AdmissionState, ListingProposal
from tarazy.oversight.publications.disclosures import heads, in_force
from tarazy.oversight.publications.green_list import entries
from tarazy.rulebook.costs import COSTS

Rows = list[dict[str, Any]]
RULES = ("business-rules", "admission-rules", "membership-rules")
CHANGED = (*RULES, "fees")  # fees are taken for a part of the rules, as in the manifest
FLAGS = {"anonymity": "anonymity_enhanced", "algorithmic": "algorithmic"}  # of a fact, of the authority's list
STABLECOINS = ("fiat_stablecoin", "commodity_stablecoin")  # classes of the authority's list
HEADING, OPERATOR = "#", "operator"


class DeskOnDay(NamedTuple):
    """A desk as it was at the end of a day: its state, the day of its newest act, whether every key is known."""

    state: AdmissionState
    on: date
    is_proven: bool


def desk_on(facility: Path, facility_id: bytes, officer_keys: Mapping[int, str], asof: date) -> DeskOnDay | None:
    """Return the desk beside a record as of a day, None where it had no act by then. Raises: ActRecordError."""
    officers = {number: DeskOfficer(number, key, 0, True) for number, key in officer_keys.items()}
    with AdmissionDesk.open(facility, facility_id, officers, reads_only=True, until=asof.isoformat()) as desk:
        days = [line.unsigned.at[:10] for line in desk.record.lines if line.unsigned.at[:10] <= asof.isoformat()]
        return DeskOnDay(desk.state, date.fromisoformat(days[-1]), not desk.strangers) if days else None


def admission_facts(state: AdmissionState, admitted_ns: Mapping[str, int], asof: date) -> dict[str, Any]:
    """Return what the desk says, by the words of the rulebook; `admitted_ns`: by code, from the record of trading."""
    day = asof.isoformat()
    papers = {head.name: in_force(state.papers, head.name, day) for head in heads(day).values()}
    words = {head.name: head.words for head in heads(day).values()}
    found: dict[str, Any] = {
        "disclosures": [{"id": words[name]} for name, row in papers.items() if row is not None],
        "rulebooks": [
            {"id": words[name], "sha256": row["sha256"]} for name in RULES if (row := papers.get(name)) is not None
        ],
        "rulebook_sections": [{"id": each} for each in sections(papers)],
        "rule_changes": changes(state),
        "admissions": admissions(state, admitted_ns),
        "assets_traded": features(state, admitted_ns),
    }
    if not stablecoins_possible(state, admitted_ns):
        found["stablecoins"] = []
    return found | ({COSTS: costs(state)} if state.costs else {})


def sections(papers: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    """Return the headings of the rules in force: lines that begin with `#`, without the marks and in small letters."""
    found: dict[str, None] = {}
    for name in RULES:
        row = papers.get(name)
        for line in str(row["text"]).splitlines() if row is not None else ():
            if line.startswith(HEADING) and line.strip(f"{HEADING} "):
                found.setdefault(line.strip(f"{HEADING} ").lower()[:100])
    return list(found)


def changes(state: AdmissionState) -> Rows:
    """Return every approved version of the rules; the first of each head changes nothing, so nobody is told of it.

    A version is public from its approval at this desk on, which is the last notice of it.
    """
    found, known = [], set[str]()
    for paper in state.papers:
        if paper["head"] not in CHANGED or not paper["approved_on"]:
            continue
        row: dict[str, Any] = {"id": f"{paper['head']} {paper['version']}", "release_sha256": paper["sha256"]}
        row |= {"first": paper["head"] not in known, "effective": date.fromisoformat(paper["effective"])}
        row |= {"last_notice": date.fromisoformat(paper["approved_on"])}
        if paper.get("authority_approval"):
            approved = date.fromisoformat(paper["authority_approved_on"])
            row |= {"approval_id": paper["authority_approval"], "approved": approved}
        known.add(paper["head"])
        found.append(row)
    return found


def admissions(state: AdmissionState, admitted_ns: Mapping[str, int]) -> Rows:
    """Return the digital assets that the record admitted, with the decision on each that there is.

    An operator that applies to itself is told by its own decision; that another applicant was told, no act says.
    """
    found = []
    for code, ts_ns in admitted_ns.items():
        row: dict[str, Any] = {"id": code, "tradable": datetime.fromtimestamp(ts_ns // 10**9, UTC).date()}
        decision = first_decision(state, code)
        if decision is not None:
            body, decided = decision.body, date.fromisoformat(decision.decided_at[:10])
            row |= {"applicant": body["applicant"].replace("_", " "), "decided": decided}
            row |= {"notified": decided} if body["applicant"] == OPERATOR else {}
            papers = {"consent_sha256": "issuer_consent", "undertaking_sha256": "undertaking"}
            row |= {field: body[name] for field, name in papers.items() if body.get(name)}
        listed = listed_as(state, code)
        row |= {"kind": str(listed["class"]).replace("_", " ")} if listed.get("class") else {}
        found.append(row | ({"approval_id": str(listed["approval"])} if listed.get("approval") else {}))
    return found


def first_decision(state: AdmissionState, code: str) -> ListingProposal | None:
    """Return the oldest decision that admits an asset; a later one readmits it."""
    rows = [each for each in state.proposals.values() if each.outcome == ADOPTED and each.body["asset_code"] == code]
    return min(rows, key=lambda each: each.decided_at, default=None)


def features(state: AdmissionState, admitted_ns: Mapping[str, int]) -> Rows:
    """Return the digital assets of the record with those features that the authority's list states of them."""
    found = []
    for code in admitted_ns:
        listed = listed_as(state, code)
        stated = {field: listed[name] for field, name in FLAGS.items() if isinstance(listed.get(name), bool)}
        found.append({"id": code, **stated})
    return found


def stablecoins_possible(state: AdmissionState, admitted_ns: Mapping[str, int]) -> bool:
    """Return whether an asset of the record is a stablecoin by the list, or the list does not say what it is.

    What backs one and what it tells, neither list nor record knows: somebody states it.
    """
    kinds = [listed_as(state, code).get("class") for code in admitted_ns]
    return any(kind is None or kind in STABLECOINS for kind in kinds)


def listed_as(state: AdmissionState, code: str) -> Mapping[str, Any]:
    """Return an asset's line of the authority's newest list; empty where it has none."""
    rows = entries(state.green_list).values()
    return next((row for row in rows if row.get("symbol") == code), {})


def costs(state: AdmissionState) -> Rows:
    """Return what officers attested that rules cost."""
    kept = ("quarter", "hours", "spent_minor", "currency")
    return [
        {"id": f"act {row['number']}", "rule": rule, "officer": f"officer {row['officer_id']}"}
        | {"on": date.fromisoformat(row["on"])}
        | {name: row[name] for name in kept if row.get(name) not in (None, "")}
        for (rule, _), row in state.costs.items()
    ]
