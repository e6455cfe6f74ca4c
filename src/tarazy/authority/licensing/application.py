"""An application: who applies, with which officers, board, policies and fee.

Sources: AIFC DAA 2.3.1 (mandatory appointments, no doubling up without approval), 2.3.2(1) (independent directors),
2.1(2) (policies filed), the Fees Rules' Schedule 1 for the application fee. The fee and the board's share are dated
parameters (`parameters.toml`).
"""

from __future__ import annotations

from tarazy.authority.parameters import shipped
from tarazy.authority.state import AuthorityCase, AuthorityState, Occasion, OfficialAct, note
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import DIGEST, ActField, Body, check_name
from tarazy.screening.identity.identifiers import IdentifierError, check_lei

PPM = 1_000_000
APPLIED, REFUSED, IN_PRINCIPLE = "applied", "refused", "in principle"
MANDATORY = ("seo", "finance_officer", "compliance_officer", "mlro", "cito")
NOT_DOUBLED = MANDATORY[:4]  # DAA 2.3.1(4) speaks of the four roles of 2.3.1(1)


def check_receive(state: AuthorityState, occasion: Occasion) -> None:
    """Check an application for what it must hold."""
    body, where = occasion.body, f"application of {occasion.subject}"
    check_name(where, occasion.subject)
    known = state.licences.get(occasion.subject)
    if known is not None and known.state not in (REFUSED, "withdrawn"):
        raise ActRefusedError(where, expected="no application or licence of this name", found=known.state)
    if strange := [each for each in body["policies"] if not DIGEST.fullmatch(each)]:
        expected = "the SHA-256 of each, 64 hexadecimal digits"
        raise ActRefusedError(f"{where}, policies", expected=expected, found=strange[0][:80])
    _check_roles(where, body)
    _check_board(where, body, occasion.day)
    _check_lei(where, body, occasion.day)
    fee = shipped("fees.application.datf_usd", occasion.day)
    if body["fee_paid_usd"] < fee:
        raise ActRefusedError(
            f"{where}, fee_paid_usd", expected=f"{fee:,} on {occasion.day}", found=f"{body['fee_paid_usd']:,}"
        )


def _check_roles(where: str, body: Body) -> None:
    held: dict[str, str] = {}
    for role in NOT_DOUBLED:
        person = " ".join(body[role].casefold().split())
        if person in held and not body.get("doubling_approval"):
            found = f"{body[role]} as {held[person]} and {role}"
            action = "Appoint another, or name the written approval in doubling_approval (DAA 2.3.1(4))"
            raise ActRefusedError(where, expected="four persons for the four roles", found=found, action=action)
        held[person] = role


def _check_board(where: str, body: Body, day: str) -> None:
    board, independent = body["board_members"], body["independent_members"]
    least = shipped("board.independent_min_ppm", day)
    if independent > board or independent * PPM < board * least or not board:
        found = f"{independent} of {board}"
        raise ActRefusedError(f"{where}, board", expected="one third independent (DAA 2.3.2(1))", found=found)


def _check_lei(where: str, body: Body, day: str) -> None:
    lei = body.get("lei")
    if not lei:
        return
    try:
        check_lei(lei)
    except IdentifierError as error:
        raise ActRefusedError(f"{where}, lei", expected=error.expected, found=error.found) from error
    renewed = body.get("lei_next_renewal") or ""
    if renewed < day:
        found = f"one to be renewed by {renewed}" if renewed else "no date of its next renewal"
        action = "A right check digit says nothing of whether a code is kept up"
        raise ActRefusedError(f"{where}, lei", expected=f"a code in force on {day}", found=found, action=action)


def apply_receive(state: AuthorityState, occasion: Occasion) -> None:
    """Take the application in."""
    case = AuthorityCase(occasion.subject, occasion.body["name"], APPLIED, {"application": dict(occasion.body)})
    state.licences[occasion.subject] = case
    note(case, occasion, "application.receive", f"{occasion.body['name']} applied")


