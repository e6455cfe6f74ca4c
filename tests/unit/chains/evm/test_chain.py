"""The adapter of Ethereum-like chains on a real chain: what arrives, what only seems to, nodes that lie or disagree."""

from __future__ import annotations

from pathlib import Path

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct, encode_typed_data

from tarazy.chains.adapter import NATIVE, TRACED, Arrival, NodesDisagreeError, evidence_hash
from tarazy.chains.errors import NodeError, NodeRevertedError
from tarazy.chains.evm.chain import EvmChain
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.proof_of_control import proves_control, typed_data
from tarazy.chains.evm.transactions import (
    FeeMarketTransaction,
    address_of,
    checksummed,
    read_signed,
    read_unsigned,
    token_payment,
    transaction_hash,
)

from ....devchain import DevChain
from ....servers import HostileNode

TOKENS = Path(__file__).parent / "contracts" / "artifacts" / "Custody.json"
SUPPLY = 10**12
OURS = "0x00000000000000000000000000000000000000c1"
CHAIN_ID = 31337


@pytest.fixture(scope="module")
def chain(anvil_session: str) -> DevChain:
    return DevChain(anvil_session)


def adapter(chain: DevChain, *others: str, traces: bool = False) -> EvmChain:
    return EvmChain([Node(url, timeout_s=5, retries=0) for url in (chain.url, *others)], CHAIN_ID, traces=traces)


def arrivals(found: EvmChain, *assets: str, height: int | None = None) -> list[Arrival]:
    block = found.block(found.height() if height is None else height)
    arrived = found.changes(block, frozenset({OURS}), frozenset(assets)).arrivals
    return [each._replace(senders=()) for each in arrived]


def token(chain: DevChain, name: str) -> str:
    return chain.deploy(TOKENS, name, SUPPLY)


def test_native_payment_is_found_once_with_its_amount(chain: DevChain) -> None:
    receipt = chain.send(OURS, value=7)
    assert arrivals(adapter(chain), NATIVE) == [Arrival(receipt["transactionHash"], 0, NATIVE, OURS, 7)]
    assert arrivals(adapter(chain, traces=True), NATIVE) == [Arrival(receipt["transactionHash"], 0, NATIVE, OURS, 7)]


def test_sender_of_a_payment_is_told(chain: DevChain) -> None:
    chain.send(OURS, value=7)
    for traces in (False, True):
        found = adapter(chain, traces=traces)
        block = found.block(found.height())
        (arrival,) = found.changes(block, frozenset({OURS}), frozenset({NATIVE})).arrivals
        assert arrival.senders == (chain.accounts[0],)


def test_two_payments_of_one_transaction_are_two_arrivals(chain: DevChain) -> None:
    plain = token(chain, "Plain")
    receipt = chain.do(plain, "twice(address,uint256,uint256)", OURS, 5, 5)
    found = arrivals(adapter(chain), plain)
    assert found == [Arrival(receipt["transactionHash"], place, plain, OURS, 5) for place in (0, 1)]
    assert len({evidence_hash("eip155:31337", each) for each in found}) == 2


def test_what_a_contract_passes_on_is_seen_by_trace_and_what_it_undid_is_not(chain: DevChain) -> None:
    forwarder = chain.deploy(TOKENS, "Forwarder")
    receipt = chain.do(forwarder, "pass(address)", OURS, value=9)
    assert arrivals(adapter(chain), NATIVE) == []
    assert arrivals(adapter(chain, traces=True), NATIVE) == [
        Arrival(receipt["transactionHash"], TRACED + 1, NATIVE, OURS, 9)
    ]
    chain.do(forwarder, "passAndFail(address)", OURS, value=9)
    assert arrivals(adapter(chain, traces=True), NATIVE) == []


def test_fee_on_transfer_credits_what_arrived(chain: DevChain) -> None:
    """The entry says 1,000, the token keeps a tenth: 900 arrived."""
    fee_token = token(chain, "KeepsFee")
    receipt = chain.do(fee_token, "transfer(address,uint256)", OURS, 1000)
    assert arrivals(adapter(chain), fee_token) == [
        Arrival(receipt["transactionHash"], 0, fee_token, OURS, 900, is_exact=False)
    ]


def test_entry_without_a_balance_is_no_arrival(chain: DevChain) -> None:
    phantom = token(chain, "Phantom")
    chain.do(phantom, "transfer(address,uint256)", OURS, 1000)
    assert arrivals(adapter(chain), phantom) == []


def test_rebase_is_no_arrival_but_changes_the_balance(chain: DevChain) -> None:
    rebasing = token(chain, "Rebasing")
    chain.do(rebasing, "transfer(address,uint256)", OURS, 1000)
    chain.do(rebasing, "rebase(uint256)", 150)
    found = adapter(chain)
    assert arrivals(found, rebasing) == []
    assert found.balance(rebasing, OURS, found.height()) == 1500
    assert found.balance(rebasing, OURS, found.height() - 1) == 1000


def test_token_without_a_return_value_arrives(chain: DevChain) -> None:
    silent = token(chain, "NoReturn")
    chain.do(silent, "transfer(address,uint256)", OURS, 3)
    assert [each.amount_minor for each in arrivals(adapter(chain), silent)] == [3]


def test_payment_to_a_blocked_account_is_refused_before_it_is_sent(chain: DevChain) -> None:
    listed = token(chain, "Blacklisting")
    chain.do(listed, "block_(address)", OURS)
    data = bytes.fromhex("a9059cbb" + OURS[2:].rjust(64, "0") + f"{5:064x}")
    with pytest.raises(NodeRevertedError):
        adapter(chain).gas_for(chain.accounts[0], listed, 0, data)


