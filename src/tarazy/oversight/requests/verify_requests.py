"""Walk a record with its clients' requests: an engine replays it, and each command is checked where it stands.

What names stood for at each command is worked out from the events that the engine gives, which are compared with those
that the facility signed; so the check needs the journal and the requests, and nothing that the operator says beside.
"""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.domain.records import EVENTS, RECORD_SIZE, CommandKind, EventKind, PresentInstruction
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import check_edition, replayed
from tarazy.journal.sections import RequestReference, decode_references
from tarazy.journal.segment import read_segment_header, segment_count
from tarazy.oversight.requests.checking import CLIENT_KINDS, RequestChecker, RequestsReport
from tarazy.oversight.requests.document import document_hash
from tarazy.oversight.requests.record_terms import RecordTerms
from tarazy.oversight.requests.request_files import find_request, kept_requests, request_paths

KIND = struct.Struct(f"<H{RECORD_SIZE - 2}x")
SEQ_OFFSET = 8  # bytes into an event
AHEAD_BYTES_MAX = 64 << 20  # of requests that were read and that no command has named yet
Progress = Callable[[int], None]


def frames_up_to(directory: Path, seq: int) -> Iterator[Frame]:
    """Iterate over frames from the start of the segment that holds a command."""
    identity = load_identity(directory)
    low, high = 1, segment_count(directory)
    while low < high:
        middle = (low + high + 1) // 2
        if read_segment_header(directory, middle, identity).position.next_seq <= seq:
            low = middle
        else:
            high = middle - 1
    start = read_segment_header(directory, low, identity).position
    return iter(JournalReader(directory, start=start, identity=identity))


class RequestsInOrder:
    """Documents by hash. They lie in the record's order, so a bounded part of them is held; the rest is looked up."""

    def __init__(self, directory: Path, ahead_bytes_max: int = AHEAD_BYTES_MAX) -> None:
        self._directory = directory
        self._ahead_bytes_max = ahead_bytes_max
        self._ahead: OrderedDict[bytes, bytes] = OrderedDict()
        self._ahead_bytes = 0
        self._rest = self._read()

    def _read(self) -> Iterator[bytes]:
        for path in request_paths(self._directory):
            yield from kept_requests(path)

    def find(self, digest: bytes) -> bytes | None:
        """Return the document of a hash, None where it is not kept."""
        found = self._ahead.get(digest)
        while found is None and self._ahead_bytes < self._ahead_bytes_max:
            document = next(self._rest, None)
            if document is None:
                break
            self._hold(document)
            found = self._ahead.get(digest)
        if found is None:
            found = find_request(self._directory, digest)
        elif self._ahead_bytes * 2 > self._ahead_bytes_max:
            self._forget(digest)
        return found

    def _hold(self, document: bytes) -> None:
        """Hold a document that was read; one that is kept twice is held once."""
        digest = document_hash(document)
        if digest not in self._ahead:
            self._ahead[digest] = document
            self._ahead_bytes += len(document)

    def _forget(self, digest: bytes) -> None:
        """Let go of what lies before a document that was found."""
        while self._ahead_bytes * 2 > self._ahead_bytes_max and next(iter(self._ahead)) != digest:
            self._ahead_bytes -= len(self._ahead.popitem(last=False)[1])


def verify_requests(directory: Path, engine: Engine, progress: Progress | None = None) -> RequestsReport:
    """Check a whole journal against the requests beside it; return what was found.

    `progress(commands)` is called after every frame.
    Raises: DamageError for a journal that is damaged or that the engine does not confirm; StorageError.
    """
    directory = Path(directory)
    reader = JournalReader(directory)
    check_edition(directory, reader.identity, engine)
    terms = RecordTerms(lambda seq: text_beside(directory, seq))
    checker = RequestChecker(terms, RequestsInOrder(directory).find)
    for frame, events in replayed(directory, reader, engine):
        if frame.header.kind == FrameKind.commands:
            check_frame(checker, frame, events)
            if progress is not None:
                progress(frame.header.next_seq - 1)
    return checker.report


def check_frame(checker: RequestChecker, frame: Frame, events: bytes) -> None:
    """Check the commands of one frame in turn, each on what the events before it say."""
    count, first_seq = frame.header.command_count, frame.header.first_seq
    entries = decode_references(frame.references, count) if frame.references else []
    references = {entry.command_index: entry for entry in entries}
    kinds = kinds_of(frame.commands)
    wanted = [index for index, kind in enumerate(kinds) if kind in CLIENT_KINDS]
    told = _TermsEvents(checker.terms, events)
    covered = covered_by_instructions(frame, kinds, events)
    traded = traded_off_book(kinds, events)
    for index in wanted:
        told.up_to(first_seq + index)
        record = frame.commands[index * RECORD_SIZE : (index + 1) * RECORD_SIZE]
        reference: RequestReference | None = references.get(index)
        seq = first_seq + index
        checker.check(seq, record, reference, is_officers=index in covered, is_traded=seq in traded)
    told.up_to(first_seq + count)


class _TermsEvents:
    """Hand the events of a frame that name things to the terms, command by command."""

    def __init__(self, terms: RecordTerms, events: bytes) -> None:
        self._terms = terms
        self._events = events
        handlers = terms.handlers
        self._places = [(seq_at(events, at), at) for at, kind in enumerate(kinds_of(events)) if kind in handlers]
        self._next = 0

    def up_to(self, seq: int) -> None:
        """Tell what happened before a command."""
        while self._next < len(self._places) and self._places[self._next][0] < seq:
            at = self._places[self._next][1] * RECORD_SIZE
            kind = int.from_bytes(self._events[at : at + 2], "little")
            self._terms.handlers[kind](EVENTS[kind].unpack(self._events, at))
            self._next += 1


def traded_off_book(kinds: Sequence[int], events: bytes) -> set[int]:
    """Return the commands of a frame that settled a trade off the book."""
    if CommandKind.execute_block_trade not in kinds:
        return set()
    told = enumerate(kinds_of(events))
    return {seq_at(events, at) for at, kind in told if kind == EventKind.block_trade_executed}


def covered_by_instructions(frame: Frame, kinds: Sequence[int], events: bytes) -> set[int]:
    """Return the places of the commands that are officers' acts: those behind an instruction that was accepted."""
    covered: set[int] = set()
    presented = [index for index, kind in enumerate(kinds) if kind == CommandKind.present_instruction]
    if not presented:
        return covered
    kinds_told = enumerate(kinds_of(events))
    accepted = {seq_at(events, at) for at, kind in kinds_told if kind == EventKind.instruction_accepted}
    for index in presented:
        if frame.header.first_seq + index in accepted:
            command = PresentInstruction.unpack(frame.commands, index * RECORD_SIZE)
            covered.update(range(index + 1, index + 1 + command.command_count))
    return covered


def kinds_of(records: bytes) -> Sequence[int]:
    """Return the kind of each record of a buffer."""
    return [kind for (kind,) in KIND.iter_unpack(records)]


def seq_at(events: bytes, index: int) -> int:
    """Return the sequence number that an event of a buffer carries."""
    start = index * RECORD_SIZE + SEQ_OFFSET
    return int.from_bytes(events[start : start + 8], "little")


def text_beside(directory: Path, seq: int) -> str:
    """Return the text beside a command, empty where there is none. Reads the record from the start of one segment."""
    for frame in frames_up_to(directory, seq):
        if frame.header.kind == FrameKind.commands and seq < frame.header.next_seq:
            index = seq - frame.header.first_seq
            entries = decode_references(frame.references, frame.header.command_count)
            return next((entry.text for entry in entries if entry.command_index == index), "")
    return ""
