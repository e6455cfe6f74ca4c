"""What the pages of the screening section need of the product behind them: plain data in, plain data out.

Pages know nothing of engines, nodes, caches or files; whoever implements `ScreeningServices` does. Reports, dossiers
and signed answers are passed as plain data, exactly as they were written and signed, so that a page shows what was
signed. Every call returns soon: what takes time is submitted and asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tarazy.platform.access.usage import Usage
from tarazy.screening.holder.model import ApprovalKey
from tarazy.screening.watch.watches import Watch

# The stages of a screening, in order.
STAGES = ("reading", "paths", "simulation", "hostile_owner", "criteria")

Plain = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Input:
    """What somebody wants screened: an address on a chain, or code."""

    kind: str  # "address" | "runtime" | "creation"
    label: str  # as the page names it: the address, or the file's name
    chain_id: int | None = None
    address: str | None = None
    code: bytes = b""


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that can be named; without a node only code can be screened."""

    chain_id: int
    name: str
    has_node: bool
    is_dev: bool = False  # a chain for development, on which tokens may be created from the console


@dataclass(frozen=True, slots=True)
class StageView:
    """How far one stage is: waiting, running, done or skipped."""

    name: str
    state: str
    seconds: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class JobView:
    """One screening under way or ended; `state` is waiting, running, done or failed."""

    id: str
    label: str
    state: str
    stages: tuple[StageView, ...]
    seconds: float
    report_id: str | None = None
    reason: str = ""  # of a failure
    waiting_before: int = 0  # jobs that come first


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One line of a batch; `number` counts from 1 in the order given."""

    number: int
    label: str
    state: str  # "waiting" | "running" | "done" | "failed" | "refused"
    verdict: str = ""
    name: str = ""
    symbol: str = ""
    yes: tuple[str, ...] = ()  # capabilities that can happen
    unknown: int = 0
    seconds: float | None = None
    report_id: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ScreeningBatch:
    """Many screenings submitted as one."""

    id: str
    submitted_at: str
    rows: Sequence[BatchRow]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line of a batch that is neither an address nor code, and why."""

    label: str
    reason: str


@dataclass(frozen=True, slots=True)
class ParameterView:
    """One thing to fill in of a safe token's template."""

    name: str
    title: str
    kind: str  # "text" | "integer" | "address" | "choice" | "flag"
    help: str = ""
    default: str = ""
    choices: tuple[str, ...] = ()
    characters_max: int = 80


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A kind of token that can be created from our own sources."""

    name: str
    title: str
    text: str
    parameters: tuple[ParameterView, ...]
    promises: tuple[str, ...] = ()  # what nobody can do with it


@dataclass(frozen=True, slots=True)
class SafeTokens:
    """What the safe token page offers and what was made with it."""

    templates: tuple[TemplateView, ...] = ()
    chains: tuple[Chain, ...] = ()  # those on which it can create
    created: Sequence[Plain] = ()
    locks: Sequence[Plain] = ()
    reason: str = ""  # why nothing can be created


class ScreeningServices(Protocol):
    """Everything that the pages ask. Calls raise ServiceError where they refuse."""

    def chains(self) -> Sequence[Chain]:
        """Return the chains that can be named."""

    def submit(self, given: Input) -> str:
        """Begin one screening and return the id of its job."""

    def job(self, job_id: str) -> JobView | None:
        """Return how far a job is."""

    def report(self, report_id: str) -> Plain | None:
        """Return a report as `Report.to_json` gives it."""

    def code(self, report_id: str) -> bytes | None:
        """Return the code that was given or found; for creation code that, for a proxy the implementation's."""

    def dossier(self, report_id: str, caller: str) -> Plain | None:
        """Return the dossier item of a report; from now on the report is kept, for this caller."""

    def signed(self, report_id: str, caller: str) -> Plain | None:
        """Return the report with its signature, and keep it from now on, for this caller."""

    def history(self, chain_id: int, address: str) -> Sequence[Plain]:
        """Return the reports of an address, newest first."""

    def recent(self, limit: int) -> Sequence[Plain]:
        """Return the newest reports, newest first."""

    def submit_batch(self, given: Sequence[Input | RefusedLine]) -> str:
        """Begin many screenings and return the id of their batch."""

    def batch(self, batch_id: str) -> ScreeningBatch | None:
        """Return a batch with its rows as they are now."""

    def watch(self) -> Watch:
        """Return what the watch follows and has found."""

    def alerts(self, chain_id: int, address: str) -> Sequence[Plain]:
        """Return the alerts about one address, newest first."""

    def follow(self, chain_id: int, address: str, asset_id: int | None = None) -> None:
        """Let the watch follow an address; with its number at the venue, alerts draft a suspension."""

    def unfollow(self, chain_id: int, address: str) -> None:
        """Let the watch leave an address."""

    def usage(self, since: str) -> Sequence[Usage]:
        """Return what callers used of each product, by day."""

    def wallet(self, chain_id: int, wallet: str) -> Plain:
        """Return a wallet with its approvals, tokens and verdicts."""

    def sign(self, chain_id: int, wallet: str, to: str, data: bytes, value_wei: int) -> Plain:
        """Return what a transaction would do that a holder is about to sign."""

    def revoke(self, chain_id: int, wallet: str, key: ApprovalKey) -> Plain:
        """Return the transaction that ends an approval, and what it does as it was played."""

    def safe_tokens(self) -> SafeTokens:
        """Return what can be created and what was."""

    def create_token(self, template: str, chain_id: int, values: Mapping[str, str]) -> Plain:
        """Create a token and return its record: address, transaction, report."""

    def lock(self, chain_id: int, values: Mapping[str, str]) -> Plain:
        """Lock tokens or pool shares and return the lock's record."""
