"""What an engine that executes contract code must do, and the block that it shows to the code.

Two engines implement `Engine`: revm (fast, the default) and py-evm (slow, written by other people in another language,
there to check the first). What one does the other must do: tests/unit/screening/simulation runs the same cases on both.

Invariants of every engine:
- addresses are "0x" and 40 lower-case hexadecimal digits; storage slots and values are integers;
- nothing is ever paid for gas and no nonce moves on a call, so a scenario can be repeated; but a caller must be able to
  afford the call, as on a chain;
- a snapshot restores everything written after it, also what `set_*` wrote; snapshots are reverted last first;
- transient storage is empty at the start of each call;
- any account may be the caller, a contract too.

The block looks like one of the main network in use, because code that wants to behave well while it is watched asks for
exactly these values: a gas price of zero, a block number of zero or one, a base fee of zero, a caller that is the
coinbase.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from tarazy.chains.evm.code import keccak256

CALL_GAS = 6_000_000
DEPLOY_GAS = 30_000_000
OUTPUT_BYTES_MAX = 65_536  # what a call may hand back; a longer answer is cut here
BLOCK_TIME_S = 12
ORIGIN_BALANCE = 1_000 * 10**18
ZERO_ADDRESS = "0x" + "00" * 20
# An ordinary account: it sends and pays for the transaction where a contract is the caller.
OPERATOR = "0x7e1f5c0d3a9b28466b6e0ff51d7c3a08be1c94d2"


class EngineError(Exception):
    """The engine itself could not work: not installed, or asked for something that no state allows."""


def address_of(number: int) -> str:
    """Return an integer's lowest 160 bits as an address."""
    return f"0x{number & (1 << 160) - 1:040x}"


@functools.lru_cache(maxsize=256)
def random_of(number: int) -> bytes:
    """Return a random-looking value for a block number."""
    return keccak256(b"tarazy prevrandao %d" % number)


