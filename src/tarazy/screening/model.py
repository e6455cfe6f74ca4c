"""What a screening says: capabilities with holder, bound and evidence, kept apart from the verdict under criteria.

Answers have three values and unknown is never safe: a check that could not look says unknown and why.
Everything here is plain data; `to_json` of each gives what the wire, the dossier and the pages show.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from tarazy.chains.evm.facts import Ownership, TokenFacts


class Answer(StrEnum):
    """Can it happen? Unknown is an answer of its own and never counts as no."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class HolderKind(StrEnum):
    """Who may use a power."""

    ANYONE = "anyone"
    OWNER = "owner"  # the account in a storage field that guards privileged functions and that `owner()` shows
    HIDDEN_OWNER = "hidden_owner"  # such a field that no public owner function shows
    ROLE = "role"  # members of a mapping or of an access-control role
    FIXED_ADDRESS = "fixed_address"  # an address written into the code
    PROXY_ADMIN = "proxy_admin"
    CONTRACT = "contract"  # decided by another contract's answer
    NOBODY = "nobody"  # the field that guards it cannot be other than zero
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a power, as the code says it and, where a node was asked, as the chain says it."""

    kind: HolderKind
    where: str = ""  # "storage 0x5", "mapping 0x7", "0xabc... in the code"
    address: str | None = None  # 0x and 40 lower-case digits, where the state was read


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One call of a simulated story.

    Units: gas; `time_s` is the simulated clock.
    """

    actor: str  # "owner", "trader", "pool", ...
    action: str  # one sentence: "the owner calls setFee(uint256) with 99"
    succeeded: bool
    detail: str = ""  # revert reason, amounts received
    selector: str | None = None
    calldata: str | None = None
    gas_used: int | None = None
    time_s: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows it: a place in the code, a simulated story, a transaction on a chain, or a table."""

    kind: str  # "code" | "trace" | "transaction" | "state" | "table"
    detail: str  # one sentence
    offset: int | None = None  # program counter in the runtime code
    selector: str | None = None  # "0x40c10f19": the entry point
    signature: str | None = None  # "mint(address,uint256)" where the name is known; names prove nothing
    transaction: str | None = None
    trace: tuple[TraceStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Capability:
    """One power: can it happen, who holds it, behind which guard, what bounds it, and how that is known."""

    name: str
    answer: Answer
    reason: str  # one sentence, always; for unknown it says what could not be seen
    holders: tuple[Holder, ...] = ()
    guard: str | None = None
    bound: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class SimulatedTrade:
    """One simulated purchase, transfer or sale of a scenario.

    Units: amounts in minor units of the token; `tax_ppm` in parts per million, None where nothing was measured.
    """

    scenario: str  # "buy", "transfer", "sell", "sell_all", "sell_again", "sell_after_day", ...
    pool: str  # "v2" | "v3" | ""
    succeeded: bool
    tax_ppm: int | None = None
    amount_in: int | None = None
    amount_out: int | None = None
    gas_used: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Attack:
    """One thing a hostile owner could do between a purchase and a sale, with the story that shows it."""

    effect: str  # "blocks_sell" | "taxes_sell" | "takes_balance" | "blocks_transfer" | "mints" | "drains_pool" | ...
    actor: HolderKind
    calls: tuple[str, ...]  # selectors, in order
    trace: tuple[TraceStep, ...]
    tax_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class Simulation:
    """What trading did, on which engine and which state.

    `state` is "synthetic" (storage made up from the layout), "deployed" (constructor ran) or "forked" (a node's state).
    A refusal on synthetic state means unknown, never honeypot.
    """

    engine: str  # "revm 0.3.7", "py-evm 0.12.1b1"
    state: str
    block_number: int | None = None
    block_hash: str | None = None
    time_s: int | None = None
    ran: bool = True  # False: no pool could be built; `reason` says why
    reason: str = ""
    trades: tuple[SimulatedTrade, ...] = ()
    attacks: tuple[Attack, ...] = ()
    explored_calls: int = 0
    complete: bool = True  # False: the limit on time or calls ended the exploration
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion's answer: pass, fail, unknown or noted, and the capability or trade it rests on."""

    criterion: str
    outcome: str  # "pass" | "fail" | "unknown" | "noted"
    severity: str  # "malicious" | "caution" | "info"
    text: str
    rests_on: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict under one dated criteria file. `word`: clear, caution, malicious or unknown."""

    word: str
    criteria: str  # name of the criteria file
    criteria_date: str  # ISO date from which it applies
    findings: tuple[Finding, ...] = ()
    next_step: str = ""  # what to do next, in one sentence
    deciding: tuple[str, ...] = ()  # the criteria of the three findings that decide, at most


@dataclass(frozen=True, slots=True)
class Report:
    """One screening, complete.

    `input` says what was given: runtime, creation, chain or source. `code_hash` is keccak-256 of the runtime code;
    `body_hash` the same without the compiler's metadata trailer.
    """

    id: str
    input: str
    chain_id: int | None
    address: str | None
    code_hash: str
    body_hash: str
    code_bytes: int
    screened_at: str  # ISO time, UTC
    software: str  # "tarazy 0.1.0"
    block_number: int | None
    block_hash: str | None
    capabilities: Mapping[str, Capability]
    token: TokenFacts = field(default_factory=TokenFacts)
    simulation: Simulation | None = None
    ownership: Ownership | None = None
    proxy_implementation: str | None = None
    is_open_source: bool | None = None
    verdict: Verdict | None = None
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return plain data; integers beyond 2**53 become decimal strings so that no reader rounds them."""
        plain = to_plain(self)
        assert isinstance(plain, dict)  # noqa: S101 - a dataclass becomes a dict
        return plain


def to_plain(value: Any) -> Any:
    """Turn dataclasses, enums, tuples and large integers into what JSON can say without loss."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): to_plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return str(value)
    return value


def answer_of(report: Report, capability: str) -> Answer:
    """Return a capability's answer; one that was not looked at is unknown."""
    found = report.capabilities.get(capability)
    return found.answer if found is not None else Answer.UNKNOWN


def is_malicious(report: Report | None) -> bool:
    """Say whether the verdict is malicious."""
    return report is not None and report.verdict is not None and report.verdict.word == "malicious"
