"""Facts of the admission desk and of confirmations, asked by the rules themselves, both sides of each.

What is right: DAA 2.5.1(3), ten days' notice; 2.8.1(3)(a), the decision comes first; 2.10.1(1), what is published;
2.10.1(1)(f) and COB 3, told before the first trade.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tarazy.facility.admission.acknowledgements import Acknowledged
from tarazy.facility.rule_facts.admission_facts import DeskOnDay, admission_facts, desk_on
from tarazy.facility.rule_facts.confirmation_facts import confirmation_facts, until
from tarazy.oversight.publications.disclosures import every_head
from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.costs import costs_of
from tarazy.rulebook.facts import FactSet, RuleFact

from ..admission.bureau import DOCUMENT, FACILITY_ID, TOKEN, Bureau, seconds

TODAY = date(2026, 11, 30)
NS = 10**9
NOON_NS = int(seconds("2026-11-30")) * NS
RULES_TEXT = """# Duties of members
Pay.
## Transactions
# Staff standards
# Dispute resolution
# Appeal
# Discipline and sanctions
"""


@pytest.fixture
def bureau(tmp_path: Path) -> Bureau:
    """Found a desk."""
    return Bureau(tmp_path)


def facts_on(bureau: Bureau, asof: date, admitted_ns: dict[str, int]) -> FactSet:
    """Return the desk's facts as of a day."""
    desk = desk_on(bureau.facility, FACILITY_ID, {}, asof)
    if desk is None:
        return FactSet()
    found = admission_facts(desk.state, admitted_ns, asof)
    return FactSet(RuleFact(name, value, "admission desk", "recorded", desk.on) for name, value in found.items())


def answer(
    bureau: Bureau, rule: str, asof: date = TODAY, admitted_ns: dict[str, int] | None = None, **more: Any
) -> str:
    """Return what a rule says of the desk; `more` are facts of others."""
    facts = facts_on(bureau, asof, admitted_ns or {})
    for name, value in more.items():
        facts.add(RuleFact(name, value, "others", "recorded", date(2026, 1, 1)))
    return str(find_rule(f"aifc/{rule}").decide(facts, asof).outcome)


def test_heads_with_a_paper_in_force_are_what_is_published(bureau: Bureau) -> None:
    heads = [each.name for each in every_head() if each.rule.startswith("aifc_daa/2.10.1")]
    for head in heads[1:]:
        bureau.published(head)
    bureau.published(heads[0], effective="2026-12-01")
    assert answer(bureau, "static_disclosures") == "breached"
    assert answer(bureau, "static_disclosures", TODAY + timedelta(days=1)) == "met"
    assert answer(bureau, "static_disclosures", TODAY - timedelta(days=1)) == "unknown"  # before there was a desk


def test_three_rulebooks_and_their_sections_are_read_from_the_papers(bureau: Bureau) -> None:
    bureau.published("business-rules", text=RULES_TEXT)
    bureau.published("admission-rules")
    assert answer(bureau, "three_rulebooks") == "breached"
    bureau.published("membership-rules")
    assert answer(bureau, "three_rulebooks") == "met"
    assert answer(bureau, "content_of_rules") == "unknown"  # whether it lies open the authority looks
    assert answer(bureau, "content_of_rules", rulebooks_open_without_login=True) == "met"
    assert answer(bureau, "content_of_rules", rulebooks_open_without_login=False) == "breached"
    bureau.published("business-rules", text=RULES_TEXT.replace("# Appeal\n", ""), effective="2026-12-10")
    assert answer(bureau, "content_of_rules", date(2026, 12, 9), rulebooks_open_without_login=True) == "met"
    assert answer(bureau, "content_of_rules", date(2026, 12, 10), rulebooks_open_without_login=True) == "breached"


def test_the_first_rules_need_no_notice_and_every_release_of_the_record_an_approval(bureau: Bureau) -> None:
    approval = {"authority_approval": "AFSA-9", "authority_approved_on": "2026-11-29"}
    bureau.published("business-rules", **approval)
    assert answer(bureau, "notice_of_changes") == "not_applicable"
    bureau.published("business-rules", text="Changed.", effective="2026-12-10", **approval)
    assert answer(bureau, "notice_of_changes") == "met"
    digests = [row["sha256"] for row in bureau.desk.state.papers]
    releases = [{"id": each, "first_set": TODAY} for each in digests]
    assert answer(bureau, "approval_of_rules", releases_in_record=releases) == "met"
    stranger = [*releases, {"id": DOCUMENT, "first_set": TODAY}]
    assert answer(bureau, "approval_of_rules", releases_in_record=stranger) == "breached"
    bureau.published("fees")  # without the authority's word
    assert answer(bureau, "approval_of_rules", releases_in_record=releases) == "breached"


