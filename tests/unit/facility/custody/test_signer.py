"""The signer refuses what the journal did not authorise, whoever asks: each refusal is a theft that would have worked.

The desk is the thief here: it has the store, the maker, the machine officers within their mandates, and asks the signer
for something else than what the client asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from embit.transaction import TransactionOutput

from tarazy.chains.adapter import NATIVE, Mined
from tarazy.chains.bitcoin.payments import read_draft
from tarazy.chains.evm.abi import call_data
from tarazy.chains.evm.transactions import TRANSFER, read_signed, read_unsigned
from tarazy.domain.records import DispatchWithdrawal
from tarazy.facility.custody.errors import SignerRefusedError
from tarazy.facility.custody.payment_drafts import read_content
from tarazy.facility.custody.withdrawal_rows import WithdrawalCase, find_payment
from tarazy.spec.venue import Venue

from ....btc_chain import COIN, MINER_ADDRESS, BtcChain, running_btcd
from ....custody_stage import BTC, ETH, USDT, Stage
from ....devchain import DevChain

TOKENS = Path(__file__).parents[2] / "chains" / "evm" / "contracts" / "artifacts" / "Custody.json"
THIEF = "0x000000000000000000000000000000000000dead"
THEIRS = "0x00000000000000000000000000000000000000c7"


@pytest.fixture(scope="module")
def btc(btcd: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BtcChain]:
    with running_btcd(btcd, tmp_path_factory.mktemp("btcd")) as found:
        yield found


@pytest.fixture
def bitcoin(btc: BtcChain, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path, Venue, btc=btc)
    stage.found()
    with stage.open():
        btc.pay((stage.deposit_address(1).address, 5 * COIN), (stage.deposit_address(2).address, 5 * COIN))
        stage.mine(2)
        stage.settle_arrivals()
        yield stage


@pytest.fixture
def evm(anvil: str, tmp_path: Path) -> Iterator[Stage]:
    chain = DevChain(anvil)
    token = chain.deploy(TOKENS, "Plain", 10**12)
    stage = Stage(tmp_path, Venue, evm=chain, token=token)
    stage.found()
    with stage.open():
        main = stage.store.one("main", "SELECT address FROM addresses WHERE wallet = 'hot' AND role = 'main'")[0]
        chain.send(main, value=10**18)
        chain.do(token, "transfer(address,uint256)", main, 10**9)
        chain.send(stage.deposit_address(1).address, value=10**18)
        chain.do(token, "transfer(address,uint256)", stage.deposit_address(1).address, 10**9)
        stage.mine(2)
        stage.settle_arrivals()
        yield stage


def dispatched(stage: Stage, asset_id: int, amount: int, to: str) -> WithdrawalCase:
    """Bring a withdrawal as far as dispatched, and not further."""
    row = stage.ask(1, asset_id, amount, stage.name_hosted(1, to))
    desk = stage.withdrawals
    for step in (desk._request, desk._approve, desk._draft, desk._dispatch):
        row = step(row)
    assert row.state == "dispatched", row.hold
    return row


def dispatch_instead(stage: Stage, row: WithdrawalCase, draft: bytes) -> None:
    """Let the record dispatch other bytes: what a thief with the machine officers' keys can do."""
    digest = read_content(row.chain, draft).digest
    outcome = stage.record.instruct_one(DispatchWithdrawal(1, 0, row.withdrawal_id, digest))
    assert outcome.is_done


def refused(stage: Stage, row: WithdrawalCase, draft: bytes, words: str, *, dispatch: bool = True) -> None:
    """Check that even journaled as dispatched the bytes are refused, for this reason."""
    if dispatch:
        dispatch_instead(stage, row, draft)
    with pytest.raises(SignerRefusedError, match=words):
        stage.signer.sign_withdrawal(row.withdrawal_id, draft)


# ---------------------------------------------------------------- Bitcoin


def changed(draft: bytes, change: object) -> bytes:
    found = read_draft(draft)
    outputs = found.outputs
    change(found)  # type: ignore[operator]
    assert outputs is found.outputs
    raw: bytes = found.serialize()
    return raw


def test_bitcoin_what_was_dispatched_is_signed_twice_the_same(bitcoin: Stage) -> None:
    row = dispatched(bitcoin, BTC, COIN, MINER_ADDRESS)
    draft = find_payment(bitcoin.store, row.digest).draft
    signed = bitcoin.signer.sign_withdrawal(row.withdrawal_id, draft)
    assert bitcoin.signer.sign_withdrawal(row.withdrawal_id, draft) == signed
    bitcoin.adapters[0].broadcast(signed)


def test_bitcoin_other_bytes_than_were_dispatched_are_refused(bitcoin: Stage) -> None:
    row = dispatched(bitcoin, BTC, COIN, MINER_ADDRESS)
    other = bitcoin.maker.make(NATIVE, MINER_ADDRESS, COIN + 1)
    refused(bitcoin, row, other, "the bytes that the record dispatched", dispatch=False)


