"""Read a journal from the first frame, or from a position, to its end. Every byte that is passed is checked.

A reader trusts nothing but `facility.json`: headers, hashes, chain, sequence numbers and the zeros between and behind
the frames are checked while the frames stream by; signatures are `verify`'s. Memory does not depend on the journal's
length. It takes no lock; beside a running writer the newest frame may look torn for the moment in which it is written,
and what the page cache shows may not be durable yet: give `last_frame`, the durable one that the writer has published.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tarazy.journal.errors import BrokenChainError, SegmentSizeError, TornTailError
from tarazy.journal.frame import (
    HASH_SIZE,
    HEADER_SIZE,
    Frame,
    FrameHeader,
    Position,
    decode_body,
    decode_header,
    frame_hash,
    section_buffers,
)
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.locate import locate
from tarazy.journal.segment import (
    SegmentHeader,
    check_segment_continues,
    frames_end,
    genesis,
    next_start,
    read_segment_header,
    segment_count,
    segment_path,
)
from tarazy.journal.segment_file import SegmentFile
from tarazy.journal.tail import Place, changed_byte_error, is_zero, judge, unused_bytes_error


class JournalReader:
    """Iterate over the frames of a journal.

    `position` is what the next frame continues, `place` where it stands, `writer_term` the term of the frame before.
    Raises: DamageError at the first byte that is not as it was written, StorageError when the machine cannot read.
    """

    def __init__(
        self,
        directory: Path,
        *,
        start: Position | None = None,
        identity: Identity | None = None,
        last_frame: int | None = None,
    ) -> None:
        self.directory = Path(directory)
        self.identity = identity or load_identity(self.directory)
        self.segments = segment_count(self.directory)
        self.position = start or genesis(self.identity)
        self._last_frame = last_frame
        self.place, self.writer_term = locate(self.directory, self.identity, self.segments, self.position)

    def __iter__(self) -> Iterator[Frame]:
        while not self._is_enough():
            yield from self._read_segment(self.place.segment)
            if self.place.segment == self.segments or self._is_enough():
                return
            header = read_segment_header(self.directory, self.place.segment + 1, self.identity)
            self.place = Place(header.segment, header.first_offset)

    def _is_enough(self) -> bool:
        """Say whether the last frame that was asked for is read."""
        return self._last_frame is not None and self.position.frame_number > self._last_frame

    def _read_segment(self, index: int) -> Iterator[Frame]:
        """Iterate over the frames of one segment, then check that only zeros follow."""
        header = read_segment_header(self.directory, index, self.identity)
        path = segment_path(self.directory, index)
        if self.place.offset == header.first_offset:
            check_segment_continues(path, header, self.position)
        with SegmentFile(path) as file:
            self._check_size(file, header)
            while (frame := self._read_frame(file, header)) is not None:
                yield frame
                if self._is_enough():
                    return
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
        """Return the frame at the place and step over it, or None where the frames of the segment end."""
        offset = self.place.offset
        if frames_end(segment, offset):
            return None
        head = file.read(offset, HEADER_SIZE)
        if is_zero(head):
            return None
        header = decode_header(head)
        number, is_last = self.position.frame_number, segment.segment == self.segments
        if header is None:
            raise judge(file, self.place, number, None, is_last_segment=is_last)
        self._check_continues(file.path, header, segment)
        body = file.read(offset + HEADER_SIZE, header.sections_bytes + HASH_SIZE)
        found_hash = frame_hash(head, body[: header.sections_bytes])
        if found_hash != body[header.sections_bytes :]:
            raise judge(file, self.place, number, header, found_hash, is_last_segment=is_last)
        frame = decode_body(header, body, found_hash)
        self._check_zeros(file, frame, body, segment)
        self.position, self.writer_term = self.position.after(header, found_hash), header.writer_term
        self.place = Place(segment.segment, next_start(segment, offset + header.frame_bytes))
        return frame

    def _check_continues(self, path: Path, header: FrameHeader, segment: SegmentHeader) -> None:
        """Refuse a frame that does not continue the one before."""
        position, place = self.position, self.place
        found = Position(header.frame_number, header.prev_hash, header.first_seq)
        reasons = (
            ("", position == found),
            (", longer than its segment", place.offset + header.frame_bytes <= segment.segment_bytes),
            (f", of edition {header.edition}", header.edition == self.identity.edition),
            (f", of the writer's term {header.writer_term}", header.writer_term >= self.writer_term),
        )
        if all(fits for _, fits in reasons):
            return
        raise BrokenChainError(
            path,
            expected=f"frame {position.frame_number} with command {position.next_seq} "
            f"after hash {position.prev_hash.hex()}",
            found=f"frame {found.frame_number} with command {found.next_seq} after hash {found.prev_hash.hex()}"
            + "".join(words for words, fits in reasons if not fits),
            segment=place.segment,
            frame=position.frame_number,
            offset=place.offset,
        )

    def _check_zeros(self, file: SegmentFile, frame: Frame, body: memoryview, segment: SegmentHeader) -> None:
        """Refuse anything but zeros behind the sections of a frame and up to the next sector."""
        sections_bytes = frame.header.sections_bytes
        is_padded = sections_bytes != sum(frame.header[7:10])
        if is_padded and b"".join(section_buffers(frame)) != body[:sections_bytes]:
            raise changed_byte_error(file, self.place, frame.header.frame_number, "zeros behind a section")
        end = self.place.offset + frame.header.frame_bytes
        if file.first_nonzero(end, min(next_start(segment, end), segment.segment_bytes)) is not None:
            raise unused_bytes_error(file, self.place, frame.header.frame_number + 1, end)

    def _check_rest(self, file: SegmentFile, segment: SegmentHeader) -> None:
        """Refuse anything but zeros behind the last frame of a segment."""
        place, number = self.place, self.position.frame_number
        if file.first_nonzero(place.offset, file.size) is not None:
            if frames_end(segment, place.offset):
                raise unused_bytes_error(file, place, number, place.offset)
            raise judge(file, place, number, None, is_last_segment=segment.segment == self.segments)
        if file.size < segment.segment_bytes:
            raise TornTailError(
                file.path,
                expected=f"{segment.segment_bytes} bytes",
                found=f"a file that ends at byte {file.size}",
                segment=segment.segment,
                frame=number,
                offset=place.offset,
            )
