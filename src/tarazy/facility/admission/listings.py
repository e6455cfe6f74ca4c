"""The committee's decision on an asset: proposed by one, decided by a quorum of others, each vote signed by its voter.

Sources: AIFC DAA 2.8.1(1) (who may apply, a third party with the issuer's consent), 2.8.1(3)(a) (satisfied first, then
admitted), 2.8.1(4) (the applicant is told in writing), 2.8.6 (undertaking). A decision is made when enough votes are
cast: `for` from the quorum and from more than half of the members who neither proposed nor stand aside. What stands in
the record of trading is the SHA-256 of the decision's paper.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from tarazy.domain.records import ROLE_ADMINISTRATOR, ROLE_COMPLIANCE, ROLE_CUSTODY, ROLE_FINANCE, ROLE_OPERATIONS
from tarazy.facility.admission.state import (
    ADOPTED,
    AGAINST,
    ASIDE,
    FOR,
    PROPOSED,
    REJECTED,
    VOTES,
    AdmissionState,
    DeskAct,
    DeskOccasion,
    ListingProposal,
    Vote,
    require_listable,
    require_permitted,
)
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField
from tarazy.platform.signed_acts.record import canonical

CODE = re.compile("[A-Z0-9]{1,16}")
APPLICANTS = ("issuer", "third_party", "member", "operator")
SCALE_MAX = 18
EVERY_PERSON = ROLE_ADMINISTRATOR | ROLE_OPERATIONS | ROLE_CUSTODY | ROLE_FINANCE | ROLE_COMPLIANCE


def check_propose(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Check list, licence and papers."""
    body, where = occasion.body, f"admission of {occasion.subject[:63]}"
    row = require_listable(state, occasion.subject, occasion.day)
    require_permitted(state, body["investment_type"], occasion.day)
    if not CODE.fullmatch(body["asset_code"]) or body["asset_code"] != row["symbol"]:
        expected = f"the list's symbol, {row['symbol']}"
        raise ActRefusedError(f"{where}, asset_code", expected=expected, found=body["asset_code"][:40])
    if body["scale"] > SCALE_MAX:
        raise ActRefusedError(f"{where}, scale", expected=f"at most {SCALE_MAX} places", found=str(body["scale"]))
    if body["applicant"] == "third_party" and not body.get("issuer_consent"):
        action = "A third party applies with the issuer's consent (DAA 2.8.1(1))"
        raise ActRefusedError(f"{where}, issuer_consent", expected="its document", found="none", action=action)
    if body["applicant"] != "operator" and not body.get("undertaking"):
        action = "An applicant undertakes to comply (DAA 2.8.6)"
        raise ActRefusedError(f"{where}, undertaking", expected="its document", found="none", action=action)
    _check_open(state, where, occasion)
    eligible = set(state.rules.members) - {occasion.officer_id}
    if len(eligible) < state.rules.quorum:
        expected = f"{state.rules.quorum} members beside who proposes"
        raise ActRefusedError(where, expected=expected, found=str(len(eligible)))


def _check_open(state: AdmissionState, where: str, occasion: DeskOccasion) -> None:
    for each in state.proposals.values():
        if each.token == occasion.subject and each.outcome == PROPOSED:
            raise ActRefusedError(where, expected="no open proposal of it", found=f"proposal {each.number}")


