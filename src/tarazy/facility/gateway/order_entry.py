"""Order entry: requests wait here, go to the sequencer together, and are answered when their frame is durable.

What waits for the writer waits in this queue and not in his, so that its time can be checked once more just before it
is ordered. Everything that waits when the writer has room becomes one submission, and the event loop wakes once for
each of them, not once for each order.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import NamedTuple

from tarazy.domain.records import RECORD_SIZE
from tarazy.facility.sequencer.errors import ClockJumpedError, QueueFullError
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.facility.sequencer.submission import Receipt, split_events
from tarazy.journal.sections import RequestReference
from tarazy.oversight.requests.errors import SERVER_BUSY, SERVICE_SHUTTING_DOWN, UNKNOWN_OUTCOME, DialectError
from tarazy.oversight.requests.request_files import RequestFiles

WAITING_MAX = 20_000  # commands
BATCH_MAX = 2_048  # commands of one submission
IN_FLIGHT_MAX = 2  # submissions: one is written while the engine works at the next
SECOND_FROM = 256  # commands: fewer wait for the first, since each frame costs everybody who hears of it
ANSWER_S = 10.0
RETRY_S = 1


class Ordered(NamedTuple):
    """What became of the commands of one request: the number of the first, their events, and their time."""

    first_seq: int
    events: bytes
    ts_ns: int


@dataclass(slots=True, eq=False)
class Waiting:
    """The commands of one request on their way."""

    commands: bytes
    count: int
    references: Sequence[RequestReference]
    check: Callable[[], None]
    documents: Sequence[bytes]
    answer: asyncio.Future[Ordered]
    deadline_s: float
    names: Mapping[str, str]

    def settle(self, outcome: Ordered | DialectError) -> None:
        """Give the request its outcome, unless nobody waits for it any more."""
        if self.answer.done():
            return
        if isinstance(outcome, DialectError):
            if outcome.code == UNKNOWN_OUTCOME:
                outcome.extra |= self.names
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result(outcome)


class OrderEntry:
    """The queue in front of one sequencer, on the event loop's thread."""

    def __init__(
        self,
        sequencer: Sequencer,
        requests: RequestFiles | None = None,
        *,
        waiting_max: int = WAITING_MAX,
        answer_s: float = ANSWER_S,
    ) -> None:
        self._sequencer = sequencer
        self._requests = requests
        self._waiting_max, self._answer_s = waiting_max, answer_s
        self._queue: deque[Waiting] = deque()
        self._queued = 0
        self._in_flight = 0
        self._woken = False
        self._closed = False
        self._unanswered: deque[Waiting] = deque()  # by their deadlines; those that were answered go with them
        self._timer: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._idle.set()

    async def enter(
        self,
        commands: bytes,
        references: Sequence[RequestReference],
        check: Callable[[], None],
        documents: Sequence[bytes] = (),
        **names: str,
    ) -> Ordered:
        """Order the commands of one request and return what became of them once they are durable.

        Raises: DialectError, as `begin` does, and -1007 where the outcome is not known in time.
        """
        return await self.begin(commands, references, check, documents, **names).answer

    def begin(
        self,
        commands: bytes,
        references: Sequence[RequestReference],
        check: Callable[[], None],
        documents: Sequence[bytes] = (),
        **names: str,
    ) -> Waiting:
        """Put the commands of one request into the queue; `answer` of what is returned gives what became of them.

        `check` is called again just before they are ordered, and raises where that is too late. `documents`: the
        signed request and what else is kept with it, written before its commands are ordered and durable before the
        answer. `names` are what the request called itself, for asking again.
        Raises: DialectError: 429 where too much waits.
        """
        loop = asyncio.get_running_loop()
        count = len(commands) // RECORD_SIZE
        if self._closed:
            raise DialectError(SERVICE_SHUTTING_DOWN, "This service is no longer available.", 503)
        if self._queued + count > self._waiting_max:
            raise busy()
        until_s = loop.time() + self._answer_s
        waiting = Waiting(commands, count, references, check, documents, loop.create_future(), until_s, names)
        self._queue.append(waiting)
        self._queued += count
        self._idle.clear()
        self._unanswered.append(waiting)
        if self._timer is None:
            self._timer = loop.call_at(waiting.deadline_s, self._give_up)
        if not self._woken:
            self._woken = True
            loop.call_soon(self._wake)
        return waiting

    def _give_up(self) -> None:
        """Tell those whose time is over that the outcome is not known; look again when the next one's is."""
        loop = asyncio.get_running_loop()
        unanswered, now_s = self._unanswered, loop.time()
        while unanswered and (unanswered[0].answer.done() or unanswered[0].deadline_s <= now_s):
            unanswered.popleft().settle(unknown_outcome())
        self._timer = loop.call_at(unanswered[0].deadline_s, self._give_up) if unanswered else None

    def _wake(self) -> None:
        self._woken = False
        self._submit()

    def _submit(self) -> None:
        """Hand what waits to the sequencer while it has room."""
        while self._queue and self._in_flight < (IN_FLIGHT_MAX if self._queued >= SECOND_FROM else 1):
            batch = self._take()
            if batch:
                self._hand_over(batch)
        if not self._queue and not self._in_flight:
            self._idle.set()

    def _take(self) -> list[Waiting]:
        """Take a submission's worth of requests that are still in time."""
        batch: list[Waiting] = []
        count = 0
        while self._queue and (not batch or count + self._queue[0].count <= BATCH_MAX):
            waiting = self._queue.popleft()
            self._queued -= waiting.count
            try:
                waiting.check()
            except DialectError as error:
                waiting.settle(error)
                continue
            batch.append(waiting)
            count += waiting.count
        return batch

    def _hand_over(self, batch: list[Waiting]) -> None:
        """Submit requests together; their answers come when the frame is durable."""
        commands: list[bytes] = []
        references: list[RequestReference] = []
        at = 0
        for waiting in batch:
            commands.append(waiting.commands)
            for place, key_id, digest, text in waiting.references:
                references.append(RequestReference(at + place, key_id, digest, text))
            at += waiting.count
        loop = asyncio.get_running_loop()
        try:
            kept = self._keep(batch)
            future = self._sequencer.submit(b"".join(commands), references=references, timeout_s=0)
        except QueueFullError:
            return fail(batch, busy)
        except Exception:
            return fail(batch, not_ordered)
        self._in_flight += 1
        future.add_done_callback(lambda done: loop.call_soon_threadsafe(self._durable, batch, done, kept))
        return None

    def _keep(self, batch: list[Waiting]) -> Future[None] | None:
        """Write the signed requests of a submission; return what tells when they are durable, None for none."""
        documents = [document for waiting in batch for document in waiting.documents]
        if not documents or self._requests is None:
            return None
        return self._requests.keep(documents)

    def _durable(self, batch: list[Waiting], future: Future[Receipt], kept: Future[None] | None) -> None:
        """Answer when the signed requests are durable too, which were handed to the disk before."""
        if kept is None or kept.done():
            self._released(batch, future)
            return
        loop = asyncio.get_running_loop()
        kept.add_done_callback(lambda done: loop.call_soon_threadsafe(self._released, batch, future))

    def _released(self, batch: list[Waiting], future: Future[Receipt]) -> None:
        """Answer the requests of a submission, then submit what has come meanwhile."""
        self._in_flight -= 1
        error = future.exception()
        if error is None:
            receipt = future.result()
            seq, counts = receipt.first_seq, [waiting.count for waiting in batch]
            for waiting, events in zip(batch, split_events(receipt.events, seq, counts), strict=True):
                waiting.settle(Ordered(seq, events, receipt.ts_ns))
                seq += waiting.count
        elif isinstance(error, ClockJumpedError):
            fail(batch, not_ordered)
        else:  # the writer stopped: what it was handed is in the journal or not
            fail(batch, unknown_outcome)
        while self._unanswered and self._unanswered[0].answer.done():
            self._unanswered.popleft()
        self._submit()

    async def close(self) -> None:
        """Take nothing more, and wait until all that was taken is answered."""
        self._closed = True
        await self._idle.wait()


def fail(batch: list[Waiting], error: Callable[[], DialectError]) -> None:
    """Give each request of a submission an error of its own."""
    for waiting in batch:
        waiting.settle(error())


def busy() -> DialectError:
    """Return the error where too much waits already; nothing was ordered."""
    message = "Server is currently overloaded with other requests. Please try again in a few minutes."
    return DialectError(SERVER_BUSY, message, 429, retry_after_s=RETRY_S)


def not_ordered() -> DialectError:
    """Return the error where the writer takes nothing now; nothing was ordered."""
    return DialectError(SERVER_BUSY, "The facility takes no orders now. Nothing was ordered.", 503, retry_after_s=5)


def unknown_outcome() -> DialectError:
    """Return the error where nobody can say now whether the commands were ordered."""
    message = "Timeout waiting for response from backend server. Send status unknown; execution status unknown."
    return DialectError(UNKNOWN_OUTCOME, message, 504)
