"""Call data in words: by ABI, by the table, by the code's own reading; calls within calls; risk; bad data."""

from __future__ import annotations

import pytest
from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError

from tarazy.chains.evm.abi import selector
from tarazy.chains.evm.abi_values import AbiError
from tarazy.screening.simulation.abi import UINT_MAX, call_data, decoded, topic, word
from tarazy.screening.simulation.decode import DATA_BYTES_MAX, Decoded, decode_input
from tarazy.screening.simulation.engine import EmittedLog
from tarazy.screening.simulation.events import event_of
from tarazy.screening.simulation.selectors import SIGNATURES, signature_of

from . import tokens
from .conftest import OTHER, TRADER

ABI = [
    {
        "type": "function",
        "name": "place",
        "inputs": [
            {"name": "order", "type": "tuple", "components": [{"name": "id", "type": "uint256"}, {"type": "bytes"}]},
            {"name": "who", "type": "address[]"},
        ],
    },
    {"type": "event", "name": "place", "inputs": []},
    {"name": 5},
]


def plain(decoded: Decoded) -> list[tuple[str, str, object]]:
    return [(argument.name, argument.type, argument.value) for argument in decoded.arguments]


def test_well_known_function_is_decoded_from_the_table() -> None:
    decoded = decode_input(call_data("approve(address,uint256)", OTHER, UINT_MAX))
    assert (decoded.selector, decoded.signature, decoded.source) == ("0x095ea7b3", "approve(address,uint256)", "table")
    assert plain(decoded) == [("", "address", OTHER), ("", "uint256", UINT_MAX)]
    assert decoded.risky
    assert decoded.risk == "lets somebody else take tokens of the signer, now and later"


def test_given_interface_names_the_arguments() -> None:
    types = ["(uint256,bytes)", "address[]"]
    data = selector("place((uint256,bytes),address[])") + encode(types, [(7, b"\x01\x02"), [TRADER, OTHER]])
    decoded = decode_input(data, abi=ABI)
    assert (decoded.signature, decoded.source) == ("place((uint256,bytes),address[])", "abi")
    assert plain(decoded) == [("order", "(uint256,bytes)", [7, "0x0102"]), ("who", "address[]", [TRADER, OTHER])]
    assert not decoded.risky


def test_types_that_the_code_reads_serve_where_no_name_is_known() -> None:
    data = bytes.fromhex("3eb7ad4d") + encode(["address", "bool"], [OTHER, True])
    assert decode_input(data).source == "none"
    decoded = decode_input(data, code=tokens.runtime("limit-blacklist", "vulnerable"))
    assert (decoded.signature, decoded.source) == ("0x3eb7ad4d(address,bool)", "code")
    assert plain(decoded) == [("", "address", OTHER), ("", "bool", True)]


def test_calls_within_a_multicall_are_decoded_and_their_risk_counts() -> None:
    inner = [call_data("approve(address,uint256)", OTHER, 5), call_data("transfer(address,uint256)", OTHER, 6)]
    decoded = decode_input(selector("multicall(bytes[])") + encode(["bytes[]"], [inner]))
    assert [call.signature for call in decoded.arguments[0].calls] == [
        "approve(address,uint256)",
        "transfer(address,uint256)",
    ]
    assert decoded.risky
    assert decoded.risk.startswith("calls approve within, which ")


def test_nesting_is_followed_only_so_deep() -> None:
    data = call_data("approve(address,uint256)", OTHER, 5)
    for _ in range(12):
        data = selector("multicall(bytes[])") + encode(["bytes[]"], [[data]])
    depth, decoded = 0, decode_input(data)
    while decoded.arguments and decoded.arguments[0].calls:
        decoded, depth = decoded.arguments[0].calls[0], depth + 1
    assert depth == 4


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (b"", "no function is called"),
        (b"\x01\x02", "too short for a function"),
        (b"\0" * (DATA_BYTES_MAX + 1), f"expected at most {DATA_BYTES_MAX} bytes of data, found {DATA_BYTES_MAX + 1}"),
        (bytes.fromhex("12345678"), "neither an ABI nor the table of well-known functions has it"),
        (selector("approve(address,uint256)"), "the data do not fit (address,uint256)"),
        (selector("approve(address,uint256)") + b"\xff" * 64, "the data do not fit (address,uint256)"),
        (selector("multicall(bytes[])") + b"\xff" * 96, "the data do not fit (bytes[])"),
    ],
)
def test_bad_data_is_noted(data: bytes, note: str) -> None:
    assert decode_input(data).note == note


def test_type_that_costs_without_end_is_not_decoded() -> None:
    abi = [{"name": "deep", "inputs": [{"name": "x", "type": "uint256" + "[]" * 9}]}]
    data = selector("deep(uint256" + "[]" * 9 + ")") + b"\0" * 64
    assert decode_input(data, abi=abi).source == "none"


def test_no_signature_of_the_table_stands_twice_or_is_written_wrong() -> None:
    assert len(set(SIGNATURES)) == len(SIGNATURES)
    for signature in SIGNATURES:
        assert signature_of("0x" + selector(signature).hex()) is not None
    assert signature_of("0xa9059cbb") == "transfer(address,uint256)"
    assert signature_of("0x00000000") is None


def test_event_of_a_token_and_of_a_collection_are_told_apart() -> None:
    transfer = topic("Transfer(address,address,uint256)")
    ends = tuple(int(account, 16).to_bytes(32, "big") for account in (TRADER, OTHER))
    amount = (9).to_bytes(32, "big")
    fungible = event_of(EmittedLog("0x" + "aa" * 20, (transfer, *ends), amount))
    single = event_of(EmittedLog("0x" + "aa" * 20, (transfer, *ends, amount), b""))
    assert dict(fungible.arguments) == {"from": TRADER, "to": OTHER, "value": 9}
    assert dict(single.arguments) == {"from": TRADER, "to": OTHER, "token_id": 9}
    broken = event_of(EmittedLog("0x" + "aa" * 20, (transfer, *ends), b"\x01"))
    assert (broken.name, broken.arguments) == (None, ())


@pytest.mark.parametrize(
    ("types", "data"),
    [
        (["address", "uint256", "bool"], word("0x" + "ab" * 20) + word(UINT_MAX) + word(1)),
        (["uint256"], word(7) + word(8)),
        (["bool"], word(2)),
        (["address"], word(1 << 160)),
        (["address", "uint256"], word(5)),
        (["uint256"], word(5)[:31]),
        (["bytes"], word(32) + word(2) + b"ab".ljust(32, b"\0")),
        ([], b""),
    ],
)
def test_values_read_by_hand_are_those_of_the_general_decoder(types: list[str], data: bytes) -> None:
    try:
        expected: object = decode(types, data)
    except DecodingError:
        expected = "refused"
    try:
        found: object = decoded(types, data)
    except AbiError:
        found = "refused"
    assert found == expected
