"""What the watch says when an owner acts, on a real chain: an alert for the worse, silence for the better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tarazy.chains.evm.markets import Factory, Markets, Quote
from tarazy.chains.evm.node import Node
from tarazy.issuance.issue import create_time_lock, lock_tokens
from tarazy.screening.watch.options import ListedToken
from tarazy.screening.watch.probes import balance_slot
from tarazy.screening.watch.thresholds import Thresholds

from ....devchain import DevChain, selector
from ....watching import LISTED, PROXIES, SUPPLY, UNIT, World, make_world

ZERO = "0x" + "0" * 40


@pytest.fixture
def world(anvil: str, tmp_path: Path) -> World:
    """Return a token that trades freely."""
    return make_world(anvil, tmp_path / "watch")


def after(world: World, act: Callable[[], Any]) -> list[dict[str, Any]]:
    """Let the watch begin, act, and return the alerts of the steps after."""
    with world.watcher() as watcher:
        watcher.step()
        act()
        watcher.step()
    return world.alerts()


def test_quiet_token_gives_no_record(world: World) -> None:
    def trade() -> None:
        world.do("transfer(address,uint256)", world.chain.accounts[6], UNIT, sender=world.chain.accounts[5])
        world.chain.mine(3)

    assert after(world, trade) == []
    assert world.records() == []


def test_pause_is_an_alert_of_the_same_block_with_before_after_and_transaction(world: World) -> None:
    receipts: list[dict[str, Any]] = []
    (alert,) = after(world, lambda: receipts.append(world.do("setPaused(bool)", True)))
    receipt = receipts[0]
    assert alert["kind"] == "transfers_blocked"
    assert (alert["block_number"], alert["block_hash"]) == (int(receipt["blockNumber"], 16), receipt["blockHash"])
    assert alert["transaction"] == receipt["transactionHash"]
    assert alert["before"]["transfers"] == "go through"
    assert alert["after"]["transfers"] == "refused"
    assert alert["after"]["reason"] == ["paused"]
    assert {"sell", "send", "transfer"} <= set(alert["after"]["refused"])
    (state, call) = alert["evidence"]
    assert (state["kind"], state["slot"]) == ("state", "0x3")
    assert state["before"] != state["after"]
    assert (call["kind"], call["selector"]) == ("transaction", "0x16c38b3c")
    assert call["holders"] == ["owner storage 0x3 bits 24..183"]


def test_fee_raised_is_an_alert_with_both_taxes_exact(world: World) -> None:
    world.do("setFee(uint16)", 3)
    (alert,) = after(world, lambda: world.do("setFee(uint16)", 40))
    assert alert["kind"] == "tax_raised"
    assert alert["title"] == "The tax on transfers rose to 40 %"
    assert set(alert["before"].values()) == {30_000}
    assert set(alert["after"].values()) == {400_000}
    assert {"buy_tax_ppm", "sell_tax_ppm", "sell_large_tax_ppm"} <= set(alert["after"])


def test_fee_raised_in_small_steps_is_measured_from_the_first(world: World) -> None:
    with world.watcher(thresholds=Thresholds(tax_ppm=25_000)) as watcher:
        watcher.step()
        for percent in (1, 2, 3, 4):
            world.do("setFee(uint16)", percent)
            watcher.step()
    assert [(each["before"]["sell_tax_ppm"], each["after"]["sell_tax_ppm"]) for each in world.alerts()] == [
        (0, 30_000),
        (0, 40_000),
    ]


def test_changes_for_the_better_give_no_alert(world: World) -> None:
    world.do("setFee(uint16)", 30)
    world.do("setPaused(bool)", True)
    world.do("setBlocked(address,bool)", world.chain.accounts[5], True)

    def improve() -> None:
        world.do("setPaused(bool)", False)
        world.do("setFee(uint16)", 0)
        world.do("setBlocked(address,bool)", world.chain.accounts[5], False)
        world.do("setOwner(address)", ZERO)

    assert after(world, improve) == []


def test_act_without_effect_on_holders_is_noticed_and_gives_no_alert(world: World) -> None:
    with world.watcher() as watcher:
        watcher.step()
        world.do("setMarketing(address)", world.chain.accounts[8])
        watcher.step()
        (noticed,) = watcher.store.noticed(world.token)
    assert world.records() == []
    assert noticed["what"] == "changed, not for the worse"
    assert noticed["slots"] == ["0x4"]
    assert noticed["calls"][0]["selector"] == "0x8b0414d5"


def test_act_that_failed_is_no_act(world: World) -> None:
    def try_it() -> None:
        world.chain.do(world.token, "setPaused(bool)", True, sender=world.chain.accounts[6], must_succeed=False)

    assert after(world, try_it) == []


def test_account_on_a_black_list_is_named_while_others_trade_on(world: World) -> None:
    victim = world.chain.accounts[6]
    world.do("transfer(address,uint256)", victim, UNIT)
    (alert,) = after(world, lambda: world.do("setBlocked(address,bool)", victim, True))
    assert (alert["kind"], alert["subject"]) == ("account_blocked", victim)
    assert alert["before"] == {"account": victim, "can_send": True}
    assert alert["after"] == {"account": victim, "can_send": False, "reason": "blocked"}


def test_pool_on_a_black_list_stops_purchases(world: World) -> None:
    found = after(world, lambda: world.do("setBlocked(address,bool)", world.pair, True))
    assert [each["kind"] for each in found] == ["transfers_blocked"]
    assert found[0]["after"]["refused"] == ["buy"]


def test_balance_taken_by_a_privileged_call_names_account_and_amounts(world: World) -> None:
    victim = world.chain.accounts[6]
    world.do("transfer(address,uint256)", victim, 10 * UNIT)
    (alert,) = after(world, lambda: world.do("seize(address,uint256)", victim, 4 * UNIT))
    assert (alert["kind"], alert["subject"]) == ("balance_taken", victim)
    assert (alert["before"]["balance"], alert["after"]["balance"]) == (str(10 * UNIT), str(6 * UNIT))


def test_mint_beyond_the_threshold_is_an_alert_and_below_it_is_not(world: World) -> None:
    owner = world.chain.accounts[0]
    assert after(world, lambda: world.do("mint(address,uint256)", owner, SUPPLY // 200)) == []
    (alert,) = after(world, lambda: world.do("mint(address,uint256)", owner, SUPPLY))
    assert alert["kind"] == "supply_grew"
    assert int(alert["after"]["total_supply"]) == 2 * SUPPLY + SUPPLY // 200


def test_balance_that_an_owner_writes_for_himself_is_an_alert_though_the_supply_says_nothing(world: World) -> None:
    (alert,) = after(world, lambda: world.do("credit(uint256)", SUPPLY // 20))
    assert (alert["kind"], alert["subject"]) == ("balance_grew", world.chain.accounts[0])
    assert "By 5 % of the supply" in alert["text"]


def test_balance_of_a_known_holder_that_falls_without_its_doing_is_an_alert(world: World) -> None:
    holder = world.chain.accounts[5]
    slot = balance_slot(world.layout, holder)

    def rewrite() -> None:
        world.chain.ask("anvil_setStorageAt", world.token, f"0x{slot:064x}", f"0x{UNIT:064x}")
        world.chain.mine()

    (alert,) = after(world, rewrite)
    assert (alert["kind"], alert["subject"]) == ("balance_taken", holder)
    assert (alert["before"]["balance"], alert["after"]["balance"]) == (str(100 * UNIT), str(UNIT))
    assert alert["transaction"] is None


def test_holder_that_sells_everything_is_no_alert_and_nothing_unknown(world: World) -> None:
    holder = world.chain.accounts[5]
    sell = ("transfer(address,uint256)", world.pair, 100 * UNIT)
    assert after(world, lambda: world.do(*sell, sender=holder)) == []
    assert world.records() == []


def test_tokens_taken_out_of_a_pool_are_an_alert_of_the_pool(world: World) -> None:
    found = after(world, lambda: world.do("seize(address,uint256)", world.pair, 100 * UNIT))
    assert [each["kind"] for each in found] == ["balance_taken", "pool_tampered"]
    assert found[1]["before"]["token_held"] == str(1000 * UNIT)


def test_new_symbol_is_an_alert(world: World) -> None:
    text = b"USDT".hex().ljust(64, "0")
    data = selector("rename(string)") + f"{32:064x}{4:064x}{text}"
    (alert,) = after(world, lambda: world.chain.send(world.token, data))
    assert alert["kind"] == "renamed"
    assert (alert["before"], alert["after"]) == ({"symbol": "LST"}, {"symbol": "USDT"})


def test_pools_of_known_markets_are_found_where_none_is_given(world: World) -> None:
    markets = Markets((Factory("Own", "v2", world.factory),), (Quote("COIN", 18, world.coin),))
    with world.watcher(tokens=[replace(world.listed, pools=())], markets=markets) as watcher:
        watcher.step()
        drain(world)
        watcher.step()
    assert [(each["kind"], each["subject"]) for each in world.alerts()] == [("pool_drained", world.pair)]


def test_new_owner_is_an_alert(world: World) -> None:
    (alert,) = after(world, lambda: world.do("setOwner(address)", world.chain.accounts[7]))
    assert alert["kind"] == "power_changed_hands"
    assert alert["before"] == {"owner": world.chain.accounts[0]}
    assert alert["after"] == {"owner": world.chain.accounts[7]}


def test_owner_that_comes_back_after_giving_up_is_an_alert(anvil: str, tmp_path: Path) -> None:
    world = make_world(anvil, tmp_path / "watch", proxied=True)
    world.do("setOwner(address)", ZERO)
    slot = "0x" + f"{3:064x}"

    def come_back() -> None:
        word = world.chain.accounts[8][2:].rjust(40, "0") + "000000"
        world.chain.ask("anvil_setStorageAt", world.token, slot, "0x" + word.rjust(64, "0"))
        world.chain.mine()

    (alert,) = after(world, come_back)
    assert alert["kind"] == "power_taken_back"
    assert alert["before"] == {"owner": ZERO}


def test_upgrade_to_a_trap_is_an_alert_for_the_code_and_for_the_transfers(anvil: str, tmp_path: Path) -> None:
    world = make_world(anvil, tmp_path / "watch", proxied=True)
    vulnerable = world.chain.deploy(LISTED, "ListedTrap")

    def upgrade() -> None:
        world.do("upgradeTo(address)", vulnerable, sender=world.chain.accounts[9])

    upgraded, blocked = after(world, upgrade)
    assert (upgraded["kind"], blocked["kind"]) == ("upgraded", "transfers_blocked")
    assert upgraded["after"]["implementation"] == vulnerable
    assert upgraded["before"]["code_hash"] != upgraded["after"]["code_hash"]
    assert upgraded["transaction"] == blocked["transaction"] is not None
    assert blocked["after"]["reason"] == ["only the owner sells"]


def test_upgrade_through_an_admin_contract_names_the_transaction(anvil: str, tmp_path: Path) -> None:
    world = make_world(anvil, tmp_path / "watch", proxied=True)
    chain = world.chain
    admin = chain.deploy(PROXIES, "Admin")
    slot = "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103"
    chain.ask("anvil_setStorageAt", world.token, slot, "0x" + admin[2:].rjust(64, "0"))
    chain.mine()
    other = chain.deploy(LISTED, "Listed", 1)
    receipts: list[dict[str, Any]] = []
    found = after(world, lambda: receipts.append(chain.do(admin, "upgrade(address,address)", world.token, other)))
    assert [each["kind"] for each in found] == ["upgraded"]
    assert found[0]["transaction"] == receipts[0]["transactionHash"]


def test_code_that_is_gone_is_an_alert(world: World) -> None:
    def destroy() -> None:
        world.chain.ask("anvil_setCode", world.token, "0x")
        world.chain.mine()

    found = after(world, destroy)
    assert found[0]["kind"] == "code_changed"
    assert found[0]["after"]["code_hash"] == "none"


def drain(world: World, share: int = 1) -> None:
    """Take liquidity out of the pair: all of it, or a part."""
    chain, owner = world.chain, world.chain.accounts[0]
    held = chain.view(world.pair, "balanceOf(address)", owner)
    chain.do(world.pair, "transfer(address,uint256)", world.pair, held // share)
    chain.do(world.pair, "burn(address)", owner)


def test_drained_pool_is_an_alert_with_what_was_in_it(world: World) -> None:
    (alert,) = after(world, lambda: drain(world))
    assert (alert["kind"], alert["subject"]) == ("pool_drained", world.pair)
    assert alert["before"]["quote_held"] == str(500 * UNIT)
    assert int(alert["after"]["quote_held"]) < UNIT


def test_pool_drained_in_parts_within_the_span_is_one_alert(world: World) -> None:
    with world.watcher() as watcher:
        watcher.step()
        for _ in range(4):
            drain(world, 4)
            watcher.step()
        assert [each["kind"] for each in world.alerts()] == ["pool_drained"]
        world.chain.mine(2)
        watcher.step()
    assert len(world.alerts()) == 1


def test_small_sales_into_the_pool_are_no_drain(world: World) -> None:
    assert after(world, lambda: drain(world, 10)) == []


def test_liquidity_whose_lock_ends_is_an_alert_at_the_block_after_the_end(world: World) -> None:
    chain = world.chain
    now = int(chain.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    with Node(chain.url) as node:
        lock = create_time_lock(node, chain.accounts[0]).address
        held = chain.view(world.pair, "balanceOf(address)", chain.accounts[0])
        lock_tokens(node, chain.accounts[0], lock, world.pair, held, now + 1000)
    with world.watcher(tokens=[replace(world.listed, lockers=(lock,))]) as watcher:
        watcher.step()
        chain.mine(1, seconds=500)
        watcher.step()
        assert world.alerts() == []
        chain.mine(1, seconds=600)
        watcher.step()
    (alert,) = world.alerts()
    assert (alert["kind"], alert["subject"]) == ("liquidity_unlocked", world.pair)
    assert alert["before"]["locked_ppm"] == 1_000_000  # with the share that every pair burns at its start
    assert alert["after"]["locked_ppm"] == 0


def test_flapping_is_alerted_once_and_again_only_when_it_gets_worse(world: World) -> None:
    with world.watcher() as watcher:
        watcher.step()
        for percent in (20, 0, 20, 0, 20, 60, 0, 60):
            world.do("setFee(uint16)", percent)
            watcher.step()
        repeated = [each for each in watcher.store.noticed(world.token) if each["what"] == "repeated"]
    assert [each["after"]["sell_tax_ppm"] for each in world.alerts()] == [200_000, 600_000]
    assert len(repeated) == 3


def test_flapping_is_alerted_again_after_the_quiet_span(world: World) -> None:
    with world.watcher(thresholds=Thresholds(quiet_blocks=4)) as watcher:
        watcher.step()
        for paused in (True, False):
            world.do("setPaused(bool)", paused)
        world.chain.mine(10)
        world.do("setPaused(bool)", True)
        watcher.step()
    assert [each["kind"] for each in world.alerts()] == ["transfers_blocked"] * 2


def test_two_changes_in_one_block_each_name_their_own_transaction(world: World) -> None:
    chain = world.chain
    hashes: list[str] = []

    def both() -> None:
        chain.ask("evm_setAutomine", False)
        hashes.append(chain.submit(world.token, "setMarketing(address)", chain.accounts[8]))
        hashes.append(chain.submit(world.token, "setFee(uint16)", 50))
        chain.mine()
        chain.ask("evm_setAutomine", True)

    (alert,) = after(world, both)
    assert alert["kind"] == "tax_raised"
    assert alert["transaction"] == hashes[1]


def test_token_without_a_number_at_the_venue_has_no_draft(world: World) -> None:
    with world.watcher(tokens=[replace(world.listed, asset_id=None)]) as watcher:
        watcher.step()
        world.do("setPaused(bool)", True)
        watcher.step()
    assert world.alerts()[0]["draft"] is None
    assert not (world.folder / "drafts").exists()


def test_address_without_code_is_said_to_have_none(anvil: str, tmp_path: Path) -> None:
    world = World(DevChain(anvil), "0x" + "ab" * 20, ZERO, ZERO, ZERO, tmp_path)
    with world.watcher(tokens=[ListedToken(world.token)]) as watcher:
        watcher.step()
    assert world.kinds() == ["no_code"]
