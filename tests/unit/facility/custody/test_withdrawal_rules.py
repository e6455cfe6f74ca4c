"""What a withdrawal waits for, one rule after another, and what nobody claimed goes back: on a real chain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from coincurve import PrivateKey

from tarazy.chains.bitcoin.descriptors import key_address
from tarazy.chains.evm.transactions import checksummed
from tarazy.domain.records import (
    ApproveWithdrawal,
    CustodyLocation,
    FundHouse,
    LendFloat,
    RejectWithdrawal,
    RequestReturn,
    RequestWithdrawal,
    WithdrawalReason,
)
from tarazy.facility.accounts.destinations import Destinations
from tarazy.facility.custody.address_lists import replace_list
from tarazy.facility.custody.chain_kinds import prove
from tarazy.facility.custody.destinations import is_destination, name_destination, ownership_message, prove_ownership
from tarazy.facility.custody.errors import CustodyInputError, CustodyRefusedError, UnknownInCustodyError
from tarazy.facility.custody.outputs import outputs, overdue
from tarazy.facility.custody.sweeps import plan_sweep
from tarazy.facility.custody.travel_data import FULL, TransferPerson
from tarazy.facility.custody.travel_messages import OUT, keep_message
from tarazy.facility.custody.withdrawal_requests import WithdrawalAsk, adopt_requests, ask_withdrawal, keep_return
from tarazy.facility.projections.effects import Pool
from tarazy.oversight.requests.withdrawal_requests import destination_hash
from tarazy.spec.venue import Venue

from ....btc_chain import COIN, MINER_ADDRESS, BtcChain, running_btcd
from ....custody_stage import BTC, TRAVEL, Stage

HOT = int(CustodyLocation.hot)
OWN = PrivateKey(sha256(b"a client's own wallet").digest())
OWN_KEY = OWN.public_key.format(compressed=True)
OWN_ADDRESS = key_address(OWN_KEY, "regtest").address


@pytest.fixture(scope="module")
def btc(btcd: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BtcChain]:
    with running_btcd(btcd, tmp_path_factory.mktemp("btcd")) as found:
        yield found


@pytest.fixture
def stage(btc: BtcChain, tmp_path: Path) -> Iterator[Stage]:
    """Return a stage whose machines may approve up to two coins; a coin is worth 100,000 dollars."""
    found = Stage(tmp_path, Venue, btc=btc, approve_max=2 * COIN)
    found.found()
    with found.open():
        found.set_rate(BTC, 100_000_00, COIN)
        when = (
            found.sequencer.engine.last_ts_ns
        )  # the house lends coin for fees: a fee that nobody covers stops the asset
        found.people(
            FundHouse(HOT, 0, BTC, when, COIN, b"\1" * 32), LendFloat(HOT, HOT, 0, BTC, when, COIN, b"\2" * 32)
        )
        btc.pay((found.deposit_address(1).address, 9 * COIN))
        found.mine(2)
        found.settle_arrivals()
        yield found


def test_above_the_mandate_two_people_approve(stage: Stage) -> None:
    row = stage.ask(1, BTC, 3 * COIN, stage.name_hosted(1, MINER_ADDRESS))
    stage.withdrawals.step()
    row = stage.row(row.request)
    assert (row.state, row.hold) == ("requested", "two officers approve it")
    terms = (row.account_id, row.asset_id, row.withdrawal_id, row.amount_minor, destination_hash(row.address))
    stage.people(ApproveWithdrawal(0, *terms))
    stage.withdrawals.step()
    assert stage.row(row.request).state == "sent"


def test_rejected_in_the_record_ends_before_it_is_dispatched(stage: Stage) -> None:
    row = stage.ask(1, BTC, 3 * COIN, stage.name_hosted(1, MINER_ADDRESS))
    stage.withdrawals.step()
    number = stage.row(row.request).withdrawal_id
    stage.people(RejectWithdrawal(int(WithdrawalReason.compliance), 0, number))
    stage.withdrawals.step()
    assert stage.row(row.request).state == "rejected"
    assert stage.balance(1, BTC) == (9 * COIN, 0)


def test_more_than_the_client_has_is_refused_by_the_record(stage: Stage) -> None:
    row = stage.ask(1, BTC, 10 * COIN, stage.name_hosted(1, MINER_ADDRESS))
    stage.withdrawals.step()
    assert (stage.row(row.request).state, stage.row(row.request).hold) == ("refused", "insufficient_balance")


def test_new_destination_is_locked_for_a_day_and_naming_it_again_changes_nothing(stage: Stage) -> None:
    first = name_destination(stage.store, stage.adapters[0], 1, MINER_ADDRESS, "exchange")
    stage.later += timedelta(hours=23)
    assert name_destination(stage.store, stage.adapters[0], 1, MINER_ADDRESS.upper(), "exchange") == first
    row = stage.ask(1, BTC, COIN, MINER_ADDRESS)
    stage.withdrawals.step()
    assert "locked until" in stage.row(row.request).hold
    stage.later += timedelta(hours=2)
    stage.withdrawals.step()
    assert stage.row(row.request).state == "sent"


def test_self_hosted_destination_above_1000_needs_the_clients_signature(stage: Stage) -> None:
    named = name_destination(stage.store, stage.adapters[0], 1, OWN_ADDRESS)
    stage.later += timedelta(hours=25)
    small = stage.ask(1, BTC, COIN // 100, OWN_ADDRESS)  # exactly 1,000: not above
    large = stage.ask(1, BTC, COIN // 100 + 1, OWN_ADDRESS)
    stage.withdrawals.step()
    assert stage.row(small.request).state == "sent"
    assert stage.row(large.request).hold == "control of the self-hosted destination is not shown"
    message = ownership_message(stage.record.facility_id, named)

    def sign(digest: bytes) -> bytes:
        found: bytes = OWN.sign_recoverable(digest, hasher=None)[:64]
        return found

    proof = prove(named.chain, OWN_ADDRESS, message, OWN_KEY, sign)
    with pytest.raises(CustodyRefusedError):
        prove_ownership(stage.store, bytes(16), named, proof)  # of another facility
    prove_ownership(stage.store, stage.record.facility_id, named, proof)
    stage.mine(2)
    stage.poll()
    stage.withdrawals.step()
    assert stage.row(large.request).state == "sent", stage.row(large.request)
    # What comes back from there is the client's own, and needs no provider's data.
    stage.mine(2)
    stage.settle_arrivals()


def test_travel_data_must_be_accepted_and_complete(stage: Stage) -> None:
    to = stage.name_hosted(1, MINER_ADDRESS)
    bare = TRAVEL._replace(originator=TransferPerson("A B"))
    ask = WithdrawalAsk(1, BTC, COIN, to, bare)
    with pytest.raises(CustodyRefusedError, match="no originator address, national id"):
        ask_withdrawal(stage.store, stage.adapters[0], stage.view, ask)
    small = ask_withdrawal(stage.store, stage.adapters[0], stage.view, ask._replace(amount_minor=COIN // 100 - 10))
    stage.withdrawals.step()
    assert "has not accepted the travel data" in stage.row(small.request).hold
    stage.store.do("UPDATE providers SET status = 'refused' WHERE provider = 'exchange'")
    stage.store.do("UPDATE travel SET state = 'accepted'")
    stage.withdrawals.step()
    assert stage.row(small.request).hold == "provider exchange is refused"


def test_listed_destination_and_listed_sender_stop(stage: Stage, btc: BtcChain) -> None:
    to = stage.name_hosted(1, MINER_ADDRESS)
    replace_list(stage.store, stage.actor, "OFAC", stage.adapters[0].chain, [MINER_ADDRESS])
    row = stage.ask(1, BTC, COIN, to)
    stage.withdrawals.step()
    assert stage.row(row.request).hold == "the destination is on the list OFAC"
    btc.pay((stage.deposit_address(2).address, COIN))  # the miner pays: its key stands in the witness
    stage.mine(2)
    stage.settle_arrivals()
    (arrival,) = outputs(stage.store, "state = 'waiting'")
    assert arrival.reason == f"sender {MINER_ADDRESS} is on the list OFAC"
    assert stage.balance(2, BTC) == (0, 0)


def test_own_address_and_unnamed_destination_are_refused(stage: Stage) -> None:
    with pytest.raises(CustodyRefusedError, match="one of ours"):
        name_destination(stage.store, stage.adapters[0], 1, stage.deposit_address(2).address)
    with pytest.raises(UnknownInCustodyError, match="destination"):
        stage.ask(1, BTC, COIN, MINER_ADDRESS)
    with pytest.raises(CustodyInputError, match="an address of bip122"):
        name_destination(stage.store, stage.adapters[0], 1, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")


def test_what_nobody_claims_is_overdue_and_goes_back(stage: Stage, btc: BtcChain) -> None:
    main = stage.store.one("main", "SELECT address FROM addresses WHERE wallet = 'hot' AND role = 'main'")[0]
    btc.pay((main, 2 * COIN))
    stage.mine(2)
    stage.settle_arrivals()
    (arrival,) = outputs(stage.store, "state = 'waiting'")
    assert overdue(stage.store) == []
    stage.later += timedelta(days=31)
    assert overdue(stage.store) == [arrival]
    with pytest.raises(CustodyRefusedError, match="a return of it to"):
        keep_return(stage.store, stage.adapters[0], stage.view, arrival.receipt_id, MINER_ADDRESS)
    stage.people(RequestReturn(0, arrival.receipt_id, COIN, destination_hash(MINER_ADDRESS)))
    row = keep_return(stage.store, stage.adapters[0], stage.view, arrival.receipt_id, MINER_ADDRESS)
    assert keep_return(stage.store, stage.adapters[0], stage.view, arrival.receipt_id, MINER_ADDRESS) == row
    stage.withdrawals.step()
    assert stage.row(row.request).state == "sent"
    stage.mine(2)
    stage.poll()
    stage.withdrawals.step()
    assert stage.row(row.request).state == "done"
    assert stage.view.pool_minor(BTC, Pool.unattributed) == COIN


def test_requests_of_the_gateway_are_taken_on_once(stage: Stage, tmp_path: Path) -> None:
    kept = Destinations(tmp_path)
    to = stage.name_hosted(1, MINER_ADDRESS)
    hashed = kept.keep(1, to)
    assert stage.record.ask(RequestWithdrawal(0, 1, BTC, COIN, hashed, 777)).is_done
    (row,) = adopt_requests(stage.store, stage.adapters[0], stage.view, kept)
    assert adopt_requests(stage.store, stage.adapters[0], stage.view, kept) == []
    stage.withdrawals.step()
    assert stage.row(row.request).hold == "no travel data"
    message = keep_message(stage.store, OUT, str(row.request), "exchange", FULL, TRAVEL)
    stage.store.do("UPDATE travel SET state = 'accepted' WHERE message = ?", message.message)
    stage.withdrawals.step()
    assert stage.row(row.request).state == "sent"
    kept.close()


def test_destination_may_be_sent_in_either_case() -> None:
    address = "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
    for sent in (address, checksummed(address)):
        assert is_destination("eip155:1", address, destination_hash(sent))
    assert not is_destination("eip155:1", address, destination_hash(address.upper()))


@pytest.mark.parametrize(
    ("hot", "cold", "move"),
    [(0, 0, 0), (100, 0, 99), (20, 980, 0), (30, 970, 15), (4, 996, -11), (5, 995, 0), (1000, 9000, 850)],
)
def test_sweep_is_planned_within_the_floors(stage: Stage, hot: int, cold: int, move: int) -> None:
    """98 % cold at least, hot 0.5 % at least, target 1.5 %: by hand."""
    view = stage.view
    view.pools.clear()
    view.pools[7, int(Pool.client_custody), 1] = hot
    view.pools[7, int(Pool.client_custody), 3] = cold
    assert plan_sweep(view, stage.store, 7).move_minor == move
