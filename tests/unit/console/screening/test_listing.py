"""Disassembly shows the instructions of the code, and lights those that evidence means."""

from __future__ import annotations

import dataclasses
import json

import pytest

from tarazy.chains.evm.code import Code
from tarazy.console.screening import listing
from tarazy.screening.names import known_signatures

from .building import CORPUS, rich_report, runtime


def test_window_lights_the_instruction_at_the_offset() -> None:
    offset = next(item.offset for item in Code(runtime()).instructions if item.name == "SSTORE")
    lines = listing.window(runtime(), [offset], {})
    assert [line.offset for line in lines if line.lit] == [offset]
    assert len(lines) == 2 * listing.LINES_AROUND + 1
    assert next(line for line in lines if line.lit).name == "SSTORE"


def test_offset_within_an_operand_lights_the_instruction_that_holds_it() -> None:
    lines = listing.window(bytes.fromhex("6000611234005b"), [3], {})
    assert [(line.offset, line.operand) for line in lines if line.lit] == [(2, "0x1234")]


@pytest.mark.parametrize("offset", [-1, 10**9])
def test_offset_outside_the_code_lights_nothing(offset: int) -> None:
    assert listing.window(b"\x60\x00", [offset], {}) == []


def test_two_windows_have_a_gap_between_them() -> None:
    code = b"\x5b" * 100
    lines = listing.window(code, [10, 80], {})
    assert [line.offset for line in lines if line.gap] == [80 - listing.LINES_AROUND]


def test_selector_is_named_where_its_signature_is_known() -> None:
    code = bytes.fromhex("63a9059cbb14")
    assert listing.window(code, [0], known_signatures())[0].comment == "transfer(address,uint256)"


def test_pages_cover_the_code_once() -> None:
    shown = [
        line.offset
        for number in range(1, listing.pages(runtime()) + 1)
        for line in listing.page_of(runtime(), number, [], {})
    ]
    assert shown == [item.offset for item in Code(runtime()).instructions]
    for offset in (shown[0], shown[len(shown) // 2], shown[-1]):
        on = listing.page_of(runtime(), listing.page_with(runtime(), offset), [], {})
        assert offset in [line.offset for line in on]


def test_code_with_the_hash_of_the_report_is_taken() -> None:
    assert listing.read_code(rich_report().to_json(), runtime()) == runtime()


def test_runtime_code_is_found_inside_creation_code() -> None:
    built = json.loads((CORPUS / "limit-blacklist" / "vulnerable.json").read_text())["contracts"]["Token"]
    creation = bytes.fromhex(built["creation"].removeprefix("0x"))
    assert listing.read_code(rich_report().to_json(), creation) == runtime()


def test_other_code_and_the_code_of_a_proxy_light_no_lines() -> None:
    assert listing.read_code(rich_report().to_json(), b"\x60\x00" * 50) is None
    assert listing.read_code(rich_report().to_json(), None) is None
    behind = dataclasses.replace(rich_report(), proxy_implementation="0x" + "cd" * 20)
    assert listing.read_code(behind.to_json(), runtime()) is None


def test_code_behind_a_proxy_is_taken_where_it_is_given() -> None:
    behind = dataclasses.replace(rich_report(), proxy_implementation="0x" + "cd" * 20)
    assert listing.read_code(behind.to_json(), b"\x60\x00") == b"\x60\x00"
