"""Read a journal from the first frame, or from a snapshot's position, to its end. Every byte that is passed is checked.

A reader trusts nothing but `facility.json`: headers, hashes, chain, sequence numbers, signatures of statements and
the zeros behind the frames are checked while the frames stream by. Memory does not depend on the journal's length.
It takes no lock; beside a running writer the newest frame may look torn for the moment in which it is written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tarazy.journal.errors import (
    BrokenChainError,
    DamageError,
    SegmentSizeError,
    SignatureError,
    StatementError,
    TornTailError,
)
from tarazy.journal.frame import (
    HASH_SIZE,
    HEADER_SIZE,
    Frame,
    FrameHeader,
    FrameKind,
    Position,
    decode_header,
    frame_hash,
)
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.segment import (
    SEGMENT_HEADER_SIZE,
    SegmentHeader,
    check_segment_continues,
    check_segment_identity,
    frames_end,
    read_segment_header,
    segment_count,
    segment_path,
)
from tarazy.journal.segment_file import SegmentFile
from tarazy.journal.statement import STATEMENT_SIZE, Statement
from tarazy.journal.tail import is_zero, judge, unused_bytes_error


class JournalReader:
    """Iterate over the frames of a journal; `position` is where the next frame goes.

    Raises: DamageError at the first byte that is not as it was written, StorageError when the machine cannot read.
    """

    def __init__(self, directory: Path, *, start: Position | None = None, identity: Identity | None = None) -> None:
        self.directory = Path(directory)
        self.identity = identity or load_identity(self.directory)
        self.segments = segment_count(self.directory)
        self.position = start or genesis(self.identity)

    def __iter__(self) -> Iterator[Frame]:
        while True:
            yield from self._read_segment(self.position.segment)
            if self.position.segment == self.segments:
                return
            self.position = self.position._replace(segment=self.position.segment + 1, offset=SEGMENT_HEADER_SIZE)

    def _read_segment(self, index: int) -> Iterator[Frame]:
        """Iterate over the frames of one segment, then check that only zeros follow."""
        header = read_segment_header(self.directory, index)
        path = segment_path(self.directory, index)
        check_segment_identity(path, header, self.identity)
        if self.position.offset == SEGMENT_HEADER_SIZE:
            check_segment_continues(path, header, self.position)
        with SegmentFile(path) as file:
            self._check_size(file, header)
            while (frame := self._read_frame(file, header)) is not None:
                yield frame
            self._check_rest(file, header)

    def _check_size(self, file: SegmentFile, header: SegmentHeader) -> None:
        """Refuse a file of the wrong size; the last one may be short, which its tail then tells."""
        may_be_short = header.segment == self.segments
        if file.size > header.segment_bytes or (file.size < header.segment_bytes and not may_be_short):
            raise SegmentSizeError(
                file.path,
                expected=f"{header.segment_bytes} bytes",
                found=f"{file.size} bytes",
                segment=header.segment,
            )

    def _read_frame(self, file: SegmentFile, segment: SegmentHeader) -> Frame | None:
        """Return the frame at the position and step over it, or None where the frames of the segment end."""
        offset = self.position.offset
        if frames_end(segment, offset):
            return None
        head = file.read(offset, HEADER_SIZE)
        if is_zero(head):
            return None
        header = decode_header(head)
        is_last = segment.segment == self.segments
        if header is None:
            raise judge(file, self.position, None, is_last_segment=is_last)
        self._check_continues(file.path, header, segment)
        body = file.read(offset + HEADER_SIZE, header.payload_bytes + HASH_SIZE)
        payload = bytes(body[: header.payload_bytes])
        found_hash = frame_hash(head, payload)
        if found_hash != body[header.payload_bytes :]:
            raise judge(file, self.position, header, is_last_segment=is_last)
        frame = Frame(header, payload, found_hash, segment.segment, offset)
        if header.kind == FrameKind.statement:
            self._check_statement(file.path, frame)
        self.position = self.position.after(header, found_hash)
        return frame

    def _check_continues(self, path: Path, header: FrameHeader, segment: SegmentHeader) -> None:
        """Refuse a frame that does not continue the one before."""
        position = self.position
        expected = (position.frame_number, position.next_seq, position.prev_hash)
        found = (header.frame_number, header.first_seq, header.prev_hash)
        fits = position.offset + header.frame_bytes <= segment.segment_bytes
        if expected == found and fits:
            return
        raise BrokenChainError(
            path,
            expected=f"frame {expected[0]} with command {expected[1]} after hash {expected[2].hex()}",
            found=f"frame {found[0]} with command {found[1]} after hash {found[2].hex()}"
            + ("" if fits else ", longer than its segment"),
            segment=position.segment,
            frame=position.frame_number,
            offset=position.offset,
        )

    def _check_statement(self, path: Path, frame: Frame) -> None:
        """Refuse a statement that is not signed by the facility or speaks of another frame than the one before."""
        position = self.position

        def error(kind: type[DamageError], expected: str, found: str) -> DamageError:
            number = frame.header.frame_number
            return kind(path, expected=expected, found=found, segment=frame.segment, frame=number, offset=frame.offset)

        if len(frame.payload) != STATEMENT_SIZE:
            raise error(StatementError, f"{STATEMENT_SIZE} bytes", f"{len(frame.payload)} bytes")
        statement = Statement.unpack(frame.payload)
        if not statement.is_signed_by(self.identity.public_key):
            key = self.identity.public_key.hex()
            raise error(SignatureError, f"a signature by {key}", "another signature")
        expected = (
            self.identity.facility_id,
            position.next_seq - 1,
            position.frame_number - 1,
            position.prev_hash,
            self.identity.edition,
        )
        if expected != (*statement[:4], statement.edition) or statement.pack() != frame.payload:
            raise error(
                StatementError,
                f"a statement on command {expected[1]} in frame {expected[2]} with hash {expected[3].hex()}",
                f"command {statement.seq}, frame {statement.frame_number}, hash {statement.frame_hash.hex()}",
            )

    def _check_rest(self, file: SegmentFile, segment: SegmentHeader) -> None:
        """Refuse anything but zeros behind the last frame of a segment."""
        offset = self.position.offset
        if file.first_nonzero(offset, file.size) is not None:
            if frames_end(segment, offset):
                raise unused_bytes_error(file, self.position, offset)
            raise judge(file, self.position, None, is_last_segment=segment.segment == self.segments)
        if file.size < segment.segment_bytes:
            raise TornTailError(
                file.path,
                expected=f"{segment.segment_bytes} bytes",
                found=f"a file that ends at byte {file.size}",
                segment=segment.segment,
                frame=self.position.frame_number,
                offset=offset,
            )


def genesis(identity: Identity) -> Position:
    """Return the position of the first frame of a facility."""
    return Position(1, SEGMENT_HEADER_SIZE, 1, identity.genesis_hash, 1)
