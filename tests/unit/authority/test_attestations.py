"""What a licensee states and what the authority recorded, asked by the rules: attestations count while they do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tarazy.authority.rule_facts import authority_facts, unusable
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.costs import costs_of
from tarazy.rulebook.facts import FactSet

from .office import DOCUMENT, Office

ATTESTED = {
    "rule": "aifc/whistleblowing",
    "owner": "A. Akhmetov",
    "on": "2026-11-30",
    "document_sha256": DOCUMENT,
    "expires": "2027-11-30",
}


def answer(office: Office, rule: str, asof: date) -> str:
    """Return what a rule says of the licensee by the authority's record."""
    facts = FactSet(authority_facts(office.desk.state, "caspian", asof))
    return str(find_rule(f"aifc/{rule}").decide(facts, asof).outcome)


@pytest.fixture
def licensed(office: Office) -> Office:
    """Return an authority with one licensee, licensed from 1 December 2026 to 1 December 2027."""
    return office.licensed()


@pytest.mark.parametrize(
    ("rule", "on", "outcome"),
    [
        ("licence", "2026-11-30", "breached"),  # granted, and not yet begun
        ("licence", "2026-12-01", "met"),
        ("licence", "2027-12-01", "met"),
        ("licence", "2027-12-02", "breached"),
        ("register_states", "2027-09-02", "met"),  # 90 days before its end
        ("register_states", "2027-09-03", "breached"),
        ("licence_scope", "2026-12-01", "met"),
        ("officers", "2026-12-01", "met"),
        ("no_doubling", "2026-12-01", "met"),
        ("independent_directors", "2026-12-01", "met"),
        ("application_fee", "2026-12-01", "met"),
        ("directives", "2026-12-01", "not_applicable"),
        ("green_list_entries", "2026-12-01", "not_applicable"),
        ("policies_filed", "2026-12-01", "unknown"),  # which version runs the authority does not see
        ("capital", "2026-12-01", "met"),  # no text sets the amount; two officers did, from 30 November on
        ("suitability", "2026-12-01", "unknown"),  # nothing is listed
        ("licence_statement", "2026-12-01", "unknown"),  # nobody compared its pages
        ("licence", "2026-11-29", "unknown"),  # before the record of it
    ],
)
def test_record_of_the_authority_decides_rules_on_its_licensee(
    licensed: Office, rule: str, on: str, outcome: str
) -> None:
    assert answer(licensed, rule, date.fromisoformat(on)) == outcome


def test_a_directive_is_in_time_until_its_day_and_done_when_its_plan_is_closed(licensed: Office) -> None:
    licensed.two("directive.issue", "caspian", {"words": "mend it", "due": "2026-12-10"})
    number = licensed.desk.state.licences["caspian"].facts["directives"][0]["number"]
    assert answer(licensed, "directives", date(2026, 12, 10)) == "met"
    assert answer(licensed, "directives", date(2026, 12, 11)) == "breached"
    for step in ("handed in", "approved", "closed"):
        body = {"directive": number, "step": step, "reason": "as agreed"}
        licensed.two("directive.plan", "caspian", body)
    assert answer(licensed, "directives", date(2026, 12, 11)) == "met"


def test_an_attestation_counts_until_its_last_day_and_a_newer_one_replaces_it(licensed: Office) -> None:
    assert answer(licensed, "whistleblowing", date(2026, 11, 30)) == "unknown"
    licensed.act("attestation.receive", "caspian", ATTESTED)
    assert answer(licensed, "whistleblowing", date(2027, 11, 30)) == "met"
    assert answer(licensed, "whistleblowing", date(2027, 12, 1)) == "breached"
    licensed.act("attestation.receive", "caspian", ATTESTED | {"expires": "2027-01-31"})
    assert answer(licensed, "whistleblowing", date(2027, 2, 1)) == "breached"
    assert len(licensed.desk.state.licences["caspian"].facts["attestations"]) == 1


