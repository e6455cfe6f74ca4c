"""Decisions on a token: a meeting lists it, a review watches it, a suspension or a removal takes it off.

Whoever proposed does not decide, nobody decides who stood aside, and what is unknown is not met. Stablecoins need the
authority's approval or a licensed issuer (AIFC DAA 2.8.1(3)(b)); anonymity-enhanced and algorithmic tokens are refused
as DFSA refuses them (no AIFC list was seen): `PROHIBITED` says so in one place.
"""

from __future__ import annotations

from datetime import date, timedelta

from tarazy.authority.greenlist.dossier import (
    LISTED,
    OPEN,
    REMOVED,
    REVIEW,
    STABLECOINS,
    SUSPENDED,
    standing,
    token_of,
)
from tarazy.authority.licensing.application import REASON
from tarazy.authority.state import AuthorityState, Occasion, OfficialAct, note
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField

QUORUM = 2
REVIEW_DAYS_MAX = 90
WITHDRAWAL_DAYS_MIN = 30  # our own choice: no window was seen
PROHIBITED = {"anonymity_enhanced": "an anonymity-enhanced token", "algorithmic": "an algorithmic stablecoin"}


def check_list(state: AuthorityState, occasion: Occasion) -> None:
    """Check evidence, class and meeting."""
    case = token_of(state, occasion, OPEN, SUSPENDED)
    where, dossier = f"listing of {occasion.subject}", case.facts["dossier"]
    for flag, words in PROHIBITED.items():
        if dossier[flag]:
            raise ActRefusedError(where, expected="a class that may be listed", found=words)
    if dossier["class"] in STABLECOINS and not occasion.body.get("approval"):
        action = "Name the approval, or the licence of its issuer, in approval (DAA 2.8.1(3)(b))"
        raise ActRefusedError(where, expected="an approval of this stablecoin", found="none", action=action)
    for row in standing(case, occasion.day):
        if row["verdict"] != "met":
            raise ActRefusedError(f"{where}, {row['item']}", expected="met", found=f"{row['verdict']}: {row['found']}")
    _check_meeting(state, where, occasion)


def _check_meeting(state: AuthorityState, where: str, occasion: Occasion) -> None:
    present, recused = set(occasion.body["present"]), set(occasion.body.get("recused") or [])
    strange = (present | recused) - set(state.active("listing"))
    if strange:
        expected = "active officers with the role listing"
        raise ActRefusedError(f"{where}, present", expected=expected, found=f"officer {min(strange)}")
    if len(present - recused) < QUORUM:
        found = f"{len(present - recused)} after who stood aside"
        raise ActRefusedError(f"{where}, present", expected=f"{QUORUM} officers or more", found=found)
    for officer in occasion.officers:
        if officer in recused or officer not in present:
            found = f"officer {officer}, who {'stood aside' if officer in recused else 'was not there'}"
            raise ActRefusedError(where, expected="a decision of those who were present", found=found)


def apply_list(state: AuthorityState, occasion: Occasion) -> None:
    """List it."""
    case, body = state.tokens[occasion.subject], occasion.body
    case.facts["listing"] = {**body, "on": occasion.day, "act": occasion.number}
    conditions = f", with {len(body['conditions'])} conditions" if body.get("conditions") else ""
    note(case, occasion, "token.list", f"{body['reason']}{conditions}", LISTED)


def check_review(state: AuthorityState, occasion: Occasion) -> None:
    """Check that the deadline is to come and not too far."""
    token_of(state, occasion, LISTED)
    last = date.fromisoformat(occasion.day) + timedelta(days=REVIEW_DAYS_MAX)
    if not occasion.day < occasion.body["until"] <= last.isoformat():
        expected = f"a day after {occasion.day}, at most {last}"
        raise ActRefusedError(f"{occasion.subject}, until", expected=expected, found=occasion.body["until"])


