"""Real coins and tokens on a real chain, one facility: deposit, gathering, withdrawal, fees, reorganisations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.chains.adapter import NATIVE
from tarazy.chains.errors import NodeError
from tarazy.domain.records import CustodyLocation, FundHouse, LendFloat
from tarazy.facility.custody.errors import CustodyRefusedError
from tarazy.facility.custody.inventory import main_address
from tarazy.facility.custody.outputs import outputs
from tarazy.facility.custody.payment_makers import FeePolicy
from tarazy.facility.custody.sweeps import Gatherer
from tarazy.facility.custody.withdrawal_rows import payments
from tarazy.facility.projections.effects import Pool
from tarazy.journal.verify import verify
from tarazy.spec.venue import Venue

from ....custody_stage import ETH, USDT, Stage
from ....devchain import DevChain
from ....servers import HostileNode

TOKENS = Path(__file__).parents[2] / "chains" / "evm" / "contracts" / "artifacts" / "Custody.json"
THEIRS = "0x00000000000000000000000000000000000000c7"
HOT, COLD = CustodyLocation.hot, CustodyLocation.cold
ETHER = 10**18
SUPPLY = 10**12


def staged(anvil: str, folder: Path, token: str = "Plain", **options: object) -> Stage:
    chain = DevChain(anvil)
    stage = Stage(folder, Venue, evm=chain, token=chain.deploy(TOKENS, token, SUPPLY), **options)  # type: ignore[arg-type]
    stage.found()
    return stage


def chain_of(stage: Stage) -> DevChain:
    assert stage.evm is not None
    return stage.evm


def lend_gas(stage: Stage) -> None:
    """Let the house lend an ether for gas, on the chain and in the ledger."""
    chain_of(stage).send(main_address(stage.store, "hot").address, value=ETHER)
    when = stage.sequencer.engine.last_ts_ns
    stage.people(FundHouse(int(HOT), 0, ETH, when, ETHER, b"\1" * 32))
    stage.people(LendFloat(int(HOT), int(HOT), 0, ETH, when, ETHER, b"\2" * 32))


def deposit(stage: Stage, account_id: int, *, ether: int = 0, token: int = 0) -> None:
    """Pay a client's address, mine, journal."""
    address = stage.deposit_address(account_id).address
    if ether:
        chain_of(stage).send(address, value=ether)
    if token:
        chain_of(stage).do(stage.token, "transfer(address,uint256)", address, token)
    stage.mine(stage.depth)
    stage.settle_arrivals()


def finish(stage: Stage) -> None:
    """Take withdrawals and moves to their end."""
    for _ in range(6):
        stage.withdrawals.step()
        stage.sweeps.step()
        stage.mine(stage.depth)
        stage.settle_arrivals()


