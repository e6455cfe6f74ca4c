"""What the admission desk knows: everything here is made by replaying its record, and by nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from tarazy.oversight.publications.green_list import ADMISSIBLE, entries
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField, Body

PROPOSED, ADOPTED, REJECTED = "proposed", "adopted", "rejected"
FOR, AGAINST, ASIDE = VOTES = ("for", "against", "stands aside")
LICENSED = ("active", "reactivated")


class DeskOccasion(NamedTuple):
    """An act at the facility's desk: on what, with which fields, when (UTC), by whom; `number` is its line's."""

    subject: str
    body: Body
    at: str
    officer_id: int
    number: int

    @property
    def day(self) -> str:
        """Return the day, UTC."""
        return self.at[:10]


@dataclass(frozen=True)
class DeskAct:
    """A kind of act. `roles`: bits of which the officer has one; `check` raises, `apply` cannot fail after it."""

    name: str
    words: str
    roles: int
    fields: tuple[ActField, ...]
    check: Callable[[AdmissionState, DeskOccasion], None]
    apply: Callable[[AdmissionState, DeskOccasion], None]


class Charter(NamedTuple):
    """Under whom the facility lists and who sits on its committee. `quorum`: votes for, beside the proposer."""

    number: int
    proposed_by: int
    authority: str
    authority_key: str
    licensee: str
    members: tuple[int, ...]
    quorum: int
    list_days_max: int


class Vote(NamedTuple):
    """What a member of the committee said, and why."""

    officer_id: int
    vote: str
    reason: str
    at: str


@dataclass
class ListingProposal:
    """An asset that somebody proposes to admit. `paper` and `digest` are there once it was decided."""

    number: int
    token: str
    body: Mapping[str, Any]
    officer_id: int
    at: str
    votes: list[Vote] = field(default_factory=list)
    outcome: str = PROPOSED
    decided_at: str = ""
    paper: str = ""
    digest: str = ""


class DelistingOrder(NamedTuple):
    """What was decided because a token left the list: the step, its days, the words to clients, the paper's hash."""

    number: int
    token: str
    step: str
    cancel_only: str
    close: str
    withdraw_until: str
    words: str
    at: str
    paper: str
    digest: str


@dataclass
class AdmissionState:
    """Charter, the authority's papers as imported, proposals, orders to delist, disclosed papers.

    `costs`: what keeping a rule cost, by rule and quarter.
    """

    charters: list[Charter] = field(default_factory=list)
    charter: Charter | None = None
    lists: list[dict[str, Any]] = field(default_factory=list)
    registers: list[dict[str, Any]] = field(default_factory=list)
    proposals: dict[int, ListingProposal] = field(default_factory=dict)
    orders: list[DelistingOrder] = field(default_factory=list)
    papers: list[dict[str, Any]] = field(default_factory=list)
    costs: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)

    @property
    def rules(self) -> Charter:
        """Return the charter in force. Raises: ActRefusedError before two have approved one."""
        if self.charter is None:
            action = "Propose one with charter.propose; another administrator approves it"
            raise ActRefusedError("admission", expected="a charter in force", found="none", action=action)
        return self.charter

    @property
    def green_list(self) -> Mapping[str, Any]:
        """Return the newest list that was imported; empty before the first."""
        return self.lists[-1]["data"] if self.lists else {}

    @property
    def licence(self) -> Mapping[str, Any]:
        """Return the facility's own line of the newest register that was imported; empty where it has none."""
        rows = self.registers[-1]["data"].get("licences", ()) if self.registers else ()
        name = self.charter.licensee if self.charter else ""
        return next((row for row in rows if row.get("name") == name), {})

    def adopted(self, asset_code: str) -> ListingProposal | None:
        """Return the newest decision that admits an asset by its code."""
        rows = [each for each in self.proposals.values() if each.outcome == ADOPTED]
        return next((each for each in reversed(rows) if each.body["asset_code"] == asset_code), None)


def require_fresh(state: AdmissionState, day: str) -> None:
    """Refuse to list from papers of the authority that are too old.

    Raises: ActRefusedError.
    """
    for words, papers in (("green list", state.lists), ("register", state.registers)):
        on = papers[-1]["on"] if papers else ""
        if not on or days_between(on, day) > state.rules.list_days_max:
            expected = f"a {words} of the last {state.rules.list_days_max} days"
            found = f"one of {on}" if on else "none"
            action = f"Import the authority's {words} as it is now"
            raise ActRefusedError(f"the authority's {words}", expected=expected, found=found, action=action)
        if papers[-1]["key"] != state.rules.authority_key:
            expected, found = "one signed by the authority of the charter", "one that another key signed"
            action = f"Import the {words} of {state.rules.authority}"
            raise ActRefusedError(f"the authority's {words}", expected=expected, found=found, action=action)


def require_listable(state: AdmissionState, token: str, day: str) -> Mapping[str, Any]:
    """Return a token's line of the list in force.

    Raises: ActRefusedError where it is not on the list, or the list is too old.
    """
    require_fresh(state, day)
    row = entries(state.green_list).get(token)
    found = str(row["state"]) if row is not None else "no line of it"
    if row is None or found not in ADMISSIBLE:
        expected = f"listed by {state.rules.authority} on the list of {state.lists[-1]['on']}"
        raise ActRefusedError(f"green list, {token[:63]}", expected=expected, found=found)
    return row


def require_permitted(state: AdmissionState, investment_type: str, day: str) -> None:
    """Refuse an investment type that the licence does not permit on a day.

    Raises: ActRefusedError.
    """
    row = state.licence
    where = f"licence of {state.rules.licensee}"
    if not row or row.get("state") not in LICENSED or not row["from"] <= day < row["expires"]:
        found = f"{row.get('state')}, {row.get('from')} to {row.get('expires')}" if row else "none in the register"
        raise ActRefusedError(where, expected=f"a licence in force on {day}", found=found)
    if investment_type not in row["types"]:
        expected = f"one of its investment types, {', '.join(row['types'])}"
        raise ActRefusedError(where, expected=expected, found=investment_type)


def days_between(first: str, last: str) -> int:
    """Return how many days lie between two days."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days