def apply_propose(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Put it before the committee."""
    row = (occasion.number, occasion.subject, dict(occasion.body), occasion.officer_id, occasion.at)
    state.proposals[occasion.number] = ListingProposal(*row)


def check_vote(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Check that a member votes once, on what another has proposed, while the list still allows it."""
    number, officer = occasion.body["proposal"], occasion.officer_id
    proposal = state.proposals.get(number)
    where = f"proposal {number}"
    if proposal is None or proposal.outcome != PROPOSED or proposal.token != occasion.subject:
        found = proposal.outcome if proposal is not None else "none of this number"
        raise ActRefusedError(where, expected=f"an open proposal on {occasion.subject[:63]}", found=found)
    if officer not in state.rules.members:
        raise ActRefusedError(where, expected="a member of the committee", found=f"officer {officer}")
    if officer == proposal.officer_id:
        raise ActRefusedError(where, expected="another's vote", found=f"officer {officer}, who proposed it")
    if any(each.officer_id == officer for each in proposal.votes):
        raise ActRefusedError(where, expected="one vote of each member", found=f"a second one of officer {officer}")
    if officer in (proposal.body.get("interested") or ()) and occasion.body["vote"] != ASIDE:
        expected = f"that officer {officer}, named as interested, {ASIDE}"
        raise ActRefusedError(where, expected=expected, found=occasion.body["vote"])
    if occasion.body["vote"] == FOR:
        require_listable(state, proposal.token, occasion.day)
        require_permitted(state, proposal.body["investment_type"], occasion.day)


def apply_vote(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Count it, and decide where enough were cast."""
    proposal = state.proposals[occasion.body["proposal"]]
    vote = Vote(occasion.officer_id, occasion.body["vote"], occasion.body["reason"], occasion.at)
    proposal.votes.append(vote)
    outcome = outcome_of(state, proposal)
    if outcome != PROPOSED:
        proposal.outcome, proposal.decided_at = outcome, occasion.at
        proposal.paper = canonical(decision_of(state, proposal))
        proposal.digest = sha256(proposal.paper.encode()).hexdigest()


def outcome_of(state: AdmissionState, proposal: ListingProposal) -> str:
    """Return what the votes cast so far decide."""
    aside = {each.officer_id for each in proposal.votes if each.vote == ASIDE}
    eligible = set(state.rules.members) - {proposal.officer_id} - aside
    needed = max(state.rules.quorum, len(eligible) // 2 + 1)
    count = {kind: sum(each.vote == kind for each in proposal.votes) for kind in VOTES}
    if count[FOR] >= needed:
        return ADOPTED
    return REJECTED if len(eligible) - count[AGAINST] < needed else PROPOSED


def decision_of(state: AdmissionState, proposal: ListingProposal) -> dict[str, Any]:
    """Return the decision's paper: what was decided, by whom, on which list and under which licence."""
    licence = {key: state.licence.get(key, "") for key in ("name", "number", "state", "types")}
    return {
        "kind": "admission",
        "token": proposal.token,
        "outcome": proposal.outcome,
        "proposal": {"number": proposal.number, "officer": proposal.officer_id, "at": proposal.at, **proposal.body},
        "votes": [each._asdict() for each in proposal.votes],
        "list": {"on": state.lists[-1]["on"], "sha256": state.lists[-1]["sha256"]},
        "licence": licence,
        "decided_at": proposal.decided_at,
    }


ACTS = (
    DeskAct(
        "listing.propose",
        "propose to admit a token of the green list",
        ROLE_OPERATIONS | ROLE_COMPLIANCE,
        (
            ActField("asset_code", "code of the asset, the list's symbol", most=16),
            ActField("scale", "decimal places", "whole"),
            ActField("investment_type", "investment type of the licence", most=40),
            ActField("applicant", "who asks", "choice", choices=APPLICANTS),
            ActField("issuer_consent", "the issuer's consent, its SHA-256", "digest", is_required=False),
            ActField("undertaking", "the applicant's undertaking, its SHA-256", "digest", is_required=False),
            ActField("assessment", "our assessment under our admission rules, its SHA-256", "digest"),
            ActField("interested", "officers with an interest in it", "wholes", is_required=False),
            ActField("reason", "reason", most=4000),
        ),
        check_propose,
        apply_propose,
    ),
    DeskAct(
        "listing.vote",
        "vote as a member of the admission committee",
        EVERY_PERSON,
        (
            ActField("proposal", "number of the proposal", "whole"),
            ActField("vote", "vote", "choice", choices=VOTES),
            ActField("reason", "reason", most=4000),
        ),
        check_vote,
        apply_vote,
    ),
)
