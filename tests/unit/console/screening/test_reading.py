"""What people paste is read, or refused with what was expected, what was found and what to do."""

from __future__ import annotations

import pytest

from tarazy.console.layout.forms import Upload
from tarazy.console.screening.reading import (
    ReadingError,
    checksummed,
    looks_like_list,
    read_address,
    read_chain,
    read_code,
    read_files,
    read_lines,
)
from tarazy.console.screening.services import Chain, Input, RefusedLine

CHAINS = (Chain(1, "Ethereum", False), Chain(31337, "Development", True))
# The examples of EIP-55.
MIXED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
LOWER = MIXED.lower()


@pytest.mark.parametrize("text", [MIXED, LOWER, "0x" + LOWER[2:].upper(), f"  {LOWER}\n", "0X" + LOWER[2:]])
def test_address_is_read_in_lower_case(text: str) -> None:
    assert read_address(text) == LOWER


def test_checksum_is_that_of_eip_55() -> None:
    for address in (MIXED, "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"):
        assert "0x" + checksummed(address[2:].lower()) == address


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "found nothing"),
        (MIXED.replace("A", "a", 1), "mistyped"),
        (LOWER[:-1], "39 hex digits: copy"),
        (LOWER[2:], "40 hex digits without 0x"),
        ("0x" + "60" * 200, "choose bytecode"),
        ("vitalik.eth", "'vitalik.eth'"),
        ("<script>alert(1)</script>", "'<script>alert(1)</script>'"),
        ("\u202e" * 500, "[U+202E]"),
    ],
)
def test_what_is_no_address_is_refused(text: str, found: str) -> None:
    with pytest.raises(ReadingError, match="expected") as caught:
        read_address(text)
    assert found in str(caught.value)
    assert caught.value.field == "address"


def test_chain_without_a_node_is_refused_and_those_with_one_are_named() -> None:
    assert read_chain("31337", CHAINS).name == "Development"
    assert read_chain("1", CHAINS, needs_node=False).name == "Ethereum"
    for text in ("1", "", "31337 ", "x", "-1"):
        if text.strip() != "31337":
            with pytest.raises(ReadingError, match=r"31337 \(Development\)"):
                read_chain(text, CHAINS)


@pytest.mark.parametrize("text", ["0x6000", "6000", " 60 00\n", b"0x6000", b"\x60\x00"])
def test_code_is_read_as_hex_or_raw_bytes(text: str | bytes) -> None:
    assert read_code(text) == b"\x60\x00"


@pytest.mark.parametrize("text", ["", "0x", "0x600", "0xzz", "hello", b"", "__$a$__"])
def test_what_is_no_code_is_refused(text: str | bytes) -> None:
    with pytest.raises(ReadingError, match="expected"):
        read_code(text)


def test_list_gives_one_item_a_line_and_a_reason_for_each_that_gives_none() -> None:
    text = (
        f'# a comment\n{LOWER}\n\n31337,{LOWER}\n1;{LOWER}\nnonsense\n{"0x60" + "5b" * 40}\n"{LOWER}"\n{MIXED},name,x\n'
    )
    items = list(read_lines(text, CHAINS, "31337"))
    kinds = [item.kind if isinstance(item, Input) else "refused" for item in items]
    assert kinds == ["address", "address", "refused", "refused", "runtime", "address", "address"]
    assert all(item.chain_id == 31337 for item in items if isinstance(item, Input) and item.kind == "address")
    assert isinstance(items[2], RefusedLine)
    assert "Ethereum" in items[2].reason


def test_files_are_lists_by_ending_or_by_content_and_code_otherwise() -> None:
    uploads = (
        Upload("tokens.csv", f"address\n{LOWER}\n".encode()),
        Upload("tokens.txt", f"{LOWER}\n".encode()),
        Upload("code.hex", b"0x6000"),
        Upload("code.bin", b"\x60\x00"),
        Upload("", b""),
        Upload("picture.png", b"\x89PNG\r\n" * 30_000),
    )
    items = list(read_files(uploads, "creation", CHAINS, "31337"))
    shown = [(item.kind, item.label) if isinstance(item, Input) else ("refused", item.label) for item in items]
    assert shown == [
        ("refused", "address"),
        ("address", LOWER),
        ("address", LOWER),
        ("creation", "code.hex"),
        ("creation", "code.bin"),
        ("refused", "file"),
        ("refused", "picture.png"),
    ]


def test_code_that_begins_like_an_address_is_no_list() -> None:
    assert not looks_like_list(b"0x" + b"60" * 400)
    assert looks_like_list(LOWER.encode())
    assert looks_like_list(f"31337, {LOWER}, name".encode())
