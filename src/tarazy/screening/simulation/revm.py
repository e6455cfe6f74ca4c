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

from tarazy.screening.simulation.engine import (
    CALL_GAS,
    DEPLOY_GAS,
    OPERATOR,
    ORIGIN_BALANCE,
    OUTPUT_BYTES_MAX,
    AccessList,
    Block,
    EngineError,
    Log,
    Outcome,
    Reads,
    Snapshot,
    keccak256,
)

SPEC = "CANCUN"
NO_CODE = (b"", keccak256(b""))
BASEFEE, TIMESTAMP = 0x48, 0x42
# An account that keeps what is taken away.
SINK = "0x51c09ad7f3be26e8140d7a92c5f01b8e63d7a4f9"
# CALL with target, value and data taken from the call data; hands back what comes back.
FORWARDER = bytes.fromhex("604036038060405f395f5f825f6020355f355af13d5f5f3e601e573d5ffd5b3d5ff3")
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
ACCOUNT = re.compile(r"(0x[0-9a-f]{40}): Account \{")
SLOT = re.compile(r"(\d+): StorageSlot \{ previous_or_original_value: \d+, present_value: (\d+)")

NAME = f"revm {importlib.metadata.version('pyrevm')}"  # asked once: it reads files


class RevmEngine:
    """An `Engine` on pyrevm."""

    def __init__(self, block: Block) -> None:
        self.name = NAME
        config = pyrevm.CfgEnv(chain_id=block.chain_id)
        self._evm = pyrevm.EVM(env=pyrevm.Env(cfg=config), gas_limit=block.gas_limit, spec_id=SPEC)
        self._snapshots: list[Snapshot] = []
        self._stubborn: dict[bytes, pyrevm.AccountInfo] = {}  # by hash of code: the same code without refusals
        self._announced = False  # whether the last call had an access list
        self._originals: dict[str, bytes] = {}  # code as given, where an instruction was replaced
        self.set_block(block)
        self._evm.set_balance(OPERATOR, ORIGIN_BALANCE)

    @property
    def block(self) -> Block:
        """Return the block in which calls run."""
        return self._block

    def set_block(self, block: Block) -> None:
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
            self._evm.insert_account_storage(address, slot, value)

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
        """Put an account as a chain has it: into the database below the journal, where it is cold.

        pyrevm loads an account into the journal when it puts a slot into the database; a checkpoint takes that back.
        """
        patched = without_base_fee(code)
        if patched != code:
            self._originals[address] = code
        if code and (balance, nonce) == (0, 1):
            info = analysed(code)
        else:
            info = pyrevm.AccountInfo(balance=balance, nonce=nonce, code=patched or None)  # type: ignore[call-arg]
        self._evm.insert_account_info(address, info)
        for slot, value in (slots or {}).items():
            before = self._evm.snapshot()
            self._evm.insert_account_storage(address, slot, value)
            self._evm.revert(before)
            before = self._evm.snapshot()
            kept = self._evm.storage(address, slot) == value
            self._evm.revert(before)
            if not kept:  # the account was loaded already, so the slot went into the journal
                self._evm.insert_account_storage(address, slot, value)

    def call(
        self,
        caller: str,
        to: str,
        data: bytes = b"",
        value: int = 0,
        gas: int = CALL_GAS,
        gas_price: int | None = None,
        access: AccessList = (),
    ) -> Outcome:
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

    def _call_as_contract(self, caller: str, to: str, data: bytes, value: int, gas: int, price: int) -> Outcome:
        """Let a contract call: a forwarder stands in its place while the call runs."""
        info, balance = self._evm.basic(caller), self._evm.get_balance(caller)
        if balance < value:
            return Outcome(False, halt="funds")
        self._place(caller, analysed(FORWARDER), balance)
        try:
            words = int(to, 16).to_bytes(32, "big") + value.to_bytes(32, "big")
            return self._message(OPERATOR, caller, words + data, 0, gas, price)
        finally:
            self._place(caller, info, self._evm.get_balance(caller))

    def _message(self, caller: str, to: str, data: bytes, value: int, gas: int, price: int) -> Outcome:
        try:
            output = self._evm.message_call(caller, to, data, value=value, gas=gas, gas_price=price)
        except RuntimeError as error:
            return self._failure(error)
        gas_used, logs = self._result()
        return Outcome(True, bytes(output[:OUTPUT_BYTES_MAX]), gas_used, "", logs)

    def _result(self) -> tuple[int, tuple[Log, ...]]:
        result = self._evm.result
        if result is None:
            raise EngineError("expected pyrevm to give a result for a call that succeeded, found none")
        return result.gas_used, tuple(map(log, result.logs))

    def _failure(self, error: RuntimeError) -> Outcome:
        text, result = str(error), self._evm.result
        if result is None:  # the transaction was not accepted at all
            halt = "funds" if "LackOfFund" in text else "out of gas" if "Gas" in text else "other"
            return Outcome(False, halt=halt)
        if result.reason == "Revert":
            found = OUTPUT.search(text)
            output = bytes.fromhex(found[1][: 2 * OUTPUT_BYTES_MAX]) if found else b""
            return Outcome(False, output, result.gas_used, "revert")
        halt = next((word for name, word in HALTS if name in result.reason), "other")
        return Outcome(False, b"", result.gas_used, halt)

    def deploy(self, caller: str, creation: bytes, value: int = 0, gas: int = DEPLOY_GAS) -> Outcome:
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
        return Outcome(True, code, gas_used, "", logs, created)

    def snapshot(self) -> Snapshot:
        """Remember the state."""
        self._snapshots.append(Snapshot(self._evm.snapshot()))
        return self._snapshots[-1]

    def revert(self, snapshot: Snapshot) -> None:
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

    def keep(self, snapshot: Snapshot) -> None:
        """Forget the latest snapshot without restoring it."""
        if not self._snapshots or self._snapshots[-1] is not snapshot:
            raise EngineError("expected the latest snapshot, found another one")
        self._snapshots.pop()
        if self._snapshots:
            self._snapshots[-1].undo.extend(snapshot.undo)
        self._evm.commit()

    def reads(self, caller: str, to: str, data: bytes = b"", value: int = 0, gas: int = CALL_GAS) -> Reads:
        """Return what a call looks at.

        revm forgets what a refused part of a call has looked at. So the call is run again on code that cannot refuse,
        where REVERT hands its data back as an answer, until no further contract is met.
        """
        found: Reads = {}
        persuaded: set[str] | None = None  # the first run is as it is
        while persuaded is None or persuaded != set(found):
            before = self.snapshot()
            persuaded = set() if persuaded is None else set(found)
            for address in sorted(persuaded):
                self._persuade(address)
            self.call(caller, to, data, value, gas)
            for address, slots in self.accessed().items():  # what is loaded below a snapshot is forgotten with it
                found.setdefault(address, {}).update(slots)
            self.revert(before)
        return found

    def _persuade(self, address: str) -> None:
        """Put code that cannot refuse in a contract's place, until the latest snapshot is reverted."""
        info = self._evm.basic(address)
        digest = bytes(info.code_hash or b"")
        if digest in NO_CODE:
            return
        if digest not in self._stubborn:
            self._stubborn[digest] = analysed(without_refusal(self.code(address)))
        self._snapshots[-1].undo.append((address, info))
        self._place(address, self._stubborn[digest], self._evm.get_balance(address))

    def accessed(self) -> Reads:
        """Return every account that was looked at, with its slots."""
        found: Reads = {}
        text = self._evm.journal_str
        for head in ACCOUNT.finditer(text):
            begin = text.index("storage: {", head.end())  # what stands before is code, which is long
            end = text.index("status: ", begin)
            found[head[1]] = {int(slot): int(value) for slot, value in SLOT.findall(text, begin, end)}
        return found