def test_an_admission_rests_on_a_decision_of_the_day_or_before(bureau: Bureau) -> None:
    bureau.ready()
    early, same = {"BTC": NOON_NS - 86_400 * NS}, {"BTC": NOON_NS}
    assert answer(bureau, "satisfaction_first", admitted_ns=same, trades_before_admission=0) == "unknown"
    bureau.adopted()
    assert answer(bureau, "satisfaction_first", admitted_ns=same, trades_before_admission=0) == "met"
    assert answer(bureau, "satisfaction_first", admitted_ns=early, trades_before_admission=0) == "breached"
    for rule in ("applicants", "decision_notice"):
        assert answer(bureau, rule, admitted_ns=same) == "met"
    assert answer(bureau, "undertakings", admitted_ns=same) == "breached"
    assert answer(bureau, "stablecoin_approval", admitted_ns=same) == "not_applicable"
    assert answer(bureau, "prohibited_assets", admitted_ns=same) == "unknown"  # this list says nothing of features


def test_what_the_list_says_of_a_stablecoin_decides_its_rules(bureau: Bureau) -> None:
    flags = {"anonymity_enhanced": False, "algorithmic": True, "class": "fiat_stablecoin"}
    bureau.chartered().licensed().imported({**TOKEN, **flags})
    assert answer(bureau, "stablecoin_approval", admitted_ns={"BTC": NOON_NS}) == "breached"
    assert answer(bureau, "prohibited_assets", admitted_ns={"BTC": NOON_NS}) == "breached"
    bureau.imported({**TOKEN, **flags, "algorithmic": False, "approval": "AFSA-S-1"})
    assert answer(bureau, "stablecoin_approval", admitted_ns={"BTC": NOON_NS}) == "met"
    assert answer(bureau, "prohibited_assets", admitted_ns={"BTC": NOON_NS}) == "met"


def test_tests_of_stablecoins_do_not_apply_where_the_list_says_that_none_trades(bureau: Bureau) -> None:
    """What backs a stablecoin nobody here knows: unknown; so is an asset whose class the list does not say."""
    admitted = {"BTC": NOON_NS}
    bureau.chartered().licensed().imported({**TOKEN, "class": "native"})
    assert answer(bureau, "stablecoin_tests", admitted_ns=admitted) == "not_applicable"
    assert answer(bureau, "stablecoin_tests", admitted_ns={**admitted, "ETH": NOON_NS}) == "unknown"
    for kind in ("fiat_stablecoin", "commodity_stablecoin"):
        bureau.imported({**TOKEN, "class": kind})
        assert answer(bureau, "stablecoin_tests", admitted_ns=admitted) == "unknown"


def test_costs_reach_a_review_and_keys_that_the_record_does_not_know_make_no_proof(bureau: Bureau) -> None:
    body = {"quarter": "2026-Q3", "hours": 7, "document_sha256": DOCUMENT}
    bureau.act("cost.record", "aifc/client_money", body, officer=2)
    found = costs_of("aifc/client_money", facts_on(bureau, TODAY, {}), TODAY)
    assert {quarter: (each.hours, each.officer) for quarter, each in found.items()} == {"2026-Q3": (7, "officer 2")}
    keys = {number: key.public_key.hex() for number, key in bureau.keys.items()}
    known = desk_on(bureau.facility, FACILITY_ID, keys, TODAY)
    stranger = desk_on(bureau.facility, FACILITY_ID, {**keys, 2: DOCUMENT}, TODAY)
    assert isinstance(known, DeskOnDay)
    assert isinstance(stranger, DeskOnDay)
    assert (known.is_proven, stranger.is_proven) == (True, False)


def confirmed(account: int, head: str, at_s: int) -> Acknowledged:
    """Return a confirmation."""
    return Acknowledged(account, head, 1, DOCUMENT, "aigul", at_s)


def test_orders_before_a_confirmation_are_counted_to_the_second() -> None:
    """1 confirmed in the second of its order, 2 a second later, 3 one paper of two, 4 nothing; 5 never ordered."""
    at_s = NOON_NS // NS
    rows = [confirmed(1, head, at_s) for head in ("conflicts", "risks")]
    rows += [confirmed(2, head, at_s + 1) for head in ("conflicts", "risks")]
    rows += [confirmed(3, "risks", at_s - 9), confirmed(5, "conflicts", at_s)]
    orders = dict.fromkeys((1, 2, 3, 4), NOON_NS + 5)
    assert confirmation_facts(rows, orders) == {
        "accounts_trading_without_conflict_notice": 3,
        "accounts_trading_without_risk_warning": 2,
    }
    again = confirmed(2, "risks", at_s - 100)._replace(version=0)  # an older version, confirmed in time
    assert confirmation_facts([*rows, again], orders)["accounts_trading_without_risk_warning"] == 1
    assert confirmation_facts([], {}) == dict.fromkeys(confirmation_facts([], {}), 0)


def test_confirmations_after_the_day_of_the_question_are_not_known_on_it() -> None:
    last_s = int(seconds("2026-11-30")) + 12 * 3_600 - 1
    rows = [confirmed(1, "risks", last_s), confirmed(2, "risks", last_s + 1)]
    assert [row.account_id for row in until(rows, TODAY)] == [1]


def test_a_folder_without_a_desk_is_asked_nothing(tmp_path: Path) -> None:
    bureau = Bureau(tmp_path)
    assert desk_on(bureau.facility, FACILITY_ID, {}, TODAY) is None  # a desk without an act
