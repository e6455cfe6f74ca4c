"""Since when each rule answers of a licensee as it does today, and until when, if nobody does anything.

The past is the authority's own record: its acts take effect again day by day, and the rules are asked with the facts
that were known then. Where nothing is told anew only time passes, so a change there is found by halving; an answer that
changed and changed back between two such days is taken for one that stayed. The days to come are asked with the facts
of today.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from tarazy.authority.desk import states_by_day
from tarazy.authority.rule_facts import authority_facts, counts_on, green_list, score_cards
from tarazy.authority.state import AuthorityState
from tarazy.platform.signed_acts.record import ActLine
from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.outcomes import RegimeOutcomes
from tarazy.rulebook.verdicts import Outcome

LOOKED_BACK_DAYS, LOOKED_AHEAD_DAYS, STEP_DAYS = 370, 400, 40
DAY = timedelta(days=1)
Answers = dict[str, Outcome]  # by rule
Ask = Callable[[date], Answers]


class Licensee(NamedTuple):
    """Whom the rules are asked of: the regime, the short name in the register, facts of its own record."""

    regime: str
    name: str
    recorded: FactSet


class AnswerSpan(NamedTuple):
    """First day of an answer; whether it may be older than what was looked at; its last day, and what comes then."""

    since: date
    is_older: bool
    until: date | None
    then: str


def list_inputs(state: AuthorityState) -> Hashable:
    """Return what every licensee's facts are made from: the green list and who decided on it."""
    return repr((green_list(state), score_cards(state)))


def inputs_of(state: AuthorityState, name: str, listed: Hashable) -> Hashable:
    """Return what a licensee's facts are made from; while it is the same, only time changes an answer."""
    case = state.licences[name]
    compared = case.facts.get("compared", {})
    found = sorted((row["code"], row["found"]) for row in compared.get("findings", ()))
    seen = (compared.get("on", ""), repr(found), repr(compared.get("registered")))
    return len(case.steps), listed, len(state.parameters), seen


def spans(lines: Sequence[ActLine], state: AuthorityState, asked: Licensee, today: date) -> dict[str, AnswerSpan]:
    """Return the span of each rule's answer of today; `lines` are those of the record that made the state."""
    first = today - LOOKED_BACK_DAYS * DAY
    edges = [fact.on for fact in asked.recorded if first < fact.on <= today]
    past, outcomes = _Past(), RegimeOutcomes(asked.regime)
    for begins, ends, then in states_by_day(lines, today):
        if ends >= first and asked.name in then.licences:
            ask = asking(then, asked, outcomes)
            for start, last in _split(max(begins, first), ends, edges):
                past.take(start, last, ask)
    ahead = _ahead(asking(state, asked, outcomes), today)
    return {rule: AnswerSpan(since, since == first, *ahead.get(rule, (None, ""))) for rule, since in past.since.items()}


def asking(state: AuthorityState, asked: Licensee, outcomes: RegimeOutcomes) -> Ask:
    """Return what asks every rule on a day with the facts that a state gives; each day is asked once."""
    known: dict[date, Answers] = {}
    facts: dict[Hashable, FactSet] = {}

    def ask(day: date) -> Answers:
        if day not in known:
            alike = counts_on(state, asked.name, day)
            if alike not in facts:
                facts[alike] = FactSet([*asked.recorded, *authority_facts(state, asked.name, day)])
            known[day] = outcomes.on(facts[alike], day)
        return known[day]

    return ask


class _Past:
    """The first day of each rule's newest answer, while stretches of days go by in order."""

    def __init__(self) -> None:
        self.since: dict[str, date] = {}
        self._now: Answers = {}

    def take(self, start: date, last: date, ask: Ask) -> None:
        """Take a stretch in which nothing was told anew."""
        self._take(dict.fromkeys(ask(start), start), ask(start))
        changed = {rule for rule, answer in ask(last).items() if answer != ask(start).get(rule)}
        self._take({rule: _first_of(rule, start, last, ask) for rule in changed}, ask(last))

    def _take(self, days: dict[str, date], answers: Answers) -> None:
        for rule, answer in answers.items():
            if self._now.get(rule) != answer:
                self.since[rule] = days[rule]
        self.since = {rule: day for rule, day in self.since.items() if rule in answers}
        self._now = answers


def _first_of(rule: str, start: date, last: date, ask: Ask) -> date:
    """Return the first day of a rule's answer on the last day, in a stretch that began with another."""
    answer = ask(last).get(rule)
    while (last - start).days > 1:
        middle = start + (last - start).days // 2 * DAY
        start, last = (start, middle) if ask(middle).get(rule) == answer else (middle, last)
    return last


def _split(begins: date, ends: date, edges: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Yield a stretch in parts that begin where a recorded fact does."""
    starts = [begins, *sorted({day for day in edges if begins < day <= ends})]
    lasts = [*(day - DAY for day in starts[1:]), ends]
    yield from zip(starts, lasts, strict=True)


def _ahead(ask: Ask, today: date) -> dict[str, tuple[date, str]]:
    """Return the last day of each answer that changes in the days to come, and the one that follows it."""
    found: dict[str, tuple[date, str]] = {}
    start = today
    while (start - today).days < LOOKED_AHEAD_DAYS:
        last = start + STEP_DAYS * DAY
        try:
            changed = {rule for rule, answer in ask(last).items() if answer != ask(start).get(rule)}
        except RulebookError:  # the rulebook says nothing of days so far ahead
            break
        for rule in sorted(changed - found.keys()):
            first = _first_of(rule, start, last, ask)
            found[rule] = (first - DAY, str(ask(first).get(rule, "")))
        start = last
    return {rule: span for rule, span in found.items() if rule in ask(today)}
