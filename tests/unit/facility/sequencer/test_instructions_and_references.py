"""Instructions are checked before they are ordered and stay together; request references go with their commands."""

from __future__ import annotations

import threading
from hashlib import sha256
from pathlib import Path

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.instructions import Assembled, InstructionError, decode_section, instructions_in
from tarazy.domain.records import (
    EDITION,
    RECORD_SIZE,
    AccountRole,
    CancelAll,
    ClientClass,
    EventKind,
    OpenAccount,
    PlaceOrder,
    RotateFacilityKey,
    RotateOfficerKey,
)
from tarazy.domain.signer import KeySigner
from tarazy.facility.officers.founding import Founder, found_facility
from tarazy.facility.sequencer.errors import SequencerStoppedError
from tarazy.facility.sequencer.requests import ReferenceRefusedError
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.journal.create import create_facility
from tarazy.journal.errors import NotAFacilityError
from tarazy.journal.files import Files
from tarazy.journal.genesis import genesis_commands
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import add_signing_key
from tarazy.journal.note import open_head, verifier_key
from tarazy.journal.reader import JournalReader
from tarazy.journal.sections import RequestReference, decode_references
from tarazy.journal.verify import verify
from tarazy.market_data.acting import Desk
from tests.simulation.tally_engine import TallyEngine
from tests.unit.journal.building import commands

NOW = 1_800_000_000_000_000_000
HASH = sha256(b"request").digest()


def account(number: int) -> bytes:
    """Return the command that opens a client's account."""
    return OpenAccount(ClientClass.retail, AccountRole.client, owner_id=number, leaf_salt=number).pack()


def opened(directory: Path, engine: type[Engine], **options: int) -> tuple[Sequencer, Desk]:
    """Found a facility of two people and open it with a clock that stands still."""
    people = [Founder(person.key) for person in Desk.of_names().people]
    identity = found_facility(directory, "Signed", people, created_ns=NOW, seed=bytes(48), segment_bytes=1 << 20)
    sequencer = Sequencer.open(directory, engine, clock_ns=lambda: NOW + 1, **options)
    return sequencer, Desk.of_names(identity.facility_id)


def kinds(events: bytes) -> list[EventKind]:
    """Return the kinds of events."""
    return [EventKind(int.from_bytes(events[at : at + 2], "little")) for at in range(0, len(events), RECORD_SIZE)]


def signed(desk: Desk, count: int = 1, first: int = 1) -> Assembled:
    """Return an instruction of both people that opens accounts."""
    return desk.sign(b"".join(account(number) for number in range(first, first + count)), desk.people, NOW)


# ---------------------------------------------------------------- instructions


def test_first_frame_registers_the_officers_of_the_identity_and_is_written_once(
    tmp_path: Path, engine: type[Engine]
) -> None:
    opened(tmp_path, engine)[0].close()
    Sequencer.open(tmp_path, engine, clock_ns=lambda: NOW + 2).close()
    frames = list(JournalReader(tmp_path))
    assert frames[0].commands == genesis_commands(load_identity(tmp_path))
    assert [frame.header.command_count for frame in frames] == [3, 0]


def test_signed_instruction_runs_and_its_signatures_are_in_its_frame(tmp_path: Path, engine: type[Engine]) -> None:
    sequencer, desk = opened(tmp_path, engine)
    with sequencer:
        first, second = signed(desk), signed(desk, 2, first=5)
        events = sequencer.execute(first.commands, instructions=first.entry)
        assert kinds(events) == [EventKind.instruction_accepted, EventKind.account_opened]
        both = first.commands[:0] + second.commands
        assert kinds(sequencer.submit(both, instructions=second.entry).result().events)[1:] == [
            EventKind.account_opened,
            EventKind.account_opened,
        ]
    frames = [frame for frame in JournalReader(tmp_path) if frame.instructions]
    assert [frame.instructions for frame in frames] == [first.entry, second.entry]
    ((_, instruction),) = instructions_in(frames[1].commands, frames[1].instructions)
    assert instruction.command_count == 2


