"""A transaction before it is signed: changes, allowances, calls inside, risks in words."""

from __future__ import annotations

import pytest

from tarazy.chains.evm.abi import selector
from tarazy.chains.evm.code import keccak256
from tarazy.screening.simulation.abi import UINT_MAX, call_data, word
from tarazy.screening.simulation.artifacts import runtime
from tarazy.screening.simulation.engine import BlockContext
from tarazy.screening.simulation.sources import ChainAccount, SuppliedState
from tarazy.screening.simulation.transaction import TransactionOutcome, simulate_transaction
from tarazy.screening.simulation.transaction_request import Known, TransactionRequest
from tarazy.screening.simulation.venues import VENUES

from .assembler import RETURN_WORD, assemble, push_address
from .conftest import OTHER, TRADER

WETH, ROUTER = VENUES[0].weth, VENUES[0].router
QUIET, FORWARD, EMPTY = "0x" + "d1" * 20, "0x" + "d2" * 20, "0x" + "d3" * 20
HELD = 5 * 10**18


def mapping(key: str, root: int) -> int:
    return int.from_bytes(keccak256(word(key) + word(root)), "big")


def state(**codes: bytes) -> SuppliedState:
    """Return a state in which the trader has ether and wrapped ether, and the router may not take any."""
    accounts = {
        TRADER: ChainAccount(10**20, 3),
        OTHER: ChainAccount(10**18, 1),
        WETH: ChainAccount(10**21, 1, runtime("WrappedEther")),
        ROUTER: ChainAccount(0, 1, runtime("PairRouter")),
        **{address: ChainAccount(0, 1, code) for address, code in codes.items()},
    }
    return SuppliedState(accounts, {(WETH, mapping(TRADER, 0)): HELD})


def ask(
    data: bytes, to: str | None = WETH, value: int = 0, known: Known | None = None, **more: bytes
) -> TransactionOutcome:
    return simulate_transaction(TransactionRequest(1, TRADER, to, data, value), state(**more), known or Known())


def codes(outcome: TransactionOutcome) -> set[str]:
    return {risk.code for risk in outcome.risks}


def test_payment_changes_two_balances_and_is_no_risk() -> None:
    done = ask(b"", OTHER, 10**17)
    assert done.succeeded
    assert {(c.account, c.asset, c.change) for c in done.balances} == {
        (TRADER, "native", -(10**17)),
        (OTHER, "native", 10**17),
    }
    assert done.gas_used == 21_000
    assert done.fee_wei == 21_000 * BlockContext().gas_price_wei
    assert done.risks == ()


def test_token_transfer_is_measured_on_both_sides() -> None:
    done = ask(call_data("transfer(address,uint256)", OTHER, 10**18))
    assert {(c.account, c.asset, c.change) for c in done.balances} == {
        (TRADER, WETH, -(10**18)),
        (OTHER, WETH, 10**18),
    }
    assert [event.name for event in done.events] == ["Transfer"]
    assert dict(done.events[0].arguments) == {"from": TRADER, "to": OTHER, "value": 10**18}
    assert done.input is not None
    assert done.input.signature == "transfer(address,uint256)"


def test_transfer_of_all_tokens_is_said() -> None:
    done = ask(call_data("transfer(address,uint256)", OTHER, HELD))
    assert "transfer_of_everything" in codes(done)
    assert "nothing is left" in next(r.text for r in done.risks if r.code == "transfer_of_everything")


