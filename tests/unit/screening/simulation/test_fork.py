"""Simulation on the state of a node: a development chain with our exchanges at their well-known places."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tarazy.chains.evm.node import Node
from tarazy.chains.evm.state import ChainState
from tarazy.screening.model import HolderKind, Simulation
from tarazy.screening.simulation import artifacts, scenario
from tarazy.screening.simulation.abi import call_data, word
from tarazy.screening.simulation.engines import load_engine
from tarazy.screening.simulation.fork import ForkedEngine
from tarazy.screening.simulation.scenario import simulate
from tarazy.screening.simulation.sources import NodeState
from tarazy.screening.simulation.target import Limits, Target
from tarazy.screening.simulation.transaction import simulate_transaction
from tarazy.screening.simulation.transaction_request import TransactionRequest
from tarazy.screening.simulation.venues import VENUES

from .... import servers
from ....devchain import DevChain
from ....servers import HostileNode
from . import tokens

UNISWAP = VENUES[0]
POOL_ETHER = 40 * 10**18
NO_SEARCH = Limits(hostile=False, seconds_max=60)


@pytest.fixture
def chain(anvil: str) -> DevChain:
    """Return a chain on which an exchange stands, from block zero on as it were."""
    made = DevChain(anvil)
    for address, name in (
        (UNISWAP.router, "PairRouter"),
        (UNISWAP.factory, "PairFactory"),
        (UNISWAP.weth, "WrappedEther"),
    ):
        made.ask("anvil_setCode", address, "0x" + artifacts.runtime(name).hex())
        made.ask("anvil_setNonce", address, "0x1")
    for slot, value in ((0, UNISWAP.factory), (1, UNISWAP.weth)):
        made.ask("anvil_setStorageAt", UNISWAP.router, f"0x{slot:064x}", "0x" + word(value).hex())
    made.mine()
    return made


def listed(chain: DevChain, name: str, side: str) -> str:
    """Deploy a token of the corpus and fill a pool of it; return its address."""
    token = chain.deploy(tokens.artifact(name, side), "Token")
    amount = 1_000 * 10**18
    chain.do(token, "approve(address,uint256)", UNISWAP.router, amount)
    chain.do(
        UNISWAP.router,
        "addLiquidityETH(address,uint256,uint256,uint256,address,uint256)",
        *(token, amount, 0, 0, chain.accounts[0], 2**40),
        value=POOL_ETHER,
    )
    return token


def run(chain: DevChain, token: str, name: str, side: str, limits: Limits = NO_SEARCH) -> Simulation:
    return simulate(Target(rpc_url=chain.url, address=token, chain_id=31337), tokens.facts(name, side), limits)


def test_listed_token_is_traded_in_its_own_pool_at_the_chains_block(chain: DevChain) -> None:
    token = listed(chain, "limit-pause", "vulnerable")
    seen = run(chain, token, "limit-pause", "vulnerable")
    assert (seen.state, seen.ran, seen.reason) == ("forked", True, "")
    assert seen.block_number == chain.number
    assert seen.block_hash == chain.ask("eth_getBlockByNumber", hex(chain.number), False)["hash"]
    bought = next(trade for trade in seen.trades if (trade.scenario, trade.pool) == ("buy", "v2"))
    assert (bought.succeeded, bought.amount_in, bought.tax_ppm) == (True, POOL_ETHER // 100, 0)
    assert all(trade.succeeded for trade in seen.trades if trade.pool == "v2")


def test_state_of_the_chain_decides_and_not_the_code_alone(chain: DevChain) -> None:
    token = listed(chain, "limit-pause", "vulnerable")
    chain.do(token, "setPaused(bool)", True)
    seen = run(chain, token, "limit-pause", "vulnerable")
    bought = next(trade for trade in seen.trades if (trade.scenario, trade.pool) == ("buy", "v2"))
    assert (bought.succeeded, bought.reason) == (False, "paused")
    opened = next(trade for trade in seen.trades if trade.scenario == "launch_gate")
    assert opened.succeeded
    assert "the owner calls setPaused(bool) with false" in opened.reason


def test_past_block_is_simulated_as_it_was(chain: DevChain) -> None:
    token = listed(chain, "limit-pause", "vulnerable")
    before = chain.number
    chain.do(token, "setPaused(bool)", True)
    target = Target(rpc_url=chain.url, address=token, chain_id=31337, block=before)
    seen = simulate(target, tokens.facts("limit-pause", "vulnerable"), NO_SEARCH)
    assert seen.block_number == before
    assert all(trade.succeeded for trade in seen.trades if trade.pool == "v2")


def test_hostile_owner_of_the_chain_is_found(chain: DevChain) -> None:
    token = listed(chain, "limit-pause", "vulnerable")
    seen = run(chain, token, "limit-pause", "vulnerable", Limits(seconds_max=60, variants_max=6, pairs_max=4))
    assert ("blocks_sell", HolderKind.OWNER) in {(attack.effect, attack.actor) for attack in seen.attacks}
    assert seen.complete


def test_renounced_owner_can_do_nothing_any_more(chain: DevChain) -> None:
    token = listed(chain, "limit-pause", "vulnerable")
    chain.do(token, "renounceOwnership()")
    seen = run(chain, token, "limit-pause", "vulnerable", Limits(seconds_max=60, variants_max=6, pairs_max=4))
    assert seen.attacks == ()


def test_token_without_a_pool_is_put_into_one_of_ours(chain: DevChain) -> None:
    token = chain.deploy(tokens.artifact("plain-lean", "plain"), "Token")
    seen = run(chain, token, "plain-lean", "plain")
    assert all(trade.succeeded for trade in seen.trades), seen.trades
    assert {trade.pool for trade in seen.trades} == {"v2", "v3"}, seen.reason


def test_proxy_is_traded_through_the_code_behind_it(chain: DevChain) -> None:
    token = chain.deploy(tokens.artifact("proxy-transparent", "vulnerable"), "Token")
    seen = run(chain, token, "proxy-transparent", "vulnerable", Limits(seconds_max=60, variants_max=6, pairs_max=4))
    assert any(trade.succeeded for trade in seen.trades if trade.scenario == "sell"), seen.reason
    assert ("replaces_code", HolderKind.PROXY_ADMIN) in {(attack.effect, attack.actor) for attack in seen.attacks}


def test_address_without_code_is_no_token(chain: DevChain) -> None:
    seen = run(chain, "0x" + "12" * 20, "plain-lean", "plain")
    assert (seen.ran, seen.reason) == (False, "there is no code at this address")


def test_transaction_uses_the_gas_and_leaves_the_events_that_the_chain_then_shows(chain: DevChain) -> None:
    token = listed(chain, "limit-pause", "vulnerable")
    sender = chain.accounts[1]
    deadline = 2**40
    path = word(2) + word(UNISWAP.weth) + word(token)
    buy = call_data("swapExactETHForTokens(uint256,address[],address,uint256)", 0, 128, sender, deadline) + path
    request = TransactionRequest(31337, sender, UNISWAP.router, buy, 10**17)
    with Node(chain.url) as node:
        told = simulate_transaction(request, NodeState(ChainState(node, token)))
    assert told.succeeded, told.reason
    receipt = chain.send(UNISWAP.router, "0x" + buy.hex(), sender, 10**17)
    assert told.gas_used == int(receipt["gasUsed"], 16)
    assert [event.topics for event in told.events] == [tuple(log["topics"]) for log in receipt["logs"]]
    assert [event.data for event in told.events] == [log["data"] for log in receipt["logs"]]
    held = chain.view(token, "balanceOf(address)", sender)
    assert (sender, token, held) in {(c.account, c.asset, c.change) for c in told.balances}
    assert [call.signature for call in told.calls][:2] == [
        "swapExactETHForTokens(uint256,address[],address,uint256)",
        "deposit()",
    ]


def test_transaction_that_fails_on_the_chain_fails_here_with_its_reason(chain: DevChain) -> None:
    token = listed(chain, "limit-pause", "vulnerable")
    chain.do(token, "setPaused(bool)", True)
    data = call_data("transfer(address,uint256)", chain.accounts[1], 5)
    with Node(chain.url) as node:
        told = simulate_transaction(
            TransactionRequest(31337, chain.accounts[0], token, data), NodeState(ChainState(node, token))
        )
    assert (told.succeeded, told.reason) == (False, "paused")


def test_fetched_state_survives_the_revert_of_the_snapshot_in_which_it_was_fetched(chain: DevChain) -> None:
    token = listed(chain, "limit-pause", "vulnerable")
    with Node(chain.url) as node:
        source = NodeState(ChainState(node, token))
        engine = ForkedEngine(load_engine("revm", source.block()), source)
        asked = call_data("balanceOf(address)", chain.accounts[0])
        engine.set_balance(chain.accounts[1], 10**20)
        outer = engine.snapshot()
        first = engine.call(chain.accounts[1], token, asked).word
        engine.revert(outer)
        node.close()
        assert (
            engine.call(chain.accounts[1], token, asked).word
            == first
            == chain.view(token, "balanceOf(address)", chain.accounts[0])
        )


def test_slot_that_is_read_in_a_part_that_is_refused_is_fetched_too(chain: DevChain) -> None:
    # the inner contract refuses while its slot 0 is zero; the outer one answers whether it did
    inner = "5f546008575f5ffd5b00"
    reader = chain.deploy_runtime(bytes.fromhex(inner))
    outer = f"5f5f5f5f5f73{reader[2:]}5af15f5260205ff3"
    asker = chain.deploy_runtime(bytes.fromhex(outer))
    chain.ask("anvil_setStorageAt", reader, f"0x{0:064x}", f"0x{1:064x}")
    chain.mine()
    with Node(chain.url) as node:
        told = simulate_transaction(
            TransactionRequest(31337, chain.accounts[0], asker, b""), NodeState(ChainState(node, asker))
        )
    assert int(told.output, 16) == 1


@pytest.mark.parametrize(
    "behaviour", [servers.hang, servers.garbage, servers.slow_drip, servers.oversize, servers.close_mid_answer]
)
def test_node_that_misbehaves_gives_an_unknown_in_bounded_time(
    hostile_node: HostileNode, behaviour: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenario, "NODE_TIMEOUT_S", 0.5)
    hostile_node.behave = behaviour
    begin = time.monotonic()
    target = Target(rpc_url=hostile_node.url, address="0x" + "11" * 20)
    seen = simulate(target, tokens.facts("plain-lean", "plain"))
    assert time.monotonic() - begin < 10
    assert not seen.ran
    assert seen.reason.startswith("the state could not be read, so nothing is known: ")


def test_node_that_fails_in_the_middle_leaves_nothing_half_known(
    chain: DevChain, hostile_node: HostileNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scenario, "NODE_TIMEOUT_S", 0.5)
    token = listed(chain, "limit-pause", "vulnerable")
    hostile_node.upstream = chain.url

    def fail_later(handler: servers._Handler, request: object) -> None:
        (servers.honest if len(hostile_node.requests) < 12 else servers.garbage)(handler, request)

    hostile_node.behave = fail_later
    target = Target(rpc_url=hostile_node.url, address=token, chain_id=31337)
    seen = simulate(target, tokens.facts("limit-pause", "vulnerable"), NO_SEARCH)
    assert (seen.ran, seen.trades, seen.attacks) == (False, (), ())
    assert "nothing is known" in seen.reason


def test_block_that_is_replaced_meanwhile_is_an_unknown(chain: DevChain, hostile_node: HostileNode) -> None:
    token = listed(chain, "limit-pause", "vulnerable")
    hostile_node.upstream = chain.url
    asked = 0

    def other_hash(parameters: object, result: dict[str, str]) -> dict[str, str]:
        nonlocal asked
        asked += 1
        return result if asked == 1 else {**result, "hash": "0x" + "77" * 32}

    hostile_node.lies["eth_getBlockByNumber"] = other_hash
    seen = simulate(
        Target(rpc_url=hostile_node.url, address=token, chain_id=31337),
        tokens.facts("limit-pause", "vulnerable"),
        NO_SEARCH,
    )
    assert not seen.ran
    assert "hash" in seen.reason


def test_calls_run_in_the_block_after_the_pinned_one(chain: DevChain) -> None:
    with Node(chain.url) as node:
        block = NodeState(ChainState(node, UNISWAP.weth)).block()
    newest = chain.ask("eth_getBlockByNumber", "latest", False)
    assert (block.number, block.chain_id) == (chain.number + 1, 31337)
    assert block.time_s == int(newest["timestamp"], 16) + 12


def test_contract_that_calls_is_not_short_of_ether_on_a_fork(chain: DevChain) -> None:
    """Who really sends the call is an account of the engine's own, which no chain knows."""
    token = listed(chain, "limit-pause", "vulnerable")
    source = NodeState(ChainState(Node(chain.url), token))
    engine = ForkedEngine(load_engine("revm", source.block()), source)
    data = call_data("approve(address,uint256)", chain.accounts[1], 5)
    for _ in range(3):
        done = engine.call(UNISWAP.router, token, data)
        assert (done.succeeded, done.halt) == (True, "")
    allowed = call_data("allowance(address,address)", UNISWAP.router, chain.accounts[1])
    assert engine.call(chain.accounts[0], token, allowed).word == 5


def test_owner_who_is_a_contract_is_played_as_an_enemy_too(chain: DevChain) -> None:
    """As where a wallet of several keys, or a time lock, is the owner."""
    token = listed(chain, "leak-transfer-from-owner", "vulnerable")
    facts = tokens.facts("leak-transfer-from-owner", "vulnerable")
    ((slot, low),) = facts.layout.owners
    assert low == 0
    chain.ask("anvil_setStorageAt", token, f"0x{slot:064x}", "0x" + word(UNISWAP.factory).hex())
    chain.mine()
    seen = run(chain, token, "leak-transfer-from-owner", "vulnerable", Limits(seconds_max=60))
    assert ("takes_balance", HolderKind.OWNER) in {(attack.effect, attack.actor) for attack in seen.attacks}