def require_state(state: AuthorityState, occasion: Occasion, *allowed: str) -> AuthorityCase:
    """Return the case of an act, in one of the states in which the act has a meaning.

    Raises: ActRefusedError.
    """
    case = state.licences.get(occasion.subject)
    if case is None:
        raise ActRefusedError(occasion.subject[:80], expected="an applicant or licensee", found="none of this name")
    if case.state not in allowed:
        raise ActRefusedError(occasion.subject, expected=f"a case that is {' or '.join(allowed)}", found=case.state)
    return case


def check_refuse(state: AuthorityState, occasion: Occasion) -> None:
    """Check that there is an application to refuse."""
    require_state(state, occasion, APPLIED, IN_PRINCIPLE)


def apply_refuse(state: AuthorityState, occasion: Occasion) -> None:
    """Refuse it with a reason."""
    note(state.licences[occasion.subject], occasion, "application.refuse", occasion.body["reason"], REFUSED)


def check_principle(state: AuthorityState, occasion: Occasion) -> None:
    """Check that an application stands."""
    require_state(state, occasion, APPLIED)


def apply_principle(state: AuthorityState, occasion: Occasion) -> None:
    """Approve in principle: conditions that the applicant meets before a grant."""
    case = state.licences[occasion.subject]
    case.facts["conditions"] = [{"words": words, "met": ""} for words in occasion.body["conditions"]]
    case.facts["principle_on"] = occasion.day
    words = f"approved in principle with {len(occasion.body['conditions'])} conditions"
    note(case, occasion, "application.principle", words, IN_PRINCIPLE)


def check_condition(state: AuthorityState, occasion: Occasion) -> None:
    """Check that a condition of that number stands open."""
    case = require_state(state, occasion, IN_PRINCIPLE, "active")
    conditions = case.facts.get("conditions", [])
    number = occasion.body["condition"]
    if not 1 <= number <= len(conditions):
        expected = f"a condition from 1 to {len(conditions)}"
        raise ActRefusedError(f"{occasion.subject}, condition", expected=expected, found=str(number))
    if conditions[number - 1]["met"]:
        raise ActRefusedError(
            f"{occasion.subject}, condition {number}", expected="an open one", found="one that is met"
        )


def apply_condition(state: AuthorityState, occasion: Occasion) -> None:
    """Note that a condition is met, with the document that shows it."""
    case = state.licences[occasion.subject]
    number = occasion.body["condition"]
    case.facts["conditions"][number - 1] |= {"met": occasion.day, "document": occasion.body["document"]}
    note(case, occasion, "condition.met", f"condition {number} met, document {occasion.body['document'][:16]}")


REASON = ActField("reason", "reason", most=4000)
PERSON = {
    "seo": "Senior Executive Officer",
    "finance_officer": "Finance Officer",
    "compliance_officer": "Compliance Officer",
    "mlro": "Money Laundering Reporting Officer",
    "cito": "Chief Information Technology Officer",
}
ACTS = (
    OfficialAct(
        "application.receive",
        "take in an application for a licence",
        "licensing",
        (
            ActField("name", "name of the applicant", most=200),
            ActField("lei", "LEI (ISO 17442)", is_required=False, most=20),
            ActField("lei_next_renewal", "day by which the LEI is renewed next", "date", is_required=False),
            *(ActField(role, PERSON[role], most=200) for role in MANDATORY),
            ActField("doubling_approval", "written approval of two roles in one hand", is_required=False, most=400),
            ActField("board_members", "members of the board", "whole"),
            ActField("independent_members", "independent ones among them", "whole"),
            ActField("policies", "SHA-256 of each policy filed", "list", most=64),
            ActField("fee_paid_usd", "application fee paid, USD", "whole"),
        ),
        check_receive,
        apply_receive,
        is_for_two=False,
    ),
    OfficialAct("application.refuse", "refuse an application", "licensing", (REASON,), check_refuse, apply_refuse),
    OfficialAct(
        "application.principle",
        "approve an application in principle",
        "licensing",
        (ActField("conditions", "conditions before the grant", "list", is_required=False, most=1000),),
        check_principle,
        apply_principle,
    ),
    OfficialAct(
        "condition.met",
        "note that a condition is met",
        "licensing",
        (ActField("condition", "its number", "whole"), ActField("document", "what shows it", "digest")),
        check_condition,
        apply_condition,
        is_for_two=False,
    ),
)
