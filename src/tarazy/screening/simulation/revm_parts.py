"""Code, accounts and the journal as pyrevm takes and shows them; why it is so is said in revm.py."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

import pyrevm

from tarazy.screening.simulation.engine import OPERATOR, BlockContext, Reads

SPEC = "CANCUN"
BASEFEE, TIMESTAMP = 0x48, 0x42
# An account that keeps what is taken away.
SINK = "0x51c09ad7f3be26e8140d7a92c5f01b8e63d7a4f9"
SLOT = re.compile(r"(\d+): StorageSlot \{ previous_or_original_value: \d+, present_value: (\d+)")
STATE, STORAGE, STATUS, EMPTY = "{ state: {", "storage: {", "status: ", len("storage: {}, ")  # in the journal's text


def machine(block: BlockContext) -> pyrevm.EVM:
    """Return an empty machine."""
    config = pyrevm.CfgEnv(chain_id=block.chain_id)
    return pyrevm.EVM(env=pyrevm.Env(cfg=config), gas_limit=block.gas_limit, spec_id=SPEC)


def looked_at(journal: str) -> Reads:
    """Return every account in the text of a journal, with its slots."""
    found: Reads = {}
    at = journal.index(STATE) + len(STATE)
    while journal.startswith("0x", at):
        begin = journal.index(STORAGE, journal.index("}", at))  # code, which is long, has no brace: one jump passes it
        end = journal.index(STATUS, begin)
        found[journal[at : at + 42]] = slots_in(journal[begin:end]) if end - begin > EMPTY else {}
        at = journal.index("}", end) + len("}, ")
    return found


@functools.lru_cache(maxsize=2_048)
def slots_in(text: str) -> dict[int, int]:
    """Return the slots of an account; after most calls they are those of a call before. Nobody may change them."""
    return {integer(slot): integer(value) for slot, value in SLOT.findall(text)}


integer = functools.lru_cache(maxsize=16_384)(int)  # the same few numbers, of up to 78 digits, are read again and again


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


def holding(info: pyrevm.AccountInfo, balance: int) -> pyrevm.AccountInfo:
    """Return an account that also has ether."""
    if not balance:
        return info
    scratch = machine(BlockContext())
    scratch.insert_account_info(SINK, info)
    scratch.set_balance(SINK, balance)
    return scratch.basic(SINK)


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
