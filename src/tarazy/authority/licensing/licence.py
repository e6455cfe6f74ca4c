"""A licence: granted, varied, suspended, reactivated, withdrawn; numbers and states as the public register has them.

The register writes numbers as AFSA-<letter>-LA-<year>-<four digits> and knows the states active, suspended voluntarily,
reactivated and withdrawn by participant; it names the permitted investment types. The minimum capital of a facility
was in no text that was seen: nothing is granted until two officers have set `capital.datf_min_usd` with its source.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from tarazy.authority.licensing.application import IN_PRINCIPLE, REASON, require_state
from tarazy.authority.parameters import CAPITAL, shipped
from tarazy.authority.state import AuthorityCase, AuthorityState, Occasion, OfficialAct, note
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField

ACTIVE, SUSPENDED, WITHDRAWN = "active", "suspended", "withdrawn"
NUMBER = re.compile("AFSA-[AG]-LA-20[0-9]{2}-[0-9]{4}")
TYPES = ("digital_asset", "security_token", "commodity", "future", "option")
KINDS = ("voluntary", "ordered")
REMINDER_DAYS = (90, 60, 30)


def check_grant(state: AuthorityState, occasion: Occasion) -> None:
    """Check conditions, capital, number, types and term."""
    case = require_state(state, occasion, IN_PRINCIPLE)
    where, body = f"licence of {occasion.subject}", occasion.body
    open_ones = [n for n, each in enumerate(case.facts["conditions"], 1) if not each["met"]]
    if open_ones:
        raise ActRefusedError(where, expected="every condition met", found=f"condition {open_ones[0]} open")
    last = date.fromisoformat(case.facts["principle_on"]) + timedelta(
        days=shipped("principle.valid_days", occasion.day)
    )
    if occasion.day > last.isoformat():
        raise ActRefusedError(
            where, expected=f"a grant by {last}", found=occasion.day, action="Approve in principle anew"
        )
    _check_capital(state, where, body["capital_usd"], occasion.day)
    if not NUMBER.fullmatch(body["number"]):
        raise ActRefusedError(f"{where}, number", expected="AFSA-A-LA-2026-0001 or alike", found=body["number"][:40])
    if any(other.facts.get("number") == body["number"] for other in state.licences.values()):
        raise ActRefusedError(f"{where}, number", expected="a number of its own", found="another licence's")
    _check_types(where, body["types"])
    if not occasion.day <= body["from"] < body["expires"]:
        expected = "from the day of the grant or later, and an end after it"
        found = f"{body['from']} to {body['expires']}, granted on {occasion.day}"
        raise ActRefusedError(where, expected=expected, found=found)


def _check_capital(state: AuthorityState, where: str, capital_usd: int, day: str) -> None:
    least = state.parameter(CAPITAL, day)
    if least is None:
        action = "Read the text, then set it with parameter.set; nothing is guessed"
        raise ActRefusedError(where, expected=f"a minimum capital, {CAPITAL}", found="none set", action=action)
    if capital_usd < least:
        raise ActRefusedError(f"{where}, capital_usd", expected=f"{least:,} or more", found=f"{capital_usd:,}")


def _check_types(where: str, types: list[str]) -> None:
    strange = [each for each in types if each not in TYPES]
    if strange or len(set(types)) < len(types):
        expected = f"investment types of {', '.join(TYPES)}, each once"
        raise ActRefusedError(f"{where}, types", expected=expected, found=", ".join(types)[:80])


def apply_grant(state: AuthorityState, occasion: Occasion) -> None:
    """Grant it."""
    case, body = state.licences[occasion.subject], occasion.body
    case.facts |= {key: body[key] for key in ("number", "types", "from", "expires", "capital_usd")}
    note(case, occasion, "licence.grant", f"granted {body['number']} until {body['expires']}", ACTIVE)


def check_vary(state: AuthorityState, occasion: Occasion) -> None:
    """Check a change of types or term."""
    case = require_state(state, occasion, ACTIVE, SUSPENDED)
    _check_types(f"licence of {occasion.subject}", occasion.body["types"])
    if occasion.body["expires"] <= max(occasion.day, case.facts["from"]):
        raise ActRefusedError(f"{occasion.subject}, expires", expected="a day to come", found=occasion.body["expires"])


def apply_vary(state: AuthorityState, occasion: Occasion) -> None:
    """Vary it."""
    case = state.licences[occasion.subject]
    case.facts |= {key: occasion.body[key] for key in ("types", "expires")}
    note(case, occasion, "licence.vary", occasion.body["reason"])


def check_suspend(state: AuthorityState, occasion: Occasion) -> None:
    """Check that there is something to suspend."""
    require_state(state, occasion, ACTIVE)


def apply_suspend(state: AuthorityState, occasion: Occasion) -> None:
    """Suspend it, at the participant's wish or by order."""
    case = state.licences[occasion.subject]
    case.facts["suspension"] = occasion.body["kind"]
    note(case, occasion, "licence.suspend", f"{occasion.body['kind']}: {occasion.body['reason']}", SUSPENDED)