def test_node_that_lies_about_a_payment_is_contradicted(chain: DevChain, hostile_node: HostileNode) -> None:
    plain = token(chain, "Plain")
    chain.do(plain, "transfer(address,uint256)", OURS, 5)
    hostile_node.upstream = chain.url
    hostile_node.lies["eth_getLogs"] = lambda _, logs: []
    with pytest.raises(NodesDisagreeError, match="disagree"):
        arrivals(adapter(chain, hostile_node.url), plain)


def test_node_on_another_fork_is_contradicted(chain: DevChain, hostile_node: HostileNode) -> None:
    hostile_node.upstream = chain.url
    hostile_node.lies["eth_getBlockByNumber"] = lambda _, block: {**block, "hash": "0x" + "11" * 32}
    found = adapter(chain, hostile_node.url)
    with pytest.raises(NodesDisagreeError):
        found.block(found.height())


def test_node_that_is_down_is_an_error_and_no_empty_answer(chain: DevChain) -> None:
    with pytest.raises(NodeError):
        arrivals(adapter(chain, "http://127.0.0.1:9"), NATIVE)


def test_same_transaction_mined_again_is_the_same_evidence(anvil: str) -> None:
    chain = DevChain(anvil)
    plain = token(chain, "Plain")
    chain.do(plain, "twice(address,uint256,uint256)", OURS, 1, 2)
    first = arrivals(adapter(chain), plain)
    height = chain.number
    raw = chain.ask("eth_getRawTransactionByHash", first[0].transaction)
    old = chain.ask("eth_getBlockByNumber", hex(height), False)["hash"]
    chain.reorganise(1, (raw, 0))
    assert chain.ask("eth_getBlockByNumber", hex(height), False)["hash"] != old
    again = arrivals(adapter(chain), plain, height=height)
    assert again == first
    assert {evidence_hash("c", each) for each in again} == {evidence_hash("c", each) for each in first}


# ---------------------------------------------------------------- transactions, against eth-account

KEY = Account.from_key("0x" + "11" * 32)
PAYMENT = FeeMarketTransaction(1, 3, 10**9, 2 * 10**9, 21_000, OURS, 10**18, b"")


def sign(digest: bytes) -> bytes:
    signature = KEY._key_obj.sign_msg_hash(digest)
    return signature.r.to_bytes(32, "big") + signature.s.to_bytes(32, "big")


def public_key() -> bytes:
    found: bytes = KEY._key_obj.public_key.to_compressed_bytes()
    return found


@pytest.mark.parametrize("data", [b"", bytes.fromhex("a9059cbb") + bytes(64)])
def test_signed_bytes_are_those_of_eth_account(data: bytes) -> None:
    payment = PAYMENT._replace(data=data)
    fields = {
        "chainId": 1,
        "nonce": 3,
        "maxPriorityFeePerGas": 10**9,
        "maxFeePerGas": 2 * 10**9,
        "gas": 21_000,
        "to": checksummed(OURS),
        "value": 10**18,
        "data": data,
    }
    signed = KEY.sign_transaction(fields)
    raw = payment.signed(sign(payment.digest()), public_key())
    assert raw == bytes(signed.raw_transaction)
    assert transaction_hash(raw) == "0x" + bytes(signed.hash).hex()
    assert read_signed(raw) == (payment, KEY.address.lower())
    assert address_of(public_key()) == KEY.address.lower()


def test_bytes_to_be_signed_are_read_strictly() -> None:
    raw = PAYMENT.unsigned()
    assert read_unsigned(raw) == PAYMENT
    for wrong in (raw[:-1], raw + b"\0", b"\x01" + raw[1:], raw.replace(b"\x03", b"\x00", 1), b""):
        with pytest.raises(ValueError, match="expected"):
            read_unsigned(wrong)


def test_only_a_plain_transfer_is_a_token_payment() -> None:
    good = bytes.fromhex("a9059cbb" + OURS[2:].rjust(64, "0") + f"{5:064x}")
    assert token_payment(good) == (OURS, 5)
    for wrong in (good + b"\0", good[:-1], bytes.fromhex("23b872dd") + good[4:], good[:4] + b"\1" + good[5:]):
        with pytest.raises(ValueError, match="expected"):
            token_payment(wrong)


def test_proof_of_control_is_personal_sign_or_typed_data() -> None:
    """EIP-191 and EIP-712 as `eth_account` signs them, and neither of a changed message or another chain."""
    message = b"Tarazy holds this address"
    text = KEY.sign_message(encode_defunct(primitive=message))
    typed = KEY.sign_message(encode_typed_data(full_message=typed_data(message.decode(), CHAIN_ID)))
    for signed in (text, typed):
        proof = "0x" + bytes(signed.signature).hex()
        assert proves_control(KEY.address, message, proof, CHAIN_ID)
        assert not proves_control(KEY.address, message + b"!", proof, CHAIN_ID)
        assert not proves_control(OURS, message, proof, CHAIN_ID)
        assert not proves_control(KEY.address, message, proof[:-2], CHAIN_ID)
        assert proves_control(KEY.address, message, proof, 1) == (signed is text)
        assert not proves_control(KEY.address, message, proof, 1 << 256)


def test_address_in_mixed_case_must_be_checked(chain: DevChain) -> None:
    """EIP-55, its own test vector."""
    good = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
    assert adapter(chain).canonical(good) == good.lower()
    assert checksummed(good.lower()) == good
    with pytest.raises(ValueError, match="EIP-55"):
        adapter(chain).canonical(good.replace("A", "a", 1))