def test_forged_instruction_is_an_error_to_its_sender_and_nothing_is_ordered(
    tmp_path: Path, engine: type[Engine]
) -> None:
    sequencer, desk = opened(tmp_path, engine)
    good = signed(desk)
    changed = good.commands[:-1] + bytes([good.commands[-1] ^ 1])
    stranger = Desk(desk.facility_id, [KeySigner.generate() for _ in range(2)])
    other_facility = signed(Desk.of_names(bytes(range(16))))
    swapped = desk.sign(account(1), desk.people[::-1], NOW)
    cases = [
        (changed, good.entry, "a signature of officer 1 over these commands"),
        (good.commands, good.entry[:-1] + bytes([good.entry[-1] ^ 1]), "a signature of officer 2"),
        (signed(stranger).commands, signed(stranger).entry, "expected the key"),
        (other_facility.commands, other_facility.entry, "a signature of officer 1"),
        (good.commands, b"", "an entry with signatures"),
        (account(1), good.entry, "nothing behind|0 entries|entries"),
        (good.commands[:-RECORD_SIZE], good.entry, "the 1 commands that the instruction covers"),
        (good.commands, good.entry * 2, "entries"),
    ]
    with sequencer:
        for wrong, entry, words in cases:
            for use in (sequencer.execute, sequencer.submit):
                with pytest.raises(InstructionError, match=words):
                    use(wrong, instructions=entry)
        assert sequencer.released_seq == 3
        assert kinds(sequencer.execute(swapped.commands, instructions=swapped.entry))[0] == (
            EventKind.instruction_accepted
        )


def test_rotated_key_counts_from_the_next_instruction_on(tmp_path: Path, engine: type[Engine]) -> None:
    sequencer, desk = opened(tmp_path, engine)
    new_key = KeySigner.generate()
    new_desk = Desk(desk.facility_id, [new_key, desk.people[1].key], first_number=50)
    rotation = RotateOfficerKey(officer_id=1, public_key=new_key.public_key)
    if "decision_hash" in rotation._fields:
        rotation = rotation._replace(decision_hash=HASH)
    with sequencer:
        early = signed(new_desk)
        with pytest.raises(InstructionError, match="expected the key"):
            sequencer.execute(early.commands, instructions=early.entry)
        act = desk.sign(rotation.pack(), desk.people, NOW)
        assert EventKind.command_rejected not in kinds(sequencer.execute(act.commands, instructions=act.entry))
        old, new = signed(desk), signed(new_desk)
        with pytest.raises(InstructionError, match="expected the key"):
            sequencer.execute(old.commands, instructions=old.entry)
        assert kinds(sequencer.execute(new.commands, instructions=new.entry))[1] == EventKind.account_opened


def test_rotated_facility_key_signs_heads_and_statements_from_its_frame_on(
    tmp_path: Path, engine: type[Engine]
) -> None:
    sequencer, desk = opened(tmp_path, engine)
    old = load_identity(tmp_path).public_key
    new = add_signing_key(Files(), tmp_path, bytes(range(32)))
    with sequencer:
        assert sequencer.checkpoint().is_signed_by(old)
        act = desk.sign(RotateFacilityKey(public_key=new).pack(), desk.people, NOW)
        sequencer.execute(act.commands, instructions=act.entry)
        assert sequencer.checkpoint().is_signed_by(new)
    assert open_head(list(JournalReader(tmp_path))[-1].commands, verifier_key(desk.facility_id, new)).size == 6
    with Sequencer.open(tmp_path, engine, clock_ns=lambda: NOW + 2) as sequencer:
        assert sequencer.checkpoint().is_signed_by(new)
    assert verify(tmp_path).ok


def test_rotation_to_a_key_that_is_not_here_stops_the_writer_before_it_signs_anything_more(
    tmp_path: Path, engine: type[Engine]
) -> None:
    sequencer, desk = opened(tmp_path, engine)
    public_key = KeySigner.generate().public_key
    with sequencer:
        act = desk.sign(RotateFacilityKey(public_key=public_key).pack(), desk.people, NOW)
        events = sequencer.execute(act.commands, instructions=act.entry)
        assert kinds(events)[1] == EventKind.facility_key_rotated
        assert isinstance(sequencer.failure, NotAFacilityError)
        with pytest.raises(SequencerStoppedError, match="expected the private key of"):
            sequencer.execute(commands(1))
    assert [frame.header.kind for frame in JournalReader(tmp_path)] == [1, 1]


