"""What every engine must do, whichever it is."""

from __future__ import annotations

import time

import pytest

from tarazy.chains.evm.code import create_address, keccak256
from tarazy.screening.simulation.engine import (
    OUTPUT_BYTES_MAX,
    BlockContext,
    EngineError,
    EvmEngine,
    revert_reason,
    sandbox,
    view,
)
from tarazy.screening.simulation.engines import load_engine

from .assembler import RETURN_WORD, assemble, creation, push_address
from .conftest import OTHER, TRADER

CONTRACT = "0x" + "c0" * 20
SECOND = "0x" + "c1" * 20
# Writes the first word of the call data into slot 5 and logs it with a topic.
WRITE = assemble("PUSH0 CALLDATALOAD DUP1 PUSH1 5 SSTORE PUSH0 MSTORE PUSH1 7 PUSH1 32 PUSH0 LOG1 STOP")


def word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def run(engine: EvmEngine, text: str, **call: int) -> int | None:
    """Return the word that instructions leave on the stack."""
    engine.set_code(CONTRACT, assemble(text + RETURN_WORD))
    return engine.call(TRADER, CONTRACT, **call).word


def test_call_writes_storage_and_logs(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, WRITE)
    done = engine.call(TRADER, CONTRACT, word(77))
    assert done.succeeded
    assert done.halt == ""
    assert engine.storage(CONTRACT, 5) == 77
    assert [(log.address, log.topics, log.data) for log in done.logs] == [(CONTRACT, (word(7),), word(77))]


def test_a_second_call_sees_only_its_own_logs(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, WRITE)
    engine.call(TRADER, CONTRACT, word(1))
    assert len(engine.call(TRADER, CONTRACT, word(2)).logs) == 1


def test_refusal_hands_back_its_data_and_changes_nothing(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, assemble("PUSH1 9 PUSH1 5 SSTORE PUSH4 0xdeadbeef PUSH0 MSTORE PUSH1 4 PUSH1 28 REVERT"))
    done = engine.call(TRADER, CONTRACT)
    assert (done.succeeded, done.halt, done.output.hex()) == (False, "revert", "deadbeef")
    assert engine.storage(CONTRACT, 5) == 0


@pytest.mark.parametrize(
    ("text", "halt"),
    [
        ("loop: @loop JUMP", "out of gas"),
        ("INVALID", "invalid instruction"),
        ("PUSH1 1 JUMP", "invalid instruction"),
        ("ADD", "stack"),
        ("loop: PUSH0 @loop JUMP", "stack"),
        ("PUSH1 1 PUSH5 0xffffffffff MSTORE", "out of gas"),
        ("PUSH5 0xffffffffff PUSH0 RETURN", "out of gas"),
    ],
)
def test_bomb_stops_with_its_reason(engine: EvmEngine, text: str, halt: str) -> None:
    engine.set_code(CONTRACT, assemble(text))
    done = engine.call(TRADER, CONTRACT, gas=200_000)
    assert (done.succeeded, done.halt, done.output) == (False, halt, b"")
    assert done.gas_used == 200_000


def test_revm_ends_an_infinite_loop_in_bounded_time() -> None:
    engine = load_engine("revm")
    engine.set_balance(TRADER, 10**20)
    engine.set_code(CONTRACT, assemble("loop: @loop JUMP"))
    begin = time.monotonic()
    assert engine.call(TRADER, CONTRACT).halt == "out of gas"
    assert time.monotonic() - begin < 2


def test_revm_bounds_calls_of_itself_to_the_end() -> None:
    engine = load_engine("revm")
    engine.set_balance(TRADER, 10**20)
    engine.set_code(
        CONTRACT, assemble("again: PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ADDRESS GAS CALL PUSH3 0x1fffff MLOAD @again JUMP")
    )
    begin = time.monotonic()
    assert not engine.call(TRADER, CONTRACT).succeeded
    assert time.monotonic() - begin < 5


def test_answer_longer_than_the_limit_is_cut(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, assemble("PUSH3 0x040000 PUSH0 RETURN"))
    done = engine.call(TRADER, CONTRACT, gas=2_000_000)
    assert done.succeeded
    assert len(done.output) == OUTPUT_BYTES_MAX


def test_reason_longer_than_the_limit_is_cut(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, assemble("PUSH3 0x040000 PUSH0 REVERT"))
    done = engine.call(TRADER, CONTRACT, gas=2_000_000)
    assert not done.succeeded
    assert len(done.output) == OUTPUT_BYTES_MAX


