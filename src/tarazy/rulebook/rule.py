"""What every rule is: a folder with `rule.py`, `values.toml` and `situations.toml`.

`rule.py` declares `RULE` and `check(case)`. A rule does not load without what the reader needs to judge it: title,
subject, provisions and the reason why it is coded as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.provisions import Provision, provisions
from tarazy.rulebook.verdicts import RuleVerdict

RuleCheck = Callable[[RuleCase], RuleVerdict]


class RuleKind(StrEnum):
    """What a rule does."""

    obligation = "obligation"
    prohibition = "prohibition"
    limit = "limit"
    eligibility = "eligibility"
    definition = "definition"


class RuleForm(StrEnum):
    """How much of a provision a program decides: all; dates, presence and arithmetic; nothing, a person attests."""

    coded = "coded"
    partly = "partly"
    attested = "attested"


class Rule(NamedTuple):
    """What a rule says of itself.

    subject: what it decides; in one regime one rule decides a subject on a day, or one is the exception (`overrides`)
    of the other. It also pairs rules of different regimes. begins, ends: first and last day in force.
    """

    title: str
    kind: RuleKind
    form: RuleForm
    subject: str
    provisions: tuple[str, ...]
    why: str
    begins: date = date(2024, 1, 1)
    ends: date | None = None
    overrides: str = ""

    def is_in_force(self, day: date) -> bool:
        """Return whether the rule counts on a day."""
        return self.begins <= day and (self.ends is None or day <= self.ends)

    def rows(self) -> list[Provision]:
        """Return its provisions."""
        return [provisions()[each] for each in self.provisions]

    @property
    def is_law(self) -> bool:
        """Say whether binding text of it was seen; else it is a default of the design, or of a neighbouring text."""
        return any(row.is_seen for row in self.rows())
