"""What the authority's record says of a licensee, as facts for the rulebook, each with the act that it is from.

Their grade is `recorded`: officers signed the acts. What a licensee attested has the grade `attested`, and counts while
the attestation does. A fact that is no word of the rulebook, or of another kind, is left out and named by
`unusable`: who stated it learns why the rule stays unknown.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from datetime import date
from typing import Any

from tarazy.authority.attestations import facts_stated
from tarazy.authority.greenlist.dossier import LISTED, REVIEW
from tarazy.authority.licensing.application import MANDATORY, PERSON
from tarazy.authority.licensing.directives import CLOSED
from tarazy.authority.licensing.licence import register_state
from tarazy.authority.licensing.statements import DISCLOSURES_PAGE, STATEMENT_PAGE
from tarazy.authority.parameters import CAPITAL
from tarazy.authority.state import AuthorityCase, AuthorityState
from tarazy.platform.signed_acts.fields import is_date
from tarazy.rulebook.catalogue import all_rules
from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.fact_files import check_stated
from tarazy.rulebook.facts import RuleFact

ACTIVITY = "operating a trading facility"
APPLICATION, GRANT, LIST = "application.receive", "licence.grant", "token.list"
STATEMENT_MISSING = f"site.{STATEMENT_PAGE}"
# Findings after which nobody can say that the rules of the facility lie open.
RULEBOOKS = ("business-rules", "admission-rules", "membership-rules")
OPEN_RULES = {f"site.{DISCLOSURES_PAGE}", *(f"disclosure.{name}" for name in RULEBOOKS)}


def authority_facts(state: AuthorityState, name: str, asof: date) -> Iterator[RuleFact]:
    """Yield what the record says of a licensee or applicant; nothing of one that it does not know."""
    case = state.licences.get(name)
    if case is None:
        return
    applied = _act(case, APPLICATION)
    for fact, value in _of_application(case).items():
        yield _recorded(fact, value, applied, case)
    if "number" in case.facts:
        for fact, value in _of_licence(case).items():
            yield _recorded(fact, value, _act(case, GRANT), case)
    yield RuleFact("green_list", green_list(state), "the authority's green list", "recorded", _first_day(case))
    yield from _of_decisions(state, asof)
    yield from _of_site(case)
    yield from _attested(case, asof)


def counts_on(state: AuthorityState, name: str, asof: date) -> Hashable:
    """Return what makes the facts of one state differ from day to day: what counts of what was attested and set."""
    rows, day = state.licences[name].facts.get("attestations", []), asof.isoformat()
    begun = [each["from"] for each in state.parameters if each["key"] == CAPITAL and each["from"] <= day]
    return tuple(row["on"] <= day <= row["expires"] for row in rows), len(begun)


def unusable(case: AuthorityCase) -> dict[str, str]:
    """Return why something that a licensee stated counts nothing, by the fact's name or the rule's id."""
    found = {}
    known = {each.id for each in all_rules()}
    for row in case.facts.get("attestations", []):
        if row["rule"] not in known:
            found[row["rule"]] = f"attestation {row['act']}: the rulebook has no rule of this id"
        for name, value in facts_stated("facts", row["facts"]).items():
            try:
                check_stated(f"attestation {row['act']}", name, value)
            except RulebookError as error:
                found[name] = str(error)
    return found


def _act(case: AuthorityCase, act: str) -> tuple[int, date]:
    """Return number and day of the newest act of a kind."""
    steps = [step for step in case.steps if step.act == act]
    return (steps[-1].number, date.fromisoformat(steps[-1].at[:10])) if steps else (0, _first_day(case))


def _first_day(case: AuthorityCase) -> date:
    return date.fromisoformat(case.steps[0].at[:10])


def _recorded(name: str, value: Any, act: tuple[int, date], case: AuthorityCase) -> RuleFact:
    return RuleFact(name, value, f"authority's record, act {act[0]} on {case.name}", "recorded", act[1])


def _of_application(case: AuthorityCase) -> dict[str, Any]:
    """Return what the application states: people, board, fee, policies."""
    body = case.facts["application"]
    number, filed = _act(case, APPLICATION)
    approval = body.get("doubling_approval") or ""
    posts = [
        {"role": PERSON[role].lower(), "holder": body[role], "begins": filed, "approval": approval}
        for role in MANDATORY
    ]
    return {
        "application_filed_on": filed,
        "application_fee_paid_usd": body["fee_paid_usd"],
        "appointments": posts,
        "board_seats": body["board_members"],
        "board_independent": body["independent_members"],
        "policies": [{"id": each[:16], "filed_sha256": each, "receipt": f"act {number}"} for each in body["policies"]],
    }


def _of_licence(case: AuthorityCase) -> dict[str, Any]:
    """Return what the licence and what came after it state."""
    facts = case.facts
    state = "withdrawn" if register_state(case).startswith("withdrawn") else register_state(case)
    licence = {
        "id": facts["number"],
        "activity": ACTIVITY,
        "begins": date.fromisoformat(facts["from"]),
        "expires": date.fromisoformat(facts["expires"]),
        "state": state,
        "regime": "aifc",
    }
    return {
        "licences": [licence],
        "capital_resources_usd": facts["capital_usd"],
        "directives": [_directive(case, row) for row in facts.get("directives", [])],
    }


def _directive(case: AuthorityCase, row: dict[str, Any]) -> dict[str, Any]:
    """Return a directive with the day on which it was closed, if it was."""
    found = {"id": str(row["number"]), "due": date.fromisoformat(row["due"])}
    if row["state"] == CLOSED:
        words = f"plan for directive {row['number']} {CLOSED}"
        closing = [step for step in case.steps if step.words.startswith(words)]
        found["done"] = date.fromisoformat(closing[-1].at[:10])
    return found


def green_list(state: AuthorityState) -> list[dict[str, Any]]:
    """Return the entries in force, each with the source and the document of its evidence of identity."""
    found = []
    for case in state.tokens.values():
        if case.state in (LISTED, REVIEW):
            evidence = case.facts["evidence"].get("identity", {})
            row = {"id": case.facts["dossier"]["symbol"], "source": evidence.get("source") or ""}
            found.append(row | {"sha256": evidence.get("sha256") or ""})
    return found


def _of_decisions(state: AuthorityState, asof: date) -> Iterator[RuleFact]:
    """Yield the score cards behind the list, and the minimum of capital that two officers set, where they did."""
    cards = score_cards(state)
    if cards:
        newest = max(row["scored"] for row in cards)
        yield RuleFact("score_cards", cards, "decisions on the authority's green list", "recorded", newest)
    least = state.parameter(CAPITAL, asof.isoformat())
    if least is not None:
        begun = [row["from"] for row in state.parameters if row["key"] == CAPITAL and row["from"] <= asof.isoformat()]
        source = f"the authority's parameter {CAPITAL}"
        yield RuleFact("capital_minimum_usd", least, source, "recorded", date.fromisoformat(max(begun)))


def score_cards(state: AuthorityState) -> list[dict[str, Any]]:
    """Return who weighed each listed token, on how many matters, and who decided, by the newest decision to list it."""
    found = []
    for case in state.tokens.values():
        steps = [step for step in case.steps if step.act == LIST]
        if case.state in (LISTED, REVIEW) and steps:
            proposer, decider = steps[-1].officers
            row = {"id": case.facts["dossier"]["symbol"], "matters": len(case.facts["evidence"])}
            row |= {"scored_by": f"officer {proposer}", "reviewed_by": f"officer {decider}"}
            found.append(row | {"scored": date.fromisoformat(steps[-1].at[:10])})
    return found


def _of_site(case: AuthorityCase) -> Iterator[RuleFact]:
    """Yield what the newest comparison of a licensee's public pages found; nothing before the first."""
    compared = case.facts.get("compared")
    if compared is None:
        return
    on, codes = date.fromisoformat(compared["on"]), {row["code"]: row["found"] for row in compared["findings"]}
    source = f"authority's record, act {compared['act']}: public pages compared"
    is_open = not codes.keys() & OPEN_RULES
    yield RuleFact("rulebooks_open_without_login", is_open, source, "recorded", on)
    if STATEMENT_MISSING not in codes:
        yield RuleFact("licence_statements", [stated(case, compared, codes)], source, "recorded", on)


