"""Facts about a facility: each with its source, how far it is proven, and the day from which it counts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.terms import check_value

# How far a fact can be believed, the best first: it follows from a replay of the record; an officer signed it into the
# record; a third party's document with a hash stands behind it; the facility says so; a situation of a rule assumes it.
GRADES = ("replayed", "recorded", "attested", "declared", "assumed")


class RuleFact(NamedTuple):
    """One fact. A list of rows is a fact as a whole: what is not in it is not there."""

    name: str
    value: Any
    source: str
    grade: str
    on: date


class FactSet:
    """Facts by name; of one name the newest that has begun counts, and of one day the better proven."""

    def __init__(self, facts: Iterable[RuleFact] = ()) -> None:
        self._facts: dict[str, list[RuleFact]] = {}
        for fact in facts:
            self.add(fact)

    def add(self, fact: RuleFact) -> None:
        """Take one fact.

        Raises: RulebookError where it is no word of the rulebook, or of another kind.
        """
        check_value(fact.source, fact.name, fact.value)
        if fact.grade not in GRADES:
            raise RulebookError(fact.source, expected=f"a grade of {', '.join(GRADES)}", found=repr(fact.grade)[:60])
        rows = self._facts.setdefault(fact.name, [])
        rows.append(fact)
        rows.sort(key=lambda each: (each.on, -GRADES.index(each.grade)))

    def at(self, name: str, day: date) -> RuleFact | None:
        """Return the fact that counts on a day, None where there is none."""
        begun = [fact for fact in self._facts.get(name, ()) if fact.on <= day]
        return begun[-1] if begun else None

    def names(self) -> list[str]:
        """Return the names of all facts."""
        return sorted(self._facts)

    def __iter__(self) -> Any:
        return (fact for name in self.names() for fact in self._facts[name])
