"""What every check is: one capability, its documentation, and `run(subject) -> Capability`.

A class without its documentation cannot be defined: the TypeError names the field. The catalogue page, the pages of
the console and the skeleton of `tarazy new check` all come from these fields.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from tarazy.chains.evm.facts import Ownership, TokenFacts
from tarazy.screening.model import Answer, Capability, Evidence, Holder, Simulation

if TYPE_CHECKING:
    from tarazy.screening.bytecode.facts import ContractFacts
    from tarazy.screening.simulation.constructed import Constructed

CAPABILITY_NAMES = (
    "mint",
    "burn",
    "pause",
    "blacklist",
    "whitelist",
    "fee",
    "fee_change",
    "personal_fee",
    "cooldown",
    "size_cap",
    "size_cap_change",
    "balance_change",
    "hidden_owner",
    "take_back_ownership",
    "selfdestruct",
    "external_call",
    "delegate_call",
    "proxy",
    "leak",
    "limit",
    "approval_abuse",
    "privileged_withdraw",
    "metadata_change",
    "launch_gate",
    "honeypot",
    "cannot_buy",
    "cannot_sell_all",
    "gas_abuse",
    "impersonation",
    "known_code",
)
LEVELS = ("high", "medium", "low")
TEXTS = ("name", "title", "sees", "cannot_see", "impact", "confidence", "fires", "must_not_fire")


@dataclass(frozen=True, slots=True)
class Subject:
    """What a check looks at; None where that source was not at hand, and then the check answers unknown.

    `chain` is what was read from a node, `known` the tables of known tokens and code by name of the table,
    `constructed` what the constructor gave where it was run.
    """

    code: bytes
    facts: ContractFacts
    simulation: Simulation | None = None
    chain: Any | None = None
    ownership: Ownership | None = None
    token: TokenFacts = field(default_factory=TokenFacts)
    known: Mapping[str, Any] = field(default_factory=dict)
    constructed: Constructed | None = None


class Check(abc.ABC):
    """One check of one capability. Every field below must be given in the subclass itself."""

    name: ClassVar[str]  # one of CAPABILITY_NAMES, and the name of the module
    title: ClassVar[str]  # the question in words: "New tokens can be made"
    sees: ClassVar[str]  # what it looks at and finds, in sentences
    cannot_see: ClassVar[str]  # where it is blind, and what it answers then
    impact: ClassVar[str]  # high, medium or low: what a holder loses where the privilege is used
    confidence: ClassVar[str]  # high, medium or low: how far a yes or a no can be believed
    goplus: ClassVar[tuple[str, ...]]  # keys of the GoPlus format that it feeds; () for none
    fires: ClassVar[str]  # token of tests/corpus/tokens for which the answer is yes
    must_not_fire: ClassVar[str]  # its benign one, for which the answer is no

    def __init_subclass__(cls, **named: Any) -> None:
        """Refuse a class that is not documented.

        Raises: TypeError, naming the field, what was expected and what was found.
        """
        super().__init_subclass__(**named)
        for text in TEXTS:
            value = cls.__dict__.get(text)
            if not isinstance(value, str) or not value.strip():
                raise TypeError(f"check {cls.__qualname__}: expected text in the field {text!r}, found {value!r}")
        if cls.name not in CAPABILITY_NAMES:
            raise TypeError(f"check {cls.__qualname__}: expected a name of CAPABILITY_NAMES, found {cls.name!r}")
        for level in ("impact", "confidence"):
            if cls.__dict__[level] not in LEVELS:
                found = cls.__dict__[level]
                raise TypeError(f"check {cls.__qualname__}: expected {level} as high, medium or low, found {found!r}")
        keys = cls.__dict__.get("goplus")
        if not isinstance(keys, tuple) or not all(isinstance(key, str) and key for key in keys):
            raise TypeError(f"check {cls.__qualname__}: expected a tuple of GoPlus keys in 'goplus', found {keys!r}")
        if cls.fires == cls.must_not_fire:
            raise TypeError(f"check {cls.__qualname__}: expected two tokens, found {cls.fires!r} as both examples")

    @abc.abstractmethod
    def run(self, subject: Subject) -> Capability:
        """Answer for one contract; unknown, with the reason, where it could not look."""

    def yes(
        self,
        reason: str,
        *evidence: Evidence,
        holders: tuple[Holder, ...] = (),
        guard: str | None = None,
        bound: str | None = None,
    ) -> Capability:
        """Return that it can happen, who holds it, behind which guard and within which bound."""
        return Capability(self.name, Answer.YES, reason, holders, guard, bound, evidence)

    def no(self, reason: str, *evidence: Evidence) -> Capability:
        """Return that it cannot happen, and why that is known."""
        return Capability(self.name, Answer.NO, reason, evidence=evidence)

    def unknown(self, reason: str, *evidence: Evidence) -> Capability:
        """Return what could not be seen."""
        return unknown(self.name, reason, *evidence)


def unknown(name: str, reason: str, *evidence: Evidence) -> Capability:
    """Return a capability whose answer is unknown, with the reason."""
    return Capability(name, Answer.UNKNOWN, reason, evidence=evidence)


def all_unknown(reason: str) -> dict[str, Capability]:
    """Return every capability as unknown for one reason: nothing could be looked at."""
    return {name: unknown(name, reason) for name in CAPABILITY_NAMES}
