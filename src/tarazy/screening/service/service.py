"""The service without HTTP: reports of contracts, from memory, from disk, or screened now.

Order of a look: a fresh report in memory, one on disk, else a job; while a job runs, everyone who asks for the same
contract waits for the same one, at most `wait_s`, and is then shown what is known, marked as syncing.
Invariants: everything here runs on the event loop's thread but the reads of nodes and files, which run in threads, and
the screenings, which run in processes. A report that an event made stale is never shown as in force.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from typing import Any, NamedTuple, TypeVar

from tarazy.chains.errors import ChainError
from tarazy.platform.access.audit import AuditTrail
from tarazy.platform.access.keys import KeyStore
from tarazy.platform.access.sessions import Sessions
from tarazy.platform.access.usage import UsageMeter
from tarazy.platform.jobs.process import WorkerLimits
from tarazy.platform.jobs.queue import LATER, SOON, Job, Jobs
from tarazy.platform.refusals import BAD_PARAMETER, NOT_READY, Reason, RefusedError
from tarazy.platform.signing.answers import AnswerSigner, now_text
from tarazy.platform.web.answers import ReadyAnswers
from tarazy.platform.web.encoding import encode
from tarazy.screening.model import Answer, Report, answer_of
from tarazy.screening.request import RequestError, ScreenRequest
from tarazy.screening.service.entries import Place, ReportEntry, entry_of, is_unanswered, longer
from tarazy.screening.service.helper import Helper
from tarazy.screening.service.identity import identity_of, setting_of
from tarazy.screening.service.lists import AddressLists
from tarazy.screening.service.options import ServiceConfig
from tarazy.screening.service.products import product_of
from tarazy.screening.service.reasons import CHAIN_UNSUPPORTED, NOT_A_CONTRACT
from tarazy.screening.service.screener import PoolScreener, Screener
from tarazy.screening.service.sources import ChainHead, CodeFolder, NodeSource, Source, code_hash
from tarazy.screening.service.store import REPORT_TARGET, ReportStore, Stored

NO_CONTRACT_S = 15.0  # how long it is believed that an address has no code
REMEMBERED_MAX = 50_000
ROUNDS_MAX = 3  # of a screening that events overtake
READERS = 16
SCREENING_NICENESS = 5  # a screening takes a second: those who wait for milliseconds go first
HEAD_S = 0.5  # how long the newest block is believed to be it
NODE_SILENT = "the node of this chain does not answer as it should"
AHEAD = "ahead of need"  # caller of screenings that nobody waits for
SUPPLIED = 0  # chain of code that was supplied
LOG = logging.getLogger("tarazy.screening")

T = TypeVar("T")


class LookupResult(NamedTuple):
    """What a look at a contract gave: the report where there is one, and why there is none or only an old one."""

    reason: Reason | None  # None: the report is in force
    entry: ReportEntry | None
    detail: str = ""


class Subject(NamedTuple):
    """What a report is about: a place on a chain, and the code hash and the block that were read there."""

    chain_id: int = SUPPLIED
    address: str = ""
    state: tuple[str, int, str] = ("", -1, "")


class ScreeningService:
    """Everything behind the routes."""

    def __init__(self, config: ServiceConfig, screener: Screener | None = None) -> None:
        config.data.mkdir(parents=True, exist_ok=True)
        self.config = config
        self.software = f"tarazy {version('tarazy')}"
        self.setting()  # criteria that are none stop the start
        self.signer = AnswerSigner.open(config.data / "signing.key")
        self.store = ReportStore(
            config.data / "reports.sqlite",
            self.signer,
            config.disk_bytes_max,
            config.kept_of_caller_percent,
            config.kept_without_key_percent,
            config.kept_days,
        )
        self.audit = AuditTrail(config.data / "audit.jsonl")
        self.keys = KeyStore(config.data, self.audit)
        self.usage = UsageMeter(config.data, product_of)
        self.sessions = Sessions(self.keys, self.audit)
        self.answers = ReadyAnswers(config.answers_bytes_max)
        self.lists = AddressLists.read(config.lists)
        self.sources: dict[int, Source] = {}
        self.sources |= {chain_id: CodeFolder(chain_id, folder) for chain_id, folder in config.code_folders.items()}
        self.sources |= {chain_id: NodeSource(chain_id, url) for chain_id, url in config.nodes.items()}
        slow = WorkerLimits(config.worker_memory_bytes, config.worker_wall_s, niceness=SCREENING_NICENESS)
        self.screener = screener or PoolScreener(config.screening_workers, slow)
        quick = WorkerLimits(
            config.worker_memory_bytes, config.simulation_wall_s, requests_per_worker=config.simulations_per_worker
        )
        self.helper = Helper(config.simulation_workers, quick, config.simulation_queue_max)
        self.jobs = Jobs(config.screening_workers, config.queue_max, config.queue_of_caller_max)
        self.started_s = time.monotonic()
        self._entries: OrderedDict[Place, ReportEntry] = OrderedDict()
        self._heads: dict[int, tuple[ChainHead, float]] = {}
        self._head_locks: dict[int, asyncio.Lock] = {}
        self._events: OrderedDict[Place, float] = OrderedDict()
        self._no_contract: OrderedDict[Place, float] = OrderedDict()
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="reader")

    def setting(self) -> str:
        """Return the digest of what shapes every answer made today.

        Raises: CriteriaError.
        """
        return setting_of(self.software, self.config.criteria)

    async def start(self) -> None:
        """Begin to work."""
        self.screener.start(self.jobs.reach)
        if self.config.warm:
            self.helper.start()
        self.jobs.start()
        self.audit.write("service_started", key_id=self.signer.key_id, chains=sorted(self.sources))

    async def stop(self) -> None:
        """End what runs, and close the files."""
        await self.jobs.stop()
        await self.screener.stop()
        await self.helper.stop()
        self._readers.shutdown(wait=False, cancel_futures=True)
        self.audit.write("service_stopped", key_id=self.signer.key_id)
        self.usage.close()
        self.store.close()
        self.keys.close()

    async def head(self, source: Source) -> ChainHead:
        """Return the newest block of a chain, as it was read within the last moment.

        Raises: RefusedError where the node does not answer.
        """
        lock = self._head_locks.setdefault(source.chain_id, asyncio.Lock())
        async with lock:
            known = self._heads.get(source.chain_id)
            if known is None or known[1] < time.monotonic() - HEAD_S:
                try:
                    known = (await self.in_thread(source.head), time.monotonic())
                except ChainError as error:
                    LOG.warning("chain %d: %s", source.chain_id, error)
                    raise RefusedError(NOT_READY, NODE_SILENT) from error
                self._heads[source.chain_id] = known
        return known[0]

    def in_memory(self, chain_id: int, address: str) -> ReportEntry | None:
        """Return the report of a contract where it is in memory, in force or not."""
        return self._entries.get((chain_id, address))

    async def in_thread(self, call: Callable[..., T], *values: Any) -> T:
        """Run a call that blocks in a thread of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, call, *values)

    def source(self, chain_id: int) -> Source:
        """Return where a chain is read.

        Raises: RefusedError (chain unsupported).
        """
        found = self.sources.get(chain_id)
        if found is None:
            known = ", ".join(map(str, sorted(self.sources))) or "none"
            raise RefusedError(CHAIN_UNSUPPORTED, f"this service reads {known}, not {chain_id}")
        return found

    # ------------------------------------------------------------ looking

    async def look(self, chain_id: int, address: str, caller: str, wait_s: float | None = None) -> LookupResult:
        """Return the report of a contract, screening it where there is none in force.

        `address` in lower case. What goes wrong is told by the reason; stale data come with NOT_READY.
        """
        subject = (chain_id, address)
        entry = self._entries.get(subject)
        if entry is not None and entry.is_fresh():
            self._entries.move_to_end(subject)
            self._ahead(subject, entry)
            return LookupResult(None, entry)
        if self._no_contract.get(subject, 0.0) > time.monotonic():
            return LookupResult(NOT_A_CONTRACT, None)
        try:
            self.source(chain_id)
            entry = entry or await self.recall(chain_id, address)
            if entry is not None and entry.is_fresh():
                self._ahead(subject, entry)
                return LookupResult(None, entry)
            job = self.submit_address(chain_id, address, caller)
            wait_s = self.config.wait_s if wait_s is None else wait_s
            made = await asyncio.wait_for(asyncio.shield(job.future), wait_s)
        except TimeoutError:
            return LookupResult(NOT_READY, entry)
        except RefusedError as refusal:
            reason = NOT_READY if entry is not None and refusal.reason is not NOT_A_CONTRACT else refusal.reason
            return LookupResult(reason, entry if reason is NOT_READY else None, refusal.detail)
        return LookupResult(None, made)

    def _ahead(self, subject: Place, entry: ReportEntry) -> None:
        """Have a contract screened again before its report ends; where there is no room, not yet."""
        if entry.is_due() and not self.jobs.has(subject):
            with contextlib.suppress(RefusedError):
                self.submit_address(*subject, AHEAD, LATER)

    async def recall(self, chain_id: int, address: str) -> ReportEntry | None:
        """Return the newest report that is known of a contract, in force or not, without screening."""
        held = self._entries.get((chain_id, address))
        if held is not None:
            return held
        stored = await self.in_thread(self.store.latest, chain_id, address)
        return self._hold(stored) if stored is not None else None

    async def recall_code(self, request: ScreenRequest) -> ReportEntry | None:
        """Return the newest report of supplied code that answers exactly this request."""
        stored = await self.in_thread(self.store.latest_of, identity_of(request, self.setting()))
        return self._entry_of(stored) if stored is not None else None

    # ------------------------------------------------------------ screening

    def submit_address(self, chain_id: int, address: str, caller: str, when: int = SOON) -> Job:
        """Queue the screening of a contract on a chain.

        Raises: RefusedError.
        """
        source = self.source(chain_id)

        async def work(job: Job) -> ReportEntry:
            return await self._screen_address(source, address, job)

        return self.jobs.submit(new_id(), (chain_id, address), address, caller, work, when)

    def submit_code(self, request: ScreenRequest, label: str, caller: str, when: int = SOON) -> Job:
        """Queue the screening of supplied code.

        Raises: RefusedError.
        """
        code = request.runtime if request.runtime is not None else request.creation or b""
        setting = self.setting()
        identity = identity_of(request, setting)

        async def work(job: Job) -> ReportEntry:
            await self.in_thread(self.store.require_room)
            report = await self.screener.screen(replace(request, id=job.id, criteria=self.config.criteria))
            return await self._keep(Subject(state=(code_hash(code), -1, "")), setting, identity, report, code)

        return self.jobs.submit(new_id(), identity, label, caller, work, when)

    async def _screen_address(self, source: Source, address: str, job: Job) -> ReportEntry:
        """Screen, and again where an event overtook the state while it was looked at."""
        subject = (source.chain_id, address)
        for number in range(ROUNDS_MAX):
            began_s = time.monotonic()
            entry = await self._screen_once(source, address, job, new_id() if number else job.id)
            if self._events.get(subject, 0.0) < began_s:
                self._events.pop(subject, None)
                return entry
            entry.stale = True
            await self.in_thread(self.store.mark_stale, *subject)
        return entry

    async def _screen_once(self, source: Source, address: str, job: Job, report_id: str) -> ReportEntry:
        job.reach("reading")
        try:
            head = await self.in_thread(source.head)
            code = await self.in_thread(source.code, address, head.number)
        except ChainError as error:
            LOG.warning("chain %d: %s", source.chain_id, error)
            raise RefusedError(NOT_READY, NODE_SILENT) from error
        subject = (source.chain_id, address)
        if not code:
            self._remember_no_contract(subject)
            raise RefusedError(NOT_A_CONTRACT)
        now = code_hash(code)
        old = await self.recall(*subject)
        state = (now, head.number, head.hash)
        if old is not None and not old.stale and old.state == state and not is_unanswered(old.report):
            old.begin(longer(old, self.config))
            return old
        try:
            request = source.request(job.id, address, code, head.number, self.config.criteria)
        except RequestError as error:
            raise RefusedError(BAD_PARAMETER, str(error)) from error
        await self.in_thread(self.store.require_room)
        setting = self.setting()
        report = replace(await self.screener.screen(request), id=report_id)
        return await self._keep(Subject(*subject, state), setting, identity_of(request, setting, state), report, code)

    async def _keep(self, subject: Subject, setting: str, identity: str, report: Report, code: bytes) -> ReportEntry:
        """Sign a report, write it to disk, hold it in memory; drop the answers that it replaces."""
        body = encode(report.to_json())
        signed_at = now_text()
        target = REPORT_TARGET + report.id
        ownership, verdict = report.ownership, report.verdict
        stored = Stored(
            id=report.id,
            chain_id=subject.chain_id,
            address=subject.address,
            code_hash=subject.state[0],
            block_number=subject.state[1],
            block_hash=subject.state[2],
            setting=setting,
            identity=identity,
            software=self.software,
            criteria=self.config.criteria or "",
            creator=(ownership.creator_address or "") if ownership is not None else "",
            verdict=verdict.word if verdict is not None else "",
            honeypot=answer_of(report, "honeypot") is Answer.YES,
            stale=False,
            stored_s=time.time(),
            signed_at=signed_at,
            key_id=self.signer.key_id,
            signature=self.signer.sign("GET", target, signed_at, body),
            body=body,
        )
        await self.in_thread(self.store.put, stored, code)
        self.answers.drop([(subject.chain_id, subject.address)])
        return self._hold(stored, report)

    def _hold(self, stored: Stored, report: Report | None = None) -> ReportEntry:
        subject = (stored.chain_id, stored.address)
        entry = self._entry_of(stored, report, self._entries.get(subject))
        if stored.chain_id != SUPPLIED:
            self._no_contract.pop(subject, None)
            self._entries[subject] = entry
            self._entries.move_to_end(subject)
            if len(self._entries) > self.config.reports_in_memory_max:
                self._entries.popitem(last=False)
        return entry

    def _entry_of(self, stored: Stored, report: Report | None = None, before: ReportEntry | None = None) -> ReportEntry:
        entry = entry_of(stored, report, before, self.config)
        entry.stale = entry.stale or stored.setting != self.setting()
        return entry

    def _remember_no_contract(self, subject: Place) -> None:
        self._no_contract[subject] = time.monotonic() + NO_CONTRACT_S
        while len(self._no_contract) > REMEMBERED_MAX:
            self._no_contract.popitem(last=False)

    # ------------------------------------------------------------ events

    async def invalidate(self, chain_id: int, address: str, reason: str, by: str = "watch") -> Job | None:
        """Mark what is known of a contract as stale, and screen it anew ahead of the next question.

        An upgrade, an act of an administrator, a drained pool: what the watch sees. Returns the job, None where the
        queue is full; the next question then submits it.
        """
        address = address.lower()
        entry = self._entries.get((chain_id, address))
        if entry is not None:
            entry.stale = True
        self._events[(chain_id, address)] = time.monotonic()
        while len(self._events) > REMEMBERED_MAX:
            self._events.popitem(last=False)
        self._no_contract.pop((chain_id, address), None)
        self.answers.drop([(chain_id, address)])
        await self.in_thread(self.store.mark_stale, chain_id, address)
        self.audit.write("invalidated", by=by, chain_id=chain_id, address=address, reason=reason[:200])
        with contextlib.suppress(RefusedError):
            return self.submit_address(chain_id, address, by, LATER)
        return None


def new_id() -> str:
    """Return an id for a job and its report."""
    return secrets.token_hex(10)
