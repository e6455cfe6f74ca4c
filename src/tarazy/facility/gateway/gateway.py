"""The gateway: one sequencer, its read models and its keys behind the endpoints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from tarazy.facility.accounts.api_keys import READ, ApiKeyStore
from tarazy.facility.feeds.views import MarketViews
from tarazy.facility.gateway.account_reads import AccountReads
from tarazy.facility.gateway.authentication import Authenticator, Signed
from tarazy.facility.gateway.dialect.errors import REJECTED_KEY, DialectError
from tarazy.facility.gateway.dialect.parameters import Parameters
from tarazy.facility.gateway.dialect.symbols import Symbols
from tarazy.facility.gateway.endpoint import Asked, Endpoint, Security
from tarazy.facility.gateway.limits import Header, Limits
from tarazy.facility.gateway.order_entry import OrderEntry
from tarazy.facility.gateway.read_models import ReadModels
from tarazy.facility.gateway.tape_reads import TapeReads
from tarazy.facility.sequencer.sequencer import Sequencer

READERS = 4
Answer = TypeVar("Answer")


class Gateway:
    """Everything that the endpoints share, on the event loop's thread."""

    def __init__(self, sequencer: Sequencer, models: ReadModels, views: MarketViews, keys: ApiKeyStore) -> None:
        self.sequencer = sequencer
        self.models = models
        self.views = views
        self.keys = keys
        self.authenticator = Authenticator(keys)
        self.limits = Limits(self.authenticator.clock_us)
        self.entry = OrderEntry(sequencer)
        self.symbols = Symbols(models.venue)
        self.reads = AccountReads(models, self.symbols)
        self.tape = TapeReads(models)
        self._told: dict[int, int] = {}
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="tarazy-reader")

    async def start(self) -> None:
        """Begin; the parts below it are there."""

    async def stop(self) -> None:
        """Take no more orders, and answer those that were taken."""
        await self.entry.close()
        self._readers.shutdown()

    def told(self, account_id: int, seq: int) -> None:
        """Note which command an account was told about; its next question waits for that."""
        self._told[account_id] = max(seq, self._told.get(account_id, 0))

    async def read(self, account_id: int, question: Callable[[], Answer]) -> Answer:
        """Ask the read models in a thread, behind the last command that an account was told about.

        Raises: DialectError.
        """
        await self.models.reached(self._told.get(account_id, 0))
        return await self.ask(question)

    async def ask(self, question: Callable[[], Answer]) -> Answer:
        """Ask the read models in a thread, as they are now."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, question)

    async def answer(
        self, endpoint: Endpoint, query: bytes, body: bytes, key_id: str, address: str
    ) -> tuple[Any, list[Header]]:
        """Answer one request; return plain data and the headers about limits.

        Raises: DialectError.
        """
        self.limits.enter(address, endpoint.weight)
        account_id = 0
        used = endpoint.weight
        try:
            if endpoint.security is Security.NONE:
                asked = Asked(self, Parameters.of(query, body), address)
            else:
                is_signed = endpoint.security is not Security.KEY
                key = self.authenticator.key_of(key_id, address, endpoint.security.value if is_signed else READ)
                if key.account_id not in self.models.venue.accounts.rows:
                    raise DialectError(REJECTED_KEY, "Invalid API-key, IP, or permissions for action.", 401)
                changes = endpoint.security is Security.TRADE
                if is_signed:
                    signed = self.authenticator.signed(key, query, body, changes=changes)
                else:
                    signed = Signed(key, Parameters.of(query, body), b"", 0)
                account_id = key.account_id
                asked = Asked(self, signed.parameters, address, signed)
            plain = await endpoint.handler(asked)
            asked.parameters.finish()
            used = 0 if endpoint.is_order else used
        finally:
            headers = self.limits.use(address, used)
        if endpoint.is_order:
            headers += self.limits.order_headers(account_id)
        return plain, headers
