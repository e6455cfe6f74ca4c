"""The gateway: one sequencer, its read models and its keys behind the endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from tarazy.facility.accounts.api_keys import ApiKeyStore
from tarazy.facility.accounts.destinations import Destinations
from tarazy.facility.accounts.parameters import DatedParameters
from tarazy.facility.admission.gate import KnownAsset
from tarazy.facility.admission.view import AdmissionView
from tarazy.facility.block_desk.quotes import QuoteBook
from tarazy.facility.feeds.views import MarketViews
from tarazy.facility.gateway.account_reads import AccountReads
from tarazy.facility.gateway.authentication import Authenticator
from tarazy.facility.gateway.client_keys import ClientKeys
from tarazy.facility.gateway.dialect.symbols import Symbols
from tarazy.facility.gateway.first_order import require_confirmed
from tarazy.facility.gateway.instructions import Instructions
from tarazy.facility.gateway.limits import LIMITS, LimitSet, RateLimits
from tarazy.facility.gateway.native.block_reads import BlockReads
from tarazy.facility.gateway.native.history_reads import HistoryReads
from tarazy.facility.gateway.native.record_reads import RecordReads
from tarazy.facility.gateway.order_entry import WAITING_MAX, OrderEntry
from tarazy.facility.gateway.order_sessions import ConnectionSessions, EndingSessions
from tarazy.facility.gateway.paying_in import PayingIn
from tarazy.facility.gateway.reaching import Reaching
from tarazy.facility.gateway.read_models import ReadModels
from tarazy.facility.gateway.tape_reads import TapeReads
from tarazy.facility.projections.venue import ASSET_CODE, ASSET_KIND
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.facility.statements.paper import Paper
from tarazy.facility.statements.pdf import pdf_bytes
from tarazy.facility.statements.tax_prices import TaxPrices
from tarazy.journal.identity import load_identity
from tarazy.oversight.requests.request_files import RequestFiles

READERS = 4
Answer = TypeVar("Answer")


class Gateway:
    """Everything that the endpoints share, on the event loop's thread."""

    def __init__(
        self,
        sequencer: Sequencer,
        models: ReadModels,
        views: MarketViews,
        fed: Reaching,
        keys: ApiKeyStore,
        *,
        limits: LimitSet = LIMITS,
        waiting_max: int = WAITING_MAX,
        disclosures: Path | None = None,
        tax_prices: TaxPrices | None = None,
        bank_parameters: DatedParameters | None = None,
        admission: AdmissionView | None = None,
    ) -> None:
        self.sequencer = sequencer
        self.models = models
        self.identity = load_identity(models.directory)
        self.views, self.fed = views, fed
        self.keys = keys
        self.authenticator = Authenticator(keys, last_ts_us=views.last_ts_ns // 1_000)
        self.limits = RateLimits(self.authenticator.clock_us, limits)
        self.requests = RequestFiles(models.directory)
        self.entry = OrderEntry(sequencer, self.requests, waiting_max=waiting_max)
        self.client_keys = ClientKeys(keys, models.venue, self.entry)
        self.symbols = Symbols(models.venue)
        self.reads = AccountReads(models, self.symbols)
        self.tape = TapeReads(models)
        self.history = HistoryReads(models)
        self.blocks = BlockReads(models)
        self.record = RecordReads(models.directory, self.identity)
        self.disclosures = disclosures
        self.tax_prices = tax_prices
        self.paying_in = PayingIn(models.directory, lambda: sequencer.officers, bank_parameters)
        self.admission = admission
        self.instructions = Instructions(sequencer, self.identity, self.check_admission)
        self.destinations = Destinations(keys.folder)
        self.quotes = QuoteBook(keys.folder)
        self.sessions = ConnectionSessions(keys.folder)
        self.endings = EndingSessions(self, self.sessions)
        self._printing = asyncio.Semaphore(1)
        self.heard: Callable[[int], int] = lambda account_id: 0
        self._told: dict[int, int] = {}
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="tarazy-reader")

    async def start(self) -> None:
        """Begin; the parts below it are there."""
        await self.client_keys.follow()
        await self.sweep_quotes()
        self.endings.start()

    async def sweep_quotes(self) -> None:
        """Remove requests for quotes, and quotes, that ended long ago."""
        await asyncio.to_thread(self.quotes.sweep, self.authenticator.clock_us() // 1_000)

    async def stop(self) -> None:
        """Take no more orders, and answer those that were taken."""
        await self.endings.settled()
        await self.entry.close()
        self._readers.shutdown()
        self.record.close()
        self.requests.close()
        self.destinations.close()
        self.quotes.close()
        self.sessions.close()
        if self.admission is not None:
            self.admission.close()

    def check_admission(self, commands: Iterable[Any]) -> None:
        """Refuse commands that admit or open what the admission desk has not decided. Raises: ActError."""
        if self.admission is not None:
            rows = self.models.venue.assets.rows
            known = {number: KnownAsset(row[ASSET_KIND], row[ASSET_CODE]) for number, row in rows.items()}
            self.admission.check(commands, known)

    def require_confirmed(self, account_id: int, turn: float | None = None) -> None:
        """Refuse an order of an account that has not confirmed the papers that it must.

        `turn`: the time of the loop's turn where what is published is looked at once in a turn, for all of its orders.
        Raises: DialectError.
        """
        if self.admission is not None:
            require_confirmed(self.admission, account_id, turn)

    def told(self, account_id: int, seq: int) -> None:
        """Note which command an account was told about; its next question waits for that."""
        self._told[account_id] = max(seq, self._told.get(account_id, 0))

    async def read(self, account_id: int, question: Callable[[], Answer]) -> Answer:
        """Ask the read models in a thread, behind the last command that an account was told about.

        It was told by an answer, or over a stream (`heard`): a fill that was said is in what is read after it.
        Raises: DialectError.
        """
        await self.models.reached(max(self._told.get(account_id, 0), self.heard(account_id)))
        return await self.ask(question)

    async def trade_numbers(self, account_id: int, market_id: int, seq: int) -> dict[tuple[int, int], int]:
        """Return the public numbers of a command's trades in a market, by command and place: from memory if they can.

        Raises: DialectError.
        """
        if await self.fed.wait(seq):
            found = self.views.trade_numbers(market_id, seq)
            if found is not None:
                return found
        return await self.read(account_id, lambda: self.reads.trade_numbers([seq]))

    async def print_paper(self, paper: Paper) -> bytes:
        """Return a paper as PDF, one at a time: it keeps a core busy."""
        async with self._printing:
            return await self.ask(lambda: pdf_bytes(paper))

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """Ask the read models in a thread, as they are now."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, question)
