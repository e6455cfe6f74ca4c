"""Branches that vanish: alerts are taken back with them, and what happens on the new branch is alerted anew."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tarazy.chains.errors import NodeInconsistentError
from tarazy.screening.watch import store
from tarazy.screening.watch.record_file import read_records

from ....servers import HostileNode
from ....watching import World, make_world


@pytest.fixture
def world(anvil: str, tmp_path: Path) -> World:
    """Return a token that trades freely, some blocks ago."""
    world = make_world(anvil, tmp_path / "watch")
    world.chain.mine(5)
    return world


def owner_call(world: World, selector: str, argument: int) -> dict[str, Any]:
    """Return a transaction of the owner for the new branch."""
    data = selector + f"{argument:064x}"
    return {"from": world.chain.accounts[0], "to": world.token, "data": data, "gas": "0x100000"}


def test_alert_of_a_block_that_vanished_is_taken_back(world: World) -> None:
    with world.watcher() as watcher:
        watcher.step()
        world.do("setPaused(bool)", True)
        world.chain.mine(2)
        watcher.step()
        world.chain.reorganise(3)
        watcher.step()
        newest = watcher.store.newest()
    alert, back = world.records()
    assert (alert["record"], back["record"]) == ("alert", "retraction")
    assert back["retracts"] == alert["id"]
    assert (back["block_number"], back["block_hash"]) == (alert["block_number"], alert["block_hash"])
    assert back["common_block_number"] == alert["block_number"] - 1
    assert newest is not None
    assert newest.hash == world.chain.ask("eth_getBlockByNumber", "latest", False)["hash"]


def test_draft_of_an_alert_that_is_taken_back_is_withdrawn(world: World) -> None:
    with world.watcher() as watcher:
        watcher.step()
        world.do("setPaused(bool)", True)
        watcher.step()
        drafts = world.folder / "drafts"
        assert len(list(drafts.glob("*.record"))) == 1
        world.chain.reorganise(1)
        watcher.step()
    assert list(drafts.glob("*.record")) == []
    (document,) = [path.read_text() for path in drafts.glob("*.json")]
    assert '"status": "withdrawn"' in document


def test_act_that_comes_again_on_the_new_branch_is_alerted_again_with_its_new_block(world: World) -> None:
    with world.watcher() as watcher:
        watcher.step()
        world.do("setPaused(bool)", True)
        watcher.step()
        world.chain.reorganise(1, (owner_call(world, "0x16c38b3c", 1), 0))
        watcher.step()
    first, back, second = world.records()
    assert (first["kind"], back["kind"], second["kind"]) == ("transfers_blocked", "retraction", "transfers_blocked")
    assert first["block_number"] == second["block_number"]
    assert first["block_hash"] != second["block_hash"]
    assert first["id"] != second["id"]


def test_act_on_the_new_branch_alone_is_measured_from_the_common_block(world: World) -> None:
    with world.watcher() as watcher:
        watcher.step()
        world.chain.mine(3)
        watcher.step()
        world.chain.reorganise(2, (owner_call(world, "0x8e005553", 50), 0))
        watcher.step()
    (alert,) = world.records()
    assert (alert["kind"], alert["after"]["sell_tax_ppm"]) == ("tax_raised", 500_000)


def test_branch_that_is_shorter_is_taken_up(world: World) -> None:
    snapshot = world.chain.ask("evm_snapshot")
    with world.watcher() as watcher:
        watcher.step()
        world.do("setPaused(bool)", True)
        world.chain.mine(4)
        watcher.step()
        world.chain.ask("evm_revert", snapshot)
        watcher.step()
        newest = watcher.store.newest()
        assert newest is not None
        assert newest.number == world.chain.number or world.kinds() == ["transfers_blocked"]
        world.chain.mine(1, seconds=5)
        watcher.step()
    assert world.kinds() == ["transfers_blocked", "retraction"]


def test_node_that_is_merely_behind_changes_nothing(world: World, hostile_node: HostileNode) -> None:
    hostile_node.upstream = world.chain.url
    with world.watcher(hostile_node.url) as watcher:
        watcher.step()
        world.chain.mine(3)
        watcher.step()
        kept = watcher.store.newest()
        behind = world.chain.ask("eth_getBlockByNumber", hex(world.chain.number - 2), False)
        hostile_node.lies["eth_getBlockByNumber"] = lambda asked, true: behind if asked[0] == "latest" else true
        assert watcher.step() == 0
        assert watcher.store.newest() == kept
    assert world.records() == []


def test_reorganisation_deeper_than_is_kept_is_recorded_and_the_token_still_compared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "KEPT_BLOCKS", 3)
    with world.watcher() as watcher:
        watcher.step()
        world.chain.mine(6)
        watcher.step()
        world.chain.reorganise(5, (owner_call(world, "0x16c38b3c", 1), 0))
        watcher.step()
    assert "deep_reorganisation" in world.kinds()
    assert "transfers_blocked" in world.kinds()


def test_chain_that_was_replaced_by_a_short_one_is_never_silently_waited_for(
    world: World, hostile_node: HostileNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "KEPT_BLOCKS", 3)
    hostile_node.upstream = world.chain.url
    with world.watcher(hostile_node.url) as watcher:
        watcher.step()
        world.chain.mine(6)
        watcher.step()
        short = world.chain.ask("eth_getBlockByNumber", "0x1", False)
        hostile_node.lies["eth_getBlockByNumber"] = lambda asked, true: short if asked[0] == "latest" else true
        with pytest.raises(NodeInconsistentError, match="a chain up to block"):
            watcher.step()


def test_block_that_vanishes_while_it_is_read_leaves_no_trace(world: World, hostile_node: HostileNode) -> None:
    from tarazy.chains.errors import ReorganisedError

    hostile_node.upstream = world.chain.url
    with world.watcher(hostile_node.url) as watcher:
        watcher.step()
        world.do("setPaused(bool)", True)
        number, asked = hex(world.chain.number), []

        def switch(parameters: Any, true: Any) -> Any:
            asked.append(parameters)
            later = parameters == [number, False]
            return {**true, "hash": "0x" + "ee" * 32} if later else true

        hostile_node.lies["eth_getBlockByNumber"] = switch
        with pytest.raises(ReorganisedError):
            watcher.step()
        assert world.records() == []
        hostile_node.lies.clear()
        watcher.step()
    assert world.kinds() == ["transfers_blocked"]


def test_file_with_retractions_verifies_from_its_first_line(world: World) -> None:
    with world.watcher() as watcher:
        watcher.step()
        for paused in (True, False, True):
            world.do("setPaused(bool)", paused)
        watcher.step()
        world.chain.reorganise(2)
        watcher.step()
    found = list(read_records(world.folder / "alerts.jsonl"))
    assert [each["number"] for each in found] == list(range(1, len(found) + 1))
