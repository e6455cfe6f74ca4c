"""A node that holds back, lies or falls silent while tokens are watched: what is not seen is said, and never lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tarazy.chains.errors import NodeError
from tarazy.chains.evm.node import Node
from tarazy.screening.watch.follow import follow
from tarazy.screening.watch.options import WatchOptions
from tests.corpus.devstage import DevStage
from tests.corpus.loader import load
from tests.corpus.stage import POOL

from .... import servers
from ....devchain import DevChain
from ....servers import HostileNode
from ....watching import KEY, World, make_world


@pytest.fixture
def world(anvil: str, tmp_path: Path, hostile_node: HostileNode) -> World:
    """Return a token that trades freely, and set a node in front of its chain."""
    hostile_node.upstream = anvil
    return make_world(anvil, tmp_path / "watch")


def refusing(refuse: Callable[[dict[str, Any]], bool], message: str = "missing trie node") -> servers.Behaviour:
    """Refuse some requests, alone and in batches, and answer the others."""

    def one(node: HostileNode, request: dict[str, Any]) -> Any:
        if refuse(request):
            return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32000, "message": message}}
        return node.true_answer(request)

    def behave(handler: Any, request: Any) -> None:
        many = isinstance(request, list)
        answers = [one(handler.node, each) for each in (request if many else [request])]
        handler.answer(servers.json.dumps(answers if many else answers[0]).encode())

    return behave


def at_block(number: int) -> Callable[[dict[str, Any]], bool]:
    """Say which requests ask for the state at a block."""
    state = ("eth_getCode", "eth_getStorageAt", "eth_call")
    return lambda request: request["method"] in state and hex(number) in request["params"]


def with_overrides(request: dict[str, Any]) -> bool:
    """Say whether a request asks for a call with other state."""
    return request["method"] == "eth_call" and len(request["params"]) > 2


def test_state_that_the_node_no_longer_has_is_said_and_its_changes_found_at_the_next_block(
    world: World, hostile_node: HostileNode
) -> None:
    with world.watcher(hostile_node.url) as watcher:
        watcher.step()
        victim = world.chain.accounts[6]
        blocked = world.do("setBlocked(address,bool)", victim, True)
        gone = world.chain.number
        hostile_node.behave = refusing(at_block(gone))
        world.chain.mine(100)
        watcher.step()
    assert world.kinds() == ["blind", "sight_returned", "account_blocked"]
    blind, _, alert = world.records()
    assert blind["block_number"] == gone
    assert "missing trie node" in blind["text"]
    assert alert["block_number"] == gone + 1
    assert alert["transaction"] == blocked["transactionHash"]
    assert alert["subject"] == victim


def test_newest_state_that_is_refused_is_asked_for_again_before_it_is_given_up(
    world: World, hostile_node: HostileNode
) -> None:
    with world.watcher(hostile_node.url) as watcher:
        watcher.step()
        world.do("setPaused(bool)", True)
        hostile_node.behave = refusing(at_block(world.chain.number))
        for _ in range(2):
            with pytest.raises(NodeError):
                watcher.step()
        assert world.records() == []
        hostile_node.behave = servers.honest
        watcher.step()
    assert world.kinds() == ["transfers_blocked"]


def test_node_that_tries_no_transfers_says_so_and_the_gate_of_a_pause_is_read_instead(
    anvil: str, hostile_node: HostileNode, tmp_path: Path
) -> None:
    hostile_node.upstream = anvil
    hostile_node.behave = refusing(with_overrides, "too many arguments")
    token = next(each for each in load() if each.name == "limit-pause/vulnerable")
    stage = DevStage(token, DevChain(anvil))
    world = World(stage.chain, stage.actors["token"], POOL, POOL, POOL, tmp_path)
    with world.watcher(hostile_node.url) as watcher:
        watcher.step()
        trials = watcher.store.recent(world.token, 0)[-1].trials
        stage.play("owner setPaused(bool) true")
        watcher.step()
    assert {each.moved for each in trials.values()} == {None}
    assert all("does not try transfers" in each.reason for each in trials.values())
    (alert,) = world.alerts()
    assert (alert["kind"], alert["before"]["lets_pass"], alert["after"]["lets_pass"]) == ("gate_closed", True, False)
    assert alert["evidence"][0]["detail"] == "storage 0x5, which transfers must pass"


def test_trials_that_stop_working_are_said(world: World, hostile_node: HostileNode) -> None:
    with world.watcher(hostile_node.url) as watcher:
        watcher.step()
        hostile_node.behave = refusing(with_overrides, "no overrides")
        world.chain.mine()
        watcher.step()
        world.chain.mine()
        watcher.step()
    (notice,) = world.records()
    assert notice["kind"] == "became_unknown"
    assert "sell cannot be tried any more" in notice["text"]


def test_lie_about_a_token_is_caught_by_the_witness_and_said(world: World, hostile_node: HostileNode) -> None:
    with Node(world.chain.url) as witness, world.watcher(hostile_node.url, witness=witness) as watcher:
        watcher.step()
        hostile_node.lies["eth_getStorageAt"] = lambda asked, true: "0x" + "0" * 64
        world.do("setPaused(bool)", True)
        for _ in range(2):
            with pytest.raises(NodeError, match="contradicts itself or another node"):
                watcher.step()
        watcher.step()
        hostile_node.lies.clear()
        world.chain.mine()
        watcher.step()
    assert world.kinds() == ["blind", "sight_returned", "transfers_blocked"]
    assert "one answer for slot" in world.records()[0]["text"]


def test_screening_that_fails_is_said_and_the_alert_still_comes(world: World) -> None:
    def screen(*_: Any) -> Any:
        raise TimeoutError("the worker was ended after 10 s")

    with world.watcher(screen=screen) as watcher:
        watcher.step()
        world.do("setPaused(bool)", True)
        watcher.step()
    assert "transfers_blocked" in world.kinds()
    (notice,) = [each for each in world.records() if each["kind"] == "became_unknown"]
    assert "the new screening failed: TimeoutError: the worker was ended" in notice["text"]


def test_token_whose_code_shows_no_balances_says_what_is_not_tried(world: World) -> None:
    from ....watching import PROXIES

    beacon = world.chain.deploy(PROXIES, "Beacon", world.token)
    with world.watcher(tokens=[replace(world.listed, address=beacon, pools=(), holders=())]) as watcher:
        watcher.step()
    (notice,) = world.records()
    assert notice["kind"] == "unknown"
    assert "transfers are not tried" in notice["text"]


def wait_for(done: Callable[[], bool], seconds: float = 20) -> None:
    """Wait until something is so."""
    give_up = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < give_up, "it did not happen in time"
        time.sleep(0.02)


def test_silence_of_the_node_is_recorded_once_and_nothing_of_it_is_lost(
    world: World, hostile_node: HostileNode
) -> None:
    stop, said = threading.Event(), list[str]()
    with Node(hostile_node.url, timeout_s=0.2) as node:
        options = WatchOptions(
            node, world.folder, KEY, [world.listed], poll_s=0.02, back_off_max_s=0.1, blind_after_s=0.5
        )
        thread = threading.Thread(target=follow, args=(options, stop, said.append))
        thread.start()
        try:
            wait_for(lambda: any("watching 1 tokens" in each for each in said))
            world.do("setFee(uint16)", 5)
            wait_for(lambda: world.kinds() == ["tax_raised"])
            hostile_node.behave = servers.hang
            wait_for(lambda: world.kinds()[-1] == "blind")
            world.do("setPaused(bool)", True)
            time.sleep(0.5)
            assert world.kinds() == ["tax_raised", "blind"]
            hostile_node.behave = servers.honest
            wait_for(lambda: world.kinds()[-1] == "sight_returned")
        finally:
            stop.set()
            thread.join(10)
    assert not thread.is_alive()
    assert world.kinds() == ["tax_raised", "blind", "transfers_blocked", "sight_returned"]
    assert any("took too long" in each for each in said)
