"""Real coins on a real node, one facility: deposit, withdrawal, sweep, reorganisations, stuck and replaced fees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.chains.adapter import NATIVE
from tarazy.domain.records import CustodyLocation, FundHouse, LendFloat, TopUpShortfall
from tarazy.facility.custody.inventory import addresses
from tarazy.facility.custody.outputs import outputs
from tarazy.facility.custody.payment_makers import FeePolicy
from tarazy.facility.custody.withdrawal_rows import PaymentRow, payments
from tarazy.facility.projections.effects import Pool
from tarazy.journal.verify import verify
from tarazy.spec.venue import Venue

from ....btc_chain import COIN, MINER_ADDRESS, BtcChain, running_btcd
from ....custody_stage import BTC, Stage

HOT, COLD = CustodyLocation.hot, CustodyLocation.cold


@pytest.fixture(scope="module")
def btc(btcd: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BtcChain]:
    with running_btcd(btcd, tmp_path_factory.mktemp("btcd")) as found:
        yield found


@pytest.fixture
def stage(btc: BtcChain, tmp_path: Path) -> Stage:
    found = Stage(tmp_path, Venue, btc=btc)
    found.found()
    return found


def deposit(stage: Stage, account_id: int, *amounts: int) -> bytes:
    """Pay a client's deposit address and mine as deep as is asked for."""
    assert stage.btc is not None
    address = stage.deposit_address(account_id).address
    raw = stage.btc.pay(*((address, amount) for amount in amounts))
    stage.mine(stage.depth)
    stage.settle_arrivals()
    return raw


def lend_float(stage: Stage, amount_minor: int) -> None:
    """Let the house lend coin for network fees; the coin itself is the house's affair here."""
    when = stage.sequencer.engine.last_ts_ns
    stage.people(FundHouse(int(HOT), 0, BTC, when, amount_minor, b"\1" * 32))
    stage.people(LendFloat(int(HOT), int(HOT), 0, BTC, when, amount_minor, b"\2" * 32))


def test_every_output_is_credited_once_after_its_depth(stage: Stage, btc: BtcChain) -> None:
    with stage.open():
        address = stage.deposit_address(1).address
        btc.pay((address, COIN), (address, COIN), (stage.deposit_address(2).address, 2 * COIN))
        stage.mine()
        stage.settle_arrivals()
        assert stage.balance(1, BTC) == (0, 0)
        stage.mine()
        stage.settle_arrivals()
        stage.settle_arrivals()
        assert stage.balance(1, BTC) == (2 * COIN, 0)
        assert stage.balance(2, BTC) == (2 * COIN, 0)
        assert stage.view.custody_minor(BTC, HOT) == 4 * COIN
    with stage.open():  # a new life finds everything done
        stage.settle_arrivals()
        assert stage.view.custody_minor(BTC, HOT) == 4 * COIN


def test_arrival_without_travel_data_or_owner_waits_and_is_attributed_or_returned(stage: Stage, btc: BtcChain) -> None:
    with stage.open():
        main = addresses(stage.store, wallet="hot")
        stranger = next(row.address for row in main if row.role == "main")
        btc.pay((stage.deposit_address(1).address, COIN), (stranger, COIN))
        stage.mine(2)
        stage.poll()
        assert stage.deposits.step().waiting == 2
        reasons = {row.address: row.reason for row in outputs(stage.store)}
        assert reasons == {
            stage.deposit_address(1).address: "no travel data came with it",
            stranger: "an address of no client",
        }
        assert stage.balance(1, BTC) == (0, 0)
        assert stage.view.pool_minor(BTC, Pool.unattributed) == 2 * COIN


def test_withdrawal_leaves_with_exactly_what_was_asked(stage: Stage, btc: BtcChain) -> None:
    with stage.open():
        deposit(stage, 1, 5 * COIN)
        lend_float(stage, COIN)
        to = stage.name_hosted(1, MINER_ADDRESS)
        row = stage.ask(1, BTC, 2 * COIN, to)
        stage.withdrawals.step()
        assert stage.row(row.request).state == "sent"
        assert stage.balance(1, BTC) == (3 * COIN, 2 * COIN)
        stage.mine(2)
        stage.poll()
        stage.withdrawals.step()
        assert stage.row(row.request).state == "done"
        assert stage.balance(1, BTC) == (3 * COIN, 0)
        (payment,) = payments(stage.store, "request = ?", row.request)
        assert stage.view.custody_minor(BTC, HOT) == 5 * COIN + COIN - 2 * COIN - payment.fee_minor
        assert stage.view.pool_minor(BTC, Pool.network_float) == COIN - payment.fee_minor
        assert stage.view.pool_minor(BTC, Pool.shortfall) == 0
        # The rest came back to our own address: no deposit of anybody.
        stage.settle_arrivals()
        assert [each.state for each in outputs(stage.store, "transaction_id = ?", payment.transaction_id)] == ["own"]
        coins = sum(each.amount_minor for each in outputs(stage.store, "height IS NOT NULL AND spent_height IS NULL"))
        assert coins == stage.view.custody_minor(BTC, HOT) - COIN  # the lent coin is in the ledger alone here
    assert verify(stage.journal).ok


