"""The screening service as the pages of the console ask for it: `ScreeningServices` over `ScreeningService`.

Pages are made in threads; what belongs to the event loop is asked there (`on_loop`). Everything given to a page is
what was stored and signed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import anyio.from_thread

from tarazy.chains.errors import NodeError
from tarazy.console.layout.page_layout import ServiceError
from tarazy.console.screening.batches import Batches
from tarazy.console.screening.safe_tokens import SafeTokenDesk
from tarazy.console.screening.services import (
    STAGES,
    Chain,
    Input,
    JobView,
    Plain,
    RefusedLine,
    SafeTokens,
    ScreeningBatch,
    StageView,
)
from tarazy.domain.signer import KeySigner, Signer
from tarazy.platform.access.usage import Usage
from tarazy.platform.jobs.queue import DONE, FAILED, RUNNING, Job
from tarazy.platform.refusals import BAD_PARAMETER, RefusedError
from tarazy.platform.signing.answers import FIRST_LINE
from tarazy.platform.signing.key_file import secret_file
from tarazy.screening.api.goplus.chains import chain_name
from tarazy.screening.criteria.file import HOUSE_CRITERIA, criteria_named
from tarazy.screening.dossier import make_dossier, sign_dossier
from tarazy.screening.holder.desk import HolderDesk
from tarazy.screening.holder.model import ApprovalKey
from tarazy.screening.request import RequestError, ScreenRequest
from tarazy.screening.service.reading import read_report
from tarazy.screening.service.service import ScreeningService
from tarazy.screening.service.store import REPORT_TARGET, Stored
from tarazy.screening.watch.errors import NotFollowedError
from tarazy.screening.watch.watches import Watch, Watches

CALLER = "console"
KEY_NAME = "signing.key"
HISTORY_MAX = 200
DEV_CHAINS = frozenset({1337, 31337})
T = TypeVar("T")


def on_loop(call: Callable[..., T], *values: Any) -> T:
    """Call a function on the event loop from a page's thread.

    Raises: ServiceError in place of a refusal.
    """
    try:
        return anyio.from_thread.run_sync(call, *values)
    except RefusedError as refusal:
        raise ServiceError(str(refusal), refusal.reason.status) from refusal


def await_on_loop(call: Callable[..., Coroutine[Any, Any, T]], *values: Any) -> T:
    """Await a function on the event loop from a page's thread.

    Raises: ServiceError in place of a refusal.
    """
    try:
        return anyio.from_thread.run(call, *values)
    except RefusedError as refusal:
        raise ServiceError(str(refusal), refusal.reason.status) from refusal


def service_key(service: ScreeningService) -> Signer:
    """Return the key with which a service signs."""
    return KeySigner.from_seed(secret_file(service.config.data / KEY_NAME))


class ConsoleServices:
    """What the pages ask, answered by one service."""

    def __init__(self, service: ScreeningService, watches: Watches, lockers: dict[int, str]) -> None:
        self._service = service
        self._watches = watches
        self._holders = HolderDesk(service)
        self._batches = Batches(self._begin)
        self._desk = SafeTokenDesk(service, lockers, list(self.chains()), self._screen)
        self._key = service_key(service)

    # ------------------------------------------------------------ screening

    def chains(self) -> Sequence[Chain]:
        """Return the chains that can be named."""
        return [
            Chain(number, chain_name(number), True, number in DEV_CHAINS and source.node is not None)
            for number, source in sorted(self._service.sources.items())
        ]

    def submit(self, given: Input) -> str:
        """Begin one screening and return the id of its job."""
        return on_loop(self._begin, given).id

    def _begin(self, given: Input) -> Job:
        """Queue one screening; runs on the event loop."""
        if given.kind == "address" and given.chain_id is not None and given.address is not None:
            return self._service.submit_address(given.chain_id, given.address.lower(), CALLER)
        runtime = given.code if given.kind == "runtime" else None
        creation = given.code if given.kind == "creation" else None
        try:
            request = ScreenRequest(id="", runtime=runtime, creation=creation, chain_id=given.chain_id)
        except RequestError as error:
            raise RefusedError(BAD_PARAMETER, str(error)) from error
        return self._service.submit_code(request, given.label, CALLER)

    def job(self, job_id: str) -> JobView | None:
        """Return how far a job is."""
        return on_loop(self._job, job_id)

    def _job(self, job_id: str) -> JobView | None:
        found = self._service.jobs.find(job_id)
        if found is None:
            return None
        reason = str(found.refusal) if found.refusal is not None else ""
        before = self._service.jobs.before(found)
        stages = stages_of(found)
        return JobView(
            found.id, found.label, found.state, stages, round(found.seconds, 3), found.report_id, reason, before
        )

    def submit_batch(self, given: Sequence[Input | RefusedLine]) -> str:
        """Begin many screenings and return the id of their batch."""
        return on_loop(self._batches.begin, given)

    def batch(self, batch_id: str) -> ScreeningBatch | None:
        """Return a batch with its rows as they are now."""
        return on_loop(self._batches.find, batch_id)

    # ------------------------------------------------------------ reports

    def report(self, report_id: str) -> Plain | None:
        """Return a report as it was signed."""
        found = self._service.store.by_id(report_id)
        return found.plain() if found is not None else None

    def code(self, report_id: str) -> bytes | None:
        """Return the code that a report is about: an implementation's behind a proxy, else what was given or found."""
        found = self._service.store.by_id(report_id)
        if found is None:
            return None
        report = found.plain()
        behind = report["proxy_implementation"]
        if not behind:
            return self._service.store.code(found.code_hash)
        try:
            return self._service.source(report["chain_id"]).code(behind, report["block_number"])
        except (NodeError, RefusedError):
            return None  # the node is gone, or no longer keeps that block

    def dossier(self, report_id: str, caller: str) -> Plain | None:
        """Return the dossier item of a report, signed by the service's key."""
        found = self._service.store.give_out(report_id, caller, cited=True)
        if found is None:
            return None
        report = read_report(found.plain())
        criteria = criteria_named(found.criteria or HOUSE_CRITERIA, date.fromisoformat(report.screened_at[:10]))
        return sign_dossier(make_dossier(report, [criteria], report.screened_at), self._key)

    def signed(self, report_id: str, caller: str) -> Plain | None:
        """Return the report with its signature and what the signature covers."""
        found = self._service.store.give_out(report_id, caller)
        return signed_report(found, self._service.signer.public_key) if found is not None else None

    def history(self, chain_id: int, address: str) -> Sequence[Plain]:
        """Return the reports of an address, newest first."""
        return [found.plain() for found in self._service.store.history(chain_id, address.lower(), HISTORY_MAX)]

    def recent(self, limit: int) -> Sequence[Plain]:
        """Return the newest reports, newest first."""
        return [found.plain() for found in self._service.store.recent(limit)]

    def usage(self, since: str) -> Sequence[Usage]:
        """Return what callers used of each product, by day."""
        return self._service.usage.read(since)

    # ------------------------------------------------------------ holders

    def wallet(self, chain_id: int, wallet: str) -> Plain:
        """Return a wallet with its approvals, tokens and verdicts."""
        return await_on_loop(self._holders.wallet, chain_id, wallet, CALLER)

    def sign(self, chain_id: int, wallet: str, to: str, data: bytes, value_wei: int) -> Plain:
        """Return what a transaction would do that a holder is about to sign."""
        return await_on_loop(self._holders.sign, chain_id, wallet, to, data, value_wei)

    def revoke(self, chain_id: int, wallet: str, key: ApprovalKey) -> Plain:
        """Return the transaction that ends an approval, and what it does as it was played."""
        return await_on_loop(self._holders.revoke, chain_id, wallet, key)

    # ------------------------------------------------------------ watch and safe tokens

    def watch(self) -> Watch:
        """Return what the watch follows and has found."""
        return self._watches.state()

    def alerts(self, chain_id: int, address: str) -> Sequence[Plain]:
        """Return the alerts about one address, newest first."""
        return self._watches.alerts(chain_id, address)

    def follow(self, chain_id: int, address: str, asset_id: int | None = None) -> None:
        """Let the watch follow an address, and screen it so that there is a report to fall behind."""
        try:
            self._watches.follow(chain_id, address, asset_id)
        except NotFollowedError as error:
            raise ServiceError(str(error), 409) from error
        self._screen(chain_id, address)

    def unfollow(self, chain_id: int, address: str) -> None:
        """Let the watch leave an address."""
        self._watches.unfollow(chain_id, address)

    def safe_tokens(self) -> SafeTokens:
        """Return what can be created and what was."""
        return self._desk.offered()

    def create_token(self, template: str, chain_id: int, values: Mapping[str, str]) -> Plain:
        """Create a token and return its record."""
        return self._desk.create(template, chain_id, values)

    def lock(self, chain_id: int, values: Mapping[str, str]) -> Plain:
        """Lock tokens or pool shares and return the lock's record."""
        return self._desk.lock(chain_id, values)

    def _screen(self, chain_id: int, address: str) -> str:
        """Begin the screening of an address and return the id of its job."""
        return self.submit(Input("address", address, chain_id, address))