def test_deployment_leaves_code_at_the_next_address(engine: EvmEngine) -> None:
    first, second = (engine.deploy(TRADER, creation(WRITE)) for _ in range(2))
    assert (first.created, second.created) == (create_address(TRADER, 0), create_address(TRADER, 1))
    assert first.output == engine.code(create_address(TRADER, 0)) == WRITE


def test_deployment_that_refuses_creates_nothing(engine: EvmEngine) -> None:
    done = engine.deploy(TRADER, assemble("PUSH0 PUSH0 REVERT"))
    assert (done.succeeded, done.halt, done.created) == (False, "revert", None)


def test_deployment_beyond_the_code_size_limit_is_refused(engine: EvmEngine) -> None:
    done = engine.deploy(TRADER, assemble("PUSH2 0x6001 PUSH0 RETURN"))
    assert not done.succeeded


def test_deployment_that_was_undone_can_be_repeated(engine: EvmEngine) -> None:
    runtime = assemble("BASEFEE" + RETURN_WORD)
    before = engine.snapshot()
    first = engine.deploy(TRADER, creation(runtime))
    engine.revert(before)
    assert engine.code(first.created or "") == b""
    assert engine.deploy(TRADER, creation(runtime)) == first


def test_deployed_code_is_given_back_without_padding(engine: EvmEngine) -> None:
    code = assemble("PUSH1 1 PUSH0 SSTORE STOP") + b"\0" * 40
    created = engine.deploy(TRADER, creation(code)).created
    assert created is not None
    assert engine.code(created) == code


@pytest.mark.parametrize("size", [1, 31, 33, 24_576])
def test_placed_code_is_given_back_as_it_was(engine: EvmEngine, size: int) -> None:
    code = bytes(range(256)) * 96
    engine.set_code(CONTRACT, code[:size])
    assert engine.code(CONTRACT) == code[:size]
    size_seen = run(engine, f"{push_address(CONTRACT)} EXTCODESIZE")
    assert size_seen == len(engine.code(CONTRACT))


def test_code_that_cannot_be_deployed_can_still_be_placed(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, b"\xef\x00\x01")
    assert engine.code(CONTRACT) == b"\xef\x00\x01"
    assert not engine.call(TRADER, CONTRACT).succeeded


def test_value_moves_with_the_call(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, assemble("STOP"))
    before = engine.balance(TRADER)
    engine.call(TRADER, CONTRACT, value=123)
    assert (engine.balance(CONTRACT), engine.balance(TRADER)) == (123, before - 123)


def test_caller_that_cannot_pay_is_refused(engine: EvmEngine) -> None:
    assert engine.call("0x" + "12" * 20, CONTRACT).halt == "funds"
    assert engine.call(TRADER, CONTRACT, value=10**21).halt == "funds"


def test_gas_below_the_least_is_refused(engine: EvmEngine) -> None:
    assert engine.call(TRADER, CONTRACT, gas=20_000).halt == "out of gas"


def test_snapshot_restores_what_calls_wrote(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, WRITE)
    before = engine.snapshot()
    engine.call(TRADER, CONTRACT, word(1), value=5)
    inner = engine.snapshot()
    engine.call(TRADER, CONTRACT, word(2))
    engine.revert(inner)
    assert engine.storage(CONTRACT, 5) == 1
    engine.revert(before)
    assert (engine.storage(CONTRACT, 5), engine.balance(CONTRACT)) == (0, 0)


def test_snapshot_restores_what_was_written_directly(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, WRITE)
    engine.set_storage(CONTRACT, {5: 3, 6: 4})
    engine.set_balance(CONTRACT, 50)
    before = engine.snapshot()
    engine.call(TRADER, CONTRACT, word(1), value=7)
    engine.set_storage(CONTRACT, {5: 9, 6: 0, 7: 8})
    engine.set_balance(CONTRACT, 20)
    engine.set_balance(OTHER, 10**21)
    engine.set_code(CONTRACT, assemble("STOP"))
    engine.set_code(SECOND, assemble("STOP"))
    assert [engine.storage(CONTRACT, slot) for slot in (5, 6, 7)] == [9, 0, 8]
    assert (engine.balance(CONTRACT), engine.balance(OTHER)) == (20, 10**21)
    engine.revert(before)
    assert [engine.storage(CONTRACT, slot) for slot in (5, 6, 7)] == [3, 4, 0]
    assert (engine.balance(CONTRACT), engine.balance(OTHER)) == (50, 10**20)
    assert (engine.code(CONTRACT), engine.code(SECOND)) == (WRITE, b"")