def test_reorganised_credit_is_undone_with_its_shortfall_and_topped_up(stage: Stage, btc: BtcChain) -> None:
    with stage.open():
        raw = deposit(stage, 1, 3 * COIN)
        deposit(stage, 2, COIN)
        to = stage.name_hosted(1, MINER_ADDRESS)
        row = stage.ask(1, BTC, 2 * COIN, to)
        stage.withdrawals.advance(stage.row(row.request))
        assert stage.row(row.request).state == "sent"
        assert stage.balance(1, BTC) == (COIN, 2 * COIN)
        btc.reorganise(2 * stage.depth)  # neither deposit is in it
        stage.poll()
        assert stage.deposits.step().undone == 2
        # What was sent on cannot be taken back: 1 of the 3 is there, 2 are a stated shortfall.
        assert stage.balance(1, BTC) == (0, 2 * COIN)
        assert stage.balance(2, BTC) == (0, 0)
        assert stage.view.pool_minor(BTC, Pool.shortfall) == 2 * COIN
        when = stage.sequencer.engine.last_ts_ns
        stage.people(FundHouse(int(HOT), 0, BTC, when, 2 * COIN, b"\3" * 32))
        stage.people(TopUpShortfall(int(HOT), int(HOT), 0, BTC, when, 2 * COIN, b"\4" * 32))
        assert stage.view.pool_minor(BTC, Pool.shortfall) == 0
        # The deposit is mined again: it is credited again under the same evidence, once.
        btc.ask("sendrawtransaction", raw.hex()) if not known(btc, raw) else None
        stage.mine(2)
        stage.settle_arrivals()
        assert stage.view.pool_minor(BTC, Pool.shortfall) == 0
        assert stage.balance(1, BTC)[0] + stage.view.pool_minor(BTC, Pool.unattributed) >= 3 * COIN
    assert verify(stage.journal).ok


def known(btc: BtcChain, raw: bytes) -> bool:
    """Say whether the node has a transaction in its pool again."""
    from embit.transaction import Transaction

    return Transaction.parse(raw).txid().hex() in btc.ask("getrawmempool")


def test_short_hot_wallet_is_a_state_of_its_own_and_goes_on_when_coins_come(stage: Stage, btc: BtcChain) -> None:
    with stage.open():
        deposit(stage, 1, COIN)
        to = stage.name_hosted(1, MINER_ADDRESS)
        row = stage.ask(1, BTC, COIN, to)  # all of it: nothing is left for the fee
        stage.withdrawals.step()
        found = stage.row(row.request)
        assert found.state == "hot_short"
        assert "expected unspent outputs" in found.hold
        assert stage.balance(1, BTC) == (0, COIN)
        deposit(stage, 2, COIN)
        stage.withdrawals.step()
        assert stage.row(row.request).state == "sent"


def test_stuck_payment_is_replaced_and_only_one_of_the_two_is_mined(btc: BtcChain, tmp_path: Path) -> None:
    stage = Stage(tmp_path, Venue, btc=btc, fees=FeePolicy(rate=1_000))
    stage.found()
    with stage.open():
        deposit(stage, 1, 5 * COIN)
        lend_float(stage, COIN)
        to = stage.name_hosted(1, MINER_ADDRESS)
        row = stage.ask(1, BTC, COIN, to)
        stage.withdrawals.step()
        (first,) = payments(stage.store, "request = ?", row.request)
        height = btc.height
        btc.reorganise(0)  # blocks that leave the payment out
        for _ in range(6):
            btc.reorganise(0)
        assert btc.height >= height + 6
        stage.poll()
        stage.withdrawals.step()
        both = payments(stage.store, "request = ?", row.request)
        assert len(both) == 2
        assert both[1].fee_minor * 2 >= first.fee_minor * 3
        assert stage.row(row.request).state == "sent"
        assert stage.view.withdrawals[stage.row(row.request).withdrawal_id].dispatched_hash.hex() == both[1].digest
        stage.mine(2)
        stage.poll()
        stage.withdrawals.step()
        assert stage.row(row.request).state == "done"
        mined = [each for each in both if stage.adapters[0].mined(each.transaction_id)]
        assert [each.digest for each in mined] == [both[1].digest]
        assert stage.view.pool_minor(BTC, Pool.network_float) == COIN - both[1].fee_minor


