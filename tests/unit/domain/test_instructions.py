"""Instructions as bytes: what is signed is laid out by hand here, and every wrong section is refused by name."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tarazy.domain import instructions as i
from tarazy.domain.records import RECORD_SIZE, AdvanceTime, CancelAll

FACILITY = bytes(range(16))
KEYS = (bytes([1]) * 32, bytes([2]) * 32)
SIGNATURES = (bytes([3]) * 64, bytes([4]) * 64)
DOCUMENT = bytes([5]) * 32
COMMANDS = CancelAll(0, 0, 777, 1, 2).pack() + AdvanceTime(888).pack()


def made(**changed: object) -> i.Instruction:
    """Return an instruction of two officers over two commands."""
    instruction = i.Instruction(7, 9, 41, 1_000_000, COMMANDS, (DOCUMENT,), KEYS, SIGNATURES)
    return instruction._replace(**changed)


def framed(*instructions: i.Instruction, before: bytes = b"") -> tuple[bytes, bytes]:
    """Return a frame's commands and its instructions section."""
    parts = [i.assemble(instruction) for instruction in instructions]
    return before + b"".join(part.commands for part in parts), b"".join(part.entry for part in parts)


def test_signed_bytes_are_laid_out_as_the_page_says() -> None:
    timeless = b"".join(
        COMMANDS[at : at + 8] + bytes(8) + COMMANDS[at + 16 : at + RECORD_SIZE] for at in (0, RECORD_SIZE)
    )
    by_hand = b"tarazy instruction 1\n" + FACILITY + (1_000_000).to_bytes(8, "little") + (41).to_bytes(8, "little")
    by_hand += (40).to_bytes(8, "little") + sha256(timeless).digest() + b"\x01\x00" + DOCUMENT
    assert i.signed_bytes(FACILITY, 1_000_000, 41, COMMANDS, [DOCUMENT], known_seq=40) == by_hand
    assert made(known_seq=40).message(FACILITY) == by_hand
    assert made().message(FACILITY) != by_hand


def test_time_of_a_command_is_not_signed_and_every_other_byte_is() -> None:
    signed = made().message(FACILITY)
    for at in range(len(COMMANDS)):
        changed = COMMANDS[:at] + bytes([COMMANDS[at] ^ 1]) + COMMANDS[at + 1 :]
        is_time = 8 <= at % RECORD_SIZE < 16
        assert (made(commands=changed).message(FACILITY) == signed) == is_time


def test_entry_is_laid_out_as_the_page_says() -> None:
    by_hand = (8 + 64 + 128 + 32).to_bytes(4, "little") + b"\x02\x00\x01\x00" + b"".join((*KEYS, *SIGNATURES, DOCUMENT))
    assert i.encode_entry(made().entry) == by_hand


def test_frame_gives_back_its_instructions_and_what_each_signature_is_over() -> None:
    alone = made(approver_id=0, public_keys=KEYS[:1], signatures=SIGNATURES[:1], documents=())
    commands, section = framed(made(), alone, before=AdvanceTime(1).pack())
    assert i.instructions_in(commands, section) == [(1, made()), (4, alone)]
    found = i.signatures_in(FACILITY, commands, section)
    assert [(signed.place, signed.public_key) for signed in found] == [(1, KEYS[0]), (1, KEYS[1]), (4, KEYS[0])]
    assert {signed.message for signed in found} == {made().message(FACILITY), alone.message(FACILITY)}


def test_zeros_of_the_frame_may_follow_the_entries() -> None:
    commands, section = framed(made())
    assert i.instructions_in(commands, section + bytes(-len(section) % 16)) == [(0, made())]


def test_frame_without_instructions_has_an_empty_section() -> None:
    assert i.instructions_in(COMMANDS, b"") == []
    with pytest.raises(i.InstructionError, match="0 entries"):
        i.instructions_in(COMMANDS, bytes(16))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"officer_id": 0}, "officer_id from 1"),
        ({"approver_id": 1 << 32}, "approver_id from 0"),
        ({"approver_id": 0}, "expected 1 public keys, found 2"),
        ({"public_keys": KEYS[:1]}, "expected 2 public keys, found 1"),
        ({"signatures": SIGNATURES[:1]}, "as many signatures, found 2 keys and 1 signatures"),
        ({"signatures": (SIGNATURES[0], b"short")}, "a signature of 64 bytes, found 5 bytes"),
        ({"public_keys": (KEYS[0], b"short")}, "a public key of 32 bytes, found 5 bytes"),
        ({"documents": (DOCUMENT,) * 65}, "at most 64 documents, found 65"),
        ({"documents": (b"short",)}, "document hashes of 32 bytes, found 5 bytes"),
        ({"commands": b""}, "commands of 96 bytes, found 0 bytes"),
        ({"commands": bytes(95)}, "commands of 96 bytes, found 95 bytes"),
        ({"commands": bytes(96 * 4096)}, "1 to 4095 commands"),
    ],
)
def test_instruction_that_cannot_be_written_is_refused(changed: dict[str, object], words: str) -> None:
    with pytest.raises(i.InstructionError, match=words):
        i.assemble(made(**changed))


@pytest.mark.parametrize("name", ["valid_until_ns", "instruction_number"])
@pytest.mark.parametrize("value", [0, -1, 1 << 64])
def test_number_that_does_not_fit_is_not_signed(name: str, value: int) -> None:
    with pytest.raises(i.InstructionError, match=f"{name} from 1"):
        made(**{name: value}).message(FACILITY)


def test_section_of_another_length_or_shape_is_refused() -> None:
    commands, section = framed(made())
    entry = i.encode_entry(made().entry)
    wrong = {
        b"": "at least 8 bytes, found 0 bytes",
        section[:-16]: "to the end",
        section + bytes(7): "1 entries, found 7 bytes behind them",
        section + bytes(24): "1 entries, found 24 bytes behind them",
        section + bytes(7) + b"\x01": "1 entries, found 8 bytes behind them",
        b"\xff\xff\xff\xff" + section[4:]: "4294967295 bytes",
        section[:4] + b"\x00\x00" + section[6:]: "0 signers",
        section[:4] + b"\x03\x00" + section[6:]: "3 signers",
        section[:6] + b"\x41\x00" + section[8:]: "65 documents",
        section[:6] + b"\x02\x00" + section[8:]: "an entry of 264 bytes",
        entry + entry: "1 entries, found 232 bytes behind them",
        section[:8] + b"\x09" + section[9:]: "keys with the hash",
    }
    for changed, words in wrong.items():
        with pytest.raises(i.InstructionError, match=words):
            i.instructions_in(commands, changed)


def test_record_that_claims_other_commands_or_signers_is_refused() -> None:
    commands, section = framed(made())
    with pytest.raises(i.InstructionError, match="in its own frame, found 1"):
        i.instructions_in(commands[:-RECORD_SIZE], section)
    with pytest.raises(i.InstructionError, match="the keys of officer 7, found 2 keys"):
        i.instructions_in(commands[:20] + bytes(4) + commands[24:], section)
    with pytest.raises(i.InstructionError, match="found 0"):
        i.instructions_in(commands[:24] + bytes(4) + commands[28:], section)


def test_instruction_inside_another_is_refused() -> None:
    inner, entry = i.assemble(made())
    commands, section = framed(made(commands=inner))
    with pytest.raises(i.InstructionError, match="found an instruction"):
        i.instructions_in(commands, section[:232] + entry)
