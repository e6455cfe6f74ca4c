"""The private key: beside the folder, for its owner only, never overwritten, no link."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.domain.records import CommandKind, FacilityKeyRotated, RotateFacilityKey
from tarazy.journal.create import create_facility
from tarazy.journal.errors import (
    DamageError,
    IdentityError,
    KeyExistsError,
    NotAFacilityError,
    NotAPlainFileError,
    OpenKeyError,
    ReadFailedError,
)
from tarazy.journal.identity import Identity, load_identity
from tarazy.journal.keys import (
    add_signing_key,
    key_path,
    keys_folder,
    load_signing_key,
    next_key_path,
    own_public_keys,
)
from tarazy.journal.segment import segment_path
from tarazy.journal.snapshots import read_snapshot, write_snapshot
from tarazy.journal.verify import verify
from tests.simulation.plain_facility import PlainFacility, Unsynced
from tests.simulation.tally_engine import TallyEngine

from .building import SEED, commands, create


@pytest.fixture
def facility(tmp_path: Path) -> tuple[Path, Identity]:
    """Return a facility and who it is."""
    directory = create(tmp_path / "a")
    return directory, load_identity(directory)


def test_key_lies_beside_the_folder_for_its_owner_only(facility: tuple[Path, Identity]) -> None:
    directory, _ = facility
    path = directory.parent / "a.keys" / "facility.key"
    assert key_path(directory) == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for each in directory.rglob("*"):
        assert each.is_dir() or SEED[16:].hex().encode() not in each.read_bytes()


def test_folder_named_by_a_relative_path_has_the_same_key(
    facility: tuple[Path, Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(facility[0])
    assert keys_folder(Path()) == keys_folder(facility[0])
    load_signing_key(Path(), facility[1])


def test_key_that_is_there_is_not_overwritten(facility: tuple[Path, Identity]) -> None:
    directory, _ = facility
    before = key_path(directory).read_bytes()
    shutil.rmtree(directory)
    with pytest.raises(KeyExistsError, match="a key is never overwritten"):
        create_facility(directory, "A", edition=1, segment_bytes=8192)
    assert key_path(directory).read_bytes() == before
    assert not (directory / "facility.json").exists()


def test_link_in_the_place_of_a_new_key_is_not_followed(tmp_path: Path) -> None:
    keys_folder(tmp_path / "a").mkdir(mode=0o700)
    key_path(tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(KeyExistsError):
        create(tmp_path / "a")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666, 0o610])
def test_key_that_others_can_use_is_refused(facility: tuple[Path, Identity], mode: int) -> None:
    key_path(facility[0]).chmod(mode)
    with pytest.raises(OpenKeyError, match=f"found mode {mode:o}.*chmod 600"):
        load_signing_key(*facility)


@pytest.mark.parametrize("mode", [0o750, 0o701, 0o777])
def test_folder_of_keys_that_others_can_enter_is_refused(facility: tuple[Path, Identity], mode: int) -> None:
    keys_folder(facility[0]).chmod(mode)
    with pytest.raises(OpenKeyError, match=f"found mode {mode:o}"):
        load_signing_key(*facility)
    shutil.rmtree(facility[0])
    with pytest.raises(OpenKeyError):
        create(facility[0])


@pytest.mark.parametrize("kind", ["link", "fifo", "folder"])
def test_key_that_is_no_plain_file_is_refused(facility: tuple[Path, Identity], kind: str) -> None:
    path = key_path(facility[0])
    kept = path.rename(path.with_name("kept"))
    if kind == "link":
        path.symlink_to(kept)
    elif kind == "fifo":
        os.mkfifo(path, 0o600)
    else:
        path.mkdir(mode=0o700)
    with pytest.raises(NotAPlainFileError, match="expected a plain file, found a"):
        load_signing_key(*facility)


def test_folder_of_keys_that_is_a_link_is_refused(facility: tuple[Path, Identity]) -> None:
    folder = keys_folder(facility[0])
    folder.symlink_to(folder.rename(folder.with_name("elsewhere")))
    with pytest.raises(NotAPlainFileError, match="expected a folder, found a link"):
        load_signing_key(*facility)


@pytest.mark.parametrize(
    ("text", "error"), [("zz", IdentityError), ("11" * 32, IdentityError), (None, NotAFacilityError)]
)
def test_key_that_is_not_the_facilitys_is_refused(
    facility: tuple[Path, Identity], text: str | None, error: type[Exception]
) -> None:
    path = key_path(facility[0])
    path.unlink()
    if text is not None:
        path.touch(0o600)
        path.write_text(text)
    with pytest.raises(error, match=r"facility\.key"):
        load_signing_key(*facility)


def test_key_that_cannot_be_read_is_named(facility: tuple[Path, Identity], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(fd: int, size: int, offset: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "pread", fail)
    with pytest.raises(ReadFailedError, match=r"facility\.key.*expected to read the facility's key, found EIO"):
        load_signing_key(*facility)


def rotate(facility: PlainFacility) -> bytes:
    """Make a second key and let the facility's officers name it."""
    public_key = add_signing_key(Unsynced(), facility.directory, b"\7" * 32)
    facility.execute(RotateFacilityKey(public_key=public_key).pack())
    return public_key


