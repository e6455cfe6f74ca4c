"""Since when and until when a rule answers so: days by hand, and the same as asking every single day one by one."""

from __future__ import annotations

from datetime import date, timedelta

from tarazy.authority.obligation_days import AnswerSpan, Licensee, spans
from tarazy.authority.rule_facts import authority_facts
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.rulebook.judging import judge

from .office import DOCUMENT, Office

ATTESTED = {
    "rule": "aifc/whistleblowing",
    "owner": "Dana",
    "on": "2026-12-20",
    "document_sha256": DOCUMENT,
    "expires": "2027-05-31",
}


def spans_of(office: Office, *facts: RuleFact) -> dict[str, AnswerSpan]:
    """Return the spans of today, by the clock of the office."""
    today = date.fromisoformat(office.desk.now()[:10])
    asked = Licensee("aifc", "caspian", FactSet(facts))
    return spans(office.desk.record.lines, office.desk.state, asked, today)


def test_answers_that_time_alone_changed_begin_on_their_day(office: Office) -> None:
    """Licensed on 30 November for a year from 1 December on: nobody acted on the day on which it began."""
    office.licensed()
    assert spans_of(office)["aifc/licence"] == AnswerSpan(date(2026, 11, 30), False, date(2026, 11, 30), "met")
    office.go_to("2026-12-20")
    assert spans_of(office)["aifc/licence"] == AnswerSpan(date(2026, 12, 1), False, date(2027, 12, 1), "breached")


def test_an_act_begins_an_answer_and_a_later_day_in_the_record_ends_it(office: Office) -> None:
    office.licensed().go_to("2026-12-20")
    before = spans_of(office)
    assert before["aifc/whistleblowing"] == AnswerSpan(date(2026, 11, 30), False, None, "")
    assert before["aifc/capital"].until is None
    office.act("attestation.receive", "caspian", ATTESTED)
    row = {"value": 300_001, "unit": "USD", "from": "2027-01-01", "source": "set for a test"}
    office.two("parameter.set", "capital.datf_min_usd", row)
    after = spans_of(office.reopened())
    assert after["aifc/whistleblowing"] == AnswerSpan(date(2026, 12, 20), False, date(2027, 5, 31), "breached")
    assert after["aifc/capital"] == AnswerSpan(date(2026, 11, 30), False, date(2026, 12, 31), "breached")


def test_an_answer_that_came_back_counts_from_its_return(office: Office) -> None:
    """Suspended on 10 December, active again on 15 December."""
    office.licensed().go_to("2026-12-10")
    office.two("licence.suspend", "caspian", {"kind": "ordered", "reason": "segregation"})
    assert spans_of(office)["aifc/licence"].since == date(2026, 12, 10)
    office.go_to("2026-12-15")
    office.two("licence.reactivate", "caspian", {"reason": "mended"})
    office.go_to("2026-12-20")
    assert spans_of(office)["aifc/licence"].since == date(2026, 12, 15)


def test_facts_of_the_licensee_s_own_record_count_from_their_day(office: Office) -> None:
    office.licensed().go_to("2026-12-20")
    orders = RuleFact("house_orders_accepted", 3, "fact tables", "replayed", date(2026, 12, 10))
    affiliates = RuleFact("affiliate_accounts_without_approval", 0, "fact tables", "replayed", date(2026, 12, 10))
    assert spans_of(office, orders, affiliates)["aifc/own_account"].since == date(2026, 12, 10)
    none = orders._replace(value=0, on=date(2026, 12, 15))
    assert spans_of(office, orders, none, affiliates)["aifc/own_account"].since == date(2026, 12, 15)


def test_an_answer_older_than_what_is_looked_at_says_so(office: Office) -> None:
    office.licensed().go_to("2028-01-15")
    first = date(2028, 1, 15) - timedelta(days=370)
    found = spans_of(office)
    assert found["aifc/independent_directors"][:2] == (first, True)
    assert found["aifc/licence"][:2] == (date(2027, 12, 2), False)


def test_every_rule_has_the_day_that_asking_each_day_gives(office: Office) -> None:
    """The long way: all days from the first act to today, and a year ahead, one by one."""
    office.licensed().act("attestation.receive", "caspian", ATTESTED | {"on": "2026-11-30", "expires": "2027-01-10"})
    office.go_to("2027-01-25")
    found, today = spans_of(office), date(2027, 1, 25)
    days = [date(2026, 11, 30) + timedelta(days=n) for n in range((today - date(2026, 11, 30)).days + 1)]
    known: dict[date, dict[str, str]] = {}

    def ask(day: date) -> dict[str, str]:
        if day not in known:
            judged = judge("aifc", FactSet(authority_facts(office.desk.state, "caspian", day)), day)
            known[day] = {each.loaded.id: str(each.verdict.outcome) for each in judged}
        return known[day]

    for rule, span in found.items():
        answers = [ask(day)[rule] for day in days]
        same = next((n for n, answer in enumerate(reversed(answers)) if answer != answers[-1]), len(days))
        assert span.since == days[len(days) - same], rule
        if span.until is not None:
            assert ask(span.until)[rule] == answers[-1], rule
            assert ask(span.until + timedelta(days=1))[rule] == span.then != answers[-1], rule