@dataclass(frozen=True, slots=True)
class BlockContext:
    """The block in which a call runs.

    Units: time in seconds since 1970; prices in wei. `base_fee_wei` left out is the time read as wei, about 1.8 gwei:
    revm shows no other base fee to the code (see `revm.py`), so the default is the same everywhere.
    """

    number: int = 26_420_000
    time_s: int = 1_795_305_600
    gas_price_wei: int = 2_400_000_000
    base_fee_wei: int | None = None
    gas_limit: int = 60_000_000
    chain_id: int = 1
    coinbase: str = "0x4838b106fce9647bdf1e7877bf73ce8b0bad5f97"

    @property
    def base_fee(self) -> int:
        """Return the base fee in wei."""
        return self.time_s if self.base_fee_wei is None else self.base_fee_wei

    @property
    def prevrandao(self) -> bytes:
        """Return the block's random value: fixed by its number, so that a scenario repeats."""
        return random_of(self.number)

    def after(self, seconds: int) -> BlockContext:
        """Return the block that many seconds later."""
        count = max(1, seconds // BLOCK_TIME_S) if seconds else 0
        return replace(self, number=self.number + count, time_s=self.time_s + seconds)


@dataclass(frozen=True, slots=True)
class EmittedLog:
    """One event."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes


HALT_WORDS = {
    "out of gas": "it ran out of gas",
    "invalid instruction": "it ran into an invalid instruction",
    "stack": "its stack broke",
    "funds": "the account cannot pay for it",
    "static": "a view tried to change something",
    "depth": "its calls were too deep",
    "code size": "its code is too large",
    "collision": "something stands at the new address already",
    "other": "it stopped",
}


@dataclass(frozen=True, slots=True)
class CallOutcome:
    """What a call or a deployment did.

    `halt` is empty for success, "revert" where the code reverted, and else the engine-independent reason of the stop:
    "out of gas", "invalid instruction", "stack", "funds", "static", "depth", "code size", "collision", "other".
    """

    succeeded: bool
    output: bytes = b""
    gas_used: int = 0
    halt: str = ""
    logs: tuple[EmittedLog, ...] = ()
    created: str | None = None

    @property
    def word(self) -> int | None:
        """Return the first 32 bytes of a successful answer as an integer, None where there are not that many."""
        return int.from_bytes(self.output[:32], "big") if self.succeeded and len(self.output) >= 32 else None

    @property
    def reason(self) -> str:
        """Say in words why it failed; empty for success."""
        if self.succeeded:
            return ""
        return revert_reason(self.output) if self.halt == "revert" else HALT_WORDS.get(self.halt, self.halt)


@dataclass(slots=True)
class EngineSnapshot:
    """A point to which the state can be brought back. What is in it is the engine's business."""

    token: object
    undo: list[tuple[str, object]] = field(default_factory=list)


Reads = dict[str, dict[int, int]]  # account -> slot -> value now
AccessList = tuple[tuple[str, tuple[int, ...]], ...]  # accounts with slots that a transaction announces


class EvmEngine(Protocol):
    """An EVM with a state that can be written directly."""

    name: str  # "revm 0.3.7"

    @property
    def block(self) -> BlockContext:
        """Return the block in which calls run."""

    def set_block(self, block: BlockContext) -> None:
        """Run what follows in another block. Not undone by `revert`."""

    def set_code(self, address: str, code: bytes, nonce: int = 1) -> None:
        """Make an account a contract with this code, its storage as it was; `nonce` names its next creation."""

    def set_nonce(self, address: str, nonce: int) -> None:
        """Say how many transactions an account without code has sent. Not undone by `revert`."""

    def set_balance(self, address: str, wei: int) -> None:
        """Give an account this many wei."""

    def set_storage(self, address: str, slots: Mapping[int, int]) -> None:
        """Write storage of a contract."""

    def code(self, address: str) -> bytes:
        """Return an account's code."""

    def balance(self, address: str) -> int:
        """Return an account's wei."""

    def storage(self, address: str, slot: int) -> int:
        """Return one storage slot."""

    def fill(self, address: str, balance: int, nonce: int, code: bytes, slots: Mapping[int, int] | None = None) -> None:
        """Put an account as a chain has it, before anything has run; the first call then costs what it costs there."""

    def fill_slots(self, address: str, slots: Mapping[int, int]) -> None:
        """Put storage as a chain has it, while no snapshot is open; cold where its account was not looked at yet."""

    def settle(self) -> None:
        """Let what was done so far be what a chain has: calls find it cold. Open snapshots are used up."""

    def call(
        self,
        caller: str,
        to: str,
        data: bytes = b"",
        value: int = 0,
        gas: int = CALL_GAS,
        gas_price: int | None = None,
        access: AccessList = (),
    ) -> CallOutcome:
        """Send a transaction's call and keep what it changed, unless it failed."""

    def deploy(self, caller: str, creation: bytes, value: int = 0, gas: int = DEPLOY_GAS) -> CallOutcome:
        """Create a contract; its address is in `created`."""

    def snapshot(self) -> EngineSnapshot:
        """Remember the state."""

    def revert(self, snapshot: EngineSnapshot) -> None:
        """Restore the state of a snapshot; it and all later ones are used up."""

    def keep(self, snapshot: EngineSnapshot) -> None:
        """Forget the latest snapshot and leave the state as it is."""

    def reads(
        self, caller: str, to: str, data: bytes = b"", value: int = 0, gas: int = CALL_GAS, seen: Reads | None = None
    ) -> Reads:
        """Return what a call looks at, also within parts that revert. Leaves no mark.

        `seen` is what a run has shown already, where there was one.
        """

    def accessed(self) -> Reads:
        """Return every account that was looked at since the start, with slots as far as calls went through."""


@contextlib.contextmanager
def sandbox(engine: EvmEngine) -> Iterator[None]:
    """Undo everything that the block of code did to the state, and bring the engine's block back."""
    block, before = engine.block, engine.snapshot()
    try:
        yield
    finally:
        engine.revert(before)
        if engine.block is not block:
            engine.set_block(block)


def view(engine: EvmEngine, to: str, data: bytes, caller: str, gas: int = 2_000_000) -> CallOutcome:
    """Ask a contract without leaving a mark."""
    before = engine.snapshot()
    try:
        return engine.call(caller, to, data, gas=gas)
    finally:
        engine.revert(before)


PANICS = {
    0x01: "assertion failed",
    0x11: "arithmetic overflow",
    0x12: "division by zero",
    0x21: "no such enumeration value",
    0x31: "pop of an empty array",
    0x32: "index out of range",
    0x41: "too much memory",
    0x51: "call of an unset function",
}


def revert_reason(output: bytes) -> str:
    """Say in words what a contract gave as its revert reason."""
    selector, body = output[:4], output[4:]
    if not output:
        return "reverted without a reason"
    if selector == bytes.fromhex("08c379a0") and len(body) >= 64:
        length = min(int.from_bytes(body[32:64], "big"), 256)
        text = body[64 : 64 + length].decode("utf-8", "replace")
        return "".join(c if c.isprintable() else " " for c in text).strip() or "reverted with an empty reason"
    if selector == bytes.fromhex("4e487b71") and len(body) >= 32:
        code = int.from_bytes(body[:32], "big")
        return f"panic 0x{code:02x}: {PANICS.get(code, 'unknown')}"
    return f"reverted with 0x{output[:36].hex()}" + ("..." if len(output) > 36 else "")
