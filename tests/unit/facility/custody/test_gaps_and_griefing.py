"""What real custodians met: numbers that are missing, one payment that holds up all, fees burnt, dust that costs gas.

A transaction behind a missing number is never mined (a nonce gap: the best-known fault of hot wallets); the others are
attacks by a desk in wrong hands, or by anybody who sends coins.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.chains.adapter import NATIVE
from tarazy.chains.evm.transactions import FeeMarketTransaction, read_unsigned
from tarazy.domain.records import FundHouse, LendFloat
from tarazy.facility.custody.errors import CustodyRefusedError, SignerRefusedError
from tarazy.facility.custody.faults import each_apart
from tarazy.facility.custody.inventory import find_wallet, main_address
from tarazy.facility.custody.moves import MovePolicy
from tarazy.facility.custody.payment_makers import EvmMaker
from tarazy.facility.custody.payment_notes import keep_payment
from tarazy.facility.custody.withdrawal_rows import payments
from tarazy.spec.venue import Venue

from ....custody_stage import ETH, EVM_CHAIN_ID, USDT, Stage
from ....devchain import DevChain

TOKENS = Path(__file__).parents[2] / "chains" / "evm" / "contracts" / "artifacts" / "Custody.json"
THEIRS = "0x00000000000000000000000000000000000000c7"
ETHER, HOT = 10**18, 1


@pytest.fixture
def stage(anvil: str, tmp_path: Path) -> Iterator[Stage]:
    """Return custody with two ether at its main address, of which the house lent one for fees."""
    chain = DevChain(anvil)
    made = Stage(tmp_path, Venue, evm=chain, token=chain.deploy(TOKENS, "Plain", 10**12))
    made.found()
    with made.open():
        chain.send(main_address(made.store, "hot").address, value=2 * ETHER)
        when = made.sequencer.engine.last_ts_ns
        made.people(FundHouse(HOT, 0, ETH, when, ETHER, b"\1" * 32))
        made.people(LendFloat(HOT, HOT, 0, ETH, when, ETHER, b"\2" * 32))
        yield made


def drafted(stage: Stage, request: int) -> FeeMarketTransaction:
    """Draft a payment for a request and keep it."""
    draft = stage.maker.make(NATIVE, THEIRS, ETHER // 100)
    with stage.store.changing():
        keep_payment(stage.store, "withdrawal", request, stage.adapters[0].chain, "hot", draft, ETH, ETHER // 100)
    return read_unsigned(draft)


def give_up(stage: Stage, request: int) -> None:
    """Give a draft up, as the desk does where officers reject the withdrawal before it is dispatched."""
    stage.store.do("UPDATE payments SET state = 'dropped' WHERE request = ? AND signed = x''", request)


def policy(stage: Stage) -> MovePolicy:
    """Return what begins moves by itself."""
    return MovePolicy(stage.store, stage.adapters[0], find_wallet(stage.store, "hot"), stage.sweeps, stage.fees)


def test_number_of_a_draft_that_was_given_up_is_taken_by_the_next_one(stage: Stage) -> None:
    first, second = drafted(stage, 101), drafted(stage, 102)
    assert second.nonce == first.nonce + 1
    give_up(stage, 101)
    assert (drafted(stage, 103).nonce, drafted(stage, 104).nonce) == (first.nonce, first.nonce + 2)


def test_payment_behind_a_missing_number_gets_it_filled_and_is_mined(stage: Stage) -> None:
    first, second = drafted(stage, 101), drafted(stage, 102)
    give_up(stage, 101)
    policy(stage).step(stage.view)
    (filler,) = payments(stage.store, "purpose = 'gap'")
    found = read_unsigned(filler.draft)
    assert (found.nonce, found.value_wei, found.to) == (first.nonce, 0, main_address(stage.store, "hot").address)
    policy(stage).step(stage.view)
    assert len(payments(stage.store, "purpose = 'gap'")) == 1
    stage.sweeps.step()
    stage.mine(stage.depth)
    stage.sweeps.step()
    assert [each.state for each in payments(stage.store, "purpose = 'gap'")] == ["done"]
    assert isinstance(stage.maker, EvmMaker)
    assert stage.maker.adapter.nonce(found.to) == second.nonce


def test_desk_in_wrong_hands_burns_no_more_than_some_fees_a_day(stage: Stage) -> None:
    """Five at the limit of 0.1 ether are signed, the sixth is not: the float is an ether, and clients' coins stay."""
    main = main_address(stage.store, "hot").address

    def move(nonce: int) -> bytes:
        return FeeMarketTransaction(EVM_CHAIN_ID, nonce, 1, 10**12, 100_000, main, 0, b"").unsigned()

    for nonce in range(5):
        stage.signer.sign_move(move(nonce))
    with pytest.raises(SignerRefusedError, match="a day"):
        stage.signer.sign_move(move(5))
    stage.signer.sign_move(move(4))  # what was signed before is given again


def test_dust_at_a_clients_address_makes_nobody_pay_gas(stage: Stage) -> None:
    """A unit of a token costs its sender little and would cost us a transfer of gas and one of the token."""
    assert stage.evm is not None
    address = stage.deposit_address(1).address
    stage.evm.do(stage.token, "transfer(address,uint256)", address, 1)
    stage.mine(stage.depth)
    stage.settle_arrivals()
    for rated in (False, True):
        if rated:
            stage.set_rate(USDT, 100, 10**6)
        assert policy(stage).step(stage.view).gathered == 0
    stage.evm.do(stage.token, "transfer(address,uint256)", address, 20 * 10**6)
    assert policy(stage).step(stage.view).gathered == 1


def test_nothing_moves_that_the_float_does_not_pay(stage: Stage) -> None:
    assert stage.evm is not None
    stage.set_rate(ETH, 300_000, ETHER)
    stage.evm.send(stage.deposit_address(1).address, value=ETHER)
    stage.mine(stage.depth)
    stage.settle_arrivals()
    draft = FeeMarketTransaction(EVM_CHAIN_ID, 90, 1, 10**13, 100_000, THEIRS, 0, b"").unsigned()
    with stage.store.changing():  # a payment under way that may cost all of it
        keep_payment(stage.store, "withdrawal", 200, stage.adapters[0].chain, "hot", draft, ETH, 0)
    begun = policy(stage).step(stage.view)
    assert (begun.sweeps, begun.gathered) == (0, 0)
    assert any("float is short" in need for need in begun.needs)


def test_one_item_that_cannot_go_on_holds_up_no_other_one() -> None:
    done = []

    def act(item: int) -> None:
        if item == 1:
            raise CustodyRefusedError("item", expected="another", found="1")
        done.append(item)

    with pytest.raises(CustodyRefusedError):
        each_apart([0, 1, 2], act)
    assert done == [0, 2]
