"""A client that has logged on for orders or drop copies: takes its messages in order, and tells it what happens.

In sequence, a message that must first look something up (a cancel, a replacement) begins when everything before it is
answered, and what comes behind it waits for it; new orders enter one behind the other without waiting.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from tarazy.facility.feeds.users.messages import NO_FILL, Plain
from tarazy.facility.feeds.users.messages import execution_report as user_report
from tarazy.facility.gateway.authentication import SignedRequest
from tarazy.facility.gateway.dialect.order_view import OrderView
from tarazy.facility.gateway.endpoint import GatewayRequest
from tarazy.facility.gateway.fix.codec import FixFieldError
from tarazy.facility.gateway.fix.logon import LogonTerms, deadline_of
from tarazy.facility.gateway.fix.message import ClientMessage
from tarazy.facility.gateway.fix.order_values import Values, in_our_words
from tarazy.facility.gateway.fix.orders import COPY_MESSAGES, ORDER_MESSAGES, QUERIES, Answering
from tarazy.facility.gateway.fix.reports import execution_report, list_status, why
from tarazy.facility.gateway.fix.session import FixSession
from tarazy.facility.gateway.fix.store import COPIES, ORDERS
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.limits import Limit, LimitWindow
from tarazy.oversight.requests.errors import UNKNOWN_OUTCOME, DialectError
from tarazy.oversight.requests.parameters import Parameters
from tarazy.oversight.requests.timing import WINDOW_MAX_MS

UNDER_WAY_MAX = 2_000
UNKNOWN = -1000
UNSUPPORTED, NOT_AVAILABLE = 3, 4
NAMES_MAX = 10_000
LOG = logging.getLogger("tarazy.gateway")


class Trader:
    """One client on one session, as long as its connection lasts."""

    def __init__(self, session: FixSession, terms: LogonTerms, gateway: Gateway, address: str, limit: Limit) -> None:
        self.session, self.terms, self.gateway, self.address = session, terms, gateway, address
        self.window = LimitWindow(limit, gateway.authenticator.clock_us)
        self.acks_only = terms.acks_only
        self._running: set[asyncio.Task[None]] = set()
        self._queue: deque[ClientMessage] = deque()
        self._worker: asyncio.Task[None] | None = None

    @property
    def under_way(self) -> int:
        """Return how many messages are not answered yet."""
        return len(self._running) + len(self._queue)

    # ------------------------------------------------------------ in

    def take(self, message: ClientMessage) -> None:
        """Begin a message, or put it behind those that come before it."""
        answering = ORDER_MESSAGES.get(message.kind)
        at_once = answering is not None and answering.enters_at_once and not message.may_be_known
        if (at_once or not self.terms.in_sequence) and self._worker is None:
            self._begin(message)
            return
        self._queue.append(message)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work())

    def _begin(self, message: ClientMessage) -> None:
        task = asyncio.create_task(self._answer(message))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _work(self) -> None:
        """Answer what waits, one behind the other."""
        while self._queue:
            if self._running:
                await asyncio.wait(self._running)
            await self._answer(self._queue.popleft())
        self._worker = None

    async def settled(self) -> None:
        """Wait until all that was taken is answered."""
        while self._running or self._worker is not None:
            worker = {self._worker} if self._worker is not None else set()
            await asyncio.wait(self._running | worker, return_when=asyncio.FIRST_COMPLETED)

    async def _answer(self, message: ClientMessage) -> None:
        """Answer one message; whatever goes wrong is told in the answer's own form."""
        answering = self._answering(message.kind)
        try:
            if message.kind in QUERIES:
                await QUERIES[message.kind](self, message)
            elif answering is None:
                self.not_here(message)
            else:
                self.gateway.limits.check_weight(self.address, 1)
                await answering.handle(self, message)
        except DialectError as error:
            self.gateway.limits.use(self.address, 1)
            self._refuse(message, in_our_words(error), answering)
        except FixFieldError as error:
            self.session.reject(message, error.reason, error.tag, error.text)
        except Exception:
            LOG.exception("%s over FIX", message.kind)
            failure = DialectError(UNKNOWN, "An unknown error occurred while processing the request.")
            self.business_reject(message, 0, failure)
        finally:
            self.session.done(message.seq)

    def _answering(self, kind: str) -> Answering | None:
        """Return how a message is handled on a session of this role."""
        return {ORDERS: ORDER_MESSAGES, COPIES: COPY_MESSAGES}[self.session.name.role].get(kind)

    def _refuse(self, message: ClientMessage, error: DialectError, answering: Answering | None) -> None:
        """Tell why a message was refused, or that nobody knows what became of it."""
        if error.code == UNKNOWN_OUTCOME or answering is None:
            self.business_reject(message, NOT_AVAILABLE, error)
        else:
            self.session.send(answering.refusal, answering.refuse(message, error))

    def not_here(self, message: ClientMessage) -> None:
        """Refuse a message that this role of a session does not take."""
        error = DialectError(UNKNOWN, "This message is not for this session.")
        self.business_reject(message, UNSUPPORTED, error)

    def business_reject(self, message: ClientMessage, reason: int, error: DialectError) -> None:
        """Refuse a message that has no answer of its own."""
        name = message.body.fields.get(11) or message.body.fields.get(25014)
        reference = [(379, name)] if name else []
        self.session.send("j", [(45, message.seq), (372, message.kind), *reference, (380, reason), *why(error)])

    def asked(self, message: ClientMessage, values: Values, scope: str, *, weight: int = 0) -> GatewayRequest:
        """Return a message as the endpoints are asked, with its key as it is now, and in time.

        Raises: DialectError, FixFieldError.
        """
        authenticator = self.gateway.authenticator
        key = authenticator.key_of(self.terms.key.key_id, self.address, scope)
        message.header.setdefault(25000, str(WINDOW_MAX_MS))
        deadline_us = deadline_of(self.gateway, message)
        if weight:
            self.gateway.limits.check_weight(self.address, weight)
            self.gateway.limits.use(self.address, weight)
        parameters = Parameters(values)
        digest = sha256(key.key_id.encode() + b"\x01" + message.raw).digest()
        signed = SignedRequest(key, parameters, digest, deadline_us)
        session_id = self.session.numbers.session_id
        return GatewayRequest(self.gateway, parameters, self.address, signed, session_id=session_id)

    # ------------------------------------------------------------ out

    @contextmanager
    def naming(self, number: int, name: str) -> Iterator[None]:
        """Let the reports of a request about an order, or a list, bear the request's own name."""
        pending = self.session.request_names
        if len(pending) >= NAMES_MAX:
            del pending[next(iter(pending))]
        if not self.acks_only:
            pending[number] = name
        try:
            yield
        except BaseException:
            pending.pop(number, None)
            raise

    def tell(self, view: OrderView, execution: str, seq: int, ts_ns: int, names: tuple[str, str] | None = None) -> None:
        """Answer with an order as it is."""
        plain = user_report(view, view.symbol, execution, ts_ns, seq, NO_FILL)
        self.session.send("8", execution_report(plain, names=names))

    def tell_status(self, view: OrderView, question: str = "") -> None:
        """Answer a question about an order."""
        seq, is_copy = self.gateway.models.reached_seq, self.session.name.role == COPIES
        plain = user_report(view, view.symbol, "ORDER_STATUS", view.last_ns, seq, NO_FILL)
        fields = execution_report(plain, is_copy=is_copy)
        self.session.send("8", [*fields, *([(790, question)] if question else [])])


def deliver(session: FixSession, plain: Plain) -> None:
    """Tell a session what happened to an order or a list of its account."""
    is_copy = session.name.role == COPIES
    if plain["e"] == "listStatus":
        session.send("N", list_status(plain, is_copy=is_copy))
        if plain["l"] == "ALL_DONE":
            session.request_names.pop(plain["g"], None)
        return
    names = None
    if plain["x"] in ("CANCELED", "REPLACED") and session.request_names:
        name = session.request_names.pop(plain["i"], None) or session.request_names.get(plain["g"])
        names = (name, plain["c"]) if name else None
    session.send("8", execution_report(plain, is_copy=is_copy, names=names))
