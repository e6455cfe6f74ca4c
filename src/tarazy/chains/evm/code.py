"""Runtime code as data: hex and raw input, the compiler's metadata trailer, instructions, blocks, hashes.

Source: Ethereum execution specifications (instruction set up to Osaka); Solidity documentation, contract metadata.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from Crypto.Hash import keccak

from tarazy.chains.evm.opcodes import JUMPDEST, NAMES, PUSH0, PUSH1, PUSH32

# Code on a chain is at most 24,576 bytes (EIP-170) and creation code at most twice that (EIP-3860); some layer-two
# chains allow more, so the limit of what is read at all is wider.
CODE_BYTES_MAX = 131_072

# The trailer is CBOR followed by its length in two bytes; it begins with a map of one to four entries whose first key
# is one of these texts.
TRAILER_KEYS = (b"dbzzr0", b"dbzzr1", b"dipfs", b"dsolc", b"lexperimental", b"ebzzr0", b"ebzzr1")


class CodeError(ValueError):
    """What was given is not code: says what was expected, what was found and what to do."""


class CodeInstruction(NamedTuple):
    """One instruction. `offset` is its program counter; `operand` the value that a PUSH puts on the stack."""

    offset: int
    opcode: int
    operand: int | None = None
    size: int = 1

    @property
    def name(self) -> str:
        """Return the mnemonic, or the byte where the set has none."""
        return NAMES.get(self.opcode, f"0x{self.opcode:02x}?")

    def __str__(self) -> str:
        return self.name if self.operand is None else f"{self.name} 0x{self.operand:0{2 * (self.size - 1)}x}"


@dataclass(frozen=True)
class Code:
    """Runtime code with its hashes and instructions.

    `body` is the code without the metadata trailer: two builds of one source differ in nothing else.
    """

    runtime: bytes

    @cached_property
    def hash(self) -> str:
        """Return keccak-256 of the whole runtime code, as EXTCODEHASH gives it."""
        return "0x" + keccak256(self.runtime).hex()

    @cached_property
    def body(self) -> bytes:
        """Return the code without the compiler's metadata trailer."""
        return self.runtime[: metadata_start(self.runtime)]

    @cached_property
    def body_hash(self) -> str:
        """Return keccak-256 of the body."""
        return "0x" + keccak256(self.body).hex()

    @cached_property
    def jumpdests(self) -> frozenset[int]:
        """Return the offsets to which a jump may go."""
        body, found, offset = self.body, [], 0
        while offset < len(body):
            opcode = body[offset]
            if opcode == JUMPDEST:
                found.append(offset)
            offset += opcode - PUSH0 + 1 if PUSH1 <= opcode <= PUSH32 else 1
        return frozenset(found)

    @cached_property
    def instructions(self) -> tuple[CodeInstruction, ...]:
        """Return the body in order of its offsets; a PUSH cut off by the end is read as if zeros followed."""
        body, found, offset = self.body, [], 0
        while offset < len(body):
            opcode = body[offset]
            if PUSH1 <= opcode <= PUSH32:
                size = opcode - PUSH0
                operand = int.from_bytes(body[offset + 1 : offset + 1 + size].ljust(size, b"\0"), "big")
                found.append(CodeInstruction(offset, opcode, operand, size + 1))
                offset += size + 1
            else:
                found.append(CodeInstruction(offset, opcode, 0 if opcode == PUSH0 else None))
                offset += 1
        return tuple(found)


def keccak256(data: bytes) -> bytes:
    """Return the 32-byte keccak-256 digest that Ethereum uses."""
    return keccak.new(digest_bits=256, data=data).digest()


def create_address(creator: str, nonce: int) -> str:
    """Return the address that CREATE gives to what a creator makes with this nonce.

    Source: Ethereum yellow paper, section 7: the last 20 bytes of the digest of the RLP list of creator and nonce.
    """
    count = nonce.to_bytes((nonce.bit_length() + 7) // 8, "big")
    tail = count if nonce and nonce < 0x80 else bytes([0x80 + len(count)]) + count
    body = b"\x94" + bytes.fromhex(creator[2:]) + tail
    return "0x" + keccak256(bytes([0xC0 + len(body)]) + body)[12:].hex()


def metadata_start(runtime: bytes) -> int:
    """Return the offset at which the compiler's metadata trailer begins, or the length where there is none."""
    if len(runtime) < 4:
        return len(runtime)
    start = len(runtime) - 2 - int.from_bytes(runtime[-2:], "big")
    if start >= 0 and 0xA1 <= runtime[start] <= 0xA4 and runtime[start + 1 :].startswith(TRAILER_BYTES):
        return start
    return len(runtime)


TRAILER_BYTES = tuple(bytes([0x60 + len(key) - 1]) + key[1:] for key in TRAILER_KEYS)


def parse_code(given: bytes | str) -> bytes:
    """Return code given as raw bytes or as hex with or without 0x.

    Raises: CodeError where hex is odd, has other characters, is an unlinked artifact, or is too long.
    """
    text = given if isinstance(given, str) else as_text(given)
    if text is None:
        assert isinstance(given, bytes)  # noqa: S101 - `as_text` gives text for everything else
        code = given
    else:
        digits = "".join(text.split())
        digits = digits[2:] if digits[:2] in ("0x", "0X") else digits
        if "__" in digits:
            raise CodeError("expected linked code, found a library placeholder (__...__): link the libraries first")
        wrong = re.search(r"[^0-9a-fA-F]", digits)
        if wrong:
            raise CodeError(
                f"expected hex digits, found {wrong.group()!r} at position {wrong.start()}: "
                "give the code as hex or raw bytes"
            )
        if len(digits) % 2:
            raise CodeError(f"expected an even number of hex digits, found {len(digits)}: the code is cut off")
        code = bytes.fromhex(digits)
    if len(code) > CODE_BYTES_MAX:
        raise CodeError(f"expected at most {CODE_BYTES_MAX} bytes of code, found {len(code)}")
    return code


def as_text(data: bytes) -> str | None:
    """Return data as text where it looks like hex, or None where it is raw bytes."""
    head = data[:64].strip()
    if not head or not re.fullmatch(rb"(0[xX])?[0-9a-fA-F_$.\s]*", head):
        return data.decode("ascii", "replace") if head[:2] in (b"0x", b"0X") else (None if head else "")
    return data.decode("ascii", "replace")