def check_reactivate(state: AuthorityState, occasion: Occasion) -> None:
    """Check that it is suspended and has not run out."""
    case = require_state(state, occasion, SUSPENDED)
    if case.facts["expires"] <= occasion.day:
        found = f"one that ended on {case.facts['expires']}"
        raise ActRefusedError(occasion.subject, expected="a licence in its term", found=found, action="Vary its term")


def apply_reactivate(state: AuthorityState, occasion: Occasion) -> None:
    """Let it work again."""
    note(state.licences[occasion.subject], occasion, "licence.reactivate", occasion.body["reason"], ACTIVE)


def check_withdraw(state: AuthorityState, occasion: Occasion) -> None:
    """Check that there is a licence."""
    require_state(state, occasion, ACTIVE, SUSPENDED)


def apply_withdraw(state: AuthorityState, occasion: Occasion) -> None:
    """End it."""
    case = state.licences[occasion.subject]
    case.facts["withdrawn_by"] = occasion.body["by"]
    note(case, occasion, "licence.withdraw", f"by {occasion.body['by']}: {occasion.body['reason']}", WITHDRAWN)


def register_state(case: AuthorityCase) -> str:
    """Return the state as the public register words it."""
    if case.state == SUSPENDED:
        return "suspended voluntarily" if case.facts["suspension"] == "voluntary" else "suspended"
    if case.state == WITHDRAWN:
        return f"withdrawn by {case.facts['withdrawn_by']}"
    if case.state == ACTIVE and case.steps[-1].act == "licence.reactivate":
        return "reactivated"
    return case.state


def permits(state: AuthorityState, name: str, investment_type: str, day: str) -> bool:
    """Return whether a licensee may offer an investment type on a day: the gate before a market is made."""
    case = state.licences.get(name)
    in_force = case is not None and case.state == ACTIVE and case.facts["from"] <= day < case.facts["expires"]
    return in_force and case is not None and investment_type in case.facts["types"]


def reminders(state: AuthorityState, day: str) -> list[str]:
    """Return which licences end within 90 days, the nearest first, in words."""
    today, found = date.fromisoformat(day), []
    for case in state.licences.values():
        if case.state in (ACTIVE, SUSPENDED):
            left = (date.fromisoformat(case.facts["expires"]) - today).days
            stage = min((each for each in REMINDER_DAYS if left <= each), default=None)
            if stage is not None:
                ends = (
                    f"ended {-left} days ago" if left < 0 else f"ends within {stage} days, on {case.facts['expires']}"
                )
                found.append((left, f"{case.title}, {case.facts['number']}: {ends}"))
    return [words for _, words in sorted(found)]


TYPES_FIELD = ActField("types", f"permitted investment types, of {', '.join(TYPES)}", "list", most=40)
ACTS = (
    OfficialAct(
        "licence.grant",
        "grant a licence",
        "licensing",
        (
            ActField("number", "number in the register", most=40),
            TYPES_FIELD,
            ActField("from", "first day", "date"),
            ActField("expires", "day on which it ends", "date"),
            ActField("capital_usd", "own capital shown, USD", "whole"),
        ),
        check_grant,
        apply_grant,
    ),
    OfficialAct(
        "licence.vary",
        "vary a licence's types or term",
        "licensing",
        (TYPES_FIELD, ActField("expires", "day on which it ends", "date"), REASON),
        check_vary,
        apply_vary,
    ),
    OfficialAct(
        "licence.suspend",
        "suspend a licence",
        "licensing",
        (ActField("kind", "at whose wish", "choice", choices=KINDS), REASON),
        check_suspend,
        apply_suspend,
    ),
    OfficialAct("licence.reactivate", "let it work again", "licensing", (REASON,), check_reactivate, apply_reactivate),
    OfficialAct(
        "licence.withdraw",
        "end a licence",
        "licensing",
        (ActField("by", "by whom", "choice", choices=("participant", "authority")), REASON),
        check_withdraw,
        apply_withdraw,
    ),
)