@pytest.mark.parametrize("mined_first", [False, True], ids=["the bump is mined", "the first one is mined after all"])
def test_stuck_sweep_is_replaced_and_only_one_of_the_two_is_mined(
    btc: BtcChain, tmp_path: Path, mined_first: bool
) -> None:
    """A sweep of two coins that no block takes; a fee half as high again in the same place, as withdrawals have it."""
    stage = Stage(tmp_path, Venue, btc=btc, fees=FeePolicy(rate=1_000))
    stage.found()
    with stage.open():
        deposit(stage, 1, 5 * COIN)
        lend_float(stage, COIN)
        stage.sweeps.sweep(BTC, "cold", 2 * COIN)
        stage.sweeps.step()
        (first,) = payments(stage.store, "purpose = 'sweep'")
        for _ in range(7):  # blocks that leave the sweep out
            btc.reorganise(0)
        stage.poll()
        stage.sweeps.step()
        stage.sweeps.step()
        both = payments(stage.store, "purpose = 'sweep'")
        assert [each.state for each in both] == ["sent", "sent"]
        assert both[1].fee_minor * 2 >= first.fee_minor * 3
        assert set(both[0].spends) & set(both[1].spends)
    stage_again(stage, btc, both[0] if mined_first else both[1])
    assert verify(stage.journal).ok


def stage_again(stage: Stage, btc: BtcChain, wanted: PaymentRow) -> None:
    """Start anew; let a block take the wanted one of two sweeps, and look at what the record has."""
    with stage.open():
        stage.sweeps.step()
        btc.reorganise(0, wanted.signed)
        stage.mine()
        stage.poll()
        stage.sweeps.step()
        stage.sweeps.step()
        found = {each.digest: each.state for each in payments(stage.store, "purpose = 'sweep'")}
        assert sorted(found.values()) == ["done", "dropped"]
        assert found[wanted.digest] == "done"
        assert stage.view.custody_minor(BTC, CustodyLocation.cold) == 2 * COIN
        assert stage.view.pool_minor(BTC, Pool.network_float) == COIN - wanted.fee_minor


def test_settlement_that_the_chain_takes_back_is_undone_and_settled_again(stage: Stage, btc: BtcChain) -> None:
    with stage.open():
        deposit(stage, 1, 5 * COIN)
        lend_float(stage, COIN)
        to = stage.name_hosted(1, MINER_ADDRESS)
        row = stage.ask(1, BTC, COIN, to)
        stage.withdrawals.step()
        stage.mine(2)
        stage.poll()
        stage.withdrawals.step()
        assert stage.row(row.request).state == "done"
        btc.reorganise(2)
        stage.poll()
        stage.withdrawals.step()
        assert stage.row(row.request).state == "sent"
        assert stage.balance(1, BTC) == (4 * COIN, COIN)
        stage.mine(2)
        stage.poll()
        stage.withdrawals.step()
        assert stage.row(row.request).state == "done"
        assert stage.balance(1, BTC) == (4 * COIN, 0)


def test_sweep_moves_coins_to_cold_and_the_ledger_with_them(stage: Stage, btc: BtcChain) -> None:
    with stage.open():
        deposit(stage, 1, 5 * COIN)
        lend_float(stage, COIN)
        digest = stage.sweeps.sweep(BTC, "cold", 4 * COIN)
        stage.sweeps.step()
        stage.mine(2)
        stage.poll()
        assert stage.sweeps.step() == 1
        (payment,) = payments(stage.store, "digest = ?", digest)
        assert stage.view.custody_minor(BTC, COLD) == 4 * COIN
        assert stage.view.custody_minor(BTC, HOT) == 2 * COIN - payment.fee_minor
        stage.settle_arrivals()
        assert {each.state for each in outputs(stage.store, "transaction_id = ?", payment.transaction_id)} == {"own"}
        cold = addresses(stage.store, wallet="cold")[0].address
        found = outputs(stage.store, "address = ? AND contract = ?", cold, NATIVE)
        assert [each.amount_minor for each in found] == [4 * COIN]
    with stage.open():
        assert stage.sweeps.step() == 0
