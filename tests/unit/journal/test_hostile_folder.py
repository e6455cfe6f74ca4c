"""A folder made by an enemy costs bounded time and memory and ends in one sentence, whether it is read or started.

Lengths are claims: nothing is read, reserved or written because a field says so.
"""

from __future__ import annotations

import json
import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tarazy.journal.errors import JournalError
from tarazy.journal.frame import FrameKind
from tarazy.journal.identity import load_identity, signed_bytes
from tarazy.journal.keys import key_path, load_signing_key
from tarazy.journal.segment import read_segment_header, segment_path
from tarazy.journal.snapshots import snapshot_path
from tarazy.journal.verify import verify
from tests.simulation.plain_facility import PlainFacility, Unsynced

from .building import build, frames_of, places_of

SECONDS_MAX = 10
BYTES_MAX = 96 << 20
TERABYTE = 1 << 40


def signed_identity(directory: Path, **changes: Any) -> None:
    """Say something else in facility.json and sign it with the facility's own key."""
    path = directory / "facility.json"
    document = {**json.loads(path.read_text()), **changes}
    key = load_signing_key(directory, load_identity(directory))
    path.write_text(json.dumps({**document, "signatures": [key.sign(signed_bytes(document)).hex()]}))


def rewrite(path: Path, offset: int, data: bytes) -> None:
    """Overwrite a part of a file."""
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def segment_claims(directory: Path, **changes: int) -> None:
    """Let the header of segment 1 claim something else, with a right digest."""
    header = read_segment_header(directory, 1, load_identity(directory))._replace(**changes)
    rewrite(segment_path(directory, 1), 0, header.encode())


def last_frame_claims(directory: Path, **changes: int) -> None:
    """Let the last frame's header claim something else, with a right digest."""
    header = frames_of(directory)[-1].header._replace(**changes)
    rewrite(segment_path(directory, 1), places_of(directory)[-1].offset, header.encode())


def put_in_place(path: Path, kind: str) -> None:
    """Put something that is no file in a file's place."""
    path.unlink()
    if kind == "zeros":
        path.symlink_to("/dev/zero")
    elif kind == "fifo":
        os.mkfifo(path, 0o600)
    else:
        path.symlink_to("/dev/tty")


def many_files(directory: Path) -> None:
    """Fill the folder of the segments with names."""
    for number in range(2, 20_000):
        os.close(os.open(segment_path(directory, number), os.O_CREAT | os.O_WRONLY, 0o644))


def json_text(text: str) -> Callable[[Path], object]:
    """Return what makes a text the facility's identity."""
    return lambda directory: (directory / "facility.json").write_text(text)


FILES: dict[str, Callable[[Path], Path]] = {
    "identity": lambda directory: directory / "facility.json",
    "segment": lambda directory: segment_path(directory, 1),
}

ATTACKS: dict[str, Callable[[Path], object]] = {
    "identity claims segments of 2^36 bytes": lambda directory: signed_identity(directory, segment_bytes=1 << 36),
    "identity claims sectors of 2^31 bytes": lambda directory: signed_identity(directory, sector_bytes=1 << 31),
    "segment claims 2^36 bytes": lambda directory: segment_claims(directory, segment_bytes=1 << 36),
    "segment claims sectors of one byte": lambda directory: segment_claims(directory, sector_bytes=1),
    "segment claims to begin late": lambda directory: segment_claims(directory, first_frame=1 << 60),
    "segment is a sparse terabyte": lambda directory: os.truncate(segment_path(directory, 1), TERABYTE),
    "identity is a sparse terabyte": lambda directory: os.truncate(directory / "facility.json", TERABYTE),
    "frame claims 64 GiB of commands": lambda directory: last_frame_claims(
        directory, commands_bytes=64 << 30, command_count=(64 << 30) // 96
    ),
    "frame claims 64 GiB of instructions": lambda directory: last_frame_claims(directory, instructions_bytes=64 << 30),
    "frame claims the most there is": lambda directory: last_frame_claims(directory, references_bytes=15 << 20),
    "statement claims 2^63 bytes": lambda directory: last_frame_claims(
        directory, kind=FrameKind.statement, commands_bytes=1 << 63
    ),
    "20,000 segments": many_files,
    "segment with the highest number": lambda directory: (directory / "segments" / f"{10**18}.seg").touch(),
    "identity is not a number": json_text('{"format": NaN}'),
    "identity is infinite": json_text('{"format": -Infinity}'),
    "identity is nested without end": json_text("[" * 500_000),
    "identity is an object in objects": json_text('{"a":' * 100_000),
    "identity has a number of a million digits": json_text('{"format": ' + "1" * 1_000_000 + "}"),
    "identity is a megabyte of names": json_text("{" + ",".join(f'"{n}": 1' for n in range(80_000)) + "}"),
    "identity is too long": json_text(" " * (2 << 20)),
    **{
        f"{name} is a link to {kind}" if kind != "fifo" else f"{name} is a FIFO": lambda d, at=at, kind=kind: (
            put_in_place(at(d), kind)
        )
        for name, at in FILES.items()
        for kind in ("zeros", "fifo", "terminal")
    },
    "segments is a link": lambda directory: (
        (directory / "segments").rename(directory / "x") and (directory / "segments").symlink_to(directory / "x")
    ),
    "segments is a file": lambda directory: (
        (directory / "segments").rename(directory / "x") and (directory / "segments").touch()
    ),
    "snapshots is a link": lambda directory: (
        (directory / "snapshots").rename(directory / "y") and (directory / "snapshots").symlink_to(directory / "y")
    ),
}


