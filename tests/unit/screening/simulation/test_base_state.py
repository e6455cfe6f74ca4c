"""Many transactions on one ground: each is as if it were the first, and little is asked of the node twice."""

from __future__ import annotations

import pytest

from tarazy.chains.evm.code import create_address
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.state import ChainState
from tarazy.screening.simulation.abi import UINT_MAX, call_data
from tarazy.screening.simulation.base_state import BaseState
from tarazy.screening.simulation.engine import EvmEngine
from tarazy.screening.simulation.engines import load_engine
from tarazy.screening.simulation.fork import ForkedEngine, calls_others
from tarazy.screening.simulation.sources import NodeState
from tarazy.screening.simulation.transaction import simulate_on, simulate_transaction
from tarazy.screening.simulation.transaction_request import TransactionRequest

from ....devchain import DevChain
from ....servers import HostileNode
from . import tokens
from .assembler import assemble, creation, push_address
from .conftest import OTHER, TRADER
from .test_transaction import FORWARD, HELD, ROUTER, WETH, state

CONTRACT = "0x" + "c0" * 20
REQUESTS = (
    TransactionRequest(1, TRADER, WETH, call_data("transfer(address,uint256)", OTHER, HELD)),
    TransactionRequest(1, TRADER, WETH, call_data("transferFrom(address,address,uint256)", OTHER, TRADER, 1)),
    TransactionRequest(1, TRADER, WETH, call_data("approve(address,uint256)", ROUTER, UINT_MAX)),
    TransactionRequest(1, TRADER, WETH, call_data("deposit()"), 10**18, access_list=((WETH, (1,)),)),
    TransactionRequest(1, TRADER, None, creation(assemble("PUSH1 7 PUSH1 5 SSTORE")), nonce=9),
    TransactionRequest(1, TRADER, None, creation(assemble("PUSH1 7 PUSH1 5 SSTORE"))),
    TransactionRequest(1, WETH, OTHER, value=5),
    TransactionRequest(1, TRADER, FORWARD, value=10**17),
    TransactionRequest(1, TRADER, OTHER, value=10**17),
)
PASSING_ON = assemble(f"PUSH0 PUSH0 PUSH0 PUSH0 CALLVALUE {push_address(OTHER)} GAS CALL")


@pytest.mark.parametrize("name", ["revm", "py-evm"])
def test_transaction_on_a_used_ground_is_told_as_on_a_fresh_one(name: str) -> None:
    given = state(**{FORWARD: PASSING_ON})
    base_state = BaseState(given, name)
    first = [simulate_on(base_state, request) for request in REQUESTS]
    again = [simulate_on(base_state, request) for request in reversed(REQUESTS)]
    assert first == again[::-1] == [simulate_transaction(request, given, engine=name) for request in REQUESTS]


def test_transaction_leaves_no_account_warm_for_the_next() -> None:
    base_state = BaseState(state())
    before = base_state.plain.accessed()
    simulate_on(base_state, REQUESTS[0])
    after = base_state.plain.accessed()
    assert set(after) - set(before) <= {base_state.block.coinbase}
    assert not any(after.values())


def test_second_transfer_of_a_token_asks_the_node_once(chain_with_token: tuple[str, str], asked: HostileNode) -> None:
    token, holder = chain_with_token
    with Node(asked.url) as node:
        base_state = BaseState(NodeState(ChainState(node, token)))
        for receiver in (0x1111 << 100, 0x2222 << 100):
            before = len(asked.requests)
            data = call_data("transfer(address,uint256)", receiver, 5)
            assert simulate_on(base_state, TransactionRequest(31337, holder, token, data)).succeeded
    assert len(asked.requests) - before == 1


def test_account_that_is_allowed_something_comes_with_the_slots(
    chain_with_token: tuple[str, str], asked: HostileNode
) -> None:
    token, holder = chain_with_token
    with Node(asked.url) as node:
        base_state = BaseState(NodeState(ChainState(node, token)))
        for spender in (0x1111 << 100, 0x2222 << 100):
            before = len(asked.requests)
            data = call_data("approve(address,uint256)", spender, 5)
            told = simulate_on(base_state, TransactionRequest(31337, holder, token, data))
            assert [change.spender_has_code for change in told.allowances] == [False]
    assert len(asked.requests) - before == 1


@pytest.fixture
def chain_with_token(anvil: str) -> tuple[str, str]:
    """Return a token on a chain and who holds it."""
    chain = DevChain(anvil)
    return chain.deploy(tokens.artifact("plain-lean", "plain"), "Token"), chain.accounts[0]


@pytest.fixture
def asked(anvil: str, hostile_node: HostileNode) -> HostileNode:
    """Return a node that passes all on to the chain and remembers what it was asked."""
    hostile_node.upstream = anvil
    return hostile_node


def test_contract_created_after_a_look_gets_the_address_that_a_chain_gives() -> None:
    factory = assemble("PUSH0 PUSH0 PUSH0 CREATE PUSH0 MSTORE PUSH1 32 PUSH0 RETURN")
    engine = ForkedEngine(load_engine(), state(**{CONTRACT: factory}))
    for nonce in (1, 2):
        assert engine.call(TRADER, CONTRACT).word == int(create_address(CONTRACT, nonce), 16)


def test_settled_state_is_the_same_and_cold(engine: EvmEngine) -> None:
    engine.set_code(CONTRACT, assemble("PUSH1 5 SLOAD PUSH1 1 ADD PUSH1 5 SSTORE"))
    engine.set_storage(CONTRACT, {6: 66})
    engine.snapshot()
    cold = engine.call(TRADER, CONTRACT, value=3).gas_used
    engine.settle()
    told = (engine.storage(CONTRACT, 5), engine.storage(CONTRACT, 6), engine.balance(CONTRACT), engine.balance(TRADER))
    assert told == (1, 66, 3, 10**20 - 3)
    assert engine.code(CONTRACT) == assemble("PUSH1 5 SLOAD PUSH1 1 ADD PUSH1 5 SSTORE")
    engine.settle()
    changed_from_nothing = 20_000 - 2_900
    assert engine.call(TRADER, CONTRACT, value=3).gas_used == cold - changed_from_nothing


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PUSH0 SLOAD STOP", False),
        ("PUSH1 0xf1 POP STOP", False),
        ("PUSH0 PUSH0 PUSH0 PUSH0 GAS STATICCALL", True),
        ("PUSH0 PUSH0 PUSH0 CREATE", True),
    ],
)
def test_code_that_can_call_is_told_from_code_that_cannot(text: str, expected: bool) -> None:
    assert calls_others(assemble(text)) is expected
