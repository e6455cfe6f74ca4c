"""The charter and the authority's papers: under whose list the facility admits, who decides, and what was imported.

A charter takes effect when another administrator approves it. A list or a register is taken in only if the authority's
key signed it and no newer one was taken in before: an old list never comes back.
"""

from __future__ import annotations

from tarazy.domain.records import ROLE_ADMINISTRATOR, ROLE_COMPLIANCE, ROLE_OPERATIONS
from tarazy.facility.admission.state import AdmissionState, Charter, DeskAct, DeskOccasion
from tarazy.oversight.publications.signed_papers import (
    GREEN_LIST,
    PAPER_BYTES_MAX,
    REGISTER,
    SignedPaper,
    read_paper,
)
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField

QUORUM_MIN = 2
LIST_DAYS_MAX = 31


def check_propose(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Check that a committee can decide: a quorum of two or more, and somebody beside it who proposes."""
    body = occasion.body
    members, quorum = set(body["members"]), body["quorum"]
    if len(members) < len(body["members"]) or 0 in members:
        raise ActRefusedError("charter, members", expected="numbers of officers, each once", found="two alike, or 0")
    if not QUORUM_MIN <= quorum <= len(members):
        expected = f"from {QUORUM_MIN} to the {len(members)} members"
        raise ActRefusedError("charter, quorum", expected=expected, found=str(quorum))
    if not 1 <= body["list_days_max"] <= LIST_DAYS_MAX:
        expected = f"from 1 to {LIST_DAYS_MAX} days"
        raise ActRefusedError("charter, list_days_max", expected=expected, found=str(body["list_days_max"]))


def apply_propose(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Keep it until another administrator approves it."""
    body = occasion.body
    terms = (body["authority"], body["authority_key"], body["licensee"], tuple(body["members"]))
    charter = Charter(occasion.number, occasion.officer_id, *terms, body["quorum"], body["list_days_max"])
    state.charters.append(charter)


def check_approve(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Check that it waits and that another one proposed it."""
    charter = next((each for each in state.charters if each.number == occasion.body["charter"]), None)
    newest = state.charter.number if state.charter is not None else 0
    if charter is None or charter.number <= newest:
        found = "one that is over" if charter is not None else "no charter of this number"
        raise ActRefusedError("charter", expected="a charter that waits", found=found)
    if charter.proposed_by == occasion.officer_id:
        found = f"officer {occasion.officer_id}, who proposed it"
        raise ActRefusedError("charter", expected="another administrator's eyes", found=found)


def apply_approve(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Let it be in force."""
    state.charter = next(each for each in state.charters if each.number == occasion.body["charter"])


def _paper(state: AdmissionState, occasion: DeskOccasion, kind: str) -> SignedPaper:
    paper = read_paper(kind, occasion.body["paper"], state.rules.authority_key)
    known = state.lists if kind == GREEN_LIST else state.registers
    if paper.on > occasion.day or (known and paper.on < known[-1]["on"]):
        expected = f"one of {known[-1]['on']} or later, until {occasion.day}" if known else f"one until {occasion.day}"
        raise ActRefusedError(f"the authority's {kind}", expected=expected, found=f"one of {paper.on}")
    digests = [row["sha256"] for row in known]
    if paper.sha256 in digests and paper.sha256 != digests[-1]:  # of two of one day the later one stays
        found = "one that a newer one has replaced"
        raise ActRefusedError(f"the authority's {kind}", expected="a new one", found=found)
    return paper


def check_list(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Check key, signature and day."""
    _paper(state, occasion, GREEN_LIST)


def apply_list(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Let it be the list in force."""
    paper = _paper(state, occasion, GREEN_LIST)
    row = {"on": paper.on, "sha256": paper.sha256, "at": occasion.at, "number": occasion.number, "data": paper.data}
    row["key"] = paper.public_key
    state.lists.append(row)


def check_register(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Check key, signature and day, and that the facility is in it."""
    paper = _paper(state, occasion, REGISTER)
    if not any(row.get("name") == state.rules.licensee for row in paper.data.get("licences", ())):
        expected = f"a line of {state.rules.licensee}"
        raise ActRefusedError("the authority's register", expected=expected, found="none")


def apply_register(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Let it say what the facility may offer."""
    paper = _paper(state, occasion, REGISTER)
    row = {"on": paper.on, "sha256": paper.sha256, "at": occasion.at, "number": occasion.number, "data": paper.data}
    row["key"] = paper.public_key
    state.registers.append(row)


PAPER = ActField("paper", "the signed paper, as the authority's page gives it in JSON", most=PAPER_BYTES_MAX)
ACTS = (
    DeskAct(
        "charter.propose",
        "propose under whose list the facility admits, and who decides",
        ROLE_ADMINISTRATOR,
        (
            ActField("authority", "name of the authority", most=100),
            ActField("authority_key", "public key of its desk", "digest"),
            ActField("licensee", "our short name in its register", most=63),
            ActField("members", "officers on the admission committee", "wholes"),
            ActField("quorum", "votes for that a decision needs, of others than the proposer", "whole"),
            ActField("list_days_max", "how many days old the authority's list may be", "whole"),
        ),
        check_propose,
        apply_propose,
    ),
    DeskAct(
        "charter.approve",
        "approve a charter that another administrator has proposed",
        ROLE_ADMINISTRATOR,
        (ActField("charter", "its number", "whole"),),
        check_approve,
        apply_approve,
    ),
    DeskAct(
        "list.import",
        "import the authority's green list",
        ROLE_OPERATIONS | ROLE_COMPLIANCE,
        (PAPER,),
        check_list,
        apply_list,
    ),
    DeskAct(
        "register.import",
        "import the authority's register of licences",
        ROLE_OPERATIONS | ROLE_COMPLIANCE,
        (PAPER,),
        check_register,
        apply_register,
    ),
)