def bounded(act: Callable[[], object]) -> JournalError | None:
    """Do something within bounds of time and memory; return the error that it ended in."""
    tracemalloc.start()
    started, found = time.monotonic(), None
    try:
        act()
    except JournalError as error:
        found = error
    seconds, (_, peak) = time.monotonic() - started, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < SECONDS_MAX
    assert peak < BYTES_MAX, f"{peak:,} bytes"
    return found


def stored_bytes(directory: Path) -> int:
    """Return how many bytes the files of a folder take on the device."""
    return sum(
        os.lstat(os.path.join(at, name)).st_blocks * 512 for at, _, names in os.walk(directory) for name in names
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_folder_ends_in_one_sentence(tmp_path: Path, attack: str) -> None:
    directory = build(tmp_path / "a", [3, 2, 5])
    ATTACKS[attack](directory)
    before = stored_bytes(directory)

    def read() -> None:
        damage = verify(directory, jobs=1).damage
        if damage is not None:
            raise damage

    for act in (read, lambda: PlainFacility(directory, Unsynced()).close()):
        error = bounded(act)
        assert error is not None
        assert len(str(error)) < 1000
        assert "\n" not in str(error)
        assert str(directory) in str(error)
    assert stored_bytes(directory) - before < 1 << 20


SNAPSHOT_ATTACKS: dict[str, Callable[[Path], object]] = {
    "is a sparse terabyte": lambda path: os.truncate(path, TERABYTE),
    "is empty": lambda path: os.truncate(path, 0),
    "is a FIFO": lambda path: put_in_place(path, "fifo"),
    "is a link to zeros": lambda path: put_in_place(path, "zeros"),
    "claims a large state": lambda path: rewrite(path, 16 + 152, (1 << 40).to_bytes(8, "little")),
    "claims a tree of 2^64 frames": lambda path: rewrite(path, 16 + 144, b"\xff" * 8),
}


@pytest.mark.parametrize("attack", SNAPSHOT_ATTACKS)
def test_hostile_snapshot_is_named_and_passed_over(tmp_path: Path, attack: str) -> None:
    directory = build(tmp_path / "a", [3, 0, 2])
    SNAPSHOT_ATTACKS[attack](snapshot_path(directory, 4))

    def start() -> None:
        with PlainFacility(directory, Unsynced()) as facility:
            assert facility.engine.next_seq == 7
            assert "passed over" in facility.recovery.notices[0]

    assert bounded(start) is None
    damage = verify(directory, jobs=1).damage
    assert damage is not None
    assert "snapshot" in str(damage)


@pytest.mark.parametrize("kind", ["zeros", "fifo", "terminal"])
def test_hostile_key_stops_the_start(tmp_path: Path, kind: str) -> None:
    directory = build(tmp_path / "a", [3])
    put_in_place(key_path(directory), kind)
    error = bounded(lambda: PlainFacility(directory, Unsynced()).close())
    assert "expected a plain file" in str(error)


def test_endless_key_is_not_read_to_its_end(tmp_path: Path) -> None:
    directory = build(tmp_path / "a", [3])
    os.truncate(key_path(directory), TERABYTE)
    assert bounded(lambda: PlainFacility(directory, Unsynced()).close()) is not None
