"""Lives of one facility on a machine that crashes, fails and loses power: what was acknowledged is always there.

A life is a start, some frames, and an end: a close, a crash, a failed write or sync. Between lives the power may go.
The rule: every start succeeds, the chain is whole, and every acknowledged command stands under its number.
TARAZY_LIVES_SEED sets the first seed; it is in every failure.
"""

from __future__ import annotations

import contextlib
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tarazy.domain.records import RECORD_SIZE, PlaceOrder
from tarazy.journal.allocation import SpareSegment
from tarazy.journal.create import create_facility
from tarazy.journal.errors import FacilityExistsError, JournalError, KeyExistsError, StorageError
from tarazy.journal.reader import JournalReader
from tarazy.journal.replay import replay
from tarazy.journal.statement import Statement
from tarazy.journal.verify import verify

from .disk_model import Crash, Machine, MachineFiles, Plan
from .plain_facility import PlainFacility
from .tally_engine import TallyEngine

SEED = int(os.environ.get("TARAZY_LIVES_SEED", "1"))
SEGMENT_BYTES = 16384
RUNS_PER_GROUP = 10
LIVES_PER_RUN = 12


def orders(number: int, count: int) -> bytes:
    """Return orders that carry their own number."""
    return b"".join(PlaceOrder(account_id=1, client_order_id=n).pack() for n in range(number, number + count))


class World:
    """A machine with one facility, and what its clients were told: the order's number under each sequence number."""

    def __init__(self, folder: Path, seed: int) -> None:
        folder.mkdir()
        self.chance = random.Random(seed)
        self.machine = Machine(folder, self.chance)
        self.directory = folder / "facility"
        self.acknowledged: dict[int, int] = {}
        self.number, self.torn = 1, 0
        self.statement: Callable[[], Statement] | None = None
        create_facility(
            self.directory,
            "Test venue",
            edition=1,
            segment_bytes=SEGMENT_BYTES,
            sector_bytes=self.chance.choice([512, 1024]),
            seed=bytes(48),
            files=MachineFiles(self.machine),
        )
        self.machine.adopt()

    def execute(self, facility: PlainFacility, count: int) -> None:
        """Send orders and remember what was acknowledged."""
        first, self.number = self.number, self.number + count
        events = facility.execute(orders(first, count))
        seq = int.from_bytes(events[8:16], "little")
        self.acknowledged |= {seq + at: first + at for at in range(count)}

    def live(self, plan: Plan, frames: int) -> None:
        """Start, write some frames, and end as planned."""
        files = MachineFiles(self.machine, plan)
        facility = None
        try:
            facility, self.statement = PlainFacility(self.directory, files), None
            self.torn += facility.recovery.torn is not None
            for _ in range(frames):
                self._act(facility)
        except (Crash, StorageError):
            assert files.has_failed
        finally:
            if facility is not None:
                with contextlib.suppress(Crash, StorageError):
                    facility.close()

    def _act(self, facility: PlainFacility) -> None:
        """Do one thing that writes a frame."""
        draw = self.chance.random()
        if draw < 0.05:
            self.statement = facility.mark()
        elif draw < 0.15 and self.statement is not None:
            self.statement()
            self.statement = None
        elif draw < 0.2:
            facility.head()
        else:
            self.execute(facility, self.chance.choice([1, 1, 5, 30, 60, 90]))

    def check(self) -> None:
        """Start once more and compare what is there with what was told."""
        with PlainFacility(self.directory, MachineFiles(self.machine)) as facility:
            self.torn += facility.recovery.torn is not None
            digest = facility.engine.state_digest()
        report = verify(self.directory, jobs=1)
        assert report.ok, str(report.damage)
        written = written_numbers(self.directory)
        lost = {seq: number for seq, number in self.acknowledged.items() if written.get(seq) != number}
        assert not lost, f"acknowledged and gone: {lost}"
        engine = TallyEngine()
        assert replay(self.directory, engine).agrees
        assert engine.state_digest() == digest


def written_numbers(directory: Path) -> dict[int, int]:
    """Return the orders' numbers that the journal holds, by sequence number."""
    found = {}
    for frame in JournalReader(directory):
        for index in range(frame.header.command_count):
            order = PlaceOrder.unpack(frame.commands, index * RECORD_SIZE)
            found[frame.header.first_seq + index] = order.client_order_id
    return found


