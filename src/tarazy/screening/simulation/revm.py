"""revm through pyrevm: the engine that screening uses.

What pyrevm 0.3.7 does and how it is used here:
- It executes the rules of the Cancun hard fork; later ones are not offered. An account with delegated code (EIP-7702)
  is therefore simulated as one without.
- One journal stays open over all calls; a snapshot is a checkpoint of it. Storage written directly is part of the
  journal, balances and code are not. So below a snapshot a balance is changed by paying, and code is put back by an
  undo list.
- It refuses callers with code (EIP-3607), as a chain does for transactions. A contract becomes the caller through a
  forwarder that stands in its place during the call.
- It forces the base fee to zero. Code that asks for it would know that it is watched, so the instruction BASEFEE is
  replaced with TIMESTAMP where code is placed: the time in seconds read as wei is a believable base fee. Contracts that
  the code itself creates keep the original instruction.
- Code that was inserted is analysed at each call; code that was deployed is analysed once. So code is deployed once
  in a scratch machine and its analysed form is kept and inserted.
"""

from __future__ import annotations

import functools
import importlib.metadata
import re
from collections.abc import Mapping

import pyrevm

from tarazy.chains.evm.code import keccak256
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
from tarazy.screening.simulation.revm_parts import (
    SINK,
    analysed,
    holding,
    looked_at,
    machine,
    without_base_fee,
    without_refusal,
)

NO_CODE = (b"", keccak256(b""))
# CALL with target, value and data taken from the call data; hands back what comes back.
FORWARDER = bytes.fromhex("604036038060405f375f5f825f6020355f355af13d5f5f3e601e573d5ffd5b3d5ff3")
HALTS = (
    ("OutOfGas", "out of gas"),
    ("Opcode", "invalid instruction"),
    ("InvalidJump", "invalid instruction"),
    ("NotActivated", "invalid instruction"),
    ("Stack", "stack"),
    ("OutOfFunds", "funds"),
    ("OutOfOffset", "other"),
    ("CreateContractSizeLimit", "code size"),
    ("CreateContractStartingWithEF", "code size"),
    ("CreateInitCodeSizeLimit", "code size"),
    ("CreateCollision", "collision"),
    ("Static", "static"),
    ("CallTooDeep", "depth"),
)
OUTPUT = re.compile(r"output: 0x([0-9a-f]*)")

NAME = f"revm {importlib.metadata.version('pyrevm')}"  # asked once: it reads files


