"""Replay with the hash beside: the engine goes on with a frame while a thread hashes the events of the one before it.

What comes out is what `replayed` gives, one frame later. The engine may therefore be one frame past a difference when
it is found; nothing may leave that depends on the state before the last frame is given.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.engine import Engine
from tarazy.journal.confirm import check_events, check_state, mark_of
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.marks import Marks, is_marked


class Unconfirmed(NamedTuple):
    """A frame that the engine has applied, its events, and the hash of them that is on its way."""

    frame: Frame
    events: bytes
    digest: Future[bytes]


def replayed_beside(
    directory: Path, frames: Iterable[Frame], engine: Engine, marks: Marks | None = None
) -> Generator[tuple[Frame, bytes], None, None]:
    """Iterate over frames and the events that the engine gives for them; a statement and a head give none.

    Raises: ReplayDivergedError at the first frame whose events, or whose signed state, the engine does not confirm;
    what the frames' source and the engine raise, after all frames before.
    """
    marks, first_seq, before = Marks() if marks is None else marks, engine.next_seq, None
    with ThreadPoolExecutor(1, "tarazy-replay-hash") as hasher:
        for applied in _errors_last(_applied(frames, engine, marks, hasher)):
            if before is not None:
                yield _confirmed(directory, before)
            before = applied if isinstance(applied, Unconfirmed) else None
            if isinstance(applied, Exception):
                raise applied
            if isinstance(applied, Frame):
                if applied.header.kind == FrameKind.statement:
                    check_state(directory, applied, marks, first_seq)
                yield applied, b""
        if before is not None:
            yield _confirmed(directory, before)


def _applied(
    frames: Iterable[Frame], engine: Engine, marks: Marks, hasher: ThreadPoolExecutor
) -> Iterator[Unconfirmed | Frame]:
    """Iterate over what the engine has applied, and the frames without commands between; a mark is kept."""
    for frame in frames:
        if frame.header.kind != FrameKind.commands:
            yield frame
            continue
        events = engine.apply(frame.commands)
        applied = Unconfirmed(frame, events, hasher.submit(_sha256, events))
        if is_marked(frame, events):
            marks.add(mark_of(frame, engine))
        yield applied


def _errors_last(items: Iterator[Unconfirmed | Frame]) -> Iterator[Unconfirmed | Frame | Exception]:
    """Iterate over items; an error of their source is the last one."""
    try:
        yield from items
    except Exception as error:  # the caller's to raise, once what came before it is confirmed
        yield error


def _confirmed(directory: Path, applied: Unconfirmed) -> tuple[Frame, bytes]:
    """Return a frame and its events, which are those that the facility recorded."""
    check_events(directory, applied.frame, applied.events, applied.digest.result())
    return applied.frame, applied.events


def _sha256(data: bytes) -> bytes:
    return sha256(data).digest()