def test_facts_with_an_attestation_are_unknown_when_it_has_lapsed(licensed: Office) -> None:
    stated = ATTESTED | {"rule": "aifc/technology_framework", "facts": "technology_framework_approved_on = 2026-11-01"}
    licensed.act("attestation.receive", "caspian", stated | {"expires": "2027-01-01"})
    assert answer(licensed, "technology_framework", date(2027, 1, 1)) == "met"
    assert answer(licensed, "technology_framework", date(2027, 1, 2)) == "unknown"


@pytest.mark.parametrize(
    ("facts", "name"),
    [
        ("board_chairs = 3", "board_chairs"),
        ('board_seats = "six"', "board_seats"),
        ("house_orders_accepted = 0", "house_orders_accepted"),
        ("record_replays = true", "record_replays"),
    ],
)
def test_a_fact_that_nobody_may_state_counts_nothing_and_is_named(licensed: Office, facts: str, name: str) -> None:
    licensed.act("attestation.receive", "caspian", ATTESTED | {"facts": facts})
    case = licensed.desk.state.licences["caspian"]
    assert list(unusable(case)) == [name]
    named = {fact.name for fact in authority_facts(licensed.desk.state, "caspian", date(2026, 12, 1))}
    assert name not in named - {"board_seats"}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rule": "whistleblowing"}, "an id as aifc/whistleblowing"),
        ({"on": "2026-12-01"}, "a day until 2026-11-30"),
        ({"expires": "2026-11-30"}, "a day to come"),
        ({"document_sha256": "ab"}, "64 hexadecimal digits"),
        ({"facts": "board_seats ="}, "lines of TOML"),
        ({"owner": ""}, "found nothing"),
    ],
)
def test_an_attestation_that_cannot_be_is_refused(licensed: Office, change: dict[str, Any], says: str) -> None:
    with pytest.raises(ActRefusedError, match=says):
        licensed.act("attestation.receive", "caspian", ATTESTED | change)


def test_nobody_attests_for_a_stranger(licensed: Office) -> None:
    with pytest.raises(ActRefusedError, match="none of this name"):
        licensed.act("attestation.receive", "somebody", ATTESTED)


def test_attestations_come_back_with_the_record(licensed: Office) -> None:
    licensed.act("attestation.receive", "caspian", ATTESTED | {"facts": "board_seats = 9"})
    before = list(authority_facts(licensed.desk.state, "caspian", date(2026, 12, 1)))
    licensed.reopened()
    assert list(authority_facts(licensed.desk.state, "caspian", date(2026, 12, 1))) == before


def test_a_listing_is_a_score_card_of_who_proposed_and_who_decided(licensed: Office) -> None:
    licensed.listed()
    listed_on = date(2026, 11, 30)
    assert answer(licensed, "suitability", listed_on) == "met"
    assert answer(licensed, "suitability", date(2027, 11, 30)) == "met"  # 365 days old
    assert answer(licensed, "suitability", date(2027, 12, 1)) == "breached"
    licensed.two("token.remove", "bitcoin", {"withdrawals_until": "2027-01-31", "reason": "off"})
    assert answer(licensed, "suitability", listed_on) == "unknown"


def test_capital_below_what_two_officers_set_is_found_from_its_day_on(licensed: Office) -> None:
    row = {"value": 300_001, "unit": "USD", "from": "2027-01-01", "source": "set for a test"}
    licensed.two("parameter.set", "capital.datf_min_usd", row)
    assert answer(licensed, "capital", date(2026, 12, 31)) == "met"
    assert answer(licensed, "capital", date(2027, 1, 1)) == "breached"


def test_what_a_licensee_s_rules_cost_comes_with_its_attestations(licensed: Office) -> None:
    row = 'compliance_costs = [{ rule = "aifc/retention", quarter = "2026-Q3", hours = 5, officer = "C. Chen" }]'
    licensed.act("attestation.receive", "caspian", ATTESTED | {"facts": row})
    facts = FactSet(authority_facts(licensed.desk.state, "caspian", date(2026, 12, 1)))
    cost = costs_of("aifc/retention", facts, date(2026, 12, 1))["2026-Q3"]
    assert (cost.hours, cost.officer, cost.grade) == (5, "C. Chen", "attested")
