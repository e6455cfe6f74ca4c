"""What comes next in a case: the acts that its state allows, the first one first, with the fields that are known.

Nothing here decides anything: an act is checked when it is prepared, whatever stood here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tarazy.authority.consultation.consultation import PUBLISHED
from tarazy.authority.greenlist.decisions import PROHIBITED
from tarazy.authority.greenlist.dossier import LISTED, OPEN, REVIEW, STABLECOINS, SUSPENDED, standing
from tarazy.authority.licensing import licence
from tarazy.authority.licensing.application import APPLIED, IN_PRINCIPLE
from tarazy.authority.licensing.statements import SITE
from tarazy.authority.parameters import CAPITAL, SETTABLE
from tarazy.authority.state import AuthorityCase, AuthorityState

LICENCE, TOKEN, CONSULTATION = CASE_KINDS = ("licence", "token", "consultation")
SHOWN_MAX = 20  # comments that wait, one step each


class NextStep(NamedTuple):
    """A kind of act, on what, why it comes now, and the fields that the case fills in.

    `is_awaited`: the case does not go on without it; else it is only possible.
    """

    act: str
    subject: str
    words: str
    fields: dict[str, str]
    is_awaited: bool = True


def cases_of(state: AuthorityState, kind: str) -> dict[str, AuthorityCase]:
    """Return the cases of a kind by name, none for any other word."""
    return {LICENCE: state.licences, TOKEN: state.tokens, CONSULTATION: state.consultations}.get(kind, {})


def next_steps(state: AuthorityState, kind: str, case: AuthorityCase, day: str) -> list[NextStep]:
    """Return what may come next in a case."""
    return STEPS[kind](state, case, day)


def _step(case: AuthorityCase, act: str, words: str, **fields: str) -> NextStep:
    return NextStep(act, case.name, words, fields)


def _possible(case: AuthorityCase, act: str, words: str) -> NextStep:
    return NextStep(act, case.name, words, {}, is_awaited=False)


def licence_steps(state: AuthorityState, case: AuthorityCase, day: str) -> list[NextStep]:
    """Return what comes next on the way to a licence, and what may happen to one."""
    refuse = _possible(case, "application.refuse", "refuse it")
    if case.state == APPLIED:
        return [_step(case, "application.principle", "approve it in principle, with conditions"), refuse]
    if case.state == IN_PRINCIPLE:
        return [*_before_the_grant(state, case, day), refuse]
    if case.state == licence.SUSPENDED:
        return [_possible(case, "licence.reactivate", "let it work again"), *_changes(case)]
    return [*_of_an_active(case), *_changes(case)] if case.state == licence.ACTIVE else []


def _before_the_grant(state: AuthorityState, case: AuthorityCase, day: str) -> list[NextStep]:
    conditions = [
        _step(case, "condition.met", f"condition {number} is open: {row['words']}", condition=str(number))
        for number, row in enumerate(case.facts["conditions"], 1)
        if not row["met"]
    ]
    if state.parameter(CAPITAL, day) is None:
        words = "set the minimum capital, without which nothing is granted"
        conditions.append(NextStep("parameter.set", CAPITAL, words, {"unit": SETTABLE[CAPITAL]}))
    return conditions or [_step(case, "licence.grant", "grant the licence")]


def _of_an_active(case: AuthorityCase) -> list[NextStep]:
    site = [] if case.facts.get("site") else [_possible(case, SITE, "note where it publishes")]
    plans = [
        _step(case, "directive.plan", f"directive {row['number']} is {row['state']}", directive=str(row["number"]))
        for row in case.facts.get("directives", [])
        if row["state"] != "closed"
    ]
    return [*plans, *site, _possible(case, "attestation.receive", "take in an attestation")]


def _changes(case: AuthorityCase) -> list[NextStep]:
    rows = {
        "directive.issue": "issue a directive",
        "licence.vary": "vary its types or term",
        "licence.suspend": "suspend it",
        "licence.withdraw": "end it",
    }
    return [
        _possible(case, act, words)
        for act, words in rows.items()
        if act != "licence.suspend" or case.state == licence.ACTIVE
    ]


def token_steps(state: AuthorityState, case: AuthorityCase, day: str) -> list[NextStep]:
    """Return what comes next on the way onto the list, and what may happen on it."""
    petitions = [
        _step(case, "petition.decide", f"a petition waits until {row['due']}", petition=str(row["number"]))
        for row in case.facts["petitions"]
        if not row["outcome"] or row.get("appealed")
    ]
    if case.state not in (OPEN, LISTED, REVIEW, SUSPENDED):
        return petitions
    evidence = [
        _step(case, "dossier.evidence", f"{row['item']} is {row['verdict']}: {row['found']}", item=row["item"])
        for row in standing(case, day)
        if row["verdict"] != "met"
    ]
    return [*petitions, *evidence, *_decisions(state, case, is_met=not evidence)]


def _decisions(state: AuthorityState, case: AuthorityCase, *, is_met: bool) -> list[NextStep]:
    present = "\n".join(map(str, state.active("listing")))
    off = [_possible(case, "token.remove", "take it off the list")]
    if case.state in (LISTED, REVIEW):
        off.insert(0, _possible(case, "token.suspend", "suspend it"))
    if case.state == LISTED:
        return [_possible(case, "token.review", "open a review"), *off]
    if case.state != OPEN:
        return [*([_step(case, "token.keep", "everything is met again: keep it")] if is_met else []), *off]
    dossier = case.facts["dossier"]
    if not is_met or any(dossier[flag] for flag in PROHIBITED):
        return []
    of_stablecoin = ", with the approval of the stablecoin" if dossier["class"] in STABLECOINS else ""
    return [_step(case, "token.list", f"a meeting may list it{of_stablecoin}", present=present)]


def consultation_steps(state: AuthorityState, case: AuthorityCase, day: str) -> list[NextStep]:
    """Return the comments that wait for an answer; the conclusion once none does and the deadline is over."""
    if case.state != PUBLISHED:
        return []
    waiting = [
        _step(
            case,
            "comment.answer",
            f"a comment on {row['rule']} waits",
            comment=str(row["number"]),
        )
        for row in case.facts["comments"]
        if not row["outcome"]
    ]
    is_over = day > case.facts["paper"]["deadline"]
    if is_over and not waiting:
        return [_step(case, "consultation.conclude", "conclude it with the final texts")]
    return waiting[:SHOWN_MAX]


def obstacle(case: AuthorityCase, kind: str, day: str) -> str:
    """Return in words why nothing can be done by an officer now; nothing where something can."""
    if kind == CONSULTATION and case.state == PUBLISHED and day <= case.facts["paper"]["deadline"]:
        return f"comments may come until {case.facts['paper']['deadline']}; it is concluded after that day"
    if kind == TOKEN and case.state == OPEN:
        flags = [words for flag, words in PROHIBITED.items() if case.facts["dossier"][flag]]
        return f"{flags[0]} is not listed, whatever its evidence" if flags else ""
    return ""


STEPS: dict[str, Callable[[AuthorityState, AuthorityCase, str], list[NextStep]]] = {
    LICENCE: licence_steps,
    TOKEN: token_steps,
    CONSULTATION: consultation_steps,
}
