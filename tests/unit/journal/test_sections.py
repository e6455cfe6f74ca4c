"""What stands beside commands: signers and clients' references."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tarazy.journal.sections import (
    InstructionEntry,
    RequestReference,
    SectionError,
    client_order_number,
    decode_instructions,
    decode_references,
    encode_entries,
)

ONE = InstructionEntry((b"\1" * 32,), (b"\2" * 64,))
TWO = InstructionEntry((b"\1" * 32, b"\3" * 32), (b"\2" * 64, b"\4" * 64), (b"\5" * 32, b"\6" * 32))
ENTRIES = [ONE, TWO, ONE]
REFERENCES = [RequestReference(0, 9, b"\7" * 32, "a"), RequestReference(3, 1, b"\0" * 32, "ж" * 64)]


def test_instructions_read_back_as_they_were_written() -> None:
    assert decode_instructions(encode_entries(ENTRIES)) == ENTRIES
    assert decode_instructions(b"") == []
    assert len(ONE.encode()) == 8 + 96
    assert len(TWO.encode()) == 8 + 2 * 96 + 2 * 32


def test_signers_hash_is_that_of_the_keys_one_behind_the_other() -> None:
    assert TWO.signers_hash == sha256(b"\1" * 32 + b"\3" * 32).digest()


def test_references_read_back_as_they_were_written() -> None:
    section = encode_entries(REFERENCES)
    assert len(section) % 4 == 0
    assert decode_references(section, 4) == REFERENCES


@pytest.mark.parametrize("cut", [1, 7, 8, 50, 103])
def test_instructions_that_end_early_are_refused(cut: int) -> None:
    with pytest.raises(SectionError):
        decode_instructions(encode_entries(ENTRIES)[:-cut])


@pytest.mark.parametrize(("offset", "value"), [(0, 105), (0, 0), (4, 0), (4, 3), (4, 255), (6, 1), (3, 255)])
def test_length_that_the_counts_do_not_give_is_refused(offset: int, value: int) -> None:
    section = bytearray(ONE.encode())
    section[offset] = value
    with pytest.raises(SectionError, match="expected an instruction entry"):
        decode_instructions(bytes(section))


@pytest.mark.parametrize(
    "references",
    [
        [REFERENCES[1], REFERENCES[0]],
        [REFERENCES[0], REFERENCES[0]],
        [REFERENCES[0]._replace(command_index=4)],
        [REFERENCES[0]._replace(text="a" * 129)],
    ],
)
def test_references_out_of_order_or_too_long_are_refused(references: list[RequestReference]) -> None:
    with pytest.raises(SectionError, match="expected a reference"):
        decode_references(encode_entries(references), 4)


@pytest.mark.parametrize("offset", [0, 12, 14, 49, 51])
def test_reference_with_a_changed_length_or_filling_is_refused(offset: int) -> None:
    section = bytearray(encode_entries(REFERENCES[:1]))
    section[offset] ^= 1
    with pytest.raises(SectionError, match="expected a reference"):
        decode_references(bytes(section), 4)


def test_reference_that_is_no_text_is_refused() -> None:
    section = bytearray(encode_entries(REFERENCES[:1]))
    section[48] = 0xFF
    with pytest.raises(SectionError, match="UTF-8"):
        decode_references(bytes(section), 4)


def test_number_of_a_text_is_the_start_of_its_hash() -> None:
    assert client_order_number("order 1") == int.from_bytes(sha256(b"order 1").digest()[:8], "little")
