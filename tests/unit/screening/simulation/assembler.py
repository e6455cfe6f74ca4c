"""A small assembler, so that a test shows the instructions of the contract that it runs.

`assemble("PUSH1 5 SLOAD PUSH0 MSTORE @end JUMP end: STOP")`: a name with @ pushes the place of its label with PUSH2.
"""

from __future__ import annotations

TABLE = """
00 STOP ADD MUL SUB DIV / 0a EXP / 10 LT GT / 14 EQ ISZERO AND OR / 1b SHL SHR / 20 KECCAK256
30 ADDRESS BALANCE ORIGIN CALLER CALLVALUE CALLDATALOAD CALLDATASIZE CALLDATACOPY CODESIZE CODECOPY GASPRICE EXTCODESIZE
3d RETURNDATASIZE RETURNDATACOPY EXTCODEHASH BLOCKHASH COINBASE TIMESTAMP NUMBER PREVRANDAO GASLIMIT CHAINID SELFBALANCE
48 BASEFEE / 4a BLOBBASEFEE / 50 POP MLOAD MSTORE / 54 SLOAD SSTORE JUMP JUMPI PC / 5a GAS JUMPDEST TLOAD TSTORE
5f PUSH0 / a0 LOG0 LOG1 LOG2 / f0 CREATE CALL / f3 RETURN DELEGATECALL CREATE2 / fa STATICCALL / fd REVERT INVALID
ff SELFDESTRUCT
"""
OPCODES = {
    word: int(row.split()[0], 16) + index
    for row in TABLE.replace("/", "\n").strip().splitlines()
    for index, word in enumerate(row.split()[1:])
}
OPCODES |= {f"DUP{n}": 0x7F + n for n in range(1, 17)} | {f"SWAP{n}": 0x8F + n for n in range(1, 17)}


def assemble(text: str) -> bytes:
    """Return the code of a text of instructions."""
    code, places, waiting = bytearray(), {}, {}
    words = iter(text.split())
    for word in words:
        if word.endswith(":"):
            places[word[:-1]] = len(code)
            code.append(OPCODES["JUMPDEST"])
        elif word.startswith("@"):
            waiting[len(code) + 1] = word[1:]
            code += b"\x61\0\0"
        elif word.startswith("PUSH") and word != "PUSH0":
            size = int(word[4:])
            code += bytes([0x5F + size]) + int(next(words), 0).to_bytes(size, "big")
        else:
            code.append(OPCODES[word])
    for at, label in waiting.items():
        code[at : at + 2] = places[label].to_bytes(2, "big")
    return bytes(code)


def creation(runtime: bytes) -> bytes:
    """Return creation code that leaves the runtime code."""
    head = assemble(f"PUSH2 {len(runtime)} DUP1 PUSH1 12 PUSH0 CODECOPY PUSH0 RETURN")
    return head.ljust(12, b"\0") + runtime


def push_address(address: str) -> str:
    """Return the instruction that pushes an address."""
    return f"PUSH20 {address}"


RETURN_WORD = " PUSH0 MSTORE PUSH1 32 PUSH0 RETURN"