def apply_review(state: AuthorityState, occasion: Occasion) -> None:
    """Open a review with its deadline."""
    case = state.tokens[occasion.subject]
    case.facts["review"] = {"opened": occasion.day, "until": occasion.body["until"], "reason": occasion.body["reason"]}
    note(case, occasion, "token.review", f"until {occasion.body['until']}: {occasion.body['reason']}", REVIEW)


def check_keep(state: AuthorityState, occasion: Occasion) -> None:
    """Check that a review or a suspension can end well: everything is met again."""
    case = token_of(state, occasion, REVIEW, SUSPENDED)
    for row in standing(case, occasion.day):
        if row["verdict"] != "met":
            found = f"{row['verdict']}: {row['found']}"
            raise ActRefusedError(f"{occasion.subject}, {row['item']}", expected="met", found=found)


def apply_keep(state: AuthorityState, occasion: Occasion) -> None:
    """End a review or a suspension: it is listed on."""
    case = state.tokens[occasion.subject]
    case.facts.pop("review", None)
    note(case, occasion, "token.keep", occasion.body["reason"], LISTED)


def check_suspend(state: AuthorityState, occasion: Occasion) -> None:
    """Check that it is on the list."""
    token_of(state, occasion, LISTED, REVIEW)


def apply_suspend(state: AuthorityState, occasion: Occasion) -> None:
    """Suspend it: no new trades, withdrawals go on."""
    note(state.tokens[occasion.subject], occasion, "token.suspend", occasion.body["reason"], SUSPENDED)


def check_remove(state: AuthorityState, occasion: Occasion) -> None:
    """Check that holders have a window in which to withdraw."""
    token_of(state, occasion, LISTED, REVIEW, SUSPENDED)
    least = date.fromisoformat(occasion.day) + timedelta(days=WITHDRAWAL_DAYS_MIN)
    if occasion.body["withdrawals_until"] < least.isoformat():
        expected = f"{least} or later, {WITHDRAWAL_DAYS_MIN} days for holders to withdraw"
        raise ActRefusedError(
            f"{occasion.subject}, withdrawals_until", expected=expected, found=occasion.body["withdrawals_until"]
        )


def apply_remove(state: AuthorityState, occasion: Occasion) -> None:
    """Take it off the list."""
    case = state.tokens[occasion.subject]
    case.facts["withdrawals_until"] = occasion.body["withdrawals_until"]
    note(case, occasion, "token.remove", occasion.body["reason"], REMOVED)


def overdue_reviews(state: AuthorityState, day: str) -> list[str]:
    """Return the tokens whose review is over its deadline, in words."""
    rows = [case for case in state.tokens.values() if case.state == REVIEW and case.facts["review"]["until"] < day]
    return [f"{case.title}: the review was due on {case.facts['review']['until']}" for case in rows]


ACTS = (
    OfficialAct(
        "token.list",
        "put a token on the green list",
        "listing",
        (
            ActField("present", "officers at the meeting", "wholes"),
            ActField("recused", "officers who stood aside", "wholes", is_required=False),
            ActField("dissent", "dissent, in the dissenter's words", "list", is_required=False, most=1000),
            ActField("conditions", "conditions", "list", is_required=False, most=1000),
            ActField("conditions_until", "day by which the conditions are met", "date", is_required=False),
            ActField("approval", "approval of a stablecoin, or its issuer's licence", is_required=False, most=100),
            REASON,
        ),
        check_list,
        apply_list,
    ),
    OfficialAct(
        "token.review",
        "open a review of a listed token",
        "listing",
        (ActField("until", "deadline", "date"), REASON),
        check_review,
        apply_review,
        is_for_two=False,
    ),
    OfficialAct("token.keep", "end a review or a suspension well", "listing", (REASON,), check_keep, apply_keep),
    OfficialAct("token.suspend", "suspend a token", "listing", (REASON,), check_suspend, apply_suspend),
    OfficialAct(
        "token.remove",
        "take a token off the list",
        "listing",
        (ActField("withdrawals_until", "last day for withdrawals", "date"), REASON),
        check_remove,
        apply_remove,
    ),
)