class RevmEngine:
    """An `Engine` on pyrevm."""

    def __init__(self, block: BlockContext) -> None:
        self.name = NAME
        self._evm = machine(block)
        self._snapshots: list[EngineSnapshot] = []
        self._stubborn: dict[bytes, pyrevm.AccountInfo] = {}  # by hash of code: the same code without refusals
        self._announced = False  # whether the last call had an access list
        self._originals: dict[str, bytes] = {}  # code as given, where an instruction was replaced
        self._written: dict[str, dict[int, int]] = {}  # storage written directly, which may lie below the journal
        self.set_block(block)
        self._evm.set_balance(OPERATOR, ORIGIN_BALANCE)

    @property
    def block(self) -> BlockContext:
        """Return the block in which calls run."""
        return self._block

    def set_block(self, block: BlockContext) -> None:
        """Run what follows in another block."""
        self._block = block
        self._evm.set_block_env(environment(block))

    def set_nonce(self, address: str, nonce: int) -> None:
        """Say how many transactions an account has sent; for accounts without code."""
        balance = self._evm.get_balance(address)
        self._place(address, pyrevm.AccountInfo(nonce=nonce), balance)

    def set_code(self, address: str, code: bytes, nonce: int = 1) -> None:
        """Make an account a contract with this code."""
        balance = self._evm.get_balance(address)
        if self._snapshots:
            self._snapshots[-1].undo.append((address, self._evm.basic(address)))
        patched = without_base_fee(code)
        self._place(address, analysed(code) if nonce == 1 else pyrevm.AccountInfo(nonce=nonce, code=patched), balance)
        if patched != code:
            self._originals[address] = code

    def _place(self, address: str, info: pyrevm.AccountInfo, balance: int) -> None:
        self._evm.insert_account_info(address, info)
        self._evm.set_balance(address, balance)

    def set_balance(self, address: str, wei: int) -> None:
        """Give an account this many wei."""
        if not self._snapshots:
            self._evm.set_balance(address, wei)
            return
        info, now = self._evm.basic(address), self._evm.get_balance(address)
        sender, receiver = (SINK, address) if wei > now else (address, SINK)
        if wei > now:
            self._evm.set_balance(SINK, wei)  # the sink's balance is nobody's concern
        self._place(address, pyrevm.AccountInfo(nonce=info.nonce), now)
        self._evm.message_call(sender, receiver, b"", value=abs(wei - now), gas=30_000, gas_price=0)
        self._place(address, info, self._evm.get_balance(address))

    def set_storage(self, address: str, slots: Mapping[int, int]) -> None:
        """Write storage of a contract."""
        if self._snapshots:
            self._evm.get_balance(address)  # the journal writes only to accounts that it has loaded
        for slot, value in slots.items():
            self._write(address, slot, value)

    def _write(self, address: str, slot: int, value: int) -> None:
        self._evm.insert_account_storage(address, slot, value)
        self._written.setdefault(address, {})[slot] = value

    def code(self, address: str) -> bytes:
        """Return an account's code."""
        code = bytes(self._evm.get_code(address) or b"")
        if not code:
            return b""
        if (
            address in self._originals
            and without_base_fee(self._originals[address]) == code[: len(self._originals[address])]
        ):
            return self._originals[address]
        digest = self._evm.basic(address).code_hash
        if digest is not None and keccak256(code) != bytes(digest):
            # analysed code ends with 33 zero bytes of padding
            return code[:-33]
        return code

    def balance(self, address: str) -> int:
        """Return an account's wei."""
        return self._evm.get_balance(address)

    def storage(self, address: str, slot: int) -> int:
        """Return one storage slot."""
        return self._evm.storage(address, slot)

    def fill(self, address: str, balance: int, nonce: int, code: bytes, slots: Mapping[int, int] | None = None) -> None:
        """Put an account as a chain has it: into the database below the journal, where it is cold."""
        patched = without_base_fee(code)
        if patched != code:
            self._originals[address] = code
        if code and nonce == 1:
            info = holding(analysed(code), balance)
        else:
            info = pyrevm.AccountInfo(balance=balance, nonce=nonce, code=patched or None)  # type: ignore[call-arg]
        self._evm.insert_account_info(address, info)
        self.fill_slots(address, slots or {})

    def fill_slots(self, address: str, slots: Mapping[int, int]) -> None:
        """Put storage as a chain has it.

        pyrevm loads an account into the journal when it puts a slot into the database; a checkpoint takes that back.
        """
        for slot, value in slots.items():
            before = self._evm.snapshot()
            self._write(address, slot, value)
            self._evm.revert(before)
            before = self._evm.snapshot()
            kept = self._evm.storage(address, slot) == value
            self._evm.revert(before)
            if not kept:  # the account was loaded already, so the slot went into the journal
                self._write(address, slot, value)

    def settle(self) -> None:
        """Begin anew from what is there: all of it goes below the journal, whose text is read after calls on a fork."""
        self._snapshots.clear()
        seen, old = self.accessed(), self._evm
        self._evm, written = machine(self._block), self._written
        self.set_block(self._block)
        for address in {*map(str.lower, old.db_accounts), *seen}:
            self._evm.insert_account_info(address, old.basic(address))
            self.fill_slots(address, {**written.get(address, {}), **seen.get(address, {})})

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
        price = self._block.gas_price_wei if gas_price is None else gas_price
        self._evm.reset_transient_storage()
        if access or self._announced:
            self._announced = bool(access)
            listed = [(account, list(slots)) for account, slots in access]
            self._evm.set_tx_env(pyrevm.TxEnv(access_list=listed))
        if self._evm.get_code(caller):
            return self._call_as_contract(caller, to, data, value, gas, price)
        return self._message(caller, to, data, value, gas, price)

    def _call_as_contract(self, caller: str, to: str, data: bytes, value: int, gas: int, price: int) -> CallOutcome:
        """Let a contract call: a forwarder stands in its place while the call runs."""
        info, balance = self._evm.basic(caller), self._evm.get_balance(caller)
        if balance < value:
            return CallOutcome(False, halt="funds")
        self._place(caller, analysed(FORWARDER), balance)
        try:
            words = int(to, 16).to_bytes(32, "big") + value.to_bytes(32, "big")
            return self._message(OPERATOR, caller, words + data, 0, gas, price)
        finally:
            self._place(caller, info, self._evm.get_balance(caller))

    def _message(self, caller: str, to: str, data: bytes, value: int, gas: int, price: int) -> CallOutcome:
        try:
            output = self._evm.message_call(caller, to, data, value=value, gas=gas, gas_price=price)
        except RuntimeError as error:
            return self._failure(error)
        gas_used, logs = self._result()
        return CallOutcome(True, bytes(output[:OUTPUT_BYTES_MAX]), gas_used, "", logs)

    def _result(self) -> tuple[int, tuple[EmittedLog, ...]]:
        result = self._evm.result
        if result is None:
            raise EngineError("expected pyrevm to give a result for a call that succeeded, found none")
        return result.gas_used, tuple(map(log, result.logs))

    def _failure(self, error: RuntimeError) -> CallOutcome:
        text, result = str(error), self._evm.result
        if result is None:  # the transaction was not accepted at all
            halt = "funds" if "LackOfFund" in text else "out of gas" if "Gas" in text else "other"
            return CallOutcome(False, halt=halt)
        if result.reason == "Revert":
            found = OUTPUT.search(text)
            output = bytes.fromhex(found[1][: 2 * OUTPUT_BYTES_MAX]) if found else b""
            return CallOutcome(False, output, result.gas_used, "revert")
        halt = next((word for name, word in HALTS if name in result.reason), "other")
        return CallOutcome(False, b"", result.gas_used, halt)

    def deploy(self, caller: str, creation: bytes, value: int = 0, gas: int = DEPLOY_GAS) -> CallOutcome:
        """Create a contract."""
        self._evm.reset_transient_storage()
        price = self._block.gas_price_wei
        try:
            created = self._evm.deploy(caller, creation, value=value, gas=gas, gas_price=price)  # type: ignore[call-arg]
        except RuntimeError as error:
            return self._failure(error)
        gas_used, logs = self._result()
        created = created.lower()
        code = self.code(created)
        if without_base_fee(code) != code:
            self.set_code(created, code)
        return CallOutcome(True, code, gas_used, "", logs, created)

    def snapshot(self) -> EngineSnapshot:
        """Remember the state."""
        self._snapshots.append(EngineSnapshot(self._evm.snapshot()))
        return self._snapshots[-1]

    def revert(self, snapshot: EngineSnapshot) -> None:
        """Restore the state of a snapshot."""
        if all(snapshot is not known for known in self._snapshots):
            raise EngineError("expected a snapshot that is still open, found one that was used up")
        while True:
            latest = self._snapshots.pop()
            for address, info in reversed(latest.undo):  # first, so that the journal finds what it left
                balance = self._evm.get_balance(address)
                self._place(address, info, balance)  # type: ignore[arg-type]
            self._evm.revert(latest.token)  # type: ignore[arg-type]
            if latest is snapshot:
                return

    def keep(self, snapshot: EngineSnapshot) -> None:
        """Forget the latest snapshot without restoring it."""
        if not self._snapshots or self._snapshots[-1] is not snapshot:
            raise EngineError("expected the latest snapshot, found another one")
        self._snapshots.pop()
        if self._snapshots:
            self._snapshots[-1].undo.extend(snapshot.undo)
        self._evm.commit()

    def reads(
        self, caller: str, to: str, data: bytes = b"", value: int = 0, gas: int = CALL_GAS, seen: Reads | None = None
    ) -> Reads:
        """Return what a call looks at.

        revm forgets what a reverted part of a call has looked at. So the call is run again on code that cannot revert,
        where REVERT hands its data back as an answer, until no further contract is met.
        """
        found: Reads = {address: dict(slots) for address, slots in (seen or {}).items()}
        persuaded: set[str] | None = None  # without `seen` the first run is as it is
        while persuaded != set(found):
            before = self.snapshot()
            persuaded = set(found)
            infos = {address: self._evm.basic(address) for address in sorted(persuaded)}
            for address, info in infos.items():
                self._persuade(address, info)
            self.call(caller, to, data, value, gas)
            for address, slots in self.accessed().items():  # what is loaded below a snapshot is forgotten with it
                found.setdefault(address, {}).update(slots)
            self.revert(before)
            self._mend(infos)
        return found

    def _mend(self, infos: Mapping[str, pyrevm.AccountInfo]) -> None:
        """Put nonces back from which the journal has taken creations that the undo list had taken already."""
        before = self._evm.snapshot()
        wrong = {address: info for address, info in infos.items() if self._evm.basic(address).nonce != info.nonce}
        self._evm.revert(before)
        for address, info in wrong.items():
            self._place(address, info, self._evm.get_balance(address))

    def _persuade(self, address: str, info: pyrevm.AccountInfo) -> None:
        """Put code that cannot revert in a contract's place, until the latest snapshot is reverted."""
        digest = bytes(info.code_hash or b"")
        if digest in NO_CODE:
            return
        if digest not in self._stubborn:
            self._stubborn[digest] = analysed(without_refusal(self.code(address)))
        self._snapshots[-1].undo.append((address, info))
        self._place(address, self._stubborn[digest], self._evm.get_balance(address))

    def accessed(self) -> Reads:
        """Return every account that was looked at, with its slots."""
        return looked_at(self._evm.journal_str)


@functools.lru_cache(maxsize=256)
def environment(block: BlockContext) -> pyrevm.BlockEnv:
    """Return a block as revm wants it."""
    return pyrevm.BlockEnv(
        number=block.number,
        coinbase=block.coinbase,
        timestamp=block.time_s,
        prevrandao=block.prevrandao,
        basefee=block.base_fee,
        gas_limit=block.gas_limit,
        excess_blob_gas=0,
    )


def log(raw: pyrevm.Log) -> EmittedLog:
    """Return an event in the engines' common form."""
    topics, data = raw.data
    return EmittedLog(raw.address.lower(), tuple(bytes(topic) for topic in topics), bytes(data))
