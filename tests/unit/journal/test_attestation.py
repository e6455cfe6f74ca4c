"""Officers' signatures in a journal: what verification accepts, and every way to forge an instruction that it finds."""

from __future__ import annotations

import itertools
import os
import resource
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.cli.main import main
from tarazy.domain.engine import Engine
from tarazy.domain.instructions import Entry, Instruction, assemble, encode_entry, signed_bytes
from tarazy.domain.records import (
    ROLE_ADMINISTRATOR,
    AdvanceTime,
    PlaceOrder,
    RegisterOfficer,
    RotateFacilityKey,
    RotateOfficerKey,
)
from tarazy.domain.signer import KeySigner
from tarazy.journal.create import create_facility
from tarazy.journal.errors import GenesisError, InstructionError, SignatureError
from tarazy.journal.frame import FrameDraft, FrameKind
from tarazy.journal.genesis import genesis_commands
from tarazy.journal.identity import GenesisOfficer
from tarazy.journal.keys import key_path, load_signing_key
from tarazy.journal.note import sign_head
from tarazy.journal.verify import VerifyReport, verify
from tarazy.spec.venue import Venue
from tests.simulation.plain_facility import START_NS, PlainFacility, Unsynced
from tests.simulation.tally_engine import TallyEngine

from .building import CREATED_NS, SEED

KEYS = [KeySigner.from_seed(bytes([number]) * 32) for number in range(1, 8)]
ANNA, BORIS, CARLA, DANA, EMIL = KEYS[:5]
UNTIL = 1 << 62
ORDER = PlaceOrder(account_id=1, market_id=1, client_order_id=5, price_ticks=9).pack()
ACT = AdvanceTime().pack()