def test_bitcoin_changed_destination_amount_and_outputs_are_refused(bitcoin: Stage) -> None:
    row = dispatched(bitcoin, BTC, COIN, MINER_ADDRESS)
    stranger = bitcoin.store.one("house", "SELECT address FROM addresses WHERE wallet = 'house'")[0]
    make = bitcoin.maker.make
    refused(bitcoin, row, make(NATIVE, stranger, COIN), "the destination that was journaled")
    refused(bitcoin, row, make(NATIVE, MINER_ADDRESS, COIN - 1), "an amount of 100000000, found 99999999")

    def add(found: object) -> None:
        scope = found.outputs[0]  # type: ignore[attr-defined]
        found.outputs.append(type(scope)(vout=TransactionOutput(1000, scope.script_pubkey)))  # type: ignore[attr-defined]
        found.outputs[1].value -= 1000  # type: ignore[attr-defined]

    draft = find_payment(bitcoin.store, row.digest).draft
    refused(bitcoin, row, changed(draft, add), "one payment and own change, found 2 payments")


def test_bitcoin_withdrawal_that_is_only_approved_or_rejected_is_not_signed(bitcoin: Stage) -> None:
    row = bitcoin.ask(1, BTC, COIN, bitcoin.name_hosted(1, MINER_ADDRESS))
    desk = bitcoin.withdrawals
    row = desk._draft(desk._approve(desk._request(row)))
    draft = find_payment(bitcoin.store, row.digest).draft
    with pytest.raises(SignerRefusedError, match="a withdrawal that is dispatched, found approved"):
        bitcoin.signer.sign_withdrawal(row.withdrawal_id, draft)
    with pytest.raises(SignerRefusedError, match="a withdrawal of the record, found none"):
        bitcoin.signer.sign_withdrawal(999_999, draft)


def test_bitcoin_second_payment_beside_the_first_is_refused(bitcoin: Stage) -> None:
    """The desk dispatches the same withdrawal again with other inputs: both could be mined."""
    row = dispatched(bitcoin, BTC, COIN, MINER_ADDRESS)
    draft = find_payment(bitcoin.store, row.digest).draft
    bitcoin.signer.sign_withdrawal(row.withdrawal_id, draft)
    beside = bitcoin.maker.make(NATIVE, MINER_ADDRESS, COIN)  # the first one's inputs are reserved
    assert not set(read_content(row.chain, beside).spends) & set(read_content(row.chain, draft).spends)
    refused(bitcoin, row, beside, "found one beside a transaction that was signed before")


def test_bitcoin_input_amounts_that_differ_are_refused(bitcoin: Stage) -> None:
    """Two drafts of one transaction with other input amounts give signatures whose sum pays a fee that nobody saw."""
    row = dispatched(bitcoin, BTC, COIN, MINER_ADDRESS)
    draft = find_payment(bitcoin.store, row.digest).draft
    bitcoin.signer.sign_withdrawal(row.withdrawal_id, draft)

    def more(found: object) -> None:
        found.inputs[0].witness_utxo.value += 1000  # type: ignore[attr-defined]

    refused(bitcoin, row, changed(draft, more), "the draft that was signed before", dispatch=False)


def test_bitcoin_move_goes_to_the_estate_alone(bitcoin: Stage) -> None:
    cold, house = (
        bitcoin.store.one("address", "SELECT address FROM addresses WHERE wallet = ?", name)[0]
        for name in ("cold", "house")
    )
    for elsewhere in (house, MINER_ADDRESS):
        with pytest.raises(SignerRefusedError, match="addresses of the same estate alone"):
            bitcoin.signer.sign_move(bitcoin.maker.make(NATIVE, elsewhere, COIN))
    assert bitcoin.signer.sign_move(bitcoin.maker.make(NATIVE, cold, COIN))


# ---------------------------------------------------------------- Ethereum-like


def test_evm_dispatched_payments_of_coin_and_token_are_signed(evm: Stage) -> None:
    for asset_id, amount in ((ETH, 10**17), (USDT, 10**6)):
        row = dispatched(evm, asset_id, amount, THEIRS)
        draft = find_payment(evm.store, row.digest).draft
        signed = evm.signer.sign_withdrawal(row.withdrawal_id, draft)
        transaction, sender = read_signed(signed)
        assert transaction.unsigned() == draft
        assert (
            sender == evm.store.one("main", "SELECT address FROM addresses WHERE wallet = 'hot' AND role = 'main'")[0]
        )