def test_direct_writes_below_a_snapshot_keep_code_and_balance(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, WRITE)
    engine.set_balance(CONTRACT, 10)
    engine.snapshot()
    engine.set_storage(CONTRACT, {1: 1})
    engine.set_balance(CONTRACT, 30)
    assert (engine.code(CONTRACT), engine.balance(CONTRACT)) == (WRITE, 30)
    assert engine.call(TRADER, CONTRACT, word(4)).succeeded
    assert engine.storage(CONTRACT, 5) == 4


def test_reverting_an_outer_snapshot_undoes_the_inner_ones(engine: EvmEngine) -> None:
    outer = engine.snapshot()
    engine.set_code(CONTRACT, WRITE)
    inner = engine.snapshot()
    engine.call(TRADER, CONTRACT, word(1))
    engine.revert(outer)
    assert engine.code(CONTRACT) == b""
    with pytest.raises(EngineError, match="used up"):
        engine.revert(inner)


def test_kept_snapshot_leaves_its_changes_to_the_one_around_it(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, WRITE)
    outer = engine.snapshot()
    inner = engine.snapshot()
    engine.call(TRADER, CONTRACT, word(1), value=5)
    engine.set_code(SECOND, WRITE)
    engine.keep(inner)
    assert (engine.storage(CONTRACT, 5), engine.balance(CONTRACT)) == (1, 5)
    engine.revert(outer)
    assert (engine.storage(CONTRACT, 5), engine.balance(CONTRACT), engine.code(SECOND)) == (0, 0, b"")
    with pytest.raises(EngineError, match="latest snapshot"):
        engine.keep(inner)


def test_contract_created_by_an_account_follows_its_nonce(engine: EvmEngine) -> None:
    engine.set_nonce(TRADER, 41)
    assert engine.deploy(TRADER, creation(WRITE)).created == create_address(TRADER, 41)


def test_sandbox_restores_state_and_block_after_an_error(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, WRITE)

    def fail_later() -> None:
        with sandbox(engine):
            engine.set_block(engine.block.after(86_400))
            assert engine.call(TRADER, CONTRACT, word(1)).succeeded
            raise KeyError

    with pytest.raises(KeyError):
        fail_later()
    assert (engine.storage(CONTRACT, 5), engine.block) == (0, BlockContext())


def test_view_leaves_no_mark(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, WRITE)
    assert view(engine, CONTRACT, word(3), TRADER).succeeded
    assert engine.storage(CONTRACT, 5) == 0


def test_transient_storage_is_empty_at_each_call(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, assemble("PUSH0 TLOAD PUSH1 1 PUSH0 TSTORE" + RETURN_WORD))
    assert [engine.call(TRADER, CONTRACT).word for _ in range(2)] == [0, 0]


def test_time_and_number_follow_the_block(engine: EvmEngine) -> None:
    later = engine.block.after(7 * 86_400)
    assert later.number - engine.block.number == 7 * 86_400 // 12
    engine.set_block(later)
    assert run(engine, "TIMESTAMP") == later.time_s
    assert run(engine, "NUMBER") == later.number
    assert run(engine, "PREVRANDAO") == int.from_bytes(later.prevrandao, "big")


def test_contract_may_be_the_caller(engine: EvmEngine) -> None:
    engine.set_code(SECOND, assemble("CALLER" + RETURN_WORD))
    engine.set_code(CONTRACT, assemble("STOP"))
    engine.set_balance(CONTRACT, 100)
    done = engine.call(CONTRACT, SECOND, value=60)
    assert done.word == int(CONTRACT, 16)
    assert (engine.balance(CONTRACT), engine.balance(SECOND)) == (40, 60)
    assert engine.code(CONTRACT) == assemble("STOP")
    assert engine.call(CONTRACT, SECOND, value=60).halt == "funds"


def test_contract_as_caller_gets_the_reason_of_a_refusal(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, assemble("STOP"))
    engine.set_code(SECOND, assemble("CALLDATASIZE PUSH0 MSTORE PUSH1 32 PUSH0 REVERT"))
    done = engine.call(CONTRACT, SECOND, b"12345")
    assert (done.halt, int.from_bytes(done.output, "big")) == ("revert", 5)


def test_contract_as_caller_sends_the_data_as_given_and_hands_back_the_answer(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, assemble("STOP"))
    engine.set_code(SECOND, assemble("CALLDATASIZE PUSH0 PUSH0 CALLDATACOPY CALLDATASIZE PUSH0 RETURN"))
    for data in (b"", b"\x01", bytes(range(1, 69)), b"\0" * 40 + b"\xff" * 300):
        assert engine.call(CONTRACT, SECOND, data).output == data


