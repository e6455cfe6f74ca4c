"""Code that wants to know whether it is being simulated sees nothing unusual, on either engine."""

from __future__ import annotations

import pytest

from tarazy.chains.evm.code import keccak256
from tarazy.screening.simulation.engine import BlockContext, EvmEngine

from .assembler import RETURN_WORD, assemble, creation
from .conftest import TRADER

DETECTOR = "0x" + "de" * 20

# What the code asks -> what an honest main-net transaction of an ordinary account would find (1).
QUESTIONS = {
    "gas price is not zero": "GASPRICE ISZERO ISZERO",
    "block number is of today": "PUSH4 20000000 NUMBER GT",
    "time is of today": "PUSH4 1750000000 TIMESTAMP GT",
    "origin is the caller": "ORIGIN CALLER EQ",
    "origin is not the coinbase": "COINBASE ORIGIN EQ ISZERO",
    "coinbase is not zero": "COINBASE ISZERO ISZERO",
    "caller has no code": "CALLER EXTCODESIZE ISZERO",
    "caller has the code hash of an account in use": f"CALLER EXTCODEHASH PUSH32 0x{keccak256(b'').hex()} EQ",
    "caller has a balance": "CALLER BALANCE ISZERO ISZERO",
    "base fee is not zero": "BASEFEE ISZERO ISZERO",
    "gas price is above the base fee": "BASEFEE GASPRICE GT",
    "base fee is below a hundred gwei": "PUSH8 100000000000 BASEFEE LT",
    "blob base fee is not zero": "BLOBBASEFEE ISZERO ISZERO",
    "random value is not zero": "PREVRANDAO ISZERO ISZERO",
    "chain is the main network": "CHAINID PUSH1 1 EQ",
    "block gas limit is a usual one": "PUSH4 100000000 GASLIMIT LT",
    "gas left is below the block's": "GASLIMIT GAS LT",
    "last block has a hash": "PUSH1 1 NUMBER SUB BLOCKHASH ISZERO ISZERO",
    "block 300 ago has none": "PUSH2 300 NUMBER SUB BLOCKHASH ISZERO",
    "zero account has the usual hash or none": "PUSH0 EXTCODESIZE ISZERO",
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_detection_attempt_sees_an_ordinary_transaction(engine: EvmEngine, question: str) -> None:
    engine.set_code(DETECTOR, assemble(QUESTIONS[question] + RETURN_WORD))
    assert engine.call(TRADER, DETECTOR).word == 1


@pytest.mark.parametrize("question", QUESTIONS)
def test_deployed_code_sees_the_same(engine: EvmEngine, question: str) -> None:
    done = engine.deploy(TRADER, creation(assemble(QUESTIONS[question] + RETURN_WORD)))
    assert done.created is not None
    assert engine.call(TRADER, done.created).word == 1


def test_replacing_the_base_fee_leaves_operands_alone(engine: EvmEngine) -> None:
    code = assemble("PUSH2 0x4848 POP PUSH32 0x48 BASEFEE" + RETURN_WORD)
    engine.set_code(DETECTOR, code)
    assert engine.call(TRADER, DETECTOR).word == BlockContext().base_fee
    assert engine.code(DETECTOR) == code


def test_code_sees_its_own_size_and_the_contract_its_caller_is(engine: EvmEngine) -> None:
    code = assemble("CODESIZE PUSH1 16 SHL CALLER EXTCODESIZE OR" + RETURN_WORD)
    engine.set_code(DETECTOR, code)
    seen = engine.call(TRADER, DETECTOR).word
    assert seen == len(code) << 16
