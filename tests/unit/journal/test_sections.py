"""What stands beside commands: clients' references."""

from __future__ import annotations

from hashlib import sha256

import pytest

from tarazy.journal.sections import (
    RequestReference,
    SectionError,
    client_order_number,
    decode_references,
    encode_entries,
)

REFERENCES = [RequestReference(0, 9, b"\7" * 32, "a"), RequestReference(3, 1, b"\0" * 32, "ж" * 64)]


def test_references_read_back_as_they_were_written() -> None:
    section = encode_entries(REFERENCES)
    assert len(section) % 4 == 0
    assert decode_references(section, 4) == REFERENCES


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
