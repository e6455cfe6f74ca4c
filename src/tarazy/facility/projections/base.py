"""What every projection is: tables, a cursor, one method that applies a frame, and a canonical export with its digest.

A projection knows nothing but frames and their events. It applies each frame once, in order: a frame that it has is
passed over, one that does not follow is refused. So it may be fed by a listener, by a reader in another process or by a
rebuild, in any mixture, and always ends with the same export.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from inspect import signature
from itertools import islice
from typing import Any, ClassVar, NamedTuple

from tarazy.facility.projections.batch import Batch, kinds_mask
from tarazy.facility.projections.errors import BrokenProjectionError, GapError, OtherHistoryError
from tarazy.facility.projections.table import Table, export_lines
from tarazy.journal.frame import Frame

Handler = Callable[..., None]
Rows = Iterable[tuple[int, ...]]
FirstHandler = Callable[[Rows], None]
BulkHandlers = dict[Any, tuple[FirstHandler, tuple[str, ...]]]
WHOLE = ("event",)


class Cursor(NamedTuple):
    """The last frame that was applied, its hash, and the command that comes next."""

    frame_number: int = 0
    next_seq: int = 1
    frame_hash: bytes = bytes(32)


class Projection(ABC):
    """A read model. `handlers` names what it does with each kind of event; all others it passes over.

    The parameters of a handler name the integer fields of the event that it needs, in the order of the record, so that
    nothing else is read; one parameter `event` stands for the whole record. What comes in thousands a frame is handled
    in bulk instead (`make_first`, `make_runs`): a call for each event costs more than what it does.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    layout: ClassVar[int] = 1  # a higher number makes stored tables be built anew

    def __init__(self) -> None:
        self.cursor = Cursor()
        self.tables = self.make_tables()
        self.handlers: dict[int, Handler] = {int(kind): handler for kind, handler in self.make_handlers().items()}
        self._fields = {kind: tuple(signature(handler).parameters) for kind, handler in self.handlers.items()}
        self._mask = kinds_mask(self.handlers)
        self._first = [(int(kind), *of_kind) for kind, of_kind in self.make_first().items()]
        self._runs = [(int(kind), *of_kind) for kind, of_kind in self.make_runs().items()]
        self.times_ns: list[int] = []
        self.first_seq = 1
        self.broken: BaseException | None = None

    @abstractmethod
    def make_tables(self) -> tuple[Table, ...]:
        """Return the empty tables."""

    @abstractmethod
    def make_handlers(self) -> dict[Any, Handler]:
        """Return what is done with each kind of event."""

    def make_first(self) -> BulkHandlers:
        """Return what is done with all events of some kinds of a frame at once, before its others, kind after kind.

        Of each kind the fields that it needs, in the order of the record. It is for what may come before everything
        else in its frame without a difference at the end of it: an order is accepted before anything happens to it.
        """
        return {}

    def make_runs(self) -> BulkHandlers:
        """Return what is done with all events of some kinds between two that have a handler, kind after kind.

        It is for kinds that may be taken in this order, whatever the order of their events: an order trades before it
        is canceled, and what happens to two orders makes the same sum either way. The cancels of a run are behind its
        trades even where a trade of another order came later.
        """
        return {}

    def end_of_frame(self) -> None:  # noqa: B027 - most have nothing to do there
        """Do what is left when all events of a frame are applied."""

    def apply(self, frame: Frame, events: bytes) -> None:
        """Apply one frame.

        Raises: GapError, OtherHistoryError (nothing happened); BrokenProjectionError after an earlier error.
        """
        self.apply_batch(Batch(frame, events))

    def apply_batch(self, batch: Batch) -> None:
        """Apply one frame that several projections share."""
        frame = batch.frame
        header = frame.header
        if header.frame_number <= self.cursor.frame_number:
            return
        self._check_follows(frame)
        self.times_ns, self.first_seq = batch.times_ns, header.first_seq
        try:
            for kind, first, names in self._first:
                if rows := batch.rows(kind, names):
                    first(rows)
            if self._runs:
                self._apply_runs(batch)
            else:
                self._apply_one_by_one(batch)
            self.end_of_frame()
        except BaseException as error:
            self.broken = error
            raise
        self.cursor = Cursor(header.frame_number, header.next_seq, frame.frame_hash)

    def _apply_one_by_one(self, batch: Batch) -> None:
        """Apply the events that have a handler."""
        kinds = batch.kinds[batch.places(self._mask)].tolist()
        streams = {kind: iter(self._arguments(batch, kind)) for kind in set(kinds)}
        arguments = map(next, map(streams.__getitem__, kinds))
        for handler, values in zip(map(self.handlers.__getitem__, kinds), arguments, strict=True):
            handler(*values)

    def _apply_runs(self, batch: Batch) -> None:
        """Apply the events that have a handler, and before each of them, and at the end, the run of others."""
        places = batch.places(self._mask)
        if not len(places):
            for kind, bulk, names in self._runs:
                if rows := batch.rows(kind, names):
                    bulk(rows)
            return
        kinds = batch.kinds[places].tolist()
        streams = {kind: iter(self._arguments(batch, kind)) for kind in set(kinds)}
        runs = [(bulk, iter(batch.rows(kind, names)), batch.between(kind, places)) for kind, bulk, names in self._runs]
        for place in range(len(kinds) + 1):
            for bulk, stream, counts in runs:
                if count := counts[place]:
                    bulk(islice(stream, count))
            if place < len(kinds):
                self.handlers[kinds[place]](*next(streams[kinds[place]]))

    def _arguments(self, batch: Batch, kind: int) -> Iterable[tuple[Any, ...]]:
        """Return what the handler of a kind takes of each of its events."""
        names = self._fields[kind]
        return zip(batch.records(kind)) if names == WHOLE else batch.rows(kind, names)

    def _check_follows(self, frame: Frame) -> None:
        """Refuse a frame that does not continue what was applied."""
        header, cursor = frame.header, self.cursor
        if self.broken is not None:
            raise BrokenProjectionError(self.name, expected="a whole projection", found=repr(self.broken))
        if header.first_seq != cursor.next_seq:
            found = f"frame {header.frame_number} with command {header.first_seq}"
            expected = f"command {cursor.next_seq} behind frame {cursor.frame_number}"
            raise GapError(self.name, expected=expected, found=found)
        is_next = header.frame_number == cursor.frame_number + 1
        if is_next and cursor.frame_number and header.prev_hash != cursor.frame_hash:
            found = f"one behind {header.prev_hash.hex()}"
            expected = f"frame {header.frame_number} behind hash {cursor.frame_hash.hex()}"
            raise OtherHistoryError(self.name, expected=expected, found=found)

    def ts_ns(self, seq: int) -> int:
        """Return the time of a command of the frame that is being applied."""
        return self.times_ns[seq - self.first_seq]

    def keep_no_changes(self) -> None:
        """Do not note what changes: nobody stores it."""
        for table in self.tables:
            table.keep_no_changes()

    def settle(self) -> None:
        """Let old history go."""
        for table in self.tables:
            table.settle()

    def limit_history(self, rows: int | None) -> None:
        """Keep at most so many finished rows of each table in memory."""
        for table in self.tables:
            table.history_max = rows

    # ------------------------------------------------------------ export
    def export(self) -> Iterator[str]:
        """Return the canonical text of the projection, line by line."""
        yield heading(self)
        for table in self.tables:
            yield from export_lines(table, table.sorted_rows())

    def digest(self) -> bytes:
        """Return the SHA-256 of the canonical text."""
        return digest_of(self.export())


def heading(projection: Projection) -> str:
    """Return the first line of an export: which projection it is, and after which command."""
    return f"tarazy projection {projection.name} {projection.layout} after {projection.cursor.next_seq - 1}\n"


def digest_of(lines: Iterator[str]) -> bytes:
    """Return the SHA-256 of lines of text."""
    digest = sha256()
    for line in lines:
        digest.update(line.encode())
    return digest.digest()