def test_accessed_shows_accounts_and_slots(engine: EvmEngine) -> None:
    engine.set_code(
        CONTRACT, assemble(f"PUSH1 9 SLOAD POP {push_address(SECOND)} BALANCE POP PUSH1 3 PUSH1 8 SSTORE STOP")
    )
    engine.call(TRADER, CONTRACT)
    seen = engine.accessed()
    assert seen[CONTRACT] == {8: 3, 9: 0}
    assert seen[SECOND] == {}


def test_selfdestruct_of_a_contract_that_stood_before_keeps_its_code(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, assemble(f"{push_address(OTHER)} SELFDESTRUCT"))
    engine.set_balance(CONTRACT, 40)
    before = engine.balance(OTHER)
    assert engine.call(TRADER, CONTRACT).succeeded
    assert (engine.balance(OTHER) - before, engine.balance(CONTRACT)) == (40, 0)
    assert engine.code(CONTRACT) != b""


def test_unknown_engine_is_refused() -> None:
    with pytest.raises(EngineError, match="expected engine revm or py-evm, found 'geth'"):
        load_engine("geth")


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("", "reverted without a reason"),
        ("08c379a0" + f"{32:064x}" + f"{5:064x}" + b"TP:01".hex().ljust(64, "0"), "TP:01"),
        ("08c379a0" + f"{32:064x}" + f"{2**255:064x}" + "41" * 300, "A" * 256),
        ("08c379a0" + f"{32:064x}" + f"{0:064x}", "reverted with an empty reason"),
        ("4e487b71" + f"{0x11:064x}", "panic 0x11: arithmetic overflow"),
        ("4e487b71" + f"{0x99:064x}", "panic 0x99: unknown"),
        ("ffe4dafe", "reverted with 0xffe4dafe"),
    ],
)
def test_reason_is_said_in_words(output: str, words: str) -> None:
    assert revert_reason(bytes.fromhex(output)) == words


def test_keccak_is_the_one_of_the_chain() -> None:
    assert keccak256(b"transfer(address,uint256)")[:4].hex() == "a9059cbb"


def test_first_call_on_filled_state_uses_the_gas_of_a_chain(engine: EvmEngine) -> None:
    code = assemble("PUSH0 SLOAD POP PUSH1 1 SLOAD POP PUSH0 CALLDATALOAD PUSH1 5 SSTORE")
    engine.fill(CONTRACT, 0, 1, code, {0: 1, 1: 1, 5: 1})
    done = engine.call(TRADER, CONTRACT, word(7))
    # 21,000 and the data; SLOAD of a cold slot 2,100; SSTORE of a cold slot that changes 5,000; cheap instructions
    assert done.gas_used == 21_000 + 31 * 4 + 16 + 2 * 2_100 + 5_000 + (2 + 2) + (3 + 2) + (2 + 3 + 3)
    assert [engine.storage(CONTRACT, slot) for slot in (0, 1, 5)] == [1, 1, 7]


def test_access_list_costs_and_saves_what_it_does_on_a_chain(engine: EvmEngine) -> None:
    code = assemble(f"PUSH1 9 SLOAD POP {push_address(SECOND)} BALANCE POP")
    engine.fill(CONTRACT, 0, 1, code)
    engine.fill(SECOND, 1, 0, b"")
    done = engine.call(TRADER, CONTRACT, access=((CONTRACT, (9,)), (SECOND, ())))
    assert done.gas_used == 21_000 + 2 * 2_400 + 1_900 + 3 + 100 + 2 + 3 + 100 + 2


def test_reads_of_a_call_show_also_what_a_refused_part_looked_at(engine: EvmEngine) -> None:
    inner = assemble("PUSH1 70 SLOAD POP PUSH0 PUSH0 REVERT")
    outer = (
        f"PUSH1 60 SLOAD POP PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 {push_address(SECOND)} GAS CALL POP PUSH1 61 SLOAD INVALID"
    )
    engine.set_code(CONTRACT, assemble(outer))
    engine.set_code(SECOND, inner)
    engine.set_storage(SECOND, {70: 5})
    seen = engine.reads(TRADER, CONTRACT)
    assert set(seen[CONTRACT]) == {60, 61}
    assert seen[SECOND] == {70: 5}
    assert engine.code(CONTRACT) == assemble(outer)
    assert engine.call(TRADER, CONTRACT).halt == "invalid instruction"
