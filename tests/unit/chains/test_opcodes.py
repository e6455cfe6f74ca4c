"""Numbers and names of instructions, against the Yellow Paper's appendix H and the EIPs that added to it."""

from __future__ import annotations

from tarazy.chains.evm import opcodes
from tarazy.chains.evm.opcodes import NAMES

# Yellow Paper, appendix H.2: ends of its groups; EIP-3855, 4844, 1153, 5656, 7516 and 7939 for the later ones.
KNOWN = {
    "STOP": 0x00, "LT": 0x10, "KECCAK256": 0x20, "ADDRESS": 0x30, "BLOCKHASH": 0x40, "POP": 0x50, "PUSH1": 0x60,
    "PUSH32": 0x7F, "DUP1": 0x80, "DUP16": 0x8F, "SWAP1": 0x90, "SWAP16": 0x9F, "LOG0": 0xA0, "LOG4": 0xA4,
    "CREATE": 0xF0, "CREATE2": 0xF5, "STATICCALL": 0xFA, "REVERT": 0xFD, "INVALID": 0xFE, "SELFDESTRUCT": 0xFF,
    "PUSH0": 0x5F, "BLOBHASH": 0x49, "BLOBBASEFEE": 0x4A, "TLOAD": 0x5C, "TSTORE": 0x5D, "MCOPY": 0x5E, "CLZ": 0x1E,
}  # fmt: skip


def test_names_have_the_numbers_of_the_specification() -> None:
    assert {name: number for number, name in NAMES.items() if name in KNOWN} == KNOWN
    assert len(NAMES) == len(set(NAMES.values())) == 150


def test_every_constant_is_named_by_its_number() -> None:
    constants = {name: value for name, value in vars(opcodes).items() if name.isupper() and isinstance(value, int)}
    assert all(NAMES[value] == name for name, value in constants.items())
    assert len(constants) > 80
