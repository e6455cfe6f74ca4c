"""A few lines of assembler: mnemonics, numbers to push, `@name` for a label's place and `name:` for the label."""

from __future__ import annotations

from tarazy.chains.evm.opcodes import NAMES

OPCODES = {name: opcode for opcode, name in NAMES.items()}


def assemble(text: str) -> bytes:
    """Return the code of a text; numbers and labels are pushed in the fewest bytes, labels in two."""
    words = [word for line in text.splitlines() for word in line.split("#")[0].split()]
    places: dict[str, int] = {}
    for _ in range(2):
        code = bytearray()
        for word in words:
            if word.endswith(":"):
                places[word[:-1]] = len(code)
                code.append(OPCODES["JUMPDEST"])
            elif word.startswith("@"):
                code += bytes([0x61]) + places.get(word[1:], 0).to_bytes(2, "big")
            elif word[0].isdigit():
                number = int(word, 0)
                size = max(1, (number.bit_length() + 7) // 8)
                code += bytes([0x5F + size]) + number.to_bytes(size, "big")
            else:
                code.append(OPCODES[word])
    return bytes(code)


def dispatcher(functions: dict[int, str]) -> bytes:
    """Return code that goes by selector to the given bodies."""
    head = "0 CALLDATALOAD 224 SHR "
    for selector in functions:
        head += f"DUP1 {selector:#x} EQ @f{selector:x} JUMPI "
    head += "0 0 REVERT "
    return assemble(head + " ".join(f"f{selector:x}: {body}" for selector, body in functions.items()))


def entry(slot: int, key: str) -> str:
    """Return what leaves the storage key of a mapping's entry on the stack."""
    return f"{key} 0 MSTORE {slot} 32 MSTORE 64 0 KECCAK256 "


BALANCE_OF = entry(5, "4 CALLDATALOAD") + "SLOAD 0 MSTORE 32 0 RETURN"
ONLY_OWNER = "1 SLOAD CALLER EQ @ok{0} JUMPI 0 0 REVERT ok{0}: "


def add_to(slot: int, key: str, amount: str) -> str:
    """Return what adds an amount to a mapping's entry."""
    return f"{amount} {entry(slot, key)} DUP1 SLOAD DUP3 ADD SWAP1 SSTORE POP "


def take_from(slot: int, key: str, amount: str) -> str:
    """Return what takes an amount from a mapping's entry that is large enough, or reverts."""
    label = f"enough{abs(hash((slot, key, amount))) % 10**9}"
    load = entry(slot, key) + "SLOAD"
    return (
        f"{amount} {load} LT ISZERO @{label} JUMPI 0 0 REVERT {label}: "
        f"{amount} {entry(slot, key)} DUP1 SLOAD DUP3 SWAP1 SUB SWAP1 SSTORE POP "
    )


def transfer(slot: int = 5) -> str:
    """Return the body of an ordinary transfer(to, amount)."""
    return (
        take_from(slot, "CALLER", "36 CALLDATALOAD") + add_to(slot, "4 CALLDATALOAD", "36 CALLDATALOAD")
        + "1 0 MSTORE 32 0 RETURN"
    )  # fmt: skip