class House:
    """A facility that two officers founded, and instructions of theirs."""

    def __init__(self, folder: Path, segment_bytes: int = 1 << 20, engine_type: type[Engine] = TallyEngine) -> None:
        self.directory = folder / "facility"
        officers = [GenesisOfficer(key.public_key, ROLE_ADMINISTRATOR, CREATED_NS, UNTIL) for key in (ANNA, BORIS)]
        self.identity = create_facility(
            self.directory,
            "Test venue",
            edition=1,
            segment_bytes=segment_bytes,
            sector_bytes=512,
            created_ns=CREATED_NS,
            seed=SEED,
            officers=officers,
            sign_officers=lambda message: [key.sign(message) for key in (ANNA, BORIS)],
            files=Unsynced(),
        )
        self.facility = PlainFacility(self.directory, Unsynced(), engine_type)
        self._numbers = itertools.count(1)

    def found(self) -> House:
        """Write the first frame."""
        self.facility.execute(genesis_commands(self.identity))
        return self

    def instruction(
        self, commands: bytes, *signers: KeySigner, documents: tuple[bytes, ...] = (), until_ns: int = UNTIL
    ) -> Instruction:
        """Return a signed instruction."""
        number, keys = next(self._numbers), tuple(key.public_key for key in signers)
        message = signed_bytes(self.identity.facility_id, until_ns, number, commands, documents)
        signatures = tuple(key.sign(message) for key in signers)
        approver = 2 if len(signers) == 2 else 0
        return Instruction(1, approver, number, until_ns, commands, documents, keys, signatures)

    def act(
        self, commands: bytes, *signers: KeySigner, documents: tuple[bytes, ...] = (), until_ns: int = UNTIL
    ) -> None:
        """Write an instruction in a frame of its own."""
        made = assemble(self.instruction(commands, *signers, documents=documents, until_ns=until_ns))
        self.facility.execute(made.commands, instructions=made.entry)

    def verified(self) -> VerifyReport:
        """Close the facility and verify it."""
        self.facility.close()
        return verify(self.directory, jobs=1)


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Return a house with its first frame."""
    return House(tmp_path).found()


def test_signed_instructions_are_counted(house: House) -> None:
    house.act(ACT, ANNA)
    house.act(ACT * 3, ANNA, BORIS, documents=(b"\1" * 32, b"\2" * 32))
    house.facility.execute(ORDER)
    one, two = assemble(house.instruction(ACT, BORIS)), assemble(house.instruction(ACT * 2, BORIS, ANNA))
    house.facility.execute(ORDER + one.commands + ORDER + two.commands + ORDER, instructions=one.entry + two.entry)
    report = house.verified()
    assert report.ok, report.damage
    assert (report.instructions, report.signatures) == (4, 6)


FORGERIES: dict[str, Callable[[Instruction], Instruction]] = {
    "signature of somebody else": lambda made: made._replace(signatures=(CARLA.sign(b"x"), made.signatures[1])),
    "signature of the approver missing": lambda made: made._replace(signatures=(made.signatures[0],) * 2),
    "signatures exchanged": lambda made: made._replace(signatures=made.signatures[::-1]),
    "other commands": lambda made: made._replace(commands=ORDER),
    "one command more": lambda made: made._replace(commands=made.commands * 2),
    "other documents": lambda made: made._replace(documents=(b"\3" * 32,)),
    "no documents": lambda made: made._replace(documents=()),
    "later validity": lambda made: made._replace(valid_until_ns=made.valid_until_ns + 1),
    "other number": lambda made: made._replace(instruction_number=made.instruction_number + 1),
    "key of nobody": lambda made: made._replace(
        public_keys=(CARLA.public_key, made.public_keys[1]),
        signatures=(CARLA.sign(made.message(SEED[:16])), made.signatures[1]),
    ),
    "bit of a signature": lambda made: made._replace(
        signatures=(bytes([made.signatures[0][0] ^ 1]) + made.signatures[0][1:], made.signatures[1])
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_instruction_is_named(house: House, forgery: str) -> None:
    house.act(ACT, ANNA)
    made = house.instruction(ACT, ANNA, BORIS, documents=(b"\1" * 32,))
    forged = assemble(FORGERIES[forgery](made))
    house.facility.execute(forged.commands, instructions=forged.entry)
    house.act(ACT, ANNA)
    damage = house.verified().damage
    assert isinstance(damage, InstructionError)
    assert damage.frame == 3


def test_instruction_of_another_facility_is_named(house: House) -> None:
    made = house.instruction(ACT, ANNA)
    message = signed_bytes(bytes(16), UNTIL, made.instruction_number, ACT)
    forged = assemble(made._replace(signatures=(ANNA.sign(message),)))
    house.facility.execute(forged.commands, instructions=forged.entry)
    assert isinstance(house.verified().damage, InstructionError)


ENTRIES: dict[str, Callable[[Entry], bytes]] = {
    "none": lambda entry: b"",
    "two": lambda entry: encode_entry(entry) * 2,
    "keys exchanged": lambda entry: encode_entry(entry._replace(public_keys=entry.public_keys[::-1])),
    "one signer less": lambda entry: encode_entry(Entry(entry.public_keys[:1], entry.signatures[:1])),
    "cut short": lambda entry: encode_entry(entry)[:-4],
    "garbage": lambda entry: os.urandom(64),
}


@pytest.mark.parametrize("entry", ENTRIES)
def test_entry_that_does_not_fit_its_record_is_named(house: House, entry: str) -> None:
    made = house.instruction(ACT, ANNA, BORIS)
    house.facility.execute(assemble(made).commands, instructions=ENTRIES[entry](made.entry))
    assert isinstance(house.verified().damage, InstructionError)


def test_entry_beside_commands_without_an_instruction_is_named(house: House) -> None:
    house.facility.execute(ORDER, instructions=encode_entry(house.instruction(ACT, ANNA).entry))
    assert isinstance(house.verified().damage, InstructionError)


def test_instruction_that_covers_more_than_its_frame_holds_is_named(house: House) -> None:
    made = assemble(house.instruction(ACT * 3, ANNA))
    house.facility.execute(made.commands[:-96], instructions=made.entry)
    assert isinstance(house.verified().damage, InstructionError)


@pytest.mark.parametrize("command", [RegisterOfficer, RotateOfficerKey])
def test_officer_who_came_in_by_a_signed_act_signs_from_then_on(
    house: House, command: type[RegisterOfficer] | type[RotateOfficerKey]
) -> None:
    house.act(command(public_key=CARLA.public_key).pack(), ANNA, BORIS)
    house.act(ACT, CARLA)
    assert house.verified().ok


def test_officer_who_signs_before_being_registered_is_named(house: House) -> None:
    house.act(ACT, CARLA)
    house.act(RegisterOfficer(public_key=CARLA.public_key).pack(), ANNA, BORIS)
    damage = house.verified().damage
    assert isinstance(damage, InstructionError)
    assert damage.frame == 2


def test_registration_without_an_instruction_makes_nobody_an_officer(house: House) -> None:
    house.facility.execute(ORDER)
    house.facility.execute(RegisterOfficer(public_key=CARLA.public_key).pack())
    house.act(ACT, CARLA)
    damage = house.verified().damage
    assert isinstance(damage, InstructionError)
    assert damage.frame == 4


def test_first_frame_registers_exactly_the_officers_of_the_identity(tmp_path: Path) -> None:
    more = RegisterOfficer(public_key=CARLA.public_key).pack()
    for number, change in enumerate((lambda c: c[96:], lambda c: c + more, lambda c: c[96:] + c[:96], lambda c: ORDER)):
        house = House(tmp_path / str(number))
        house.facility.execute(change(genesis_commands(house.identity)))
        damage = house.verified().damage
        assert isinstance(damage, GenesisError)
        assert damage.frame == 1


def test_officer_registered_while_the_genesis_is_still_open_is_named(house: House) -> None:
    house.facility.execute(RegisterOfficer(public_key=CARLA.public_key).pack())
    damage = house.verified().damage
    assert isinstance(damage, GenesisError)
    assert damage.frame == 2


def test_facility_signs_with_the_key_that_a_signed_act_named(house: House) -> None:
    house.facility.head()
    house.act(RotateFacilityKey(public_key=CARLA.public_key).pack(), ANNA, BORIS)
    house.facility.head()  # the act may have been refused: the old key still counts
    house.facility.key = CARLA
    house.facility.head()
    house.facility.checkpoint()
    report = house.verified()
    assert report.ok, report.damage
    assert report.is_covered_to_the_end


def test_old_key_counts_no_more_once_the_new_one_has_signed(house: House) -> None:
    old = house.facility.key
    house.act(RotateFacilityKey(public_key=CARLA.public_key).pack(), ANNA, BORIS)
    house.facility.key = CARLA
    house.facility.head()
    house.facility.key = old
    house.facility.head()
    damage = house.verified().damage
    assert isinstance(damage, SignatureError)
    assert damage.frame == 4


def test_rotation_that_no_officer_signed_changes_no_key(house: House) -> None:
    house.facility.execute(AdvanceTime().pack())
    house.facility.execute(RotateFacilityKey(public_key=CARLA.public_key).pack())
    house.facility.key = CARLA
    house.facility.head()
    assert isinstance(house.verified().damage, SignatureError)


def test_key_that_is_named_before_the_genesis_is_over_is_no_key_of_the_facility(house: House) -> None:
    house.facility.execute(RotateFacilityKey(public_key=CARLA.public_key).pack())
    assert isinstance(house.verified().damage, GenesisError)


@pytest.mark.parametrize("accepted", [False, True])
def test_key_whose_rotation_the_engine_refused_is_found_by_replay(tmp_path: Path, accepted: bool) -> None:
    """Two administrators signed too late that their friend's key is the facility's; it signs the rest."""
    house = House(tmp_path, engine_type=Venue).found()
    until_ns = START_NS + 86_400 * 10**9 if accepted else 1
    house.act(RotateFacilityKey(public_key=CARLA.public_key).pack(), ANNA, BORIS, until_ns=until_ns)
    house.facility.key = CARLA
    house.facility.head()
    assert house.verified().ok
    assert main(["replay", str(house.directory)]) == (0 if accepted else 1)
    assert main(["replay", str(house.directory), "--from-checkpoints", "--jobs", "1"]) == (0 if accepted else 1)


@pytest.mark.parametrize(
    "signers", [(ANNA,), (ANNA, ANNA), (ANNA, DANA), (DANA, EMIL)], ids=lambda signers: len(signers)
)
def test_rotation_that_not_two_administrators_signed_changes_no_key(
    house: House, signers: tuple[KeySigner, ...]
) -> None:
    """Who has a copy of the record and one officer's key, or two machines', signs no heads in the facility's name."""
    machines = b"".join(RegisterOfficer(32, public_key=key.public_key).pack() for key in (DANA, EMIL))
    house.act(machines, ANNA, BORIS)
    house.act(RotateFacilityKey(public_key=CARLA.public_key).pack(), *signers)
    house.facility.key = CARLA
    house.facility.head()
    assert isinstance(house.verified().damage, SignatureError | InstructionError)