@functools.lru_cache(maxsize=256)
def environment(block: Block) -> pyrevm.BlockEnv:
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


def log(raw: pyrevm.Log) -> Log:
    """Return an event in the engines' common form."""
    topics, data = raw.data
    return Log(raw.address.lower(), tuple(bytes(topic) for topic in topics), bytes(data))


@functools.lru_cache(maxsize=512)
def analysed(code: bytes) -> pyrevm.AccountInfo:
    """Return an account with this code in revm's analysed form, so that no call has to analyse it again."""
    code = without_base_fee(code)
    config = pyrevm.CfgEnv(chain_id=1, limit_contract_code_size=1 << 24)
    scratch = pyrevm.EVM(env=pyrevm.Env(cfg=config), gas_limit=1 << 62, spec_id=SPEC)
    head = b"\x62" + len(code).to_bytes(3, "big") + bytes.fromhex("80600d5f395ff300")  # return all after these 13 bytes
    try:
        return scratch.basic(scratch.deploy(OPERATOR, head.ljust(13, b"\0") + code))
    except RuntimeError:  # code that starts with 0xEF cannot be deployed, only inserted
        return pyrevm.AccountInfo(nonce=1, code=code)


@functools.lru_cache(maxsize=512)
def without_base_fee(code: bytes) -> bytes:
    """Return the code with every BASEFEE instruction replaced; the trailer that Solidity appends is left alone."""
    if BASEFEE not in code:
        return code
    trailer = int.from_bytes(code[-2:], "big") + 2  # its length is in the last two bytes
    end = len(code) - trailer if trailer < 128 and trailer < len(code) else len(code)
    return replaced(code, {BASEFEE: TIMESTAMP}, end)


@functools.lru_cache(maxsize=512)
def without_refusal(code: bytes) -> bytes:
    """Return the code with every REVERT made a RETURN and every INVALID a STOP."""
    return replaced(code, {0xFD: 0xF3, 0xFE: 0x00}, len(code))


def replaced(code: bytes, instructions: Mapping[int, int], end: int) -> bytes:
    """Return code with instructions replaced; operands of PUSH are left alone."""
    patched, at = bytearray(code), 0
    while at < end:
        instruction = code[at]
        patched[at] = instructions.get(instruction, instruction)
        at += 1 + (instruction - 0x5F if 0x60 <= instruction <= 0x7F else 0)
    return bytes(patched)