def test_transfer_of_half_is_not() -> None:
    assert "transfer_of_everything" not in codes(ask(call_data("transfer(address,uint256)", OTHER, HELD // 2)))


def test_unlimited_approval_of_a_contract_is_said() -> None:
    done = ask(call_data("approve(address,uint256)", ROUTER, UINT_MAX))
    change = done.allowances[0]
    assert (change.owner, change.spender, change.before, change.after) == (TRADER, ROUTER, 0, UINT_MAX)
    assert change.unlimited
    assert {"unlimited_approval", "risky_function"} == codes(done)


def test_approval_of_an_account_without_code_is_a_high_risk() -> None:
    done = ask(call_data("approve(address,uint256)", OTHER, 5))
    assert {"approval", "approval_to_account", "risky_function"} == codes(done)
    assert next(r.severity for r in done.risks if r.code == "approval_to_account") == "high"


def test_revoking_an_approval_is_no_approval() -> None:
    source = state()
    allowance = int.from_bytes(keccak256(word(ROUTER) + mapping(TRADER, 1).to_bytes(32, "big")), "big")
    source.storage = {**source.storage, (WETH, allowance): UINT_MAX}
    request = TransactionRequest(1, TRADER, WETH, call_data("approve(address,uint256)", ROUTER, 0))
    done = simulate_transaction(request, source)
    assert [(c.before, c.after) for c in done.allowances] == [(UINT_MAX, 0)]
    assert not {"approval", "unlimited_approval"} & codes(done)


def test_failure_gives_its_reason_and_changes_nothing() -> None:
    done = ask(call_data("transferFrom(address,address,uint256)", OTHER, TRADER, 1))
    assert not done.succeeded
    assert done.reason == "panic 0x11: arithmetic overflow"
    assert (done.balances, done.allowances, done.calls) == ((), (), ())
    assert "would_fail" in codes(done)


def test_sender_that_cannot_pay_is_told() -> None:
    done = ask(b"", OTHER, 10**21)
    assert (done.succeeded, done.reason) == (False, "the account cannot pay for it")


def test_call_of_an_address_without_code_is_said() -> None:
    done = ask(call_data("claim()"), EMPTY, 10**17)
    assert {"no_code", "unused_receiver"} <= codes(done)


def test_ether_to_an_unused_address_is_a_low_risk() -> None:
    assert [(r.code, r.severity) for r in ask(b"", EMPTY, 1).risks] == [("unused_receiver", "low")]


def test_malicious_address_is_named_with_its_reason_wherever_it_takes_part() -> None:
    known = Known(malicious={OTHER: "phishing"})
    by_argument = ask(call_data("transfer(address,uint256)", OTHER, 1), known=known)
    assert "known_malicious" in codes(by_argument)
    assert "phishing" in by_argument.risks[0].text
    forward = assemble(f"PUSH0 PUSH0 PUSH0 PUSH0 CALLVALUE {push_address(OTHER)} GAS CALL POP")
    assert "known_malicious" in codes(ask(b"\x01\x02\x03\x04", FORWARD, 5, known, **{FORWARD: forward}))


def test_unverified_contract_reached_inside_is_named() -> None:
    forward = assemble(f"PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 {push_address(QUIET)} GAS CALL POP")
    outcome = ask(b"\x01\x02\x03\x04", FORWARD, known=Known(unverified=(QUIET,)), **{FORWARD: forward, QUIET: b"\x00"})
    assert "unverified_contract" in codes(outcome)


def test_calls_inside_are_listed_with_depth_value_and_function() -> None:
    deposit = selector("deposit()").hex()
    pays = f"PUSH4 0x{deposit} PUSH1 224 SHL PUSH0 MSTORE"
    pays += f" PUSH0 PUSH0 PUSH1 4 PUSH0 CALLVALUE {push_address(WETH)} GAS CALL POP"
    done = ask(b"\x01\x02\x03\x04", FORWARD, 77, **{FORWARD: assemble(pays)})
    assert done.succeeded
    told = [(c.depth, c.kind, c.caller, c.to, c.value, c.signature) for c in done.calls]
    assert told == [
        (0, "call", TRADER, FORWARD, 77, None),
        (1, "call", FORWARD, WETH, 77, "deposit()"),
    ]


def test_delegate_call_shows_whose_code_ran_and_where() -> None:
    delegates = assemble(f"PUSH0 PUSH0 PUSH0 PUSH0 {push_address(QUIET)} GAS DELEGATECALL POP")
    writes = assemble("PUSH1 7 PUSH1 3 SSTORE")
    done = ask(b"\x01\x02\x03\x04", FORWARD, **{FORWARD: delegates, QUIET: writes})
    assert [(c.depth, c.kind, c.to, c.code) for c in done.calls] == [
        (0, "call", FORWARD, FORWARD),
        (1, "delegatecall", FORWARD, QUIET),
    ]


def test_answers_and_refusals_pass_through_the_recorders() -> None:
    refuses = assemble("PUSH4 0xdeadbeef PUSH0 MSTORE PUSH1 4 PUSH1 28 REVERT")
    asks = (
        f"PUSH1 32 PUSH0 PUSH0 PUSH0 PUSH0 {push_address(QUIET)} GAS CALL RETURNDATASIZE PUSH1 8 SHL OR" + RETURN_WORD
    )
    done = ask(b"\x01\x02\x03\x04", FORWARD, **{FORWARD: assemble(asks), QUIET: refuses})
    assert int(done.output, 16) == 4 << 8  # four bytes of reason, the call failed
    assert done.notes == ()
    assert [c.to for c in done.calls] == [FORWARD]  # what failed left no mark


def test_code_that_reads_its_own_hash_is_not_believed_when_recorded() -> None:
    knows = f"{push_address(QUIET)} EXTCODESIZE" + RETURN_WORD
    done = ask(b"\x01\x02\x03\x04", FORWARD, **{FORWARD: assemble(knows), QUIET: b"\x00"})
    assert int(done.output, 16) == 1
    assert done.calls == ()
    assert "does otherwise when they are recorded" in done.notes[0]


def test_quiet_change_of_a_balance_is_measured_without_an_event() -> None:
    # answers balanceOf with slot 0; any other call sets slot 0
    code = assemble(
        "PUSH0 CALLDATALOAD PUSH1 224 SHR PUSH4 0x70a08231 EQ @view JUMPI PUSH1 4 CALLDATALOAD PUSH0 SSTORE STOP"
        " view: PUSH0 SLOAD" + RETURN_WORD
    )
    done = ask(call_data("take(uint256)", 9), QUIET, **{QUIET: code})
    assert (TRADER, QUIET, 9) in {(c.account, c.asset, c.change) for c in done.balances}
    assert done.events == ()


def test_set_approval_for_all_is_a_high_risk() -> None:
    # answers isApprovedForAll with slot 0; setApprovalForAll sets it
    code = assemble(
        f"PUSH0 CALLDATALOAD PUSH1 224 SHR PUSH4 0x{selector('isApprovedForAll(address,address)').hex()} EQ @view JUMPI"
        " PUSH1 1 PUSH0 SSTORE STOP view: PUSH0 SLOAD" + RETURN_WORD
    )
    done = ask(call_data("setApprovalForAll(address,bool)", ROUTER, True), QUIET, **{QUIET: code})
    assert [(c.standard, c.spender, c.after) for c in done.allowances] == [("collection", ROUTER, 1)]
    assert done.risks[0].code == "approval_for_all"


def test_permit_is_a_high_risk() -> None:
    signature = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
    done = ask(call_data(signature, TRADER, OTHER, 5, UINT_MAX, 27, 1, 1), QUIET, **{QUIET: b"\x00"})
    assert ("permit", "high") in {(risk.code, risk.severity) for risk in done.risks}


def test_giving_without_getting_is_said() -> None:
    done = ask(call_data("claim()"), QUIET, 10**18, **{QUIET: b"\x00"})
    assert "nothing_in_return" in codes(done)


def test_creation_gives_the_new_address() -> None:
    done = ask(assemble("PUSH1 1 PUSH0 RETURN"), None)
    assert done.succeeded
    assert done.created is not None


def test_transaction_for_another_chain_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a transaction for chain 1, found chain 56"):
        simulate_transaction(TransactionRequest(56, TRADER, OTHER), state())


def test_both_engines_say_the_same_and_use_the_same_gas() -> None:
    wanted = [
        (b"", OTHER, 10**17),
        (call_data("transfer(address,uint256)", OTHER, HELD), WETH, 0),
        (call_data("approve(address,uint256)", ROUTER, UINT_MAX), WETH, 0),
        (call_data("withdraw(uint256)", 10**18), WETH, 0),
        (call_data("transferFrom(address,address,uint256)", OTHER, TRADER, 1), WETH, 0),
    ]
    for data, to, value in wanted:
        request = TransactionRequest(1, TRADER, to, data, value)
        first, second = (simulate_transaction(request, state(), engine=name) for name in ("revm", "py-evm"))
        for part in ("succeeded", "reason", "gas_used", "output", "balances", "allowances", "events", "calls", "risks"):
            assert getattr(first, part) == getattr(second, part), (part, data.hex())


def test_what_comes_back_is_told_beside_what_goes() -> None:
    done = ask(call_data("deposit()"), WETH, 10**18)
    assert {(c.account, c.asset, c.change) for c in done.balances} == {
        (TRADER, "native", -(10**18)),
        (WETH, "native", 10**18),
        (TRADER, WETH, 10**18),
    }
    assert "nothing_in_return" not in codes(done)