@pytest.mark.parametrize("newcomer", [RegisterOfficer(1), RotateOfficerKey(officer_id=2)])
def test_administrator_who_came_later_names_the_key_with_another(
    house: House, newcomer: RegisterOfficer | RotateOfficerKey
) -> None:
    house.act(newcomer._replace(public_key=DANA.public_key).pack(), ANNA, BORIS)
    house.act(RotateFacilityKey(public_key=CARLA.public_key).pack(), ANNA, DANA)
    house.facility.key = CARLA
    house.facility.head()
    report = house.verified()
    assert report.ok, report.damage


def test_thief_of_the_facilitys_key_cannot_make_an_instruction(house: House) -> None:
    """With the folder and the facility's key, but no officer's key: every signature of an act is missing or wrong."""
    thief = load_signing_key(house.directory, house.identity)
    made = assemble(house.instruction(ACT, thief))
    house.facility.execute(made.commands, instructions=made.entry)
    house.facility.append(
        FrameDraft(
            FrameKind.head,
            sign_head(house.identity.facility_id, house.facility.log.tree.size, house.facility.log.tree.root(), thief),
        )
    )
    assert key_path(house.directory).exists()
    assert isinstance(house.verified().damage, InstructionError)


@pytest.mark.slow
def test_a_hundred_thousand_signed_commands_are_verified_within_ten_seconds(tmp_path: Path) -> None:
    house = House(tmp_path, 64 << 20).found()
    parts = [assemble(house.instruction(ACT, ANNA)) for _ in range(5000)]
    for first in itertools.islice(itertools.cycle(range(0, 5000, 1000)), 100):
        some = parts[first : first + 1000]
        commands, entries = b"".join(each.commands for each in some), b"".join(each.entry for each in some)
        digest = sha256(b"").digest()
        house.facility.append(FrameDraft(FrameKind.commands, stamped(commands), entries, b"", 0, digest, 2000))
    house.facility.close()
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    before = [each.ru_utime + each.ru_stime for each in map(resource.getrusage, kinds)]
    report = verify(house.directory, jobs=2)
    seconds = sum(each.ru_utime + each.ru_stime for each in map(resource.getrusage, kinds)) - sum(before)
    print(f"{report.signatures:,} signatures, {report.commands:,} commands: {seconds / 2:.1f} s of two processors")
    assert report.ok, report.damage
    assert report.signatures == 100_000
    assert seconds / 2 < 10


def stamped(commands: bytes) -> bytes:
    """Return commands with a time."""
    made = bytearray(commands)
    made[8::96] = b"\1" * (len(made) // 96)
    return bytes(made)
