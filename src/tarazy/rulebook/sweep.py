"""The temporal sweep: on every quarter's first day no conflict, no gap, and a row for every value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from tarazy.rulebook.catalogue import LoadedRule, regimes, rules_of
from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.judging import in_force

FIRST = date(2024, 1, 1)
MONTHS = (1, 4, 7, 10)


def quarters(first: date, last: date) -> Iterator[date]:
    """Yield the first day of every quarter from one day to another."""
    for year in range(first.year, last.year + 1):
        for month in MONTHS:
            day = date(year, month, 1)
            if first <= day <= last:
                yield day


def swept(last: date, first: date = FIRST) -> list[str]:
    """Return what is wrong on any quarter's first day, over all regimes."""
    faults = []
    for regime in regimes():
        for day in quarters(first, last):
            try:
                rules = in_force(regime, day)
            except RulebookError as error:
                faults.append(str(error))
                rules = [each for each in rules_of(regime) if each.rule.is_in_force(day)]
            faults += [fault for rule in rules for fault in missing_values(rule, day)]
    return faults


def missing_values(rule: LoadedRule, day: date) -> list[str]:
    """Return the values of a rule that have no row on a day."""
    faults = []
    for key in rule.values.keys:
        try:
            rule.values.at(key, day)
        except RulebookError as error:
            faults.append(str(error))
    return faults