# The stages as the screening names them, in the words of the pages.
STAGE_OF = {
    "reading": "reading",
    "code": "reading",
    "facts": "paths",
    "paths": "paths",
    "simulation": "simulation",
    "hostile": "hostile_owner",
    "hostile_owner": "hostile_owner",
    "checks": "criteria",
    "criteria": "criteria",
    "verdict": "criteria",
}


def stages_of(job: Job) -> tuple[StageView, ...]:
    """Return every stage of a job: what is behind it with its time, where it is, what is ahead."""
    began: dict[str, float] = {}
    for stage in job.stages:
        began.setdefault(STAGE_OF.get(stage.name, stage.name), stage.at_s)
    order = [name for name in STAGES if name in began]
    ends = [*(began[name] for name in order[1:]), job.seconds][: len(order)]
    spans = {name: round(max(0.0, end - began[name]), 3) for name, end in zip(order, ends, strict=True)}
    last = order[-1] if order else ""
    return tuple(StageView(name, stage_state(name, job, began, last), spans.get(name)) for name in STAGES)


def stage_state(name: str, job: Job, began: Mapping[str, float], last: str) -> str:
    """Return waiting, running, done or skipped."""
    if name in began:
        return "running" if name == last and job.state == RUNNING else "done"
    passed = bool(last) and STAGES.index(name) < STAGES.index(last)
    return "skipped" if passed or job.state in (DONE, FAILED) else "waiting"


def signed_report(found: Stored, public_key: bytes) -> dict[str, Any]:
    """Return a stored report with what one needs to check its signature."""
    return {
        "algorithm": "Ed25519",
        "public_key": public_key.hex(),
        "key_id": found.key_id,
        "signature": found.signature,
        "signed_at": found.signed_at,
        "covers": [FIRST_LINE, f"GET {REPORT_TARGET}{found.id}", "SHA-256 of nothing", "signed_at", "SHA-256 of body"],
        "body_base64": base64.b64encode(found.body).decode(),
    }
