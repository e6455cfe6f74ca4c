"""What a criterion is, and the case that it looks at: one report under one edition of the criteria."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tarazy.screening.criteria.edition import Criteria
from tarazy.screening.model import Answer, Capability, Finding, Holder, HolderKind, Report, SimulatedTrade

GROUPS = ("harm", "power", "measure")
BURNT = frozenset({"0x" + "0" * 40, "0x" + "0" * 36 + "dead"})
HOLDER_WORDS = {
    HolderKind.ANYONE: "anyone",
    HolderKind.OWNER: "the owner",
    HolderKind.HIDDEN_OWNER: "a hidden owner",
    HolderKind.ROLE: "members of a role",
    HolderKind.FIXED_ADDRESS: "an address written into the code",
    HolderKind.PROXY_ADMIN: "the admin of the proxy",
    HolderKind.CONTRACT: "another contract",
    HolderKind.NOBODY: "nobody",
    HolderKind.UNKNOWN: "somebody not known",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A report under criteria."""

    report: Report
    criteria: Criteria

    def capability(self, name: str) -> Capability:
        """Return a capability; one that the report does not hold is unknown."""
        found = self.report.capabilities.get(name)
        return found or Capability(name, Answer.UNKNOWN, "the report does not answer this")

    def answer(self, name: str) -> Answer:
        """Return the answer of a capability."""
        return self.capability(name).answer

    def has_chain(self) -> bool:
        """Say whether the contract was looked up on a chain, so that its state could be judged too."""
        return self.report.address is not None or self.report.ownership is not None

    def trades(self, first_word: str) -> tuple[SimulatedTrade, ...]:
        """Return the simulated trades whose scenario begins with a word: buy, sell or transfer."""
        simulation = self.report.simulation
        trades = simulation.trades if simulation and simulation.ran else ()
        return tuple(trade for trade in trades if trade.scenario.partition("_")[0] == first_word)

    def state(self) -> str | None:
        """Return the state on which trading was simulated, None where it was not."""
        simulation = self.report.simulation
        return simulation.state if simulation and simulation.ran else None


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question that criteria ask of a report.

    `severity` is the most that a fail can weigh. Raises: ValueError where it is not documented.
    """

    name: str
    group: str
    asks: str
    severity: str
    rests_on: tuple[str, ...]
    judge: Judge
    needs_chain: bool = False

    def __post_init__(self) -> None:
        if not (self.name and self.asks.endswith("?") and self.rests_on and self.group in GROUPS):
            raise ValueError(f"criterion {self.name!r}: expected a name, a question, its group and what it rests on")

    def find(self, outcome: str, text: str, severity: str | None = None) -> Finding:
        """Return a finding of this criterion."""
        return Finding(self.name, outcome, severity or self.severity, text, ", ".join(self.rests_on))


Judge = Callable[[Case, Criterion], Finding]


def both(answers: Iterable[Answer]) -> Answer:
    """Join answers by and: one no settles it, else one unknown leaves it open."""
    given = set(answers)
    if Answer.NO in given:
        return Answer.NO
    return Answer.UNKNOWN if Answer.UNKNOWN in given else Answer.YES


def either(answers: Iterable[Answer]) -> Answer:
    """Join answers by or: one yes settles it, else one unknown leaves it open."""
    given = set(answers)
    if Answer.YES in given:
        return Answer.YES
    return Answer.UNKNOWN if Answer.UNKNOWN in given else Answer.NO


def kinds(capability: Capability) -> set[HolderKind]:
    """Return who holds a power; unknown where the report names nobody."""
    return {holder.kind for holder in capability.holders} or {HolderKind.UNKNOWN}


def name_holders(capability: Capability) -> str:
    """Return the holders of a power in words, with where they stand and their address where it is known."""
    named = dict.fromkeys(name_holder(holder) for holder in one_each(capability.holders))
    return " or ".join(named) or HOLDER_WORDS[HolderKind.UNKNOWN]


def one_each(holders: tuple[Holder, ...]) -> list[Holder]:
    """Return holders with the same account named once."""
    found: dict[tuple[HolderKind, str], Holder] = {}
    for holder in holders:
        found.setdefault((holder.kind, holder.address or holder.where), holder)
    return list(found.values())


def name_holder(holder: Holder) -> str:
    """Return one holder in words."""
    where = ", ".join(part for part in (holder.where, holder.address or "") if part)
    return HOLDER_WORDS[holder.kind] + (f" ({where})" if where else "")


def percent(ppm: int) -> str:
    """Return parts per million as a percentage."""
    whole, rest = divmod(ppm, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + " %"


def plural(count: int, word: str) -> str:
    """Return a count with its word."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