def gather(stage: Stage) -> None:
    """Bring everything to the main address."""
    desk = Gatherer(stage.store, stage.adapters[0], "hot", stage.fees)
    for _ in range(6):
        if not desk.step({ETH: ETHER // 10}) and not payments(
            stage.store, "request = 0 AND state NOT IN ('done', 'dropped')"
        ):
            return
        finish(stage)
    raise AssertionError("not everything was gathered")


def held(stage: Stage, asset: str) -> int:
    """Return what the chain has at the addresses of the hot wallet."""
    adapter = stage.adapters[0]
    rows = stage.store.all("SELECT address FROM addresses WHERE wallet = 'hot'")
    return sum(adapter.balance(asset, row[0], adapter.height()) for row in rows)


def test_token_and_coin_go_in_and_out_and_the_ledger_has_what_the_chain_has(anvil: str, tmp_path: Path) -> None:
    stage = staged(anvil, tmp_path)
    with stage.open():
        lend_gas(stage)
        deposit(stage, 1, ether=2 * ETHER, token=500)
        stage.settle_arrivals()
        # The lent coin arrived at the main address, which is no client's: finance has journaled it already.
        waiting = stage.view.pool_minor(ETH, Pool.unattributed)
        assert waiting == ETHER
        assert stage.balance(1, ETH) == (2 * ETHER, 0)
        assert stage.balance(1, USDT) == (500, 0)
        gather(stage)
        assert held(stage, stage.token) == stage.view.custody_minor(USDT, HOT) == 500
        to = stage.name_hosted(1, THEIRS)
        rows = [stage.ask(1, USDT, 200, to), stage.ask(1, ETH, ETHER, to)]
        finish(stage)
        assert [stage.row(row.request).state for row in rows] == ["done", "done"]
        adapter = stage.adapters[0]
        assert adapter.balance(stage.token, THEIRS, adapter.height()) == 200
        assert adapter.balance(NATIVE, THEIRS, adapter.height()) == ETHER
        assert stage.balance(1, USDT) == (300, 0)
        assert stage.balance(1, ETH) == (ETHER, 0)
        assert stage.view.custody_minor(USDT, HOT) == held(stage, stage.token) == 300
        assert stage.view.custody_minor(ETH, HOT) - waiting == held(stage, NATIVE)
        assert stage.view.pool_minor(ETH, Pool.shortfall) == 0
    assert verify(stage.journal).ok


def test_token_that_keeps_a_fee_credits_what_arrived(anvil: str, tmp_path: Path) -> None:
    stage = staged(anvil, tmp_path, "KeepsFee")
    with stage.open():
        deposit(stage, 1, token=1000)
        assert stage.balance(1, USDT) == (900, 0)
        assert stage.view.custody_minor(USDT, HOT) == 900


def test_token_that_writes_entries_alone_credits_nothing(anvil: str, tmp_path: Path) -> None:
    stage = staged(anvil, tmp_path, "Phantom")
    with stage.open():
        deposit(stage, 1, token=1000)
        assert stage.balance(1, USDT) == (0, 0)


def test_rebase_shows_in_the_balance_and_not_in_the_ledger(anvil: str, tmp_path: Path) -> None:
    stage = staged(anvil, tmp_path, "Rebasing")
    with stage.open():
        deposit(stage, 1, token=1000)
        chain_of(stage).do(stage.token, "rebase(uint256)", 80)
        stage.mine(2)
        stage.settle_arrivals()
        assert stage.view.custody_minor(USDT, HOT) == 1000
        assert held(stage, stage.token) == 800


def test_payment_that_a_token_would_undo_is_not_sent(anvil: str, tmp_path: Path) -> None:
    stage = staged(anvil, tmp_path, "Blacklisting")
    with stage.open():
        lend_gas(stage)
        deposit(stage, 1, token=1000)
        gather(stage)
        to = stage.name_hosted(1, THEIRS)
        chain_of(stage).do(stage.token, "block_(address)", THEIRS)
        row = stage.ask(1, USDT, 100, to)
        stage.withdrawals.step()
        found = stage.row(row.request)
        assert found.state == "approved"
        assert found.hold.startswith("the token refuses")
        assert stage.balance(1, USDT) == (900, 100)


def test_payment_that_the_chain_undid_waits_for_people_and_is_retried(anvil: str, tmp_path: Path) -> None:
    stage = staged(anvil, tmp_path, "Blacklisting")
    with stage.open():
        lend_gas(stage)
        deposit(stage, 1, token=1000)
        gather(stage)
        row = stage.ask(1, USDT, 100, stage.name_hosted(1, THEIRS))
        chain_of(stage).ask("evm_setAutomine", False)
        stage.withdrawals.step()
        blocked = chain_of(stage).submit(stage.token, "block_(address)", THEIRS)
        priority = chain_of(stage).ask("eth_getTransactionByHash", blocked)
        assert priority is not None
        # The block is mined before the payment: it pays less for gas than the owner's act.
        chain_of(stage).ask(
            "anvil_dropTransaction", payments(stage.store, "request = ?", row.request)[0].transaction_id
        )
        chain_of(stage).mine()
        stage.adapters[0].broadcast(payments(stage.store, "request = ?", row.request)[0].signed)
        chain_of(stage).mine(2)
        chain_of(stage).ask("evm_setAutomine", True)
        stage.poll()
        stage.withdrawals.step()
        found = stage.row(row.request)
        assert found.state == "failed"
        assert stage.balance(1, USDT) == (900, 100)  # nothing is given back by itself
        chain_of(stage).ask("anvil_setCode", THEIRS, "0x")
        stage.withdrawals.retry(row.request)
        stage.withdrawals.step()
        assert stage.row(row.request).hold.startswith("the token refuses")


def test_native_reorganisation_undoes_and_credits_again(anvil: str, tmp_path: Path) -> None:
    stage = staged(anvil, tmp_path)
    with stage.open():
        address = stage.deposit_address(1).address
        receipt = chain_of(stage).send(address, value=ETHER)
        raw = chain_of(stage).ask("eth_getRawTransactionByHash", receipt["transactionHash"])
        stage.mine(1)
        stage.settle_arrivals()
        assert stage.balance(1, ETH) == (ETHER, 0)
        chain_of(stage).reorganise(2)
        stage.poll()
        assert stage.deposits.step().undone == 1
        assert stage.balance(1, ETH) == (0, 0)
        if chain_of(stage).ask("eth_getTransactionReceipt", receipt["transactionHash"]) is None:
            chain_of(stage).ask("eth_sendRawTransaction", raw)
        stage.mine(2)
        stage.settle_arrivals()
        assert stage.balance(1, ETH) == (ETHER, 0)
        assert [row.state for row in outputs(stage.store)] == ["credited"]
    assert verify(stage.journal).ok


def test_stuck_payment_is_replaced_under_its_number(anvil: str, tmp_path: Path) -> None:
    stage = staged(anvil, tmp_path, fees=FeePolicy(tip_wei=10**9))
    with stage.open():
        lend_gas(stage)
        deposit(stage, 1, ether=ETHER)
        gather(stage)
        row = stage.ask(1, ETH, ETHER // 2, stage.name_hosted(1, THEIRS))
        chain_of(stage).ask("evm_setAutomine", False)
        stage.withdrawals.step()
        (first,) = payments(stage.store, "request = ?", row.request)
        for _ in range(6):  # blocks that leave it out
            chain_of(stage).ask("anvil_dropTransaction", first.transaction_id)
            chain_of(stage).mine()
        stage.poll()
        stage.withdrawals.step()
        both = payments(stage.store, "request = ?", row.request)
        assert [each.nonce for each in both] == [first.nonce] * 2
        assert both[1].fee_minor * 8 >= first.fee_minor * 9
        chain_of(stage).ask("evm_setAutomine", True)
        finish(stage)
        assert stage.row(row.request).state == "done"
        adapter = stage.adapters[0]
        assert adapter.balance(NATIVE, THEIRS, adapter.height()) == ETHER // 2


def test_second_watcher_who_sees_something_else_stops_the_credit(
    anvil: str, tmp_path: Path, hostile_node: HostileNode
) -> None:
    hostile_node.upstream = anvil
    stage = staged(anvil, tmp_path, second_node=hostile_node.url)
    hidden: list[str] = []
    hostile_node.lies["eth_getBlockByNumber"] = lambda _, block: (
        {**block, "transactions": [each for each in block["transactions"] if not_hidden(each, hidden)]}
        if block
        else block
    )
    with stage.open():
        address = stage.deposit_address(1).address
        hidden.append(address)
        chain_of(stage).send(address, value=ETHER)
        stage.mine(2)
        stage.poll()
        stage.tell_travel_data()
        with pytest.raises(CustodyRefusedError, match="officer 4, who sees other facts"):
            stage.deposits.step()
        assert stage.balance(1, ETH) == (0, 0)


def not_hidden(transaction: object, hidden: list[str]) -> bool:
    """Say whether a node that hides payments to an address would show a transaction."""
    return not isinstance(transaction, dict) or transaction["to"] not in hidden


def test_node_that_is_down_credits_nothing_and_the_next_poll_goes_on(
    anvil: str, tmp_path: Path, hostile_node: HostileNode
) -> None:
    hostile_node.upstream = anvil
    stage = staged(anvil, tmp_path, second_node=hostile_node.url)
    with stage.open():
        hostile_node.upstream = "http://127.0.0.1:9"
        chain_of(stage).send(stage.deposit_address(1).address, value=ETHER)
        stage.mine(2)
        with pytest.raises(NodeError):
            stage.poll()
        hostile_node.upstream = anvil
        stage.settle_arrivals()
        assert stage.balance(1, ETH) == (ETHER, 0)