def test_facility_signs_with_the_key_that_was_rotated_to_from_the_next_start_on(
    facility: tuple[Path, Identity],
) -> None:
    directory, identity = facility
    with PlainFacility(directory, Unsynced(), RotatingEngine) as running:
        running.checkpoint()
        public_key = rotate(running)
    with PlainFacility(directory, Unsynced(), RotatingEngine) as running:
        assert running.recovery.public_key == public_key == running.key.public_key
        running.checkpoint()
    with PlainFacility(directory, Unsynced(), RotatingEngine) as running:
        assert running.recovery.snapshot_seq == 3
        assert running.recovery.public_key == public_key
    assert public_key != identity.public_key


@pytest.mark.parametrize("same_state", [True, False])
def test_snapshot_that_a_key_of_the_past_signed_is_passed_over_by_the_start_and_found_by_verify(
    facility: tuple[Path, Identity], same_state: bool
) -> None:
    """The old key was stolen after the rotation: its snapshot has another state, or none but the thief's signature."""
    directory, identity = facility
    with PlainFacility(directory, Unsynced(), RotatingEngine) as running:
        rotate(running)
    with PlainFacility(directory, Unsynced(), RotatingEngine) as running:
        statement = running.checkpoint()
        running.execute(commands(3))
        digest = running.engine.state_digest()
    stolen = load_signing_key(directory, identity, identity.public_key)
    honest = read_snapshot(directory, statement.seq, {next(iter(own_public_keys(directory) - {identity.public_key}))})
    state = honest.state if same_state else with_other_tally(honest.state)
    forged = statement._replace(state_digest=sha256(state).digest(), state_bytes=len(state)).signed(stolen)
    write_snapshot(directory, honest._replace(statement=forged, state=state), files=Unsynced())
    with PlainFacility(directory, Unsynced(), RotatingEngine) as running:
        assert running.recovery.snapshot_seq == 0
        assert "passed over" in running.recovery.notices[0]
        assert running.engine.state_digest() == digest
    assert isinstance(verify(directory).damage, DamageError)


def with_other_tally(state: bytes) -> bytes:
    """Return the state of a tally that has seen other commands, as many."""
    engine, other = RotatingEngine.restore(state), RotatingEngine()
    other.apply(commands(engine.next_seq - 1, start=90))
    return other.snapshot()


def test_start_without_the_key_that_was_rotated_to_writes_nothing(facility: tuple[Path, Identity]) -> None:
    directory, _ = facility
    with PlainFacility(directory, Unsynced(), RotatingEngine) as running:
        public_key = rotate(running)
    next_key_path(directory, public_key).unlink()
    before = segment_path(directory, 1).stat()
    with pytest.raises(NotAFacilityError, match=f"expected the private key of {public_key.hex()}"):
        PlainFacility(directory, Unsynced(), RotatingEngine)
    assert segment_path(directory, 1).stat().st_ino == before.st_ino


def test_start_in_a_folder_of_another_facility_writes_nothing(facility: tuple[Path, Identity], tmp_path: Path) -> None:
    directory, _ = facility
    create_facility(tmp_path / "b", "B", edition=1, segment_bytes=8192, sector_bytes=512)
    shutil.rmtree(directory)
    shutil.copytree(tmp_path / "b", directory)
    before = segment_path(directory, 1).stat()
    with pytest.raises(NotAFacilityError, match="the key is not beside this folder"):
        PlainFacility(directory, Unsynced())
    assert segment_path(directory, 1).stat().st_ino == before.st_ino


class RotatingEngine(TallyEngine):
    """A tally that takes every RotateFacilityKey as signed."""

    def apply(self, commands: bytes) -> bytes:
        """Return the tally's events, with those of rotations."""
        events = bytearray(super().apply(commands))
        for at in range(0, len(events), 96):
            if commands[at] == CommandKind.rotate_facility_key:
                rotated = RotateFacilityKey.unpack(commands, at).public_key
                events[at : at + 96] = FacilityKeyRotated(self.next_seq - 1, rotated).pack()
        return bytes(events)

    @staticmethod
    def restore_pieces(pieces: Iterable[bytes]) -> RotatingEngine:
        """Return an engine in a state that comes piece by piece."""
        return RotatingEngine.restore(b"".join(pieces))

    @staticmethod
    def restore(snapshot: bytes) -> RotatingEngine:
        """Return an engine in a given state."""
        engine = RotatingEngine()
        engine.__dict__.update(TallyEngine.restore(snapshot).__dict__)
        return engine
