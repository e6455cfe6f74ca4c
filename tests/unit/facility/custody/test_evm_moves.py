"""Moves that are stuck on a real Ethereum-like chain, and coins at an address whose key is nobody's of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarazy.chains.evm.transactions import read_unsigned
from tarazy.facility.custody.deposits import DepositDesk
from tarazy.facility.custody.errors import CustodyRefusedError
from tarazy.facility.custody.inventory import add_address
from tarazy.facility.custody.outputs import outputs
from tarazy.facility.custody.payment_makers import FeePolicy
from tarazy.facility.custody.sweeps import Gatherer
from tarazy.facility.custody.wallet_keys import SeedKeys
from tarazy.facility.custody.withdrawal_rows import PaymentRow, payments
from tarazy.journal.verify import verify

from ....custody_stage import ETH, USDT, Stage
from .test_evm_life import ETHER, chain_of, deposit, finish, lend_gas, staged

LEFT_OUT = 8  # blocks: more than a move may wait (network.stuck_blocks)


def leave_out(stage: Stage, payment: PaymentRow) -> None:
    """Mine blocks that leave a move out, until its desk has replaced it."""
    for _ in range(LEFT_OUT):
        chain_of(stage).ask("anvil_dropTransaction", payment.transaction_id)
        chain_of(stage).mine()
    stage.poll()
    for _ in range(2):  # drafts the higher fee, then signs and sends it
        stage.sweeps.step()


def moves(stage: Stage) -> list[PaymentRow]:
    """Return the moves of coins, oldest first; gas for an address is none."""
    return payments(stage.store, "request = 0 AND purpose IN ('sweep', 'gather')")


@pytest.mark.parametrize("mined_first", [False, True], ids=["the bump is mined", "the first one is mined after all"])
@pytest.mark.parametrize("what", ["sweep", "coins of a client's address", "token of a client's address"])
def test_stuck_move_is_replaced_under_its_number_and_one_of_the_two_is_mined(
    anvil: str, tmp_path: Path, what: str, mined_first: bool
) -> None:
    """The replacement pays an eighth more at least, as a pool asks for a tenth, and moves no more coins."""
    stage = staged(anvil, tmp_path, fees=FeePolicy(tip_wei=10**9))
    with stage.open():
        lend_gas(stage)
        begin(stage, what)
        chain_of(stage).ask("evm_setAutomine", False)
        stage.sweeps.step()
        (first,) = moves(stage)
        assert first.state == "sent"
        leave_out(stage, first)
        both = moves(stage)
        assert [each.state for each in both] == ["sent", "sent"]
        assert len({(each.nonce, each.wallet) for each in both}) == 1
        assert both[1].fee_minor * 8 >= both[0].fee_minor * 9
        before, after = (read_unsigned(each.draft) for each in both)
        assert (after.to, after.data) == (before.to, before.data)
        paid_by_the_coins = before.value_wei - after.value_wei
        more_wei = (after.fee_wei - before.fee_wei) * after.gas
        assert paid_by_the_coins == (more_wei if what == "coins of a client's address" else 0)
        end(stage, both[not mined_first], both[mined_first])
    assert verify(stage.journal).ok


def begin(stage: Stage, what: str) -> None:
    """Draft a move."""
    if what == "sweep":
        deposit(stage, 1, ether=ETHER)
        stage.sweeps.sweep(ETH, "cold", ETHER // 4)
        return
    is_token = what.startswith("token")
    deposit(stage, 1, **{"token" if is_token else "ether": 10**9 if is_token else ETHER})
    if is_token:  # gas is there already: what is stuck is the token's own move
        chain_of(stage).send(stage.deposit_address(1).address, value=ETHER // 100)
        stage.mine(stage.depth)
    desk = Gatherer(stage.store, stage.adapters[0], "hot", stage.fees)
    assert desk.step({ETH: ETHER // 10, USDT: 1}) == 1


def end(stage: Stage, wanted: PaymentRow, other: PaymentRow) -> None:
    """Let the chain take one of two moves, and look at what became of them."""
    chain = chain_of(stage)
    for each in (wanted, other):
        chain.ask("anvil_dropTransaction", each.transaction_id)
    stage.adapters[0].broadcast(wanted.signed)
    chain.ask("evm_setAutomine", True)
    finish(stage)
    found = {each.digest: each.state for each in moves(stage) if each.digest in (wanted.digest, other.digest)}
    assert found == {wanted.digest: "done", other.digest: "dropped"}


def test_arrival_at_a_foreign_key_is_credited_to_nobody_and_holds_up_no_other(anvil: str, tmp_path: Path) -> None:
    """An officer enters its own address as a client's; the signer has no such key, and nothing there is credited."""
    stage = staged(anvil, tmp_path)
    thief = SeedKeys(tmp_path / "thief.seed", "hot")
    with stage.open():
        desk = DepositDesk(
            stage.store, stage.adapters[0], stage.record, owns=lambda row: stage.signer.owns(row.address, row.place)
        )
        wrong = add_address(stage.store, stage.actor, "hot", "deposit", account_id=1, public_key=thief.public_key(0))
        for address in (wrong.address, stage.deposit_address(2).address):
            chain_of(stage).send(address, value=ETHER)
        stage.mine(stage.depth)
        stage.poll()
        stage.tell_travel_data()
        with pytest.raises(CustodyRefusedError, match="found a foreign key"):
            desk.step()
        states = {each.address: each.state for each in outputs(stage.store, "height IS NOT NULL")}
        assert states[wrong.address] == "seen"
        assert states[stage.deposit_address(2).address] == "credited"
        assert (stage.balance(1, ETH)[0], stage.balance(2, ETH)[0]) == (0, ETHER)
