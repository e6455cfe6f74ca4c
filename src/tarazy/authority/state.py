"""What the authority knows: everything here is made by replaying the record, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tarazy.platform.signed_acts.fields import ActField, Body

ROLES = ("administrator", "licensing", "listing", "consultation")


class Occasion(NamedTuple):
    """An act that takes effect: on what, with which fields, when, by whom; `number` is its line's."""

    subject: str
    body: Body
    at: str
    officers: tuple[int, ...]
    number: int

    @property
    def day(self) -> str:
        """Return the day, UTC."""
        return self.at[:10]


@dataclass(frozen=True)
class OfficialAct:
    """A kind of act. `check` raises ActRefusedError; `apply` changes the state and cannot fail after `check`."""

    name: str
    words: str
    role: str
    fields: tuple[ActField, ...]
    check: Callable[[AuthorityState, Occasion], None]
    apply: Callable[[AuthorityState, Occasion], None]
    is_for_two: bool = True
    is_public: bool = False


@dataclass
class AuthorityOfficer:
    """A person who acts for the authority."""

    officer_id: int
    name: str
    public_key: str
    roles: tuple[str, ...]
    is_active: bool = True


@dataclass
class Proposal:
    """What one officer has proposed and another decides."""

    number: int
    act: str
    subject: str
    body: Body
    officer_id: int
    at: str
    outcome: str = ""
    decided_by: int = 0
    decided_at: str = ""
    reason: str = ""


@dataclass
class Step:
    """One step in the life of a licence, a token or a consultation."""

    number: int
    at: str
    act: str
    officers: tuple[int, ...]
    words: str


@dataclass
class AuthorityCase:
    """What has a life of steps and a state."""

    name: str
    title: str
    state: str
    facts: dict[str, Any]
    steps: list[Step] = field(default_factory=list)


@dataclass
class Filing:
    """What an applicant has filed: for which act, with which fields (JSON) and documents, what became of it."""

    number: int
    kind: str
    subject: str
    applicant: str
    fields: str
    documents: tuple[str, ...]
    at: str
    state: str = "filed"
    reason: str = ""
    taken_by: int = 0
    questions: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class AuthorityState:
    """Officers, proposals, and the cases of each room by name."""

    title: str = ""
    desk_key: str = ""
    officers: dict[int, AuthorityOfficer] = field(default_factory=dict)
    proposals: dict[int, Proposal] = field(default_factory=dict)
    parameters: list[dict[str, Any]] = field(default_factory=list)
    licences: dict[str, AuthorityCase] = field(default_factory=dict)
    tokens: dict[str, AuthorityCase] = field(default_factory=dict)
    consultations: dict[str, AuthorityCase] = field(default_factory=dict)
    filings: dict[int, Filing] = field(default_factory=dict)

    def active(self, role: str) -> list[int]:
        """Return the active officers with a role."""
        return [each.officer_id for each in self.officers.values() if each.is_active and role in each.roles]

    def parameter(self, key: str, day: str) -> int | None:
        """Return a parameter that was set by two officers, in force on a day, or None where nobody has set it."""
        begun = [each for each in self.parameters if each["key"] == key and each["from"] <= day]
        return int(max(begun, key=lambda each: each["from"])["value"]) if begun else None


def note(case: AuthorityCase, occasion: Occasion, act: str, words: str, state: str = "") -> None:
    """Add a step to a case, and move it to a state."""
    case.steps.append(Step(occasion.number, occasion.at, act, occasion.officers, words))
    case.state = state or case.state