CHANGES = {
    "another destination": ({"data": call_data(TRANSFER, THIEF, 10**6)}, "the destination that was journaled"),
    "another amount": ({"data": call_data(TRANSFER, THEIRS, 10**7)}, "an amount of 1000000, found 10000000"),
    "another contract": ({"to": THIEF}, "asset 0x"),
    "an approval": ({"data": call_data("approve(address,uint256)", THIEF, 10**6)}, "that can be read"),
    "a delegate call": ({"data": call_data("delegatecall(address,uint256)", THEIRS, 10**6)}, "that can be read"),
    "more data": ({"data": call_data(TRANSFER, THEIRS, 10**6) + bytes(32)}, "that can be read"),
    "native beside it": ({"value_wei": 1}, "that can be read"),
    "another chain": ({"chain_id": 1}, "that can be read"),
    "a fee for the miner": ({"fee_wei": 10**15}, "a fee of 0 to"),
    "the coin instead": ({"data": b"", "value_wei": 10**6, "to": THEIRS}, "asset 0x"),
}


def test_evm_every_change_of_a_journaled_token_payment_is_refused(evm: Stage) -> None:
    row = dispatched(evm, USDT, 10**6, THEIRS)
    payment = read_unsigned(find_payment(evm.store, row.digest).draft)
    for fields, words in CHANGES.values():
        draft = payment._replace(**fields).unsigned()  # type: ignore[arg-type]
        try:
            read_content(row.chain, draft)
        except ValueError:
            refused(evm, row, draft, words, dispatch=False)
        else:
            refused(evm, row, draft, words)


def test_evm_second_number_and_the_number_of_another_are_refused(evm: Stage) -> None:
    first = dispatched(evm, USDT, 10**6, THEIRS)
    payment = read_unsigned(find_payment(evm.store, first.digest).draft)
    evm.signer.sign_withdrawal(first.withdrawal_id, payment.unsigned())
    refused(evm, first, payment._replace(nonce=payment.nonce + 1).unsigned(), "found one beside a transaction")
    dispatch_instead(evm, first, payment.unsigned())
    second = dispatched(evm, USDT, 2 * 10**6, THEIRS)
    other = read_unsigned(find_payment(evm.store, second.digest).draft)
    assert other.nonce == payment.nonce + 1
    refused(evm, second, other._replace(nonce=payment.nonce).unsigned(), "a place of its own")
    replacement = payment._replace(fee_wei=payment.fee_wei * 2)
    dispatch_instead(evm, first, replacement.unsigned())
    assert evm.signer.sign_withdrawal(first.withdrawal_id, replacement.unsigned())


def test_evm_node_that_lies_about_a_failure_gets_no_second_payout(evm: Stage) -> None:
    """The node says that the first transaction failed; it did not. Its word and the machines' dispatch are not enough.

    Two payments with two numbers would both be mined. Two people's signatures on the new bytes are another matter: they
    looked at the chain elsewhere.
    """
    row = dispatched(evm, USDT, 10**6, THEIRS)
    payment = read_unsigned(find_payment(evm.store, row.digest).draft)
    evm.signer.sign_withdrawal(row.withdrawal_id, payment.unsigned())
    evm.signer._mined = [lambda _: Mined(1, "0x", True, 0)] * 2
    beside = payment._replace(nonce=payment.nonce + 1).unsigned()
    refused(evm, row, beside, "a replacement, or one that two people dispatched")
    dispatch_by_people(evm, row, beside)
    assert evm.signer.sign_withdrawal(row.withdrawal_id, beside)
    third = payment._replace(nonce=payment.nonce + 2).unsigned()
    dispatch_by_people(evm, row, third)
    for told in (
        None,
        Mined(1, "0x", False, 0),
        Mined(1, "0x2", True, 0),
    ):  # what the second node says
        evm.signer._mined = [lambda _: Mined(1, "0x", True, 0), lambda _, told=told: told]
        with pytest.raises(SignerRefusedError, match="two people dispatched"):
            evm.signer.sign_withdrawal(row.withdrawal_id, third)


def test_evm_two_officers_whom_a_lying_node_deceived_pay_nothing_twice(evm: Stage) -> None:
    """The first payment waits at the honest nodes, and one node's lie had two people dispatch a second beside it."""
    row = dispatched(evm, USDT, 10**6, THEIRS)
    payment = read_unsigned(find_payment(evm.store, row.digest).draft)
    first = evm.signer.sign_withdrawal(row.withdrawal_id, payment.unsigned())
    liar, honest = (lambda _: Mined(1, "0x", True, 0)), evm.adapters[1].mined
    evm.signer._mined = [liar, honest]
    beside = payment._replace(nonce=payment.nonce + 1).unsigned()
    dispatch_by_people(evm, row, beside)
    for _ in range(2):
        with pytest.raises(SignerRefusedError, match="one beside a transaction"):
            evm.signer.sign_withdrawal(row.withdrawal_id, beside)
        evm.adapters[0].broadcast(first)  # mined now: paid, and the lie stays one
        evm.mine()


def dispatch_by_people(stage: Stage, row: WithdrawalCase, draft: bytes) -> None:
    """Let two people dispatch a withdrawal by other bytes."""
    stage.people(DispatchWithdrawal(1, 0, row.withdrawal_id, read_content(row.chain, draft).digest))
    stage.record.sync()