def stated(case: AuthorityCase, compared: dict[str, Any], found: dict[str, str]) -> dict[str, Any]:
    """Return what a licensee published of its licence beside what the register said on that day."""
    said = {name: found.get(f"statement.{name}", text) for name, text in compared["registered"].items()}
    row: dict[str, Any] = {"id": case.name}
    for prefix, values in (("register_", compared["registered"]), ("", said)):
        row |= {f"{prefix}{name}": values[name] for name in ("number", "state")}
        if is_date(values["expires"]):
            row[f"{prefix}expires"] = date.fromisoformat(values["expires"])
    return row


def _attested(case: AuthorityCase, asof: date) -> Iterator[RuleFact]:
    """Yield the attestations, and the facts of those that count on a day."""
    rows = case.facts.get("attestations", [])
    statements = [
        {
            "rule": row["rule"],
            "owner": row["owner"],
            "on": date.fromisoformat(row["on"]),
            "document_sha256": row["document_sha256"],
            "expires": date.fromisoformat(row["expires"]),
        }
        for row in rows
    ]
    if statements:
        yield RuleFact("attestations", statements, "authority's record", "attested", min(r["on"] for r in statements))
    left_out = unusable(case)
    for row in rows:
        on, expires = date.fromisoformat(row["on"]), date.fromisoformat(row["expires"])
        if on <= asof <= expires:
            source = f"attestation, act {row['act']}, by {row['owner']}, document {row['document_sha256']}"
            for name, value in facts_stated("facts", row["facts"]).items():
                if name not in left_out:
                    yield RuleFact(name, value, source, "attested", on)
