"""Code as data: input in all its spellings, the metadata trailer, instructions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarazy.chains.evm.code import CODE_BYTES_MAX, Code, CodeError, parse_code
from tarazy.screening.bytecode.creation import embedded_runtime

TRAILER = bytes.fromhex("a264697066735822" + "12" * 34 + "64736f6c63" + "43" + "00081a" + "0033")


@pytest.mark.parametrize("text", ["0x6001", "6001", "0X6001", " 60\n01 ", "6001\n"])
def test_hex_is_read_in_every_spelling(text: str) -> None:
    assert parse_code(text) == b"\x60\x01"
    assert parse_code(text.encode()) == b"\x60\x01"


def test_raw_bytes_are_read_as_they_are() -> None:
    assert parse_code(bytes([0x60, 0x80, 0x60, 0x40, 0x52, 0x00, 0xFF])) == bytes.fromhex("6080604052 00ff")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0x601", "even number"),
        ("0x60zz", "'z' at position 2"),
        ("6060__$Library$__00", "link the libraries"),
        ("00" * (CODE_BYTES_MAX + 1), f"at most {CODE_BYTES_MAX}"),
    ],
)
def test_what_is_no_code_is_refused_with_what_was_found(text: str, told: str) -> None:
    with pytest.raises(CodeError, match="expected") as caught:
        parse_code(text)
    assert told in str(caught.value)


def test_two_builds_that_differ_in_their_metadata_have_one_body() -> None:
    body = bytes.fromhex("6080604052600080fd")
    one, two = Code(body + TRAILER), Code(body + TRAILER.replace(b"\x12", b"\x13"))
    assert one.hash != two.hash
    assert one.body == two.body == body
    assert one.body_hash == two.body_hash


def test_code_that_only_ends_like_a_trailer_is_kept_whole() -> None:
    code = bytes.fromhex("60806040") + bytes([0x00, 0x02])
    assert Code(code).body == code


def test_an_operand_cut_off_by_the_end_is_filled_with_zeros() -> None:
    (push,) = Code(bytes.fromhex("62ff")).instructions
    assert push.operand == 0xFF0000
    assert str(push) == "PUSH3 0xff0000"


@given(st.binary(max_size=300))
def test_instructions_cover_the_body_without_gaps(code: bytes) -> None:
    read = Code(code)
    place = 0
    for item in read.instructions:
        assert item.offset == place
        place += item.size
    assert place >= len(read.body)


def test_runtime_code_is_found_inside_creation_code() -> None:
    runtime = bytes.fromhex("6080604052" + "00" * 40)
    header = bytes.fromhex("60806040526030600f5f3960305ff3fe".replace("6030", f"60{len(runtime):02x}"))
    offset = len(header)
    creation = header.replace(b"\x60\x0f\x5f\x39", bytes([0x60, offset, 0x5F, 0x39])) + runtime
    assert embedded_runtime(creation) == runtime
    assert embedded_runtime(runtime) is None
