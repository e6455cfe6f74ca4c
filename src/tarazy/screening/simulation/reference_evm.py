"""py-evm: the slow second engine, written by other people in another language; it checks the first.

It is imported only when it is asked for: the package belongs to the development dependencies. It executes the same hard
fork as `revm.py`, and takes every caller, block and direct write as they come.
"""

from __future__ import annotations

import importlib.metadata
import sys
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from tarazy.chains.evm.code import create_address, keccak256
from tarazy.screening.simulation.engine import (
    CALL_GAS,
    DEPLOY_GAS,
    OPERATOR,
    ORIGIN_BALANCE,
    OUTPUT_BYTES_MAX,
    AccessList,
    BlockContext,
    CallOutcome,
    EmittedLog,
    EngineError,
    EngineSnapshot,
    Reads,
)

DEPTH = 1_000  # what Python begins with; another package may have raised it before this one is loaded
DEEP = 100_000  # a call within calls, 1,024 deep, is many Python calls; the package asks for so much when it is loaded

try:
    from eth import exceptions
    from eth.constants import BLANK_ROOT_HASH, CREATE_CONTRACT_ADDRESS
    from eth.db.atomic import AtomicDB
    from eth.vm.execution_context import ExecutionContext
    from eth.vm.forks.cancun.state import CancunState
    from eth.vm.forks.cancun.transaction_context import CancunTransactionContext
    from eth.vm.message import Message
    from eth_typing import Address, BlockNumber, Hash32
except ImportError as error:  # pragma: no cover - the development environment has it
    raise EngineError("expected the package py-evm, found none; install it or use engine revm") from error

sys.setrecursionlimit(DEPTH)  # not for the whole process: other readers rely on the usual limit against deep nesting

HALTS: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.OutOfGas, "out of gas"),
    (exceptions.InvalidInstruction, "invalid instruction"),
    (exceptions.InvalidJumpDestination, "invalid instruction"),
    (exceptions.InsufficientStack, "stack"),
    (exceptions.FullStack, "stack"),
    (exceptions.InsufficientFunds, "funds"),
    (exceptions.ContractCreationCollision, "collision"),
    (exceptions.WriteProtection, "static"),
    (exceptions.StackDepthLimit, "depth"),
)


class RecordingState(CancunState):
    """A state that remembers what was looked at."""

    def __init__(self, *arguments: Any) -> None:
        self.seen: dict[Address, set[int]] = {}
        super().__init__(*arguments)

    def get_storage(self, address: Address, slot: int, from_journal: bool = True) -> int:
        """Return a slot and remember that it was read."""
        self.seen.setdefault(address, set()).add(slot)
        return super().get_storage(address, slot, from_journal)

    def get_balance(self, address: Address) -> int:
        """Return a balance and remember the account."""
        self.seen.setdefault(address, set())
        return super().get_balance(address)

    def get_code(self, address: Address) -> bytes:
        """Return code and remember the account."""
        self.seen.setdefault(address, set())
        return super().get_code(address)

    def get_code_hash(self, address: Address) -> Hash32:
        """Return the hash of code and remember the account."""
        self.seen.setdefault(address, set())
        return super().get_code_hash(address)