def test_instruction_is_never_split_and_never_interleaved(tmp_path: Path) -> None:
    """Small frames, many callers: each instruction is one run of one frame, with its own entry."""
    sequencer, desk = opened(tmp_path, TallyKnowing, frame_commands_max=16)
    lock = threading.Lock()

    def instruct(count: int) -> None:
        for step in range(10):
            with lock:
                act = signed(desk, count, first=100 * count + step)
            assert sequencer.submit(act.commands, instructions=act.entry).result().command_count == count + 1

    def trade() -> None:
        for step in range(20):
            sequencer.submit(commands(5 + step)).result()

    with sequencer:
        threads = [threading.Thread(target=instruct, args=(count,)) for count in (1, 5, 15)]
        threads += [threading.Thread(target=trade) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        too_large = signed(desk, 16)
        with pytest.raises(InstructionError, match="at most 16 commands"):
            sequencer.submit(too_large.commands, instructions=too_large.entry)
    counts = []
    for frame in JournalReader(tmp_path):
        if frame.header.command_count:
            assert frame.header.command_count <= 16
            counts += [i.command_count for _, i in instructions_in(frame.commands, frame.instructions)]
            decode_section(frame.instructions, len(instructions_in(frame.commands, frame.instructions)))
    assert sorted(counts) == [1] * 10 + [5] * 10 + [15] * 10


class TallyKnowing(TallyEngine):
    """The tally, with the desk's people as its officers."""

    def apply(self, commands: bytes) -> bytes:
        """Say that the key and the officers were taken where that was asked for."""
        events = bytearray(super().apply(commands))
        if self.next_seq == 4:
            events[0], events[96], events[192] = EventKind.facility_key_rotated, *[EventKind.officer_registered] * 2
            events[16:48] = RotateFacilityKey.unpack(commands).public_key
        return bytes(events)

    def officer_keys(self) -> list[tuple[int, bytes, int, int, int, int]]:
        """Return the people."""
        return [(person.officer_id, person.public_key, 31, 1, 0, 1 << 63) for person in Desk.of_names().people]


# ---------------------------------------------------------------- references


def named(text: str, index: int = 0) -> RequestReference:
    """Return a reference to a command."""
    return RequestReference(index, 7, HASH, text)


def order(text: str) -> bytes:
    """Return an order whose number is the first eight bytes of SHA-256 of the text, little-endian."""
    number = int.from_bytes(sha256(text.encode()).digest()[:8], "little")
    return PlaceOrder(account_id=1, market_id=1, client_order_id=number).pack()


def test_order_of_a_signed_batch_names_its_request_and_has_no_text(tmp_path: Path) -> None:
    create_facility(tmp_path, "Named", edition=EDITION, segment_bytes=1 << 20)
    with Sequencer.open(tmp_path, TallyEngine) as sequencer:
        sequencer.execute(order("a"), references=[named("")])
    (found,) = [each for frame in JournalReader(tmp_path) for each in decode_references(frame.references, 1)]
    assert found == (0, 7, HASH, "")


def test_references_are_in_the_frame_with_the_places_of_their_commands(tmp_path: Path) -> None:
    create_facility(tmp_path, "Named", edition=EDITION, segment_bytes=1 << 20)
    with Sequencer.open(tmp_path, TallyEngine, frame_commands_max=3) as sequencer:
        run = [order("a"), CancelAll(account_id=1).pack(), order("привет"), order("d"), order("e")]
        sequencer.submit(run, references=[named("a"), named("привет", 2), named("e", 4)]).result()
        sequencer.execute(order("x" * 128), references=[named("x" * 128)])
    found = [
        (frame.header.first_seq + reference.command_index, reference.text, reference.key_id, reference.request_hash)
        for frame in JournalReader(tmp_path)
        for reference in decode_references(frame.references, frame.header.command_count)
    ]
    assert found == [(1, "a", 7, HASH), (3, "привет", 7, HASH), (5, "e", 7, HASH), (6, "x" * 128, 7, HASH)]


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        # SHA-256 of "b" begins 3e23e8160039594a; little-endian that is 0x4a59390016e8233e
        (named("b"), "expected client_order_id 5357375904281011006 for the text 'b', found "),
        (named("a", 1), "a command_index from 0 to 0, found 1"),
        (named("a", -1), "a command_index from 0 to 0, found -1"),
        (named("")._replace(key_id=0), "a text of 1 to 128 bytes, found 0 bytes"),
        (named("я" * 65), "a text of 1 to 128 bytes, found 130 bytes"),
        (named("\ud800"), "a text in UTF-8"),
        (named("a")._replace(key_id=1 << 32), "a key_id from 0 to 4294967295"),
        (named("a")._replace(request_hash=bytes(31)), "a request_hash of 32 bytes, found 31 bytes"),
    ],
)
def test_reference_that_does_not_fit_its_command_is_refused(
    tmp_path: Path, reference: RequestReference, words: str
) -> None:
    create_facility(tmp_path, "Named", edition=EDITION, segment_bytes=1 << 20)
    with Sequencer.open(tmp_path, TallyEngine) as sequencer:
        with pytest.raises(ReferenceRefusedError, match=words):
            sequencer.execute(order("a"), references=[reference])
        assert sequencer.released_seq == 0
