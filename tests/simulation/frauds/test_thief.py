"""With the server and the facility's key, but without officers' keys, nothing beyond the mandates verifies.

For every privileged command and every way of making up consent: `verify` or replay names the frame. That the example
would really have been done is checked too, on a venue that asks nobody.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import CommandRejected, CreditDeposit, DrawHouse
from tarazy.domain.reject_codes import RejectCode
from tarazy.journal.errors import InstructionError
from tarazy.journal.replay import replay
from tarazy.journal.verify import verify
from tarazy.spec import authority
from tarazy.spec.venue import Venue

from ...conftest import ENGINES
from ...floor import BOB, BTC, SECOND_NS, USD, decode_events
from .forger import OFFICER_KEYS, entries_of, forge
from .history import digest
from .privileged import HOT, MANDATE_MAX, NAMES, WATCHERS, busy_day, examples
from .thief import WAYS, Forged, append, signed, stamped


class Base(NamedTuple):
    """An honest journal at the end of the day, the state there, and an example of each privileged command."""

    directory: Path
    snapshot: bytes
    now_ns: int
    commands: dict[str, bytes]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    """Return the journal of the busy day."""
    venue, numbers = busy_day()
    directory = forge(tmp_path_factory.mktemp("thief") / "journal", entries_of(venue.recorded))
    assert verify(directory).ok
    commands = {name: command.pack() for name, command in examples(numbers).items()}
    return Base(directory, venue.snapshot(), venue.last_ts_ns + SECOND_NS, commands)


def copy_of(base: Base, tmp_path: Path) -> Path:
    """Return a copy of the journal with the facility's key: what the thief has."""
    shutil.copytree(base.directory, tmp_path / "journal")
    shutil.copytree(f"{base.directory}.keys", tmp_path / "journal.keys")
    return tmp_path / "journal"


def claimed(snapshot: bytes, commands: bytes, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return the events of a venue that asks for nobody's consent."""
    venue = Venue.restore(snapshot)
    with monkeypatch.context() as patch:
        patch.setattr(authority, "check", lambda *_: None)
        return venue.apply(commands)


def is_found(directory: Path, first_seq: int) -> bool:
    """Say whether verify, or replay by either engine, refuses the frame that the thief wrote, and names it."""
    damage = verify(directory).damage
    if damage is not None:
        return isinstance(damage, InstructionError)
    divergences = [replay(directory, engine()).divergence for engine in ENGINES.values()]
    return all(divergence is not None and divergence.first_seq == first_seq for divergence in divergences)


def test_every_privileged_command_has_an_example(base: Base) -> None:
    assert set(NAMES) == set(base.commands)


@pytest.mark.parametrize("name", NAMES)
def test_example_would_be_done_if_its_officers_signed(base: Base, engine: type[Engine], name: str) -> None:
    venue = engine.restore(base.snapshot)
    events = decode_events(
        venue.apply(stamped(signed(base.commands[name], base.now_ns, OFFICER_KEYS).commands, base.now_ns))
    )
    refused = [RejectCode(event.reject_code).name for event in events.of(CommandRejected)]
    assert not refused, f"{name}: {refused}"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", NAMES)
def test_thief_without_officers_keys_is_found(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, way: str
) -> None:
    directory, snapshot = copy_of(base, tmp_path), base.snapshot
    old = signed(base.commands[name], base.now_ns, OFFICER_KEYS)
    if way in ("an old instruction once more", "old signatures on a changed command"):
        snapshot = with_honest_frame(directory, snapshot, base.now_ns, Forged(*old))
    forged = WAYS[way](base.commands[name], base.now_ns, old)
    forged = forged._replace(commands=stamped(forged.commands, base.now_ns))
    first_seq = Venue.restore(snapshot).next_seq
    append(directory, forged, claimed(snapshot, forged.commands, monkeypatch))
    assert is_found(directory, first_seq)


def with_honest_frame(directory: Path, snapshot: bytes, now_ns: int, genuine: Forged) -> bytes:
    """Append what the officers did sign, as it happened; return the state after it."""
    venue = Venue.restore(snapshot)
    frame = genuine._replace(commands=stamped(genuine.commands, now_ns))
    append(directory, frame, venue.apply(frame.commands))
    return venue.snapshot()


# ---------------------------------------------------------------- with the watchers' keys as well
def deposit(minor: int) -> bytes:
    """Return a deposit of so much."""
    return CreditDeposit(HOT, 0, BOB, BTC, SECOND_NS, minor, digest(901)).pack()


def written(base: Base, directory: Path, command: bytes, monkeypatch: pytest.MonkeyPatch) -> int:
    """Append what both watchers sign, claimed to be done; return the number of the frame's first command."""
    frame = Forged(*signed(command, base.now_ns, WATCHERS))
    frame = frame._replace(commands=stamped(frame.commands, base.now_ns))
    append(directory, frame, claimed(base.snapshot, frame.commands, monkeypatch))
    return Venue.restore(base.snapshot).next_seq


def test_stolen_watchers_can_do_what_their_mandates_allow(
    base: Base, engine: type[Engine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This is what is claimed, no more: a thief of both watchers' machines can credit within the mandates."""
    directory = copy_of(base, tmp_path)
    written(base, directory, deposit(MANDATE_MAX), monkeypatch)
    assert verify(directory).ok
    assert replay(directory, engine()).agrees


@pytest.mark.parametrize(
    "command",
    [deposit(MANDATE_MAX + 1), DrawHouse(HOT, 0, USD, 0, 10, digest(902)).pack()],
    ids=["an amount above", "a kind outside"],
)
def test_stolen_watchers_can_do_no_more(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: bytes
) -> None:
    directory = copy_of(base, tmp_path)
    first_seq = written(base, directory, command, monkeypatch)
    assert verify(directory).ok
    assert is_found(directory, first_seq)