class PyEvmEngine:
    """An `Engine` on py-evm."""

    def __init__(self, block: BlockContext) -> None:
        self.name = f"py-evm {importlib.metadata.version('py-evm')}"
        self._block = block
        self._state = RecordingState(AtomicDB(), context(block), BLANK_ROOT_HASH)
        self._snapshots: list[EngineSnapshot] = []
        self.set_balance(OPERATOR, ORIGIN_BALANCE)

    @property
    def block(self) -> BlockContext:
        """Return the block in which calls run."""
        return self._block

    def set_block(self, block: BlockContext) -> None:
        """Run what follows in another block."""
        self._block = block
        self._state.execution_context = context(block)

    def set_nonce(self, address: str, nonce: int) -> None:
        """Say how many transactions an account has sent."""
        self._state.set_nonce(raw(address), nonce)

    def set_code(self, address: str, code: bytes, nonce: int = 1) -> None:
        """Make an account a contract with this code."""
        self._state.set_code(raw(address), code)
        self._state.set_nonce(raw(address), nonce)

    def set_balance(self, address: str, wei: int) -> None:
        """Give an account this many wei."""
        self._state.set_balance(raw(address), wei)

    def set_storage(self, address: str, slots: Mapping[int, int]) -> None:
        """Write storage of a contract."""
        for slot, value in slots.items():
            self._state.set_storage(raw(address), slot, value)

    def code(self, address: str) -> bytes:
        """Return an account's code."""
        return bytes(self._state.get_code(raw(address)))

    def balance(self, address: str) -> int:
        """Return an account's wei."""
        return int(self._state.get_balance(raw(address)))

    def storage(self, address: str, slot: int) -> int:
        """Return one storage slot."""
        return int(self._state.get_storage(raw(address), slot))

    def fill(self, address: str, balance: int, nonce: int, code: bytes, slots: Mapping[int, int] | None = None) -> None:
        """Put an account as a chain has it."""
        self.set_storage(address, slots or {})
        self._state.set_balance(raw(address), balance)
        if code:
            self._state.set_code(raw(address), code)
        self._state.set_nonce(raw(address), nonce)

    def fill_slots(self, address: str, slots: Mapping[int, int]) -> None:
        """Put storage as a chain has it."""
        self.set_storage(address, slots)

    def settle(self) -> None:
        """Let what was done so far count as the state before the next transaction."""
        self._snapshots.clear()
        self._state.lock_changes()

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
        """Send a call and keep what it changed, unless it failed."""
        intrinsic = 21_000 + calldata_gas(data) + sum(2_400 + 1_900 * len(slots) for _, slots in access)
        price = self._block.gas_price_wei if gas_price is None else gas_price
        reverted = self._not_accepted(caller, value, gas, price, intrinsic)
        if reverted:
            return reverted
        if not self._snapshots:
            self.settle()
        self._warm((caller, to, self._block.coinbase), access)
        code = self._state.get_code(raw(to))
        message = Message(gas - intrinsic, raw(to), raw(caller), value, data, code)
        return self._run(message, caller, gas, price)

    def _warm(self, accounts: Iterable[str], access: AccessList) -> None:
        for account in accounts:
            self._state.mark_address_warm(raw(account))
        for account, slots in access:
            self._state.mark_address_warm(raw(account))
            for slot in slots:
                self._state.mark_storage_warm(raw(account), slot)

    def deploy(self, caller: str, creation: bytes, value: int = 0, gas: int = DEPLOY_GAS) -> CallOutcome:
        """Create a contract."""
        intrinsic = 53_000 + calldata_gas(creation)
        price = self._block.gas_price_wei
        reverted = self._not_accepted(caller, value, gas, price, intrinsic)
        if reverted:
            return reverted
        nonce = self._state.get_nonce(raw(caller))
        self._state.set_nonce(raw(caller), nonce + 1)
        created = create_address(caller, nonce)
        if self._state.has_code_or_nonce(raw(created)):
            return CallOutcome(False, halt="collision")
        message = Message(
            gas - intrinsic, CREATE_CONTRACT_ADDRESS, raw(caller), value, b"", creation, create_address=raw(created)
        )
        return self._run(message, caller, gas, price, created)

    def _not_accepted(self, caller: str, value: int, gas: int, price: int, intrinsic: int) -> CallOutcome | None:
        if gas < intrinsic or gas > self._block.gas_limit:
            return CallOutcome(False, halt="out of gas")
        if self._state.get_balance(raw(caller)) < gas * price + value and not self._state.get_code(raw(caller)):
            return CallOutcome(False, halt="funds")
        return None

    def _run(self, message: Any, caller: str, gas: int, price: int, created: str | None = None) -> CallOutcome:
        state = self._state
        state.clear_transient_storage()
        sender = OPERATOR if state.get_code(raw(caller)) else caller
        transaction = CancunTransactionContext(gas_price=price, origin=raw(sender))
        run = state.computation_class.apply_create_message if created else state.computation_class.apply_message
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # py-evm warns where code uses SELFDESTRUCT
                sys.setrecursionlimit(DEEP)
                computation = run(state, message, transaction)
        except exceptions.VMError as error:
            return CallOutcome(False, halt=halt_of(error))
        finally:
            sys.setrecursionlimit(DEPTH)
        used = gas - computation.get_gas_remaining()
        if computation.is_error:
            halt = halt_of(computation.error)
            return CallOutcome(False, computation.output[:OUTPUT_BYTES_MAX] if halt == "revert" else b"", used, halt)
        logs = tuple(
            EmittedLog("0x" + address.hex(), tuple(topic.to_bytes(32, "big") for topic in topics), data)
            for address, topics, data in computation.get_log_entries()
        )
        output = bytes(self._state.get_code(raw(created))) if created else computation.output[:OUTPUT_BYTES_MAX]
        return CallOutcome(True, output, used - min(computation.get_gas_refund(), used // 5), "", logs, created)

    def snapshot(self) -> EngineSnapshot:
        """Remember the state."""
        if not self._snapshots:
            self.settle()
        self._snapshots.append(EngineSnapshot(self._state.snapshot()))
        return self._snapshots[-1]

    def revert(self, snapshot: EngineSnapshot) -> None:
        """Restore the state of a snapshot."""
        if all(snapshot is not known for known in self._snapshots):
            raise EngineError("expected a snapshot that is still open, found one that was used up")
        while self._snapshots.pop() is not snapshot:
            pass
        self._state.revert(snapshot.token)  # type: ignore[arg-type]

    def keep(self, snapshot: EngineSnapshot) -> None:
        """Forget the latest snapshot without restoring it."""
        if not self._snapshots or self._snapshots[-1] is not snapshot:
            raise EngineError("expected the latest snapshot, found another one")
        self._snapshots.pop()
        self._state.commit(snapshot.token)  # type: ignore[arg-type]

    def reads(
        self, caller: str, to: str, data: bytes = b"", value: int = 0, gas: int = CALL_GAS, seen: Reads | None = None
    ) -> Reads:
        """Return what a call looks at."""
        kept, self._state.seen = self._state.seen, {}
        before = self.snapshot()
        try:
            self.call(caller, to, data, value, gas)
            return self.accessed()
        finally:
            self.revert(before)
            self._state.seen = kept

    def accessed(self) -> Reads:
        """Return every account that was looked at, with its slots."""
        seen = {address: set(slots) for address, slots in self._state.seen.items()}
        return {
            "0x" + address.hex(): {slot: int(self._state.get_storage(address, slot)) for slot in sorted(slots)}
            for address, slots in seen.items()
        }


def raw(address: str) -> Any:
    """Return the 20 bytes of an address."""
    return bytes.fromhex(address[2:])


def calldata_gas(data: bytes) -> int:
    """Return what a transaction pays for its data: 4 for a zero byte, 16 for another."""
    return 16 * len(data) - 12 * data.count(0)


def halt_of(error: Exception) -> str:
    """Return the engines' common word for an error."""
    if isinstance(error, exceptions.Revert):
        return "revert"
    return next((word for kind, word in HALTS if isinstance(error, kind)), "other")


def context(block: BlockContext) -> ExecutionContext:
    """Return a block as py-evm wants it."""
    ancestors: list[Any] = [
        keccak256(b"%d" % number) for number in range(block.number - 1, max(block.number - 257, -1), -1)
    ]
    return ExecutionContext(
        coinbase=raw(block.coinbase),
        timestamp=block.time_s,
        block_number=BlockNumber(block.number),
        difficulty=0,
        mix_hash=Hash32(block.prevrandao),
        gas_limit=block.gas_limit,
        prev_hashes=ancestors,
        chain_id=block.chain_id,
        base_fee_per_gas=block.base_fee,
        excess_blob_gas=0,
    )