def some_plan(chance: random.Random) -> Plan:
    """Return what goes wrong in a life."""
    kind = chance.choice(["crash", "crash", "fail", "fail", "nothing"])
    return Plan(chance.randint(1, 15) if chance.random() < 0.3 else chance.randint(1, 80), kind)


def run_lives(folder: Path, seed: int) -> int:
    """Let a facility live through crashes, failures and power cuts at random; return how many tails were torn."""
    world = World(folder, seed)
    for _ in range(LIVES_PER_RUN):
        world.live(some_plan(world.chance), world.chance.randint(0, 25))
        draw = world.chance.random()
        if draw < 0.3:
            world.machine.write_back(world.chance.random())
        elif draw < 0.5:
            world.machine.forget_clean_pages(world.chance.random())
        elif draw < 0.75:
            world.machine.cut_power()
            world.check()
    world.machine.cut_power()
    world.check()
    return world.torn


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allocate the next segment in the log's own thread, so that a seed always gives the same run."""
    monkeypatch.setattr(SpareSegment, "start", lambda spare: spare._fd is None and spare._allocate())


@pytest.mark.parametrize("group", range(5))
def test_acknowledged_commands_survive_any_sequence_of_lives(tmp_path: Path, group: int) -> None:
    torn = 0
    for seed in range(SEED + group * RUNS_PER_GROUP, SEED + (group + 1) * RUNS_PER_GROUP):
        try:
            torn += run_lives(tmp_path / str(seed), seed)
        except (AssertionError, JournalError) as error:
            error.add_note(f"seed {seed}, journal {tmp_path / str(seed)}")
            raise
    assert torn > 0, "no tail was torn, so this test shows nothing about torn frames"


@pytest.mark.parametrize("kind", ["crash", "fail"])
@pytest.mark.parametrize("seed", range(8))
def test_tail_that_a_start_only_read_is_not_built_upon(tmp_path: Path, seed: int, kind: str) -> None:
    """The two failures that were found: killed before the sync, or the sync failed; then on into the next segment."""
    world = World(tmp_path / "world", seed)
    world.live(Plan(), 2)
    files = MachineFiles(world.machine)
    facility = PlainFacility(world.directory, files)
    files.plan = Plan(files.operations + 2, kind)  # the frame's write, then its sync
    with pytest.raises((Crash, StorageError)):
        world.execute(facility, 30)
    with contextlib.suppress(Crash, StorageError):
        facility.close()
    with PlainFacility(world.directory, MachineFiles(world.machine)) as facility:
        segment = facility.log.place.segment
        while facility.log.place.segment < segment + 2:
            world.execute(facility, 30)
    world.machine.cut_power()
    world.check()


def test_lost_names_of_a_rotation_cost_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    for operation in range(1, 40):
        world = World(tmp_path / str(operation), operation)
        world.live(Plan(), 6)
        world.live(Plan(operation, "fail"), 40)
        world.live(Plan(), 6)
        world.machine.cut_power()
        world.check()


def test_power_cut_while_a_facility_is_created_leaves_none_or_all_of_it(tmp_path: Path) -> None:
    def create(name: str, plan: Plan) -> tuple[Path, Machine, int]:
        folder = tmp_path / name
        folder.mkdir()
        machine = Machine(folder, random.Random(name))
        files = MachineFiles(machine, plan)
        with contextlib.suppress(Crash, StorageError):
            create_facility(folder / "facility", "Test venue", edition=1, segment_bytes=8192, files=files)
        return folder / "facility", machine, files.operations

    _, _, operations = create("whole", Plan())
    for operation in range(1, operations + 2):
        for kind in ("crash", "fail"):
            directory, machine, _ = create(f"{operation}-{kind}", Plan(operation, kind))
            machine.cut_power()
            if (directory / "facility.json").exists():
                PlainFacility(directory).close()
                assert verify(directory).ok
            else:
                with contextlib.suppress(KeyExistsError, FacilityExistsError):  # what was made is never overwritten
                    create_facility(directory, "Test venue", edition=1, segment_bytes=8192)
